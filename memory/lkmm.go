package memory

// A view says, for each word, the place in its history that somebody knows of; 0, the oldest store, is no knowledge.
type view []uint8

func (v view) join(o view) {
	for i, p := range o {
		if p > v[i] {
			v[i] = p
		}
	}
}

func (v view) within(o view) bool {
	for i, p := range v {
		if p > o[i] {
			return false
		}
	}
	return true
}

// without forgets what another view says as well.
func (v view) without(o view) {
	for i, p := range v {
		if p <= o[i] {
			v[i] = 0
		}
	}
}

func (v view) zero() bool {
	for _, p := range v {
		if p != 0 {
			return false
		}
	}
	return true
}

// maxStores is how many stores a history holds: places are bytes.
const maxStores = 255

// A store is one store in a word's history.
type store struct {
	value  int64
	cpu    int8    // who stored it: -1 for the initial value, and when it no longer matters
	author int8    // the same, for people
	stamp  int32   // see Op
	closed bool    // an RMW has read it and stored right behind it: nothing may come between
	plain  bool    // not marked: who reads it learns nothing else
	deps   Deps    // the writer's open loads on which value and address depend
	mv     view    // the stores before this one by cumul-fence, and itself
	fv     view    // what the strong fences that happen before it made known
	block  []uint8 // holds them and clock
	clock  []uint8 // how many open loads of each CPU happen before it
}

// An open load is a load with knowledge that does not bound all later loads of its CPU yet.
type open struct {
	block view // holds k and h
	word  int
	place uint8
	stamp int32
	void  bool // of an RMW without a value: smp_rmb does not order it
	preds Deps // the CPU's other open loads that happen before it
	k     view // mv of the store that it read from another CPU: who happens after the load must not read older stores
	h     view // k, and the same of every load of this CPU that happens before it, and strong fences'
}

// An lkcpu is what one CPU knows.
type lkcpu struct {
	block []uint8 // holds the views, clock and depth
	done  bool
	coh   view // coherence: what the CPU has accessed in each word
	r     view // bounds every later access
	c     view // read from other CPUs, and stored: cumulative
	own   view // stored
	rel   view // goes along with each store: before the last smp_wmb or strong fence
	f     view // made known by strong fences that happen before the CPU's next store

	unlocked     bool // the CPU has released a lock; then, at the last spin_unlock:
	ur, uown, uc view // what bounds stores, own and c
	taken        view // mv of the spin_unlock that the last spin_lock read
	clock        []uint8
	open         []open
	deps         []Deps  // of each register
	depth        []uint8 // in sections of each domain
	graceDomain  int8    // of the grace period that the CPU waits for, -1 for none
	graceWaits   uint32  // the CPUs whose sections it waits for
	graceBrought view    // what the sections that are over have brought
}

// A domain is RCU or one srcu_struct.
type domain struct {
	started view // what grace periods that have started made known
	over    view // what sections that are over have brought
}

// A message is what a callback or work item will know when it begins.
type message struct {
	waits  uint32 // the CPUs whose sections its grace period waits for
	knows  view
	posted bool
}

// lkmm is the Linux kernel memory model.
type lkmm struct {
	release    Release
	unlockLock bool // some CPU uses smp_mb__after_unlock_lock
	words      [][]store
	lockOwn    []view // for each lock: own of the CPU that released it last, at that time
	cpus       []lkcpu
	s          view // what strong fences have made known so far, in the order in which they ran
	domains    []domain
	messages   []message
	ended      [2]view // what callbacks and work items that have ended knew
	newest     bool    // see Config.NewestLocks
	raced      bool
	scratch    view
	futures    []*Future // for the time of a call of settle: by CPU, then by message; nil: anything may come
}

func newLKMM(c Config) *lkmm {
	n := len(c.Words)
	v := func() view { return make(view, n) }
	m := &lkmm{release: c.Release, unlockLock: c.AfterUnlockLock, lockOwn: make([]view, n), s: v(), scratch: v()}
	for range c.CPUs {
		m.cpus = append(m.cpus, newCPU(n, c.CPUs, c.Registers, c.Domains))
	}
	for _, value := range c.Words {
		s := m.newStore()
		s.value, s.cpu, s.author = value, -1, -1
		m.words = append(m.words, []store{s})
	}
	for range c.Domains {
		m.domains = append(m.domains, domain{v(), v()})
	}
	for range c.Messages {
		m.messages = append(m.messages, message{knows: v()})
	}
	m.newest, m.ended = c.NewestLocks, [2]view{v(), v()}
	return m
}

// newStore returns a store whose views are zero and stand in one block.
func (m *lkmm) newStore() store {
	n := len(m.s)
	s := store{block: make([]uint8, 2*n+len(m.cpus))}
	s.cut(n)
	return s
}

func (s *store) cut(n int) {
	s.mv, s.fv, s.clock = s.block[:n:n], s.block[n:2*n:2*n], s.block[2*n:]
}

// newOpen returns an open load whose views are zero and stand in one block.
func (m *lkmm) newOpen() open {
	n := len(m.s)
	b := make(view, 2*n)
	return open{block: b, k: b[:n:n], h: b[n:]}
}

// newCPU returns a CPU whose views are zero and stand in one block.
func newCPU(words, cpus, registers, domains int) lkcpu {
	p := lkcpu{block: make([]uint8, 11*words+cpus+domains), deps: make([]Deps, registers), graceDomain: -1}
	rest := p.block
	cut := func(n int) view {
		v := rest[:n:n]
		rest = rest[n:]
		return v
	}
	for _, v := range p.views() {
		*v = cut(words)
	}
	p.clock, p.depth = cut(cpus), cut(domains)
	return p
}

// views returns the CPU's views but for those of its open loads.
func (p *lkcpu) views() [11]*view {
	return [...]*view{&p.coh, &p.r, &p.c, &p.own, &p.rel, &p.f, &p.ur, &p.uown, &p.uc, &p.taken, &p.graceBrought}
}

func (m *lkmm) Clone() Machine {
	c := &lkmm{
		words: make([][]store, len(m.words)), lockOwn: make([]view, len(m.lockOwn)), cpus: make([]lkcpu, len(m.cpus)),
		domains: make([]domain, len(m.domains)), s: make(view, len(m.s)), scratch: make(view, len(m.s)),
	}
	for i := range c.cpus {
		c.cpus[i] = newCPU(len(m.s), len(m.cpus), len(m.cpus[i].deps), len(m.domains))
	}
	for i := range c.domains {
		c.domains[i] = domain{make(view, len(m.s)), make(view, len(m.s))}
	}
	c.messages = make([]message, len(m.messages))
	for i := range c.messages {
		c.messages[i].knows = make(view, len(m.s))
	}
	c.ended = [2]view{make(view, len(m.s)), make(view, len(m.s))}
	c.Assign(m)
	return c
}

// Assign reuses what the machine holds. Behind the end of a slice may lie what a store or an open load that has moved still
// uses: only what is within it is reused.
func (m *lkmm) Assign(from Machine) {
	f := from.(*lkmm)
	m.release, m.unlockLock, m.raced, m.newest = f.release, f.unlockLock, f.raced, f.newest
	for i := range f.messages {
		knows := m.messages[i].knows
		copy(knows, f.messages[i].knows)
		m.messages[i] = f.messages[i]
		m.messages[i].knows = knows
	}
	for i := range f.ended {
		copy(m.ended[i], f.ended[i])
	}
	copy(m.s, f.s)
	for w := range f.words {
		have := m.words[w]
		m.words[w] = have[:0]
		for i := range f.words[w] {
			var s store
			if i < len(have) {
				s = have[i]
			} else {
				s = m.newStore()
			}
			block := s.block
			copy(block, f.words[w][i].block)
			s = f.words[w][i]
			s.block = block
			s.cut(len(m.s))
			m.words[w] = append(m.words[w], s)
		}
		if m.lockOwn[w] = m.lockOwn[w][:0]; f.lockOwn[w] != nil {
			m.lockOwn[w] = append(m.lockOwn[w], f.lockOwn[w]...)
		} else {
			m.lockOwn[w] = nil
		}
	}
	for i := range f.cpus {
		m.cpus[i].assign(m, &f.cpus[i])
	}
	for i, d := range f.domains {
		copy(m.domains[i].started, d.started)
		copy(m.domains[i].over, d.over)
	}
}

func (p *lkcpu) assign(m *lkmm, f *lkcpu) {
	copy(p.block, f.block)
	copy(p.deps, f.deps)
	p.done, p.unlocked, p.graceDomain, p.graceWaits = f.done, f.unlocked, f.graceDomain, f.graceWaits
	have := p.open
	p.open = have[:0]
	for j := range f.open {
		var o open
		if j < len(have) {
			o = have[j]
		} else {
			o = m.newOpen()
		}
		block, k, h := o.block, o.k, o.h
		copy(block, f.open[j].block)
		o = f.open[j]
		o.block, o.k, o.h = block, k, h
		p.open = append(p.open, o)
	}
}

// views calls f with every view of the state.
func (m *lkmm) views(f func(view)) {
	f(m.s)
	for w, h := range m.words {
		for i := range h {
			f(h[i].mv)
			f(h[i].fv)
		}
		if m.lockOwn[w] != nil {
			f(m.lockOwn[w])
		}
	}
	for i := range m.cpus {
		p := &m.cpus[i]
		for _, v := range p.views() {
			f(*v)
		}
		for j := range p.open {
			f(p.open[j].k)
			f(p.open[j].h)
		}
	}
	for _, d := range m.domains {
		f(d.started)
		f(d.over)
	}
	for i := range m.messages {
		f(m.messages[i].knows)
	}
	for _, v := range m.ended {
		f(v)
	}
}

func (m *lkmm) Deps(cpu, register int) Deps       { return m.cpus[cpu].deps[register] }
func (m *lkmm) SetDeps(cpu, register int, d Deps) { m.cpus[cpu].deps[register] = d }
func (m *lkmm) Queued(int) bool                   { return false }
func (m *lkmm) Drain(int)                         {}
func (m *lkmm) Raced() bool                       { return m.raced }

func (m *lkmm) Final(word int) int64 {
	h := m.words[word]
	return h[len(h)-1].value
}

func (m *lkmm) Stores(word int) []Stored {
	var s []Stored
	for i := range m.words[word] {
		s = append(s, Stored{m.words[word][i].value, int(m.words[word][i].author), int(m.words[word][i].stamp)})
	}
	return s
}
