package command

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"ptsim/explore"
	_ "ptsim/internal/nofiles"
	"ptsim/internal/verdicts"
)

// The line of a search says whether an end is in sight, and drops what matters least where a terminal is narrow.
func TestSearchLine(t *testing.T) {
	p := explore.Progress{States: 12_345_678, Frontier: 213, Untried: 3, Bytes: 300 << 20, Rate: 812_345, Fresh: 0.314, Trend: explore.Shrinking}
	line := func(width int) string { return fit(width, searchParts(&p)) }
	assert.Equal(t, "12,345,678 states, 812,345 a second, 300 MiB; 213 steps to try, shrinking, the first at depth 3; 31% new", line(120))
	assert.Equal(t, "12,345,678 states, 300 MiB; 213 steps to try, shrinking, the first at depth 3", line(80))
	assert.Equal(t, "12,345,678 states; 213 steps to try, shrinking", line(60))
	assert.Equal(t, "12,345,678 states; 213 steps to try", line(40))
	p.Shortest, p.Frontier, p.Untried, p.Trend = true, 1, 2, explore.Growing
	assert.Equal(t, "12,345,678 states, 300 MiB; 1 schedule waits, growing, the first with 2 switches", line(81))
	p.Frontier = 0
	assert.Equal(t, "12,345,678 states, 812,345 a second, 300 MiB", line(80), "random schedules have none")
}

// The line of a matrix tells of the cells, and of the search that is under way.
func TestMatrixLine(t *testing.T) {
	m := verdicts.Progress{Done: 412, Cells: 1023, States: 23_456_789, Cell: verdicts.Cell{Scenario: "S3r", Version: "pinned/half"}}
	assert.Equal(t, "412 of 1023 cells, 23,456,789 states; last S3r on pinned/half", fit(80, matrixParts(&m)))
	m.Search = &explore.Progress{States: 1_234_567, Frontier: 87, Untried: 1, Trend: explore.Steady, Fresh: 0.5}
	assert.Equal(t, "412 of 1023 cells; now S3r on pinned/half; 87 steps to try, steady", fit(80, matrixParts(&m)))
	assert.Equal(t, "412 of 1023 cells; now S3r on pinned/half, 1,234,567 states; 87 steps to try, steady, the first at depth 1; 50% new", fit(130, matrixParts(&m)))
}

// No line is as wide as the terminal, whatever the figures.
func TestLinesFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := explore.Progress{
			States: rapid.Uint64Max(math.MaxInt64).Draw(t, "states"), Frontier: rapid.IntMin(0).Draw(t, "frontier"), Untried: rapid.IntMin(0).Draw(t, "untried"),
			Bytes: rapid.Uint64().Draw(t, "bytes"), Rate: rapid.Float64Range(0, 1e15).Draw(t, "rate"), Fresh: rapid.Float64Range(0, 1).Draw(t, "fresh"),
			Shortest: rapid.Bool().Draw(t, "shortest"), Trend: explore.Trend(rapid.IntRange(-1, 1).Draw(t, "trend")), Elapsed: time.Second,
		}
		m := verdicts.Progress{Done: 1, Cells: 2, States: p.States, Cell: verdicts.Cell{Scenario: strings.Repeat("long", rapid.IntRange(0, 30).Draw(t, "name"))}, Search: &p}
		width := rapid.IntRange(40, 130).Draw(t, "width")
		for _, parts := range [][]part{searchParts(&p), matrixParts(&m)} {
			line := fit(width, parts)
			if len(line) >= width || line == "" {
				t.Fatalf("%d columns: %q", width, line)
			}
		}
	})
}
