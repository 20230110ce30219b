package shrinker

import "ptsim/kern"

// rwsem is v6.6, which is also the base of the series: shrinker_rwsem is held by who walks, and by who registers or unregisters. So
// nobody is in a callback once unregister_shrinker() has the semaphore. That is WAIT, with a lock. What it costs is why the series
// was written: a walker that sleeps in a callback keeps everybody out who mounts or unmounts.
type rwsem struct{ *System }

func (v rwsem) lock(c *kern.CPU)                  { kern.DownWrite(c, v.rwsem) }
func (v rwsem) unlock(c *kern.CPU)                { kern.UpWrite(c, v.rwsem) }
func (v rwsem) register(c *kern.CPU, sh Shrinker) { v.RegisterShrinkerPrepared(c, sh) }
func (v rwsem) shrink(c *kern.CPU) uint32         { return v.ShrinkSlab(c) }
func (v rwsem) shrinkMemcg(c *kern.CPU) uint32    { return v.ShrinkSlabMemcg(c) }

// free unregisters. The shrinker is part of its owner in v6.6, and goes with it.
func (v rwsem) free(c *kern.CPU, sh Shrinker) {
	v.UnregisterShrinker(c, sh)
	v.shrinkers.Free(c, kern.Addr(sh))
}

// RegisterShrinkerPrepared is register_shrinker_prepared() of v6.6.
func (v rwsem) RegisterShrinkerPrepared(c *kern.CPU, sh Shrinker) {
	kern.DownWrite(c, v.rwsem)
	kern.ListAddTail(c, sh.list(), v.list)
	v.set(c, kern.Addr(sh)+shFlags, v.get(c, kern.Addr(sh)+shFlags)|Registered)
	kern.UpWrite(c, v.rwsem)
}

// UnregisterShrinker is unregister_shrinker() of v6.6.
func (v rwsem) UnregisterShrinker(c *kern.CPU, sh Shrinker) {
	if v.get(c, kern.Addr(sh)+shFlags)&Registered == 0 {
		return
	}
	kern.DownWrite(c, v.rwsem)
	kern.ListDel(c, sh.list())
	flags := v.get(c, kern.Addr(sh)+shFlags) &^ Registered
	v.set(c, kern.Addr(sh)+shFlags, flags)
	if flags&MemcgAware != 0 {
		v.ShrinkerMemcgRemove(c, sh) // unregister_memcg_shrinker()
	}
	kern.UpWrite(c, v.rwsem)
	if flags&MemcgAware == 0 {
		v.deferred.Free(c, kern.Addr(kern.Load(c, kern.Addr(sh)+shDeferred)))
		kern.Store(c, kern.Addr(sh)+shDeferred, 0)
	}
}

// ShrinkSlab is shrink_slab() of v6.6. Who does not get the semaphore at once gives up. That a walker also gives up when somebody
// waits for it is not modelled: semaphores have no queue here.
func (v rwsem) ShrinkSlab(c *kern.CPU) uint32 {
	freed := uint32(0)
	if !kern.DownReadTrylock(c, v.rwsem) {
		return 0
	}
	for node := kern.Addr(kern.Load(c, v.list)); node != v.list; node = kern.Addr(kern.Load(c, node)) {
		ret := v.DoShrinkSlab(c, shrinkerOf(node))
		if ret == shrinkEmpty {
			ret = 0
		}
		freed += ret
	}
	kern.UpRead(c, v.rwsem)
	return freed
}

// ShrinkSlabMemcg is shrink_slab_memcg() of v6.6.
func (v rwsem) ShrinkSlabMemcg(c *kern.CPU) uint32 {
	freed := uint32(0)
	if !kern.DownReadTrylock(c, v.rwsem) {
		return 0
	}
	for id := range kern.Addr(MaxIDs) {
		if !kern.TestBit(c, v.bits, uint(id)) {
			continue
		}
		sh := v.IDRFind(c, id)
		if sh == 0 || v.get(c, kern.Addr(sh)+shFlags)&Registered == 0 {
			if sh == 0 {
				kern.ClearBit(c, v.bits, uint(id))
			}
			continue
		}
		if v.kmemOff(c, sh) {
			continue
		}
		freed += v.doShrinkMemcg(c, sh, id)
	}
	kern.UpRead(c, v.rwsem)
	return freed
}
