package explore

import (
	"math/rand/v2"
	"time"
)

// Sampling says how schedules are drawn.
type Sampling struct {
	Runs    int           // how many; 0 for as many as For allows
	For     time.Duration // how long; 0 for as long as Runs takes
	Seed    uint64
	PCT     bool // by priorities, with Changes of them at random steps (probabilistic concurrency testing); else uniformly
	Changes int
}

// Random runs schedules drawn at random until one breaks the model. If none does the search is incomplete.
func Random(m *Model, opt Options, smp Sampling) (Result, error) {
	rules := movements{}
	for {
		x, err := newSystem(m, opt, &rules)
		if err != nil {
			return Result{}, err
		}
		r, err := random(x, smp)
		u, again := x.auto.words, x.auto.metWhatRulesForbid() && r.Verdict != Violated
		shared := x.sharedMove() && r.Verdict != Violated
		x.release()
		if err != nil || !again && !shared {
			return r, err
		}
		rules = movements{stays: rules.with(&u)}
		rules.shared = rules.shared || shared
	}
}

func random(x *system, smp Sampling) (r Result, err error) {
	start := time.Now()
	defer catch(&err)
	w := newWalk(x, smp)
	w.views, r.Races = x.opt.Races != Adjacent, Adjacent
	if w.views {
		r.Races = HappensBefore
	}
	r.Verdict = Incomplete
	for n := 1; smp.Runs == 0 || n <= smp.Runs; n++ {
		if x.auto.metWhatRulesForbid() {
			break // by folded steps there are schedules that are never drawn
		}
		if x.sharedMove() {
			break // nor are races of two readers
		}
		f := w.run()
		r.Transitions += uint64(len(w.path))
		r.Depth = max(r.Depth, len(w.path))
		if f != nil {
			r.Verdict, r.Violation, r.Schedule = Violated, f.v, x.schedule(f)
			break
		}
		r.Finals = n
		if n&0xff == 0 && x.opt.Progress != nil {
			x.opt.Progress(Progress{States: w.met, Transitions: r.Transitions, Depth: r.Depth, Bytes: uint64(w.seen.bytes.Load()), Elapsed: time.Since(start),
				Rate: float64(w.met) / max(time.Since(start).Seconds(), 1e-3), Fresh: float64(w.met) / float64(max(r.Transitions, 1))})
		}
		if x.opt.Context.Err() != nil {
			r.Why = interrupted
			break
		}
		if smp.For > 0 && time.Since(start) >= smp.For {
			break
		}
	}
	if r.Verdict == Incomplete && r.Why == "" {
		r.Why = itoa(r.Finals) + " random schedules are not all"
	}
	r.States, r.Bytes, r.Elapsed, r.Runs = w.met, uint64(w.seen.bytes.Load()), time.Since(start), x.auto.Runs
	return r, nil
}

// sharedMove tells whether readers of semaphores move although views are kept.
func (x *system) sharedMove() bool { return len(x.racy) > 0 && !x.auto.mode.shared && !x.opt.Plain }

// walk is one random schedule after the other.
type walk struct {
	x      *system
	s      *state
	seen   *visited // nil: states are not counted
	met    uint64   // how many states those are
	rng    *rand.Rand
	smp    Sampling
	path   []trans
	order  []trans
	views  bool // keep views for the words that may race
	length int  // of the longest schedule so far: where priorities may change

	priority [maxThreads]int
	changes  map[int]int
}

func newWalk(x *system, smp Sampling) *walk {
	rng := rand.New(rand.NewPCG(smp.Seed, 0x9e3779b97f4a7c15))
	return &walk{x: x, s: newState(x), seen: x.newVisited(1, false), rng: rng, smp: smp, length: 1}
}

// run runs one schedule to its end, and returns what broke.
func (w *walk) run() *found {
	w.s.back(0)
	pairs := w.x.auto.words.pairs
	halves := w.x.auto.words.halves || pairs != 0
	if racy := w.s.uses.racy(); w.views && (len(racy) > len(w.x.racy) || halves != w.x.halves || pairs != w.x.pairs) {
		w.x.racy, w.x.halves, w.x.pairs = racy, halves, pairs
		w.s.track(racy)
	}
	w.path = w.path[:0]
	if w.smp.PCT {
		for i, p := range w.rng.Perm(len(w.x.threads)) {
			w.priority[i] = w.smp.Changes + 1 + p
		}
		w.changes = map[int]int{}
		for i := range w.smp.Changes {
			w.changes[w.rng.IntN(w.length)] = i + 1
		}
	}
	for {
		if w.seen != nil && w.seen.add(w.s.key()) {
			w.met++
		}
		moved, f := w.step()
		if f != nil {
			f.path = append([]trans(nil), w.path...)
			return f
		}
		w.length = max(w.length, len(w.path))
		if !moved {
			if v := w.s.final(); v != nil {
				return &found{path: append([]trans(nil), w.path...), v: v}
			}
			return nil
		}
	}
}

// step takes one step, drawn from those that are possible.
func (w *walk) step() (bool, *found) {
	w.order = w.s.candidates(w.order[:0])
	if w.smp.PCT {
		if p, ok := w.changes[len(w.path)]; ok && len(w.path) > 0 {
			w.priority[w.path[len(w.path)-1].t] = p
		}
	}
	mark := w.s.mark()
	for len(w.order) > 0 {
		i := w.pick()
		tr := w.order[i]
		st := w.s.take(tr, folded)
		if st != blocked && w.s.alts > 1 {
			if alt := uint8(w.rng.IntN(int(w.s.alts))); alt != 0 {
				w.s.back(mark)
				tr.alt = alt
				st = w.s.take(tr, folded)
			}
		}
		switch st {
		case moved:
			w.path = append(w.path, tr)
			if !w.s.sound() {
				return true, &found{v: w.s.viol}
			}
			return true, nil
		case broken:
			w.path = append(w.path, tr)
			return true, &found{v: w.s.viol, race: w.s.raced}
		}
		w.s.back(mark)
		w.order = append(w.order[:i], w.order[i+1:]...)
	}
	return false, nil
}

// pick returns which of the possible steps to try next.
func (w *walk) pick() int {
	if !w.smp.PCT {
		return w.rng.IntN(len(w.order))
	}
	best, n := 0, 0
	for i, tr := range w.order {
		switch p := w.priority[tr.t]; {
		case p > w.priority[w.order[best].t] || i == 0:
			best, n = i, 1
		case p == w.priority[w.order[best].t]: // several callbacks for one server
			if n++; w.rng.IntN(n) == 0 {
				best = i
			}
		}
	}
	return best
}
