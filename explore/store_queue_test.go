package explore_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/memory"
)

// underTSO explores a model under total store order.
func underTSO(t *testing.T, m *explore.Model) explore.Result {
	t.Helper()
	opt := explore.Defaults()
	opt.Model = memory.TSO
	r, err := explore.Exhaustive(m, opt)
	require.NoError(t, err)
	return r
}

// Two tasks store, each to a word of its own, and read the other's word. Nothing in between but what fails after a load leaves the stores
// in their queues, and both read 0. A cmpxchg orders even if it fails.
func TestWhatFailsAfterALoadOrdersNothing(t *testing.T) {
	for name, tt := range map[string]struct {
		do   func(c *kern.CPU, a kern.Addr)
		want explore.Verdict
	}{
		"nothing":           {func(*kern.CPU, kern.Addr) {}, explore.Violated},
		"atomic_add_unless": {func(c *kern.CPU, a kern.Addr) { kern.AtomicAddUnless(c, a, 1, 0) }, explore.Violated},
		"one that adds":     {func(c *kern.CPU, a kern.Addr) { kern.AtomicAddUnless(c, a, 1, 9) }, explore.Safe},
		"cmpxchg":           {func(c *kern.CPU, a kern.Addr) { kern.CmpXchg(c, a, 7, 8) }, explore.Safe},
		"spin_trylock": {func(c *kern.CPU, a kern.Addr) {
			if kern.SpinTrylock(c, a+1) {
				kern.SpinUnlock(c, a+1)
			}
		}, explore.Violated},
		"mutex_trylock": {func(c *kern.CPU, a kern.Addr) {
			if kern.MutexTrylock(c, a+2) {
				kern.MutexUnlock(c, a+2)
			}
		}, explore.Violated},
	} {
		r := underTSO(t, small("buffers", func(_ *kern.Machine, g kern.Addr) []explore.Task {
			task := func(x, y kern.Addr) func(c *kern.CPU) {
				return func(c *kern.CPU) {
					kern.WriteOnce(c, x, 1)
					tt.do(c, g+3)
					if kern.ReadOnce(c, y) == 0 {
						kern.Assert(c, kern.AtomicAddReturn(c, g+6, 1) == 1, "both read 0")
					}
				}
			}
			return tasks(task(g, g+1), task(g+1, g), func(c *kern.CPU) { // who has the locks
				kern.MutexLock(c, g+5)
				kern.SpinLock(c, g+4)
				kern.SpinUnlock(c, g+4)
				kern.MutexUnlock(c, g+5)
			})
		}))
		assert.Equal(t, tt.want, r.Verdict, "%s: %v", name, r.Violation)
	}
}

// What is stored to an object goes to memory when it is freed, and with it the end of the reader behind that.
func TestAFreeLetsAReaderEnd(t *testing.T) {
	r := underTSO(t, small("free", func(m *kern.Machine, g kern.Addr) []explore.Task {
		objects := m.NewCache(kern.CacheConfig{Name: "object", Words: 3})
		p := objects.Alloc(m.CPU(0))
		fn := m.RegisterFunc("cb", func(c *kern.CPU, _ kern.Addr) { kern.WriteOnce(c, g, 1) })
		return tasks(func(c *kern.CPU) {
			kern.RCUReadLock(c)
			kern.WriteOnce(c, p, 1)
			kern.RCUReadUnlock(c)
			objects.Free(c, p)
		}, func(c *kern.CPU) {
			kern.CallRCU(c, g+4, fn)
			kern.RCUBarrier(c)
		})
	}))
	assert.Equal(t, explore.Safe, r.Verdict, "%v", r.Violation)
}

// An edit that a search does not come to is no error where the search ended early: what it found is.
func TestAnEditBehindAViolation(t *testing.T) {
	m := small("edit", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) {
			kern.Assert(c, kern.ReadOnce(c, g) == 1, "it finds 0")
		}, func(c *kern.CPU) {
			if kern.ReadOnce(c, g) == 0 {
				kern.SmpMB(c)
			}
		})
	})
	opt := explore.Defaults()
	opt.Edits = []kern.Edit{{File: "explore_test/store_queue_test.go", Line: 93, Before: kern.OpMB}}
	r, err := explore.Exhaustive(m, opt)
	require.NoError(t, err)
	assert.Equal(t, explore.Violated, r.Verdict)
}
