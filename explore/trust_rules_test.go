package explore_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
)

// Each model here is broken only by way of one rule of the searcher: what makes two states one, what a choice can come to,
// what moves past what. Where the rule is wrong the violation is missed.

// tasks makes tasks of one operation each, named A, B and so on, which may each fail to allocate.
func tasks(fs ...func(c *kern.CPU)) []explore.Task {
	var ts []explore.Task
	for i, f := range fs {
		ts = append(ts, explore.Task{Name: string(rune('A' + i)), MayFail: true, Ops: []explore.Operation{do("op", f)}})
	}
	return ts
}

// Two choices in a row go two ways each: four in all.
func TestChoicesInARow(t *testing.T) {
	for bad := range uint32(4) {
		mo := small("choices", func(*kern.Machine, kern.Addr) []explore.Task {
			return tasks(func(c *kern.CPU) {
				first, second := kern.Choose(c, 2), kern.Choose(c, 2)
				kern.Assert(c, first*2+second != bad, "not these two")
			})
		})
		everyWay(t, "choices", mo, kern.Assertion)
	}
}

// With softirqs on the CPUs of the tasks, the CPU that queued a callback is the one it interrupts. That is state also when
// everything else is the same: either of two tasks queues the callback, and one of them then takes the callback's lock
// with softirqs on, when the other is through.
func TestWhoseQueueIsState(t *testing.T) {
	for _, victim := range []int{0, 1} {
		mo := small("queue", func(m *kern.Machine, g kern.Addr) []explore.Task {
			fn := m.RegisterFunc("cb", func(c *kern.CPU, _ kern.Addr) {
				kern.WriteOnce(c, g+5, 1)
				kern.SpinLock(c, g+2)
				kern.SpinUnlock(c, g+2)
			})
			queue := do("queue", func(c *kern.CPU) {
				if kern.Xchg(c, g+3, 1) == 0 {
					kern.CallRCU(c, g, fn)
				}
			})
			ts := []explore.Task{{Name: "A", Ops: []explore.Operation{queue}}, {Name: "B", Ops: []explore.Operation{queue}}}
			ts[1-victim].Ops = append(ts[1-victim].Ops, do("through", func(c *kern.CPU) { kern.WriteOnce(c, g+4, 1) }))
			ts[victim].Ops = append(ts[victim].Ops, do("lock", func(c *kern.CPU) {
				if kern.ReadOnce(c, g+4) == 1 {
					kern.SpinLock(c, g+2)
					kern.WriteOnce(c, g+6, 1)
					kern.SpinUnlock(c, g+2)
				}
			}))
			return ts
		})
		for _, plain := range []bool{false, true} {
			opt := explore.Defaults()
			opt.Softirqs, opt.Plain = explore.SoftirqsOnCPU, plain
			e, err := explore.Exhaustive(mo, opt)
			require.NoError(t, err)
			require.Equal(t, explore.Violated, e.Verdict)
			assert.Equal(t, kern.SoftirqDeadlock, e.Violation.Kind)
			opt.Softirqs = 2
			e, err = explore.Exhaustive(mo, opt)
			require.NoError(t, err)
			assert.Equal(t, explore.Safe, e.Verdict)
		}
	}
}

// A type-stable object that is freed once more before its grace period is over waits for another one, so that a reader of
// its second life is waited for, too.
func TestTypesafeObjectsWaitForTheLastFree(t *testing.T) {
	mo := small("typesafe", func(m *kern.Machine, g kern.Addr) []explore.Task {
		k := m.NewCache(kern.CacheConfig{Name: "typesafe", Words: 4 + kern.TypesafeWords, TypesafeByRCU: true, RCUHead: 4})
		o := k.Alloc(m.CPU(0))
		m.Poke(g, uint32(o))
		return tasks(
			func(c *kern.CPU) {
				kern.WriteOnce(c, g, 0)
				k.Free(c, o)
				n := kern.Addr(k.Alloc(c))
				kern.WriteOnce(c, g, uint32(n))
				kern.WriteOnce(c, g, 0)
				k.Free(c, n)
			},
			func(c *kern.CPU) {
				kern.RCUReadLock(c)
				if p := kern.Addr(kern.ReadOnce(c, g)); p != 0 {
					kern.ReadOnce(c, p)
				}
				kern.RCUReadUnlock(c)
			})
	})
	everyWay(t, "typesafe", mo, kern.NoViolation)
}

// A reference that is taken does not move past what follows where others read the count.
func TestCountsThatAreReadDoNotMove(t *testing.T) {
	mo := small("count", func(m *kern.Machine, g kern.Addr) []explore.Task {
		m.Poke(g, 1)
		return tasks(
			func(c *kern.CPU) {
				kern.RefcountInc(c, g)
				kern.WriteOnce(c, g+1, 1)
			},
			func(c *kern.CPU) {
				count := kern.ReadOnce(c, g)
				kern.Assert(c, count != 2 || kern.ReadOnce(c, g+1) != 0, "the count is 2 only once the word is written")
			})
	})
	everyWay(t, "count", mo, kern.Assertion)
}

// The model's own invariant is asked of every state.
func TestInvariantIsAsked(t *testing.T) {
	mo := small("invariant", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) {
			kern.WriteOnce(c, g, 1)
			kern.WriteOnce(c, g, 0)
		})
	})
	build := mo.Build
	mo.Build = func(cpus int, s kern.Scheduler) *explore.Instance {
		in := build(cpus, s)
		in.Check = func() *kern.Violation {
			for a := kern.Addr(1); a < 1<<12; a++ {
				if in.M.PageOf(a) == 0 && in.M.Peek(a) == 1 {
					return &kern.Violation{Kind: kern.Imbalance, Addr: a}
				}
			}
			return nil
		}
		return in
	}
	everyWay(t, "invariant", mo, kern.Imbalance)
}

// A page frame is freed once, and neither while it is listed nor while its rcu_head is queued.
func TestFramesAreFreedOnce(t *testing.T) {
	for what, c := range map[string]struct {
		f    func(c *kern.CPU, m *kern.Machine, fn kern.Func, p kern.PFN, g kern.Addr)
		want kern.Kind
	}{
		"once": {func(c *kern.CPU, _ *kern.Machine, _ kern.Func, p kern.PFN, _ kern.Addr) { kern.FreePages(c, p, 0) }, kern.NoViolation},
		"twice": {func(c *kern.CPU, _ *kern.Machine, _ kern.Func, p kern.PFN, _ kern.Addr) {
			kern.FreePages(c, p, 0)
			kern.FreePages(c, p, 0)
		}, kern.DoubleFree},
		"listed": {func(c *kern.CPU, _ *kern.Machine, _ kern.Func, p kern.PFN, g kern.Addr) {
			kern.InitListHead(c, g)
			kern.ListAdd(c, p.Page()+kern.PageLRU, g)
			kern.FreePages(c, p, 0)
		}, kern.ListCorruption},
	} {
		mo := small("frame", func(m *kern.Machine, g kern.Addr) []explore.Task {
			fn := m.RegisterFunc("cb", func(*kern.CPU, kern.Addr) {})
			return tasks(func(cpu *kern.CPU) { c.f(cpu, m, fn, kern.AllocPages(cpu, 0, kern.GFPKernel), g) })
		})
		everyWay(t, what, mo, c.want)
	}
}

// A lock that is tried, or looked at, does not move: what was taken later would be found free in between.
func TestLocksThatAreTriedDoNotMove(t *testing.T) {
	looks := map[string]func(c *kern.CPU, l kern.Addr) bool{
		"spin_trylock": func(c *kern.CPU, l kern.Addr) bool {
			if kern.SpinTrylock(c, l) {
				kern.SpinUnlock(c, l)
				return false
			}
			return true
		},
		"spin_is_locked": kern.SpinIsLocked,
		"READ_ONCE":      func(c *kern.CPU, l kern.Addr) bool { return kern.ReadOnce(c, l) != 0 },
	}
	for name, held := range looks {
		mo := small("tried", func(_ *kern.Machine, g kern.Addr) []explore.Task {
			return tasks(func(c *kern.CPU) {
				kern.SpinLock(c, g)
				kern.WriteOnce(c, g+1, 1)
				kern.SpinUnlock(c, g)
			}, func(c *kern.CPU) {
				kern.Assert(c, !held(c, g) || kern.ReadOnce(c, g+1) != 0, "who holds the lock has written")
			})
		})
		everyWay(t, name, mo, kern.Assertion)
	}
}

// What a trylock gets is a lock like any other: it keeps others out, its holder can release it, and it orders.
func TestATrylockTakesTheLock(t *testing.T) {
	both := func(c *kern.CPU, g kern.Addr) {
		if kern.SpinTrylock(c, g) {
			kern.Store(c, g+1, kern.Load(c, g+1)+1)
			kern.SpinUnlock(c, g)
		}
		kern.SpinLock(c, g)
		kern.Store(c, g+1, kern.Load(c, g+1)+1)
		kern.SpinUnlock(c, g)
	}
	everyWay(t, "trylock", small("trylock", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) { both(c, g) }, func(c *kern.CPU) { both(c, g) })
	}), kern.NoViolation)
	everyLaxWay(t, "kept", small("kept", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) { kern.SpinTrylock(c, g) }, func(c *kern.CPU) {
			kern.SpinLock(c, g)
			kern.SpinUnlock(c, g)
		})
	}), kern.Deadlock)
	everyWay(t, "failed", small("failed", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) {
			kern.SpinTrylock(c, g)
			kern.SpinUnlock(c, g)
		}, func(c *kern.CPU) {
			kern.SpinLock(c, g)
			kern.WriteOnce(c, g+1, 1)
			kern.SpinUnlock(c, g)
		})
	}), kern.LockMisuse)
	everyWay(t, "freed", small("freed", func(m *kern.Machine, g kern.Addr) []explore.Task { // who failed holds nothing
		k := m.NewCache(kern.CacheConfig{Name: "obj", Words: 1})
		o := k.Alloc(m.CPU(0))
		use := func(c *kern.CPU) {
			if kern.SpinTrylock(c, o) {
				kern.SpinUnlock(c, o)
			}
			if kern.AtomicAddReturn(c, g, 1) == 2 {
				k.Free(c, o)
			}
		}
		return tasks(use, use)
	}), kern.NoViolation)
}
