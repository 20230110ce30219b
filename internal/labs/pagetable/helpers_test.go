package pagetable_test

import (
	"math/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/labs/pagetable"
	"ptsim/internal/scenario"
	"ptsim/kern"
	"ptsim/pgalloc"
	"ptsim/rcuhead"
)

// version is an allocator to run a scenario on.
type version struct {
	variant pgalloc.Variant
	pin     pgalloc.Pin
}

func (v version) String() string {
	if v.pin != "" {
		return string(v.variant) + "-" + string(v.pin)
	}
	return string(v.variant)
}

func versions() []version {
	var vs []version
	for _, i := range pgalloc.Variants() {
		if i.Variant != pgalloc.Pinned {
			vs = append(vs, version{i.Variant, ""})
			continue
		}
		for _, p := range pgalloc.Pins() {
			vs = append(vs, version{i.Variant, p})
		}
	}
	return vs
}

func load(t testing.TB, name string) *scenario.Scenario {
	s, err := scenario.Load(name)
	require.NoError(t, err)
	return s
}

func parse(t testing.TB, text string) *scenario.Scenario {
	s, err := scenario.Parse("test.scn", text)
	require.NoError(t, err)
	return s
}

// native is a machine that carries every step out at once, and answers what the model leaves open by lot.
type native struct {
	rng     *rand.Rand // nil: the first answer always, and no failure
	mayFail map[int]bool
	on      bool // the set-up is over
	ops     []kern.Op
	log     bool
}

func (n *native) Step(c *kern.CPU, op kern.Op) uint32 {
	if n.log && n.on {
		n.ops = append(n.ops, op)
	}
	switch {
	case n.rng == nil:
	case op.Kind == kern.OpChoose:
		return uint32(n.rng.Intn(int(op.A)))
	case n.on && op.Kind == kern.OpSlabAlloc && kern.GFP(op.B) == kern.GFPNowait && n.mayFail[c.ID()] && n.rng.Intn(2) == 0:
		return 0
	}
	return c.Exec(op)
}

// run is a scenario under way on a native machine: one operation of some task at a time, callbacks and work in between.
type run struct {
	t      testing.TB
	what   string
	sched  *native
	in     *explore.Instance
	rcu    *rcuhead.Stepped
	frames []explore.Frame
	at     []int
}

func start(t testing.TB, s *scenario.Scenario, v version, rng *rand.Rand) *run {
	mo, err := pagetable.Build(s, v.variant, v.pin)
	require.NoError(t, err)
	r := &run{t: t, what: s.Name + " " + v.String(), sched: &native{rng: rng, mayFail: map[int]bool{}}}
	r.in = mo.Build(mo.Tasks+1, r.sched)
	require.Len(t, r.in.Tasks, mo.Tasks)
	r.sched.on = true
	r.rcu = rcuhead.NewStepped(r.in.M)
	for i, task := range r.in.Tasks {
		r.frames = append(r.frames, task.Start)
		r.at = append(r.at, 0)
		r.sched.mayFail[i] = task.MayFail
		r.in.M.CPU(i).Task = task.Name
	}
	return r
}

// step runs the next operation of a task and looks at the invariant. It tells whether there was one, and it could run.
func (r *run) step(i int) bool {
	task := &r.in.Tasks[i]
	if r.at[i] == len(task.Ops) || r.blocked(task.Ops[r.at[i]].Name, i) {
		return false
	}
	op := task.Ops[r.at[i]]
	c := r.in.M.CPU(i)
	c.Doing = op.Name
	r.frames[i] = op.Run(c, r.frames[i])
	r.at[i]++
	return true
}

// blocked tells whether the operation would wait for an i_mmap_rwsem: some task between its down and its up has it.
func (r *run) blocked(op string, me int) bool {
	down, file, _ := strings.Cut(op, " ")
	if !strings.HasPrefix(down, "down_") {
		return false
	}
	for i := range r.in.Tasks {
		held := ""
		for _, before := range r.in.Tasks[i].Ops[:r.at[i]] {
			switch word, of, _ := strings.Cut(before.Name, " "); {
			case of != file:
			case strings.HasPrefix(word, "down_"):
				held = word
			case strings.HasPrefix(word, "up_"):
				held = ""
			}
		}
		if i != me && (held == "down_write" || held != "" && down == "down_write") {
			return true
		}
	}
	return false
}

// stuck tells whether every task that is not over waits for a semaphore.
func (r *run) stuck() bool {
	for i, task := range r.in.Tasks {
		if r.at[i] < len(task.Ops) && !r.blocked(task.Ops[r.at[i]].Name, i) {
			return false
		}
	}
	return !r.over()
}

func (r *run) over() bool {
	for i := range r.in.Tasks {
		if r.at[i] < len(r.in.Tasks[i].Ops) {
			return false
		}
	}
	return true
}

// settle runs all that is left to run when the tasks have ended.
func (r *run) settle() {
	for {
		r.rcu.Barrier()
		if kern.RunWork(r.in.M.CPU(0)) == 0 && r.rcu.Pending() == 0 {
			return
		}
	}
}

// violation returns what was found wrong so far, by the allocator or by the scenario's own checks.
func (r *run) violation(v *kern.Violation) *kern.Violation {
	if list, _ := r.in.M.Violations(); len(list) > 0 {
		return list[0]
	}
	return v
}

// straight runs the tasks one after the other, and callbacks at the end.
func (r *run) straight() *kern.Violation {
	for i := range r.in.Tasks {
		for r.step(i) {
			if v := r.violation(r.in.Check()); v != nil {
				return v
			}
		}
	}
	require.True(r.t, r.over(), r.what)
	r.settle()
	return r.violation(r.in.Final())
}

// shuffled runs them in random order, with callbacks and work in between.
func (r *run) shuffled(rng *rand.Rand) *kern.Violation {
	for !r.over() {
		if r.stuck() {
			return &kern.Violation{Kind: kern.Deadlock}
		}
		switch n := rng.Intn(len(r.in.Tasks) + 2); {
		case n < len(r.in.Tasks):
			r.step(n)
		case n == len(r.in.Tasks):
			r.rcu.Begin()
			r.rcu.End()
		default:
			kern.RunWork(r.in.M.CPU(len(r.in.Tasks)))
		}
		if v := r.violation(r.in.Check()); v != nil {
			return v
		}
	}
	r.settle()
	return r.violation(r.in.Final())
}
