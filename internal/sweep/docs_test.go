package sweep_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/sweep"
)

var update = flag.Bool("update", false, "write the tables of docs/costs.md and the picture anew, of the rows in testdata")

// rows are the results of the default grid, as ptsim campaign merge --format csv printed them.
func rows(t *testing.T) *sweep.Report {
	f, err := os.Open("testdata/default.csv.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	r, err := sweep.ReadCSV(z)
	require.NoError(t, err)
	return r
}

// The tables and the picture are those of the rows.
func TestDocsAreFresh(t *testing.T) {
	r := rows(t)
	const doc, picture = "../../docs/costs.md", "../../docs/campaigns/costs.svg"
	const begin, end = "default.csv.gz -->\n\n", "\n<!-- to here -->"
	data, err := os.ReadFile(doc)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(data), begin)
	require.True(t, ok)
	have, after, ok := strings.Cut(rest, end)
	require.True(t, ok)
	var md, svg bytes.Buffer
	require.NoError(t, r.Markdown(&md))
	require.NoError(t, r.SVG(&svg))
	if *update {
		require.NoError(t, os.WriteFile(doc, []byte(before+begin+md.String()+end+after), 0o644))
		require.NoError(t, os.WriteFile(picture, svg.Bytes(), 0o644))
		return
	}
	assert.Equal(t, md.String(), have, "docs/costs.md is stale: go test ./internal/sweep -update")
	drawn, err := os.ReadFile(picture)
	require.NoError(t, err)
	assert.Equal(t, svg.String(), string(drawn), "docs/campaigns/costs.svg is stale: go test ./internal/sweep -update")
}

// The rows are those of the default grid, and some of the loads, run again, come to the same.
func TestRowsAreFresh(t *testing.T) {
	r := rows(t)
	points := sweep.Default().Points()
	require.Len(t, r.Results, len(points))
	for i, p := range points {
		require.Equal(t, p, r.Results[i].Point)
		require.Len(t, r.Results[i].Rows, len(sweep.Machines()), p.Name())
		if i%67 == 0 && p.Processes < 100 {
			again, err := sweep.Run(context.Background(), p, 1)
			require.NoError(t, err)
			assert.Equal(t, r.Results[i].Rows, again, "%s: ptsim campaign plan sweep, and so on", p.Name())
		}
	}
}

// What docs/costs.md says in sentences.
func TestWhatItSays(t *testing.T) {
	r := rows(t)
	for i := range r.Results {
		res := &r.Results[i]
		switch {
		case res.Point.Tables == 1:
			assert.Zero(t, res.Saved(), res.Point.Name())
		case res.Point.Tables == 2:
			assert.Greater(t, res.Saved(), 0.015, res.Point.Name())
		default:
			assert.Greater(t, res.Saved(), 0.395, res.Point.Name())
		}
	}
}
