package shrinker

import "ptsim/kern"

// v1 is the first version of the series, of 22 June 2023: a reference count and RCU, with a completion that
// unregister_shrinker() waits for. Its patch 25/29 leaves the reader in shrink_slab_memcg() and goes on to the next shrinker when
// kmem is off: without a put, and without rcu_read_lock.
type v1 struct{ *System }

func (v v1) lock(c *kern.CPU)                  { kern.MutexLock(c, v.mutex) }
func (v v1) unlock(c *kern.CPU)                { kern.MutexUnlock(c, v.mutex) }
func (v v1) register(c *kern.CPU, sh Shrinker) { v.RegisterShrinkerPrepared(c, sh) }
func (v v1) free(c *kern.CPU, sh Shrinker)     { v.UnregisterAndFreeShrinker(c, sh) }
func (v v1) shrink(c *kern.CPU) uint32         { return v.ShrinkSlab(c) }
func (v v1) shrinkMemcg(c *kern.CPU) uint32    { return v.ShrinkSlabMemcg(c) }

// ShrinkerTryGet is shrinker_try_get() of v1: nothing but the count says whether the shrinker may be used.
func (v v1) ShrinkerTryGet(c *kern.CPU, sh Shrinker) bool {
	return kern.RefcountIncNotZero(c, sh.refcount())
}

// ShrinkerPut is shrinker_put() of v1.
func (v v1) ShrinkerPut(c *kern.CPU, sh Shrinker) {
	if kern.RefcountDecAndTest(c, sh.refcount()) {
		kern.Complete(c, sh.done())
	}
}

// RegisterShrinkerPrepared is register_shrinker_prepared() of v1: the count is set before walkers can meet the shrinker.
func (v v1) RegisterShrinkerPrepared(c *kern.CPU, sh Shrinker) {
	kern.MutexLock(c, v.mutex)
	kern.RefcountSet(c, sh.refcount(), 1)
	kern.InitCompletion(c, sh.done())
	kern.ListAddTailRCU(c, sh.list(), v.list)
	v.flags(c, sh, v.get(c, kern.Addr(sh)+shFlags)|Registered)
	kern.MutexUnlock(c, v.mutex)
}

// flags writes the flags, which walkers look at without a reference. In the mail that is plain, and a data race.
func (v v1) flags(c *kern.CPU, sh Shrinker, f uint32) { kern.WriteOnce(c, kern.Addr(sh)+shFlags, f) }

// UnregisterAndFreeShrinker is unregister_and_free_shrinker() of v1.
func (v v1) UnregisterAndFreeShrinker(c *kern.CPU, sh Shrinker) {
	v.UnregisterShrinker(c, sh)
	kern.CallRCU(c, sh.rcu(), v.freeRCU) // kfree_rcu()
}

// UnregisterShrinker is unregister_shrinker() of v1. "Should this function wait for RCU grace period(s) before it goes touching
// shrinker fields?" (Sergey Senozhatsky, 23 June 2023): its own reference was the last, and the object itself waits for one.
func (v v1) UnregisterShrinker(c *kern.CPU, sh Shrinker) {
	flags := kern.ReadOnce(c, kern.Addr(sh)+shFlags)
	if flags&Registered == 0 {
		return
	}
	v.ShrinkerPut(c, sh)
	kern.WaitForCompletion(c, sh.done())

	kern.MutexLock(c, v.mutex)
	kern.ListDelRCU(c, sh.list())
	v.flags(c, sh, flags&^Registered)
	if flags&MemcgAware != 0 {
		v.ShrinkerMemcgRemove(c, sh) // unregister_memcg_shrinker()
	}
	kern.MutexUnlock(c, v.mutex)
	if flags&MemcgAware == 0 {
		v.deferred.Free(c, kern.Addr(kern.Load(c, kern.Addr(sh)+shDeferred)))
		kern.Store(c, kern.Addr(sh)+shDeferred, 0)
	}
}

// ShrinkSlab is shrink_slab() of v1.
func (v v1) ShrinkSlab(c *kern.CPU) uint32 {
	freed := uint32(0)
	kern.RCUReadLock(c)
	for node := kern.ListNextRCU(c, v.list); node != v.list; node = kern.ListNextRCU(c, node) {
		sh := shrinkerOf(node)
		v.pause(c, false)
		if !v.ShrinkerTryGet(c, sh) {
			continue
		}
		kern.RCUReadUnlock(c)

		ret := v.DoShrinkSlab(c, sh)
		if ret == shrinkEmpty {
			ret = 0
		}
		freed += ret

		kern.RCUReadLock(c)
		v.ShrinkerPut(c, sh)
	}
	kern.RCUReadUnlock(c)
	return freed
}

// ShrinkSlabMemcg is shrink_slab_memcg() of v1's patch 25/29. It begins again after each shrinker.
func (v v1) ShrinkSlabMemcg(c *kern.CPU) uint32 {
	freed, id := uint32(0), kern.Addr(0)
again:
	kern.RCUReadLock(c)
	for ; id < MaxIDs; id++ {
		if !kern.TestBit(c, v.bits, uint(id)) {
			continue
		}
		sh := v.IDRFind(c, id)
		if sh == 0 || kern.ReadOnce(c, kern.Addr(sh)+shFlags)&Registered == 0 {
			if sh == 0 {
				kern.ClearBit(c, v.bits, uint(id))
			}
			continue
		}
		if !v.ShrinkerTryGet(c, sh) {
			continue
		}
		kern.RCUReadUnlock(c)
		if v.kmemOff(c, sh) {
			continue // with the reference, and outside the reader
		}
		freed += v.doShrinkMemcg(c, sh, id)
		v.ShrinkerPut(c, sh)
		id++
		goto again
	}
	kern.RCUReadUnlock(c)
	return freed
}
