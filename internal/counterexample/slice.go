package counterexample

import (
	"ptsim/explore"
	"ptsim/kern"
	"ptsim/lab"
)

// life stands for the life of an object among the words that a slice looks for.
type life kern.Addr

// slicer goes backward through a trace and collects the steps that matter.
type slicer struct {
	*Case
	matters []bool
	words   map[kern.Addr]bool
	lives   map[life]bool
	reads   map[instance]bool // whose earlier reads matter
	used    map[used]bool     // what later operations name
	written map[kern.Addr]bool
	locks   bool // the violation is about a lock
}

// instance is one run of an operation or callback by a thread.
type instance struct {
	thread, number int
}

// used is a name that an operation of a thread uses, and an earlier one gave: x in "take v -> x".
type used struct {
	thread int
	name   string
}

// slice returns which steps matter to the violation. See the package comment for the rule.
func (c *Case) slice() []bool {
	tr := c.Trace
	s := &slicer{
		Case: c, matters: make([]bool, len(tr.Steps)), words: map[kern.Addr]bool{}, lives: map[life]bool{}, reads: map[instance]bool{},
		used: map[used]bool{}, written: map[kern.Addr]bool{},
	}
	if tr.Violation == nil || len(tr.Steps) == 0 {
		return s.matters
	}
	for i := range tr.Steps {
		for _, w := range tr.Steps[i].Words {
			s.written[w.Addr] = s.written[w.Addr] || w.Write
		}
	}
	of := s.instances()
	s.begin(of)
	last := len(tr.Steps) - 1
	if !final(tr.Violation) {
		last-- // it was the beginning
	}
	for i := last; i >= 0; i-- {
		d := &tr.Steps[i]
		if s.relevant(i, of[i]) {
			s.matters[i] = true
			s.take(d, of[i])
		}
	}
	return s.matters
}

// instances numbers the operations and callbacks of each thread, by step.
func (s *slicer) instances() []instance {
	of := make([]instance, len(s.Steps))
	doing := map[int]string{}
	number := map[int]int{}
	for i := range s.Steps {
		d := &s.Steps[i]
		if d.Drains {
			of[i] = instance{d.Thread, number[d.Thread]}
			continue
		}
		if d.Begins || doing[d.Thread] != d.Doing {
			number[d.Thread]++
			doing[d.Thread] = d.Doing
		}
		of[i] = instance{d.Thread, number[d.Thread]}
	}
	return of
}

// begin makes the violation the end of the slice.
func (s *slicer) begin(of []instance) {
	v := s.Violation
	last := len(s.Steps) - 1
	a := v.Addr
	if !final(v) {
		s.matters[last] = true
		s.take(&s.Steps[last], of[last])
	}
	if a != 0 {
		s.words[a] = true
		s.lives[life(s.names.Base(a))] = true
	}
	for i := range s.Steps {
		if d := &s.Steps[i]; a != 0 && d.Op.Addr == a && (taking(d) || giving(d)) {
			s.locks = s.locks || v.Kind != kern.UseAfterFree || i < last && s.Steps[last].Op.Kind == kern.OpSlabFree
		}
	}
	switch v.Kind {
	case kern.Deadlock:
		s.locks = true
		for w := range s.held() {
			s.words[w] = true
		}
	}
	if v.Kind.Info().Page {
		if p := s.names.PageOf(a); p != 0 { // all that decides what becomes of a page
			for _, w := range []kern.Addr{kern.PageRefcount, kern.PageLRU, kern.PageLRU + 1} {
				s.words[p.Page()+w] = true
			}
		}
	}
	if v.Kind == kern.DataRace {
		for i := last - 1; i >= 0; i-- {
			if s.Steps[i].CPU != s.Steps[last].CPU && touches(&s.Steps[i], a) {
				s.matters[i] = true
				break
			}
		}
	}
}

// held returns the locks that are held at the end.
func (s *slicer) held() map[kern.Addr]bool {
	held := map[kern.Addr]bool{}
	for i := range s.Steps {
		switch d := &s.Steps[i]; {
		case taking(d):
			held[d.Op.Addr] = true
		case giving(d):
			delete(held, d.Op.Addr)
		}
	}
	return held
}

func touches(d *explore.Step, a kern.Addr) bool {
	for _, w := range d.Words {
		if w.Addr == a {
			return true
		}
	}
	return false
}

// relevant tells whether what is behind step i depends on it.
func (s *slicer) relevant(i int, in instance) bool {
	d := &s.Steps[i]
	if s.matters[i] {
		return true
	}
	if taking(d) || giving(d) {
		return s.locks && s.words[d.Op.Addr]
	}
	if s.ends(d) {
		return true
	}
	for _, w := range d.Words {
		if w.Write && s.words[w.Addr] {
			return true
		}
	}
	if d.Begins {
		return s.reads[in]
	}
	return reads(d.Op.Kind) && s.observed(d) && (s.reads[in] || s.named(d))
}

// observed tells whether what a step returned may have been another step's doing: some step writes what it looks at.
func (s *slicer) observed(d *explore.Step) bool {
	for _, w := range d.Words {
		if s.written[w.Addr] {
			return true
		}
	}
	return false
}

// named tells whether a step is in an operation that gave something a name by which a later one, which matters, knows it.
func (s *slicer) named(d *explore.Step) bool {
	l := s.lineOf(d)
	if l == nil {
		return false
	}
	name := l.Get(lab.Gives(l.Form))
	return name != "" && s.used[used{d.Thread, name}]
}

// ends tells whether a step begins or ends a life that matters.
func (s *slicer) ends(d *explore.Step) bool {
	switch p := kern.PrimitiveOf(d.Op.Kind); {
	case p.Shares&kern.Objects == 0 || d.Op.Addr == 0:
		return false
	case p.Frame:
		return s.lives[life(kern.PFN(d.Op.Addr).Page())]
	}
	return s.lives[life(d.Op.Addr)]
}

// take adds what a step looks at. A step that overwrites a word without looking hides what was there before.
func (s *slicer) take(d *explore.Step, in instance) {
	s.reads[in] = true
	if l := s.lineOf(d); l != nil {
		for _, a := range l.Args {
			s.used[used{d.Thread, a.Text}] = true
		}
	}
	if d.Begins {
		s.words[d.Item], s.words[d.Item+1] = true, true
		return
	}
	for _, w := range d.Words {
		switch {
		case taking(d) || giving(d):
			if taking(d) {
				delete(s.words, w.Addr) // who had the lock before does not matter
			}
		case overwrites(d.Op.Kind):
			delete(s.words, w.Addr)
		default:
			s.words[w.Addr] = true
		}
	}
}

func taking(d *explore.Step) bool {
	return !d.Waits && kern.PrimitiveOf(d.Op.Kind).Took(d.Result) != kern.NoLock
}

func giving(d *explore.Step) bool { return kern.PrimitiveOf(d.Op.Kind).Gives != kern.NoLock }

func overwrites(k kern.OpKind) bool {
	switch k {
	case kern.OpStore, kern.OpWrite, kern.OpListInit, kern.OpCallRCU, kern.OpQueueWork:
		return true
	}
	return false
}

// reads tells whether the code behind a primitive may depend on what it returned.
func reads(k kern.OpKind) bool {
	p := kern.PrimitiveOf(k)
	return p.Reads && p.Returns != ""
}
