package masks_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/masks"
	"ptsim/pgalloc"
)

// built are the tables that tests look at, none of which changes one: to build them takes most of the time.
var built sync.Map

func build(t *testing.T, v pgalloc.Variant, pin pgalloc.Pin) *masks.Table {
	t.Helper()
	key := [2]string{string(v), string(pin)}
	if table, ok := built.Load(key); ok {
		return table.(*masks.Table)
	}
	table, err := masks.Build(v, pin)
	require.NoError(t, err)
	built.Store(key, table)
	return table
}

func TestBuildErrors(t *testing.T) {
	_, err := masks.Build("linux", "")
	assert.EqualError(t, err, `unknown variant "linux"`)
	_, err = masks.Build(pgalloc.Pinned, "nail")
	assert.ErrorContains(t, err, `unknown pin "nail"`)
}

// TestComplete: every mask, half and operation has its row, and says why not if it is not possible.
func TestComplete(t *testing.T) {
	tables(func(v pgalloc.Variant, pin pgalloc.Pin) {
		table := build(t, v, pin)
		states := 64
		if v == pgalloc.Active {
			states = 128
		}
		require.Len(t, table.States, states, table.Name)
		require.Len(t, table.Rows, states*2*len(masks.Ops()), table.Name)
		seen := map[[4]uint32]bool{}
		for _, r := range table.Rows {
			s := table.States[r.State]
			key := [4]uint32{uint32(s.Mask), r.Half, uint32(r.Op)}
			if s.Active {
				key[3] = 1
			}
			assert.False(t, seen[key], "%s: twice %v", table.Name, key)
			seen[key] = true
			found, ok := table.Find(s.Mask, s.Active, r.Half, r.Op)
			assert.True(t, ok)
			assert.Equal(t, r, found)
		}
	})
}

// TestHalvesAlike: with the halves exchanged, every operation does the same. Only a page's birth prefers a half, and the
// callbacks of a page, which are about no half.
func TestHalvesAlike(t *testing.T) {
	swap := func(m pgalloc.Mask) pgalloc.Mask { return m&0x15<<1 | m&0x2a>>1 }
	tables(func(v pgalloc.Variant, pin pgalloc.Pin) {
		table := build(t, v, pin)
		if !table.Fragments {
			return
		}
		for _, r := range table.Rows {
			s := table.States[r.State]
			if r.Op == masks.Now && !table.Heads {
				continue
			}
			o, ok := table.Find(swap(s.Mask), s.Active, 1-r.Half, r.Op)
			require.True(t, ok)
			about := []any{"%s: %s %d of %s", table.Name, r.Op, r.Half, s.Mask}
			assert.Equal(t, r.Possible, o.Possible, about...)
			if r.Possible {
				assert.Equal(t, swap(r.Next), o.Next, about...)
				assert.Equal(t, []any{r.Active, r.List, r.RCU, r.Release, r.Pin, r.Locked, len(r.Path), len(r.Steps)},
					[]any{o.Active, o.List, o.RCU, o.Release, o.Pin, o.Locked, len(o.Path), len(o.Steps)}, about...)
			}
		}
	})
}

// TestSteps spells out a few operations as the CPU does them.
func TestSteps(t *testing.T) {
	for _, c := range []struct {
		variant pgalloc.Variant
		pin     pgalloc.Pin
		mask    pgalloc.Mask
		half    uint32
		op      masks.Op
		want    []string
	}{
		{
			pgalloc.Classic, "", 0x03, 0, masks.Free,
			[]string{"spin_lock_bh", "xor 11 = 12", "list_add", "spin_unlock_bh", "xor 10 = 02"},
		},
		{
			pgalloc.RFC, "", 0x3c, 0, masks.Now,
			[]string{"xor 04 = 38", "read mask = 38", "xor 10 = 28", "call_rcu now1"},
		},
		{
			pgalloc.Pinned, pgalloc.PinHalf, 0x16, 0, masks.Now,
			[]string{
				"xor 04 = 12", "read mask = 12", "read pt_mm", "spin_lock_bh", "xor 10 = 02", "list_add", "spin_unlock_bh",
				"mmdrop",
			},
		},
		{
			pgalloc.Typesafe, "", 0x10, 0, masks.Remove,
			[]string{"rcu_read_lock", "read mask = 10", "xor 10 = 00", "rcu_read_unlock", "put_page", "free_page"},
		},
		{
			pgalloc.Active, "", 0x01, 0, masks.Defer,
			[]string{
				"SetPageActive", "spin_lock_bh", "xor 11 = 10", "list_del_init", "spin_unlock_bh", "xor 10 = 00",
				"TestClearPageActive = 1", "call_rcu now",
			},
		},
	} {
		r, ok := build(t, c.variant, c.pin).Find(c.mask, false, c.half, c.op)
		require.True(t, ok)
		var have []string
		for _, s := range r.Steps {
			have = append(have, s.What)
		}
		assert.Equal(t, c.want, have, "%s: %s %d of %s", c.variant, c.op, c.half, c.mask)
	}
}
