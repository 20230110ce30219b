package sweep_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/sweep"
	"ptsim/internal/workload"
)

// small is a report of a few loads.
func small(t *testing.T) *sweep.Report {
	g := sweep.Grid{Processes: []int{4, 32}, Tables: []int{1, 4}, Lifetimes: []time.Duration{100 * time.Millisecond, 0}, Collapses: []float64{10},
		Graces: []time.Duration{10 * time.Millisecond}, CPUs: []int{8}}
	r := &sweep.Report{}
	for _, p := range g.Points() {
		rows, err := sweep.Run(context.Background(), p, 1)
		require.NoError(t, err)
		r.Results = append(r.Results, sweep.Result{Point: p, Rows: rows})
	}
	require.Len(t, r.Results, 8)
	return r
}

func TestReport(t *testing.T) {
	r := small(t)
	for i := range r.Results {
		res := &r.Results[i]
		least, tables := res.Rows[0].LeastPages, res.Rows[0].Tables
		for _, row := range res.Rows {
			assert.Equal(t, tables, row.Tables, "all variants have the same tables: %s", res.Point.Name())
			assert.InDelta(t, least, row.LeastPages, 0.002, res.Point.Name())
			assert.GreaterOrEqual(t, row.MeanPages, least-0.001, res.Point.Name())
			assert.GreaterOrEqual(t, float64(row.PeakPages), row.MeanPages, res.Point.Name())
		}
		if res.Point.Tables == 1 {
			assert.Zero(t, res.Saved(), "who has one table has nothing to share a page with")
			assert.Zero(t, res.PerOperation())
		} else {
			assert.Greater(t, res.Saved(), 0.3)
			assert.Greater(t, res.PerOperation(), 0.0)
		}
	}
	// What is written as CSV reads as it was.
	var b bytes.Buffer
	require.NoError(t, r.WriteCSV(&b))
	again, err := sweep.ReadCSV(&b)
	require.NoError(t, err)
	assert.Equal(t, r, again)
	_, err = sweep.ReadCSV(strings.NewReader("a,b\n1,2\n"))
	assert.ErrorContains(t, err, "line 1: other columns")

	var svg bytes.Buffer
	require.NoError(t, r.SVG(&svg))
	for d := xml.NewDecoder(&svg); ; {
		_, err := d.Token()
		if err == io.EOF {
			break
		}
		require.NoError(t, err, "it is XML")
	}
	assert.NotContains(t, svg.String(), "NaN")
	var md bytes.Buffer
	require.NoError(t, r.Markdown(&md))
	assert.Contains(t, md.String(), "8 loads, 80 runs.\n")
	assert.Contains(t, md.String(), "| tables per process 1 |")
}

// Every point of the default grid is a workload.
func TestPointsAreWorkloads(t *testing.T) {
	points := sweep.Default().Points()
	assert.Greater(t, len(points), 1000)
	names := map[string]bool{}
	for _, p := range points {
		s, err := workload.Parse(p.Name(), strings.NewReader(p.Text()))
		require.NoError(t, err, p.Text())
		assert.Equal(t, p.Duration(), s.Duration)
		assert.False(t, names[p.Name()])
		names[p.Name()] = true
	}
	assert.True(t, names[sweep.Middle().Name()], "the middle is in the grid")
	_, err := sweep.ParseLifetime("-1s")
	assert.EqualError(t, err, `"-1s"; expected forever, or a duration such as 300ms`)
}

// A run that is interrupted has no rows.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := sweep.Run(ctx, sweep.Middle(), 1)
	assert.ErrorIs(t, err, context.Canceled)
}
