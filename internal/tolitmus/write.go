package tolitmus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ptsim/explore"
	"ptsim/internal/litmus"
	"ptsim/kern"
	"ptsim/memory"
)

// Question says what to write.
type Question struct {
	Name  string // of the test: letters, digits, and - + . _
	About []string
	Model *explore.Model
	Word  func(a kern.Addr) string // what a word is called: "si->max"
	Thing func(a kern.Addr) string // what an object is called
	// Allocated is told of each object that a task allocates, before Word is asked about it. It may be nil.
	Allocated func(cache int, a kern.Addr)
	Limit     uint64 // of states, about; 0 is none
	Context   context.Context
	Progress  func(explore.Progress)
}

// Test is what was written.
type Test struct {
	Text   string
	Kinds  []string // of violations that it asks about, sorted
	States uint64   // of the search
}

// Refusal says which step no litmus test can say.
type Refusal struct {
	Task  string // "" if it is about all
	Step  string // the primitive
	Place explore.Place
	Why   string
}

func (r *Refusal) Error() string {
	if r.Task == "" {
		return "no litmus test can say this: " + r.Why
	}
	return fmt.Sprintf("no litmus test can say this: task %s, %s at %s:%d: %s", r.Task, r.Step, r.Place.File, r.Place.Line, r.Why)
}

// errLimit says that the search is too large.
var errLimit = errors.New("the search that learns what the tasks do met more states than it may")

// Write writes a test.
func Write(q Question) (*Test, error) {
	if err := q.glance(); err != nil {
		return nil, err
	}
	finals := &finals{}
	r, err := q.explore(finals.watching(q.Model))
	if err != nil {
		return nil, err
	}
	w := &writer{q: q, reached: r.Reached, words: map[kern.Addr]string{}, locks: map[kern.Addr]bool{}, used: map[string]bool{}, kinds: map[string]bool{}, raced: r.Kinds[kern.DataRace.String()] > 0}
	if err := w.prepare(); err != nil {
		return nil, err
	}
	var procs []*process
	for _, p := range r.Reached.Programs() {
		pr, err := w.process(p)
		if err != nil {
			return nil, err
		}
		procs = append(procs, pr)
	}
	if finals.bad {
		finals.words = w.sorted()
		if _, err := q.explore(finals.watching(q.Model)); err != nil {
			return nil, err
		}
		for _, v := range finals.kinds {
			w.kinds[v] = true
		}
	}
	for kind := range r.Kinds {
		if !w.kinds[kind] && kind != kern.DataRace.String() {
			return nil, &Refusal{Why: fmt.Sprintf("a schedule comes to %s, which no register and no final value tells", kind)}
		}
	}
	ends, err := finals.condition(w)
	if err != nil {
		return nil, err
	}
	t := &Test{States: r.States}
	for kind := range r.Kinds {
		t.Kinds = append(t.Kinds, kind)
	}
	slices.Sort(t.Kinds)
	return t, w.check(t, procs, ends)
}

// glanced is how many states the first look may meet.
const glanced = 2000

// glance looks at what the first schedules of sequential consistency come to. Most tasks that cannot be said do something there that has no
// counterpart, and the search under the kernel's memory model may take minutes.
func (q *Question) glance() error {
	opt := explore.Defaults()
	opt.All, opt.Programs, opt.Budget, opt.Context = true, true, glanced, q.context()
	r, err := explore.Exhaustive(q.Model, opt)
	if err != nil {
		return err
	}
	w := &writer{}
	for _, p := range r.Reached.Programs() {
		seen := map[*explore.Point]bool{}
		var look func(at *explore.Point) error
		look = func(at *explore.Point) error {
			if seen[at] || at.Over() {
				return nil
			}
			seen[at] = true
			if _, why := w.say(at, "x"); why != "" && !allocates(at.Op.Kind) { // an allocation is judged by all its results
				return &Refusal{p.Task, called(at.Op), at.Place, why}
			}
			for _, t := range at.Turns {
				if err := look(t.To); err != nil {
					return err
				}
			}
			return nil
		}
		if p.First == nil {
			continue
		}
		if err := look(p.First); err != nil {
			return err
		}
	}
	return nil
}

// check reads the test back: it must be one, and mean what the search found.
func (w *writer) check(t *Test, procs []*process, ends []string) error {
	wrong := slices.ContainsFunc(t.Kinds, func(kind string) bool { return kind != kern.DataRace.String() })
	verdict := "Never"
	if wrong {
		verdict = "Sometimes"
	}
	t.Text = w.text(procs, ends, t.Kinds, verdict)
	test, err := litmus.Parse(w.q.Name+".litmus", t.Text)
	if err != nil {
		return &Refusal{Why: err.Error()}
	}
	r, err := litmus.Run(w.q.context(), test, litmus.Options{Model: memory.LKMM, States: int(10*w.q.Limit) + 100_000})
	switch {
	case err != nil:
		return err
	case r.Bound || r.Verdict() == verdict:
		return nil
	case wrong && r.Verdict() == "Always":
		t.Text = w.text(procs, ends, t.Kinds, "Always")
		return nil
	}
	return fmt.Errorf("%s: the search found %v, and the litmus test says %s; that is a fault of ptsim", w.q.Name, t.Kinds, r.Verdict())
}

func (q *Question) context() context.Context {
	if q.Context == nil {
		return context.Background()
	}
	return q.Context
}

// explore searches everything under the kernel's memory model, past all violations.
func (q *Question) explore(m *explore.Model) (explore.Result, error) {
	ctx, cancel := context.WithCancel(q.context())
	defer cancel()
	tooMany := false
	opt := explore.Defaults()
	opt.Model, opt.All, opt.Programs, opt.Context = memory.LKMM, true, true, ctx
	opt.Progress = func(p explore.Progress) {
		if q.Progress != nil {
			q.Progress(p)
		}
		if tooMany = q.Limit > 0 && p.States >= q.Limit; tooMany {
			cancel()
		}
	}
	r, err := explore.Exhaustive(m, opt)
	switch {
	case err != nil:
		return r, err
	case tooMany:
		return r, fmt.Errorf("%w: %d", errLimit, q.Limit)
	case ctx.Err() != nil:
		return r, ctx.Err()
	case r.Verdict == explore.Incomplete:
		return r, errors.New(r.Why)
	}
	return r, nil
}

// writer writes one test.
type writer struct {
	q       Question
	reached *explore.Reached
	words   map[kern.Addr]string // of those that are touched, the names in the test
	locks   map[kern.Addr]bool   // spin locks
	used    map[string]bool      // names
	graces  bool                 // some task waits for a grace period
	raced   bool                 // some schedule comes to a data race
	kinds   map[string]bool      // of violations that registers tell
}

// prepare looks at all points for what must be known before one is written: what is allocated, and whether readers matter.
func (w *writer) prepare() error {
	points := 0
	for _, p := range w.reached.Programs() {
		seen := map[*explore.Point]int{}
		var look func(at *explore.Point) error
		look = func(at *explore.Point) error {
			if n, ok := seen[at]; ok {
				if n == 0 {
					return &Refusal{p.Task, called(at.Op), at.Place, "it is in a loop"}
				}
				return nil
			}
			if points++; points > maxPoints {
				return &Refusal{p.Task, called(at.Op), at.Place, fmt.Sprintf("the tasks have more than %d points", maxPoints)}
			}
			seen[at] = 0
			switch at.Op.Kind {
			case kern.OpSlabAlloc, kern.OpKmalloc:
				if len(at.Turns) == 1 && at.Turns[0].Result != 0 && w.q.Allocated != nil {
					w.q.Allocated(int(at.Op.A), kern.Addr(at.Turns[0].Result))
				}
			case kern.OpSyncRCU:
				w.graces = true
			}
			for _, t := range at.Turns {
				if err := look(t.To); err != nil {
					return err
				}
			}
			seen[at] = 1
			return nil
		}
		if err := look(p.First); err != nil {
			return err
		}
	}
	return nil
}

// maxPoints is how many points a test may be made of.
const maxPoints = 5000

// word returns the name of a word in the test.
func (w *writer) word(a kern.Addr) string {
	if name, ok := w.words[a]; ok {
		return name
	}
	name := w.fresh(w.q.Word(a))
	w.words[a] = name
	return name
}

// fresh makes an identifier of C that no other word has.
func (w *writer) fresh(name string) string {
	name = strings.ReplaceAll(name, "->", "_")
	name = strings.Trim(strings.Map(func(r rune) rune {
		if r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, name), "_")
	for strings.Contains(name, "__") {
		name = strings.ReplaceAll(name, "__", "_")
	}
	if name == "" || name[0] >= '0' && name[0] <= '9' || name[0] == 'P' || name[0] == 'r' && len(name) < 5 {
		name = "w_" + name
	}
	base := name
	for n := 2; w.used[name] || reserved[name]; n++ {
		name = fmt.Sprintf("%s_%d", base, n)
	}
	w.used[name] = true
	return name
}

// reserved are words that mean something in a litmus test.
var reserved = map[string]bool{
	"bad": true, "stray": true, "retry": true, "raced": true, "exists": true, "filter": true, "forall": true, "locations": true, "if": true, "else": true, "int": true,
	"long": true, "char": true, "short": true, "unsigned": true, "signed": true, "void": true, "bool": true, "struct": true, "for": true, "do": true,
	"while": true, "goto": true, "return": true, "switch": true, "break": true, "continue": true, "not": true, "true": true, "false": true, "with": true,
	"and": true, "or": true, "volatile": true, "const": true,
}

// sorted returns the words that are touched, by address.
func (w *writer) sorted() []kern.Addr {
	var list []kern.Addr
	for a := range w.words {
		list = append(list, a)
	}
	slices.Sort(list)
	return list
}

// number writes a value: 32 bits with a sign, so that adding a negative one needs no wrap.
func number(v uint32) string { return fmt.Sprint(int32(v)) }
