package lab

import (
	"ptsim/explore"
	"ptsim/kern"
)

// Call is one call of a verb: a line of a task that is being carried out. Do may be called many times for one line, each time from
// the same Locals with the same results of primitives, and must do the same each time.
type Call struct {
	*World
	CPU  *kern.CPU
	Line *Line
	// Keep is what the task keeps from one line to the next beside the names it gave: a small comparable value without pointers,
	// nil at the start, such as a gather that is open. A line that leaves nothing to keep sets it to nil.
	Keep any

	task *compiler
	f    *Locals
	give *uint32
}

// Locals is what a task keeps from one operation to the next. What no later operation will look at is zero, so that two ways to the
// same place are the same.
type Locals struct {
	slots  [MaxSlots]uint32 // what the names that the task gave stand for
	choice uint8            // the branch under way, from 1; 0 outside branches
	keep   any
}

// Value returns what the name that stands for a parameter stands for: a thing of the start, or what an earlier line of the task
// gave, which may be 0.
func (c *Call) Value(param string) uint32 {
	name := c.Line.Get(param)
	if slot, ok := c.task.slots[name]; ok {
		return c.f.slots[slot]
	}
	return c.Thing(name)
}

// Addr is Value as an address.
func (c *Call) Addr(param string) kern.Addr { return kern.Addr(c.Value(param)) }

// Give is what the name behind the line's arrow stands for from now on: 0 if nothing came of it.
func (c *Call) Give(value uint32) {
	if c.give != nil {
		*c.give = value
	}
}

// compiler turns a task into operations.
type compiler struct {
	*World
	Program[Locals]
	slots map[string]int // of the names that the task gives
}

func (w *World) compile(t *Task) explore.Task {
	k := &compiler{World: w, slots: map[string]int{}}
	k.Branch = func(f *Locals) *uint8 { return &f.choice }
	k.Clear = func(f *Locals, slot int) { f.slots[slot] = 0 }
	k.add(t.Ops)
	return k.Task(t.Name, t.On, t.MayFail)
}

// add compiles operations of a branch, or of none.
func (k *compiler) add(ops []Op) {
	for i := range ops {
		op := &ops[i]
		if op.Word == Either {
			k.Either(op.String(), sizes(op.Branches), func(branch int) { k.add(op.Branches[branch]) })
			continue
		}
		k.Put(op.String(), k.step(&op.Line), i == len(ops)-1)
	}
}

// sizes are the lengths of branches.
func sizes(branches [][]Op) (list []int) {
	for _, b := range branches {
		list = append(list, len(b))
	}
	return list
}

// step compiles a line.
func (k *compiler) step(l *Line) func(*kern.CPU, *Locals) {
	verb := k.Scenario.Lab.Verb(l.Word)
	gives := -1
	for _, a := range l.Args {
		if slot, ok := k.slots[a.Text]; ok {
			k.Uses(slot)
		}
	}
	if Gives(l.Form) != "" {
		gives = k.slot(l.Args[len(l.Args)-1].Text)
	}
	return func(c *kern.CPU, f *Locals) {
		call := Call{World: k.World, CPU: c, Line: l, Keep: f.keep, task: k, f: f}
		if gives >= 0 {
			call.give = &f.slots[gives]
		}
		verb.Do(&call)
		f.keep = call.Keep
	}
}

// slot returns the place in the locals of a name, which is alive up to the operation being compiled.
func (k *compiler) slot(name string) int {
	i, ok := k.slots[name]
	if !ok {
		i = k.NewSlot()
		k.slots[name] = i
	}
	k.Uses(i)
	return i
}
