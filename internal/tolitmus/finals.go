package tolitmus

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"ptsim/explore"
	"ptsim/kern"
)

// finals collects final states for which the scenario's own checks fail, and those for which they do not.
type finals struct {
	mu    sync.Mutex
	bad   bool
	words []kern.Addr // whose values are kept; none at first
	kinds []string
	seen  map[string]*final
}

// final is what some final states are alike in: the values of the words.
type final struct {
	values    []uint32
	good, bad bool
}

// maxFinals is how many final states a condition may list.
const maxFinals = 32

// watching returns the model with its final states watched.
func (f *finals) watching(m *explore.Model) *explore.Model {
	f.seen = map[string]*final{}
	cp := *m
	cp.Build = func(cpus int, sched kern.Scheduler) *explore.Instance {
		in := m.Build(cpus, sched)
		check := in.Final
		in.Final = func() *kern.Violation {
			var v *kern.Violation
			if check != nil {
				v = check()
			}
			f.note(in, v)
			return v
		}
		return in
	}
	return &cp
}

func (f *finals) note(in *explore.Instance, v *kern.Violation) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bad = f.bad || v != nil
	if f.words == nil {
		return
	}
	values := make([]uint32, len(f.words))
	for i, a := range f.words {
		values[i] = in.M.Peek(a)
	}
	key := fmt.Sprint(values)
	if f.seen[key] == nil {
		f.seen[key] = &final{values: values}
	}
	if v == nil {
		f.seen[key].good = true
		return
	}
	f.seen[key].bad = true
	if kind := v.Kind.String(); !slices.Contains(f.kinds, kind) {
		f.kinds = append(f.kinds, kind)
	}
}

// condition lists the final states that are wrong, by the words in which final states differ.
func (f *finals) condition(w *writer) ([]string, error) {
	var all []*final
	for _, s := range f.seen {
		if s.good && s.bad {
			return nil, &Refusal{Why: "what must hold in the end depends on more than the words that the tasks access"}
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *final) int { return slices.Compare(a.values, b.values) })
	var list []string
	for _, s := range all {
		if !s.bad {
			continue
		}
		var parts []string
		for i, a := range f.words {
			if slices.ContainsFunc(all, func(o *final) bool { return o.values[i] != s.values[i] }) {
				parts = append(parts, fmt.Sprintf("[%s]=%s", w.word(a), number(s.values[i])))
			}
		}
		if parts == nil { // all end like this
			a := f.words[0]
			parts = append(parts, fmt.Sprintf("[%s]=%s", w.word(a), number(s.values[0])))
		}
		list = append(list, "("+strings.Join(parts, " /\\ ")+")")
	}
	if len(list) > maxFinals {
		return nil, &Refusal{Why: fmt.Sprintf("%d final states fail the scenario's checks; expected at most %d", len(list), maxFinals)}
	}
	return list, nil
}
