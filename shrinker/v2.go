package shrinker

import "ptsim/kern"

// v2 is the second version, of 24 July 2023 (patches 44/47 and 45/47). Who puts the last reference unlinks the shrinker and frees
// it, and shrinker_unregister() waits for nobody. "Urk, no", said Dave Chinner: "we do not want to free the superblock of a
// filesystem whilst the shrinker is still running". The flag registered does not help: it is looked at before the callback runs, and
// keeps nobody from being in it.
//
// If it is the owner who leaves it to that last put to free the super_block as well (H1d), nobody touches what is not theirs: DON'T,
// of the four answers. In a kernel that costs a work item, since the put may not sleep, and an umount that returns with the super_block in
// use.
type v2 struct {
	*System
	owner bool
}

func (v v2) lock(c *kern.CPU)                  { kern.DownWrite(c, v.rwsem) }
func (v v2) unlock(c *kern.CPU)                { kern.UpWrite(c, v.rwsem) }
func (v v2) register(c *kern.CPU, sh Shrinker) { v.ShrinkerRegister(c, sh) }
func (v v2) free(c *kern.CPU, sh Shrinker)     { v.ShrinkerUnregister(c, sh) }
func (v v2) shrink(c *kern.CPU) uint32         { return v.ShrinkSlab(c) }
func (v v2) shrinkMemcg(c *kern.CPU) uint32    { return v.ShrinkSlabMemcg(c) }

// ShrinkerTryGet is shrinker_try_get() of v2.
func (v v2) ShrinkerTryGet(c *kern.CPU, sh Shrinker) bool {
	return kern.ReadOnce(c, kern.Addr(sh)+shRegistered) != 0 && kern.RefcountIncNotZero(c, sh.refcount())
}

// ShrinkerPut is shrinker_put() of v2. It is called inside rcu_read_lock, where no lock may be taken that sleeps: hence
// shrinker_lock, a spin lock.
func (v v2) ShrinkerPut(c *kern.CPU, sh Shrinker) {
	if kern.RefcountDecAndTest(c, sh.refcount()) {
		kern.SpinLock(c, v.System.lock)
		kern.ListDelRCU(c, sh.list())
		kern.SpinUnlock(c, v.System.lock)
		if v.get(c, kern.Addr(sh)+shFlags)&MemcgAware == 0 {
			v.deferred.Free(c, kern.Addr(v.get(c, kern.Addr(sh)+shDeferred)))
		}
		if v.owner {
			v.supers.Free(c, kern.Addr(v.get(c, kern.Addr(sh)+shPrivate)))
		}
		kern.CallRCU(c, sh.rcu(), v.freeRCU) // kfree_rcu()
	}
}

// ShrinkerRegister is shrinker_register() of v2.
func (v v2) ShrinkerRegister(c *kern.CPU, sh Shrinker) {
	kern.RefcountSet(c, sh.refcount(), 1)
	kern.SpinLock(c, v.System.lock)
	kern.ListAddTailRCU(c, sh.list(), v.list)
	kern.SpinUnlock(c, v.System.lock)
	kern.WriteOnce(c, kern.Addr(sh)+shRegistered, 1)
}

// ShrinkerUnregister is shrinker_unregister() of v2.
func (v v2) ShrinkerUnregister(c *kern.CPU, sh Shrinker) {
	if kern.ReadOnce(c, kern.Addr(sh)+shRegistered) == 0 {
		return
	}
	kern.WriteOnce(c, kern.Addr(sh)+shRegistered, 0)
	kern.DownWrite(c, v.rwsem)
	if v.get(c, kern.Addr(sh)+shFlags)&MemcgAware != 0 {
		v.ShrinkerMemcgRemove(c, sh)
	}
	kern.UpWrite(c, v.rwsem)
	v.ShrinkerPut(c, sh)
}

// ShrinkSlab is shrink_slab() of v2.
func (v v2) ShrinkSlab(c *kern.CPU) uint32 {
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

// ShrinkSlabMemcg is shrink_slab_memcg() of v2's patch 45/47.
func (v v2) ShrinkSlabMemcg(c *kern.CPU) uint32 {
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
