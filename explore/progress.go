package explore

import (
	"sync"
	"time"
)

// Progress is how far a search has come. Nobody knows how many states there are, so there is no share of them. What tells
// whether an end is in sight is what is left to try: whether that becomes more or less, and how many of the steps that are
// tried still lead to states that nobody had met.
type Progress struct {
	States      uint64
	Transitions uint64
	Depth       int  // of the deepest schedule so far
	Frontier    int  // transitions known and not yet tried; of Shortest: schedules that wait to be gone on with
	Shortest    bool // it is one for the shortest schedule
	Bytes       uint64
	Elapsed     time.Duration

	// Untried is where the first of what is left to try is: after how many transitions; of Shortest: switches. All schedules
	// that part from the one under way before are done.
	Untried int

	// Of the last seconds:
	Rate  float64 // states a second
	Fresh float64 // of the transitions, the share that led to a state not met before
	Trend Trend   // of the frontier
}

// Trend is how something changes.
type Trend int

// The trends: what is not clearly one of the others is steady.
const (
	Shrinking Trend = iota - 1
	Steady
	Growing
)

func (t Trend) String() string { return [...]string{"shrinking", "steady", "growing"}[t+1] }

// paceSamples is how many samples a pace keeps, paceSpan how much time they span at least when they are full.
const (
	paceSamples = 64
	paceSpan    = 100 * time.Millisecond
)

// pace is what the last seconds of a search were like.
type pace struct {
	mu      sync.Mutex
	samples [paceSamples]counts
	n       int // that were noted
}

// counts are what a search counts, at one time.
type counts struct {
	at            time.Time
	states, moves uint64
	frontier      int
}

// note adds a sample, unless the last one is too young.
func (p *pace) note(c counts) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.n > 0 && c.at.Sub(p.samples[(p.n-1)%paceSamples].at) < paceSpan {
		return
	}
	p.samples[p.n%paceSamples] = c
	p.n++
}

// tell says what the last seconds were like.
func (p *pace) tell(to *Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept := min(p.n, paceSamples)
	if kept < 2 {
		to.Rate = float64(to.States) / max(to.Elapsed.Seconds(), 1e-3)
		to.Fresh = float64(to.States) / float64(max(to.Transitions, 1))
		return
	}
	at := func(i int) *counts { return &p.samples[(p.n-kept+i)%paceSamples] }
	first, last := at(0), at(kept-1)
	states := float64(last.states - first.states)
	to.Rate = states / last.at.Sub(first.at).Seconds()
	to.Fresh = min(states/float64(max(last.moves-first.moves, 1)), 1)
	var before, after float64
	for i := range kept / 2 {
		before += float64(at(i).frontier)
		after += float64(at(kept - 1 - i).frontier)
	}
	switch {
	case after > before*1.02:
		to.Trend = Growing
	case after < before*0.98:
		to.Trend = Shrinking
	}
}

// tell notes what is left to try, if somebody has asked since it was last told.
func (w *worker) tell() {
	asked := w.asked.Load()
	if asked == w.answered {
		return
	}
	w.answered = asked
	n, first := 0, len(w.frames)
	for i := range w.frames {
		if left := w.frames[i].end - w.frames[i].next; left > 0 {
			n += left
			first = min(first, i)
		}
	}
	w.frontier.Store(int64(n))
	w.untried.Store(int64(len(w.path) + first))
}

// last returns how far a search came that was cut short. Nobody is searching.
func (sr *search) last() *Progress {
	sr.asked.Add(1)
	for _, w := range sr.workers {
		w.tell()
	}
	p := sr.progress()
	return &p
}

// counts returns how far the search is.
func (sr *search) counts() counts {
	c := counts{at: time.Now(), states: sr.states.Load(), moves: sr.moves.Load()}
	sr.mu.Lock()
	for i := range sr.jobs {
		c.frontier += len(sr.jobs[i].rest)
	}
	sr.mu.Unlock()
	for _, w := range sr.workers {
		c.frontier += int(w.frontier.Load())
	}
	return c
}

// progress returns how far the search has come.
func (sr *search) progress() Progress {
	c := sr.counts()
	p := Progress{States: c.states, Transitions: c.moves, Depth: int(sr.depth.Load()), Frontier: c.frontier, Bytes: sr.held().total(),
		Elapsed: time.Since(sr.x.start)}
	for _, w := range sr.workers {
		if u := int(w.untried.Load()); w.frontier.Load() > 0 && (p.Untried == 0 || u < p.Untried) {
			p.Untried = u
		}
	}
	sr.pace.tell(&p)
	return p
}
