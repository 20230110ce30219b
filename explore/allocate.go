package explore

import (
	"ptsim/kern"
)

// Slab caches and page frames are part of the state: which objects are live, and who may have them next. See environment.go.

func (s *state) slabAlloc(t int, c *kern.CPU, op kern.Op, alt uint32) uint32 {
	k := &s.env.caches[op.A]
	if s.destroyed(k) {
		c.Report(kern.LateCacheUse(k.name, 0))
		return 0
	}
	if k.typesafe { // the freed ones first, then a new one, then none
		again := s.reusable(k)
		if int(alt) < len(again) {
			if s.queues != nil {
				s.queues.land(t, again[alt])
			}
			s.setLife(again[alt], live)
			base := s.env.objects[again[alt]].base
			if s.views != nil {
				s.learn(knows+holder(t), s.slabSync(again[alt]))
			}
			return uint32(base)
		}
		alt -= uint32(len(again))
	}
	if alt > 0 {
		return 0
	}
	return uint32(s.bear(k.pools[s.x.threads[t].pool], k.name))
}

// bear makes the first unborn object of a pool a live one.
func (s *state) bear(pool []uint32, what string) kern.Addr {
	for _, o := range pool {
		if s.life[o] == unborn {
			s.setLife(o, live)
			return s.env.objects[o].base
		}
	}
	panic(&ModelError{"a task allocates more than " + itoa(len(pool)) + " of " + what})
}

// reusable returns the objects of a type-stable cache that are free and still what they were.
func (s *state) reusable(k *cacheInfo) []uint32 {
	var objs []uint32
	for _, o := range k.all {
		if s.life[o] == idleTypesafe || s.life[o] == idleAgain {
			objs = append(objs, o)
		}
	}
	return objs
}

func (s *state) slabFree(t int, c *kern.CPU, op kern.Op, slot int) {
	o := s.env.object(op.Addr)
	k := &s.env.caches[op.A]
	if s.badFree(c, op, o, k) {
		return
	}
	if s.queues != nil {
		s.queues.frees(t, o, k.typesafe)
	}
	if k.cfg.CheckFree != nil {
		s.dep.all()
		s.checkFree(c, k, o)
	}
	if !k.typesafe {
		s.checkLocks(c, o)
		s.bury(o)
		return
	}
	if s.views != nil {
		s.publish(s.slabSync(o), t)
	}
	if s.queued&(1<<slot) != 0 || s.reclaiming(op.Addr) {
		s.setLife(o, idleAgain)
		return
	}
	s.setLife(o, idleTypesafe)
	s.callRCU(t, c, op.Addr+k.cfg.RCUHead, k.reclaim, slot)
}

// checkFree asks the owner of a cache whether an object may be freed. If not, a type-stable one may be made what it must be, which
// must be taken back like every other change.
func (s *state) checkFree(c *kern.CPU, k *cacheInfo, o uint32) {
	ob := &s.env.objects[o]
	var old []uint32
	if k.typesafe {
		var few [16]uint32
		old = few[:0]
		for a := ob.base; a < ob.base+kern.Addr(ob.words); a++ {
			old = append(old, s.m.Peek(a))
		}
	}
	k.cfg.CheckFree(c, ob.base)
	for i, v := range old {
		s.changed(ob.base+kern.Addr(i), v)
	}
}

// reclaiming tells whether the slab's callback for an object has begun, and has not looked at the object yet: what it will find
// is that the object was freed again, and that its memory must not go.
func (s *state) reclaiming(obj kern.Addr) bool {
	for t := range s.x.threads {
		if op := s.at[t].op; op.Kind == kern.OpSlabReclaim && op.Addr == obj {
			return true
		}
	}
	return false
}

// slabReclaim is what happens a grace period after a type-stable object was freed.
func (s *state) slabReclaim(t int, c *kern.CPU, op kern.Op, slot int) {
	k := &s.env.caches[op.A]
	s.dep.life(uint32(s.x.objects.get(s.env.object(op.Addr))))
	if s.queued&(1<<slot) != 0 { // freed once more since this callback began: the grace period of that free decides
		return
	}
	switch o := s.env.object(op.Addr); s.life[o] {
	case idleAgain:
		s.setLife(o, idleTypesafe)
		s.callRCU(t, c, op.Addr+k.cfg.RCUHead, k.reclaim, slot)
	case idleTypesafe:
		s.checkLocks(c, o)
		s.bury(o)
	}
}

func (s *state) allocPages(t int, op kern.Op, alt uint32) uint32 {
	if op.A != 0 {
		return 0
	}
	if s.inst.ReusesFrames { // the freed ones first, then a new one
		if again := s.freeFrames(); int(alt) < len(again) {
			return s.reuseFrame(t, again[alt])
		}
	}
	return uint32(s.bear(s.env.frames[s.x.threads[t].pool], "page frames") / kern.FrameWords)
}

func (s *state) putPage(t int, c *kern.CPU, op kern.Op) uint32 {
	p := kern.PFN(op.Addr)
	a := p.Page() + kern.PageRefcount
	if !s.touch(t, c, op, a) {
		return 0
	}
	old := s.m.Peek(a)
	last := c.DropPage(p)
	s.changed(a, old)
	if s.views != nil {
		s.order(t, op, 0)
	}
	if !last {
		return 0
	}
	s.freeFrame(t, c, p)
	return 1
}

func (s *state) freeFrame(t int, c *kern.CPU, p kern.PFN) {
	o := s.env.object(p.Page())
	if o == 0 {
		c.Report(kern.PointerViolation(kern.OpFreePages, p.Page()))
		return
	}
	if s.life[o] != live {
		c.Report(&kern.Violation{Kind: kern.DoubleFree, Addr: p.Page()})
		return
	}
	c.CheckPageFree(p)
	s.bury(o)
	if s.views != nil && s.inst.ReusesFrames {
		s.publish(s.slabSync(o), t)
	}
}

// checkLocks wants no lock in an object that is freed to be held.
func (s *state) checkLocks(c *kern.CPU, o uint32) {
	ob := &s.env.objects[o]
	for slot, l := range s.x.auto.lockWords.all() {
		if l >= ob.base && l < ob.base+kern.Addr(ob.words) && s.held(slot) {
			c.Report(&kern.Violation{Kind: kern.UseAfterFree, Addr: l, Detail: "frees %o while its lock is held"})
		}
	}
}

// bury makes an object a dead one. It reads as it did at first: what is dead has no state.
func (s *state) bury(o uint32) {
	ob := &s.env.objects[o]
	s.setLife(o, dead)
	s.forget(ob.base, ob.words)
	for a := ob.base; a < ob.base+kern.Addr(ob.words); a++ {
		if old := s.m.Peek(a); old != s.init[a] {
			s.m.Poke(a, s.init[a])
			s.changed(a, old)
		}
		s.weak.buries(a)
	}
}
