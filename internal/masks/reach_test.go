package masks_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/masks"
	"ptsim/pgalloc"
)

// reached lists the states of a table that are reached in one way, PageActive as a star.
func reached(t *masks.Table, how masks.Reach) string {
	var list []string
	for _, s := range t.States {
		if s.Legal && s.Reach == how {
			list = append(list, fmt.Sprintf("%02x", uint8(s.Mask))+map[bool]string{true: "*"}[s.Active])
		}
	}
	return strings.Join(list, " ")
}

func TestReach(t *testing.T) {
	tables(func(v pgalloc.Variant, pin pgalloc.Pin) {
		table := build(t, v, pin)
		rest, passing := "01 02 03 10 12 14 16 20 21 28 29 30 34 38 3c", "00"
		switch v {
		case pgalloc.Classic:
			rest = "01 02 03 10 12 20 21 30"
		case pgalloc.Active: // 00 waits in the RCU queue
			rest, passing = "00 01 02 03 10 12 20 21 30 01* 02* 10* 20*", "00* 03* 12* 21* 30*"
		case pgalloc.FullPage:
			rest, passing = "00", ""
		}
		assert.Equal(t, rest, reached(table, masks.ReachRest), table.Name)
		assert.Equal(t, passing, reached(table, masks.ReachPassing), table.Name)
		assert.Empty(t, reached(table, masks.ReachNever), table.Name)
		for _, s := range table.States {
			assert.True(t, s.Legal || s.Reach == masks.ReachNever, "%s: %s is reached and not legal", table.Name, s.Mask)
		}
	})
}

// TestLost: as posted, and only as posted, a page is lost when both halves are deferred before the first callback.
func TestLost(t *testing.T) {
	tables(func(v pgalloc.Variant, pin pgalloc.Pin) {
		table := build(t, v, pin)
		var lost []string
		for _, i := range table.Life.Lost {
			p := table.Life.Places[i]
			lost = append(lost, fmt.Sprintf("%02x %q", uint8(p.Mask), p.Callback))
		}
		if v == pgalloc.RFCAsPosted {
			assert.ElementsMatch(t, []string{`3c "now0"`, `3c "now1"`, `28 ""`, `14 ""`}, lost)
		} else {
			assert.Empty(t, lost, table.Name)
		}
	})
}

// TestLife: moves and places fit together, and no page in a batch or on an rcu_head is forgotten when it is released.
func TestLife(t *testing.T) {
	tables(func(v pgalloc.Variant, pin pgalloc.Pin) {
		table := build(t, v, pin)
		in := make([]int, len(table.Life.Places))
		for _, m := range table.Life.Moves {
			from, r := table.Life.Places[m.From], table.Rows[m.Row]
			in[m.To]++
			assert.False(t, from.Released, table.Name)
			assert.Equal(t, table.States[r.State].Mask, from.Mask, table.Name)
			if table.Life.Places[m.To].Released {
				left := from.Batch
				if r.Op == masks.Remove {
					left &^= 1 << r.Half
				}
				assert.Zero(t, left, "%s: released by %s %d while a half is in a batch", table.Name, r.Op, r.Half)
				assert.True(t, from.Callback == "" || r.Op == masks.Now, "%s: released while rcu_head is queued", table.Name)
			}
		}
		for i, n := range in[1:] {
			assert.NotZero(t, n, "%s: nothing leads to %v", table.Name, table.Life.Places[i+1])
		}
	})
}

// TestNeverReached: a table that loses its way to a state says so.
func TestNeverReached(t *testing.T) {
	table, err := masks.Build(pgalloc.Classic, "") // of its own: it is changed
	require.NoError(t, err)
	for i := range table.States {
		table.States[i].Reach = masks.ReachNever
	}
	for i, r := range table.Rows {
		if r.Op == masks.FreeRCU {
			table.Rows[i].Possible = false
		}
	}
	table.Life = masks.Explore(table)
	assert.Equal(t, "01 02 03", reached(table, masks.ReachRest))
	assert.Equal(t, "00 10 12 20 21", reached(table, masks.ReachPassing))
	assert.Equal(t, "30", reached(table, masks.ReachNever))
	assert.Contains(t, text(t, table, "text"), "Legal, but never reached by operations one at a time: 30.")
}
