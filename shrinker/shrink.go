package shrinker

import "ptsim/kern"

// What all versions share: shrinker_alloc(), do_shrink_slab(), shrinker_idr and the map of a memcg.

// ShrinkerAlloc is shrinker_alloc() of v6.7: a shrinker whose words are zero but for its flags. A memcg-aware one gets its id, and
// so is in shrinker_idr before the caller has filled anything in. Before v6.7 prealloc_shrinker() does the same to a shrinker
// that is embedded in its owner; here all are objects of their own, which v6.6 frees with the owner. It returns 0 if all ids are taken.
func (s *System) ShrinkerAlloc(c *kern.CPU, flags uint32) Shrinker {
	sh := Shrinker(s.shrinkers.Alloc(c)) // kzalloc()
	s.set(c, kern.Addr(sh)+shFlags, flags)
	if flags&MemcgAware != 0 {
		if !s.ShrinkerMemcgAlloc(c, sh) {
			s.shrinkers.Free(c, kern.Addr(sh))
			return 0
		}
		return sh
	}
	s.set(c, kern.Addr(sh)+shDeferred, uint32(s.deferred.Alloc(c)))
	return sh
}

// ShrinkerMemcgAlloc is shrinker_memcg_alloc(), and prealloc_memcg_shrinker() before v6.7: idr_alloc() under the lock. It tells
// whether there was an id. The kernel makes the maps larger until there is; here they have room for MaxIDs.
func (s *System) ShrinkerMemcgAlloc(c *kern.CPU, sh Shrinker) bool {
	s.version.lock(c)
	id := kern.Addr(0)
	for id < MaxIDs && kern.ReadOnce(c, s.idr+id) != 0 {
		id++
	}
	if id == MaxIDs {
		s.version.unlock(c)
		return false
	}
	s.set(c, kern.Addr(sh)+shID, uint32(id))
	kern.RCUAssignPointer(c, s.idr+id, kern.Addr(sh))
	s.version.unlock(c)
	return true
}

// ShrinkerMemcgRemove is shrinker_memcg_remove(), and unregister_memcg_shrinker() before v6.7: idr_remove(). The caller holds the
// lock.
func (s *System) ShrinkerMemcgRemove(c *kern.CPU, sh Shrinker) {
	kern.RCUAssignPointer(c, s.idr+kern.Addr(s.get(c, kern.Addr(sh)+shID)), 0)
}

// IDRFind is idr_find(). The caller is inside rcu_read_lock, or holds the lock.
func (s *System) IDRFind(c *kern.CPU, id kern.Addr) Shrinker {
	return Shrinker(kern.RCUDereference(c, s.idr+id))
}

// DoShrinkSlab is do_shrink_slab(): it asks the shrinker how much could go, and has it free that. What is left to do is noted in
// nr_deferred. The caller keeps the shrinker and its owner alive, and it may sleep.
func (s *System) DoShrinkSlab(c *kern.CPU, sh Shrinker) uint32 {
	s.pause(c, true)
	freeable := s.call(c, sh, shCount)
	if freeable == 0 || freeable == shrinkEmpty {
		return freeable
	}
	nr := s.XchgNrDeferred(c, sh)
	total, freed := nr+freeable, uint32(0)
	for total >= freeable && total > 0 {
		ret := s.call(c, sh, shScan)
		if ret == shrinkStop {
			break
		}
		freed += ret
		total -= freeable
		kern.MightSleep(c) // cond_resched()
	}
	s.AddNrDeferred(c, sh, min(total, 2*freeable))
	return freed
}

// call calls a callback of a shrinker. One that is not set yet is a NULL pointer.
func (s *System) call(c *kern.CPU, sh Shrinker, word kern.Addr) uint32 {
	switch f := kern.Func(s.get(c, kern.Addr(sh)+word)); f {
	case s.count:
		return s.SuperCacheCount(c, sh)
	case s.scan:
		return s.SuperCacheScan(c, sh)
	case 0:
		c.Report(&kern.Violation{Kind: kern.NullDeref, Addr: kern.Addr(sh) + word, Detail: "calls a callback that is not set"})
	default: // natively; under an explorer the read itself was the violation
		c.Report(&kern.Violation{Kind: kern.UseAfterFree, Addr: kern.Addr(sh) + word, Detail: "calls a callback of freed %o"})
	}
	return 0
}

// deferredAt returns where nr_deferred of a shrinker is: its own, or the memcg's.
func (s *System) deferredAt(c *kern.CPU, sh Shrinker) kern.Addr {
	if s.get(c, kern.Addr(sh)+shFlags)&MemcgAware != 0 {
		return s.defers + kern.Addr(s.get(c, kern.Addr(sh)+shID))
	}
	return kern.Addr(s.get(c, kern.Addr(sh)+shDeferred))
}

// XchgNrDeferred is xchg_nr_deferred(): it takes what was deferred, so that nobody else does the same work.
func (s *System) XchgNrDeferred(c *kern.CPU, sh Shrinker) uint32 {
	return kern.Xchg(c, s.deferredAt(c, sh), 0)
}

// AddNrDeferred is add_nr_deferred(): it gives back what was not done.
func (s *System) AddNrDeferred(c *kern.CPU, sh Shrinker, nr uint32) {
	kern.AtomicAddReturn(c, s.deferredAt(c, sh), nr)
}

// SetShrinkerBit is set_shrinker_bit(): the memcg has objects that the shrinker of that id could free.
func (s *System) SetShrinkerBit(c *kern.CPU, id kern.Addr) {
	kern.RCUReadLock(c)
	kern.SmpMBBeforeAtomic(c) // pairs with smp_mb in shrink_slab_memcg()
	kern.SetBit(c, s.bits, uint(id))
	kern.RCUReadUnlock(c)
}

// doShrinkMemcg is the middle of shrink_slab_memcg(): it shrinks, and clears the bit of a shrinker that says that it is empty, unless
// it is no more when it is asked again.
func (s *System) doShrinkMemcg(c *kern.CPU, sh Shrinker, id kern.Addr) uint32 {
	ret := s.DoShrinkSlab(c, sh)
	if ret == shrinkEmpty {
		kern.ClearBit(c, s.bits, uint(id))
		kern.SmpMBAfterAtomic(c) // pairs with set_shrinker_bit()
		ret = s.DoShrinkSlab(c, sh)
		if ret == shrinkEmpty {
			return 0
		}
		s.SetShrinkerBit(c, id)
	}
	return ret
}

// kmemOff tells whether shrink_slab_memcg() passes over a shrinker: "call non-slab shrinkers even though kmem is disabled".
func (s *System) kmemOff(c *kern.CPU, sh Shrinker) bool {
	return s.cfg.KmemOff && s.get(c, kern.Addr(sh)+shFlags)&NonSlab == 0
}

// Look reads the count of each shrinker on shrinker_list, inside rcu_read_lock, and takes no reference: what shrinker_debugfs
// could do, and no version does. It returns how many have references. Lists of v6.6 are not for readers without its lock.
func (s *System) Look(c *kern.CPU) uint32 {
	n := uint32(0)
	kern.RCUReadLock(c)
	for node := kern.ListNextRCU(c, s.list); node != s.list; node = kern.ListNextRCU(c, node) {
		if kern.RefcountRead(c, shrinkerOf(node).refcount()) != 0 {
			n++
		}
	}
	kern.RCUReadUnlock(c)
	return n
}
