package explore

import (
	"slices"

	"ptsim/kern"
)

// A Program is what a task does, as far as the schedules of a search came: its primitives, and how it goes on after each of their
// results. It is the task's part of the automaton, and another machine can be given it: package tolitmus writes it in C.
//
// Places in the code with the same past in an operation are one [Point]. A loop that waits for others by reading leads on as often as a
// search went round; Spins says where it begins to wait.
type Program struct {
	Task  string
	First *Point
}

// A Point is a place in the code of a task: before a primitive, or at the end of the task, where Op is none.
type Point struct {
	Op     kern.Op
	Addr   kern.Addr // the word that it is about, of a this_cpu operation that of its CPU; 0 if it is about none
	Place  Place     // the innermost in the code
	Reader bool      // a grace period waits for the task here
	Spins  bool      // the task has read in vain, and waits for another value
	Turns  []Turn    // sorted by result
}

// Over tells whether the task has nothing left to do.
func (p *Point) Over() bool { return p.Op.Kind == kern.OpNone }

// A Turn is what becomes of a task when its primitive has returned.
type Turn struct {
	Result uint32
	Bad    *kern.Violation // what the code itself reported before its next primitive; nil if nothing
	To     *Point
}

// Programs returns what each task does, if [Options].Programs asked for that.
func (r *Reached) Programs() []Program { return r.programs }

// Init returns what a word holds at first: of an object that a task allocates, when it has it.
func (r *Reached) Init(a kern.Addr) uint32 {
	if int(a) >= len(r.init) {
		return 0
	}
	return r.init[a]
}

// Object returns the first word of the object that a word lies in; 0 if it is in none.
func (r *Reached) Object(a kern.Addr) kern.Addr {
	i, exact := slices.BinarySearchFunc(r.objects, a, func(o object, a kern.Addr) int { return int(o.base) - int(a) })
	if !exact {
		i--
	}
	if i < 0 || a >= r.objects[i].base+kern.Addr(r.objects[i].words) {
		return 0
	}
	return r.objects[i].base
}

// programs reads them off the automaton.
func (x *system) programs(r *Reached) {
	a := x.auto
	a.mu.Lock()
	defer a.mu.Unlock()
	points := map[*node]*Point{}
	var point func(n *node, cpu int) *Point
	point = func(n *node, cpu int) *Point {
		if p := points[n]; p != nil {
			return p
		}
		p := &Point{Op: n.op, Reader: n.reader, Spins: n.spin != nil}
		points[n] = p
		if where := Places(n.where); len(where) > 0 {
			p.Place = where[0]
		}
		switch {
		case n.prim.Shape == kern.PerCPUWord:
			p.Addr = n.op.Addr + kern.Addr(cpu)
		case n.prim.Shape != kern.NoWords:
			p.Addr = n.op.Addr
		}
		for e := range n.each {
			p.Turns = append(p.Turns, Turn{e.result, e.bad, point(e.to, cpu)})
		}
		slices.SortFunc(p.Turns, func(a, b Turn) int { return int(int64(a.Result) - int64(b.Result)) })
		return p
	}
	for t := range x.threads {
		if th := &x.threads[t]; th.role == task {
			r.programs = append(r.programs, Program{th.name, point(th.first, th.cpu)})
			clear(points) // of tasks on other CPUs
		}
	}
	if len(x.states) > 0 {
		s := x.states[0]
		r.init = slices.Clone(s.init)
		r.objects = slices.Clone(s.env.objects[1:])
		slices.SortFunc(r.objects, func(a, b object) int { return int(a.base) - int(b.base) })
	}
}
