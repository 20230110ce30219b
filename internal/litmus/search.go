package litmus

import (
	"context"
	"encoding/binary"
	"hash/maphash"
	"sort"
	"strings"

	"ptsim/memory"
)

// Options say how a test is run.
type Options struct {
	Model   memory.Model
	Release memory.Release
	States  int // a search that reaches more gives up; 0 is 10 million
}

// A Result is what a search of all states of a test has found.
type Result struct {
	Finals   [][]int64 // the values of the test's Observed, sorted as they are printed
	Positive int       // how many of them fit the condition
	States   int       // how many states were visited
	Bound    bool      // the search gave up: there may be more
	Raced    bool      // a plain access may race
	Strayed  bool      // some run reads or stores where no pointer points, and is left out
}

// Verdict is Never, Sometimes or Always: whether the condition holds in none of the final states, in some or in all.
// A search that gave up knows only Sometimes; otherwise its verdict is bound.
func (r *Result) Verdict() string {
	switch {
	case r.Positive > 0 && r.Positive < len(r.Finals):
		return "Sometimes"
	case r.Bound:
		return "bound"
	case r.Positive > 0:
		return "Always"
	}
	return "Never"
}

// search visits the states of one test.
type search struct {
	test    *Test
	result  *Result
	seed    [2]maphash.Seed
	visited map[[2]uint64]struct{}
	finals  map[string]bool
	key     []byte
	ways    []memory.Way
	free    []*state // to be used again
	future  [][]*memory.Future
	futures []*memory.Future // of the state under way, by process
}

// copy returns a copy of a state.
func (s *search) copy(from *state) *state {
	last := len(s.free) - 1
	if last < 0 {
		return from.clone()
	}
	c := s.free[last]
	s.free = s.free[:last]
	c.assign(from)
	return c
}

func newSearch(t *Test) *search {
	return &search{
		test: t, result: &Result{}, seed: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		visited: map[[2]uint64]struct{}{}, finals: map[string]bool{}, future: t.futures(), futures: make([]*memory.Future, len(t.Procs)),
	}
}

// prune has the memory forget what no process can come to any more.
func (s *search) prune(st *state) {
	for i := range st.procs {
		s.futures[i] = s.future[i][st.procs[i].pc]
	}
	st.memory.Prune(s.futures)
}

// Run visits every state that the test can reach, depth first. If ctx ends, the result only says how many states that were until then,
// and comes with the error of ctx.
func Run(ctx context.Context, t *Test, o Options) (*Result, error) {
	if o.States == 0 {
		o.States = 10_000_000
	}
	s := newSearch(t)
	stack := []*state{s.start(o)}
	s.enter(stack[0])
	var steps []step
	for left := 0; len(stack) > 0; left++ {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if left%1024 == 0 && ctx.Err() != nil { // before the first state as well: a folder may have nothing but small tests
			return &Result{States: len(s.visited)}, ctx.Err()
		}
		steps = s.steps(at, steps[:0])
		for _, st := range steps {
			next := s.copy(at)
			s.take(next, st)
			if !s.enter(next) {
				s.free = append(s.free, next)
				continue
			}
			if len(s.visited) > o.States {
				s.result.Bound = true
				stack = nil
				break
			}
			stack = append(stack, next)
		}
		if len(steps) == 0 && s.ended(at) {
			s.final(at)
		}
		s.free = append(s.free, at)
	}
	s.result.States = len(s.visited)
	s.sortFinals()
	return s.result, nil
}

func (s *search) start(o Options) *state {
	t := s.test
	c := memory.Config{CPUs: len(t.Procs), Domains: t.Domains, Release: o.Release, AfterUnlockLock: t.unlockLock}
	for _, w := range t.Words {
		c.Words = append(c.Words, w.Init)
	}
	st := &state{procs: make([]position, len(t.Procs))}
	for i, p := range t.Procs {
		c.Registers = max(c.Registers, len(p.Registers))
		st.procs[i].regs = make([]int64, len(p.Registers))
		copy(st.procs[i].regs, p.init)
	}
	st.memory = memory.New(o.Model, c)
	for i := range st.procs {
		s.settle(st, i)
	}
	s.prune(st)
	return st
}

// enter notes a state, and says whether it is new.
func (s *search) enter(st *state) bool {
	if st.memory.Raced() {
		s.result.Raced = true
	}
	return s.enterAs(st, s.key[:0])
}

// enterAs notes a state together with what stands before it in the key.
func (s *search) enterAs(st *state, k []byte) bool {
	for i := range st.procs {
		p := &st.procs[i]
		k = append(k, byte(p.pc), byte(p.pc>>8))
		for _, v := range p.regs {
			k = binary.AppendVarint(k, v)
		}
	}
	k = st.memory.Key(k)
	s.key = k
	h := [2]uint64{maphash.Bytes(s.seed[0], k), maphash.Bytes(s.seed[1], k)}
	if _, ok := s.visited[h]; ok {
		return false
	}
	s.visited[h] = struct{}{}
	return true
}

// settle runs a process up to its next operation that other CPUs may see, and forgets the registers that it no longer
// reads.
func (s *search) settle(st *state, proc int) {
	p, code := &st.procs[proc], s.test.Procs[proc]
	for {
		in := &code.code[p.pc]
		switch in.kind {
		case assign:
			v := in.value.eval(p.regs)
			d := in.value.deps(st.memory, proc)
			p.regs[in.dst] = v
			st.memory.SetDeps(proc, in.dst, d)
		case jump:
			p.pc = in.target
			continue
		case branch:
			if in.value.eval(p.regs) == 0 {
				p.pc = in.target
				continue
			}
		case fence:
			st.memory.Do(proc, &in.op, memory.Way{})
		case mbIf:
			if in.value.eval(p.regs) != 0 {
				s.bury(st, proc)
				return
			}
		case end:
			s.bury(st, proc)
			st.memory.Finish(proc)
			return
		default:
			s.bury(st, proc)
			return
		}
		p.pc++
	}
}

func (s *search) bury(st *state, proc int) {
	p := &st.procs[proc]
	s.test.Procs[proc].dead(p.pc, func(r int) {
		p.regs[r] = 0
		st.memory.SetDeps(proc, r, 0)
	})
}

// ended says whether every process has run to its end: the other states without a step are deadlocks, which have no
// final state.
func (s *search) ended(st *state) bool {
	for i := range st.procs {
		if s.test.Procs[i].code[st.procs[i].pc].kind != end {
			return false
		}
	}
	return true
}

// values returns the values of what the test observes.
func (s *search) values(st *state) []int64 {
	v := make([]int64, len(s.test.Observed))
	for i, l := range s.test.Observed {
		if l.Proc < 0 {
			v[i] = st.memory.Final(l.Index)
		} else {
			v[i] = st.procs[l.Proc].regs[l.Index]
		}
	}
	return v
}

func (s *search) final(st *state) {
	v := s.values(st)
	if s.test.Filter != nil && !s.test.Filter(v) {
		return
	}
	line := s.test.FinalState(v)
	if s.finals[line] {
		return
	}
	s.finals[line] = true
	s.result.Finals = append(s.result.Finals, v)
	if s.test.Cond(v) {
		s.result.Positive++
	}
}

func (s *search) sortFinals() {
	f := s.result.Finals
	sort.Slice(f, func(i, j int) bool { return s.test.FinalState(f[i]) < s.test.FinalState(f[j]) })
}

// FinalState writes a final state as herd7 does.
func (t *Test) FinalState(values []int64) string {
	var parts []string
	for i, l := range t.Observed {
		parts = append(parts, l.String()+"="+t.show(values[i])+";")
	}
	return strings.Join(parts, " ")
}
