package script_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/script"
	"ptsim/pgalloc"
)

// runText runs a script and returns what its operations answered, and the last state.
func runText(t *testing.T, sys system, text string) (rets []script.Ret, last *script.State) {
	t.Helper()
	s, err := script.Parse("f", strings.NewReader(text))
	require.NoError(t, err)
	r, err := script.New(s, sys.options())
	require.NoError(t, err)
	require.NoError(t, r.Run(func(s *script.State) error {
		rets, last = append(rets, s.Ret), s
		return nil
	}), "%s: %s", sys, text)
	for _, v := range r.Violations() {
		t.Errorf("%s: %s", sys, v.Splat())
	}
	return rets, last
}

// TestTwoHalves lets another thread's free come between the two locks of page_table_alloc: the page that it lists is one
// that the allocation has already decided to do without.
func TestTwoHalves(t *testing.T) {
	const text = "mm 1\nalloc 1 -> t1\nalloc 1 -> t2\nlook 1 -> t3\nfree t1\nadd t3\nlook 1 -> t4\nadd t4\n"
	for _, sys := range sound() {
		rets, last := runText(t, sys, text)
		if sys.variant == pgalloc.FullPage {
			assert.Equal(t, script.Ret{Kind: script.RetMiss, Name: "t3"}, rets[3])
			continue
		}
		assert.Equal(t, script.Ret{Kind: script.RetMiss, Name: "t3"}, rets[3], sys)
		assert.Equal(t, script.Ret{Kind: script.RetTable, Name: "t3", ID: 1, Half: 0, Fresh: true}, rets[5], sys)
		assert.Equal(t, script.Ret{Kind: script.RetTable, Name: "t4", ID: 1, Half: 1}, rets[6], "%s: the fresh page is in front", sys)
		assert.Equal(t, script.Ret{Kind: script.RetDone}, rets[7], sys)
		assert.Equal(t, []int{0}, last.Lists[0].Pages, sys)
	}
	rets, _ := runText(t, system{variant: pgalloc.Classic}, "mm 1\nalloc 1 -> t1\nalloc 1 -> t2\nfree t1\nalloc 1 -> t3\n")
	assert.Equal(t, script.Ret{Kind: script.RetTable, Name: "t3"}, rets[4], "undivided, it takes the half that was freed")
}

// TestTwoHalvesWithoutMemory wants an allocation to fail where it asks for the page.
func TestTwoHalvesWithoutMemory(t *testing.T) {
	rets, _ := runText(t, system{variant: pgalloc.Classic}, "mm 1\nlook 1 -> t1\noom 1\nadd t1\nadd t1\nfree t1\nlook 1 -> t2\noom 0\nadd t2\n")
	assert.Equal(t, script.RetNull, rets[3].Kind)
	assert.Equal(t, script.RetSkip, rets[4].Kind)
	assert.Equal(t, script.RetSkip, rets[5].Kind)
	assert.Equal(t, script.RetTable, rets[8].Kind)
}

// TestOneCallback removes tables in another order than they were queued in.
func TestOneCallback(t *testing.T) {
	const text = "mm 1\nalloc 1 -> t1\nalloc 1 -> t2\nalloc 1 -> t3\ncrst 1 -> c1\ntlbfree t1\nflush 1\ntlbfree t2\nflush 1\ntlbfree t3\ncrsttlb c1\nflush 1\n"
	for _, sys := range sound() {
		_, last := runText(t, sys, text)
		require.Len(t, last.RCU, 3, sys)
		_, last = runText(t, sys, text+"remove t2\n")
		require.Len(t, last.RCU, 2, sys)
		for _, cb := range last.RCU {
			assert.NotEqual(t, script.Entry{ID: last.RCU[0].Entries[0].ID, Half: 1}, cb.Entries[0], sys)
		}
		_, last = runText(t, sys, text+"remove t2\nremove c1\nremove t1\n")
		assert.Empty(t, last.RCU, sys)
		assert.Empty(t, last.CRST, sys)
		assert.Empty(t, last.Pages, sys)
		_, last = runText(t, sys, text+"remove t3\nalloc 1 -> t4\ntlbfree t4\nflush 1\ngp\n")
		assert.Empty(t, last.RCU, "%s: gp runs what was queued since, too", sys)
	}
}

// TestOneDeferred runs the callback of a deferred half, which queues the other's.
func TestOneDeferred(t *testing.T) {
	const text = "mm 1\nalloc 1 -> t1\nalloc 1 -> t2\ndefer t1\ndefer t2\n"
	_, last := runText(t, system{variant: pgalloc.Pinned}, text+"remove t1\n")
	require.Len(t, last.RCU, 1)
	assert.Equal(t, "now1", last.RCU[0].Func)
	_, last = runText(t, system{variant: pgalloc.Pinned}, text+"remove t1\nremove t2\n")
	assert.Empty(t, last.Pages)
	_, last = runText(t, system{variant: pgalloc.Active}, text+"remove t2\n")
	assert.Empty(t, last.Pages, "one callback for the page")
}

func TestHalvesAndCallbacksErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"mm 1\nlook 1 -> t1\nfree t1", `f:3: t1 is being allocated; expected "add t1" before it`},
		{"mm 1\nlook 1 -> t1\nexit 1", `f:3: mm 1 exits in the middle of the allocation of t1; expected "add t1" before it`},
		{"mm 1\nadd t1", `f:2: no allocation of t1; expected "look N -> t1" before it`},
		{"mm 1\nlook 1 -> t1\nlook 1 -> t1", `f:3: t1 a second time; expected a name not yet given`},
		{"mm 1\n" + many(9), `f:10: 8 allocations under way; expected an add for one of them before it`},
		{"mm 1\nremove t1", `f:2: no table t1; expected "alloc N -> t1" before it`},
		{"mm 1\nalloc 1 -> t1\nremove t1", `f:3: no callback is queued that frees t1; expected one that was freed by tlbfree and flush, or by defer`},
		{"mm 1\nalloc 1 -> t1\ntlbfree t1\nremove t1", `f:4: no callback is queued that frees t1`},
		{"mm 1\nalloc 1 -> t1\ntlbfree t1\nflush 1\nremove t1\nremove t1", `f:6: no callback is queued that frees t1`},
	} {
		for _, sys := range sound() {
			s, err := script.Parse("f", strings.NewReader(c.text))
			require.NoError(t, err)
			r, err := script.New(s, sys.options())
			require.NoError(t, err)
			err = r.Run(nil)
			if assert.Error(t, err, "%s: %q", sys, c.text) {
				assert.Contains(t, err.Error(), c.want, sys)
			}
		}
	}
	_, err := script.Parse("f", strings.NewReader("hook remove t1"))
	assert.ErrorContains(t, err, "f:1: a grace period inside a callback")
}

func many(n int) string {
	s := ""
	for i := range n {
		s += "look 1 -> t" + string(rune('a'+i)) + "\n"
	}
	return s
}
