package sidebyside

import (
	"context"
	"fmt"
	"slices"

	"ptsim/explore"
	"ptsim/internal/stepper"
	"ptsim/kern"
)

// mostTakes is how many moves are tried for one model.
const mostTakes = 12_000

// underFollower follows a schedule under another memory model, with backtracking over what queues do.
type underFollower struct {
	ctx   context.Context
	s     *stepper.Session
	line  []*stepper.Try
	u     *Under
	takes int

	views  []*stepper.View // after each step on the way; nil if there is no such step here
	events []event         // what came to memory on the way, beside the schedule's own order
	chosen []string        // the moves on the way that were one of several
	failed map[string]bool // by what a state depends on: from there the schedule cannot go on
}

// reached notes how far the way goes, if none went as far.
func (f *underFollower) reached(i int) {
	if i > 0 && i <= f.u.Steps {
		return
	}
	v := f.s.View()
	f.u.Steps, f.u.Instead, f.u.Link = i, []string{}, link(v)
	f.u.Views = append([]*stepper.View{f.s.Root().View}, f.views...)
}

// event is a store that came to memory: out of a queue, or by an atomic.
type event struct {
	word   kern.Addr
	thread string
}

// key is what the state before step i depends on: the order of the stores to each word, and what was chosen: a way through the code,
// or the store that a load reads.
func (f *underFollower) key(i int) string {
	words := map[kern.Addr]string{}
	for _, e := range f.events {
		words[e.word] += e.thread
	}
	return fmt.Sprint(i, words, f.chosen) // sorted by word
}

// last returns the primitive of a step: the last one that it carried out, but for barriers, which are no steps under sequential
// consistency.
func last(v *stepper.View) *explore.Step {
	steps := v.Did.Steps()
	for i := len(steps) - 1; i >= 0; i-- {
		if !alone(&steps[i]) {
			return &steps[i]
		}
	}
	if len(steps) == 0 {
		return nil
	}
	return &steps[len(steps)-1]
}

// alone tells whether a step is one in some models only: a barrier, the barrier on one side of an atomic, or what goes along with the
// next step under sequential consistency: a plain access, or an allocation.
func alone(d *explore.Step) bool {
	if d == nil {
		return true
	}
	if d.Begins || d.Drains {
		return false
	}
	if d.Local || kern.PrimitiveOf(d.Op.Kind).Plain {
		return true
	}
	switch d.Op.Kind {
	case kern.OpMB, kern.OpRMB, kern.OpWMB, kern.OpMBBeforeAtomic, kern.OpMBAfterAtomic, kern.OpMBAfterSpinlock, kern.OpMBAfterUnlock:
		return true
	}
	return false
}

// isNext tells whether a step that orders and does nothing else is the next one: it was tried as a move then.
func isNext(d *explore.Step, next kern.Op) bool {
	return d != nil && !d.Local && !kern.PrimitiveOf(d.Op.Kind).Plain && d.Op.Kind == next.Kind
}

// from follows the schedule from step i on, and tells whether it got to the end.
func (f *underFollower) from(i int) (bool, error) {
	way := len(f.views)
	defer func() { f.views = f.views[:way] }()
	for i < len(f.line) && last(f.line[i].View) != nil && last(f.line[i].View).Drains { // each model has its own queues
		f.views = append(f.views, nil)
		i++
	}
	f.reached(i)
	if i == len(f.line) {
		return true, f.flush()
	}
	v, key, came := f.s.View(), f.key(i), len(f.events)
	if v.Ended || f.failed[key] {
		return false, nil
	}
	defer func() { f.events = f.events[:came] }()
	want := f.line[i].View
	lane := slices.IndexFunc(v.Lanes, func(l stepper.Lane) bool { return l.Letter == want.Did.Letter })
	here := f.s.At()
	type drain struct{ thread, move string }
	var drains []drain
	for n := range v.Lanes {
		for _, mv := range v.Lanes[n].Moves {
			if mv.Choice.Kind == stepper.DrainMove {
				drains = append(drains, drain{v.Lanes[n].Letter, mv.Text})
			}
		}
	}
	if lane >= 0 {
		moves := slices.DeleteFunc(slices.Clone(v.Lanes[lane].Moves), func(mv stepper.Move) bool { return mv.Choice.Kind == stepper.DrainMove })
		for _, mv := range moves {
			if len(moves) > 1 {
				f.chosen = append(f.chosen, fmt.Sprint(i, mv.Text))
			}
			done, err := f.take(mv.Text, i, want)
			if done || err != nil {
				return done, err
			}
			if len(moves) > 1 {
				f.chosen = f.chosen[:len(f.chosen)-1]
			}
			if err := f.s.Jump(here.ID); err != nil {
				return false, err
			}
		}
	}
	if d := last(want); alone(d) && lane >= 0 && !isNext(d, v.Lanes[lane].Op) { // it is no step here
		f.views = append(f.views, nil)
		if done, err := f.from(i + 1); done || err != nil {
			return done, err
		}
		f.views = f.views[:len(f.views)-1]
		if err := f.s.Jump(here.ID); err != nil {
			return false, err
		}
	}
	for _, mv := range drains {
		if f.takes++; f.takes > mostTakes {
			f.u.Cut = true
			return false, nil
		}
		if err := f.s.Take(mv.move); err != nil {
			return false, err
		}
		f.events = append(f.events[:came], event{last(f.s.View()).Words[0].Addr, mv.thread})
		if done, err := f.from(i); done || err != nil {
			return done, err
		}
		if err := f.s.Jump(here.ID); err != nil {
			return false, err
		}
	}
	f.events = f.events[:came]
	f.failed[key] = !f.u.Cut
	return false, nil
}

// flush lets the queues write what is left in them.
func (f *underFollower) flush() error {
	for {
		v, moved := f.s.View(), false
		for n := range v.Lanes {
			for _, mv := range v.Lanes[n].Moves {
				if mv.Choice.Kind == stepper.DrainMove && !moved {
					moved = true
					if err := f.s.Take(mv.Text); err != nil {
						return err
					}
				}
			}
		}
		if !moved {
			return nil
		}
	}
}

// take takes a move for step i, and goes on if it does the same with the same result.
func (f *underFollower) take(move string, i int, want *stepper.View) (bool, error) {
	if f.takes++; f.takes > mostTakes {
		f.u.Cut = true
		return false, nil
	}
	if err := f.ctx.Err(); err != nil {
		return false, err
	}
	if err := f.s.Take(move); err != nil {
		return false, err
	}
	got, asked := last(f.s.View()), last(want)
	if came := len(f.events); got != nil && kern.PrimitiveOf(got.Op.Kind).Atomic {
		f.events = append(f.events, event{got.Op.Addr, want.Did.Letter})
		defer func() { f.events = f.events[:came] }()
	}
	switch {
	case got == nil && asked == nil, got != nil && asked != nil && got.Op == asked.Op && got.Result == asked.Result && got.Begins == asked.Begins && got.Item == asked.Item:
		f.views = append(f.views, f.s.View())
		defer func() { f.views = f.views[:len(f.views)-1] }()
		return f.from(i + 1)
	case got == nil, alone(got) && !alone(asked): // this model has a step more
		return f.from(i)
	}
	if i == f.u.Steps && !slices.Contains(f.u.Instead, f.s.View().Did.Text) {
		f.u.Instead = append(f.u.Instead, f.s.View().Did.Text)
	}
	return false, nil
}
