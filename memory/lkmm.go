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
	closed bool    // an RMW has read it and stored right behind it: nothing may come between
	plain  bool    // not marked: who reads it learns nothing else
	deps   Deps    // the writer's open loads on which value and address depend
	mv     view    // the stores before this one by cumul-fence, and itself
	fv     view    // what the strong fences that happen before it made known
	clock  []uint8 // how many open loads of each CPU happen before it
}

// An open load is a load with knowledge that does not bound all later loads of its CPU yet.
type open struct {
	word  int
	place uint8
	void  bool // of an RMW without a value: smp_rmb does not order it
	preds Deps // the CPU's other open loads that happen before it
	k     view // mv of the store that it read from another CPU: who happens after the load must not read older stores
	h     view // k, and the same of every load of this CPU that happens before it, and strong fences'
}

// An lkcpu is what one CPU knows.
type lkcpu struct {
	done bool
	coh  view // coherence: what the CPU has accessed in each word
	r    view // bounds every later access
	c    view // read from other CPUs, and stored: cumulative
	own  view // stored
	rel  view // goes along with each store: before the last smp_wmb or strong fence
	f    view // made known by strong fences that happen before the CPU's next store

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

// lkmm is the Linux kernel memory model.
type lkmm struct {
	release    Release
	unlockLock bool // some CPU uses smp_mb__after_unlock_lock
	words      [][]store
	lockOwn    []view // for each lock: own of the CPU that released it last, at that time
	cpus       []lkcpu
	s          view // what strong fences have made known so far, in the order in which they ran
	domains    []domain
	raced      bool
	scratch    view
	size       int // bytes of all views, a guess for the next copy
}

func newLKMM(c Config) *lkmm {
	n := len(c.Words)
	v := func() view { return make(view, n) }
	m := &lkmm{release: c.Release, unlockLock: c.AfterUnlockLock, lockOwn: make([]view, n), s: v(), scratch: v()}
	for _, value := range c.Words {
		m.words = append(m.words, []store{{value: value, cpu: -1, author: -1, mv: v(), fv: v(), clock: make([]uint8, c.CPUs)}})
	}
	for range c.CPUs {
		m.cpus = append(m.cpus, lkcpu{
			coh: v(), r: v(), c: v(), own: v(), rel: v(), f: v(), ur: v(), uown: v(), uc: v(), taken: v(), graceBrought: v(),
			clock: make([]uint8, c.CPUs), deps: make([]Deps, c.Registers), depth: make([]uint8, c.Domains), graceDomain: -1,
		})
	}
	for range c.Domains {
		m.domains = append(m.domains, domain{v(), v()})
	}
	return m
}

// An arena holds the bytes of a copy together.
type arena struct {
	free []uint8
	used int
}

func (a *arena) copy(v []uint8) []uint8 {
	if v == nil {
		return nil
	}
	if len(v) > len(a.free) {
		a.free = make([]uint8, max(1024, len(v)))
	}
	c := a.free[:len(v):len(v)]
	a.free = a.free[len(v):]
	a.used += len(v)
	copy(c, v)
	return c
}

func (m *lkmm) Clone() Machine {
	a := &arena{free: make([]uint8, m.size)}
	c := &lkmm{
		release: m.release, unlockLock: m.unlockLock, raced: m.raced,
		words: make([][]store, len(m.words)), lockOwn: make([]view, len(m.lockOwn)), cpus: make([]lkcpu, len(m.cpus)),
		domains: make([]domain, len(m.domains)), s: a.copy(m.s), scratch: a.copy(m.scratch),
	}
	n := 0
	for _, h := range m.words {
		n += len(h)
	}
	stores := make([]store, n)
	for w, h := range m.words {
		c.words[w], stores = stores[:len(h):len(h)], stores[len(h):]
		for i := range h {
			s := h[i]
			s.mv, s.fv, s.clock = a.copy(s.mv), a.copy(s.fv), a.copy(s.clock)
			c.words[w][i] = s
		}
		c.lockOwn[w] = a.copy(m.lockOwn[w])
	}
	for i := range m.cpus {
		p := m.cpus[i]
		for _, v := range [...]*view{&p.coh, &p.r, &p.c, &p.own, &p.rel, &p.f, &p.ur, &p.uown, &p.uc, &p.taken, &p.graceBrought} {
			*v = a.copy(*v)
		}
		p.clock, p.depth = a.copy(p.clock), a.copy(p.depth)
		p.deps = append([]Deps(nil), p.deps...)
		p.open = append([]open(nil), p.open...)
		for j := range p.open {
			o := &p.open[j]
			o.k, o.h = a.copy(o.k), a.copy(o.h)
		}
		c.cpus[i] = p
	}
	for i, d := range m.domains {
		c.domains[i] = domain{a.copy(d.started), a.copy(d.over)}
	}
	c.size, m.size = a.used, a.used
	return c
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
		for _, v := range [...]view{p.coh, p.r, p.c, p.own, p.rel, p.f, p.ur, p.uown, p.uc, p.taken, p.graceBrought} {
			f(v)
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
		s = append(s, Stored{m.words[word][i].value, int(m.words[word][i].author)})
	}
	return s
}
