package explore_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
)

// exclusive are the ways to hold a lock alone: lock and unlock, and a try. All take the lock at an address.
type exclusive struct {
	lock, unlock func(c *kern.CPU, l kern.Addr)
	try          func(c *kern.CPU, l kern.Addr) bool // nil if there is none
	sleeps       bool
}

var exclusives = map[string]exclusive{
	"spin_lock":  {kern.SpinLock, kern.SpinUnlock, kern.SpinTrylock, false},
	"down_write": {kern.DownWrite, kern.UpWrite, kern.DownWriteTrylock, true},
	"write_lock": {kern.WriteLock, kern.WriteUnlock, nil, false},
	"mutex_lock": {kern.MutexLock, kern.MutexUnlock, kern.MutexTrylock, true},
	"bit_spin_lock": {func(c *kern.CPU, l kern.Addr) { kern.BitSpinLock(c, l, 3) }, func(c *kern.CPU, l kern.Addr) { kern.BitSpinUnlock(c, l, 3) },
		func(c *kern.CPU, l kern.Addr) bool { return kern.BitSpinTrylock(c, l, 3) }, false},
}

// Who has a lock alone has it alone, by whatever way, and it orders what is done under it.
func TestLocksExclude(t *testing.T) {
	for name, l := range exclusives {
		for _, try := range []bool{false, true} {
			if try && l.try == nil {
				continue
			}
			inc := func(c *kern.CPU, g kern.Addr) {
				if try && !l.try(c, g) {
					return
				} else if !try {
					l.lock(c, g)
				}
				kern.Store(c, g+1, kern.Load(c, g+1)+1)
				l.unlock(c, g)
			}
			mo := small(name, func(_ *kern.Machine, g kern.Addr) []explore.Task {
				return tasks(func(c *kern.CPU) { inc(c, g) }, func(c *kern.CPU) { inc(c, g) })
			})
			everyWay(t, name, mo, kern.NoViolation)
		}
		everyWay(t, name, small(name, func(_ *kern.Machine, g kern.Addr) []explore.Task { // without it they do not
			return tasks(func(c *kern.CPU) { kern.Store(c, g+1, 1) }, func(c *kern.CPU) { l.lock(c, g); kern.Store(c, g+1, 2); l.unlock(c, g) })
		}), kern.DataRace)
	}
}

// Readers share, and keep a writer out.
func TestReadersShare(t *testing.T) {
	for name, l := range map[string][4]func(*kern.CPU, kern.Addr){
		"rwsem":  {kern.DownRead, kern.UpRead, kern.DownWrite, kern.UpWrite},
		"rwlock": {kern.ReadLock, kern.ReadUnlock, kern.WriteLock, kern.WriteUnlock},
	} {
		read := func(c *kern.CPU, g kern.Addr) {
			l[0](c, g)
			kern.WriteOnce(c, g+2, kern.Load(c, g+1))
			l[1](c, g)
		}
		everyWay(t, name, small(name, func(_ *kern.Machine, g kern.Addr) []explore.Task {
			return tasks(func(c *kern.CPU) { read(c, g) }, func(c *kern.CPU) { read(c, g) },
				func(c *kern.CPU) { l[2](c, g); kern.Store(c, g+1, 1); l[3](c, g) })
		}), kern.NoViolation)
		everyWay(t, name+" at once", small(name, func(_ *kern.Machine, g kern.Addr) []explore.Task {
			inside := func(c *kern.CPU) {
				l[0](c, g)
				n := kern.AtomicAddReturn(c, g+3, 1)
				kern.Assert(c, n != 2, "two readers are never inside at once")
				kern.AtomicAddReturn(c, g+3, ^uint32(0))
				l[1](c, g)
			}
			return tasks(inside, inside)
		}), kern.Assertion)
	}
}

// A writer that waits keeps new readers out, unless they have BH off or are in a softirq. So a task that reads twice may wait for
// the writer that waits for it.
func TestAWaitingWriterKeepsReadersOut(t *testing.T) {
	twice := func(c *kern.CPU, g kern.Addr) {
		kern.ReadLock(c, g)
		kern.WriteOnce(c, g+1, 1)
		kern.ReadLock(c, g)
		kern.ReadUnlock(c, g)
		kern.ReadUnlock(c, g)
	}
	write := func(c *kern.CPU, g kern.Addr) { kern.WriteLock(c, g); kern.WriteUnlock(c, g) }
	everyWay(t, "task", small("task", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) { twice(c, g) }, func(c *kern.CPU) { write(c, g) })
	}), kern.Deadlock)
	everyWay(t, "BH off", small("bh", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) { kern.LocalBHDisable(c); twice(c, g); kern.LocalBHEnable(c) }, func(c *kern.CPU) { write(c, g) })
	}), kern.NoViolation)
	everyWay(t, "softirq", small("softirq", func(m *kern.Machine, g kern.Addr) []explore.Task {
		fn := m.RegisterFunc("cb", func(c *kern.CPU, _ kern.Addr) { twice(c, g) })
		return tasks(func(c *kern.CPU) { kern.CallRCU(c, g+4, fn) }, func(c *kern.CPU) { kern.LocalBHDisable(c); write(c, g); kern.LocalBHEnable(c) })
	}), kern.NoViolation)
	everyWay(t, "no writer", small("alone", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) { twice(c, g) })
	}), kern.NoViolation)
}

// A lock that its holder takes again, that somebody else releases, that nobody holds, or that was freed.
func TestLocksMisused(t *testing.T) {
	for name, l := range exclusives {
		if name != "down_write" { // which does not know its holder
			everyWay(t, name+" twice", small("twice", func(_ *kern.Machine, g kern.Addr) []explore.Task {
				return tasks(func(c *kern.CPU) { l.lock(c, g); l.lock(c, g) })
			}), kern.SelfDeadlock)
			everyLaxWay(t, name+" of another", small("other", func(_ *kern.Machine, g kern.Addr) []explore.Task {
				return tasks(func(c *kern.CPU) { l.lock(c, g); kern.WriteOnce(c, g+1, 1) }, func(c *kern.CPU) {
					if kern.ReadOnce(c, g+1) == 1 {
						l.unlock(c, g)
					}
				})
			}), kern.LockMisuse)
		}
		everyWay(t, name+" of nobody", small("nobody", func(_ *kern.Machine, g kern.Addr) []explore.Task {
			return tasks(func(c *kern.CPU) { l.unlock(c, g) })
		}), kern.LockMisuse)
		freed := func(how string, f func(c *kern.CPU, o kern.Addr)) {
			everyLaxWay(t, name+" "+how, small("freed", func(m *kern.Machine, _ kern.Addr) []explore.Task {
				k := m.NewCache(kern.CacheConfig{Name: "obj", Words: 1})
				o := k.Alloc(m.CPU(0))
				return tasks(func(c *kern.CPU) { k.Free(c, o); f(c, o) })
			}), kern.UseAfterFree)
		}
		freed("taken", l.lock)
		freed("released", l.unlock)
		if l.try != nil {
			freed("tried", func(c *kern.CPU, o kern.Addr) { l.try(c, o) })
		}
		everyLaxWay(t, name+" held and freed", small("held", func(m *kern.Machine, _ kern.Addr) []explore.Task {
			k := m.NewCache(kern.CacheConfig{Name: "obj", Words: 1})
			o := k.Alloc(m.CPU(0))
			return tasks(func(c *kern.CPU) { l.lock(c, o); k.Free(c, o) })
		}), kern.UseAfterFree)
	}
}

// The lock of a page: locked by anyone, and locked by me. What waits for it does not take it.
func TestThePageLock(t *testing.T) {
	page := func(name string, want kern.Kind, fs ...func(c *kern.CPU, p kern.PFN, g kern.Addr)) {
		t.Helper()
		everyLaxWay(t, name, small(name, func(m *kern.Machine, g kern.Addr) []explore.Task {
			p := kern.AllocPages(m.CPU(0), 0, kern.GFPKernel)
			var bodies []func(c *kern.CPU)
			for _, f := range fs {
				bodies = append(bodies, func(c *kern.CPU) { f(c, p, g) })
			}
			return tasks(bodies...)
		}), want)
	}
	inc := func(c *kern.CPU, p kern.PFN, g kern.Addr) {
		kern.LockPage(c, p)
		kern.Assert(c, kern.PageLocked(c, p), "a page that is locked is")
		kern.Store(c, g, kern.Load(c, g)+1)
		kern.UnlockPage(c, p)
	}
	try := func(c *kern.CPU, p kern.PFN, g kern.Addr) {
		if kern.TrylockPage(c, p) {
			kern.Store(c, g, kern.Load(c, g)+1)
			kern.UnlockPage(c, p)
		}
	}
	page("exclude", kern.NoViolation, inc, inc)
	page("exclude and try", kern.NoViolation, inc, try)
	page("a flag beside it", kern.NoViolation, inc, func(c *kern.CPU, p kern.PFN, _ kern.Addr) {
		kern.AtomicFetchOr(c, p.Page()+kern.PageFlags, 1)
		kern.AtomicFetchAndNot(c, p.Page()+kern.PageFlags, 1)
	})
	locks := func(c *kern.CPU, p kern.PFN, g kern.Addr) { kern.LockPage(c, p); kern.WriteOnce(c, g, 1) }
	page("released by another", kern.LockMisuse, locks, func(c *kern.CPU, p kern.PFN, g kern.Addr) {
		if kern.ReadOnce(c, g) == 1 {
			kern.Assert(c, kern.PageLocked(c, p), "it is locked by somebody, which is all that VM_BUG_ON_PAGE asks")
			kern.UnlockPage(c, p)
		}
	})
	page("released by nobody", kern.LockMisuse, func(c *kern.CPU, p kern.PFN, _ kern.Addr) { kern.UnlockPage(c, p) })
	page("waits", kern.Assertion, inc, func(c *kern.CPU, p kern.PFN, g kern.Addr) {
		kern.WaitOnPageLocked(c, p)
		kern.Assert(c, !kern.PageLocked(c, p), "who waited has it")
	})
	page("waits for ever", kern.Deadlock, locks, func(c *kern.CPU, p kern.PFN, g kern.Addr) {
		if kern.ReadOnce(c, g) == 1 {
			kern.WaitOnPageLocked(c, p)
		}
	})
	page("waits for itself", kern.SelfDeadlock, func(c *kern.CPU, p kern.PFN, g kern.Addr) { locks(c, p, g); kern.WaitOnPageLocked(c, p) })
	page("freed while locked", kern.UseAfterFree, func(c *kern.CPU, p kern.PFN, g kern.Addr) { locks(c, p, g); kern.PutPage(c, p, 0) })
	page("locked when freed", kern.UseAfterFree, func(c *kern.CPU, p kern.PFN, g kern.Addr) { kern.PutPage(c, p, 0); kern.TrylockPage(c, p) })
	everyWay(t, "ends", small("ends", func(m *kern.Machine, _ kern.Addr) []explore.Task {
		p := kern.AllocPages(m.CPU(0), 0, kern.GFPKernel)
		return tasks(func(c *kern.CPU) { kern.TrylockPage(c, p) })
	}), kern.ContextImbalance)
}

// Two bits of a word are two locks.
func TestBitsAreLocksOfTheirOwn(t *testing.T) {
	everyWay(t, "abba", small("bits", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		both := func(first, second uint32) func(c *kern.CPU) {
			return func(c *kern.CPU) {
				kern.BitSpinLock(c, g, first)
				kern.BitSpinLock(c, g, second)
				kern.BitSpinUnlock(c, g, second)
				kern.BitSpinUnlock(c, g, first)
			}
		}
		return tasks(both(0, 1), both(1, 0))
	}), kern.Deadlock)
	everyWay(t, "other bit", small("bits", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) { kern.BitSpinLock(c, g, 0); kern.BitSpinUnlock(c, g, 1) })
	}), kern.LockMisuse)
}

// A local lock keeps the tasks of its CPU off, and no softirq: that finds it held. Another CPU has no business with it.
func TestLocalLocks(t *testing.T) {
	inc := func(c *kern.CPU, g kern.Addr) {
		kern.LocalLock(c, g)
		kern.Store(c, g+1, kern.Load(c, g+1)+1)
		kern.LocalUnlock(c, g)
	}
	mo := small("local", func(m *kern.Machine, g kern.Addr) []explore.Task {
		fn := m.RegisterFunc("cb", func(c *kern.CPU, _ kern.Addr) { inc(c, g) })
		return tasks(func(c *kern.CPU) { kern.CallRCU(c, g+4, fn); inc(c, g) })
	})
	for softirqs, want := range map[int]kern.Kind{explore.SoftirqsOnCPU: kern.SoftirqDeadlock, 1: kern.LockMisuse} {
		opt := explore.Defaults()
		opt.Softirqs, opt.Grace = softirqs, explore.GraceAny
		r, err := explore.Shortest(mo, opt, want)
		require.NoError(t, err)
		assert.Equal(t, explore.Violated, r.Verdict, "softirqs %d", softirqs)
	}
	everyWay(t, "twice", small("twice", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) { kern.LocalLock(c, g); kern.LocalLock(c, g) })
	}), kern.SelfDeadlock)
	everyWay(t, "sleeps", small("sleeps", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) { kern.LocalLock(c, g); kern.MightSleep(c) })
	}), kern.SleepInAtomic)
	everyWay(t, "alone", small("alone", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		return tasks(func(c *kern.CPU) { inc(c, g); inc(c, g) })
	}), kern.NoViolation)
}

// A deadlock says what each waits for, and how that is held.
func TestDeadlockNamesLocksOfEveryKind(t *testing.T) {
	// in takes the locks at these places, one after the other, and then releases them.
	in := func(lock, unlock func(*kern.CPU, kern.Addr), places ...kern.Addr) func(c *kern.CPU, g kern.Addr) {
		return func(c *kern.CPU, g kern.Addr) {
			for _, p := range places {
				lock(c, g+p)
			}
			for _, p := range places {
				unlock(c, g+p)
			}
		}
	}
	for name, c := range map[string]struct {
		a, b func(c *kern.CPU, g kern.Addr)
		want string
	}{
		"mutexes": {in(kern.MutexLock, kern.MutexUnlock, 0, 1), in(kern.MutexLock, kern.MutexUnlock, 1, 0),
			"A waits to mutex_lock Y, which B holds; B waits to mutex_lock X, which A holds"},
		"a waiter": {in(kern.ReadLock, kern.ReadUnlock, 0, 0), in(kern.WriteLock, kern.WriteUnlock, 0),
			"A waits to read_lock X, which A holds as a reader; B waits to write_lock X, which A holds as a reader"},
		"two writers": {in(kern.WriteLock, kern.WriteUnlock, 0, 1), in(kern.WriteLock, kern.WriteUnlock, 1, 0),
			"A waits to write_lock Y, which B holds as a writer; B waits to write_lock X, which A holds as a writer"},
	} {
		var at kern.Addr
		mo := small(name, func(_ *kern.Machine, g kern.Addr) []explore.Task {
			at = g
			return tasks(func(cpu *kern.CPU) { c.a(cpu, g) }, func(cpu *kern.CPU) { c.b(cpu, g) })
		})
		r, err := explore.Shortest(mo, explore.Defaults(), kern.Deadlock)
		require.NoError(t, err)
		require.NotNil(t, r.Violation, name)
		assert.Equal(t, c.want, strings.NewReplacer(word(at), "X", word(at+1), "Y").Replace(r.Violation.Detail), name)
	}
}
