package shrinker

import "ptsim/kern"

// merged is v6.7, what was merged on 4 October 2023: RCU keeps a shrinker while a walker tries to get a reference (PIN), the
// reference keeps it while the callback sleeps (PIN), and shrinker_free() waits for the last reference before it unlinks anything,
// so that the owner may free what the callbacks use (WAIT).
type merged struct{ *System }

func (v merged) lock(c *kern.CPU)                  { kern.MutexLock(c, v.mutex) }
func (v merged) unlock(c *kern.CPU)                { kern.MutexUnlock(c, v.mutex) }
func (v merged) register(c *kern.CPU, sh Shrinker) { v.ShrinkerRegister(c, sh) }
func (v merged) free(c *kern.CPU, sh Shrinker)     { v.ShrinkerFree(c, sh) }
func (v merged) shrink(c *kern.CPU) uint32         { return v.ShrinkSlab(c) }
func (v merged) shrinkMemcg(c *kern.CPU) uint32    { return v.ShrinkSlabMemcg(c) }

// ShrinkerTryGet is shrinker_try_get() of v6.7. The caller is inside rcu_read_lock.
func (v merged) ShrinkerTryGet(c *kern.CPU, sh Shrinker) bool {
	return kern.RefcountIncNotZero(c, sh.refcount())
}

// ShrinkerPut is shrinker_put() of v6.7. From the last on nobody gets a reference any more.
func (v merged) ShrinkerPut(c *kern.CPU, sh Shrinker) {
	if kern.RefcountDecAndTest(c, sh.refcount()) {
		kern.Complete(c, sh.done())
	}
}

// ShrinkerRegister is shrinker_register() of v6.7: the count comes last. A walker that meets the shrinker before gets no reference.
func (v merged) ShrinkerRegister(c *kern.CPU, sh Shrinker) {
	v.link(c, sh)
	kern.InitCompletion(c, sh.done())
	kern.RefcountSet(c, sh.refcount(), 1)
}

// link puts a shrinker on shrinker_list.
func (v merged) link(c *kern.CPU, sh Shrinker) {
	kern.MutexLock(c, v.mutex)
	kern.ListAddTailRCU(c, sh.list(), v.list)
	v.set(c, kern.Addr(sh)+shFlags, v.get(c, kern.Addr(sh)+shFlags)|Registered)
	kern.MutexUnlock(c, v.mutex)
}

// ShrinkerFree is shrinker_free() of v6.7. When it returns no callback of the shrinker runs, or will run.
func (v merged) ShrinkerFree(c *kern.CPU, sh Shrinker) {
	v.ShrinkerPut(c, sh) // the initial reference
	kern.WaitForCompletion(c, sh.done())
	v.unlink(c, sh)
	kern.CallRCU(c, sh.rcu(), v.freeRCU)
}

// unlink takes a shrinker off shrinker_list and out of shrinker_idr.
func (v merged) unlink(c *kern.CPU, sh Shrinker) {
	kern.MutexLock(c, v.mutex)
	kern.ListDelRCU(c, sh.list())
	flags := v.get(c, kern.Addr(sh)+shFlags) &^ Registered
	v.set(c, kern.Addr(sh)+shFlags, flags)
	if flags&MemcgAware != 0 {
		v.ShrinkerMemcgRemove(c, sh)
	}
	kern.MutexUnlock(c, v.mutex)
}

// ShrinkerFreeRCUCb is shrinker_free_rcu_cb() of v6.7, and what kfree_rcu() comes to in v1 and v2.
func (s *System) ShrinkerFreeRCUCb(c *kern.CPU, head kern.Addr) {
	sh := Shrinker(head - shRCU)
	if s.ownsDeferred() && kern.Load(c, kern.Addr(sh)+shFlags)&MemcgAware == 0 {
		s.deferred.Free(c, kern.Addr(kern.Load(c, kern.Addr(sh)+shDeferred)))
	}
	s.shrinkers.Free(c, kern.Addr(sh))
}

// ShrinkSlab is shrink_slab() of v6.7. The reader is left while the callback runs, which may sleep, and entered again before the
// put: after it the shrinker may be unlinked, and the walker still needs its next.
func (v merged) ShrinkSlab(c *kern.CPU) uint32 {
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

// ShrinkSlabMemcg is shrink_slab_memcg() of v6.7. The put is outside the reader: who walks a map does not need the shrinker to
// find the next. When kmem is off the reference is never put, see kmemPut.
func (v merged) ShrinkSlabMemcg(c *kern.CPU) uint32 {
	freed := uint32(0)
	for id := range kern.Addr(MaxIDs) {
		if !kern.TestBit(c, v.bits, uint(id)) {
			continue
		}
		kern.RCUReadLock(c)
		sh := v.IDRFind(c, id)
		if sh == 0 || !v.ShrinkerTryGet(c, sh) {
			kern.ClearBit(c, v.bits, uint(id))
			kern.RCUReadUnlock(c)
			continue
		}
		kern.RCUReadUnlock(c)
		if v.kmemOff(c, sh) {
			continue
		}
		freed += v.doShrinkMemcg(c, sh, id)
		v.ShrinkerPut(c, sh)
	}
	return freed
}
