package explore

import (
	"fmt"
	"hash/fnv"

	"ptsim/kern"
)

// Word is a word that a step touched.
type Word struct {
	Addr         kern.Addr
	Write, Plain bool
}

// Step is one primitive as it was carried out, or the beginning of a callback or work item.
type Step struct {
	Thread   int // tasks first, in order, then kworkers, then softirqs
	CPU      int
	Softirq  bool
	Task     string
	Doing    string // the operation, or the callback
	Pos      int    // which of the task's operations that is; -1 of a callback or work item
	Op       kern.Op
	Result   uint32
	Func     string   // the kernel function that did it
	Trace    []string // the functions that led there, innermost first
	Where    []Place  // the places in the code that led there, innermost first
	Words    []Word
	Way      uint32 // which way it went, and how many there were
	Ways     uint32
	Local    bool      // no step of its own: a plain access, an allocation from the task's own memory, a choice
	Begins   bool      // Op is none: the callback or work item at Item begins
	Item     kern.Addr // only if Begins
	Drains   bool      // Op is none: the oldest store in the CPU's queue goes to memory, which is of the one word in Words, and makes it Result
	Releases bool      // that is the release of a lock
	Waits    bool      // it begins to wait for what Op waits for, and carries nothing out: see share.go
	Stale    *Reading  // of a read of an older store than the newest
	Note     any       // whatever the observer wants to keep
}

// Trace is what happened along a schedule, as the code of the model did it.
type Trace struct {
	Steps     []Step
	Violation *kern.Violation // what it came to, nil if nothing
	Switches  int             // changes of CPU, or of the task on one, between two consecutive steps
	Count     int             // steps that are not local, the beginning of a callback included
	Names     []string        // by thread
	CPUs      []int           // by thread

	observe func(*Instance, *Step)
}

// Replay runs a schedule with the model's own code and returns what happened. observe, if not nil, is called after each
// step. A schedule that no longer fits the model gives a *StaleError.
func Replay(m *Model, opt Options, sched *Schedule, observe func(*Instance, *Step)) (*Trace, error) {
	opt.Lax, opt.Model, opt.LKMM = sched.Lax, sched.Memory.Model, sched.Memory.Release
	opt.Edits = sched.Edits
	x, err := newSystem(m, opt, sched.rules())
	if err != nil {
		return nil, err
	}
	return replay(x, sched, observe)
}

func replay(x *system, sched *Schedule, observe func(*Instance, *Step)) (tr *Trace, err error) {
	s := newState(x)
	r := newRealCode(x, s)
	r.trace.observe = observe
	s.real = r
	defer r.close()
	defer func() {
		if e := recover(); e != nil {
			if l, ok := e.(*ModelError); ok {
				tr, err = nil, l
				return
			}
			if r.err == nil || e != any(r.err) {
				panic(e)
			}
			tr, err = nil, r.err
		}
	}()
	for i, step := range sched.path {
		t, err := s.resolve(step)
		if err != nil {
			return nil, &StaleError{i, err.Error()}
		}
		if i == len(sched.path)-1 {
			r.race, r.adjacent = sched.race, sched.adjacent
		}
		st := s.take(t, sched.how)
		if t.alt > 0 && uint32(t.alt) >= s.alts {
			return nil, &StaleError{i, fmt.Sprintf("%s has no choice number %d there", x.threads[t.t].name, t.alt)}
		}
		switch st {
		case blocked:
			return nil, &StaleError{i, fmt.Sprintf("%s cannot take its step: it waits for a lock", x.threads[t.t].name)}
		case moved:
			s.sound()
		}
		if s.viol != nil {
			if i != len(sched.path)-1 {
				return nil, &StaleError{i + 1, "there was a violation already: " + s.viol.Sentence()}
			}
		}
	}
	tr = r.trace
	tr.Violation = s.viol
	if s.viol == nil && !s.canMove(sched.how) {
		tr.Violation = s.final()
		if tr.Violation != nil {
			s.m.Report(tr.Violation)
		}
	}
	for t := range x.threads {
		tr.Names = append(tr.Names, x.threads[t].name)
		tr.CPUs = append(tr.CPUs, x.threads[t].cpu)
	}
	tr.count()
	if sum := tr.sum(); sched.sum != 0 && sum != sched.sum {
		return nil, &StaleError{len(sched.path), "it leads elsewhere now: the code or the scenario has changed since it was found"}
	}
	sched.sum = tr.sum()
	return tr, nil
}

// canMove tells whether any thread can take a step.
func (s *state) canMove(how int) bool {
	real := s.real
	s.real = nil
	defer func() { s.real = real }()
	mark := s.mark()
	for _, tr := range s.candidates(nil) {
		st := s.take(tr, how)
		s.back(mark)
		if st != blocked {
			return true
		}
	}
	return false
}

func (tr *Trace) count() {
	for i := range tr.Steps {
		d := &tr.Steps[i]
		if !d.Local {
			tr.Count++
		}
		if i > 0 && d.switches(&tr.Steps[i-1]) {
			tr.Switches++
		}
	}
}

// switches tells whether it is a switch if d comes right after last.
func (d *Step) switches(last *Step) bool {
	return d.CPU != last.CPU || d.Thread != last.Thread && !d.Softirq && !last.Softirq
}

// sum is a checksum of what was done.
func (tr *Trace) sum() uint32 {
	h := fnv.New32a()
	for i := range tr.Steps {
		d := &tr.Steps[i]
		fmt.Fprintf(h, "%d %d %x %x %x %x;", d.Thread, d.Op.Kind, d.Op.Addr, d.Op.A, d.Op.B, d.Item)
		if d.Op.Order != kern.Unordered {
			fmt.Fprintf(h, "%d;", d.Op.Order)
		}
	}
	return h.Sum32()
}

// StaleError says that a schedule does not fit the model any more.
type StaleError struct {
	Step int // the transition at which that showed
	Why  string
}

func (e *StaleError) Error() string {
	return fmt.Sprintf("stale schedule, at transition %d: %s", e.Step+1, e.Why)
}
