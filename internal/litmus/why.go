package litmus

import (
	"container/heap"
	"context"
	"fmt"
	"strings"

	"ptsim/memory"
)

// A Move is one step of a schedule.
type Move struct {
	Proc   int
	Line   int
	Text   string // the operation, and the value that it read
	Remark string // of a stale read and of a store into the middle of coherence order: what it missed
}

// A node of the search for the shortest schedule.
type pathNode struct {
	state  *state
	parent *pathNode
	step   step
	remark string
	text   string
	line   int
	cost   [3]int // switches, stale reads, steps
}

type frontier []*pathNode

func (f frontier) Len() int { return len(f) }
func (f frontier) Less(i, j int) bool {
	for k := range f[i].cost {
		if f[i].cost[k] != f[j].cost[k] {
			return f[i].cost[k] < f[j].cost[k]
		}
	}
	return false
}
func (f frontier) Swap(i, j int) { f[i], f[j] = f[j], f[i] }
func (f *frontier) Push(x any)   { *f = append(*f, x.(*pathNode)) }
func (f *frontier) Pop() any {
	last := len(*f) - 1
	n := (*f)[last]
	*f = (*f)[:last]
	return n
}

// Shortest returns the schedule to a final state that the condition describes (for forall: does not): the one with the
// fewest switches of process, then with the fewest stale reads and early stores, then with the fewest steps. It returns
// nil if there is none.
func Shortest(ctx context.Context, t *Test, o Options) ([]Move, error) {
	if o.States == 0 {
		o.States = 10_000_000
	}
	s := newSearch(t)
	f := &frontier{{state: s.start(o), step: step{proc: -1}}}
	var steps []step
	for f.Len() > 0 {
		at := heap.Pop(f).(*pathNode)
		// Who ran last is part of the state: the next switch depends on it.
		s.key = append(s.key[:0], byte(at.step.proc))
		if !s.enterAs(at.state, s.key) {
			continue
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if len(s.visited) > o.States {
			return nil, fmt.Errorf("more than %d states", o.States)
		}
		steps = s.steps(at.state, steps[:0])
		if len(steps) == 0 && s.ended(at.state) && s.wanted(at.state) {
			return moves(at), nil
		}
		for _, st := range steps {
			n := &pathNode{state: at.state.clone(), parent: at, step: st, cost: at.cost}
			n.line, n.text, n.remark = s.describe(at.state, st)
			if st.proc != at.step.proc && at.step.proc >= 0 {
				n.cost[0]++
			}
			if n.remark != "" {
				n.cost[1]++
			}
			n.cost[2]++
			s.take(n.state, st)
			heap.Push(f, n)
		}
	}
	return nil, nil
}

func (s *search) wanted(st *state) bool {
	v := s.values(st)
	if s.test.Filter != nil && !s.test.Filter(v) {
		return false
	}
	return s.test.Cond(v) != (s.test.Quantifier == "forall")
}

func moves(n *pathNode) (all []Move) {
	for ; n.parent != nil; n = n.parent {
		all = append([]Move{{n.step.proc, n.line, n.text, n.remark}}, all...)
	}
	return all
}

// describe says what a step does, and what is weak about it.
func (s *search) describe(st *state, next step) (line int, text, remark string) {
	if next.drain {
		return 0, "its oldest queued store goes to memory", ""
	}
	in := &s.test.Procs[next.proc].code[st.procs[next.proc].pc]
	op, _ := s.op(st, next.proc, in)
	text = in.text
	if in.addr == nil {
		return in.line, text, ""
	}
	stores := st.memory.Stores(op.Word)
	missed := stores[min(next.way.Place+1, len(stores)):]
	names := func() string {
		var parts []string
		for _, m := range missed {
			who := "the start"
			if m.CPU >= 0 {
				who = fmt.Sprintf("P%d", m.CPU)
			}
			parts = append(parts, fmt.Sprintf("%s=%s of %s", s.test.Words[op.Word].Name, s.test.show(m.Value), who))
		}
		return strings.Join(parts, ", ")
	}
	if in.kind == access && op.Kind != memory.Store {
		after := st.clone()
		v, _ := after.memory.Do(next.proc, &op, next.way)
		if op.Kind != memory.Lock && op.Kind != memory.Unlock {
			text += " = " + s.test.show(v)
		}
		if len(missed) > 0 && op.Kind != memory.Unlock && op.Kind != memory.Lock {
			remark = fmt.Sprintf("stale: it misses %s; no acquire, smp_rmb, dependency or strong fence makes P%d look", names(), next.proc)
		}
	} else if op.Kind == memory.Store && len(missed) > 0 {
		remark = fmt.Sprintf("early: in coherence order it comes before %s", names())
	}
	return in.line, text, remark
}

// A Part is a barrier or an order in a test, and the verdict of the test without it.
type Part struct {
	Line    int
	Text    string
	Verdict string
}

// Without runs the test once without each of its barriers, and with each acquire and release made relaxed.
func Without(ctx context.Context, t *Test, o Options) ([]Part, error) {
	var parts []Part
	for i, p := range t.Procs {
		for pc := range p.code {
			in := &p.code[pc]
			text := ""
			changed := *in
			switch {
			case in.op.Kind == memory.Fence && (in.kind == fence || in.kind == access || in.kind == mbIf):
				text = in.text
				changed = instr{kind: jump, target: pc + 1, dst: -1, guess: -1}
			case in.kind == access && (in.op.Order == memory.Acquire || in.op.Order == memory.StoreRelease):
				text = "the acquire of " + in.text
				if in.op.Order == memory.StoreRelease {
					text = "the release of " + in.text
				}
				changed.op.Order = memory.Relaxed
			default:
				continue
			}
			weaker := *t
			weaker.Procs = append([]*Proc(nil), t.Procs...)
			proc := *p
			proc.code = append([]instr(nil), p.code...)
			proc.code[pc] = changed
			proc.finish()
			weaker.Procs[i] = &proc
			r, err := Run(ctx, &weaker, o)
			if err != nil {
				return nil, err
			}
			parts = append(parts, Part{in.line, text, r.Verdict()})
		}
	}
	return parts, nil
}
