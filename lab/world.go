package lab

import (
	"slices"

	"ptsim/explore"
	"ptsim/kern"
)

// World is a scenario on one machine.
type World struct {
	Scenario *Scenario
	Version  string
	M        *kern.Machine
	In       *explore.Instance // what is being built: Setup may set what its fields say
	Protocol any               // what Setup keeps: the protocol's own state

	things []thing // in the order of the scenario
}

// thing is what a line of a noun made.
type thing struct {
	name  string
	noun  string
	value uint32
}

// Has tells whether the scenario has a setting that begins with that word.
func (w *World) Has(word string) bool {
	return slices.ContainsFunc(w.Scenario.Settings, func(l Line) bool { return l.Word == word })
}

// Global gives a name to a word that stands in no object, such as the first of a file's global variables.
func (w *World) Global(name string, at kern.Addr) {
	named := w.In.Named
	w.In.Named = func(a kern.Addr) string {
		if a == at {
			return name
		}
		return named(a)
	}
}

// Thing returns what the name of a thing of the start stands for, 0 if there is none.
func (w *World) Thing(name string) uint32 {
	if i := slices.IndexFunc(w.things, func(t thing) bool { return t.name == name }); i >= 0 {
		return w.things[i].value
	}
	return 0
}

// Of returns what the name that stands for a parameter in a line stands for, 0 if there is none: a dash, or a parameter left out.
func (w *World) Of(l *Line, param string) uint32 { return w.Thing(l.Get(param)) }

// NameOf is the inverse of Thing: the name that the scenario gave to a value, "" if none.
func (w *World) NameOf(value uint32) string {
	if i := slices.IndexFunc(w.things, func(t thing) bool { return t.value == value }); i >= 0 && value != 0 {
		return w.things[i].name
	}
	return ""
}

// All returns what all things of a noun stand for, in the order of the scenario.
func (w *World) All(noun string) []uint32 {
	var list []uint32
	for _, t := range w.things {
		if t.noun == noun {
			list = append(list, t.value)
		}
	}
	return list
}

// Alive tells whether the object at an address is live; of a machine without an explorer, always.
func (w *World) Alive(a kern.Addr) bool { return w.In.Alive == nil || w.In.Alive(a) }

// Build makes the model of a scenario on a version of its lab.
func Build(s *Scenario, version string) (*explore.Model, error) {
	l := s.Lab
	version, err := l.Full(version)
	if err != nil {
		return nil, err
	}
	if l.Model != nil {
		return l.Model(s, version)
	}
	return &explore.Model{Name: s.Name, Tasks: len(s.Tasks), Build: func(cpus int, sched kern.Scheduler) *explore.Instance {
		return build(s, version, cpus, sched)
	}}, nil
}

// frames is how many page frames a machine has unless the lab says otherwise.
const frames = 64

// build puts a machine together. What it does on the machine it does on CPU 0, through sched.
func build(s *Scenario, version string, cpus int, sched kern.Scheduler) *explore.Instance {
	l := s.Lab
	cfg := kern.Config{CPUs: max(cpus, len(s.Tasks)), Frames: frames, Scheduler: sched}
	if l.Machine != nil {
		l.Machine(&cfg)
	}
	w := &World{Scenario: s, Version: version, M: kern.NewMachine(cfg), In: &explore.Instance{}}
	w.In.M = w.M
	w.In.Named = func(a kern.Addr) string { return w.NameOf(uint32(a)) }
	w.M.Describe(w.describe)
	if l.Setup != nil {
		l.Setup(w)
	}
	c := w.M.CPU(0)
	for i := range s.Things {
		line := &s.Things[i]
		w.things = append(w.things, thing{name: line.Name(), noun: line.Word, value: l.Noun(line.Word).Make(w, c, line)})
	}
	for i := range s.Tasks {
		w.In.Tasks = append(w.In.Tasks, w.compile(&s.Tasks[i]))
	}
	if l.Check != nil {
		w.In.Check = func() *kern.Violation { return l.Check(w) }
	}
	if l.Final != nil || len(s.Ends) > 0 {
		w.In.Final = w.final
	}
	return w.In
}

// describe names what a violation is about: the thing, or an object of its cache, and the field.
func (w *World) describe(v *kern.Violation) {
	if v.Object != "" || w.In.ObjectAt == nil {
		return
	}
	cache, base, ok := w.In.ObjectAt(v.Addr)
	if !ok {
		return
	}
	cfg, _ := w.M.CacheConfig(cache)
	if v.Object = w.NameOf(uint32(base)); v.Object == "" {
		v.Object = cfg.Name // it stands where "page 2" may: "reads a word of freed zspage"
	}
	if f, _ := kern.FieldAt(cfg.Fields, v.Addr-base); f != nil && v.Addr != base {
		v.Part = f.Name
	}
}

// final is what must be so when all is quiet: what the lab says, and the finally section.
func (w *World) final() *kern.Violation {
	l := w.Scenario.Lab
	if l.Final != nil {
		if v := l.Final(w); v != nil {
			return v
		}
	}
	for i := range w.Scenario.Ends {
		line := &w.Scenario.Ends[i]
		if v := l.End(line.Word).Holds(w, line); v != nil {
			return v
		}
	}
	return nil
}
