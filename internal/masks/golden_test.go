package masks_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/masks"
	"ptsim/pgalloc"
)

var update = flag.Bool("update", false, "rewrite the golden tables in testdata")

// TestGolden is the whole of it: every mask, half and operation of every variant as the allocator does it, in a table
// that a person can read, with what the oracle has to say about it at the end.
func TestGolden(t *testing.T) {
	tables(func(v pgalloc.Variant, pin pgalloc.Pin) {
		table, err := masks.Build(v, pin)
		require.NoError(t, err)
		t.Run(table.Name, func(t *testing.T) {
			var b bytes.Buffer
			require.NoError(t, table.Write(&b, "text"))
			for i, line := range strings.Split(b.String(), "\n") {
				assert.LessOrEqual(t, utf8.RuneCountInString(line), 100, "line %d: %s", i+1, line)
				assert.Equal(t, strings.TrimRight(line, " "), line, "line %d", i+1)
			}
			disagreements, questions := compare(table)
			assert.Empty(t, disagreements)
			fmt.Fprintf(&b, "\nThe set-of-halves model was asked %d questions about this table. Disagreements: %d.\n", questions, len(disagreements))
			for _, d := range disagreements {
				fmt.Fprintln(&b, "  "+d)
			}
			golden(t, strings.ReplaceAll(table.Name, "/", "-")+".txt", b.Bytes())
		})
	})
}

func golden(t *testing.T, name string, have []byte) {
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, have, 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run go test with -update to write it")
	assert.Equal(t, string(want), string(have), "run go test with -update and look at the difference")
}

// TestOracleCanFail breaks a table in each way that the comparison looks at: an oracle that agrees with everything would
// be no test.
func TestOracleCanFail(t *testing.T) {
	whole, err := masks.Build(pgalloc.Pinned, pgalloc.PinHalf)
	require.NoError(t, err)
	for name, spoil := range map[string]func(*masks.Table){
		"legal":     func(t *masks.Table) { t.States[0x12].Legal = false },
		"listed":    func(t *masks.Table) { t.States[0x12].Listed = true },
		"why":       func(t *masks.Table) { t.States[0x11].Why = "" },
		"birth":     func(t *masks.Table) { t.Birth.Next = 2 },
		"possible":  func(t *masks.Table) { row(t, 3, 0, masks.Free).Possible = false },
		"why not":   func(t *masks.Table) { row(t, 3, 0, masks.Alloc).WhyNot = "" },
		"next":      func(t *masks.Table) { row(t, 3, 0, masks.Free).Next = 1 },
		"path":      func(t *masks.Table) { row(t, 0x16, 0, masks.Now).Path[0].Mask = 0x14 },
		"list":      func(t *masks.Table) { row(t, 3, 0, masks.Free).List = masks.ListAddTail },
		"callback":  func(t *masks.Table) { row(t, 3, 0, masks.Defer).Callback = "now1" },
		"chain":     func(t *masks.Table) { row(t, 0x3c, 0, masks.Now).RCU = masks.RCUNone },
		"release":   func(t *masks.Table) { row(t, 1, 0, masks.Free).Release = masks.ReleaseNone },
		"lock":      func(t *masks.Table) { row(t, 0x10, 0, masks.Remove).Locked = true },
		"mm":        func(t *masks.Table) { row(t, 3, 0, masks.Defer).Pin = 0 },
		"trouble":   func(t *masks.Table) { row(t, 3, 0, masks.Free).Trouble = []string{"list-corruption"} },
		"list then": func(t *masks.Table) { row(t, 0x12, 0, masks.Remove).Listed = false },
	} {
		table := *whole
		table.States, table.Rows = slices.Clone(whole.States), slices.Clone(whole.Rows)
		for i := range table.Rows {
			table.Rows[i].Path = slices.Clone(whole.Rows[i].Path)
		}
		spoil(&table)
		disagreements, _ := compare(&table)
		assert.Len(t, disagreements, 1, name)
	}
	disagreements, _ := compare(whole)
	assert.Empty(t, disagreements, "what was spoilt were copies")
}

func row(t *masks.Table, mask pgalloc.Mask, half uint32, op masks.Op) *masks.Row {
	for i, r := range t.Rows {
		if s := t.States[r.State]; s.Mask == mask && !s.Active && r.Half == half && r.Op == op {
			return &t.Rows[i]
		}
	}
	panic("no such row")
}
