package memory

// fence runs a barrier.
func (m *lkmm) fence(p *lkcpu, b Barrier) {
	switch b {
	case Mb:
		p.c.join(m.s)
		m.storeBound(p, m.scratch)
		p.c.join(m.scratch)
		p.c.join(p.f)
		copy(m.s, p.c)
		for _, v := range [...]view{p.r, p.own, p.rel, p.f} {
			copy(v, p.c)
		}
	case Rmb:
		for i := range p.open {
			if o := &p.open[i]; !o.void {
				p.r.join(o.h)
			}
		}
	case Wmb:
		p.rel.join(p.own)
	case AfterUnlockLock: // a strong fence between what is before an earlier spin_unlock and what comes now
		k := m.scratch
		copy(k, m.s)
		k.join(p.taken)
		k.join(p.uc)
		k.join(p.ur)
		m.s.join(k)
		for _, v := range [...]view{p.c, p.r, p.rel, p.f} {
			v.join(k)
		}
	}
}

func (m *lkmm) Quiet(cpu int) bool {
	p := &m.cpus[cpu]
	if len(p.open) > 0 || !m.s.within(p.c) || !p.f.within(p.c) || !p.r.within(p.c) {
		return false
	}
	return p.c.within(m.s) && p.c.within(p.r) && p.c.within(p.own) && p.c.within(p.rel) && p.c.within(p.f)
}

func (m *lkmm) Tells(cpu int) bool {
	p := &m.cpus[cpu]
	return !p.c.within(m.s) || !m.storeBound(p, m.scratch).within(m.s)
}

// lock takes a lock: it reads the newest store, the spin_unlock, as an acquire, and stores behind it. What comes after
// is ordered after what its last holder did before it released it; and after what this CPU did before its last
// spin_unlock, of any lock.
func (m *lkmm) lock(cpu int, op *Op, place int) {
	p := &m.cpus[cpu]
	s := &m.words[op.Word][place]
	if m.unlockLock {
		copy(p.taken, s.mv)
	}
	m.load(cpu, &Op{Kind: Load, Order: Acquire, Word: op.Word}, place)
	if own := m.lockOwn[op.Word]; own != nil && !(m.release.Without(UnlockLock) && int(s.author) == cpu) {
		p.rel.join(own)
	}
	if p.unlocked {
		p.r.join(p.ur)
		p.rel.join(p.uown)
	}
	s.closed = true
	m.put(cpu, &Op{Kind: Store, Word: op.Word}, place, 1, 0)
}

// unlock releases a lock: a store with release.
func (m *lkmm) unlock(cpu int, op *Op) {
	p := &m.cpus[cpu]
	p.unlocked = !m.release.Without(UnlockLock)
	copy(p.ur, m.storeBound(p, m.scratch))
	copy(p.uown, p.own)
	if m.unlockLock {
		copy(p.uc, p.c)
	}
	if m.lockOwn[op.Word] == nil {
		m.lockOwn[op.Word] = make(view, len(m.s))
	}
	copy(m.lockOwn[op.Word], p.own)
	last := len(m.words[op.Word]) - 1
	m.words[op.Word][last].closed = true
	m.put(cpu, &Op{Kind: Store, Order: StoreRelease, Word: op.Word}, last, 0, 0)
}

// readLock enters a section. It began after each grace period that has started, and so did what comes now.
func (m *lkmm) readLock(p *lkcpu, d int) {
	p.depth[d]++
	if p.depth[d] == 1 {
		p.r.join(m.domains[d].started)
		p.f.join(m.domains[d].started)
	}
}

// readUnlock leaves a section. The grace periods that wait for it learn what the CPU knows.
func (m *lkmm) readUnlock(cpu, d int) {
	p := &m.cpus[cpu]
	p.depth[d]--
	if p.depth[d] > 0 {
		return
	}
	brought := m.storeBound(p, m.scratch)
	brought.join(p.c)
	brought.join(p.f)
	m.domains[d].over.join(brought)
	for i := range m.messages {
		if g := &m.messages[i]; d == 0 && g.waits>>cpu&1 != 0 {
			g.knows.join(brought)
			g.waits &^= 1 << cpu
		}
	}
	for i := range m.cpus {
		if g := &m.cpus[i]; int(g.graceDomain) == d && g.graceWaits>>cpu&1 != 0 {
			g.graceBrought.join(brought)
			g.graceWaits &^= 1 << cpu
		}
	}
}

// graceStart starts a grace period: it waits for the sections that are open now.
func (m *lkmm) graceStart(cpu, d int) {
	p := &m.cpus[cpu]
	m.fence(p, Mb)
	m.domains[d].started.join(p.c)
	copy(p.graceBrought, m.domains[d].over)
	p.graceDomain = int8(d)
	for i := range m.cpus {
		if m.cpus[i].depth[d] > 0 {
			p.graceWaits |= 1 << i
		}
	}
}

// graceEnd ends a grace period: what the sections that began before it brought is known now.
func (m *lkmm) graceEnd(cpu int) {
	p := &m.cpus[cpu]
	p.graceDomain = -1
	p.c.join(p.graceBrought)
	clear(p.graceBrought)
	m.fence(p, Mb)
}

// message does what has to do with messages.
func (m *lkmm) message(cpu int, op *Op) {
	p := &m.cpus[cpu]
	switch op.Kind {
	case CallRCU: // a grace period starts behind it, elsewhere
		k := &m.messages[op.Word]
		k.posted = true
		k.knows.join(m.s)
		k.knows.join(p.c)
		k.knows.join(p.f)
		m.s.join(k.knows)
		m.domains[0].started.join(k.knows)
		k.knows.join(m.domains[0].over)
		for i := range m.cpus {
			if m.cpus[i].depth[0] > 0 {
				k.waits |= 1 << i
			}
		}
	case QueueWork:
		m.fence(p, Mb)
		k := &m.messages[op.Word]
		k.posted = true
		k.knows.join(p.c)
	case Begin:
		k := &m.messages[op.Word]
		p.done = false
		p.c.join(k.knows)
		clear(k.knows)
		k.posted, k.waits = false, 0
		m.fence(p, Mb)
	case Await:
		p.c.join(m.ended[op.Word])
		m.fence(p, Mb)
	}
}

// End ends a callback (0) or a work item (1) on a CPU, which may begin another.
func (m *lkmm) End(cpu, kind int) {
	p := &m.cpus[cpu]
	m.ended[kind].join(m.storeBound(p, m.scratch))
	m.ended[kind].join(p.c)
	m.Finish(cpu)
}

// Finish forgets what the CPU knows.
func (m *lkmm) Finish(cpu int) {
	p := &m.cpus[cpu]
	p.done = true
	for _, v := range [...]view{p.coh, p.r, p.c, p.own, p.rel, p.f, p.ur, p.uown, p.uc, p.taken} {
		clear(v)
	}
	clear(p.clock)
	clear(p.deps)
	p.unlocked = false
	for len(p.open) > 0 {
		m.shut(cpu, len(p.open)-1)
	}
	for _, h := range m.words {
		for i := range h {
			if int(h[i].cpu) == cpu {
				h[i].cpu, h[i].deps = -1, 0
			}
		}
	}
}
