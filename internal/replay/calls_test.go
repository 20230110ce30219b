package replay

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ptsim/internal/ftrace"
	_ "ptsim/internal/nofiles"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

// The calls that threads are in are what one map of all of them says.
func TestCallsAgainstAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, want := calls{more: map[int32]call{}}, map[int32]ftrace.Event{}
		for n := range 100 {
			tid := rapid.SampledFrom([]int32{101, 102, 103}).Draw(t, "tid")
			kind := rapid.SampledFrom([]ftrace.Kind{ftrace.MmapEnter, ftrace.BrkEnter}).Draw(t, "kind")
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0, 1:
				e := ftrace.Event{Kind: kind, TID: tid, Addr: uint64(n)}
				c.enter(&e)
				want[tid] = e
			case 2, 3:
				in, ok := c.leave(tid, entries[kind])
				e, there := want[tid]
				if assert.Equal(t, there && e.Kind == kind, ok) && ok {
					assert.Equal(t, e.Addr, in.addr)
					assert.Equal(t, entries[kind], in.kind)
					delete(want, tid)
				}
			case 4:
				c.forget(tid)
				delete(want, tid)
			}
		}
	})
}

// Nothing is kept of processes that are no more: neither of their calls nor of an execve, for which the exit_mmap of a process that
// has ended might be taken.
func TestNothingIsKeptOfTheDead(t *testing.T) {
	m, err := s390sim.New(s390sim.Config{Variant: pgalloc.Active, CPUs: 2, Checks: true})
	require.NoError(t, err)
	defer m.Close()
	r := New(m)
	for n := range int32(300) {
		child := 100 + n%20 // numbers come again
		for _, e := range []ftrace.Event{
			{Kind: ftrace.ForkEnter, TID: 50, TGID: 50},
			{Kind: ftrace.Fork, TID: 50, TGID: 50, Pid: 50, ChildPid: child},
			{Kind: ftrace.ExitMmap, TID: child, TGID: child},
			{Kind: ftrace.Exec, TID: child, TGID: child, Pid: child, ChildPid: child},
			{Kind: ftrace.BrkEnter, TID: child, TGID: child},
			{Kind: ftrace.Exit, TID: child, TGID: child, Pid: child, HasGroupDead: true, GroupDead: true},
			{Kind: ftrace.ExitMmap, TID: child, TGID: child},
		} {
			e.Time = int64(n) * 1000
			r.Event(&e)
			if e.Kind == ftrace.ExitMmap {
				assert.Equal(t, r.procs[child] != nil, len(r.execs) == 1, "an execve is under way if the process lives")
			}
		}
		require.Empty(t, r.execs)
		require.Empty(t, r.calls.more)
		require.False(t, r.calls.in)
		require.Empty(t, r.procs[child])
	}
}
