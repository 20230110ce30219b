package explore

import (
	"context"
	"errors"
	"fmt"
)

// A search that is too large for one machine is split by its first transitions. Split searches down to some depth and returns the
// paths to the states where it stopped; Behind searches everything behind one of them. Who has done Split and Behind for each of its
// parts, in any order, on any machines, has done what Exhaustive does.
//
// Each part has a table of visited states of its own, so states that several parts reach are visited in each. There are fewer of
// them than one might think, since the parts share sleep sets (see sleep.go): Behind goes down its path as Split did, and where
// Split made other transitions before the one that leads on, it makes and takes back those as well, so that they sleep behind
// it if they are independent of it. What sleeps is the business of an earlier part.
//
// Why none is lost by that: take the parts in the order in which Split met them. By induction, the parts up to number k together
// meet all that can be reached from the state of part k. Nothing sleeps in the first part, which searches with a table of its
// own, so that is the theorem for one search. In part k let t sleep at its state s. Then t was made before the path of the part
// branched off, at a state x; all transitions from x to s are independent of t, so t(s) can be reached from t(x), and all states
// where Split stopped behind t(x) belong to parts before k, since Split is done with t(x) and met no state that it was in the middle
// of. So what is behind t(s) is met by earlier parts, which is what the argument in sleep.go wants of a transition that sleeps.
// Where Split does meet a state that it is in the middle of, it begins anew and nothing sleeps, in no part.
//
// All of that is about one transition system, but how steps are folded into transitions depends on rules, and a part may meet code
// that breaks a rule (see restarting). Its transitions are then not those of the other parts, and it has no verdict: all must be
// split again by other rules. Split looks for such code by random schedules, so it is seldom that a part is the first to find it.
//
// Data races are judged by adjacent accesses: the two are transitions of one state, which is in some part, or above all.

// cut is where a search is split.
type cut struct {
	depth int
	awake bool      // no transition sleeps
	found [][]trans // the paths to where it stopped
}

// wakes tells whether nothing may sleep since the search is split.
func (c *cut) wakes(x *system) bool {
	if c != nil && x.cyclic {
		c.awake = true
	}
	return c != nil && c.awake
}

// begin returns how deep the search goes, 0 for all the way.
func (c *cut) begin() int {
	if c == nil || c.depth == 0 {
		return 0
	}
	c.found = nil
	return c.depth
}

// Part is a part of a search that was split, as Behind needs to know it.
type Part struct {
	Schedule *Schedule // that leads to it
	Awake    bool      // nothing sleeps
	Apart    bool      // softirq CPUs and kworkers are not taken for each other
}

// Split searches all that is less than so many transitions deep, and returns what came of it and the parts that are left. The
// verdict is about that alone.
func Split(m *Model, opt Options, depth int) (Result, []Part, error) {
	if depth < 1 {
		return Result{}, nil, fmt.Errorf("a split at depth %d; expected 1 or more", depth)
	}
	opt.fitSplit()
	opt.Threads = 1
	var parts []Part
	rules := movements{}
	for {
		p, err := runPart(m, opt, "split", &rules, 0, func(x *system) (Result, error) {
			if err := x.learn(); err != nil {
				return Result{}, err
			}
			x.cut = &cut{depth: depth}
			r, err := x.exhaustive(nil)
			parts = parts[:0]
			for _, path := range x.cut.found {
				parts = append(parts, Part{x.schedule(&found{path: path}), x.cut.awake, x.auto.mode.servers})
			}
			return r, err
		})
		p.Races = Adjacent
		if err != nil || !p.broken || p.CutShort {
			return p.Result, parts, err
		}
		rules = movements{stays: p.stays}
	}
}

// ErrRules says that a part of a search met code by which its transitions are not those of the other parts.
var ErrRules = errors.New("it met code that breaks a rule by which steps were folded; split again by single steps")

// Behind searches all that is behind a part. The error is ErrRules if it met what Split did not know of; then no part counts.
func Behind(m *Model, opt Options, part Part) (Result, error) {
	opt.fitSplit()
	rules := part.Schedule.rules()
	rules.servers = part.Apart
	p, err := runPart(m, opt, "behind", rules, 0, func(x *system) (Result, error) {
		x.cut = &cut{awake: part.Awake}
		var err error
		if x.from, err = x.path(part.Schedule); err != nil {
			return Result{}, err
		}
		return x.exhaustive(nil)
	})
	p.Races = Adjacent
	if err == nil && p.broken && p.Verdict != Violated && !p.CutShort {
		err = ErrRules
	}
	return p.Result, err
}

// fitSplit sets what a split search cannot have.
func (o *Options) fitSplit() {
	o.Races, o.Checkpoint = Adjacent, nil
	if o.Context == nil {
		o.Context = context.Background()
	}
}

// path returns the transitions of a schedule, each of which must be possible.
func (x *system) path(sched *Schedule) (path []trans, err error) {
	defer catch(&err)
	s := newState(x)
	for i, m := range sched.path {
		tr, err := s.resolve(m)
		if err != nil {
			return nil, &StaleError{i, err.Error()}
		}
		if s.take(tr, folded) != moved {
			return nil, &StaleError{i, fmt.Sprintf("%s cannot take its step", x.threads[tr.t].name)}
		}
		path = append(path, tr)
	}
	return path, nil
}

// follow goes down a path as the search did that found it. What that made on the way, before the transitions of the path, is made
// and taken back, and sleeps where it would; others search behind it. Behind the path this worker searches everything that is
// awake.
func (w *worker) follow(path []trans) {
	w.push(trans{}, w.s.key(), 0, true)
	for i, tr := range path {
		f := &w.frames[len(w.frames)-1]
		for f.next < f.end && w.arena[f.next] != tr {
			w.retake(f)
			w.s.back(f.mark)
		}
		if f.next == f.end || !w.retake(f) {
			panic("explore: a path does not lead where it led before")
		}
		f.next, f.enabled = f.end, 1
		key := w.s.key()
		if i < len(path)-1 {
			w.push(tr, key, w.sleepers(w.child), true)
			continue
		}
		isNew, skip, _ := w.visit(key)
		w.push(tr, key, skip, isNew)
	}
}

// retake makes the next transition of a frame, and tells whether a search goes on behind it.
func (w *worker) retake(f *frame) bool {
	tr := w.arena[f.next]
	f.next++
	idle := 0
	if tr.item > 0 {
		idle = w.idle(int(tr.t))
	}
	w.lookBeneath(f, tr)
	st := w.s.take(tr, w.how)
	w.s.refresh()
	if w.s.alts > 1 && tr.alt == 0 {
		w.addWays(f, tr)
	}
	return w.note(f, tr, st, idle) == nil && st == moved
}
