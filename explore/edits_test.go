package explore_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/memory"
)

// TestEdits puts barriers into code, and takes them out: found by their places, one that mends mends it, and without one that is needed
// it breaks, by a schedule that says how the code was edited.
func TestEdits(t *testing.T) {
	writer := func(c *kern.CPU, g kern.Addr) {
		kern.WriteOnce(c, g, 1)
		kern.SmpStoreRelease(c, g+1, 1)
	}
	reader := func(c *kern.CPU, g kern.Addr) {
		if kern.ReadOnce(c, g+1) == 1 {
			kern.SmpRMB(c)
			kern.Assert(c, kern.ReadOnce(c, g) == 1, "who sees the flag sees the word")
		}
	}
	dir := t.TempDir()
	m := weakModel("mp", writer, reader)
	opt := explore.Defaults()
	opt.Model = memory.LKMM
	r, err := explore.Exhaustive(m, opt)
	require.NoError(t, err)
	require.Equal(t, explore.Safe, r.Verdict)
	found := r.Reached.Orderings()
	require.Len(t, found, 2)
	assert.Equal(t, "smp_store_release", found[0].Name)
	assert.Equal(t, "smp_rmb", found[1].Name)
	for _, o := range found {
		out := kern.Edit{File: o.File, Line: o.Line}
		opt.Edits = []kern.Edit{out}
		r, err := explore.Shortest(m, opt, kern.NoViolation)
		require.NoError(t, err)
		require.Equal(t, explore.Violated, r.Verdict, "%s", out)
		text := r.Schedule.Text()
		assert.Contains(t, text, "lkmm-6.1,"+out.String()+":")
		sched, err := explore.ParseSchedule(text)
		require.NoError(t, err)
		tr, err := explore.Replay(m, explore.Defaults(), sched, nil)
		require.NoError(t, err)
		assert.Equal(t, kern.Assertion, tr.Violation.Kind)

		in := kern.Edit{File: o.File, Line: o.Line, Before: kern.OpWMB}
		if o.Name == "smp_rmb" { // the line is left as it is without the barrier: one at the read behind it mends that
			in.Line, in.Before = in.Line+1, kern.OpRMB
		}
		opt.Edits = append(opt.Edits, in)
		r, err = explore.Exhaustive(m, opt)
		require.NoError(t, err)
		assert.Equal(t, explore.Safe, r.Verdict, "%v", opt.Edits)
	}
	for range 2 { // the second time from a file that knows the answer, and where the edit was reached
		c, err := explore.OpenCheckpoint(filepath.Join(dir, "search"), "edited")
		require.NoError(t, err)
		opt.Checkpoint = c
		r, err := explore.Exhaustive(m, opt)
		require.NoError(t, err)
		assert.Equal(t, explore.Safe, r.Verdict)
		assert.Len(t, r.Reached.Orderings(), 2)
		require.NoError(t, c.Close())
	}
	opt.Checkpoint = nil
	opt.Edits = []kern.Edit{{File: "explore_test/edits_test.go", Line: 1}}
	_, err = explore.Exhaustive(m, opt)
	assert.EqualError(t, err, "the model cannot be explored: edit -explore_test/edits_test.go:1: no schedule comes to anything in line 1 of explore_test/edits_test.go that orders, but locks")
}

// TestEditTexts wants what an edit is written as to be read again.
func TestEditTexts(t *testing.T) {
	for _, text := range []string{"+mb=swap/get.go:3", "+rmb=a/b.go:41", "+wmb=a/b.go:41", "-a/b.go:41"} {
		e, err := kern.ParseEdit(text)
		require.NoError(t, err, text)
		assert.Equal(t, text, e.String())
	}
	for _, text := range []string{"", "-", "-a.go", "-a.go:0", "+rmb=a.go:x", "rmb=a.go:1", "-a b.go:1", "+rmb=a,b.go:1"} {
		_, err := kern.ParseEdit(text)
		assert.Error(t, err, text)
	}
}
