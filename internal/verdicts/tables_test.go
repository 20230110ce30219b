package verdicts_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/coverage"
	"ptsim/internal/question"
	"ptsim/internal/verdicts"
	"ptsim/kern"
	"ptsim/pgalloc"
)

// made returns an outcome that nobody searched for.
func made(softirqs int, g explore.Grace, verdict explore.Verdict, states uint64, kind kern.Kind) verdicts.Outcome {
	o := verdicts.Outcome{
		Cell:    verdicts.Cell{Scenario: "S1", Version: question.Version(pgalloc.Active), Setting: question.Setting{Softirqs: softirqs, Grace: g}},
		Verdict: verdict, States: states, Elapsed: 1500 * time.Millisecond,
	}
	if verdict == explore.Violated {
		o.Violation = &kern.Violation{Kind: kind, Detail: "a|b"}
		o.Schedule, o.Switches, o.Steps, o.Shortest = "string", 3, 16, true
	}
	return o
}

func TestCellTexts(t *testing.T) {
	for want, o := range map[string]verdicts.Outcome{
		"-":                    {},
		"safe 1":               made(1, 0, explore.Safe, 1, 0),
		"safe 999":             made(1, 0, explore.Safe, 999, 0),
		"safe 1,000":           made(1, 0, explore.Safe, 1000, 0),
		"safe 12,345,678":      made(1, 0, explore.Safe, 12345678, 0),
		"incomplete 7":         made(1, 0, explore.Incomplete, 7, 0),
		"UAF 3/16":             made(1, 0, explore.Violated, 7, kern.UseAfterFree),
		"lost 3/16":            made(1, 0, explore.Violated, 7, kern.PageLost),
		"deadlock 3/16":        made(1, 0, explore.Violated, 7, kern.SoftirqDeadlock),
		"list-corruption 3/16": made(1, 0, explore.Violated, 7, kern.ListCorruption),
	} {
		assert.Equal(t, want, o.Text())
	}
}

// TestSummaryShowsTheWorst looks at one cell of the summary for many a row of the table in full.
func TestSummaryShowsTheWorst(t *testing.T) {
	safe := func(softirqs int, g explore.Grace, states uint64) verdicts.Outcome {
		return made(softirqs, g, explore.Safe, states, 0)
	}
	bad := func(softirqs int, g explore.Grace) verdicts.Outcome {
		return made(softirqs, g, explore.Violated, 5, kern.UseAfterFree)
	}
	const precise, any = explore.GracePrecise, explore.GraceAny
	for want, row := range map[string][]verdicts.Outcome{
		"safe 200":                {safe(1, precise, 100), safe(2, precise, 200), safe(2, any, 300)},
		"safe 12k":                {safe(2, precise, 12_345)},
		"safe 1.0M":               {safe(2, precise, 999_600)},
		"safe 2.3M":               {safe(2, precise, 2_345_678)},
		"safe 23M":                {safe(2, precise, 23_456_789)},
		"**UAF 3/16**":            {bad(1, precise), bad(2, precise), bad(2, any)},
		"**UAF 3/16, 2 any**":     {safe(1, precise, 1), safe(2, precise, 1), bad(2, any)},
		"**UAF 3/16, 1 any**":     {safe(1, precise, 1), bad(1, any), safe(2, precise, 1), bad(2, any)},
		"incomplete 9":            {safe(1, precise, 1), made(2, precise, explore.Incomplete, 9, 0)},
		"**UAF 3/16, 1 precise**": {bad(1, precise), made(2, precise, explore.Incomplete, 9, 0)},
		"-":                       {made(1, precise, "", 0, 0), made(2, precise, "", 0, 0)},
	} {
		lines := strings.Split(strings.TrimSpace(verdicts.Summary(row)), "\n")
		require.Len(t, lines, 3)
		assert.Equal(t, "| S1 | "+want+" |", lines[2])
	}
}

// Every row of a table in markdown has as many cells as its head, whatever is in the sentences; nothing of it depends on time.
func TestMarkdownTables(t *testing.T) {
	out := []verdicts.Outcome{made(1, explore.GracePrecise, explore.Safe, 5, 0), made(2, explore.GracePrecise, explore.Violated, 5, kern.UseAfterFree)}
	var a, b bytes.Buffer
	require.NoError(t, verdicts.Markdown(&a, out))
	for i := range out {
		out[i].Elapsed, out[i].Bytes = time.Hour, 1<<30
	}
	require.NoError(t, verdicts.Markdown(&b, out))
	assert.Equal(t, a.String(), b.String())
	width := 0
	for _, line := range strings.Split(a.String(), "\n") {
		if !strings.HasPrefix(line, "|") {
			width = 0
			continue
		}
		n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
		if width == 0 {
			width = n
		}
		assert.Equal(t, width, n, line)
	}
	assert.Contains(t, a.String(), "**UAF 3/16** (5)")
	assert.Contains(t, a.String(), "`string`")
	assert.Contains(t, a.String(), "2 cells: 1 safe, 1 violated.")
}

func TestTextTable(t *testing.T) {
	out := []verdicts.Outcome{made(1, explore.GracePrecise, explore.Safe, 5, 0), made(2, explore.GracePrecise, explore.Violated, 5, kern.UseAfterFree)}
	var b bytes.Buffer
	require.NoError(t, verdicts.Write(&b, out, "text", 80))
	assert.Equal(t, `S1  Retract against exit
  softirqs               1                 2
  grace            precise           precise
  active    safe 5  1.50 s  UAF 3/16  1.50 s

2 cells: 1 safe, 1 violated, 3.0 s of search
`, b.String())
	b.Reset()
	require.NoError(t, verdicts.Write(&b, out, "text", 40)) // no room for the times
	assert.Equal(t, `S1  Retract against exit
  softirqs        1         2
  grace     precise   precise
  active     safe 5  UAF 3/16

2 cells: 1 safe, 1 violated, 3.0 s of
  search
`, b.String())

	out[0].Covers = &coverage.Coverage{Operations: []coverage.Operation{{Task: "exit", Op: "free x", Line: 8}}}
	b.Reset()
	require.NoError(t, verdicts.Write(&b, out, "text", 80))
	assert.Contains(t, b.String(), "\n  in 1 safe cell no schedule came to a primitive in exit: free x (line 8)\n\n2 cells: ")

	out[0].Races = explore.Adjacent
	b.Reset()
	require.NoError(t, verdicts.Write(&b, out, "markdown", 80))
	assert.Contains(t, b.String(), "2 cells: 1 safe, 1 violated; data races by adjacent accesses alone.\n")
	b.Reset()
	require.NoError(t, verdicts.Write(&b, out, "text", 120))
	assert.Contains(t, b.String(), "s of search; data races by adjacent accesses alone\n")
	out[1].Verdict, out[1].Races = explore.Safe, explore.HappensBefore
	b.Reset()
	require.NoError(t, verdicts.Write(&b, out, "text", 120))
	assert.Contains(t, b.String(), "s of search; data races by happens-before in 1, by adjacent accesses alone in 1\n")
}

// A cell that nobody asked, since the run was interrupted before, has no figures.
func TestNotAskedIsNull(t *testing.T) {
	var b strings.Builder
	require.NoError(t, verdicts.Write(&b, []verdicts.Outcome{{}, {Verdict: explore.Safe}}, "json", 80))
	var list []map[string]any
	require.NoError(t, json.Unmarshal([]byte(b.String()), &list))
	for _, key := range []string{"verdict", "states", "transitions", "depth", "seconds", "memory_bytes", "switches"} {
		assert.Contains(t, list[0], key)
		assert.Nil(t, list[0][key], key)
	}
	assert.Zero(t, list[1]["states"])
	assert.NotNil(t, list[1]["states"])
}
