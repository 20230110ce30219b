package command

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/lab"
)

// runCommand runs a command and returns what it printed.
func runCommand(ctx context.Context, stdin string, args ...string) (out, errOut string, code int) {
	var stdout, stderr bytes.Buffer
	code = run(ctx, args, streams{strings.NewReader(stdin), &stdout, &stderr})
	return stdout.String(), stderr.String(), code
}

// A command that is interrupted prints what it has, soon, and its exit code says so.
func TestInterrupted(t *testing.T) {
	for _, args := range []string{
		"explore S3r4 --variant pinned", "explore S3r4 --variant pinned --threads 2 --format json", "explore S3r --variant active --mode shortest",
		"explore S3r4 --variant pinned --mode bounded --bound 100", "explore S3r4 --variant pinned --mode random --runs 100000000",
		"verdicts --scenario page,S3r4 --variant pinned", "verdicts --scenario S3r4 --variant pinned --format json",
	} {
		ctx, cancel := context.WithCancel(context.Background())
		interrupt := time.AfterFunc(100*time.Millisecond, cancel)
		out, errOut, code := runCommand(ctx, "", strings.Fields(args)...)
		interrupt.Stop()
		cancel()
		assert.Equal(t, exitInterrupted, code, args)
		assert.Equal(t, "ptsim: interrupted\n", errOut, args)
		assert.NotEmpty(t, out, args)
		if strings.Contains(args, "json") {
			assert.True(t, json.Valid([]byte(out)), args)
		}
		if strings.HasPrefix(args, "explore") {
			assert.Contains(t, out, "interrupted", args)
			assert.Contains(t, out, "state", args)
		}
	}
}

// TestExploreJSON wants every key to be there whatever the verdict, and the schedule to be one that runs again.
func TestExploreJSON(t *testing.T) {
	for _, args := range []string{"S1", "S1 --variant active", "S1 --variant active --mode random --runs 3", "B4 --softirqs cpu", "defer2 --variant rfc-as-posted --first"} {
		out, errOut, _ := runCommand(t.Context(), "", append([]string{"explore", "--format", "json"}, strings.Fields(args)...)...)
		require.Empty(t, errOut, args)
		var have map[string]any
		require.NoError(t, json.Unmarshal([]byte(out), &have))
		for _, key := range []string{
			"verdict", "kind", "sentence", "states", "transitions", "depth", "steps", "switches", "seconds", "memory_bytes", "schedule",
			"scenario", "variant", "pin", "softirqs", "grace", "mode", "threads", "why",
		} {
			assert.Contains(t, have, key, args)
		}
		assert.Equal(t, have["verdict"] == "incomplete", have["why"] != nil, args)
		for _, key := range []string{"kind", "sentence", "steps", "switches", "schedule"} {
			assert.Equal(t, have["verdict"] == "violated", have[key] != nil, "%s: %s", args, key)
		}
		if have["verdict"] != "violated" {
			continue
		}
		again, _, code := runCommand(t.Context(), "", "explore", "--format", "json", "--replay", have["schedule"].(string))
		assert.Equal(t, exitFinding, code, args)
		var replayed map[string]any
		require.NoError(t, json.Unmarshal([]byte(again), &replayed))
		for _, key := range []string{"kind", "sentence", "steps", "switches", "schedule", "scenario", "variant", "pin", "softirqs", "grace"} {
			assert.Equal(t, have[key], replayed[key], "%s: %s", args, key)
		}
	}
}

// TestSavedFiles keeps what each small scenario comes to in a file, whose exploration must come to the same; a change of
// the scenario makes the schedule stale.
func TestSavedFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"S1", "B4", "defer2", "munmap", "page", "grab"} {
		for _, version := range []string{"rfc-as-posted", "rfc", "active"} {
			file := filepath.Join(dir, name+".scn")
			_, errOut, code := runCommand(t.Context(), "", "explore", name, "--variant", version, "--softirqs", "cpu", "--save", file)
			require.Empty(t, errOut)
			out, errOut, again := runCommand(t.Context(), "", "explore", file)
			assert.Empty(t, errOut)
			assert.Equal(t, exitOK, again, "%s on %s", name, version)
			assert.Contains(t, out, "as expected: "+map[int]string{exitOK: "safe", exitFinding: "violated"}[code])
			if code == exitOK {
				continue
			}
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			s, err := scenario.Parse(file, string(text))
			require.NoError(t, err)
			s.Tasks[0].Ops = append([]scenario.Op{{Line: lab.Line{Word: "ipi", Form: "ipi"}}}, s.Tasks[0].Ops...)
			require.NoError(t, os.WriteFile(file, []byte(scenario.Format(s)), 0o644))
			_, errOut, stale := runCommand(t.Context(), "", "explore", file)
			assert.Equal(t, exitBadInput, stale, "%s on %s", name, version)
			assert.Contains(t, errOut, "stale schedule")
			assert.Equal(t, 1, strings.Count(errOut, "\n"))
		}
	}
}

// TestMinimizeShortens takes a schedule as a random search finds it, and asks for a shorter one.
func TestMinimizeShortens(t *testing.T) {
	long := answerOf(t, "S2", "--mode", "random", "--seed", "3", "--first")
	short := answerOf(t, "--replay", *long.Schedule, "--minimize")
	assert.Equal(t, *long.Kind, *short.Kind)
	assert.Less(t, *short.Switches, *long.Switches)
	best := answerOf(t, "S2", "--kind", *long.Kind)
	assert.Equal(t, *best.Switches, *short.Switches)
	assert.True(t, *short.Shortest)
}

func answerOf(t *testing.T, args ...string) answerJSON {
	t.Helper()
	out, errOut, _ := runCommand(t.Context(), "", append([]string{"explore", "--format", "json"}, args...)...)
	require.Empty(t, errOut)
	var a answerJSON
	require.NoError(t, json.Unmarshal([]byte(out), &a))
	return a
}

// What the command says is what the package says.
func TestExploreAgreesWithThePackage(t *testing.T) {
	s, err := scenario.Load("ipi")
	require.NoError(t, err)
	for _, v := range question.Versions() {
		m, err := question.Model(s, v)
		require.NoError(t, err)
		r, err := explore.Exhaustive(m, explore.Defaults())
		require.NoError(t, err)
		args := []string{"ipi", "--first", "--variant", v.Variant()}
		if v.Pin() != "" {
			args = append(args, "--pin", v.Pin())
		}
		a := answerOf(t, args...)
		assert.Equal(t, string(r.Verdict), a.Verdict, v)
		assert.Equal(t, r.States, a.States, v)
		assert.Equal(t, r.Transitions, a.Transitions, v)
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]uint64{
		"": 0, "1": 1, "1000": 1000, "2k": 2048, "2K": 2048, "500M": 500 << 20, "2G": 2 << 30, "2GiB": 2 << 30, "2gb": 2 << 30, "1.5G": 3 << 29, "1T": 1 << 40,
	} {
		have, err := parseSize(text)
		assert.NoError(t, err, text)
		assert.Equal(t, want, have, text)
	}
	for _, text := range []string{"0", "-1", "x", "G", "1e30", "NaN", "Inf", "1 G", "2X"} {
		_, err := parseSize(text)
		assert.Error(t, err, text)
	}
}

func TestSizesAndKinds(t *testing.T) {
	for want, bytes := range map[string]uint64{"0 KiB": 0, "1 KiB": 1, "32 KiB": 32 << 10, "5 MiB": 5 << 20, "2.5 GiB": 5 << 29} {
		assert.Equal(t, want, size(bytes))
	}
	for _, name := range kindNames() {
		k, err := parseKind(name)
		require.NoError(t, err)
		assert.Equal(t, name, k.String())
	}
}
