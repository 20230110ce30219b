package explore_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
)

// atomics are ways into what a task must not sleep in, and what is said of each.
var atomics = map[string]struct {
	in, out func(c *kern.CPU, g kern.Addr)
	why     string
}{
	"a spin lock":    {kern.SpinLock, kern.SpinUnlock, "1 spin lock held"},
	"a trylock":      {func(c *kern.CPU, l kern.Addr) { kern.SpinTrylock(c, l) }, kern.SpinUnlock, "1 spin lock held"},
	"BH off":         {func(c *kern.CPU, _ kern.Addr) { kern.LocalBHDisable(c) }, func(c *kern.CPU, _ kern.Addr) { kern.LocalBHEnable(c) }, "BH off"},
	"preemption off": {func(c *kern.CPU, _ kern.Addr) { kern.PreemptDisable(c) }, func(c *kern.CPU, _ kern.Addr) { kern.PreemptEnable(c) }, "preemption off"},
	"a reader":       {func(c *kern.CPU, _ kern.Addr) { kern.RCUReadLock(c) }, func(c *kern.CPU, _ kern.Addr) { kern.RCUReadUnlock(c) }, "in rcu_read_lock"},
	"a lock, BH off": {kern.SpinLockBH, kern.SpinUnlockBH, "1 spin lock held, BH off"},
	"twice":          {func(c *kern.CPU, _ kern.Addr) { kern.PreemptDisable(c); kern.PreemptDisable(c) }, func(c *kern.CPU, _ kern.Addr) { kern.PreemptEnable(c); kern.PreemptEnable(c) }, "preemption off 2 times"},
	"two spin locks": {func(c *kern.CPU, l kern.Addr) { kern.SpinLock(c, l); kern.SpinLock(c, l+1) }, func(c *kern.CPU, l kern.Addr) { kern.SpinUnlock(c, l+1); kern.SpinUnlock(c, l) }, "2 spin locks held"},
}

// Who sleeps where it must not is told why, also if it need not wait: and not any more once it has left. The search and the
// machine without one say the same.
func TestSleepInAtomicContext(t *testing.T) {
	sleeps := map[string]func(c *kern.CPU, g kern.Addr){
		"might_sleep": func(c *kern.CPU, _ kern.Addr) { kern.MightSleep(c) },
		"down_read":   func(c *kern.CPU, g kern.Addr) { kern.DownRead(c, g+4); kern.UpRead(c, g+4) },
		"down_write":  func(c *kern.CPU, g kern.Addr) { kern.DownWrite(c, g+4); kern.UpWrite(c, g+4) },
	}
	for name, a := range atomics {
		for what, sleep := range sleeps {
			op := func(between bool) func(c *kern.CPU, g kern.Addr) {
				return func(c *kern.CPU, g kern.Addr) {
					a.in(c, g)
					if between {
						sleep(c, g)
					}
					a.out(c, g)
					sleep(c, g)
				}
			}
			for _, between := range []bool{false, true} {
				mo := small(name, func(_ *kern.Machine, g kern.Addr) []explore.Task {
					return tasks(func(c *kern.CPU) { op(between)(c, g) })
				})
				m := kern.NewMachine(kern.Config{})
				native := m.NewCache(kern.CacheConfig{Name: "global", Words: 8}).Alloc(m.CPU(0))
				op(between)(m.CPU(0), native)
				list, total := m.Violations()
				r, err := explore.Exhaustive(mo, explore.Defaults())
				require.NoError(t, err)
				if !between {
					assert.Equal(t, explore.Safe, r.Verdict, "%s, %s", name, what)
					assert.Zero(t, total)
					continue
				}
				require.Equal(t, explore.Violated, r.Verdict, "%s, %s", name, what)
				require.Equal(t, 1, total)
				tr, err := explore.Replay(mo, explore.Defaults(), r.Schedule, nil)
				require.NoError(t, err)
				for _, v := range []*kern.Violation{tr.Violation, list[0]} {
					assert.Equal(t, kern.SleepInAtomic, v.Kind, "%s, %s", name, what)
					assert.Contains(t, v.Sentence(), what+" may sleep ", "%s", name)
					assert.Contains(t, v.Sentence(), "where it must not: "+a.why, "%s, %s", name, what)
				}
				opt := explore.Defaults()
				opt.Lax = true
				r, err = explore.Exhaustive(mo, opt)
				require.NoError(t, err)
				assert.Equal(t, explore.Safe, r.Verdict, "%s, %s: it need not wait, so nothing comes of it", name, what)
			}
		}
	}
}

// A callback is in a softirq, whatever it holds.
func TestASoftirqMustNotSleep(t *testing.T) {
	everyWay(t, "softirq", small("softirq", func(m *kern.Machine, g kern.Addr) []explore.Task {
		fn := m.RegisterFunc("cb", func(c *kern.CPU, _ kern.Addr) { kern.MightSleep(c) })
		return tasks(func(c *kern.CPU) { kern.CallRCU(c, g, fn) })
	}), kern.SleepInAtomic)
	everyWay(t, "work", small("work", func(m *kern.Machine, g kern.Addr) []explore.Task {
		fn := m.RegisterFunc("fn", func(c *kern.CPU, _ kern.Addr) { kern.MightSleep(c) })
		return tasks(func(c *kern.CPU) { kern.QueueWork(c, g, fn) })
	}), kern.NoViolation)
}

// What a task, a callback or a work item has not left at its end is a violation that names it; and that alone, in lax mode none.
func TestContextImbalance(t *testing.T) {
	for name, a := range atomics {
		for _, who := range []string{"task", "callback", "work"} {
			mo := small(name, func(m *kern.Machine, g kern.Addr) []explore.Task {
				fn := m.RegisterFunc("fn", func(c *kern.CPU, _ kern.Addr) { a.in(c, g) })
				return tasks(func(c *kern.CPU) {
					switch who {
					case "task":
						a.in(c, g)
					case "callback":
						kern.CallRCU(c, g+4, fn)
					case "work":
						kern.QueueWork(c, g+4, fn)
					}
				})
			})
			everyWay(t, name+", "+who, mo, kern.ContextImbalance)
			everyLaxWay(t, name+", "+who, mo, kern.NoViolation)
		}
	}
	for name, down := range map[string]func(*kern.CPU, kern.Addr){"down_read": kern.DownRead, "down_write": kern.DownWrite} {
		everyWay(t, name, small(name, func(_ *kern.Machine, g kern.Addr) []explore.Task {
			return tasks(func(c *kern.CPU) { down(c, g) })
		}), kern.ContextImbalance)
	}
	mo := small("semaphore", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) {
			kern.DownRead(c, g)
			kern.RCUReadLock(c)
			kern.RCUReadLock(c)
			kern.RCUReadUnlock(c)
		})
	})
	r, err := explore.Exhaustive(mo, explore.Defaults())
	require.NoError(t, err)
	assert.Regexp(t, `^context imbalance: A ends with word 0x[0-9a-f]+ held, in rcu_read_lock$`, r.Violation.Sentence())
}

// What is entered in one operation may be left in a later one.
func TestContextOutlivesAnOperation(t *testing.T) {
	for name, a := range atomics {
		everyWay(t, name, small(name, func(_ *kern.Machine, g kern.Addr) []explore.Task {
			return []explore.Task{{Name: "A", Ops: []explore.Operation{do("in", func(c *kern.CPU) { a.in(c, g) }), do("out", func(c *kern.CPU) { a.out(c, g) })}}}
		}), kern.NoViolation)
	}
}

// In lax mode a task that sleeps with a spin lock held may hang whoever spins for it: that is the deadlock behind the rule. A
// schedule remembers that it was found so.
func TestLaxFindsTheDeadlock(t *testing.T) {
	mo := small("lax", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) {
			kern.SpinLock(c, g)
			kern.DownWrite(c, g+1)
			kern.UpWrite(c, g+1)
			kern.SpinUnlock(c, g)
		}, func(c *kern.CPU) {
			kern.DownWrite(c, g+1)
			kern.SpinLock(c, g)
			kern.SpinUnlock(c, g)
			kern.UpWrite(c, g+1)
		})
	})
	everyWay(t, "strict", mo, kern.SleepInAtomic)
	everyLaxWay(t, "lax", mo, kern.Deadlock)
	opt := explore.Defaults()
	opt.Lax = true
	r, err := explore.Shortest(mo, opt, kern.NoViolation)
	require.NoError(t, err)
	text := r.Schedule.Text()
	assert.Contains(t, text, ":si:")
	sched, err := explore.ParseSchedule(text)
	require.NoError(t, err)
	tr, err := explore.Replay(mo, explore.Defaults(), sched, nil)
	require.NoError(t, err)
	assert.Equal(t, kern.Deadlock, tr.Violation.Kind)
}

func TestPreemptEnableWithoutDisable(t *testing.T) {
	everyWay(t, "enable", small("enable", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) { kern.PreemptEnable(c) })
	}), kern.LockMisuse)
}

// Preemption off is a reader for a precise grace period, and for any none.
func TestPreemptionOffIsAReader(t *testing.T) {
	mo := small("reader", func(m *kern.Machine, g kern.Addr) []explore.Task {
		k := m.NewCache(kern.CacheConfig{Name: "obj", Words: 4})
		o := k.Alloc(m.CPU(0))
		kern.Store(m.CPU(0), g, uint32(o))
		fn := m.RegisterFunc("free", func(c *kern.CPU, a kern.Addr) { k.Free(c, a-2) })
		return tasks(func(c *kern.CPU) {
			kern.PreemptDisable(c)
			if a := kern.Addr(kern.ReadOnce(c, g)); a != 0 {
				kern.ReadOnce(c, a)
			}
			kern.PreemptEnable(c)
		}, func(c *kern.CPU) {
			kern.WriteOnce(c, g, 0)
			kern.CallRCU(c, o+2, fn)
		})
	})
	for grace, want := range map[explore.Grace]explore.Verdict{explore.GracePrecise: explore.Safe, explore.GraceAny: explore.Violated} {
		for _, plain := range []bool{false, true} {
			opt := explore.Defaults()
			opt.Grace, opt.Plain = grace, plain
			r, err := explore.Exhaustive(mo, opt)
			require.NoError(t, err)
			assert.Equal(t, want, r.Verdict, "%s, plain %t", grace, plain)
		}
	}
}

// Who sleeps where it must not is told before it waits: somebody else never lets go of the semaphore.
func TestWhoMustNotSleepIsToldAtOnce(t *testing.T) {
	mo := small("at once", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) {
			kern.DownWrite(c, g)
			kern.SpinLock(c, g+1)
			kern.DownWrite(c, g) // which it waits for itself
		})
	})
	everyWay(t, "at once", mo, kern.SleepInAtomic)
	everyLaxWay(t, "lax", mo, kern.Deadlock)
}
