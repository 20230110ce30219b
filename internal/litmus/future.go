package litmus

import (
	"slices"

	"ptsim/memory"
)

// What a process may still do, by instruction: the memory forgets what makes no difference to that.

// futures computes them for all processes: a backward analysis, which takes the union of both ways of a branch.
func (t *Test) futures() (all [][]*memory.Future) {
	f := &foreseer{test: t, locks: t.guards()}
	for _, p := range t.Procs {
		for i := range p.code {
			f.plain = f.plain || p.code[i].op.Order == memory.Plain
		}
	}
	for _, p := range t.Procs {
		all = append(all, f.proc(p))
	}
	return all
}

type foreseer struct {
	test  *Test
	locks []int
	plain bool // there are plain accesses: every store to a word may race, and so is as a load
}

func (f *foreseer) none() *memory.Future {
	n := &memory.Future{Locks: f.locks, Loads: make([]memory.Guards, len(f.test.Words)), Stores: make([]memory.Guards, len(f.test.Words))}
	for w := range n.Loads {
		n.Loads[w], n.Stores[w] = memory.Never, memory.Never
	}
	return n
}

// meet has a future say what another says, too.
func meet(f, o *memory.Future) {
	for w := range f.Loads {
		f.Loads[w] &= o.Loads[w]
		f.Stores[w] &= o.Stores[w]
	}
}

func (f *foreseer) proc(p *Proc) []*memory.Future {
	at := make([]*memory.Future, len(p.code))
	for pc := range at {
		at[pc] = f.none()
	}
	for changed := true; changed; {
		changed = false
		for pc := len(p.code) - 1; pc >= 0; pc-- {
			in, n := &p.code[pc], f.none()
			switch in.kind {
			case end:
			case jump:
				meet(n, at[in.target])
			case branch:
				meet(n, at[in.target])
				meet(n, at[pc+1])
			default:
				meet(n, at[pc+1])
				f.access(in, n)
			}
			if !slices.Equal(n.Loads, at[pc].Loads) || !slices.Equal(n.Stores, at[pc].Stores) {
				at[pc], changed = n, true
			}
		}
	}
	return at
}

// access goes back over an instruction.
func (f *foreseer) access(in *instr, n *memory.Future) {
	if in.kind != access || in.addr == nil {
		return
	}
	w, known := f.test.points(in.addr)
	load, store, sure := false, false, false
	switch in.op.Kind {
	case memory.Lock:
		if i := slices.Index(f.locks, w); known && i >= 0 {
			for w := range n.Loads {
				n.Loads[w] |= 1 << i
				n.Stores[w] |= 1 << i
			}
		}
		return
	case memory.Unlock:
		return
	case memory.Load, memory.TryLock, memory.IsLocked:
		load = true
	case memory.Store:
		store, sure = true, true
	case memory.RMW:
		store, sure = true, in.modify != "cmpxchg" && in.modify != "unless"
		load = !sure
	}
	for v := range n.Loads {
		switch {
		case known && v != w:
			continue
		case known && sure && !f.plain:
			n.Loads[v] = memory.Never
		case load || f.plain:
			n.Loads[v] = 0
		}
		if store {
			n.Stores[v] = 0
		}
	}
}

// points returns the word that an address points to, if that is known whatever registers hold.
func (t *Test) points(addr *expr) (int, bool) {
	v, ok := addr.fold()
	if !ok {
		return 0, false
	}
	return t.word(v)
}

// fold returns the value of an expression if it does not depend on any register.
func (e *expr) fold() (int64, bool) {
	args := make([]*expr, len(e.args))
	all := e.op != "reg"
	for i, a := range e.args {
		v, ok := a.fold()
		if ok && v == 0 && e.op == "&" {
			return 0, true
		}
		args[i], all = constant(v), all && ok
	}
	if !all {
		return 0, false
	}
	return (&expr{op: e.op, n: e.n, args: args}).eval(nil), true
}

// guards returns the locks that order what comes behind them, by whoever takes them: those that each process takes and releases in
// turns, in a straight line, and touches in no other way.
func (t *Test) guards() (locks []int) {
	held := make([]bool, len(t.Words))
	bad := make([]bool, len(t.Words))
	for _, p := range t.Procs {
		clear(held)
		for i := range p.code {
			in := &p.code[i]
			switch {
			case in.kind == jump || in.kind == branch:
				return nil
			case in.kind != access || in.addr == nil:
				continue
			}
			w, known := t.points(in.addr)
			if !known {
				return nil
			}
			switch {
			case in.op.Kind == memory.Lock && !held[w]:
				held[w] = true
			case in.op.Kind == memory.Unlock && held[w]:
				held[w] = false
			default:
				bad[w] = true
			}
			if in.op.Kind == memory.Lock && !slices.Contains(locks, w) && len(locks) < memory.MostLocks {
				locks = append(locks, w)
			}
		}
	}
	return slices.DeleteFunc(locks, func(w int) bool { return bad[w] || t.Words[w].Init != 0 })
}
