package workload

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"

	"ptsim/kern"
	"ptsim/rcuhead"
	"ptsim/s390sim"
)

// crew is a native run.
type crew struct {
	spec  *Spec
	m     *s390sim.Machine
	rcu   *rcuhead.Native
	files []*s390sim.File
	pools []*pool
	stop  atomic.Bool
	each  int64

	operations, processes atomic.Int64
}

// pool are the processes of a class, which any CPU may act in.
type pool struct {
	*Class
	parent *pool
	want   int // so many of them are kept alive
	mapped uint64
	rate   float64

	mu   sync.Mutex
	live []*citizen
}

// citizen is a process that several CPUs are in at once.
type citizen struct {
	as *s390sim.AddressSpace

	mu    sync.Mutex
	grown uint64
}

// hand is a CPU at work.
type hand struct {
	*crew
	c    *kern.CPU
	rnd  *rand.Rand
	refs []kern.PFN
}

// prepare makes files, and says how many processes of each class there shall be.
func (w *crew) prepare(cpus int) {
	for _, f := range w.spec.Files {
		file := w.m.NewFile()
		if f.Filled && w.m.Khugepaged() != nil {
			file.Fill(0, f.Size)
		}
		w.files = append(w.files, file)
	}
	by := map[*Class]*pool{}
	for _, c := range w.spec.Classes {
		p := &pool{Class: c, parent: by[c.Fork], rate: c.Fault + c.Churn + c.Grow + c.Collapse}
		for i := range c.layout {
			p.mapped += c.layout[i].Size
		}
		life := c.Lifetime.A.Seconds()
		if c.Lifetime.Kind == Forever {
			life = w.spec.Duration.Seconds()
		}
		p.want = max(1, min(c.Count+int(min(c.Arrive*life, 1e6)), 4*cpus))
		by[c] = p
		w.pools = append(w.pools, p)
	}
}

// work is the life of a CPU.
func (h *hand) work() {
	h.rcu.Online(h.c)
	n := int64(0)
	for ; !h.stop.Load() && (h.each == 0 || n < h.each); n++ {
		h.once()
		h.rcu.Quiescent(h.c)
	}
	h.unref(0)
	h.operations.Add(n)
	h.rcu.Offline(h.c)
}

// once is one thing that a CPU does.
func (h *hand) once() {
	p := h.pools[h.rnd.IntN(len(h.pools))]
	p.mu.Lock()
	n := len(p.live)
	p.mu.Unlock()
	switch x := h.rnd.IntN(1000); {
	case n < p.want && x < 500 || n == 0:
		h.start(p)
	case x < 30:
		h.kill(p)
	case x < 40 && h.spec.Faults.Refs > 0:
		h.ref(p)
	case x < 50:
		h.unref(len(h.refs) / 2)
	case x < 51 && h.spec.Faults.Flood > 0:
		h.m.Flood(h.c, min(h.spec.Faults.Flood, 1000))
	case x < 60:
		h.c.RaiseSoftirq() // callbacks whose grace period is over run in the middle of what comes next
	default:
		h.act(p)
	}
	if h.rnd.IntN(64) == 0 {
		runtime.Gosched()
	}
}

// enter becomes a user of some process of the pool.
func (h *hand) enter(p *pool) *citizen {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.live) == 0 {
		return nil
	}
	q := p.live[h.rnd.IntN(len(p.live))]
	q.as.Get(h.c) // the pool's users are there while it is in the pool
	return q
}

func (h *hand) leave(q *citizen) { q.as.Put(h.c) }

func (h *hand) start(p *pool) {
	q := &citizen{}
	inherited := 0
	if p.parent == nil {
		q.as = h.m.NewMM(h.c)
		if q.as != nil && p.PGSTE {
			q.as.MM.SetAllocPGSTE(h.c)
		}
	} else {
		parent := h.enter(p.parent)
		if parent == nil {
			return
		}
		q.as = parent.as.Fork(h.c)
		h.leave(parent)
		if p.Exec {
			if q.as != nil {
				q.as.Put(h.c)
			}
			q.as = h.m.NewMM(h.c)
		} else {
			inherited = len(p.parent.layout)
		}
	}
	if q.as == nil {
		return
	}
	for i := inherited; i < len(p.layout); i++ {
		l := &p.layout[i]
		h.mapIn(q, l, 0, l.Size)
	}
	q.grown = p.layout[len(p.layout)-1].Size
	h.processes.Add(1)
	p.mu.Lock()
	p.live = append(p.live, q)
	p.mu.Unlock()
}

// kill takes a process out of the pool. Whoever is in it last tears it down.
func (h *hand) kill(p *pool) {
	p.mu.Lock()
	if len(p.live) == 0 {
		p.mu.Unlock()
		return
	}
	i := h.rnd.IntN(len(p.live))
	q := p.live[i]
	last := len(p.live) - 1
	p.live[i], p.live[last] = p.live[last], nil
	p.live = p.live[:last]
	p.mu.Unlock()
	q.as.Put(h.c)
}

// mapIn maps a piece of a layout's mapping, and touches its share of it, but no more than some segments at a time.
func (h *hand) mapIn(q *citizen, l *placed, off, length uint64) {
	mp := s390sim.Mapping{Start: l.start + off, Len: length, Shared: l.Shared, Offset: l.Offset + off}
	if l.File >= 0 {
		mp.File = h.files[l.File]
	}
	q.as.Mmap(h.c, mp)
	for a, n := mp.Start, 0; a < mp.Start+length && n < 64; a += segment {
		if h.rnd.Float64() < l.Touch {
			q.as.Fault(h.c, a, h.rnd.Float64() < l.Write)
			n++
		}
	}
}

func (h *hand) act(p *pool) {
	q := h.enter(p)
	if q == nil {
		return
	}
	defer h.leave(q)
	x := h.rnd.Uint64N(p.mapped)
	i := 0
	for ; x >= p.layout[i].Size; i++ {
		x -= p.layout[i].Size
	}
	l := &p.layout[i]
	// Rates say little where everything happens as fast as it can: each thing that is done at all is done often.
	switch r := h.rnd.IntN(16); {
	case r == 0 && p.Collapse > 0:
		q.as.MadviseCollapse(h.c, (l.start+x)&^(segment-1), segment)
	case r <= 2 && p.Grow > 0:
		h.grow(p, q)
	case r <= 5 && (p.Churn > 0 || r == 5):
		off := x &^ (segment - 1)
		length := min(max(segment, uint64(float64(min(l.Size, 64*segment))*p.ChurnOf)&^(segment-1)), l.Size-off)
		q.as.Munmap(h.c, l.start+off, length)
		h.mapIn(q, l, off, length)
	default:
		for range 4 {
			q.as.Fault(h.c, l.start+h.rnd.Uint64N(l.Size), h.rnd.Float64() < l.Write)
		}
	}
}

func (h *hand) grow(p *pool, q *citizen) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := &p.layout[len(p.layout)-1]
	if q.grown+p.GrowBy > p.GrowTo {
		if q.grown > l.Size {
			q.as.Munmap(h.c, l.start+l.Size, q.grown-l.Size)
		}
		q.grown = l.Size
		return
	}
	from := l.start + q.grown
	q.as.Extend(h.c, l.start, from, from+p.GrowBy)
	for a := from; a < from+p.GrowBy; a += segment {
		q.as.Fault(h.c, a, true)
	}
	q.grown += p.GrowBy
}

// ref takes a speculative reference, which the CPU keeps for a while.
func (h *hand) ref(p *pool) {
	q := h.enter(p)
	if q == nil {
		return
	}
	l := &p.layout[h.rnd.IntN(len(p.layout))]
	if page, ok := q.as.SpeculativeRef(h.c, l.start+h.rnd.Uint64N(l.Size)); ok {
		h.refs = append(h.refs, page)
	}
	h.leave(q)
}

func (h *hand) unref(keep int) {
	for len(h.refs) > keep {
		h.m.PutRef(h.c, h.refs[len(h.refs)-1])
		h.refs = h.refs[:len(h.refs)-1]
	}
}

// khugepaged is the daemon's thread. Reclaim splits some of what it made, so that it does not run out of work.
func (w *crew) khugepaged(c *kern.CPU, rnd *rand.Rand) {
	k := w.m.Khugepaged()
	c.Task = "khugepaged"
	w.rcu.Online(c)
	for !w.stop.Load() {
		k.DoScan(c)
		for range 8 {
			if len(w.files) > 0 {
				i := rnd.IntN(len(w.files))
				w.files[i].SplitHuge(rnd.Uint64N(w.spec.Files[i].Size))
			}
		}
		w.rcu.Quiescent(c)
		runtime.Gosched()
	}
	w.rcu.Offline(c)
}

// end lets everybody exit and looks whether anything is left.
func (w *crew) end() {
	c := w.m.CPU(0)
	w.rcu.Online(c)
	for _, p := range w.pools {
		for _, q := range p.live {
			q.as.Put(c)
		}
	}
	w.rcu.Offline(c)
	w.m.Close()
	w.m.NothingLeft()
}
