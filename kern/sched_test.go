package kern_test

import (
	"iter"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
)

// chooser runs one program a CPU as coroutines. Each turn carries out exactly one primitive, the one its CPU is parked
// at, and the local code behind it.
type chooser struct {
	m      *kern.Machine
	yield  []func(struct{}) bool
	parked []kern.Op
	next   []func() (struct{}, bool)
	stop   []func()
	alive  []bool
	steps  []int // whose turn each step was
}

func (s *chooser) Step(c *kern.CPU, op kern.Op) uint32 {
	if s.yield != nil {
		s.parked[c.ID()] = op
		s.yield[c.ID()](struct{}{})
	}
	return c.Exec(op)
}

func (s *chooser) start(programs []func(c *kern.CPU)) {
	n := len(programs)
	s.yield, s.parked = make([]func(struct{}) bool, n), make([]kern.Op, n)
	for i, program := range programs {
		next, stop := iter.Pull(func(yield func(struct{}) bool) {
			s.yield[i] = yield
			program(s.m.CPU(i))
		})
		s.next, s.stop, s.alive = append(s.next, next), append(s.stop, stop), append(s.alive, true)
	}
	for i := range programs { // up to the first primitive
		_, s.alive[i] = s.next[i]()
	}
}

// enabled lists the CPUs that can take a step: a lock that is held cannot be taken.
func (s *chooser) enabled() []int {
	var cpus []int
	for i, alive := range s.alive {
		op := s.parked[i]
		waits := false
		switch op.Kind {
		case kern.OpSpinLock, kern.OpSpinLockBH:
			waits = !s.m.LockFree(op.Addr)
		case kern.OpDownRead, kern.OpDownWrite:
			waits = !s.m.SemFree(op.Addr, op.Kind == kern.OpDownWrite)
		}
		if alive && !waits {
			cpus = append(cpus, i)
		}
	}
	return cpus
}

func (s *chooser) turn(i int) {
	s.steps = append(s.steps, i)
	_, s.alive[i] = s.next[i]()
}

// explore runs the programs that setup returns under every schedule there is, and calls done after each. It returns how
// many schedules there were.
func explore(t *testing.T, setup func(m *kern.Machine) []func(c *kern.CPU), done func(m *kern.Machine, steps []int)) int {
	t.Helper()
	var prefix []int // the choice, among the enabled, at each step
	for n := 1; ; n++ {
		s := &chooser{}
		s.m = kern.NewMachine(kern.Config{CPUs: 2, Frames: 16, Scheduler: s})
		s.start(setup(s.m))
		var options []int
		for i := 0; ; i++ {
			cpus := s.enabled()
			if len(cpus) == 0 {
				break
			}
			if i == len(prefix) {
				prefix = append(prefix, 0)
			}
			options = append(options, len(cpus))
			s.turn(cpus[prefix[i]])
		}
		for i, alive := range s.alive {
			require.False(t, alive, "CPU %d is stuck at %v", i, s.parked[i])
			s.stop[i]()
		}
		done(s.m, s.steps)
		for len(prefix) > 0 && prefix[len(prefix)-1] == options[len(prefix)-1]-1 {
			prefix = prefix[:len(prefix)-1]
		}
		if len(prefix) == 0 {
			return n
		}
		prefix[len(prefix)-1]++
	}
}

// both makes two CPUs run the same program on memory that they share.
func both(words uint32, program func(c *kern.CPU, a kern.Addr)) func(m *kern.Machine) []func(c *kern.CPU) {
	return func(m *kern.Machine) []func(c *kern.CPU) {
		a := m.NewCache(kern.CacheConfig{Name: "shared", Words: words}).Alloc(m.CPU(0))
		run := func(c *kern.CPU) { program(c, a) }
		return []func(*kern.CPU){run, run}
	}
}

// shared is where the first slab object of a machine of 16 frames lies: behind the struct pages, on a pair of cache lines.
const shared = kern.Addr((17*kern.FrameWords + 31) &^ 31)

// A read and a write are two steps, and a schedule can put the other CPU between them.
func TestUnlockedUpdateIsLost(t *testing.T) {
	results := map[uint32]int{}
	n := explore(t, both(1, func(c *kern.CPU, a kern.Addr) {
		kern.WriteOnce(c, a, kern.ReadOnce(c, a)+1)
	}), func(m *kern.Machine, _ []int) { results[m.Peek(shared)]++ })
	assert.Equal(t, 6, n, "4 choose 2")
	assert.Equal(t, map[uint32]int{1: 4, 2: 2}, results, "lost unless one CPU is done before the other begins")
}

// A read-modify-write primitive is one step: no schedule gets between its halves.
func TestAtomicAddIsOneStep(t *testing.T) {
	n := explore(t, both(1, func(c *kern.CPU, a kern.Addr) {
		for range 3 {
			kern.AtomicAddReturn(c, a, 1)
		}
	}), func(m *kern.Machine, steps []int) {
		require.Len(t, steps, 6)
		require.EqualValues(t, 6, m.Peek(shared))
	})
	assert.Equal(t, 20, n, "6 choose 3")
}

// A lock makes the two steps one again. A CPU that waits for it takes no step, so only the order of the sections is
// left to choose.
func TestLockedUpdateIsNeverLost(t *testing.T) {
	for name, pair := range map[string][2]func(*kern.CPU, kern.Addr){
		"spin_lock":    {kern.SpinLock, kern.SpinUnlock},
		"spin_lock_bh": {kern.SpinLockBH, kern.SpinUnlockBH},
	} {
		n := explore(t, both(2, func(c *kern.CPU, a kern.Addr) {
			pair[0](c, a+1)
			kern.WriteOnce(c, a, kern.ReadOnce(c, a)+1)
			pair[1](c, a+1)
		}), func(m *kern.Machine, steps []int) {
			require.Len(t, steps, 8)
			require.EqualValues(t, 2, m.Peek(shared))
			quiet(t, m)
		})
		assert.Equal(t, 2, n, name)
	}
}

// So is a list operation, which is why the model cannot show a list broken by a missing lock alone: see the package
// comment.
func TestListAddIsOneStep(t *testing.T) {
	n := explore(t, func(m *kern.Machine) []func(*kern.CPU) {
		h := lists(m.CPU(0), 3)
		return []func(*kern.CPU){
			func(c *kern.CPU) { kern.ListAdd(c, h[1], h[0]); kern.ListDel(c, h[1]) },
			func(c *kern.CPU) { kern.ListAddTail(c, h[2], h[0]) },
		}
	}, func(m *kern.Machine, _ []int) {
		n := 0
		require.True(t, m.Walk(shared, func(kern.Addr) bool { n++; return true }))
		require.Equal(t, 1, n)
		quiet(t, m)
	})
	assert.Equal(t, 3, n)
}

// A softirq that becomes due when BH comes back on runs inside the step that enabled it, in steps of its own.
func TestSoftirqStepsNest(t *testing.T) {
	d := &direct{}
	m := kern.NewMachine(kern.Config{Scheduler: d})
	c := m.CPU(0)
	a := words(c, 2)
	m.OpenSoftirq(func(c *kern.CPU) { kern.AtomicAddReturn(c, a, 1) })
	d.ops = nil
	kern.SpinLockBH(c, a+1)
	c.RaiseSoftirq()
	kern.SpinUnlockBH(c, a+1)
	var names []string
	for _, op := range d.ops {
		names = append(names, op.Kind.String())
	}
	assert.Equal(t, []string{"spin_lock_bh", "spin_unlock_bh", "add"}, names)
	assert.EqualValues(t, 1, m.Peek(a))
}

// Whether there is memory, what the work queue holds and what becomes of a type-stable object are looked at in steps, too:
// nothing that CPUs share is read between two of them.
func TestSharedDecisionsAreSteps(t *testing.T) {
	d := &direct{}
	m := kern.NewMachine(kern.Config{Scheduler: d})
	c := m.CPU(0)
	k, types := m.NewCache(kern.CacheConfig{Name: "thing", Words: kern.WorkWords}), m.NewCache(typesafe)
	item := k.Alloc(c)
	fn, ran := recorder(m)
	names := func(f func()) (s []string) {
		d.ops = nil
		f()
		for _, op := range d.ops {
			s = append(s, op.Kind.String())
		}
		return s
	}
	assert.Equal(t, []string{"queue_work", "take_work", "xchg", "take_work"}, names(func() {
		kern.QueueWork(c, item, fn)
		assert.Equal(t, 1, kern.RunWork(c))
	}))
	assert.Equal(t, []kern.Addr{item}, *ran)
	m.FailPages(kern.GFPNowait, true)
	assert.Equal(t, []string{"slab_alloc", "slab_alloc"}, names(func() {
		assert.Zero(t, k.AllocNowait(c))
		assert.NotZero(t, k.Alloc(c), "this one may wait")
	}))
	obj := types.Alloc(c)
	assert.Equal(t, []string{"slab_free", "slab_reclaim"}, names(func() {
		types.Free(c, obj)
		grace(c)
	}))
	quiet(t, m)
	p := kern.AllocPages(c, 0, kern.GFPKernel)
	assert.Equal(t, []string{"put_page", "put_page"}, names(func() {
		kern.PutPage(c, p, 0)
		kern.PutPage(c, p, 0)
	}), "also what an error comes to")
	the(t, m, kern.DoubleFree)
}

// answering is a Scheduler that decides for the model.
type answering struct {
	direct
	answers []uint32
}

func (s *answering) Step(c *kern.CPU, op kern.Op) uint32 {
	r := s.direct.Step(c, op)
	if op.Kind == kern.OpChoose {
		r, s.answers = s.answers[0], s.answers[1:]
	}
	return r
}

func TestChoose(t *testing.T) {
	s := &answering{answers: []uint32{2, 0, 1}}
	m := kern.NewMachine(kern.Config{Scheduler: s})
	for _, want := range []uint32{2, 0, 1} {
		assert.Equal(t, want, kern.Choose(m.CPU(0), 3))
	}
	assert.Equal(t, []kern.Op{{Kind: kern.OpChoose, A: 3}, {Kind: kern.OpChoose, A: 3}, {Kind: kern.OpChoose, A: 3}}, s.ops)
	m.Attach(nil)
	assert.Zero(t, kern.Choose(m.CPU(0), 3), "nobody to ask")
}

// A machine may be set up natively and then handed to a scheduler, with all that is in its memory, and be taken back.
func TestAttach(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	l := words(m.CPU(0), 2)
	kern.SpinLock(m.CPU(0), l)
	d := &direct{}
	m.Attach(d)
	assert.Empty(t, d.ops)
	kern.Store(m.CPU(1), l+1, 5)
	kern.SpinUnlock(m.CPU(0), l)
	assert.Equal(t, []kern.Op{{Kind: kern.OpStore, Addr: l + 1, A: 5}, {Kind: kern.OpSpinUnlock, Addr: l}}, d.ops, "of all CPUs")
	m.Attach(nil)
	assert.EqualValues(t, 5, kern.Load(m.CPU(0), l+1))
	assert.True(t, m.LockFree(l))
	assert.Len(t, d.ops, 2)
	quiet(t, m)
}

func TestSetContext(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	l := words(c, 1)
	runs := 0
	m.OpenSoftirq(func(*kern.CPU) { runs++ })

	kern.SpinLock(c, l) // by a task, whose place a softirq takes
	c.SetContext(1, true)
	assert.True(t, c.InSoftirq())
	assert.True(t, c.BHDisabled())
	kern.SpinLock(c, l)
	assert.True(t, the(t, m, kern.SoftirqDeadlock).Softirq)

	kern.RCUReadLock(c)
	c.RaiseSoftirq()
	c.SetContext(0, false)
	assert.False(t, c.InSoftirq())
	assert.False(t, c.BHDisabled())
	assert.False(t, c.RCUReading())
	assert.False(t, c.Interrupt(), "nothing is pending")
	kern.SpinUnlock(c, l)
	assert.True(t, m.LockFree(l), "the lock that could not be taken is forgotten: this is the task's own")

	c.SetContext(2, false)
	c.RaiseSoftirq()
	kern.LocalBHEnable(c)
	assert.Zero(t, runs)
	kern.LocalBHEnable(c)
	assert.Equal(t, 1, runs)
	the(t, m, kern.SoftirqDeadlock)
}
