package explore_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
)

// code is what a task does to a shared object.
type code = func(c *kern.CPU, g kern.Addr)

// tasksOf makes a model of tasks of one operation each.
func tasksOf(name string, codes ...code) *explore.Model {
	return small(name, func(m *kern.Machine, g kern.Addr) []explore.Task {
		var tasks []explore.Task
		for i, f := range codes {
			tasks = append(tasks, explore.Task{Name: string(rune('A' + i)), Ops: []explore.Operation{do("op", func(c *kern.CPU) { f(c, g) })}})
		}
		return tasks
	})
}

// The words of the shared object: what is passed on, and by what.
const (
	flag1 = 0
	flag2 = 1
	data  = 2
)

func write(c *kern.CPU, g kern.Addr) { kern.Store(c, g+data, 1) }
func read(c *kern.CPU, g kern.Addr)  { kern.Load(c, g+data) }

// told has f done if flag is set.
func told(get func(c *kern.CPU, a kern.Addr) uint32, flag kern.Addr, fence func(*kern.CPU), f code) code {
	return func(c *kern.CPU, g kern.Addr) {
		if get(c, g+flag) != 0 {
			fence(c)
			f(c, g)
		}
	}
}

func none(*kern.CPU) {}

// after has the flag set by set, behind f.
func after(f code, fence func(*kern.CPU), flag kern.Addr, set func(c *kern.CPU, a kern.Addr, v uint32)) code {
	return func(c *kern.CPU, g kern.Addr) { f(c, g); fence(c); set(c, g+flag, 1) }
}

// returning drops what an atomic returns.
func returning(f func(c *kern.CPU, a kern.Addr, v uint32) uint32) func(c *kern.CPU, a kern.Addr, v uint32) {
	return func(c *kern.CPU, a kern.Addr, v uint32) { f(c, a, v) }
}

// changing is an atomic as a look at a flag.
func changing(f func(c *kern.CPU, a kern.Addr, v uint32) uint32, v uint32) func(c *kern.CPU, a kern.Addr) uint32 {
	return func(c *kern.CPU, a kern.Addr) uint32 { return f(c, a, v) }
}

// What orders two plain accesses by different tasks, and what does not: as herd7 says of the same programs in C.
func TestWhatOrders(t *testing.T) {
	once, set := kern.ReadOnce, kern.WriteOnce
	swap := func(c *kern.CPU, a kern.Addr, v uint32) uint32 { return kern.CmpXchgAcquire(c, a, v, 2) }
	for name, m := range map[string]struct {
		tasks []code
		races bool
	}{
		"nothing":             {[]code{after(write, none, flag1, set), told(once, flag1, none, read)}, true},
		"two barriers":        {[]code{after(write, kern.SmpMB, flag1, set), told(once, flag1, kern.SmpMB, read)}, false},
		"wmb and rmb":         {[]code{after(write, kern.SmpWMB, flag1, set), told(once, flag1, kern.SmpRMB, read)}, false},
		"wmb alone":           {[]code{after(write, kern.SmpWMB, flag1, set), told(once, flag1, none, read)}, true},
		"rmb alone":           {[]code{after(write, none, flag1, set), told(once, flag1, kern.SmpRMB, read)}, true},
		"rmb before a write":  {[]code{after(write, kern.SmpWMB, flag1, set), told(once, flag1, kern.SmpRMB, write)}, true},
		"wmb behind a read":   {[]code{after(read, kern.SmpWMB, flag1, set), told(once, flag1, kern.SmpMB, write)}, true},
		"mb behind a read":    {[]code{after(read, kern.SmpMB, flag1, set), told(once, flag1, kern.SmpMB, write)}, false},
		"release and acquire": {[]code{after(write, none, flag1, kern.SmpStoreRelease), told(kern.SmpLoadAcquire, flag1, none, read)}, false},
		"release alone":       {[]code{after(write, none, flag1, kern.SmpStoreRelease), told(once, flag1, none, read)}, true},
		"a mb too late":       {[]code{after(write, none, flag1, kern.SmpStoreMB), told(once, flag1, kern.SmpMB, read)}, true},
		"xchg":                {[]code{after(write, none, flag1, returning(kern.Xchg)), told(changing(kern.Xchg, 2), flag1, none, read)}, false},
		"xchg, relaxed":       {[]code{after(write, none, flag1, returning(kern.XchgRelaxed)), told(once, flag1, kern.SmpMB, read)}, true},
		"xchg, the one and the other": {[]code{after(write, none, flag1, returning(kern.XchgRelease)),
			told(changing(kern.XchgAcquire, 2), flag1, none, read)}, false},
		"cmpxchg that fails": {[]code{after(write, none, flag1, kern.SmpStoreRelease), func(c *kern.CPU, g kern.Addr) {
			if swap(c, g, 5) == 1 {
				read(c, g)
			}
		}}, true},
		"atomic_inc":                  {[]code{after(write, none, flag1, kern.AtomicAdd), told(once, flag1, kern.SmpMB, read)}, true},
		"atomic_inc behind a barrier": {[]code{after(write, kern.SmpMBBeforeAtomic, flag1, kern.AtomicAdd), told(once, flag1, kern.SmpMB, read)}, false},
		"refcount_inc_not_zero": {[]code{after(write, none, flag1, returning(kern.Xchg)), func(c *kern.CPU, g kern.Addr) {
			if kern.RefcountIncNotZero(c, g) { // relaxed: the count may be newer than what it counts
				read(c, g)
			}
		}}, true},
		"atomic_inc_not_zero": {[]code{after(write, none, flag1, returning(kern.Xchg)), func(c *kern.CPU, g kern.Addr) {
			if kern.AtomicIncNotZero(c, g) {
				read(c, g)
			}
		}}, false},
		"clear_bit_unlock": {[]code{
			func(c *kern.CPU, g kern.Addr) { kern.SetBit(c, g, 0); write(c, g); kern.ClearBitUnlock(c, g, 0) },
			func(c *kern.CPU, g kern.Addr) {
				if !kern.TestAndSetBitLock(c, g, 0) {
					kern.Store(c, g+data, 2)
				}
			},
		}, true}, // set_bit keeps nobody out
		// A release is cumulative, smp_wmb is not.
		"release behind a read": {[]code{after(write, none, flag1, kern.SmpStoreRelease),
			told(once, flag1, none, func(c *kern.CPU, g kern.Addr) { kern.SmpStoreRelease(c, g+flag2, 1) }),
			told(kern.SmpLoadAcquire, flag2, none, read)}, false},
		"wmb behind an acquire": {[]code{after(write, none, flag1, kern.SmpStoreRelease),
			told(kern.SmpLoadAcquire, flag1, kern.SmpWMB, func(c *kern.CPU, g kern.Addr) { kern.WriteOnce(c, g+flag2, 1) }),
			told(once, flag2, kern.SmpRMB, read)}, true},
	} {
		want := kern.NoViolation
		if m.races {
			want = kern.DataRace
		}
		opt := explore.Defaults()
		opt.Races = explore.HappensBefore
		mo := tasksOf(name, m.tasks...)
		for _, plain := range []bool{false, true} {
			opt.Plain = plain
			r, err := explore.Exhaustive(mo, opt)
			require.NoError(t, err)
			kind := kern.NoViolation
			if r.Violation != nil {
				kind = r.Violation.Kind
			}
			require.Equal(t, want, kind, "%s, plain %t", name, plain)
			w, err := explore.Random(mo, opt, explore.Sampling{Runs: 200, Seed: 1})
			require.NoError(t, err)
			require.Equal(t, m.races, w.Violation != nil, "%s: random", name)
		}
	}
}

// Whoever finds an object through a pointer that was published sees it ready, if the pointer is read by rcu_dereference.
func TestAddressDependency(t *testing.T) {
	for name, c := range map[string]struct {
		publish func(c *kern.CPU, a, p kern.Addr)
		find    func(c *kern.CPU, a kern.Addr) kern.Addr
		races   bool
	}{
		"published and found":   {kern.RCUAssignPointer, kern.RCUDereference, false},
		"found by READ_ONCE":    {kern.RCUAssignPointer, func(c *kern.CPU, a kern.Addr) kern.Addr { return kern.Addr(kern.ReadOnce(c, a)) }, true},
		"written by WRITE_ONCE": {func(c *kern.CPU, a, p kern.Addr) { kern.WriteOnce(c, a, uint32(p)) }, kern.RCUDereference, true},
	} {
		build := func(cpus int, s kern.Scheduler) *explore.Instance {
			m := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 16, Scheduler: s})
			cache := m.NewCache(kern.CacheConfig{Name: "object", Words: 4})
			g, p := cache.Alloc(m.CPU(0)), cache.Alloc(m.CPU(0))
			return &explore.Instance{M: m, Tasks: []explore.Task{
				{Name: "updater", Ops: []explore.Operation{do("publish", func(k *kern.CPU) { kern.Store(k, p, 1); c.publish(k, g, p) })}},
				{Name: "reader", Ops: []explore.Operation{do("find", func(k *kern.CPU) {
					if q := c.find(k, g); q != 0 {
						kern.Load(k, q)
					}
				})}},
			}}
		}
		opt := explore.Defaults()
		opt.Races = explore.HappensBefore
		r, err := explore.Exhaustive(&explore.Model{Name: name, Tasks: 2, Build: build}, opt)
		require.NoError(t, err)
		require.Equal(t, c.races, r.Violation != nil, name)
	}
}

// A barrier is no step: with barriers everywhere a model has the states, the transitions and the steps that it has without.
func TestBarriersAreNoSteps(t *testing.T) {
	model := func(fence func(*kern.CPU)) *explore.Model {
		task := func(c *kern.CPU, g kern.Addr) {
			fence(c)
			kern.WriteOnce(c, g, 1)
			fence(c)
			fence(c)
			kern.SpinLock(c, g+1)
			fence(c)
			kern.Store(c, g+2, kern.Load(c, g+2)+1)
			fence(c)
			kern.SpinUnlock(c, g+1)
			for kern.ReadOnce(c, g) == 0 {
				fence(c)
			}
			fence(c)
		}
		return tasksOf("fenced", task, task)
	}
	for _, fence := range []func(*kern.CPU){kern.SmpMB, kern.SmpRMB, kern.SmpWMB, kern.SmpMBBeforeAtomic, kern.SmpMBAfterAtomic,
		kern.SmpMBAfterSpinlock, kern.SmpMBAfterUnlockLock} {
		for _, plain := range []bool{false, true} {
			opt := explore.Defaults()
			opt.Plain = plain
			without, err := explore.Exhaustive(model(none), opt)
			require.NoError(t, err)
			with, err := explore.Exhaustive(model(fence), opt)
			require.NoError(t, err)
			require.Equal(t, explore.Safe, with.Verdict)
			require.Equal(t, [3]uint64{without.States, without.Transitions, uint64(without.Depth)},
				[3]uint64{with.States, with.Transitions, uint64(with.Depth)}, "plain %t", plain)
		}
	}
}
