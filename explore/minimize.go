package explore

import (
	"slices"

	"ptsim/kern"
)

// Minimize makes a schedule that ends in a violation shorter by trial: it lets runs of one thread's steps follow each other
// and leaves runs and steps out, as long as what is left comes to a violation of the same kind by fewer switches, or by as
// many and fewer steps. It makes up to so many trials. What it returns is rarely the shortest schedule there is, but it
// comes in a time that depends on the schedule and not on the model; Shortest is the other way round.
//
// A trial is a schedule too: what cannot be done when its turn comes is left out, and what was found only when all was
// quiet is given a chance to become so.
func Minimize(m *Model, opt Options, sched *Schedule, trials int) (short *Schedule, err error) {
	defer catch(&err)
	opt.Lax = sched.Lax
	tr, err := Replay(m, opt, sched, nil)
	if err != nil || tr.Violation == nil {
		return sched, err
	}
	x, err := newSystem(m, opt, sched.rules())
	if err != nil {
		return nil, err
	}
	z := &minimizer{x: x, s: newState(x), how: sched.how, kind: tr.Violation.Kind, adjacent: sched.adjacent, left: trials}
	first := z.try(sched.path)
	if first == nil {
		return sched, nil
	}
	z.best = first
	for z.left > 0 && x.opt.Context.Err() == nil {
		if !z.merge() && !z.leaveOut() {
			break
		}
	}
	short = x.schedule(&found{path: z.best.path, how: z.how, race: z.best.race, adjacent: z.adjacent, v: z.best.v})
	_, err = Replay(m, opt, short, nil) // it gets its checksum
	return short, err
}

// minimizer makes trials.
type minimizer struct {
	x        *system
	s        *state
	how      int
	kind     kern.Kind
	adjacent bool // it ends with two steps of one state that race
	left     int  // trials
	best     *trial
}

// trial is a schedule that led to the violation.
type trial struct {
	moves           []move
	path            []trans
	switches, steps int
	race            kern.Addr
	v               *kern.Violation
}

func (a *trial) shorter(b *trial) bool {
	return a.switches < b.switches || a.switches == b.switches && a.steps < b.steps
}

// run is a part of a schedule that one thread has to itself.
type run struct{ from, to int }

func (z *minimizer) runs() []run {
	var rs []run
	for i, m := range z.best.moves {
		if i == 0 || m.t != z.best.moves[i-1].t {
			rs = append(rs, run{i, i})
		}
		rs[len(rs)-1].to = i + 1
	}
	return rs
}

// merge tries to put a run right behind an earlier one of the same thread, and an earlier one right before a later one.
func (z *minimizer) merge() bool {
	rs := z.runs()
	for i, a := range rs {
		for _, b := range rs[i+1:] {
			if z.best.moves[a.from].t != z.best.moves[b.from].t {
				continue
			}
			ms := z.best.moves
			early := slices.Concat(ms[:a.to], ms[b.from:b.to], ms[a.to:b.from], ms[b.to:])
			late := slices.Concat(ms[:a.from], ms[a.to:b.from], ms[a.from:a.to], ms[b.from:])
			if z.accept(early) || z.accept(late) {
				return true
			}
			break
		}
	}
	return false
}

// leaveOut tries to do without a run, its end, or one of its steps.
func (z *minimizer) leaveOut() bool {
	ms := z.best.moves
	for _, r := range slices.Backward(z.runs()) {
		for n := r.to - r.from; n >= 1; n /= 2 {
			if z.accept(slices.Concat(ms[:r.to-n], ms[r.to:])) {
				return true
			}
		}
	}
	for i := range slices.Backward(ms) {
		if z.accept(slices.Concat(ms[:i], ms[i+1:])) {
			return true
		}
	}
	return false
}

// accept tries a schedule and takes it for the best if it is shorter.
func (z *minimizer) accept(ms []move) bool {
	if z.left <= 0 {
		return false
	}
	z.left--
	t := z.try(ms)
	if t == nil || !t.shorter(z.best) {
		return false
	}
	z.best = t
	return true
}

// try runs a schedule. It returns nil if that does not come to the violation.
func (z *minimizer) try(ms []move) *trial {
	z.s.back(0)
	t := &trial{}
	end := len(ms)
	if z.adjacent {
		end -= 2
	}
	for _, m := range ms[:max(end, 0)] {
		if z.step(t, m) == broken {
			return z.judge(t)
		}
	}
	if z.adjacent {
		return z.conflict(t, ms[max(end, 0):])
	}
	for z.goOn(t) {
		if t.v != nil {
			return z.judge(t)
		}
	}
	t.v = z.s.final()
	return z.judge(t)
}

func (z *minimizer) judge(t *trial) *trial {
	if t.v == nil || t.v.Kind != z.kind || z.adjacent {
		return nil
	}
	return t
}

// step takes one step, if it is possible.
func (z *minimizer) step(t *trial, m move) status {
	tr, err := z.s.resolve(m)
	if err != nil {
		return blocked
	}
	mark := z.s.mark()
	st := z.s.take(tr, z.how)
	if st == blocked || tr.alt > 0 && uint32(tr.alt) >= z.s.alts {
		z.s.back(mark)
		return blocked
	}
	z.note(t, m, tr)
	if st == broken {
		t.v, t.race = z.s.viol, z.s.raced
	}
	return st
}

// note adds a step that was taken.
func (z *minimizer) note(t *trial, m move, tr trans) {
	if n := len(t.path); n > 0 && z.x.switched(int(t.path[n-1].t), int(tr.t)) {
		t.switches++
	}
	t.steps += z.s.ops
	if tr.item > 0 {
		t.steps++
	}
	t.moves, t.path = append(t.moves, m), append(t.path, tr)
}

// goOn takes a step that is no part of the schedule, of the thread that moved last if it can.
func (z *minimizer) goOn(t *trial) bool {
	order := z.s.candidates(nil)
	if n := len(t.path); n > 0 {
		last := z.x.threads[t.path[n-1].t].cpu
		slices.SortStableFunc(order, func(a, b trans) int {
			return abs(z.x.threads[a.t].cpu-last) - abs(z.x.threads[b.t].cpu-last)
		})
	}
	for _, tr := range order {
		m := move{t: z.x.nameOf(int(tr.t))}
		m.item = z.x.item(tr)
		if z.step(t, m) != blocked {
			return true
		}
	}
	return false
}

func abs(n int) int { return max(n, -n) }

// conflict tells whether the two last steps race at the end of a schedule.
func (z *minimizer) conflict(t *trial, ms []move) *trial {
	log := raceLog{threads: z.x.threads}
	mark := z.s.mark()
	var races []conflict
	var last trans
	for _, m := range ms {
		tr, err := z.s.resolve(m)
		if err != nil {
			return nil
		}
		st := z.s.take(tr, z.how)
		races, last = append(races, log.note(tr, st, z.s, 0)...), tr
		z.note(t, m, tr)
		z.s.back(mark)
	}
	for _, c := range z.s.inOrder(races, z.how, mark) {
		if c.second == last {
			t.race = c.a
		}
	}
	if t.race == 0 {
		return nil
	}
	t.v = &kern.Violation{Kind: kern.DataRace, Addr: t.race}
	return t
}
