package explore

import (
	"errors"
	"fmt"
	"strings"

	"ptsim/internal/quote"
	"ptsim/kern"
)

// Stepper takes a schedule by hand, one primitive at a time, with the model's own code: whoever holds it is the scheduler.
// At each point it tells what every thread is about to do and what the blocked ones wait for. Use one from one goroutine
// at a time, and Close it.
//
// A step is one primitive that others can see, with the plain accesses before it; to begin a callback or a work item is a
// step of its own. Where a step leaves a choice, each way is a move.
type Stepper struct {
	model    *Model
	x        *system
	s        *state
	r        *realCode
	path     []move
	ended    bool
	bad      *kern.Violation
	held     map[kern.Addr][]int // by lock or semaphore: the threads that hold it
	race     kern.Addr           // that the schedule under way ends in a race for
	adjacent bool                // with the step right before
	stale    error               // once the code has failed, nothing goes on
}

// Move is one thing that a scheduler can decide: a thread takes its next step. Item is the callback or work item that it
// begins, 0 if it is in the middle of something. Way is which of its ways it goes, where there is a choice.
type Move struct {
	Thread int
	Item   kern.Addr
	Way    int
}

// ErrEnded says that nothing can move any more: everything is done, or something is broken.
var ErrEnded = errors.New("the schedule has ended")

// NewStepper puts the model's machine together and stands at its first state.
func NewStepper(m *Model, opt Options) (*Stepper, error) {
	opt.Plain = false
	x, err := newSystem(m, opt, &movements{})
	if err != nil {
		return nil, err
	}
	p := &Stepper{model: m, x: x}
	if err := p.Reset(); err != nil {
		return nil, err
	}
	return p, nil
}

// Reset goes back to the first state.
func (p *Stepper) Reset() (err error) {
	defer catch(&err)
	p.Close()
	if p.s == nil || p.stale != nil {
		p.s = newState(p.x)
	}
	p.s.back(0)
	p.r = newRealCode(p.x, p.s)
	p.s.track(nil) // whoever steps by hand may step over a race
	p.path, p.ended, p.bad, p.stale, p.race, p.adjacent = nil, false, nil, nil, 0, false
	p.held = map[kern.Addr][]int{}
	return nil
}

// Close ends the threads that are under way.
func (p *Stepper) Close() {
	if p.r != nil {
		p.r.close()
		p.r = nil
	}
}

// Instance is the machine as it is now. It is to be looked at only.
func (p *Stepper) Instance() *Instance { return p.s.inst }

// Violation is what the schedule came to, nil if nothing is wrong so far.
func (p *Stepper) Violation() *kern.Violation { return p.bad }

// Ended tells whether nothing can move any more. Then Violation is also about what is found only when all is quiet.
func (p *Stepper) Ended() bool { return p.ended }

// Len is how many steps have been taken.
func (p *Stepper) Len() int { return len(p.path) }

// Take takes a step and returns what was done: plain accesses first, the step itself last. A move that is not possible is
// an error that says why, and changes nothing.
func (p *Stepper) Take(mv Move) (did []Step, err error) {
	if p.stale != nil {
		return nil, p.stale
	}
	if p.ended {
		return nil, ErrEnded
	}
	if mv.Thread < 0 || mv.Thread >= len(p.x.threads) {
		return nil, errors.New("there is no such thread")
	}
	if mv.Way < 0 || mv.Way > 255 {
		return nil, fmt.Errorf("%s has no way number %d there", p.x.threads[mv.Thread].name, mv.Way)
	}
	m := move{t: p.x.nameOf(mv.Thread), alt: uint8(mv.Way), item: mv.Item}
	tr, err := p.s.resolve(m)
	if err != nil {
		return nil, err
	}
	st, ways := p.try(tr)
	switch {
	case st == blocked && p.race == 0:
		return nil, fmt.Errorf("%s cannot take its step: it waits for a lock", p.x.threads[mv.Thread].name)
	case tr.alt > 0 && uint32(tr.alt) >= ways:
		return nil, fmt.Errorf("%s has no way number %d there", p.x.threads[mv.Thread].name, mv.Way)
	}
	defer func() {
		if e := recover(); e != nil {
			if l, ok := e.(*ModelError); ok {
				p.stale = l
			} else if p.r.err != nil && e == any(p.r.err) {
				p.stale = p.r.err
			} else {
				panic(e)
			}
			did, err = nil, p.stale
		}
	}()
	if p.s.weak != nil {
		p.s.weak.stamp = len(p.path) + 1
	}
	before := len(p.r.trace.Steps)
	p.s.real, p.r.race, p.r.adjacent = p.r, p.race, p.adjacent
	st = p.s.take(tr, stepwise)
	if st == moved {
		p.s.sound()
	}
	p.bad = p.s.viol
	p.s.real = nil
	p.path = append(p.path, m)
	did = p.r.trace.Steps[before:]
	p.note(did)
	if p.bad != nil {
		p.ended = true
	} else if !p.s.canMove(stepwise) {
		p.ended = true
		if p.bad = p.s.final(); p.bad != nil {
			p.s.m.Report(p.bad)
		}
	}
	return did, nil
}

// try takes a step and takes it back.
func (p *Stepper) try(tr trans) (st status, ways uint32) {
	mark := p.s.mark()
	st = p.s.take(tr, stepwise)
	ways = p.s.alts
	p.s.back(mark)
	return st, ways
}

// note keeps track of who holds which lock.
func (p *Stepper) note(did []Step) {
	for i := range did {
		a := did[i].Op.Addr
		switch op := kern.PrimitiveOf(did[i].Op.Kind); {
		case did[i].Waits:
		case op.Took(did[i].Result) != kern.NoLock:
			p.held[a] = append(p.held[a], did[i].Thread)
		case op.Gives != kern.NoLock:
			for j, t := range p.held[a] {
				if t == did[i].Thread {
					p.held[a] = append(p.held[a][:j:j], p.held[a][j+1:]...)
					break
				}
			}
			if len(p.held[a]) == 0 {
				delete(p.held, a)
			}
		}
	}
}

// Path returns the moves that led here.
func (p *Stepper) Path() []Move { return p.x.moves(p.path) }

// Schedule returns the path as a schedule, which Replay runs again.
func (p *Stepper) Schedule() *Schedule {
	return &Schedule{
		Model: p.model.Name, Softirqs: p.x.opt.Softirqs, Grace: p.x.opt.Grace, Lax: p.x.opt.Lax, Memory: p.x.opt.Memories(), Edits: p.x.opt.Edits, how: stepwise,
		race: p.race, adjacent: p.adjacent,
		path: append([]move(nil), p.path...), sum: p.r.trace.sum(),
	}
}

// Text returns the path as the text of a schedule.
func (p *Stepper) Text() string { return p.Schedule().Text() }

// ParseMove reads a move as schedules have it: A, B?1, s0!12c0.
func (p *Stepper) ParseMove(text string) (Move, error) {
	m, n, err := parseRun(text)
	if err != nil {
		return Move{}, err
	}
	if n != 1 {
		return Move{}, fmt.Errorf("%d steps in %s; expected one", n, quote.Short(text))
	}
	if p.x.threadOf(m.t) < 0 {
		return Move{}, fmt.Errorf("steps %s: there is no thread %s", quote.Short(text), m.t)
	}
	return p.x.move(m), nil
}

// MoveText is the inverse of ParseMove.
func (p *Stepper) MoveText(mv Move) string {
	var b strings.Builder
	writeMoves(&b, []move{{t: p.x.nameOf(mv.Thread), alt: uint8(mv.Way), item: mv.Item}})
	return b.String()
}
