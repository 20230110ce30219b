package explore_test

import "ptsim/kern"

// list carries a list operation out: as CONFIG_DEBUG_LIST, which looks before it leaps.
func (r *bruteRun) list(t int, op kern.Op) {
	node := op.Addr
	if op.Kind == kern.OpListInit {
		if r.touch(t, node, true, true) && r.touch(t, node+1, true, true) {
			r.put(node, uint32(node))
			r.put(node+1, uint32(node))
		}
		return
	}
	switch op.Kind {
	case kern.OpListAdd, kern.OpListAddTail, kern.OpListAddRCU, kern.OpListAddTailRCU:
		head := kern.Addr(op.A)
		prev, next := head, kern.Addr(r.get(head))
		if op.Kind == kern.OpListAddTail || op.Kind == kern.OpListAddTailRCU {
			prev, next = kern.Addr(r.get(head+1)), head
		}
		for _, a := range []kern.Addr{node, node + 1, prev, next + 1} {
			marked := a == prev && (op.Kind == kern.OpListAddRCU || op.Kind == kern.OpListAddTailRCU)
			if !r.touch(t, a, true, !marked) {
				return
			}
		}
		was := kern.Addr(r.get(node + 1))
		switch {
		case kern.Addr(r.get(next+1)) != prev || kern.Addr(r.get(prev)) != next:
			r.report(kern.ListCorruption)
		case was.IsFunc():
			r.report(kern.UnionOverlap)
		case was.IsPlace() && was != node:
			r.report(kern.ListCorruption)
		default:
			r.put(next+1, uint32(node))
			r.put(node, uint32(next))
			r.put(node+1, uint32(prev))
			r.put(prev, uint32(node))
			if op.Kind != kern.OpListAdd && op.Kind != kern.OpListAddTail {
				r.c.published(t, r.index[prev], true)
			}
		}
		return
	}
	next, prev := kern.Addr(r.get(node)), kern.Addr(r.get(node+1))
	words := []kern.Addr{node, node + 1}
	if prev.IsPlace() {
		words = append(words, prev)
	}
	if next.IsPlace() {
		words = append(words, next+1)
	}
	for i, a := range words {
		rcu := op.Kind == kern.OpListDelRCU
		if !r.touch(t, a, !rcu || i > 0, !rcu || i != 2) {
			return
		}
	}
	if op.Kind == kern.OpListDelInit && next == node {
		return
	}
	switch {
	case kern.Addr(r.get(prev)) == node && kern.Addr(r.get(next+1)) == node:
	case prev.IsFunc():
		r.report(kern.UnionOverlap)
		return
	default:
		r.report(kern.ListCorruption)
		return
	}
	r.put(next+1, uint32(prev))
	r.put(prev, uint32(next))
	if op.Kind == kern.OpListDelRCU {
		r.put(node+1, uint32(kern.ListPoison2))
		r.c.published(t, r.index[prev], false)
		return
	}
	r.put(node, uint32(kern.ListPoison1))
	r.put(node+1, uint32(kern.ListPoison2))
	if op.Kind == kern.OpListDelInit {
		r.put(node, uint32(node))
		r.put(node+1, uint32(node))
	}
}

// callRCU queues an rcu_head. It waits for the readers of this moment.
func (r *bruteRun) callRCU(t int, head kern.Addr, fn uint32) {
	if !r.touch(t, head, true, false) || !r.touch(t, head+1, true, false) {
		return
	}
	switch was := kern.Addr(r.get(head + 1)); {
	case was.IsFunc():
		r.report(kern.DoubleCallRCU)
		return
	case was.IsPlace() && was != head:
		r.report(kern.UnionOverlap)
		return
	}
	r.put(head, 0)
	r.put(head+1, fn)
	h := int(r.headOf[head]) - 1
	q := &r.m.queue[h]
	*q = bruteItem{queued: true}
	if len(r.under) > 0 && r.softirqs < 0 {
		q.cpu = uint8(r.cpus[t])
	}
	for u := range r.roles {
		if r.reading(u) {
			q.wait |= 1 << u
		}
	}
	r.c.queued(t, h)
}

func (r *bruteRun) queueWork(t int, item kern.Addr, fn uint32) uint32 {
	if !r.touch(t, item, true, false) || !r.touch(t, item+1, true, false) {
		return 0
	}
	n := (item - r.shared - bruteItems) / 2
	r.c.worked(t, int(n))
	if kern.Addr(r.get(item + 1)).IsFunc() {
		return 0
	}
	r.put(item, 0)
	r.put(item+1, fn)
	r.m.work[n] = true
	return 1
}

// begin has a server begin a callback or a work item.
func (r *bruteRun) begin(t, item int) {
	r.steps++
	th := &r.m.threads[t]
	var a kern.Addr
	if r.roles[t] == bruteWorker {
		a = r.shared + bruteItems + 2*kern.Addr(item)
		r.m.work[item] = false
		r.begins(t, item)
		r.met.does(t, kern.OpTakeWork, kern.Unordered)
		r.c.beginsWork(t, item)
	} else {
		a = r.heads[item]
		r.m.queue[item] = bruteItem{}
		for u := range r.m.owed {
			if r.m.owed[u]&(1<<item) != 0 {
				r.m.owed[u] &^= 1 << item
				r.m.runs[u] |= 1 << t
			}
		}
		r.c.beginsCallback(t, item)
	}
	fn := kern.Addr(r.get(a + 1))
	switch {
	case !r.alive(a):
		r.report(kern.UseAfterFree)
		return
	case !fn.IsFunc():
		r.report(kern.UnionOverlap)
		return
	}
	r.put(a, 0)
	r.put(a+1, 0)
	*th = bruteThread{busy: true, seen: bruteSeen{self: a}, holds: th.holds}
	th.begun = th.seen
	if r.reading(t) {
		r.c.readerBegins(t)
	}
	if kern.Func(fn) == r.reclaim {
		th.reclaim = true
		return
	}
	for n, f := range r.funcs {
		if kern.Func(fn) == f {
			th.fn = uint8(n)
		}
	}
	r.advance(t)
	if r.over(t) {
		r.ended(t)
		r.c.workOver(t, a)
	}
}

// allocator carries an allocation out, or what gives memory back.
func (r *bruteRun) allocator(t int, op kern.Op, way int) uint32 {
	o := uint8(0)
	if op.Kind == kern.OpFreePages || op.Kind == kern.OpPutPage {
		op.Addr = kern.PFN(op.Addr).Page()
	}
	o = r.object[op.Addr]
	if op.A == freshCache && r.m.gone && (op.Kind == kern.OpSlabAlloc || op.Kind == kern.OpKmalloc || op.Kind == kern.OpSlabFree || op.Kind == kern.OpSlabDestroy) {
		r.report(kern.CacheDestroyed)
		return 0
	}
	switch op.Kind {
	case kern.OpKmalloc:
		a := r.born(t, int(op.A))
		r.put(a, uint32(kern.UninitPoison))
		r.put(a+1, uint32(kern.UninitPoison))
		return uint32(a)
	case kern.OpSlabDestroy:
		for o, l := range r.m.life {
			if l == bruteLive && o < len(r.caches) && r.caches[o] == freshCache {
				r.report(kern.CacheBusy)
				return 0
			}
		}
		r.m.gone = true
		return 0
	case kern.OpAllocPages:
		if dead := r.deadFrames(); way < len(dead) {
			o := dead[way]
			r.m.life[o] = bruteLive
			for _, i := range []kern.Addr{kern.PageFlags, kern.PageLRU, kern.PageLRU + 1, kern.PageRefcount} {
				a := r.bases[o] + i
				if r.put(a, 0); i == kern.PageRefcount {
					r.put(a, 1)
				}
				if r.c != nil { // it is another page now
					r.c.word[r.index[a]] = bruteWordClocks{}
				}
			}
			r.c.reused(t, o)
			return uint32(r.bases[o] / kern.FrameWords)
		}
		return uint32(r.born(t, sharedCache) / kern.FrameWords)
	case kern.OpSlabAlloc:
		if op.A == stableCache {
			idle := r.idle()
			if way < len(idle) {
				r.m.life[idle[way]] = bruteLive
				r.c.reused(t, idle[way])
				return uint32(r.bases[idle[way]])
			}
			way -= len(idle)
		}
		if way > 0 {
			return 0
		}
		return uint32(r.born(t, int(op.A)))
	case kern.OpSlabReclaim:
		switch r.m.life[o] {
		case bruteIdleAgain:
			r.m.life[o] = bruteIdle
			r.callRCU(t, op.Addr+stableHead, uint32(r.bruteWorld.reclaim))
		case bruteIdle:
			r.die(o)
		}
		return 0
	case kern.OpPutPage:
		a := op.Addr + kern.PageRefcount
		if !r.touch(t, a, true, false) {
			return 0
		}
		old := r.get(a)
		if old == 0 {
			r.report(kern.DoubleFree)
			return 0
		}
		r.put(a, old-1)
		r.c.full(t, r.index[a])
		if old != 1 {
			return 0
		}
	}
	if r.m.life[o] != bruteLive {
		r.report(kern.DoubleFree)
		return 0
	}
	if r.caches[o] < 0 {
		lru := kern.Addr(r.get(op.Addr + kern.PageLRU + 1))
		switch {
		case lru.IsFunc():
			r.report(kern.UseAfterFree)
		case lru.IsPlace() && lru != op.Addr+kern.PageLRU:
			r.report(kern.ListCorruption)
		}
		if r.get(op.Addr+kern.PageFlags)>>pageLockBit&1 != 0 {
			r.report(kern.UseAfterFree)
		}
	}
	if r.caches[o] == stableCache {
		r.c.freed(t, o)
		if r.pendingReclaim(op.Addr) {
			r.m.life[o] = bruteIdleAgain
			return 0
		}
		r.m.life[o] = bruteIdle
		r.callRCU(t, op.Addr+stableHead, uint32(r.bruteWorld.reclaim))
		return 0
	}
	if r.die(o); r.again && r.caches[o] < 0 {
		r.c.freed(t, o)
	}
	return truth(op.Kind == kern.OpPutPage)
}

// deadFrames returns the page frames that were freed, if these are handed out again.
func (r *bruteRun) deadFrames() (list []uint8) {
	for o := 1; r.again && o < len(r.bases); o++ {
		if r.caches[o] < 0 && r.m.life[o] == bruteDead {
			list = append(list, uint8(o))
		}
	}
	return list
}

// pendingReclaim tells whether the slab's own callback for an object is queued, or has begun and not yet done its work.
func (r *bruteRun) pendingReclaim(obj kern.Addr) bool {
	if r.m.queue[r.headOf[obj+stableHead]-1].queued {
		return true
	}
	for t := range r.roles {
		if th := &r.m.threads[t]; th.reclaim && th.seen.self == obj+stableHead {
			return true
		}
	}
	return false
}

// born hands out an object of the thread's own.
func (r *bruteRun) born(t, cache int) kern.Addr {
	pool := t
	switch r.roles[t] {
	case bruteWorker:
		pool = len(r.tasks)
	case bruteSoftirq:
		pool = len(r.tasks) + 1
	}
	for _, o := range r.pools[pool][cache] {
		if r.m.life[o] == bruteUnborn {
			r.m.life[o] = bruteLive
			return r.bases[o]
		}
	}
	panic("a program allocates more than there is")
}

// die frees an object for good: its words do not matter any more.
func (r *bruteRun) die(o uint8) {
	lock := kern.Addr(0)
	switch r.caches[o] {
	case nodeCache:
		lock = r.bases[o] + nodeLock
	case stableCache:
		lock = r.bases[o] + stableLock
	}
	if lock != 0 && r.get(lock) != 0 {
		r.report(kern.UseAfterFree)
	}
	r.m.life[o] = bruteDead
	for a := r.bases[o]; r.object[a] == o; a++ {
		r.put(a, 0)
	}
}
