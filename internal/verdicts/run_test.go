package verdicts_test

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/verdicts"
	"ptsim/kern"
	"ptsim/pgalloc"
)

func cells(t *testing.T, scenarios []string, variants ...string) []verdicts.Cell {
	t.Helper()
	list, err := verdicts.Cells(verdicts.Filter{Scenarios: scenarios, Versions: variants})
	require.NoError(t, err)
	return list
}

func model(t *testing.T, name string, v question.Version) (*scenario.Scenario, *explore.Model) {
	t.Helper()
	s, err := scenario.Load(name)
	require.NoError(t, err)
	m, err := question.Model(s, v)
	require.NoError(t, err)
	return s, m
}

// All cells are there, each once.
func TestCells(t *testing.T) {
	all := cells(t, nil)
	seen := map[verdicts.Cell]bool{}
	for _, c := range all {
		assert.False(t, seen[c])
		seen[c] = true
	}
	scenarios := len(scenario.Names()) - 1
	assert.Len(t, all, scenarios*11*6)
	assert.False(t, slices.ContainsFunc(all, func(c verdicts.Cell) bool { return c.Scenario == "S3r4" }))
	assert.Len(t, cells(t, []string{"S3r4"}, "pinned"), 5*6, "asked for by name")
	_, err := verdicts.Cells(verdicts.Filter{Scenarios: []string{"nosuch"}})
	assert.ErrorContains(t, err, "nosuch")
}

func TestVersionNames(t *testing.T) {
	for _, v := range question.Versions() {
		back, err := question.ParseVersion(v.String())
		require.NoError(t, err)
		assert.Equal(t, v, back)
	}
	full, err := question.ParseVersion("pinned")
	require.NoError(t, err)
	assert.Equal(t, "pinned/half", full.String())
	for _, name := range []string{"", "nosuch", "rfc/half", "pinned/nosuch", "pinned/"} {
		_, err := question.ParseVersion(name)
		assert.Error(t, err, name)
	}
}

// TestOutcomes compares what a matrix says with what the explorer says when asked by hand, and runs each schedule.
func TestOutcomes(t *testing.T) {
	list := cells(t, []string{"defer2", "munmap"})
	var last verdicts.Progress
	out, err := verdicts.Run(list, verdicts.Options{Threads: 2, Progress: func(p verdicts.Progress) { last = p }})
	require.NoError(t, err)
	require.Len(t, out, len(list))
	assert.Equal(t, len(list), last.Done)
	for i, o := range out {
		assert.Equal(t, list[i], o.Cell)
		_, m := model(t, o.Scenario, o.Version)
		opt := explore.Defaults()
		opt.Softirqs, opt.Grace = o.Setting.Softirqs, o.Setting.Grace
		r, err := explore.Exhaustive(m, opt)
		require.NoError(t, err)
		assert.Equal(t, r.Verdict, o.Verdict, o.Cell)
		assert.Equal(t, r.States, o.States, o.Cell)
		if o.Verdict != explore.Violated {
			assert.Nil(t, o.Violation)
			assert.Empty(t, o.Schedule)
			continue
		}
		sched, err := explore.ParseSchedule(o.Schedule)
		require.NoError(t, err)
		assert.Equal(t, o.Scenario+"/"+o.Version.String(), sched.Model)
		tr, err := explore.Replay(m, opt, sched, nil)
		require.NoError(t, err)
		assert.Equal(t, o.Violation.Kind, tr.Violation.Kind)
		assert.Equal(t, [2]int{o.Switches, o.Steps}, [2]int{tr.Switches, tr.Count})
		assert.True(t, o.Shortest)
	}
}

// However many cells are asked at once, the answers are the same.
func TestThreadsDoNotMatter(t *testing.T) {
	list := cells(t, []string{"S1", "grab", "ipi"}, "rfc", "pinned")
	var texts []string
	for _, threads := range []int{0, 1, 3} {
		out, err := verdicts.Run(list, verdicts.Options{Threads: threads})
		require.NoError(t, err)
		var b bytes.Buffer
		require.NoError(t, verdicts.Markdown(&b, out))
		texts = append(texts, b.String())
	}
	assert.Equal(t, texts[0], texts[1])
	assert.Equal(t, texts[0], texts[2])
}

// Beyond the budget, which is looked at now and then, the schedule is not the shortest, and says so; it leads to the violation all the same.
func TestBudget(t *testing.T) {
	list := cells(t, []string{"S3r"}, "rfc")[:1]
	exact, err := verdicts.Run(list, verdicts.Options{})
	require.NoError(t, err)
	cheap, err := verdicts.Run(list, verdicts.Options{Budget: 1})
	require.NoError(t, err)
	assert.True(t, exact[0].Shortest)
	assert.False(t, cheap[0].Shortest)
	assert.NotNil(t, cheap[0].Violation)
	assert.GreaterOrEqual(t, cheap[0].Switches, exact[0].Switches)
	assert.Contains(t, cheap[0].Text(), "~")
	assert.NotContains(t, exact[0].Text(), "~")
}

func TestShortenKeepsTheKind(t *testing.T) {
	_, m := model(t, "S3r", question.Version(pgalloc.RFCAsPosted))
	opt := explore.Defaults()
	opt.Softirqs, opt.Context = 1, context.Background()
	r, err := explore.Exhaustive(m, opt)
	require.NoError(t, err)
	short, err := verdicts.Shorten(m, opt, r.Schedule, r.Violation.Kind, 5000)
	require.NoError(t, err)
	assert.Equal(t, r.Violation.Kind, short.Trace.Violation.Kind)
	any, err := verdicts.Shorten(m, opt, r.Schedule, kern.NoViolation, 5000)
	require.NoError(t, err)
	assert.NotNil(t, any.Trace.Violation)
}

// A limit of memory leaves cells incomplete; those that need less are complete.
func TestMemory(t *testing.T) {
	list := cells(t, []string{"S2"}, "pinned", "fullpage")
	list = []verdicts.Cell{list[0], list[len(list)-1]}
	out, err := verdicts.Run(list, verdicts.Options{Memory: 700 << 10})
	require.NoError(t, err)
	assert.Equal(t, explore.Incomplete, out[0].Verdict)
	assert.Contains(t, out[0].Why, "memory")
	assert.Equal(t, explore.Safe, out[1].Verdict)
	assert.True(t, strings.HasPrefix(out[0].Text(), "incomplete "))
}

// What was not asked before the interruption has no verdict, and the tables say so.
func TestInterrupted(t *testing.T) {
	list := cells(t, []string{"page", "gather"})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := 0
	out, err := verdicts.Run(list, verdicts.Options{Context: ctx, Progress: func(p verdicts.Progress) {
		if done = p.Done; done == 5 {
			cancel()
		}
	}})
	require.NoError(t, err)
	assert.Equal(t, 5, done)
	asked := 0
	for _, o := range out {
		if o.Verdict != "" {
			asked++
		}
	}
	assert.Equal(t, 5, asked)
	for _, format := range verdicts.Formats() {
		var b bytes.Buffer
		require.NoError(t, verdicts.Write(&b, out, format, 80))
		if format != "json" {
			assert.Contains(t, b.String(), "not asked")
		}
	}
	assert.Equal(t, "-", out[len(out)-1].Text())
}

// JSON has every cell, with null where there is nothing.
func TestJSON(t *testing.T) {
	out, err := verdicts.Run(cells(t, []string{"B4"}, "rfc", "pinned"), verdicts.Options{})
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, verdicts.Write(&b, out, "json", 80))
	var list []map[string]any
	require.NoError(t, json.Unmarshal(b.Bytes(), &list))
	require.Len(t, list, len(out))
	for i, c := range list {
		for _, key := range []string{"verdict", "kind", "sentence", "states", "transitions", "depth", "steps", "switches", "seconds", "memory_bytes",
			"schedule", "scenario", "variant", "pin", "softirqs", "grace"} {
			assert.Contains(t, c, key)
		}
		assert.Equal(t, out[i].Verdict == explore.Violated, c["schedule"] != nil)
		assert.Equal(t, out[i].Version.Pin() != "", c["pin"] != nil)
		assert.Equal(t, out[i].Verdict == explore.Safe, c["covers"] != nil)
		if covers, ok := c["covers"].(map[string]any); ok {
			assert.Equal(t, "happens-before", covers["data_races"])
			assert.Equal(t, "sequential consistency", covers["memory_model"])
		}
	}
	assert.EqualValues(t, 1, list[0]["softirqs"])
	assert.Equal(t, "cpu", list[5]["softirqs"])
}
