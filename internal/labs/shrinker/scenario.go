package shrinker

import (
	"ptsim/explore"
	"ptsim/kern"
	protocol "ptsim/shrinker"
)

// Scenario is a small program about shrinkers.
type Scenario struct {
	Name    string
	Title   string
	About   string
	Mounted int             // super_blocks that are mounted at the beginning, numbered from 1
	Config  protocol.Config // but for its Variant
	Tasks   []Task
}

// Task is what one task does: verbs, with the number of a super_block where they take one.
type Task struct {
	Name string
	Does []string
}

// Model is the scenario on one version, as the explorer takes it. At its end every super_block that was unmounted must be gone, and
// its shrinker with it.
func (sc *Scenario) Model(v protocol.Variant) (*explore.Model, error) { return sc.model(v, false) }

// Checked is Model with protocol.System.Check in every state, which only right versions pass.
func (sc *Scenario) Checked(v protocol.Variant) (*explore.Model, error) { return sc.model(v, true) }

func (sc *Scenario) model(v protocol.Variant, check bool) (*explore.Model, error) {
	if _, err := sc.build(v, check, len(sc.Tasks), nil); err != nil {
		return nil, err
	}
	return &explore.Model{Name: "shrinker " + sc.Name, Tasks: len(sc.Tasks), Build: func(cpus int, sched kern.Scheduler) *explore.Instance {
		in, err := sc.build(v, check, cpus, sched)
		if err != nil {
			panic(err) // it was built before
		}
		return in
	}}, nil
}

func (sc *Scenario) build(v protocol.Variant, check bool, cpus int, sched kern.Scheduler) (*explore.Instance, error) {
	m := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 16, Scheduler: sched})
	cfg := sc.Config
	cfg.Variant = v
	s, err := protocol.New(m, cfg)
	if err != nil {
		return nil, err
	}
	var mounted []protocol.Super
	for id := range sc.Mounted {
		mounted = append(mounted, s.Mount(m.CPU(0), id+1))
	}
	in := &explore.Instance{M: m}
	for _, t := range sc.Tasks {
		task := explore.Task{Name: t.Name, Start: frame{}}
		for _, line := range t.Does {
			op, err := operation(s, mounted, line)
			if err != nil {
				return nil, err
			}
			task.Ops = append(task.Ops, op)
		}
		in.Tasks = append(in.Tasks, task)
	}
	in.Final = func() *kern.Violation { return sc.final(s, in) }
	if check {
		in.Check = func() *kern.Violation {
			for _, sb := range mounted {
				sh := s.PeekShrinker(sb)
				if why := s.Check(sh, in.Alive); why != "" {
					return &kern.Violation{Kind: kern.Assertion, Addr: kern.Addr(sh), Detail: why}
				}
			}
			return nil
		}
	}
	return in, nil
}

// final is what must be so when nothing moves any more: as many shrinkers as super_blocks, as many of those as are mounted, and a
// memcg whose map has the bit of each shrinker with objects.
func (sc *Scenario) final(s *protocol.System, in *explore.Instance) *kern.Violation {
	want := sc.Mounted
	for _, t := range sc.Tasks {
		for _, line := range t.Does {
			switch {
			case len(line) > 5 && line[:5] == "mount":
				want++
			case len(line) > 6 && line[:6] == "umount":
				want--
			}
		}
	}
	var v *kern.Violation
	found := map[string]int{}
	in.Objects(func(cache string, a kern.Addr) {
		found[cache]++
		switch {
		case cache == "shrinker" && found[cache] > want:
			v = &kern.Violation{Kind: kern.RefcountLeak, Addr: a, Func: "nobody", Detail: "puts the last reference to %o, which is never freed"}
		case cache == "super_block" && sc.Config.Memcg && s.Objects(protocol.Super(a)) > 0 && !s.Bit(s.PeekShrinker(protocol.Super(a))):
			v = &kern.Violation{Kind: kern.Imbalance, Addr: a, Detail: "a super_block has objects that no walk of its memcg will find, since their bit is clear"}
		}
	})
	return v
}
