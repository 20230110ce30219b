package explore_test

import (
	"slices"

	"ptsim/kern"
)

// learn gives the event of frame i its clock, and has the races between it and earlier events tried the other way round.
func (d *dpor) learn(i int) {
	e := &d.frames[i].event
	e.own, e.n = clock{}, 1
	for k := i - 1; k >= 0; k-- {
		f := &d.frames[k].event
		if f.pid == e.pid {
			e.own, e.n = f.clock, f.n+1
			break
		}
	}
	if e.ch.item != 0 { // what queued it made it possible
		for k := i - 1; k >= 0; k-- {
			f := &d.frames[k].event
			if f.ch.item == 0 && f.pid != e.pid && slices.Contains(f.words, dporWord{e.ch.item, true}) {
				e.own.join(&f.clock)
				break
			}
		}
	}
	now, given := e.own, clock{}
	for k := i - 1; k >= 0; k-- {
		f := &d.frames[k].event
		if f.pid == e.pid {
			continue
		}
		if e.takes != 0 && (f.gives == e.takes || d.last(k, i, f, e.takes)) {
			given.join(&f.clock) // it waited for that, but what is contended for was taken before
			continue
		}
		if f.before(&now) || !dependent(f, e) {
			continue
		}
		d.reverse(k, i)
		now.join(&f.clock)
	}
	now.join(&given)
	now[e.pid] = uint8(e.n)
	e.clock = now
}

// last tells whether f, at frame k, is the last event of a callback, or of a work item, before i: the one that left its CPU.
func (d *dpor) last(k, i int, f *event, cpu kern.Addr) bool {
	if cpu != softirqCPU && cpu != kworkerCPU || f.pid < d.tasks || f.takes == cpu {
		return false
	}
	t := d.r.threads[f.ch.thread]
	if (cpu == softirqCPU) != (t.role == rigSoftirq) {
		return false
	}
	for _, g := range d.frames[k+1 : i] {
		if g.pid == f.pid && g.ch.item == 0 {
			return false
		}
		if g.pid == f.pid {
			return true
		}
	}
	return true
}

// reverse has event i come before event k: of the processes that can begin such a schedule one must be tried where k was.
func (d *dpor) reverse(k, i int) {
	e := &d.frames[i].event
	f := &d.frames[k].event
	var rest []*event
	for j := k + 1; j < i; j++ {
		if g := &d.frames[j].event; !(int(g.clock[f.pid]) >= f.n) {
			rest = append(rest, g)
		}
	}
	var initials []int
	seen := map[int]bool{}
	for j, g := range rest {
		if seen[g.pid] {
			continue
		}
		seen[g.pid] = true
		if !slices.ContainsFunc(rest[:j], func(h *event) bool { return h.before(&g.clock) }) {
			initials = append(initials, g.pid)
		}
	}
	if !seen[e.pid] && !slices.ContainsFunc(rest, func(h *event) bool { return h.before(&e.own) || dependent(h, e) }) {
		initials = append(initials, e.pid)
	}
	at := &d.frames[k]
	for _, pid := range initials {
		if slices.Contains(at.backtrack, pid) {
			return
		}
	}
	at.backtrack = append(at.backtrack, initials[0])
}
