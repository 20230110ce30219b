package quiz

import (
	"fmt"
	"strings"

	"ptsim/explore"
	"ptsim/internal/labs/pagetable"
	"ptsim/internal/stepper"
	"ptsim/kern"
)

// forecast is what a move leads to, on a session of its own: the steps up to the end of the operation that it begins, if it
// begins one and that can be done without anybody else; otherwise the one step.
type forecast struct {
	s      *stepper.Session
	start  *stepper.Try
	lane   stepper.Lane // before the move
	tries  []*stepper.Try
	steps  []explore.Step // of the operation
	after  *stepper.View  // where everything that the operation did shows; like the end's, or one step later
	whole  bool
	thread int
	pos    int
}

// longest bounds how many steps an operation may have, and a run to the end.
const longest = 400

// foresee takes the move on the session, and as many others as it takes. The session stands elsewhere then.
func foresee(s *stepper.Session, move string) (*forecast, error) {
	f := &forecast{s: s, start: s.At()}
	if err := s.Take(move); err != nil {
		return nil, err
	}
	did := s.View().Did
	if did.Own() {
		return f, nil // nothing was done that anybody could see
	}
	last := &did.Steps()[len(did.Steps())-1]
	f.thread, f.pos = last.Thread, last.Pos
	f.lane = f.start.View.Lanes[f.thread]
	f.tries = []*stepper.Try{s.At()}
	f.steps = append(f.steps, f.mine(did)...)
	f.after = s.View()
	if f.begins(last) && s.View().Violation == nil {
		if err := f.finish(); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// mine returns those of the steps that are the operation's.
func (f *forecast) mine(did *stepper.Did) []explore.Step {
	var list []explore.Step
	for _, st := range did.Steps() {
		if st.Thread == f.thread && st.Pos == f.pos {
			list = append(list, st)
		}
	}
	return list
}

// begins tells whether nothing of the operation was done before the move.
func (f *forecast) begins(last *explore.Step) bool {
	if last.Pos < 0 {
		return last.Begins
	}
	for t := f.start; t.Parent != nil; t = t.Parent {
		if t.View.Did != nil && len(f.mine(t.View.Did)) > 0 {
			return false
		}
	}
	return true
}

// finish goes on with the thread until the operation is done. If somebody else would have to move, or there is a choice, or
// something breaks, only the first step counts.
func (f *forecast) finish() error {
	first, steps := f.tries[0], f.steps
	f.whole = true
	for len(f.tries) < longest {
		v := f.s.View()
		lane := v.Lanes[f.thread]
		if v.Violation == nil && (v.Ended || f.over(&lane)) {
			return nil
		}
		if v.Violation != nil || len(lane.Moves) != 1 {
			break
		}
		if err := f.s.Take(lane.Moves[0].Text); err != nil {
			return err
		}
		did := f.s.View().Did
		if did.Own() {
			continue
		}
		mine := f.mine(did)
		if n := len(did.Steps()); f.s.View().Violation == nil && (n == 0 || did.Steps()[n-1].Pos != f.pos) {
			// It is the next operation's step: of this one it has the plain rest, if any.
			f.steps = append(f.steps, mine...)
			f.after = f.s.View()
			return nil
		}
		f.steps = append(f.steps, mine...)
		f.tries = append(f.tries, f.s.At())
		f.after = f.s.View()
	}
	f.whole, f.tries, f.steps, f.after = false, []*stepper.Try{first}, steps, first.View
	return nil
}

// over tells whether a lane has nothing more to do of a callback, or at all.
func (f *forecast) over(lane *stepper.Lane) bool {
	return f.pos < 0 && lane.Doing == "" || lane.State == explore.Over
}

// end is the state after the operation.
func (f *forecast) end() *stepper.Try { return f.tries[len(f.tries)-1] }

// before is the state that is shown.
func (f *forecast) before() *stepper.View { return f.start.View }

// subject finds the page that the operation is about: the first whose mask it changes, else the first that it puts on a
// list, queues, frees, or puts into a batch.
func (f *forecast) subject() string {
	for _, changes := range []func(*explore.Step) bool{
		isXor, func(s *explore.Step) bool { return isList(s.Op.Kind) || isCallRCU(s) }, isFree,
	} {
		for i := range f.steps {
			if name := f.pageOf(&f.steps[i]); name != "" && changes(&f.steps[i]) {
				return name
			}
		}
	}
	name, _, _ := strings.Cut(f.batched(), ".")
	return name
}

// pageOf names the page of tables that a step is about, "" if it is about none.
func (f *forecast) pageOf(s *explore.Step) string {
	p := kern.PFN(s.Op.Addr / kern.FrameWords)
	if kern.PrimitiveOf(s.Op.Kind).Frame {
		p = kern.PFN(s.Op.Addr)
	}
	name := fmt.Sprintf("page%d", p)
	for _, v := range []*stepper.View{f.before(), f.end().View, f.after} {
		if page(v, name) != nil {
			return name
		}
	}
	return ""
}

func isList(k kern.OpKind) bool {
	shape := kern.PrimitiveOf(k).Shape
	return shape == kern.ListInsert || shape == kern.ListRemove
}

// batched returns the table that the operation put into a batch, "" if it put none or several there. Of what is new in a batch
// only that counts which the operation itself wrote: the rest of the one before it shows in the same view.
func (f *forecast) batched() string {
	was := map[string]int{}
	for _, b := range f.before().Batches {
		for _, t := range b.Tables {
			was[b.Name+" "+t]++
		}
	}
	found := ""
	for _, b := range f.after.Batches {
		for _, t := range b.Tables {
			if was[b.Name+" "+t]--; was[b.Name+" "+t] >= 0 || !f.wrote(t) {
				continue
			}
			if found != "" {
				return ""
			}
			found = t
		}
	}
	return found
}

// wrote tells whether the operation stored a pointer to that table: page1.upper, or page1 where one table takes a page.
func (f *forecast) wrote(table string) bool {
	for i := range f.steps {
		if s := &f.steps[i]; s.Op.Kind == kern.OpStore {
			t := kern.Unpack(s.Op.A)
			name := fmt.Sprintf("page%d", t.PFN())
			if table == name || table == name+"."+halfNames[t.Half()] {
				return true
			}
		}
	}
	return false
}

func page(v *stepper.View, name string) *stepper.Page {
	for i := range v.Pages {
		if v.Pages[i].Name == name {
			return &v.Pages[i]
		}
	}
	return nil
}

func mmOf(v *stepper.View, name string) *stepper.MM {
	for i := range v.MMs {
		if v.MMs[i].Name == name {
			return &v.MMs[i]
		}
	}
	return nil
}

// half finds which half of the page all the operation's changes of its mask are about.
func (f *forecast) half(name string) (half int, ok bool) {
	bits := pagetable.Mask(0)
	for i := range f.steps {
		if s := &f.steps[i]; s.Op.Kind == kern.OpXor && f.pageOf(s) == name {
			bits |= pagetable.Mask(s.Op.A >> pagetable.MaskShift)
		}
	}
	const lower = pagetable.A | pagetable.H | pagetable.P
	switch {
	case bits == 0 || bits&lower != 0 && bits&(lower<<1) != 0:
		return 0, false
	case bits&lower != 0:
		return 0, true
	}
	return 1, true
}
