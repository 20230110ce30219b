package memory

import "encoding/binary"

// shut takes an open load off the CPU's list, and renumbers those behind it.
func (m *lkmm) shut(cpu, i int) {
	p := &m.cpus[cpu]
	p.open = append(p.open[:i], p.open[i+1:]...)
	below := Deps(1)<<i - 1
	renumber := func(d *Deps) { *d = *d&below | *d>>1&^below }
	for j := range p.open {
		renumber(&p.open[j].preds)
	}
	for j := range p.deps {
		renumber(&p.deps[j])
	}
	earlier := func(clock []uint8) {
		if int(clock[cpu]) > i {
			clock[cpu]--
		}
	}
	for _, h := range m.words {
		for j := range h {
			if int(h[j].cpu) == cpu {
				renumber(&h[j].deps)
			}
			earlier(h[j].clock)
		}
	}
	for j := range m.cpus {
		earlier(m.cpus[j].clock)
	}
}

func (m *lkmm) Settle() { m.settle(nil) }

// Prune is Settle for who knows what may still come.
func (m *lkmm) Prune(futures []*Future) { m.settle(futures) }

// settle brings the state into a normal form. It rests on an invariant: what a CPU knows of a word, be it by coherence or by
// what bounds its accesses, is in c or f (in own too, if it stored it; of a plain access alone coh may know more). All that
// leaves a CPU (releases, strong fences, the ends of sections, messages) carries c, and f or what f is part of. So what coh and
// r say is seen by nobody else, and to the CPU itself only their maximum matters. Hence each of these leaves a machine that is
// bisimilar:
//
//   - coh is raised to where the CPU can tell stores apart, see need;
//   - r is raised to coh where c or f has it, so that it follows from them;
//   - an open load is shut once it tells the CPU no more than coh does. What happens before it is then shut, too, since an open
//     load knows all that those know; and it will never know more, since it learns of later loads only if they read an older
//     store than it knows of;
//   - the same of what the last spin_unlock adds at the next lock;
//   - a CPU without open loads reads its own stores as if they were somebody else's, if what they tell is no more than coh;
//   - stores that nobody can read or go behind are forgotten.
//
// If a future says too little, each of these is a loss of ways and never a gain: then the machine does less than it may.
func (m *lkmm) settle(futures []*Future) {
	m.futures = futures
	for cpu := range m.cpus {
		p := &m.cpus[cpu]
		if p.done {
			continue
		}
		f := m.future(cpu)
		p.coh.join(p.r)
		for w, coh := range p.coh {
			p.coh[w] = uint8(m.need(f, w, int(coh)))
			p.r[w] = max(p.r[w], min(p.coh[w], max(p.c[w], p.f[w])))
		}
		if p.unlocked && !m.unlockLock {
			p.ur.without(p.coh)
			p.uown.without(p.rel)
		}
		if p.unlocked && p.ur.within(p.r) && p.uown.within(p.rel) { // the next lock adds nothing
			p.unlocked = false
			clear(p.ur)
			clear(p.uown)
		}
		for i := len(p.open) - 1; i >= 0; i-- {
			if p.open[i].h.within(p.coh) {
				m.shut(cpu, i)
			}
		}
	}
	for w := range m.words {
		if n := m.forgotten(w); n > 0 {
			m.forget(w, n)
		}
	}
	for _, h := range m.words {
		for i := range h {
			s := &h[i]
			if s.cpu < 0 {
				continue
			}
			p := &m.cpus[s.cpu]
			if len(p.open) == 0 && s.mv.within(p.coh) && s.fv.within(p.coh) ||
				i == 0 && s.deps == 0 && s.mv.zero() && s.fv.zero() && view(s.clock).zero() {
				s.cpu = -1
			}
		}
	}
	m.futures = nil
}

// forgotten returns how many of a word's oldest stores no CPU can read or go behind any more. A store stays while an open
// load has read it, or while it is ordered behind one, because the order among loads depends on its place.
func (m *lkmm) forgotten(w int) int {
	h := m.words[w]
	n := len(h) - 1
	if n == 0 || m.newest && m.lockOwn[w] != nil {
		return n
	}
	for i := range m.messages {
		if k := &m.messages[i]; k.posted {
			n = min(n, m.need(m.future(len(m.cpus)+i), w, int(k.knows[w])))
		}
	}
	for i := range m.cpus {
		p := &m.cpus[i]
		if p.done {
			continue
		}
		n = min(n, int(p.coh[w]))
		for j := range p.open {
			if o := &p.open[j]; o.word == w {
				n = min(n, int(o.place))
			}
		}
		for j := range n {
			if int(h[j].cpu) == i && h[j].clock[i] > 0 {
				n = j
				break
			}
		}
	}
	return n
}

func (m *lkmm) forget(w, n int) {
	m.words[w] = append(m.words[w][:0], m.words[w][n:]...)
	m.views(func(v view) { v[w] -= min(v[w], uint8(n)) })
	for i := range m.cpus {
		for j := range m.cpus[i].open {
			if o := &m.cpus[i].open[j]; o.word == w {
				o.place -= uint8(n)
			}
		}
	}
}

func (m *lkmm) Reset(w int, value int64) {
	last := len(m.words[w]) - 1
	if last > 0 {
		m.forget(w, last)
	}
	s := &m.words[w][0]
	block := s.block
	clear(block)
	*s = store{value: value, cpu: -1, author: -1, block: block}
	s.cut(len(m.s))
	m.lockOwn[w] = nil
	for i := range m.cpus {
		p := &m.cpus[i]
		for j := len(p.open) - 1; j >= 0; j-- {
			if p.open[j].word == w {
				p.open[j].place = 0
			}
		}
	}
}

// Key writes only the words that have a history into each view: in the others all is known.
func (m *lkmm) Key(key []byte) []byte {
	var active []int
	for w, h := range m.words {
		if key = append(key, byte(len(h))); len(h) > 1 {
			active = append(active, w)
		}
	}
	put := func(v view) {
		for _, w := range active {
			key = append(key, v[w])
		}
	}
	for w, h := range m.words {
		for i := range h {
			s := &h[i]
			flags := byte(0)
			if s.closed && i < len(h)-1 {
				flags |= 1
			}
			if s.plain {
				flags |= 2
			}
			key = appendValue(append(key, flags, byte(s.cpu)), s.value)
			key = appendValue(key, int64(s.deps))
			put(s.mv)
			put(s.fv)
			key = append(key, s.clock...)
		}
		if m.lockOwn[w] != nil {
			put(m.lockOwn[w])
		}
	}
	put(m.s)
	for i := range m.messages {
		if k := &m.messages[i]; k.posted {
			key = binary.LittleEndian.AppendUint32(append(key, byte(i)), k.waits)
			put(k.knows)
		}
	}
	for _, v := range m.ended {
		put(v)
	}
	for _, d := range m.domains {
		put(d.started)
		put(d.over)
	}
	for i := range m.cpus {
		p := &m.cpus[i]
		key = append(append(append(key, p.depth...), byte(p.graceDomain), byte(len(p.open))), p.clock...)
		key = binary.LittleEndian.AppendUint32(key, p.graceWaits)
		put(p.graceBrought)
		if p.done {
			continue
		}
		for _, v := range [...]view{p.coh, p.c, p.own, p.rel, p.f} { // r follows from coh, c and f
			put(v)
		}
		if p.unlocked {
			key = append(key, 1)
			put(p.ur)
			put(p.uown)
		}
		if m.unlockLock {
			put(p.uc)
			put(p.taken)
		}
		for _, d := range p.deps {
			key = appendValue(key, int64(d))
		}
		for j := range p.open {
			o := &p.open[j]
			void := byte(0)
			if o.void {
				void = 1
			}
			key = appendValue(append(key, byte(o.word), o.place, void), int64(o.preds))
			put(o.k)
			put(o.h)
		}
	}
	return key
}
