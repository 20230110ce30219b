package explore

import (
	"context"

	"ptsim/kern"
)

// Ahead is what a search from where a Stepper stands found out.
type Ahead struct {
	Verdict   Verdict
	Violation *kern.Violation // nil if there is none
	Moves     []Move          // that lead to it from here
	States    uint64
	Why       string   // why the search is incomplete
	Races     Races    // how data races were judged
	Reached   *Reached // what the way here and the schedules from here came to; all there is if it is Safe
}

// Ahead looks for the shortest way from here to a violation, of that kind if it is not kern.NoViolation. Safe means that
// whatever the scheduler does from here on, nothing breaks. It gives up after so many states, or when ctx is done.
func (p *Stepper) Ahead(ctx context.Context, kind kern.Kind, states uint64) (Ahead, error) {
	if p.ended {
		a := Ahead{Verdict: Safe, Violation: p.bad}
		if p.bad != nil {
			a.Verdict = Violated
		}
		return a, nil
	}
	opt := p.x.opt
	opt.Context, opt.words = ctx, 0
	var a Ahead
	r, err := restarting(p.model, opt, "ahead", func(x *system) (Result, error) {
		limit := states
		if x.budget > 0 && (limit == 0 || x.budget < limit) {
			limit = x.budget
		}
		found, err := p.ahead(x, kind, limit)
		if x.budget == 0 || found.Why != tooMany { // else what was found without views stands
			a = found
		}
		return Result{Verdict: found.Verdict, Why: found.Why}, err
	})
	a.Races = r.Races
	return a, err
}

func (p *Stepper) ahead(x *system, kind kern.Kind, states uint64) (a Ahead, err error) {
	defer catch(&err)
	d := &dijkstra{x: x, kind: kind, s: newState(x), limit: states, races: raceLog{threads: x.threads}}
	d.s.track(nil) // whoever steps by hand may step over a race
	for _, m := range p.path {
		tr, err := d.s.resolve(m)
		if err != nil {
			return Ahead{}, err
		}
		d.s.take(tr, stepwise)
	}
	d.s.track(x.racy)
	here := d.s.mark()
	// What moves left is done at once: a folded step begins behind it.
	var first []move
	for again := true; again; {
		again = false
		for t := range x.threads {
			n := d.s.at[t]
			if n.over() || d.s.interrupted(t) || n.moves[folded] != kern.LeftMover {
				continue
			}
			first, again = append(first, move{t: x.nameOf(t)}), true
			if d.s.take(trans{t: uint8(t)}, stepwise); d.s.viol != nil {
				return Ahead{Verdict: Violated, Violation: d.s.viol, Moves: x.moves(first), States: 1}, nil
			}
		}
	}
	d.base = d.s.mark()
	why := d.search(folded)
	if why == "" && d.best != nil && d.states <= cheapSearch {
		d.base, d.limit = here, 0
		d.bySingleSteps()
	}
	a = Ahead{Verdict: Safe, States: d.states, Reached: x.auto.reached()}
	switch {
	case d.best == nil && why != "":
		a.Verdict, a.Why = Incomplete, why
	case d.best != nil:
		a.Verdict, a.Violation = Violated, d.best.v
		d.s.back(here)
		var path []move
		if d.best.how == folded {
			for _, m := range first {
				d.s.take(trans{t: uint8(x.threadOf(m.t))}, stepwise)
			}
			path = first
		}
		for i, m := range x.schedule(d.best).path {
			if d.best.how == stepwise {
				path = append(path, m)
				continue
			}
			singles, err := d.s.singles(m, d.best.race != 0 && i == len(d.best.path)-1)
			if err != nil {
				return Ahead{}, err
			}
			path = append(path, singles...)
		}
		a.Moves = x.moves(path)
	}
	return a, nil
}

// move returns a move whose thread is called by its number here, -1 if there is none.
func (x *system) move(m move) Move { return Move{x.threadOf(m.t), m.item, int(m.alt)} }

func (x *system) moves(path []move) []Move {
	var list []Move
	for _, m := range path {
		list = append(list, x.move(m))
	}
	return list
}
