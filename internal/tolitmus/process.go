package tolitmus

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ptsim/explore"
	"ptsim/kern"
)

// process is a task as it was written.
type process struct {
	name      string
	words     []kern.Addr // that it touches
	registers int
	body      []string
	bad       bool // it sets bad somewhere
	stray     bool
	raced     bool // it reads what always races
}

// step is a part of a process that is written in one go, and what may follow. Steps that say the same and lead to the same are one.
type step struct {
	lines []string
	known []string // what the results of schedules are told by, if others are possible
	turns []turn   // none: the process ends
	depth int      // among the steps that all paths from here come to: those behind it
	join  *step    // the first of them; nil if it is the end
	id    int
}

// turn is how a process goes on if one of some conditions holds.
type turn struct {
	conds []string
	to    *step
}

// either asks whether one of some conditions holds. herd7's C has == and !=, and neither || nor !.
func either(conds []string) string {
	if len(conds) == 1 {
		return conds[0]
	}
	return "(" + strings.Join(conds, ") | (") + ")"
}

// neither asks whether none of some conditions holds.
func neither(conds []string) string {
	if len(conds) > 1 {
		return "(" + either(conds) + ") == 0"
	}
	if strings.Contains(conds[0], "==") {
		return strings.Replace(conds[0], "==", "!=", 1)
	}
	return strings.Replace(conds[0], "!=", "==", 1)
}

// processWriter writes one process.
type processWriter struct {
	*writer
	pr        *process
	task      string
	steps     map[string]*step // by what they say
	walked    map[string]*step // by point and path
	ids       map[*explore.Point]int
	registers map[string]int
	touched   map[kern.Addr]bool
}

// path is what a step depends on beside its point.
type path struct {
	depends map[kern.Addr]string // by object, the register that its address was loaded into
	passed  map[string]int       // how often each primitive of a line came before
}

func (p path) key() string {
	var parts []string
	for a, r := range p.depends {
		parts = append(parts, fmt.Sprint(a, r))
	}
	for k, n := range p.passed {
		parts = append(parts, fmt.Sprint(k, n))
	}
	slices.Sort(parts)
	return strings.Join(parts, ";")
}

func (w *writer) process(p explore.Program) (*process, error) {
	pw := &processWriter{
		writer: w, pr: &process{name: p.Task}, task: p.Task, steps: map[string]*step{}, walked: map[string]*step{},
		ids: map[*explore.Point]int{}, registers: map[string]int{}, touched: map[kern.Addr]bool{},
	}
	first, err := pw.walk(p.First, path{map[kern.Addr]string{}, map[string]int{}})
	if err != nil {
		return nil, err
	}
	if w.graces && p.First.Reader {
		return nil, &Refusal{p.Task, called(p.First.Op), p.First.Place, "it begins as a reader"}
	}
	pw.emit(first, nil, "\t")
	for a := range pw.touched {
		pw.pr.words = append(pw.pr.words, a)
	}
	slices.Sort(pw.pr.words)
	return pw.pr, nil
}

func (w *processWriter) refuse(p *explore.Point, why string) error {
	return &Refusal{w.task, called(p.Op), p.Place, why}
}

// called names a primitive: with () if it is a function.
func called(op kern.Op) string {
	if name := op.Name(); !strings.Contains(name, " ") {
		return name + "()"
	}
	return op.Name()
}

// walk makes a step of a point, and of all that follow.
func (w *processWriter) walk(p *explore.Point, at path) (*step, error) {
	if p.Over() {
		return nil, nil
	}
	if _, ok := w.ids[p]; !ok {
		w.ids[p] = len(w.ids)
	}
	key := fmt.Sprint(w.ids[p], " ", at.key())
	if s, ok := w.walked[key]; ok {
		return s, nil
	}
	s, err := w.make(p, at)
	if err == nil {
		w.walked[key] = s
	}
	return s, err
}

func (w *processWriter) make(p *explore.Point, at path) (*step, error) {
	if p.Spins {
		return nil, w.refuse(p, "it is in a loop that waits for another task")
	}
	s, object := &step{}, kern.Addr(0)
	if p.Addr != 0 || kern.PrimitiveOf(p.Op.Kind).Shape != kern.NoWords && !allocates(p.Op.Kind) {
		if object = w.reached.Object(p.Addr); object == 0 { // the explorer reports it
			v := kern.PointerViolation(p.Op.Kind, p.Addr)
			return w.wrong(v.Kind.String(), v.Detail), nil
		}
	}
	x := ""
	if object != 0 {
		x = w.word(p.Addr)
		w.touched[p.Addr] = true
		if kern.PrimitiveOf(p.Op.Kind).Waits|kern.PrimitiveOf(p.Op.Kind).Gives|kern.PrimitiveOf(p.Op.Kind).Tries == kern.Spin {
			w.locks[p.Addr] = true
		} else if r := at.depends[object]; r != "" {
			x = fmt.Sprintf("(%s + (%s ^ %s))", x, r, r)
		}
	}
	said, why := w.say(p, x)
	if why != "" {
		return nil, w.refuse(p, why)
	}
	if len(p.Turns) == 0 && w.raced && kern.PrimitiveOf(p.Op.Kind).Plain { // always: herd7 flags it
		line := strings.NewReplacer("%r", "raced").Replace(said.lines[0])
		w.pr.raced = w.pr.raced || line != said.lines[0]
		return w.unique(&step{lines: []string{line + " /* data-race */"}}), nil
	}
	if len(p.Turns) == 0 {
		return nil, w.refuse(p, "each schedule that came here found a violation which the state makes, and not the code")
	}
	register, names := "", path{at.depends, at.passed}
	if strings.Contains(strings.Join(said.lines, ""), "%r") {
		register, names.passed = w.register(p, at)
	}
	fill := strings.NewReplacer("%r", register, "%s", register+"_")
	begins := w.graces && !p.Reader && slices.ContainsFunc(p.Turns, func(t explore.Turn) bool { return t.To.Reader })
	if begins {
		s.lines = append(s.lines, "rcu_read_lock();")
	}
	for _, line := range said.lines {
		s.lines = append(s.lines, fill.Replace(line))
	}
	var conds []string
	for _, t := range p.Turns {
		next := names
		if said.gives && w.reached.Object(kern.Addr(t.Result)) != 0 && kern.Addr(t.Result).IsPlace() {
			next.depends = maps.Clone(next.depends)
			next.depends[w.reached.Object(kern.Addr(t.Result))] = register
		}
		var to *step
		var err error
		if t.Bad != nil {
			to = w.wrong(t.Bad.Kind.String(), t.Bad.Detail)
		} else if to, err = w.walk(t.To, next); err != nil {
			return nil, err
		}
		if w.graces && (begins || p.Reader) && !t.To.Reader && t.Bad == nil {
			to = w.unique(&step{lines: []string{"rcu_read_unlock();"}, turns: []turn{{nil, to}}})
		}
		goes := turn{nil, to}
		if said.tests != nil {
			goes.conds = []string{fill.Replace(said.tests(t.Result))}
			conds = append(conds, goes.conds...)
		}
		s.turns = append(s.turns, goes)
	}
	if said.tests != nil && !(len(conds) == 2 && strings.Contains(conds[0], "!=") != strings.Contains(conds[1], "!=")) {
		s.known = conds
	}
	return w.unique(s), nil
}

func allocates(k kern.OpKind) bool {
	return k == kern.OpSlabAlloc || k == kern.OpKmalloc || k == kern.OpAllocPages
}

// register returns the register that a primitive's result goes into: another for each line of code and each time that it is passed.
func (w *processWriter) register(p *explore.Point, at path) (string, map[string]int) {
	where := fmt.Sprint(p.Place.File, ":", p.Place.Line, " ", p.Op.Kind, " ", p.Addr)
	passed := maps.Clone(at.passed)
	passed[where]++
	key := fmt.Sprint(where, " ", passed[where])
	n, ok := w.registers[key]
	if !ok {
		n = w.pr.registers
		w.pr.registers++
		w.registers[key] = n
	}
	return fmt.Sprintf("r%d", n), passed
}

// wrong is where the code of a task found something wrong: the process ends.
func (w *processWriter) wrong(kind, detail string) *step {
	w.kinds[kind] = true
	w.pr.bad = true
	return w.unique(&step{lines: []string{"bad = 1; /* " + kind + " */"}})
}

// unique returns the step that says the same, if there is one.
func (w *processWriter) unique(s *step) *step {
	var merged []turn // those that lead to the same
	for _, t := range s.turns {
		if i := slices.IndexFunc(merged, func(m turn) bool { return m.to == t.to }); i >= 0 {
			merged[i].conds = append(slices.Clip(merged[i].conds), t.conds...)
		} else {
			merged = append(merged, t)
		}
	}
	s.turns = merged
	if len(s.lines) == 0 && s.known == nil && len(merged) == 1 { // it is nothing to other CPUs
		return merged[0].to
	}
	key := strings.Join(s.lines, "\n") + "\n?" + strings.Join(s.known, ",")
	for _, t := range s.turns {
		key += fmt.Sprintf("\n%v %p", t.conds, t.to)
	}
	if have := w.steps[key]; have != nil {
		return have
	}
	s.id = len(w.steps)
	w.steps[key] = s
	for i, t := range s.turns { // post-dominators form a tree: where its paths meet
		if i == 0 {
			s.join = t.to
			continue
		}
		s.join = meet(s.join, t.to)
	}
	if s.join != nil {
		s.depth = s.join.depth + 1
	} else {
		s.depth = 1
	}
	return s
}

// meet returns the first step that all paths from both come to.
func meet(a, b *step) *step {
	for a != b {
		switch {
		case a == nil || b == nil:
			return nil
		case a.depth >= b.depth:
			a = a.join
		default:
			b = b.join
		}
	}
	return a
}

// emit writes the steps from s on, up to stop.
func (w *processWriter) emit(s, stop *step, indent string) {
	for ; s != stop && s != nil; s = s.join {
		for _, line := range s.lines {
			w.pr.body = append(w.pr.body, indent+line)
		}
		if len(s.turns) > 1 {
			w.branch(s, indent)
		} else if s.known != nil {
			w.strays(indent, "if ("+neither(s.known)+")", "")
		}
	}
}

// strays writes that a process strays where a line says.
func (w *processWriter) strays(indent, line, end string) {
	w.pr.stray = true
	w.pr.body = append(w.pr.body, indent+line, indent+"\tstray = 1;")
	if end != "" {
		w.pr.body = append(w.pr.body, indent+end)
	}
}

// branch writes what depends on a result. Nothing is written for results after which nothing differs.
func (w *processWriter) branch(s *step, indent string) {
	var write []turn
	var rest []string // the conditions of the others
	for _, t := range s.turns {
		if t.to != s.join {
			write = append(write, t)
		} else {
			rest = t.conds
		}
	}
	open := "if ("
	for i, t := range write {
		if i == len(s.turns)-1 && s.known == nil {
			w.pr.body = append(w.pr.body, indent+"} else {")
		} else {
			w.pr.body = append(w.pr.body, indent+open+either(t.conds)+") {")
		}
		w.emit(t.to, s.join, indent+"\t")
		open = "} else if ("
	}
	switch {
	case s.known == nil:
		w.pr.body = append(w.pr.body, indent+"}")
	case rest != nil:
		w.strays(indent, open+neither(rest)+") {", "}")
	default:
		w.strays(indent, "} else {", "}")
	}
}
