package command

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Seed 002, written as a litmus test, and run: the barrier that is missing makes the difference there, too.
func TestLitmusWrite(t *testing.T) {
	for variant, verdict := range map[string]string{"no-rmb": "Sometimes", "v5.14": "Never"} {
		text, errOut, code := runCommand(t.Context(), "", "litmus", "--write", "swap/on", "--variant", variant)
		require.Zero(t, code, errOut)
		assert.Contains(t, text, "C swap-on+"+variant+"\n")
		assert.Contains(t, text, "Result: "+verdict+"\n")
		file := filepath.Join(t.TempDir(), "on.litmus")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		out, errOut, code := runCommand(t.Context(), "", "litmus", "--expect", file)
		require.Zero(t, code, errOut)
		assert.Contains(t, out, "Observation swap-on+"+variant+" "+verdict)
		again, errOut, code := runCommand(t.Context(), "", "litmus", "--write", file)
		require.Zero(t, code, errOut)
		assert.Contains(t, again, "spin_unlock(mm_swap_lock);")
	}
	for _, q := range []struct {
		args []string
		want string
	}{
		{[]string{"--write", "swap/off"}, "swap/off on v5.14: no litmus test can say this: task user, complete() at swap/percpu.go:12: nobody in it waits for another"},
		{[]string{"--write", "S1"}, "no litmus test can say this: task khugepaged, down_read() at "},
		{[]string{"--write", "nothing.litmus"}, "no such file"},
		{[]string{"--write", "swap/nothing"}, "swap/nothing"},
		{[]string{"--write", "swap/on", "--memory", "tso"}, "--write runs no test; expected no --memory"},
		{[]string{"--write", "swap/on", "swap/off"}, "--write: expected one scenario or litmus test, not 2"},
		{[]string{"--variant", "v5.14", "x.litmus"}, "--variant goes with --write: litmus tests have none"},
	} {
		_, errOut, code := runCommand(t.Context(), "", append([]string{"litmus"}, q.args...)...)
		assert.Equal(t, 2, code, q.args)
		assert.Contains(t, errOut, q.want)
	}
}

// One schedule under three memory models.
func TestBesideModels(t *testing.T) {
	const schedule = "zsmalloc/drain/drain-no-barrier@2,precise,tso:s:05d77a34:Ax2-Bx3-A!q"
	out, errOut, code := runCommand(t.Context(), "", "beside", "--replay", schedule, "--models", "sc,tso,lkmm")
	require.Zero(t, code, errOut)
	assert.Contains(t, out, "\nsc: step 5 is not possible\ntso: all of it is possible: deadlock: ")
	// Without a schedule and a model it is the weakest model's: the others forbid what that needs.
	out, errOut, code = runCommand(t.Context(), "", "beside", "swap/on", "--variant", "no-rmb", "--models", "tso,lkmm,sc")
	require.Zero(t, code, errOut)
	assert.Contains(t, out, "\ntso: step 35 is not possible\nlkmm-6.1: all of it is possible: assertion failed: swap_count")
	_, errOut, code = runCommand(t.Context(), "", "beside", "swap/on", "--variant", "no-rmb", "--models", "tso,sc")
	require.Zero(t, code, errOut)
	assert.Contains(t, errOut, "swap/on on no-rmb: nothing can go wrong any more")
	_, errOut, code = runCommand(t.Context(), "", "beside", "--replay", schedule, "--models", "x86")
	assert.Equal(t, 2, code)
	assert.Contains(t, errOut, `--models: no memory model "x86": there are sc, tso, lkmm-6.1 and lkmm-6.12`)
	_, errOut, code = runCommand(t.Context(), "", "beside", "--replay", schedule, "--models", "sc", "--with", "drain-both")
	assert.Equal(t, 2, code)
	assert.Contains(t, errOut, "--models: it stays on one variant")
}
