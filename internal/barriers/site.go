package barriers

import (
	"fmt"
	"slices"

	"ptsim/explore"
	"ptsim/kern"
)

// Site is a line of the code that orders, and what does so there: "smp_rmb". Of several primitives, all.
type Site struct {
	explore.Place
	Names []string
}

// sites are the lines of the orderings that a search came to, in their order. rcu_dereference is none: the models order what is
// reached through a pointer behind any load of it.
func sites(list []explore.Ordering) (all []Site) {
	for _, o := range list {
		if o.Name == dereference {
			continue
		}
		if n := len(all); n > 0 && all[n-1].File == o.File && all[n-1].Line == o.Line {
			all[n-1].Names = append(all[n-1].Names, o.Name)
			continue
		}
		all = append(all, Site{o.Place, []string{o.Name}})
	}
	return all
}

// dereference is a load that orders by an address dependency alone.
var dereference = kern.Op{Kind: kern.OpRead, Order: kern.Dependent}.Name()

// Without is the code with nothing in the line that orders, but locks.
func (s Site) Without() kern.Edit { return kern.Edit{File: s.File, Line: s.Line} }

// Where names the place: "swap/percpu.go:38, get_swap_device".
func Where(p explore.Place) string {
	text := fmt.Sprintf("%s:%d", p.File, p.Line)
	if name := function(p); name != "" {
		text += ", " + name
	}
	return text
}

// function is the kernel's function, or the Go one where that has no counterpart.
func function(p explore.Place) string {
	if p.Func != "" {
		return p.Func
	}
	for i := len(p.GoFunc) - 1; i >= 0; i-- {
		if p.GoFunc[i] == '.' {
			return p.GoFunc[i+1:]
		}
	}
	return p.GoFunc
}

// A Barrier is one that was put in: before what a line does.
type Barrier struct {
	kern.Edit
	explore.Place
	Next string // the primitive in that line
	Both bool   // several threads run the line: a full barrier there is one on each side
}

// Name is the barrier: "smp_rmb".
func (b Barrier) Name() string { return kern.Op{Kind: b.Before}.Name() }

func (b Barrier) String() string {
	text := fmt.Sprintf("%s() before %s() at %s", b.Name(), b.Next, Where(b.Place))
	if b.Both {
		text += ", which several tasks run"
	}
	return text
}

// strength ranks barriers.
func (b Barrier) strength() int {
	switch {
	case b.Before == kern.OpMB && b.Both:
		return 6
	case b.Before == kern.OpMB:
		return 3
	}
	return 1
}

// candidates are the barriers that may forbid a schedule, in the order of its steps: before each primitive on a word that a thread comes
// to. smp_rmb is tried in the thread of the last step, whose loads led there, and smp_wmb in the others; smp_mb in all.
func candidates(tr *explore.Trace) (list []Barrier) {
	last := tr.Steps[len(tr.Steps)-1].Thread
	thread := map[kern.Edit]int{} // that was first to run the line
	for i := range tr.Steps {
		st := &tr.Steps[i]
		p := kern.PrimitiveOf(st.Op.Kind)
		if st.Begins || len(st.Where) == 0 || p.Shape != kern.OneWord || p.Plain {
			continue
		}
		for _, k := range []kern.OpKind{kern.OpRMB, kern.OpWMB, kern.OpMB} {
			if k == kern.OpRMB && (st.Thread != last || !p.Reads && !p.Atomic) || k == kern.OpWMB && (st.Thread == last || !p.Writes) {
				continue
			}
			b := Barrier{kern.Edit{File: st.Where[0].File, Line: st.Where[0].Line, Before: k}, st.Where[0], st.Op.Name(), false}
			at, known := thread[b.Edit]
			if !known {
				thread[b.Edit] = st.Thread
				list = append(list, b)
			} else if at != st.Thread {
				list[slices.IndexFunc(list, func(c Barrier) bool { return c.Edit == b.Edit })].Both = true
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Barrier) int { return a.strength() - b.strength() })
	return list
}
