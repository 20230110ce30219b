package command

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/labs"
	"ptsim/internal/scenario"
	"ptsim/internal/verdicts"
)

// small is a scenario of a lab with a version that breaks it, by the first row that says so.
func small(t *testing.T, name string) (scn, version string) {
	l, err := labs.Get(name)
	require.NoError(t, err)
	for _, r := range l.Rows {
		if strings.HasPrefix(r.Expect, "violated") && r.Kind == "" && !r.Lax && r.Softirqs == "" && r.Grace == "" {
			return name + "/" + r.Scenario, r.Version
		}
	}
	t.Fatalf("no row of %s is violated", name)
	return "", ""
}

// TestEveryFaceKnowsEveryLab has each face show a schedule of each lab: none panics, and each speaks of the lab's own things.
func TestEveryFaceKnowsEveryLab(t *testing.T) {
	for _, l := range labs.All()[1:] {
		scn, version := small(t, l.Name)
		file := filepath.Join(t.TempDir(), "kept.scn")
		out, _, code := runCommand(t.Context(), "", "explore", scn, "--variant", version, "--save", file)
		require.Equal(t, exitFinding, code, out)
		assert.Contains(t, out, scn+" on "+version)
		assert.Contains(t, out, "--replay '"+scn+"/"+version+"@")

		_, errs, code := runCommand(t.Context(), "", "explore", file)
		assert.Equal(t, exitOK, code, "what was saved is run again, and is as expected: %s", errs)
		out, errs, code = runCommand(t.Context(), "state\nrun\nstate\nlink\n", "step", scn, "--variant", version, "--plain")
		require.Equal(t, exitOK, code, errs)
		assert.Contains(t, out, "VIOLATION")
		link := out[strings.LastIndex(out, scn+"/"+version+"@"):]
		link = strings.TrimSpace(strings.SplitN(link, "\n", 2)[0])
		again, errs, code := runCommand(t.Context(), "", "step", "--plain", "--replay", link)
		require.Equal(t, exitOK, code, errs)
		assert.Contains(t, again, "VIOLATION")
		for _, format := range []string{"html", "svg", "storyboard", "prose", "text", "json"} {
			out, errs, code := runCommand(t.Context(), "", "export", "--format", format, "--replay", link)
			require.Equal(t, exitOK, code, "%s: %s", format, errs)
			assert.Contains(t, out, version, "%s of %s", format, scn)
		}
		_, errs, code = runCommand(t.Context(), "", "beside", "--with", l.First(), "--replay", link)
		assert.Contains(t, []int{exitOK, exitFinding}, code, errs)
	}
}

// TestRowsAreAsExpected asks about the rows of every lab, and wants one schema for them and for cells.
func TestRowsAreAsExpected(t *testing.T) {
	out, errs, code := runCommand(t.Context(), "", "verdicts", "--lab", "all")
	require.Equal(t, exitOK, code, out+errs)
	assert.NotContains(t, out, "NOT as expected")
	keys := func(args ...string) []string {
		out, errs, code := runCommand(t.Context(), "", append([]string{"verdicts", "--format", "json"}, args...)...)
		require.Equal(t, exitOK, code, errs)
		var list []map[string]any
		require.NoError(t, json.Unmarshal([]byte(out), &list))
		var names []string
		for _, want := range []string{
			"lab", "id", "scenario", "version", "softirqs", "grace", "memory", "cpus", "lax", "verdict", "kind", "switches", "steps", "states", "unreached",
		} {
			if _, ok := list[0][want]; ok {
				names = append(names, want)
			}
		}
		return names
	}
	assert.Len(t, keys("--lab", "stack"), 15)
	assert.Equal(t, keys("--lab", "stack"), keys("--scenario", "page", "--variant", "classic"))
	for _, l := range labs.All() {
		cells, err := verdicts.Rows(l)
		require.NoError(t, err)
		assert.Len(t, cells, len(l.Rows))
		for _, name := range scenario.NamesOf(l) {
			_, err := scenario.Load(name)
			assert.NoError(t, err)
		}
	}
}

// TestLabsAreListed wants what ptsim labs prints to have every lab's words.
func TestLabsAreListed(t *testing.T) {
	for _, l := range labs.All() {
		out, errs, code := runCommand(t.Context(), "", "labs", l.Name)
		require.Equal(t, exitOK, code, errs)
		for _, v := range l.Verbs {
			assert.Contains(t, out, v.Form)
		}
	}
	_, errs, code := runCommand(t.Context(), "", "labs", "nosuch")
	assert.Equal(t, exitBadInput, code)
	assert.Contains(t, errs, `unknown lab "nosuch"; expected one of pagetable, stack`)
	_, errs, code = runCommand(t.Context(), "", "verdicts", "--lab", "stack", "--variant", "llist")
	assert.Equal(t, exitBadInput, code)
	assert.Contains(t, errs, "--lab: its rows say their scenarios")
}
