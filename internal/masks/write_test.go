package masks_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/masks"
	"ptsim/pgalloc"
)

func text(t *testing.T, table *masks.Table, format string) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, table.Write(&b, format))
	return b.String()
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestWriteErrors(t *testing.T) {
	table := build(t, pgalloc.Classic, "")
	err := table.Write(io.Discard, "pdf")
	assert.EqualError(t, err, `unknown format "pdf"; expected one of text, markdown, dot, svg, json`)
	for _, f := range masks.Formats() {
		assert.EqualError(t, table.Write(brokenWriter{}, f), "masks of classic as "+f+": no space left on device")
	}
}

// TestSameBytes: the same table is always written the same way, also when it is built anew.
func TestSameBytes(t *testing.T) {
	one, err := masks.Build(pgalloc.Active, "")
	require.NoError(t, err)
	two, err := masks.Build(pgalloc.Active, "")
	require.NoError(t, err)
	for _, f := range masks.Formats() {
		assert.Equal(t, text(t, one, f), text(t, two, f), f)
	}
}

func TestJSON(t *testing.T) {
	tables(func(v pgalloc.Variant, pin pgalloc.Pin) {
		table := build(t, v, pin)
		var have struct {
			Variant string
			States  []map[string]any
			Rows    []map[string]any
			Moves   []map[string]any
			Birth   map[string]any
		}
		require.NoError(t, json.Unmarshal([]byte(text(t, table, "json")), &have))
		assert.Equal(t, table.Name, have.Variant)
		require.Len(t, have.States, len(table.States))
		require.Len(t, have.Rows, len(table.Rows))
		assert.Len(t, have.Moves, len(table.Life.Moves))
		for i, r := range have.Rows {
			assert.Len(t, r, len(have.Birth), "row %d has all keys", i)
			assert.NotContains(t, r, "", "row %d", i)
			for k, val := range r {
				assert.NotNil(t, val, "row %d: %s is null", i, k)
			}
			assert.Equal(t, table.Rows[i].Possible, r["possible"])
			assert.Equal(t, table.Rows[i].Op.String(), r["op"])
			assert.EqualValues(t, table.Rows[i].Next, r["next"])
		}
	})
}

// TestMarkdown: each table has as many cells in every row, and a bar inside a cell is escaped.
func TestMarkdown(t *testing.T) {
	tables(func(v pgalloc.Variant, pin pgalloc.Pin) {
		table := build(t, v, pin)
		cells, rows := 0, 0
		for line := range strings.Lines(text(t, table, "markdown")) {
			if !strings.HasPrefix(line, "|") {
				cells = 0
				continue
			}
			n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
			assert.True(t, cells == 0 || cells == n, "%s: %s", table.Name, line)
			cells = n
			rows++
		}
		legal, possible, reasons := 0, 0, map[string]bool{}
		for _, s := range table.States {
			if s.Legal {
				legal++
			} else {
				reasons[s.Why] = true
			}
		}
		for _, r := range table.Rows {
			if r.Possible {
				possible++
			}
		}
		assert.Equal(t, 3*2+legal+1+possible+len(reasons), rows, table.Name)
	})
}
