package percpuref_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/percpuref"
)

// The words of the object: the Ref, and whether nobody has released it yet.
const (
	objectAlive = percpuref.RefWords
	objectWords = objectAlive + 1
)

// scene is a Ref in an object, whose release frees it.
type scene struct {
	l   *percpuref.Lib
	k   kern.Cache
	obj kern.Addr
	ref percpuref.Ref

	slot kern.Addr // where it is found
	gone kern.Addr // a completion, for the release
}

// use uses the object as who has a reference may.
func (s *scene) use(c *kern.CPU) {
	kern.Assert(c, kern.ReadOnce(c, s.obj+objectAlive) == 1, "who has a reference finds the object alive")
}

// get is a user: it takes a reference, uses the object, and drops it.
func (s *scene) get(c *kern.CPU) {
	if s.l.TryGetLive(c, s.ref) {
		s.use(c)
		s.l.Put(c, s.ref)
	}
}

// explored makes a model of tasks that share an object.
func explored(f percpuref.Flags, tasks func(s *scene) []func(c *kern.CPU)) *explore.Model {
	build := func(cpus int, sched kern.Scheduler) *explore.Instance {
		m := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 16, Scheduler: sched})
		s := &scene{l: percpuref.New(m), k: m.NewCache(kern.CacheConfig{Name: "object", Words: objectWords})}
		c := m.CPU(0)
		s.obj = s.k.Alloc(c)
		s.ref = percpuref.Ref(s.obj)
		s.slot = m.NewCache(kern.CacheConfig{Name: "global", Words: 2}).Alloc(c)
		s.gone = s.slot + 1
		kern.Store(c, s.slot, uint32(s.obj))
		release := m.RegisterFunc("release", func(c *kern.CPU, a kern.Addr) {
			kern.Assert(c, kern.Xchg(c, a+objectAlive, 0) == 1, "it is released once")
			kern.Complete(c, s.gone)
		})
		s.l.Init(c, s.ref, release, f)
		kern.Store(c, s.obj+objectAlive, 1)
		in := &explore.Instance{M: m}
		for i, f := range tasks(s) {
			in.Tasks = append(in.Tasks, explore.Task{Name: string(rune('A' + i)), Ops: []explore.Operation{{Name: "op", Run: func(c *kern.CPU, fr explore.Frame) explore.Frame {
				f(c)
				return fr
			}}}})
		}
		return in
	}
	return &explore.Model{Name: "percpu_ref", Tasks: len(build(1, nil).Tasks), Build: build}
}

// judge searches all schedules, in each setting.
func judge(t *testing.T, what string, mo *explore.Model, want kern.Kind) {
	t.Helper()
	for _, softirqs := range []int{1, explore.SoftirqsOnCPU} {
		for _, grace := range []explore.Grace{explore.GracePrecise, explore.GraceAny} {
			opt := explore.Defaults()
			opt.Softirqs, opt.Grace, opt.Objects, opt.Budget = softirqs, grace, 1, 0
			r, err := explore.Exhaustive(mo, opt)
			require.NoError(t, err)
			if want == kern.NoViolation {
				if !assert.Equal(t, explore.Safe, r.Verdict, "%s, softirqs %d, grace %s", what, softirqs, grace) && r.Violation != nil {
					t.Log(r.Violation.Sentence())
				}
				continue
			}
			if assert.Equal(t, explore.Violated, r.Verdict, "%s, softirqs %d, grace %s", what, softirqs, grace) {
				assert.Equal(t, want, r.Violation.Kind, "%s: %s", what, r.Violation.Sentence())
			}
		}
	}
}

// Under every schedule the last put releases once, and who has a reference finds the object alive.
func TestTheLastPutReleasesOnce(t *testing.T) {
	judge(t, "a user that began with a reference", explored(0, func(s *scene) []func(c *kern.CPU) {
		return []func(c *kern.CPU){func(c *kern.CPU) { s.l.Kill(c, s.ref) }, func(c *kern.CPU) { s.get(c) }}
	}), kern.NoViolation)
	judge(t, "in atomic mode", explored(percpuref.InitAtomic, func(s *scene) []func(c *kern.CPU) {
		return []func(c *kern.CPU){func(c *kern.CPU) { s.l.Kill(c, s.ref) }, func(c *kern.CPU) { s.get(c) }, func(c *kern.CPU) { s.get(c) }}
	}), kern.NoViolation)
}

// A Ref goes from mode to mode while others count.
func TestModesUnderEverySchedule(t *testing.T) {
	user := func(s *scene) func(c *kern.CPU) { return func(c *kern.CPU) { s.get(c) } }
	judge(t, "atomic and back", explored(percpuref.AllowReinit, func(s *scene) []func(c *kern.CPU) {
		return []func(c *kern.CPU){func(c *kern.CPU) {
			s.l.SwitchToAtomicSync(c, s.ref)
			s.l.SwitchToPerCPU(c, s.ref)
			s.l.Kill(c, s.ref)
		}, user(s)}
	}), kern.NoViolation)
	judge(t, "killed and begun anew", explored(percpuref.AllowReinit, func(s *scene) []func(c *kern.CPU) {
		return []func(c *kern.CPU){func(c *kern.CPU) {
			s.l.Kill(c, s.ref)
			kern.WaitForCompletion(c, s.gone)
			kern.WriteOnce(c, s.obj+objectAlive, 1)
			s.l.Reinit(c, s.ref)
			s.l.Kill(c, s.ref)
		}, user(s)}
	}), kern.NoViolation)
}

// Who finds the object under RCU and gets a reference there may use it. In per-CPU mode the grace period of Kill is enough for
// that; in atomic mode there is none, and the owner must wait for one himself, as swapoff does.
func TestFoundUnderRCU(t *testing.T) {
	for _, tt := range []struct {
		name string
		f    percpuref.Flags
		wait func(c *kern.CPU)
		want kern.Kind
	}{
		{"per-CPU mode", 0, func(*kern.CPU) {}, kern.NoViolation},
		{"per-CPU mode, synchronize_rcu", 0, kern.SynchronizeRCU, kern.NoViolation},
		{"atomic mode", percpuref.InitAtomic, func(*kern.CPU) {}, kern.UseAfterFree},
		{"atomic mode, synchronize_rcu", percpuref.InitAtomic, kern.SynchronizeRCU, kern.NoViolation},
	} {
		judge(t, tt.name, explored(tt.f, func(s *scene) []func(c *kern.CPU) {
			return []func(c *kern.CPU){func(c *kern.CPU) {
				kern.WriteOnce(c, s.slot, 0)
				s.l.Kill(c, s.ref)
				kern.WaitForCompletion(c, s.gone)
				tt.wait(c)
				s.l.Exit(c, s.ref)
				s.k.Free(c, s.obj)
			}, func(c *kern.CPU) {
				kern.RCUReadLock(c)
				got := kern.RCUDereference(c, s.slot) != 0 && s.l.TryGetLiveRCU(c, s.ref)
				kern.RCUReadUnlock(c)
				if got {
					s.use(c)
					s.l.Put(c, s.ref)
				}
			}}
		}), tt.want)
	}
}

// Who gets a reference without rcu_read_lock may count in a CPU's word that was added up already. The owner's reference is then
// the last, and the object goes under its user.
func TestGetWithoutRCU(t *testing.T) {
	bare := func(s *scene, c *kern.CPU) bool {
		ptr := kern.RCUDereference(c, kern.Addr(s.ref))
		if ptr&3 != 0 {
			return false
		}
		kern.ThisCPUInc(c, kern.PerCPU(ptr))
		return true
	}
	mo := explored(0, func(s *scene) []func(c *kern.CPU) {
		return []func(c *kern.CPU){func(c *kern.CPU) { s.l.Kill(c, s.ref) }, func(c *kern.CPU) {
			if bare(s, c) {
				s.use(c)
			}
		}}
	})
	for _, kind := range []kern.Kind{kern.DataRace, kern.Assertion} {
		opt := explore.Defaults()
		opt.Objects = 1
		r, err := explore.Shortest(mo, opt, kind)
		require.NoError(t, err)
		require.Equal(t, explore.Violated, r.Verdict, "%s", kind)
		assert.Equal(t, kind, r.Violation.Kind)
	}
}

// The flags are there at once: to add the words up without a grace period is wrong.
func TestSwitchWithoutGracePeriod(t *testing.T) {
	mo := explored(0, func(s *scene) []func(c *kern.CPU) {
		return []func(c *kern.CPU){func(c *kern.CPU) { s.get(c) }, func(c *kern.CPU) {
			ptr := kern.ReadOnce(c, kern.Addr(s.ref))
			kern.WriteOnce(c, kern.Addr(s.ref), ptr|3)
			sum := uint32(0)
			for i := range c.Machine().NumCPU() {
				sum += kern.ReadOnce(c, kern.PerCPUPtr(kern.PerCPU(ptr), i))
			}
			data := kern.Addr(kern.Load(c, kern.Addr(s.ref)+1))
			kern.AtomicAdd(c, data, sum-1<<31)
			s.l.Put(c, s.ref)
		}}
	})
	judge(t, "no grace period", mo, kern.Assertion)
}
