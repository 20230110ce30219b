package litmus

import (
	"slices"

	"ptsim/memory"
)

// A state is where each process is, its registers, and the memory.
type state struct {
	memory memory.Machine
	procs  []position
}

type position struct {
	pc   int
	regs []int64
}

func (s *state) clone() *state {
	c := &state{s.memory.Clone(), slices.Clone(s.procs)}
	for i := range c.procs {
		c.procs[i].regs = slices.Clone(c.procs[i].regs)
	}
	return c
}

// assign makes the state equal to another one of the same search.
func (s *state) assign(from *state) {
	s.memory.Assign(from.memory)
	for i := range from.procs {
		s.procs[i].pc = from.procs[i].pc
		copy(s.procs[i].regs, from.procs[i].regs)
	}
}

// A step is what one process may do next: its operation in one of its ways, or, with drain, what its CPU's queue does.
type step struct {
	proc  int
	way   memory.Way
	drain bool
}

// steps appends what may come next.
func (s *search) steps(st *state, steps []step) []step {
	for i := range st.procs {
		if st.memory.Queued(i) {
			steps = append(steps, step{proc: i, drain: true})
		}
		in := &s.test.Procs[i].code[st.procs[i].pc]
		if in.kind == end {
			continue
		}
		op, ok := s.op(st, i, in)
		if !ok {
			s.result.Strayed = true
			continue
		}
		s.ways = st.memory.Ways(i, &op, s.ways[:0])
		for _, w := range s.ways {
			steps = append(steps, step{proc: i, way: w})
		}
		if in.kind == guess {
			steps = append(steps, step{proc: i, way: memory.Way{Fails: true}})
		}
	}
	return steps
}

// op returns the operation of an instruction, and false if its address is no word.
func (s *search) op(st *state, proc int, in *instr) (op memory.Op, ok bool) {
	regs := st.procs[proc].regs
	op = in.op
	if in.addr != nil {
		if op.Word, ok = s.test.word(in.addr.eval(regs)); !ok {
			return op, false
		}
		op.Addr = in.addr.deps(st.memory, proc)
	}
	if op.Kind == memory.Store {
		op.Value = in.value.eval(regs)
		op.Data = in.value.deps(st.memory, proc)
	}
	if op.Kind == memory.RMW {
		op.Data = in.value.deps(st.memory, proc) | in.second.deps(st.memory, proc)
		operand, second := in.value.eval(regs), int64(0)
		if in.second != nil {
			second = in.second.eval(regs)
		}
		op.Modify = func(old int64) (int64, bool) { return modified(in.modify, old, operand, second) }
		if in.guess >= 0 {
			if op.Expect = -1; regs[in.guess] != 0 {
				op.Expect = 1
			}
		}
	}
	return op, true
}

// modified returns what a read-modify-write writes, and false if it writes nothing.
func modified(how string, old, operand, second int64) (int64, bool) {
	switch how {
	case "set":
		return operand, true
	case "cmpxchg":
		return second, old == operand
	case "unless":
		return old + operand, old != second
	case "&~":
		return old &^ operand, true
	}
	return (&expr{op: how, args: []*expr{constant(old), constant(operand)}}).eval(nil), true
}

// take takes a step.
func (s *search) take(st *state, next step) {
	if next.drain {
		st.memory.Drain(next.proc)
		s.prune(st)
		return
	}
	p := &st.procs[next.proc]
	in := &s.test.Procs[next.proc].code[p.pc]
	op, _ := s.op(st, next.proc, in)
	switch {
	case in.kind == guess && next.way.Fails:
		p.regs[in.dst] = 0
	default:
		v, d := st.memory.Do(next.proc, &op, next.way)
		if in.kind == guess {
			v = 1
		}
		if in.dst >= 0 {
			p.regs[in.dst] = v
			st.memory.SetDeps(next.proc, in.dst, d)
		}
	}
	p.pc++
	s.settle(st, next.proc)
	s.prune(st)
}
