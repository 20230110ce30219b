package workload

import (
	"math"
	"math/rand/v2"

	"ptsim/kern"
	"ptsim/s390sim"
)

// process is one that lives.
type process struct {
	as    *s390sim.AddressSpace
	class *class
	cpu   int
	grown uint64 // size of the mapping that grows
	dies  int64
	slot  int // in class.live
}

// class is a Class at work.
type class struct {
	*Class
	index   int
	live    []*process
	parent  *class
	mapped  uint64 // bytes, of all mappings
	rates   [4]float64
	rate    float64 // all of them together
	created int64
}

// What a process does, by index into class.rates.
const (
	doFault = iota
	doChurn
	doGrow
	doCollapse
)

// driver makes a workload happen on a machine, one event after the other.
type driver struct {
	spec    *Spec
	m       *s390sim.Machine
	rnd     *rand.Rand
	events  queue
	seq     uint64
	classes []*class
	files   []*s390sim.File
	dying   []*process // that left their mm in the middle of a retract
	byAS    map[*s390sim.AddressSpace]*process
	now     int64

	count int64 // events so far
	refs  int64 // speculative references taken
}

// newDriver prepares a run: what is there from the beginning is queued at time 0.
func newDriver(spec *Spec, m *s390sim.Machine, seed uint64) *driver {
	d := &driver{spec: spec, m: m, rnd: rand.New(rand.NewPCG(seed, 0x7074_7369_6d))}
	for _, f := range spec.Files {
		file := m.NewFile()
		if f.Filled && spec.Khugepaged != nil {
			file.Fill(0, f.Size)
		}
		d.files = append(d.files, file)
	}
	by := map[*Class]*class{}
	for _, c := range spec.Classes {
		k := &class{Class: c, index: len(d.classes), parent: by[c.Fork], rates: [4]float64{c.Fault, c.Churn, c.Grow, c.Collapse}}
		by[c] = k
		for _, r := range k.rates {
			k.rate += r
		}
		for i := range c.layout {
			k.mapped += c.layout[i].Size
		}
		d.classes = append(d.classes, k)
		if c.Arrive > 0 {
			d.push(event{at: d.after(c.Arrive), kind: evArrive, class: k})
		}
	}
	d.startNext(0)
	f := &spec.Faults
	if f.Flood > 0 && f.FloodEvery > 0 {
		d.push(event{at: int64(f.FloodEvery), kind: evFlood})
	}
	if f.Refs > 0 {
		d.push(event{at: d.after(f.Refs), kind: evRef})
	}
	if spec.Split > 0 && spec.Khugepaged != nil && len(d.files) > 0 {
		d.push(event{at: d.after(spec.Split), kind: evSplit})
	}
	if f.ExitInRetract > 0 {
		d.byAS = map[*s390sim.AddressSpace]*process{}
	}
	return d
}

// after draws the time of the next of what happens so often a second.
func (d *driver) after(rate float64) int64 {
	t := d.rnd.ExpFloat64() / rate * 1e9
	return d.now + max(1, int64(min(t, math.MaxInt64/4)))
}

// step lets the next event before end happen. It is false when there is none.
func (d *driver) step(end int64) bool {
	if len(d.events) == 0 || d.events[0].at > end {
		return false
	}
	e := d.events.pop()
	d.now = e.at
	d.m.Advance(d.now)
	d.bury()
	d.count++
	switch e.kind {
	case evStart:
		d.start(e.class)
		if e.n > 1 {
			d.push(event{at: e.at, kind: evStart, class: e.class, n: e.n - 1})
		} else {
			d.startNext(e.class.index + 1)
		}
	case evArrive:
		d.start(e.class)
		d.push(event{at: d.after(e.class.Arrive), kind: evArrive, class: e.class})
	case evProcess:
		d.act(e.process)
	case evFlood:
		d.m.Flood(d.anyCPU(), d.spec.Faults.Flood)
		d.push(event{at: d.now + int64(d.spec.Faults.FloodEvery), kind: evFlood})
	case evRef:
		d.ref()
		d.push(event{at: d.after(d.spec.Faults.Refs), kind: evRef})
	case evUnref:
		d.m.PutRef(d.anyCPU(), e.page)
	case evSplit:
		i := d.rnd.IntN(len(d.files))
		d.files[i].SplitHuge(d.rnd.Uint64N(d.spec.Files[i].Size))
		d.push(event{at: d.after(d.spec.Split), kind: evSplit})
	}
	d.bury()
	return true
}

// startNext queues the processes that are there from the beginning, of class i or the next that has any: a class after
// those that it forks from.
func (d *driver) startNext(i int) {
	for ; i < len(d.classes); i++ {
		if c := d.classes[i]; c.Count > 0 {
			d.push(event{at: 0, kind: evStart, class: c, n: c.Count})
			return
		}
	}
}

func (d *driver) anyCPU() *kern.CPU { return d.m.CPU(d.rnd.IntN(d.m.M.NumCPU())) }

// cpuOf returns the CPU that a process runs on now. Threads are everywhere; others stay where they are for a while.
func (d *driver) cpuOf(p *process) *kern.CPU {
	if p.class.Threads > 1 || d.rnd.Uint32()&15 == 0 {
		p.cpu = d.rnd.IntN(d.m.M.NumCPU())
	}
	return d.m.CPU(p.cpu)
}

// start makes a process of a class: from nothing, or as a fork.
func (d *driver) start(k *class) {
	p := &process{class: k, cpu: d.rnd.IntN(d.m.M.NumCPU()), slot: -1}
	c := d.m.CPU(p.cpu)
	inherited := 0
	if k.parent == nil {
		p.as = d.m.NewMM(c)
		if p.as != nil && k.PGSTE {
			p.as.MM.SetAllocPGSTE(c)
		}
	} else {
		if len(k.parent.live) == 0 {
			return // nobody to fork from
		}
		parent := k.parent.live[d.rnd.IntN(len(k.parent.live))]
		p.as = parent.as.Fork(c)
		if k.Exec {
			if p.as != nil {
				p.as.Put(c)
			}
			p.as = d.m.NewMM(c)
		} else {
			inherited = len(k.parent.layout)
		}
	}
	if p.as == nil {
		return // no memory
	}
	for range k.Threads - 1 {
		p.as.Get(c)
	}
	k.created++
	for i := inherited; i < len(k.layout); i++ {
		d.mapIn(c, p, &k.layout[i])
	}
	if n := len(k.layout); n > 0 {
		p.grown = k.layout[n-1].Size
	}
	p.slot = len(k.live)
	k.live = append(k.live, p)
	if d.byAS != nil {
		d.byAS[p.as] = p
	}
	p.dies = math.MaxInt64
	if t, ok := k.Lifetime.sample(d.rnd); ok {
		p.dies = d.now + t
	}
	d.next(p)
}

// mapIn makes one of the layout's mappings, and uses the share of it that is used at once.
func (d *driver) mapIn(c *kern.CPU, p *process, m *placed) {
	mp := s390sim.Mapping{Start: m.start, Len: m.Size, Shared: m.Shared, Offset: m.Offset}
	if m.File >= 0 {
		mp.File = d.files[m.File]
	}
	p.as.Mmap(c, mp)
	d.touch(c, p, m, m.start, m.Size)
}

// touch uses the mapping's share of the segments of a range. Those of a file are used at a random page.
func (d *driver) touch(c *kern.CPU, p *process, m *placed, start, length uint64) {
	for a := start; a < start+length; a += segment {
		if m.Touch < 1 && d.rnd.Float64() >= m.Touch {
			continue
		}
		at := a
		if m.File >= 0 {
			at = min(a+d.rnd.Uint64N(segment), start+length-1)
		}
		p.as.Fault(c, at, d.writes(m))
	}
}

func (d *driver) writes(m *placed) bool {
	return m.Write >= 1 || m.Write > 0 && d.rnd.Float64() < m.Write
}

// next queues what the process does next, or its end.
func (d *driver) next(p *process) {
	at := p.dies
	if p.class.rate > 0 {
		at = min(at, d.after(p.class.rate))
	}
	if at < math.MaxInt64 {
		d.push(event{at: at, kind: evProcess, process: p})
	}
}

// act is what a process does at its time.
func (d *driver) act(p *process) {
	if p.slot < 0 {
		return // it exited in the middle of a retract
	}
	c := d.cpuOf(p)
	if d.now >= p.dies {
		d.forget(p)
		for !p.as.Put(c) {
		}
		return
	}
	k := p.class
	x := d.rnd.Float64() * k.rate
	what := doFault
	for ; what < doCollapse && x >= k.rates[what]; what++ {
		x -= k.rates[what]
	}
	switch what {
	case doFault:
		m, off := d.somewhere(p)
		p.as.Fault(c, m.start+off, d.writes(m))
	case doChurn:
		d.churn(c, p)
	case doGrow:
		d.grow(c, p)
	case doCollapse:
		m, off := d.somewhere(p)
		p.as.MadviseCollapse(c, (m.start+off)&^(segment-1), segment)
	}
	if p.slot >= 0 {
		d.next(p)
	}
}

// somewhere draws a mapping by its size, and a place in it.
func (d *driver) somewhere(p *process) (*placed, uint64) {
	layout := p.class.layout
	x := d.rnd.Uint64N(p.class.mapped)
	for i := range layout {
		if x < layout[i].Size {
			return &layout[i], x
		}
		x -= layout[i].Size
	}
	panic("workload: beyond all mappings")
}

// churn unmaps a piece of a mapping, maps it again and uses it as the mapping was used at first.
func (d *driver) churn(c *kern.CPU, p *process) {
	m, off := d.somewhere(p)
	length := max(segment, uint64(float64(m.Size)*p.class.ChurnOf)) &^ (segment - 1)
	off &^= segment - 1
	length = min(length, m.Size-off)
	p.as.Munmap(c, m.start+off, length)
	mp := s390sim.Mapping{Start: m.start + off, Len: length, Shared: m.Shared, Offset: m.Offset + off}
	if m.File >= 0 {
		mp.File = d.files[m.File]
	}
	p.as.Mmap(c, mp)
	d.touch(c, p, m, m.start+off, length)
}

// grow lets the mapping that grows grow, or gives back what grew when it is as large as it may be.
func (d *driver) grow(c *kern.CPU, p *process) {
	m := &p.class.layout[len(p.class.layout)-1]
	if p.grown+p.class.GrowBy > p.class.GrowTo {
		if p.grown > m.Size {
			p.as.Munmap(c, m.start+m.Size, p.grown-m.Size)
		}
		p.grown = m.Size
		return
	}
	from := m.start + p.grown
	p.as.Extend(c, m.start, from, from+p.class.GrowBy)
	for a := from &^ (segment - 1); a < from+p.class.GrowBy; a += segment {
		p.as.Fault(c, max(a, from), true)
	}
	p.grown += p.class.GrowBy
}

// forget takes a process out of the books.
func (d *driver) forget(p *process) {
	live := p.class.live
	last := live[len(live)-1]
	live[p.slot], last.slot = last, p.slot
	live[len(live)-1] = nil
	p.class.live = live[:len(live)-1]
	p.slot = -1
	if d.byAS != nil {
		delete(d.byAS, p.as)
	}
}
