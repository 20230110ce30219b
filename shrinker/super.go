package shrinker

import "ptsim/kern"

// Super is a struct super_block, the owner of a shrinker: what its callbacks use, and what goes when shrinker_free() has
// returned.
type Super kern.Addr

// The words of a struct super_block.
const (
	sbLRU    = 0 // how many objects are on s_dentry_lru
	sbUmount = 1 // s_umount
	sbShrink = 2 // s_shrink
)

var sbFields = []kern.Field{{Name: "s_dentry_lru"}, {Name: "s_umount", Kind: kern.FieldLock}, {Name: "s_shrink", Kind: kern.FieldPointer, To: ShrinkerCache}}

func (sb Super) lru() kern.Addr    { return kern.Addr(sb) + sbLRU }
func (sb Super) umount() kern.Addr { return kern.Addr(sb) + sbUmount }

// Shrinker returns the shrinker of a super_block, as its owner knows it.
func (sb Super) Shrinker(c *kern.CPU) Shrinker {
	return Shrinker(kern.Load(c, kern.Addr(sb)+sbShrink))
}

// AllocSuper is alloc_super() of fs/super.c: a new super_block with a shrinker that is not registered yet. The shrinker has its
// callbacks only after shrinker_alloc() has returned, and with that its id. objects is how many could go. It returns 0 if it gets no
// shrinker.
func (s *System) AllocSuper(c *kern.CPU, objects uint32) Super {
	sb := Super(s.supers.Alloc(c))
	kern.AtomicSet(c, sb.lru(), objects)
	flags := uint32(0)
	if s.cfg.Memcg {
		flags |= MemcgAware
	}
	if s.cfg.NonSlab {
		flags |= NonSlab
	}
	sh := s.ShrinkerAlloc(c, flags)
	if sh == 0 {
		s.supers.Free(c, kern.Addr(sb)) // destroy_unused_super()
		return 0
	}
	s.set(c, kern.Addr(sh)+shScan, uint32(s.scan))
	s.set(c, kern.Addr(sh)+shCount, uint32(s.count))
	s.set(c, kern.Addr(sh)+shPrivate, uint32(sb))
	kern.Store(c, kern.Addr(sb)+sbShrink, uint32(sh))
	return sb
}

// Register registers the shrinker of a super_block, as sget_fc() of fs/super.c does when the super_block is set up.
func (s *System) Register(c *kern.CPU, sb Super) { s.version.register(c, sb.Shrinker(c)) }

// Mount is both: what mounting has to do with shrinkers. The objects that the super_block begins with are told to the memcg's map when
// it is registered, as list_lru_add() does with those that come later. It returns 0 if it gets no shrinker.
func (s *System) Mount(c *kern.CPU, objects uint32) Super {
	sb := s.AllocSuper(c, objects)
	if sb == 0 {
		return 0
	}
	s.Register(c, sb)
	if s.cfg.Memcg && objects > 0 {
		s.SetShrinkerBit(c, kern.Addr(s.get(c, kern.Addr(sb.Shrinker(c))+shID)))
	}
	return sb
}

// Hold has s_umount of a super_block be held, as while it is being mounted.
func (s *System) Hold(c *kern.CPU, sb Super) { kern.DownWrite(c, sb.umount()) }

// DeactivateLockedSuper is deactivate_locked_super() of fs/super.c: the last reference goes, with s_umount held by a writer. It
// frees the shrinker, and then the super_block.
func (s *System) DeactivateLockedSuper(c *kern.CPU, sb Super) {
	kern.DownWrite(c, sb.umount())
	if s.cfg.Variant == OwnerLeaves { // the last put frees it, and that may be the one here
		sh := sb.Shrinker(c)
		kern.UpWrite(c, sb.umount())
		s.version.free(c, sh)
		return
	}
	s.version.free(c, sb.Shrinker(c))
	kern.UpWrite(c, sb.umount())
	s.supers.Free(c, kern.Addr(sb))
}

// DLRUAdd is d_lru_add() of fs/dcache.c, with list_lru_add(): one object more could go, and the memcg's map says so. Whoever calls
// it holds the super_block.
func (s *System) DLRUAdd(c *kern.CPU, sb Super) {
	kern.AtomicInc(c, sb.lru())
	if s.cfg.Memcg {
		s.SetShrinkerBit(c, kern.Addr(s.get(c, kern.Addr(sb.Shrinker(c))+shID)))
	}
}

// SuperCacheCount is super_cache_count() of fs/super.c: it counts what could go, and takes no lock.
func (s *System) SuperCacheCount(c *kern.CPU, sh Shrinker) uint32 {
	sb := Super(s.get(c, kern.Addr(sh)+shPrivate))
	n := kern.ReadOnce(c, sb.lru())
	switch {
	case n == 0:
		return shrinkEmpty
	case c.Checks() && kern.Addr(n) == kern.FreePoison:
		c.Report(&kern.Violation{Kind: kern.UseAfterFree, Addr: sb.lru(), Detail: "counts the objects of freed %o"})
	}
	return n
}

// SuperCacheScan is super_cache_scan() of fs/super.c: it frees an object, if the super_block is not being mounted or unmounted. It
// sleeps, as prune_dcache_sb() may.
func (s *System) SuperCacheScan(c *kern.CPU, sh Shrinker) uint32 {
	sb := Super(s.get(c, kern.Addr(sh)+shPrivate))
	if !kern.DownReadTrylock(c, sb.umount()) { // super_trylock_shared()
		return shrinkStop
	}
	kern.MightSleep(c)
	freed := uint32(0)
	if kern.AtomicDecIfPositive(c, sb.lru()) >= 0 {
		freed = 1
	}
	kern.UpRead(c, sb.umount())
	return freed
}
