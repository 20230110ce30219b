package lab

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ptsim/internal/quote"
)

// Full returns the name of a version in full: of one that comes in several kinds, and whose name says none, the first. What is no
// version is an error.
func (l *Lab) Full(version string) (string, error) {
	variant, pin, kind := strings.Cut(version, "/")
	if !slices.Contains(l.Variants(), variant) {
		return "", fmt.Errorf("unknown variant %s; %s", quote.Short(variant), quote.Expected(variant, l.Variants()))
	}
	kinds := false
	for _, v := range l.Versions {
		ok := strings.HasPrefix(v.Name, variant+"/")
		kinds = kinds || ok
		if v.Name == version || ok && !kind {
			return v.Name, nil
		}
	}
	if !kinds {
		return "", fmt.Errorf("variant %s; %s has no pin", quote.Short(version), variant)
	}
	return "", fmt.Errorf("unknown pin %s; %s", quote.Short(pin), quote.Expected(pin, l.Pins()))
}

// Variants returns the names of the versions up to their kinds, and Pins those of the kinds, in their order.
func (l *Lab) Variants() []string { return l.parts(0) }

// Pins returns the kinds in which some version comes: what stands behind the slash.
func (l *Lab) Pins() []string { return l.parts(1) }

func (l *Lab) parts(i int) []string {
	var list []string
	for _, v := range l.Versions {
		if p := strings.SplitN(v.Name, "/", 2); i < len(p) && !slices.Contains(list, p[i]) {
			list = append(list, p[i])
		}
	}
	return list
}

// Name is the name that the line of a noun gives, "" if it gives none.
func (l *Line) Name() string { return l.Get("NAME") }

// Sensible looks whether the names of a scenario fit together. What is wrong is told by an *[Error].
func Sensible(s *Scenario) error {
	if s.Lab.Sense != nil {
		return s.Lab.Sense(s)
	}
	return NamesFit(s)
}

// NamesFit is what Sensible looks at in a lab without a Sense of its own: that names are given once, and stand for what the forms want.
// A Sense that only asks for more begins with it.
func NamesFit(s *Scenario) error {
	r := &resolver{s: s, given: map[string]name{}, tasks: map[string]int{}}
	for i := range s.Things {
		if err := r.thing(&s.Things[i]); err != nil {
			return err
		}
	}
	for i := range s.Tasks {
		if err := r.task(&s.Tasks[i]); err != nil {
			return err
		}
	}
	for i := range s.Ends {
		if err := r.names(&s.Ends[i], nil); err != nil {
			return err
		}
	}
	return nil
}

// name is what a name stands for.
type name struct {
	line int
	kind string // in capitals: the parameter that it may stand for
}

type resolver struct {
	s     *Scenario
	given map[string]name
	tasks map[string]int
}

func (r *resolver) fail(line int, expected, what string, args ...any) error {
	return &Error{File: r.s.File, Line: line, What: fmt.Sprintf(what, args...), Expected: expected}
}

// thing notes what is there at the start.
func (r *resolver) thing(l *Line) error {
	if err := r.names(l, nil); err != nil {
		return err
	}
	for _, a := range l.Args {
		kind := r.s.Lab.Noun(l.Word).Gives(a.Param)
		if kind == "" || a.Text == "" {
			continue
		}
		if old, twice := r.given[a.Text]; twice {
			return r.fail(l.Number, fmt.Sprintf("a new name; line %d gave this one", old.line), "%s %s a second time", strings.ToLower(kind), a.Text)
		}
		r.given[a.Text] = name{l.Number, kind}
	}
	return nil
}

// hint is which of the names of a kind was perhaps meant by one that nothing has.
func (r *resolver) hint(a Arg, own map[string]name) string {
	var known []string
	for _, given := range []map[string]name{own, r.given} {
		for text, n := range given {
			if n.kind == a.Param {
				known = append(known, text)
			}
		}
	}
	slices.Sort(known)
	return quote.Hint(a.Text, known)
}

// names looks whether the names in a line stand for what its form wants. own are those that the task gave.
func (r *resolver) names(l *Line, own map[string]name) error {
	gives, noun := Gives(l.Form), r.s.Lab.Noun(l.Word)
	for i, a := range l.Args {
		isName := a.Param == strings.ToUpper(a.Param) && a.Param != a.Text && r.s.Lab.param(a.Param, nil) == nil
		isNew := noun != nil && own == nil && noun.Gives(a.Param) != "" || gives != "" && i == len(l.Args)-1
		if !isName || isNew || a.Text == "" {
			continue
		}
		n, ok := own[a.Text]
		if !ok {
			n, ok = r.given[a.Text]
		}
		switch {
		case !ok:
			return r.fail(l.Number, r.wanted(a.Param), "no %s %s%s", strings.ToLower(a.Param), a.Text, r.hint(a, own))
		case n.kind != a.Param:
			return r.fail(l.Number, r.wanted(a.Param), "%s is a %s", a.Text, strings.ToLower(n.kind))
		}
	}
	return nil
}

// wanted says what a name of a kind could be.
func (r *resolver) wanted(kind string) string {
	var ways []string
	if n := r.s.Lab.Noun(strings.ToLower(kind)); n != nil {
		ways = append(ways, fmt.Sprintf("one of a line %q", n.Form))
	}
	for i := range r.s.Lab.Verbs {
		if v := &r.s.Lab.Verbs[i]; Gives(v.Form) == kind {
			ways = append(ways, fmt.Sprintf("what %q gave before it", v.Form))
		}
	}
	return strings.Join(ways, ", or ")
}

// task follows a task.
func (r *resolver) task(t *Task) error {
	if at := r.tasks[t.Name]; at > 0 {
		return r.fail(t.Line, fmt.Sprintf("a new name; line %d gave this one", at), "task %s a second time", t.Name)
	}
	r.tasks[t.Name] = t.Line
	if len(t.Ops) == 0 {
		return r.fail(t.Line, "an operation", "task %s does nothing", t.Name)
	}
	if n := len(r.s.Tasks); t.On > n {
		return r.fail(t.Line, fmt.Sprintf("cpu0 to cpu%d: %d tasks need no more", n-1, n), "task %s is on cpu%d", t.Name, t.On-1)
	}
	all := map[string]bool{}
	return r.ops(t.Ops, map[string]name{}, all)
}

// ops follows the operations of a task, or of a branch. own are the names that it gave, and all those of all its branches, too.
func (r *resolver) ops(ops []Op, own map[string]name, all map[string]bool) error {
	for i := range ops {
		op := &ops[i]
		for _, b := range op.Branches {
			if err := r.ops(b, maps.Clone(own), all); err != nil {
				return err
			}
		}
		if op.Word == Either {
			continue
		}
		if err := r.names(&op.Line, own); err != nil {
			return err
		}
		gives := r.s.Lab.NewName(Gives(op.Form))
		if gives == "" {
			continue
		}
		to := op.Args[len(op.Args)-1].Text
		if old, twice := r.given[to]; twice {
			return r.fail(op.Number, fmt.Sprintf("a new name; line %d gave this one", old.line), "%s a second time", to)
		}
		if old, twice := own[to]; twice && old.kind != gives {
			return r.fail(op.Number, "another name", "%s, which line %d gave to a %s", to, old.line, strings.ToLower(old.kind))
		}
		own[to] = name{op.Number, gives}
		if all[to] = true; len(all) > MaxSlots {
			return r.fail(op.Number, fmt.Sprintf("at most %d", MaxSlots), "too many names in a task")
		}
	}
	return nil
}

// Faults returns what is wrong with a lab's own tables: forms that no line can have, names that nothing stands for, versions that rows
// speak of and that there are not. A lab's test wants none.
func (l *Lab) Faults() []string {
	var list []string
	say := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	words := map[string]bool{}
	form := func(form, about string, own []Param) {
		if words[Word(form)] {
			say("%s: two forms begin with that word", Word(form))
		}
		if words[Word(form)] = true; about == "" {
			say("%q: nothing says what it does", form)
		}
		for _, s := range Slots(form) {
			for _, s := range append(s.Optional, s) {
				p, _, param := s.Param()
				if param && p != "NAME" && l.param(p, own) == nil && !l.gives(p) {
					say("%q: nothing stands for %s: no noun of that word, no verb that gives one, no parameter", form, p)
				}
			}
		}
	}
	for _, n := range l.Nouns {
		form(n.Form, n.About, nil)
	}
	for _, v := range l.Verbs {
		form(v.Form, v.About, nil)
	}
	for _, e := range l.Ends {
		form(e.Form, e.About, nil)
	}
	for _, s := range l.Settings {
		form(s.Form, s.About, s.Params)
	}
	seen := map[string]bool{}
	for _, v := range l.Versions {
		if seen[v.Name] {
			say("version %s: twice", v.Name)
		}
		if seen[v.Name] = true; v.About == "" {
			say("version %s: nothing says what it does", v.Name)
		}
	}
	if l.Asker != nil {
		for _, t := range l.Asker.Topics {
			if t.Name == "" || t.About == "" || t.Look == "" {
				say("topic %q: expected a name, what it asks about and where to look", t.Name)
			}
		}
		if l.Asker.Ask == nil || len(l.Asker.Topics) == 0 {
			say("an asker without topics, or that asks nothing")
		}
	}
	if len(l.Versions) == 0 {
		say("no version")
	}
	if !seen[l.First()] && len(l.Versions) > 0 {
		say("the default, %s, is no version", l.First())
	}
	rows := map[string]bool{}
	for _, r := range l.Rows {
		if rows[r.ID] || r.ID == "" {
			say("row %q: no ID, or one that another has", r.ID)
		}
		if rows[r.ID] = true; !seen[r.Version] {
			say("row %s: %s is no version", r.ID, r.Version)
		}
	}
	for _, k := range l.Levels {
		if !seen[k.Version] {
			say("level %s: %s is no version", k.Name, k.Version)
		}
		ways := map[Way]bool{}
		for _, a := range k.Answers {
			if ways[a.Way] || !slices.Contains(Ways(), a.Way) {
				say("level %s: %q is no way, or one that another answer has", k.Name, a.Way)
			}
			if ways[a.Way] = true; !seen[a.Version] || a.About == "" {
				say("level %s: the answer %s has no version %q, or says nothing", k.Name, a.Way, a.Version)
			}
		}
	}
	for _, r := range l.Rules {
		for _, v := range r.Verbs {
			if l.Verb(v) == nil {
				say("rule %s: %s is no verb", r.ID, v)
			}
		}
		for _, v := range r.Versions {
			if !seen[v] {
				say("rule %s: %s is no version", r.ID, v)
			}
		}
	}
	slices.Sort(list)
	return list
}

// gives tells whether a parameter can stand for anything: there is a noun of that word, or a verb that gives one.
func (l *Lab) gives(param string) bool {
	return l.Noun(strings.ToLower(param)) != nil || slices.ContainsFunc(l.Verbs, func(v Verb) bool { return Gives(v.Form) == param })
}
