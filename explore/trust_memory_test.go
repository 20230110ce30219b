package explore_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
)

// A pointer that leads nowhere is a violation where it is followed, by whatever primitive, and never a panic.
func TestPointersToNowhere(t *testing.T) {
	follow := map[string]func(c *kern.CPU, a kern.Addr){
		"read": func(c *kern.CPU, a kern.Addr) { kern.ReadOnce(c, a) }, "load": func(c *kern.CPU, a kern.Addr) { kern.Load(c, a) },
		"store": func(c *kern.CPU, a kern.Addr) { kern.Store(c, a, 1) }, "add": func(c *kern.CPU, a kern.Addr) { kern.AtomicInc(c, a) },
		"spin_lock": kern.SpinLock, "mutex_lock": kern.MutexLock, "down_read": kern.DownRead, "complete": kern.Complete,
		"wait": kern.WaitForCompletion, "refcount_inc": kern.RefcountInc, "list_del": kern.ListDel,
		"list_add": func(c *kern.CPU, a kern.Addr) { kern.ListAdd(c, a, a+8) },
		"call_rcu": func(c *kern.CPU, a kern.Addr) { kern.CallRCU(c, a, 0) },
		"spin": func(c *kern.CPU, a kern.Addr) {
			for kern.ReadOnce(c, a) != 77 {
			}
		},
	}
	for name, f := range follow {
		for at, want := range map[kern.Addr]kern.Kind{
			0: kern.NullDeref, 5: kern.NullDeref, 0x123456: kern.WildPointer, 0xEFFFFF00: kern.WildPointer, kern.ListPoison1: kern.WildPointer,
			kern.FreePoison: kern.WildPointer, kern.UninitPoison: kern.WildPointer,
		} {
			mo := small("nowhere", func(_ *kern.Machine, g kern.Addr) []explore.Task {
				return tasks(func(c *kern.CPU) { kern.Store(c, g, uint32(at)); f(c, kern.Addr(kern.Load(c, g))) })
			})
			for _, plain := range []bool{false, true} {
				opt := explore.Defaults()
				opt.Plain = plain
				r, err := explore.Exhaustive(mo, opt)
				require.NoError(t, err)
				if assert.Equal(t, explore.Violated, r.Verdict, "%s at %#x", name, uint32(at)) {
					assert.Equal(t, want, r.Violation.Kind, "%s at %#x: %s", name, uint32(at), r.Violation.Sentence())
				}
				tr, err := explore.Replay(mo, opt, r.Schedule, nil)
				require.NoError(t, err)
				assert.Equal(t, want, tr.Violation.Kind)
			}
		}
	}
}

// What kmalloc gives must be written before it is read; what kzalloc gives reads zero.
func TestWordsThatNobodyWrote(t *testing.T) {
	with := func(name string, do func(c *kern.CPU, k kern.Cache), want kern.Kind) {
		everyWay(t, name, small(name, func(m *kern.Machine, _ kern.Addr) []explore.Task {
			k := m.NewCache(kern.CacheConfig{Name: "obj", Words: 3})
			return tasks(func(c *kern.CPU) { do(c, k) })
		}), want)
	}
	with("kmalloc, and a read", func(c *kern.CPU, k kern.Cache) { kern.Load(c, k.Kmalloc(c)+2) }, kern.UninitRead)
	with("kmalloc, and an atomic", func(c *kern.CPU, k kern.Cache) { kern.AtomicInc(c, k.Kmalloc(c)) }, kern.UninitRead)
	with("kmalloc, and a lock", func(c *kern.CPU, k kern.Cache) { kern.SpinLock(c, k.Kmalloc(c)) }, kern.UninitRead)
	with("kmalloc, and a count", func(c *kern.CPU, k kern.Cache) { kern.RefcountInc(c, k.Kmalloc(c)) }, kern.UninitRead)
	with("kmalloc, written", func(c *kern.CPU, k kern.Cache) {
		a := k.Kmalloc(c)
		kern.Store(c, a+2, 4)
		kern.Assert(c, kern.Load(c, a+2) == 4, "it is what was written")
		k.Free(c, a)
	}, kern.NoViolation)
	with("kmalloc, freed twice", func(c *kern.CPU, k kern.Cache) { a := k.Kmalloc(c); k.Free(c, a); k.Free(c, a) }, kern.DoubleFree)
	with("kmalloc, used late", func(c *kern.CPU, k kern.Cache) { a := k.Kmalloc(c); k.Free(c, a); kern.Store(c, a, 1) }, kern.UseAfterFree)
	with("kzalloc", func(c *kern.CPU, k kern.Cache) { kern.Assert(c, kern.Load(c, k.Alloc(c)) == 0, "it is zero") }, kern.NoViolation)
	everyWay(t, "published too early", small("publish", func(m *kern.Machine, g kern.Addr) []explore.Task {
		k := m.NewCache(kern.CacheConfig{Name: "obj", Words: 1})
		return tasks(func(c *kern.CPU) { a := k.Kmalloc(c); kern.SmpStoreRelease(c, g, uint32(a)); kern.WriteOnce(c, a, 1) }, func(c *kern.CPU) {
			if a := kern.RCUDereference(c, g); a != 0 {
				kern.ReadOnce(c, a)
			}
		})
	}), kern.UninitRead)
}

// Who destroys a slab cache waits for the callbacks that free into it: rcu_barrier does, and synchronize_rcu does not.
func TestDestroyedCaches(t *testing.T) {
	wait := map[string]struct {
		f    func(c *kern.CPU)
		want kern.Kind
	}{"nothing": {func(*kern.CPU) {}, kern.CacheBusy}, "synchronize_rcu": {kern.SynchronizeRCU, kern.CacheBusy}, "rcu_barrier": {kern.RCUBarrier, kern.NoViolation}}
	doomed := kern.CacheConfig{Name: "doomed", Words: 3, Destroyable: true}
	for name, w := range wait {
		everyWay(t, name, small(name, func(m *kern.Machine, _ kern.Addr) []explore.Task {
			k := m.NewCache(doomed)
			free := m.RegisterFunc("free", func(c *kern.CPU, a kern.Addr) { k.Free(c, a) })
			return tasks(func(c *kern.CPU) { kern.CallRCU(c, k.Alloc(c), free); w.f(c); k.Destroy(c) })
		}), w.want)
	}
	everyWay(t, "told too early", small("early", func(m *kern.Machine, g kern.Addr) []explore.Task { // the free does not move
		k := m.NewCache(doomed)
		a := k.Alloc(m.CPU(0))
		return tasks(func(c *kern.CPU) { kern.Complete(c, g); k.Free(c, a) }, func(c *kern.CPU) { kern.WaitForCompletion(c, g); k.Destroy(c) })
	}), kern.CacheBusy)
	everyWay(t, "told in time", small("time", func(m *kern.Machine, g kern.Addr) []explore.Task {
		k := m.NewCache(doomed)
		a := k.Alloc(m.CPU(0))
		return tasks(func(c *kern.CPU) { k.Free(c, a); kern.Complete(c, g) }, func(c *kern.CPU) { kern.WaitForCompletion(c, g); k.Destroy(c) })
	}), kern.NoViolation)
	late := func(name string, do func(c *kern.CPU, k kern.Cache, a kern.Addr)) {
		everyWay(t, name, small(name, func(m *kern.Machine, _ kern.Addr) []explore.Task {
			k := m.NewCache(doomed)
			return tasks(func(c *kern.CPU) { a := k.Alloc(c); k.Free(c, a); k.Destroy(c); do(c, k, a) })
		}), kern.CacheDestroyed)
	}
	late("allocated from", func(c *kern.CPU, k kern.Cache, _ kern.Addr) { k.Alloc(c) })
	late("freed into", func(c *kern.CPU, k kern.Cache, a kern.Addr) { k.Free(c, a) })
	late("destroyed again", func(c *kern.CPU, k kern.Cache, _ kern.Addr) { k.Destroy(c) })
	everyWay(t, "in a reader", small("reader", func(m *kern.Machine, _ kern.Addr) []explore.Task {
		k := m.NewCache(doomed)
		return tasks(func(c *kern.CPU) { kern.RCUReadLock(c); k.Destroy(c); kern.RCUReadUnlock(c) })
	}), kern.SleepInAtomic)
	_, err := explore.Exhaustive(small("not", func(m *kern.Machine, _ kern.Addr) []explore.Task {
		k := m.NewCache(kern.CacheConfig{Name: "kept", Words: 3})
		return tasks(func(c *kern.CPU) { k.Destroy(c) })
	}), explore.Defaults())
	assert.ErrorContains(t, err, "expected CacheConfig.Destroyable")
}

// A type-stable cache may go while the grace period of a free runs: its memory stays until that is over, and not longer. An object in
// use keeps it from going.
func TestDestroyedTypeStableCaches(t *testing.T) {
	const data, head = 0, 1
	model := func(name string, reader func(c *kern.CPU, read func()), owner func(c *kern.CPU, k kern.Cache, p kern.Addr)) *explore.Model {
		return small(name, func(m *kern.Machine, g kern.Addr) []explore.Task {
			k := m.NewCache(kern.CacheConfig{Name: "doomed", Words: head + kern.TypesafeWords, TypesafeByRCU: true, RCUHead: head, Destroyable: true})
			p := k.Alloc(m.CPU(0))
			kern.WriteOnce(m.CPU(0), g, uint32(p))
			return tasks(func(c *kern.CPU) {
				reader(c, func() {
					if p := kern.RCUDereference(c, g); p != 0 {
						kern.ReadOnce(c, p+data)
					}
				})
			}, func(c *kern.CPU) {
				kern.WriteOnce(c, g, 0)
				owner(c, k, p)
			})
		})
	}
	inside := func(c *kern.CPU, read func()) { kern.RCUReadLock(c); read(); kern.RCUReadUnlock(c) }
	outside := func(_ *kern.CPU, read func()) { read() }
	gone := func(c *kern.CPU, k kern.Cache, p kern.Addr) { k.Free(c, p); k.Destroy(c) }
	for name, way := range map[string]struct {
		reader func(c *kern.CPU, read func())
		owner  func(c *kern.CPU, k kern.Cache, p kern.Addr)
		want   kern.Kind
	}{
		"in a reader":      {inside, gone, kern.NoViolation},
		"in no reader":     {outside, gone, kern.UseAfterFree},
		"in use":           {inside, func(c *kern.CPU, k kern.Cache, _ kern.Addr) { k.Destroy(c) }, kern.CacheBusy},
		"allocated from":   {inside, func(c *kern.CPU, k kern.Cache, p kern.Addr) { gone(c, k, p); k.Alloc(c) }, kern.CacheDestroyed},
		"freed into again": {inside, func(c *kern.CPU, k kern.Cache, p kern.Addr) { gone(c, k, p); k.Free(c, p) }, kern.CacheDestroyed},
		"behind a grace period": {inside, func(c *kern.CPU, k kern.Cache, p kern.Addr) { k.Free(c, p); kern.SynchronizeRCU(c); k.Destroy(c) },
			kern.NoViolation},
	} {
		everyWay(t, name, model(name, way.reader, way.owner), way.want)
	}
}

// A struct page stays one while its page is freed and serves another. Who looks a page up without a lock takes a speculative
// reference, and then must look again whether it is still the page that was meant: folio_try_get() and what follows it.
func TestSpeculativeReferenceToAPageReused(t *testing.T) {
	const mine, others = 1, 2
	for _, tt := range []struct {
		name           string
		reuse, recheck bool
		want           kern.Kind
	}{
		{"not handed out again", false, false, kern.NoViolation},
		{"handed out again, and not looked at again", true, false, kern.Assertion},
		{"handed out again", true, true, kern.NoViolation},
	} {
		mo := small(tt.name, func(m *kern.Machine, g kern.Addr) []explore.Task {
			p := kern.AllocPages(m.CPU(0), 0, kern.GFPKernel)
			m.Poke(p.Page()+kern.PagePrivate, mine)
			m.Poke(g, uint32(p))
			return tasks(func(c *kern.CPU) { // it goes out of the page cache, and another page comes
				kern.WriteOnce(c, g, 0)
				kern.PutPage(c, p, 0)
				if q := kern.AllocPages(c, 0, kern.GFPNowait); q != 0 {
					kern.WriteOnce(c, q.Page()+kern.PagePrivate, others)
				}
			}, func(c *kern.CPU) {
				q := kern.PFN(kern.ReadOnce(c, g))
				if q == 0 || !kern.GetPageUnlessZero(c, q) {
					return
				}
				if !tt.recheck || kern.ReadOnce(c, g) == uint32(q) {
					kern.Assert(c, kern.ReadOnce(c, q.Page()+kern.PagePrivate) == mine, "it is the page that was meant")
				}
				kern.PutPage(c, q, 0)
			})
		})
		build := mo.Build
		mo.Build = func(cpus int, s kern.Scheduler) *explore.Instance {
			in := build(cpus, s)
			in.ReusesFrames = tt.reuse
			return in
		}
		everyWay(t, tt.name, mo, tt.want)
	}
}
