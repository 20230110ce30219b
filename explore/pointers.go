package explore

import "ptsim/kern"

// What is found of memory besides late uses: pointers to where nothing is, words of objects from kmalloc that nobody has written,
// and slab caches that were destroyed. Each is looked for where a word or an object is not simply in use: who has none of these
// pays nothing.

// used tells whether an object is in use.
func (s *state) used(o uint32) bool { return s.life[o] == live || s.life[o] == unwritten }

// badWord reports an access to a word that is not simply in use: object o, in which it lies, is none, or freed, or from kmalloc, of
// which the words that were written may be read. It tells whether it did.
func (s *state) badWord(c *kern.CPU, op kern.Op, a kern.Addr, o uint32) bool {
	switch {
	case o == 0:
		c.Report(kern.PointerViolation(op.Kind, a))
	case s.life[o] != unwritten:
		c.Report(&kern.Violation{Kind: kern.UseAfterFree, Addr: a, Detail: lateUse(op.Kind)})
	case kern.PrimitiveOf(op.Kind).Looks() && s.unset(a):
		c.Report(&kern.Violation{Kind: kern.UninitRead, Addr: a, Detail: "reads a word of %o that nobody has written"})
	default:
		return false
	}
	return true
}

// unset tells whether nobody has written the word at a, of an object from kmalloc.
func (s *state) unset(a kern.Addr) bool { return kern.Addr(s.m.Peek(a)) == kern.UninitPoison }

// sane tells whether the word at a may be looked at by who waits for it: there is one, alive, and somebody wrote it. Who waits for
// another finds out at once.
func (s *state) sane(a kern.Addr) bool {
	o := s.env.object(a)
	return o != 0 && s.inst.Alive(a) && !(s.life[o] == unwritten && s.unset(a))
}

// destroyed tells whether a slab cache was destroyed.
func (s *state) destroyed(k *cacheInfo) bool { return k.self != 0 && s.life[k.self] != live }

// badFree reports that object o is not one to be freed into a cache, and tells whether it did.
func (s *state) badFree(c *kern.CPU, op kern.Op, o uint32, k *cacheInfo) bool {
	switch {
	case o == 0:
		c.Report(kern.PointerViolation(op.Kind, op.Addr))
	case s.destroyed(k):
		c.Report(kern.LateCacheUse(k.name, op.Addr))
	case !s.used(o):
		c.Report(&kern.Violation{Kind: kern.DoubleFree, Addr: op.Addr})
	default:
		return false
	}
	return true
}

// kmalloc is slabAlloc for who is to write the words himself. A constructor writes them all.
func (s *state) kmalloc(t int, c *kern.CPU, op kern.Op, alt uint32) uint32 {
	a := kern.Addr(s.slabAlloc(t, c, op, alt))
	o := s.env.object(a)
	if a == 0 || s.env.caches[op.A].cfg.Ctor != nil {
		return uint32(a)
	}
	s.setLife(o, unwritten)
	for w := a; w < a+kern.Addr(s.env.objects[o].words); w++ {
		old := s.m.Peek(w)
		s.m.Poke(w, uint32(kern.UninitPoison))
		s.changed(w, old)
	}
	return uint32(a)
}

// destroyCache is kmem_cache_destroy: all that allocates from the cache or frees into it depends on that.
func (s *state) destroyCache(c *kern.CPU, op kern.Op) {
	k := &s.env.caches[op.A]
	s.dep.all()
	inUse := 0
	for o := range s.env.objects {
		if s.env.objects[o].cache == int(op.A) && s.used(uint32(o)) {
			inUse++
		}
	}
	if v := kern.DestroyViolation(k.name, inUse, s.destroyed(k)); v != nil {
		c.Report(v)
		return
	}
	s.setLife(k.self, dead)
}

// freeFrames returns the page frames that were freed, where these may be handed out again.
func (s *state) freeFrames() (list []uint32) {
	for _, p := range s.env.pages {
		if o := s.env.object(p.Page()); s.life[o] == dead {
			list = append(list, o)
		}
	}
	return list
}

// reuseFrame hands a frame out again that was freed: with one reference, its other words zero. What was synchronised on its words
// before is nothing to who gets it; what whoever freed it knew is, since the page allocator has locks.
func (s *state) reuseFrame(t int, o uint32) uint32 {
	s.setLife(o, live)
	base := s.env.objects[o].base
	for a := base; a <= base+kern.PageRefcount; a++ {
		old, v := s.m.Peek(a), uint32(0)
		if a == base+kern.PageRefcount {
			v = 1
		}
		s.m.Poke(a, v)
		s.changed(a, old)
		if s.views != nil && s.views.syncs[a] != 0 {
			s.become(s.views.syncs[a], untouched)
		}
	}
	if s.views != nil {
		s.learn(knows+holder(t), s.slabSync(o))
	}
	return uint32(base / kern.FrameWords)
}
