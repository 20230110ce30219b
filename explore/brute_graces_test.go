package explore_test

import "ptsim/kern"

// waits is a half of synchronize_rcu or rcu_barrier. Who waits has seen to it before that nothing is left to wait for.
func (r *bruteRun) waits(t int, k kern.OpKind) {
	switch k {
	case kern.OpSyncRCU:
		for u := range r.roles {
			if r.reading(u) {
				r.m.syncs[t] |= 1 << u
			}
		}
		r.c.graceBegins(t)
		return
	case kern.OpRCUBarrier:
		for h := range r.m.queue {
			if r.m.queue[h].queued {
				r.m.owed[t] |= 1 << h
			}
		}
		for u := range r.roles {
			if r.roles[u] == bruteSoftirq && r.m.threads[u].busy {
				r.m.runs[t] |= 1 << u
			}
		}
	}
	if r.c != nil {
		r.c.barrier(t)
	}
}

// srcu is a primitive of SRCU: one count of grace periods, and readers by the parity that they met.
func (r *bruteRun) srcu(t int, op kern.Op) uint32 {
	s := op.Addr
	for i := range kern.Addr(3) {
		if !r.touch(t, s+i, op.Kind != kern.OpSyncSRCUEnd, false) {
			return 0
		}
	}
	r.c.srcu(t, op.Kind)
	n := r.get(s)
	switch op.Kind {
	case kern.OpSRCULock:
		r.put(s+1+kern.Addr(n%2), r.get(s+1+kern.Addr(n%2))+1)
		return n % 2
	case kern.OpSRCUUnlock:
		left := r.get(s + 1 + kern.Addr(op.A))
		if left == 0 {
			r.report(kern.LockMisuse)
		}
		r.put(s+1+kern.Addr(op.A), left-1)
	case kern.OpSyncSRCU:
		r.put(s, n+1)
		return n + 1
	}
	return 0
}

// graceBegins: a grace period comes after the readers that are over. Readers that begin later come after what precedes it, and not
// after those readers: for that there would have to be another grace period.
func (c *bruteClocks) graceBegins(t int) {
	if c != nil {
		c.barrier(t)
		c.begun.join(&c.know[t])
		c.promised[t].join(&c.readers)
		c.barrier(t)
	}
}

// delays is the end of what u waited for.
func (c *bruteClocks) delays(t, u int) {
	if c != nil {
		c.publish(&c.promised[u], t)
	}
}

// srcu: readers that begin come after grace periods that began, and grace periods after readers that ended.
func (c *bruteClocks) srcu(t int, k kern.OpKind) {
	if c == nil {
		return
	}
	switch k {
	case kern.OpSRCULock:
		c.know[t].join(&c.srcuBegun)
		c.barrier(t)
	case kern.OpSRCUUnlock:
		c.barrier(t)
		c.srcuOver.join(&c.know[t])
	default:
		c.know[t].join(&c.srcuOver)
		c.barrier(t)
		c.srcuBegun.join(&c.know[t])
	}
}

// published is a pointer that a list operation writes for readers: by a release if it leads to a new node.
func (c *bruteClocks) published(t int, i uint8, release bool) {
	if c == nil {
		return
	}
	c.word[i].sync = c.fenced[t]
	if release {
		c.publish(&c.word[i].sync, t)
	}
}
