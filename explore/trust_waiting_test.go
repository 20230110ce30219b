package explore_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
)

// A completion that nobody completes is a deadlock, and one that is freed too early a use after free; else whoever waits sees
// what was done before.
func TestCompletions(t *testing.T) {
	wait := func(g kern.Addr) func(c *kern.CPU) { return func(c *kern.CPU) { kern.WaitForCompletion(c, g) } }
	everyWay(t, "orders", small("orders", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) { kern.Store(c, g+1, 1); kern.Complete(c, g) },
			func(c *kern.CPU) { kern.WaitForCompletion(c, g); kern.Assert(c, kern.Load(c, g+1) == 1, "it is done") })
	}), kern.NoViolation)
	everyWay(t, "for one", small("one", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) { kern.Complete(c, g) }, wait(g), wait(g))
	}), kern.Deadlock)
	everyWay(t, "for all", small("all", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) { kern.CompleteAll(c, g) }, wait(g), wait(g))
	}), kern.NoViolation)
	everyWay(t, "embedded", small("embedded", func(m *kern.Machine, _ kern.Addr) []explore.Task {
		k := m.NewCache(kern.CacheConfig{Name: "obj", Words: 2})
		o := k.Alloc(m.CPU(0))
		return tasks(func(c *kern.CPU) { kern.WaitForCompletion(c, o); k.Free(c, o) }, func(c *kern.CPU) { kern.Complete(c, o); kern.Complete(c, o) })
	}), kern.UseAfterFree)
	everyWay(t, "in a reader", small("reader", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) { kern.RCUReadLock(c); kern.WaitForCompletion(c, g); kern.RCUReadUnlock(c) })
	}), kern.SleepInAtomic)
}

// A task may wait for a callback that waits for a reader that waits for a lock which the task holds. To be a reader is then
// not put off until the lock is free.
func TestAReaderIsOneWhileItWaits(t *testing.T) {
	for name, wait := range map[string]func(c *kern.CPU, g kern.Addr){
		"a completion": kern.WaitForCompletion,
		"an event": func(c *kern.CPU, g kern.Addr) {
			kern.WaitEvent(c, g+1, func() bool { return kern.ReadOnce(c, g) != 0 })
		},
	} {
		everyLaxWay(t, name, small("reader", func(m *kern.Machine, g kern.Addr) []explore.Task {
			fn := m.RegisterFunc("cb", func(c *kern.CPU, _ kern.Addr) { kern.Complete(c, g); kern.WakeUp(c, g+1) })
			return tasks(func(c *kern.CPU) {
				kern.RCUReadLock(c)
				kern.MutexLock(c, g+2)
				kern.MutexUnlock(c, g+2)
				kern.RCUReadUnlock(c)
			}, func(c *kern.CPU) {
				kern.MutexLock(c, g+2)
				kern.CallRCU(c, g+4, fn)
				wait(c, g)
				kern.MutexUnlock(c, g+2)
			})
		}), kern.Deadlock)
	}
}

// Without a broken rule: a reader spins for a lock whose holder reads in a loop what the callback will write. The holder took
// it behind the call_rcu, so that the callback does not wait for the holder as well. The reader spins only if it entered before
// the call_rcu and looked behind it: taken to enter when it looks, it would not.
func TestAReaderIsOneWhileItSpins(t *testing.T) {
	model := func(begin, end func(c *kern.CPU, l kern.Addr)) *explore.Model {
		return small("loop", func(m *kern.Machine, g kern.Addr) []explore.Task {
			fn := m.RegisterFunc("cb", func(c *kern.CPU, _ kern.Addr) { kern.WriteOnce(c, g, 1) })
			return tasks(func(c *kern.CPU) {
				begin(c, g+3)
				if kern.ReadOnce(c, g+1) != 0 {
					kern.SpinLock(c, g+2)
					kern.SpinUnlock(c, g+2)
				}
				end(c, g+3)
			}, func(c *kern.CPU) {
				kern.CallRCU(c, g+4, fn)
				kern.WriteOnce(c, g+1, 1)
			}, func(c *kern.CPU) {
				if kern.ReadOnce(c, g+1) == 0 {
					return
				}
				kern.SpinLock(c, g+2)
				for kern.ReadOnce(c, g) == 0 {
				}
				kern.SpinUnlock(c, g+2)
			})
		})
	}
	read := func(c *kern.CPU, _ kern.Addr) { kern.RCUReadLock(c) }
	unread := func(c *kern.CPU, _ kern.Addr) { kern.RCUReadUnlock(c) }
	everyWay(t, "rcu_read_lock", model(read, unread), kern.Livelock)
	precise := func(o *explore.Options) { o.Grace = explore.GracePrecise }
	everyWayBut(t, "spin_lock", model(kern.SpinLock, kern.SpinUnlock), kern.Livelock, precise)
	everyWayBut(t, "no lock", model(func(*kern.CPU, kern.Addr) {}, func(*kern.CPU, kern.Addr) {}), kern.NoViolation, precise)
}

// A wake-up is lost if the condition is made true behind it, or if the task looks before it is on the queue.
func TestLostWakeUps(t *testing.T) {
	set := func(c *kern.CPU, g kern.Addr) { kern.WriteOnce(c, g, 1); kern.WakeUp(c, g+1) }
	wait := func(c *kern.CPU, g kern.Addr) {
		kern.WaitEvent(c, g+1, func() bool { return kern.ReadOnce(c, g) != 0 })
	}
	for name, way := range map[string]struct {
		set, wait func(c *kern.CPU, g kern.Addr)
		want      kern.Kind
	}{
		"right":           {set, wait, kern.NoViolation},
		"wakes too early": {func(c *kern.CPU, g kern.Addr) { kern.WakeUp(c, g+1); kern.WriteOnce(c, g, 1) }, wait, kern.Deadlock},
		"never wakes":     {func(c *kern.CPU, g kern.Addr) { kern.WriteOnce(c, g, 1) }, wait, kern.Deadlock},
		"looks too early": {set, func(c *kern.CPU, g kern.Addr) {
			if kern.ReadOnce(c, g) == 0 {
				kern.Schedule(c, g+1, kern.PrepareToWait(c, g+1))
				kern.FinishWait(c, g+1)
			}
		}, kern.Deadlock},
	} {
		everyWay(t, name, small(name, func(_ *kern.Machine, g kern.Addr) []explore.Task {
			return tasks(func(c *kern.CPU) { way.set(c, g) }, func(c *kern.CPU) { way.wait(c, g) })
		}), way.want)
	}
}

// Who waits for what is told.
func TestDeadlockNamesWhatIsWaitedFor(t *testing.T) {
	var at kern.Addr
	mo := small("waits", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		at = g
		return tasks(func(c *kern.CPU) { kern.WaitForCompletion(c, g) },
			func(c *kern.CPU) { kern.WaitEvent(c, g+1, func() bool { return kern.ReadOnce(c, g) != 0 }) })
	})
	r, err := explore.Exhaustive(mo, explore.Defaults())
	require.NoError(t, err)
	require.NotNil(t, r.Violation)
	assert.Equal(t, "A waits in wait_for_completion X; B waits to be woken on Y",
		strings.NewReplacer(word(at), "X", word(at+1), "Y").Replace(r.Violation.Detail))
}

// To flush a work item is to wait for the instance that was queued last: whoever holds what it needs, or is it, waits for ever.
func TestFlushWork(t *testing.T) {
	var at kern.Addr
	model := func(name string, run func(c *kern.CPU, g kern.Addr), flush func(c *kern.CPU, g kern.Addr, fn kern.Func)) *explore.Model {
		return small(name, func(m *kern.Machine, g kern.Addr) []explore.Task {
			at = g
			fn := m.RegisterFunc("destroy", func(c *kern.CPU, _ kern.Addr) { run(c, g) })
			return tasks(func(c *kern.CPU) { flush(c, g, fn) })
		})
	}
	add := func(c *kern.CPU, g kern.Addr) { kern.Store(c, g+2, kern.Load(c, g+2)+1) }
	queueAndFlush := func(c *kern.CPU, g kern.Addr, fn kern.Func) { kern.QueueWork(c, g, fn); kern.FlushWork(c, g) }
	everyWay(t, "it has run", model("ran", add, func(c *kern.CPU, g kern.Addr, fn kern.Func) {
		queueAndFlush(c, g, fn)
		kern.Assert(c, kern.Load(c, g+2) == 1, "it has run")
		kern.Assert(c, !kern.FlushWork(c, g), "it is idle")
	}), kern.NoViolation)
	everyWay(t, "one that is queued again", model("again", add, func(c *kern.CPU, g kern.Addr, fn kern.Func) {
		kern.QueueWork(c, g, fn)
		kern.QueueWork(c, g, fn)
		kern.FlushWork(c, g)
		kern.Assert(c, kern.Load(c, g+2) == 2, "one may have been enough")
	}), kern.Assertion)
	everyWay(t, "without", model("without", add, func(c *kern.CPU, g kern.Addr, fn kern.Func) {
		kern.QueueWork(c, g, fn)
		kern.Load(c, g+2)
	}), kern.DataRace)
	everyWay(t, "with a spin lock", model("spin", add, func(c *kern.CPU, g kern.Addr, fn kern.Func) {
		kern.SpinLock(c, g+3)
		queueAndFlush(c, g, fn)
		kern.SpinUnlock(c, g+3)
	}), kern.SleepInAtomic)
	everyWay(t, "inside itself", model("inside", func(c *kern.CPU, g kern.Addr) { kern.FlushWork(c, g) }, queueAndFlush), kern.SelfDeadlock)
	locked := model("locked", func(c *kern.CPU, g kern.Addr) { kern.MutexLock(c, g+3); kern.MutexUnlock(c, g+3) },
		func(c *kern.CPU, g kern.Addr, fn kern.Func) {
			kern.MutexLock(c, g+3)
			queueAndFlush(c, g, fn)
			kern.MutexUnlock(c, g+3)
		})
	everyWay(t, "with what it takes", locked, kern.Deadlock)
	assert.Equal(t, "A waits in flush_work for destroy, which kworker runs; kworker waits to mutex_lock g3, which A holds",
		said(t, locked, explore.Defaults(), at))
}

// To cancel a work item is to have it not be pending and not run, also if it queues itself: what it uses may go then.
func TestCancelWork(t *testing.T) {
	var at kern.Addr
	model := func(name string, run func(c *kern.CPU, g kern.Addr, fn kern.Func), codes ...func(c *kern.CPU, g kern.Addr, fn kern.Func)) *explore.Model {
		return small(name, func(m *kern.Machine, g kern.Addr) []explore.Task {
			at = g
			var fn kern.Func
			fn = m.RegisterFunc("destroy", func(c *kern.CPU, _ kern.Addr) { run(c, g, fn) })
			var list []func(c *kern.CPU)
			for _, f := range codes {
				list = append(list, func(c *kern.CPU) { f(c, g, fn) })
			}
			return tasks(list...)
		})
	}
	again := func(c *kern.CPU, g kern.Addr, fn kern.Func) {
		kern.Store(c, g+2, 1)
		if kern.AtomicAddReturn(c, g+3, 1) < 3 {
			kern.QueueWork(c, g, fn)
		}
	}
	stop := func(how func(c *kern.CPU, item kern.Addr) bool) func(c *kern.CPU, g kern.Addr, fn kern.Func) {
		return func(c *kern.CPU, g kern.Addr, fn kern.Func) {
			kern.QueueWork(c, g, fn)
			how(c, g)
			kern.Store(c, g+2, 2) // nobody else does by now
		}
	}
	everyWay(t, "one that queues itself", model("again", again, stop(kern.CancelWorkSync)), kern.NoViolation)
	everyWay(t, "to flush it is not enough", model("flush", again, stop(kern.FlushWork)), kern.DataRace)
	everyWay(t, "who queues it again must be stopped first", model("who", again, stop(kern.CancelWorkSync),
		func(c *kern.CPU, g kern.Addr, fn kern.Func) { kern.QueueWork(c, g, fn) }), kern.DataRace)
	add := func(c *kern.CPU, g kern.Addr, _ kern.Func) { kern.AtomicAdd(c, g+2, 1) }
	everyWay(t, "it may have run", model("ran", add, func(c *kern.CPU, g kern.Addr, fn kern.Func) {
		kern.QueueWork(c, g, fn)
		was := kern.CancelWorkSync(c, g)
		kern.Assert(c, was == (kern.ReadOnce(c, g+2) == 0), "it was pending, or has run")
		kern.Assert(c, !kern.CancelWorkSync(c, g), "it is idle")
		kern.Assert(c, kern.QueueWork(c, g, fn), "it can be queued again")
	}), kern.NoViolation)
	everyWay(t, "inside itself", model("inside", func(c *kern.CPU, g kern.Addr, _ kern.Func) { kern.CancelWorkSync(c, g) },
		func(c *kern.CPU, g kern.Addr, fn kern.Func) { kern.QueueWork(c, g, fn) }), kern.SelfDeadlock)
	locked := model("locked", func(c *kern.CPU, g kern.Addr, _ kern.Func) { kern.MutexLock(c, g+3); kern.MutexUnlock(c, g+3) },
		func(c *kern.CPU, g kern.Addr, fn kern.Func) {
			kern.MutexLock(c, g+3)
			kern.QueueWork(c, g, fn)
			kern.CancelWorkSync(c, g)
			kern.MutexUnlock(c, g+3)
		})
	everyWay(t, "with what it takes", locked, kern.Deadlock)
	assert.Equal(t, "A waits in cancel_work_sync for destroy, which kworker runs; kworker waits to mutex_lock g3, which A holds",
		said(t, locked, explore.Defaults(), at))
}

// What is found with a spin lock held is there until that is released, as under rcu_read_lock: a grace period waits for regions with
// preemption off, and each kind of spin lock makes one. So it is for synchronize_rcu, for callbacks, and for type-stable objects.
func TestWhoHoldsASpinLockIsAReader(t *testing.T) {
	type lock struct {
		take, release func(c *kern.CPU, l kern.Addr)
	}
	spins := map[string]lock{
		"spin_lock":  {kern.SpinLock, kern.SpinUnlock},
		"read_lock":  {kern.ReadLock, kern.ReadUnlock},
		"write_lock": {kern.WriteLock, kern.WriteUnlock},
		"bit_spin_lock": {func(c *kern.CPU, l kern.Addr) { kern.BitSpinLock(c, l, 3) },
			func(c *kern.CPU, l kern.Addr) { kern.BitSpinUnlock(c, l, 3) }},
		"spin_trylock": {func(c *kern.CPU, l kern.Addr) { kern.Assert(c, kern.SpinTrylock(c, l), "nobody else takes it") }, kern.SpinUnlock},
		"write_lock, for another lock": {func(c *kern.CPU, l kern.Addr) { kern.WriteLock(c, l); kern.SpinLock(c, l+1); kern.WriteUnlock(c, l) },
			func(c *kern.CPU, l kern.Addr) { kern.SpinUnlock(c, l+1) }},
	}
	mutex := lock{kern.MutexLock, kern.MutexUnlock}
	model := func(l lock, wait string) *explore.Model {
		return small(wait, func(m *kern.Machine, g kern.Addr) []explore.Task {
			objects := m.NewCache(kern.CacheConfig{Name: "object", Words: 3 + kern.TypesafeWords, TypesafeByRCU: wait == "SLAB_TYPESAFE_BY_RCU", RCUHead: 3})
			p := objects.Alloc(m.CPU(0))
			free := m.RegisterFunc("free", func(c *kern.CPU, head kern.Addr) { objects.Free(c, head-1) })
			kern.WriteOnce(m.CPU(0), g, uint32(p))
			return tasks(func(c *kern.CPU) {
				l.take(c, g+1)
				if p := kern.RCUDereference(c, g); p != 0 {
					kern.ReadOnce(c, p)
				}
				l.release(c, g+1)
			}, func(c *kern.CPU) {
				kern.WriteOnce(c, g, 0)
				switch wait {
				case "synchronize_rcu":
					kern.SynchronizeRCU(c)
				case "call_rcu":
					kern.CallRCU(c, p+1, free)
					return
				}
				objects.Free(c, p)
			})
		})
	}
	precise := func(o *explore.Options) { o.Grace = explore.GracePrecise }
	for _, wait := range []string{"synchronize_rcu", "call_rcu", "SLAB_TYPESAFE_BY_RCU"} {
		for name, l := range spins {
			for _, plain := range []bool{false, true} {
				opt := explore.Defaults()
				opt.Plain = plain
				r, err := explore.Exhaustive(model(l, wait), opt)
				require.NoError(t, err)
				require.Equal(t, explore.Safe, r.Verdict, "%s, %s, plain %t", name, wait, plain)
			}
		}
		everyWay(t, "mutex_lock, "+wait, model(mutex, wait), kern.UseAfterFree)
	}
	everyWayBut(t, "spin_lock", model(spins["spin_lock"], "call_rcu"), kern.NoViolation, precise)
	everyWayBut(t, "spin_lock, by explicit readers", model(spins["spin_lock"], "call_rcu"), kern.UseAfterFree,
		func(o *explore.Options) { o.Grace = explore.GraceAny })
}

// A callback waits for the locks that were held when it was queued, and for none that is taken later.
func TestACallbackWaitsForNoLaterLock(t *testing.T) {
	model := func(first, then func(c *kern.CPU, l kern.Addr)) *explore.Model {
		return small("later", func(m *kern.Machine, g kern.Addr) []explore.Task {
			fn := m.RegisterFunc("cb", func(c *kern.CPU, _ kern.Addr) { kern.WriteOnce(c, g, 1) })
			return tasks(func(c *kern.CPU) {
				first(c, g+1)
				kern.CallRCU(c, g+4, fn)
				then(c, g+1)
				kern.Assert(c, kern.ReadOnce(c, g) == 0, "the callback has not run")
				kern.SpinUnlock(c, g+1)
			})
		})
	}
	none := func(*kern.CPU, kern.Addr) {}
	precise := func(o *explore.Options) { o.Grace = explore.GracePrecise }
	everyWayBut(t, "queued under the lock", model(kern.SpinLock, none), kern.NoViolation, precise)
	everyWayBut(t, "queued before the lock", model(none, kern.SpinLock), kern.Assertion, precise)
}

// A work item that is queued again while it runs is not begun by another kworker before that is over.
func TestWorkItemsRunOnceAtATime(t *testing.T) {
	mo := small("reentrant", func(m *kern.Machine, g kern.Addr) []explore.Task {
		fn := m.RegisterFunc("fn", func(c *kern.CPU, _ kern.Addr) { // each a plain access, and all of one item
			kern.Store(c, g+2, kern.Load(c, g+2)+1)
			kern.WriteOnce(c, g+3, 1)
			kern.Store(c, g+2, kern.Load(c, g+2)+1)
		})
		queue := func(c *kern.CPU) { kern.QueueWork(c, g, fn) }
		return tasks(queue, queue)
	})
	everyWayBut(t, "two kworkers", mo, kern.NoViolation, func(opt *explore.Options) { opt.Workers = 2 })
}
