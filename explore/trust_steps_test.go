package explore_test

import (
	"ptsim/explore"
	"ptsim/kern"
)

// note keeps book of which memory is in use.
func (r *rig) note(c *kern.CPU, op kern.Op, v uint32) {
	switch op.Kind {
	case kern.OpAllocPages:
		if v != 0 {
			r.took(c, v)
			r.object(kern.PFN(v).Page(), kern.FrameWords, -1, inUse)
		}
	case kern.OpFreePages:
		r.gave(c, uint32(op.Addr))
		r.object(kern.PFN(op.Addr).Page(), kern.FrameWords, -1, free)
	case kern.OpPutPage:
		if v != 0 {
			r.gave(c, uint32(op.Addr))
			r.object(kern.PFN(op.Addr).Page(), kern.FrameWords, -1, free)
		}
	case kern.OpSlabAlloc:
		if v != 0 {
			r.took(int(op.A), v)
			k, _ := c.Machine().CacheConfig(int(op.A))
			r.object(kern.Addr(v), kern.Addr(k.Words), int(op.A), inUse)
		}
	case kern.OpSlabFree:
		k, _ := c.Machine().CacheConfig(int(op.A))
		if r.stacks[int(op.A)] != nil {
			r.gave(int(op.A), uint32(op.Addr))
		}
		life := free
		if k.TypesafeByRCU {
			life = idle
		}
		r.object(op.Addr, kern.Addr(k.Words), int(op.A), life)
	case kern.OpSlabReclaim:
		if o := r.objs[op.Addr]; o != nil && o.life == idle && kern.Addr(c.Machine().Peek(op.Addr)) == kern.FreePoison {
			o.life = free
		}
	}
}

func (r *rig) took(key any, v uint32) {
	if s := r.stacks[key]; s != nil {
		if n := len(s.now); n == 0 || s.now[n-1] != v {
			panic("the allocator is no stack, or a run needs more than is spare")
		}
		s.now = s.now[:len(s.now)-1]
	}
}

func (r *rig) gave(key any, v uint32) {
	if s := r.stacks[key]; s != nil {
		s.now = append(s.now, v)
	}
}

// carryOut does one primitive.
func (r *rig) carryOut(t *rigThread, op kern.Op) uint32 {
	c := t.c
	was := r.reading(t)
	defer func() {
		if was && !r.reading(t) {
			r.left(t)
		}
	}()
	if r.late(c, op) {
		return 0
	}
	switch op.Kind {
	case kern.OpChoose:
		return t.alt
	case kern.OpSlabAlloc:
		if t.alt > 0 {
			return 0
		}
	case kern.OpSpinLockBH, kern.OpBHDisable:
		t.bh++
	case kern.OpSpinUnlockBH, kern.OpBHEnable:
		t.bh--
	case kern.OpSpinLock:
		t.spins++
	case kern.OpSpinUnlock:
		t.spins--
	case kern.OpRCUReadLock:
		t.rcu++
	case kern.OpRCUReadUnlock:
		t.rcu--
	case kern.OpCallRCU:
		if c.ArmHead(op.Addr, kern.Func(op.A)) && r.viol == nil {
			r.m.Poke(op.Addr, 0)
			r.enqueue(t, op.Addr)
		}
		return 0
	case kern.OpQueueWork:
		if !c.ArmWork(op.Addr, kern.Func(op.A)) {
			return 0
		}
		r.work = append(r.work, op.Addr)
		return 1
	}
	if r.cfg.own {
		if v, done := r.stingy(t, op); done {
			return v
		}
	}
	v := c.Exec(op)
	if c.Callbacks().Len() > 0 { // of type-stable memory, which the slab queues itself
		c.Callbacks().Each(r.m, func(h kern.Addr, _ kern.Func) {
			r.m.Poke(h, 0)
			r.enqueue(t, h)
		})
		*c.Callbacks() = kern.CallbackQueue{}
	}
	r.note(c, op, v)
	return v
}

// stingy allocates from memory of the thread's own, and keeps what is freed.
func (r *rig) stingy(t *rigThread, op kern.Op) (uint32, bool) {
	mem := func(id int, s *freeStack) uint32 {
		own := t.mem[id]
		if own == nil { // its share of what is spare
			n := len(s.first)
			var vs []uint32
			for i := range n {
				if id < 0 || i%len(r.threads) == t.id {
					vs = append(vs, s.first[i])
				}
			}
			own = &vs
			t.mem[id] = own
		}
		v := (*own)[len(*own)-1]
		*own = (*own)[:len(*own)-1]
		return v
	}
	switch op.Kind {
	case kern.OpAllocPages:
		v := mem(-1, r.stacks[t.c])
		r.object(kern.PFN(v).Page(), kern.FrameWords, -1, inUse)
		for i := range kern.Addr(kern.PageRefcount) {
			r.m.Poke(kern.PFN(v).Page()+i, 0)
		}
		r.m.Poke(kern.PFN(v).Page()+kern.PageRefcount, 1)
		return v, true
	case kern.OpSlabAlloc:
		if r.caches[op.A].TypesafeByRCU {
			return 0, false
		}
		v := mem(int(op.A), r.stacks[int(op.A)])
		r.object(kern.Addr(v), kern.Addr(r.caches[op.A].Words), int(op.A), inUse)
		for i := range kern.Addr(r.caches[op.A].Words) {
			r.m.Poke(kern.Addr(v)+i, 0)
		}
		return v, true
	case kern.OpSlabFree:
		if r.caches[op.A].TypesafeByRCU {
			return 0, false
		}
		if f := r.caches[op.A].CheckFree; f != nil {
			f(t.c, op.Addr)
		}
		r.objs[op.Addr].life = free
		return 0, true
	case kern.OpPutPage:
		if !t.c.DropPage(kern.PFN(op.Addr)) {
			return 0, true
		}
		t.c.CheckPageFree(kern.PFN(op.Addr))
		r.objs[kern.PFN(op.Addr).Page()].life = free
		return 1, true
	}
	return 0, false
}

// late reports whoever comes to memory that was freed.
func (r *rig) late(c *kern.CPU, op kern.Op) bool {
	dead := func(a kern.Addr) bool { o := r.objs[a]; return o != nil && o.life == free }
	switch op.Kind {
	case kern.OpFreePages:
		if dead(kern.PFN(op.Addr).Page()) {
			c.Report(&kern.Violation{Kind: kern.DoubleFree, Addr: kern.PFN(op.Addr).Page()})
			return true
		}
		return false
	case kern.OpSlabFree:
		if o := r.objs[op.Addr]; o == nil || o.life != inUse {
			c.Report(&kern.Violation{Kind: kern.DoubleFree, Addr: op.Addr})
			return true
		}
		return false
	case kern.OpSlabReclaim:
		return false
	}
	var f kern.Footprint
	for _, a := range r.m.Footprint(0, op, &f) {
		if dead(a) {
			c.Report(&kern.Violation{Kind: kern.UseAfterFree, Addr: a, Detail: op.Kind.String()})
			return true
		}
	}
	return false
}

// reading tells whether grace periods wait for the thread.
func (r *rig) reading(t *rigThread) bool {
	return t.rcu > 0 || r.cfg.grace == explore.GracePrecise && (t.bh > 0 || t.spins > 0 || t.role == rigSoftirq && t.fn != 0)
}

func (r *rig) enqueue(t *rigThread, head kern.Addr) {
	q := rigItem{head: head, cpu: t.c.ID()}
	if r.cfg.softirqs != explore.SoftirqsOnCPU {
		q.cpu = 0
	}
	for _, u := range r.threads {
		if r.reading(u) {
			q.wait |= 1 << u.id
		}
	}
	r.queued = append(r.queued, q)
}

// left notes that a reader is over.
func (r *rig) left(t *rigThread) {
	for i := range r.queued {
		r.queued[i].wait &^= 1 << t.id
	}
}
