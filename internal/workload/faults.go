package workload

import (
	"ptsim/kern"
	"ptsim/s390sim"
)

// duringRetract is called for every mm that a retract is about to take a table of: some of them exit at that very moment,
// and finish exiting when the retract is through, as exit waits for the file's lock.
func (d *driver) duringRetract(c *kern.CPU, as *s390sim.AddressSpace) {
	if d.rnd.Float64() >= d.spec.Faults.ExitInRetract {
		return
	}
	p := d.byAS[as]
	if p == nil || p.slot < 0 {
		return
	}
	d.forget(p)
	for !as.BeginExit(c) {
	}
	d.dying = append(d.dying, p)
}

// bury lets those that exited during a retract finish.
func (d *driver) bury() {
	for _, p := range d.dying {
		p.as.FinishExit(d.m.CPU(p.cpu))
	}
	d.dying = d.dying[:0]
}

// ref takes a speculative reference on the page of some table of some process, and gives it back a little later.
func (d *driver) ref() {
	k := d.classes[d.rnd.IntN(len(d.classes))]
	if len(k.live) == 0 {
		return
	}
	p := k.live[d.rnd.IntN(len(k.live))]
	m, off := d.somewhere(p)
	page, ok := p.as.SpeculativeRef(d.anyCPU(), m.start+off)
	if !ok {
		return
	}
	d.refs++
	hold := float64(d.spec.Faults.RefHold)
	if hold == 0 {
		hold = 5e6
	}
	d.push(event{at: d.now + clampTime(d.rnd.ExpFloat64()*hold), kind: evUnref, page: page})
}

// settle gives back all references that are still held.
func (d *driver) settle() {
	for _, e := range d.events {
		if e.kind == evUnref {
			d.m.PutRef(d.m.CPU(0), e.page)
		}
	}
	d.events = d.events[:0]
}
