package lab

import (
	"ptsim/explore"
	"ptsim/kern"
)

// Program turns the lines of a task into operations: the one way in which verbs are carried out. F is what the task keeps from one
// operation to the next, a comparable value: its slots, one for each name that the task gives, and the branch that it is in. What no
// later operation will look at is made zero, so that two ways to the same place are the same state.
//
// A lab whose verbs are a table needs none of its own, see [Call].
type Program[F comparable] struct {
	Branch func(f *F) *uint8     // the branch under way, from 1; 0 outside branches
	Clear  func(f *F, slot int)  // makes a slot zero
	last   []int                 // by slot, the last operation that names it
	names  []string              // of the operations
	steps  []func(*kern.CPU, *F) // what each does
	in     uint8                 // the branch that is being put together, from 1
}

// NewSlot returns a slot that the operation about to be put names.
func (p *Program[F]) NewSlot() int {
	p.last = append(p.last, len(p.steps))
	return len(p.last) - 1
}

// Uses says that the operation about to be put names a slot: it is alive up to there.
func (p *Program[F]) Uses(slot int) { p.last[slot] = len(p.steps) }

// Put adds an operation. last tells whether it is the last of its branch, if it is in one.
func (p *Program[F]) Put(name string, do func(*kern.CPU, *F), last bool) {
	if branch := p.in; branch != 0 {
		inside := do
		do = func(c *kern.CPU, f *F) {
			if *p.Branch(f) != branch {
				return
			}
			inside(c, f)
			if last {
				*p.Branch(f) = 0
			}
		}
	}
	p.names = append(p.names, name)
	p.steps = append(p.steps, do)
}

// Either adds a choice and its branches, of which all but the chosen one do nothing. sizes says how many lines each has; put adds those
// of one, from 0.
func (p *Program[F]) Either(name string, sizes []int, put func(branch int)) {
	var empty [MaxBranches]bool
	for i, n := range sizes {
		empty[i] = n == 0
	}
	n := uint32(len(sizes))
	p.Put(name, func(c *kern.CPU, f *F) {
		if chosen := kern.Choose(c, n); !empty[chosen] {
			*p.Branch(f) = uint8(chosen) + 1
		}
	}, false)
	for i := range sizes {
		p.in = uint8(i) + 1
		put(i)
	}
	p.in = 0
}

// Task is the task with the operations that were put.
func (p *Program[F]) Task(name string, on int, mayFail bool) explore.Task {
	var ops []explore.Operation
	for i, do := range p.steps {
		var dead []int
		for slot, last := range p.last {
			if last == i {
				dead = append(dead, slot)
			}
		}
		ops = append(ops, explore.Operation{Name: p.names[i], Run: func(c *kern.CPU, fr explore.Frame) explore.Frame {
			f := fr.(F)
			do(c, &f)
			for _, slot := range dead {
				p.Clear(&f, slot)
			}
			return f
		}})
	}
	var start F
	return explore.Task{Name: name, Start: start, Ops: ops, On: on, MayFail: mayFail}
}
