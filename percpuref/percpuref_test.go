package percpuref_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	_ "ptsim/internal/nofiles"
	"ptsim/kern"
	"ptsim/percpuref"
)

// grace runs the callbacks of all CPUs, as when a grace period has passed and nobody is in a reader.
func grace(m *kern.Machine) {
	for i := range m.NumCPU() {
		c := m.CPU(i)
		c.Softirq(func() {
			for c.Callbacks().InvokeOne(c) {
			}
		})
	}
}

// object is a machine with a Ref, and how often it was released and confirmed.
type object struct {
	m                   *kern.Machine
	l                   *percpuref.Lib
	ref                 percpuref.Ref
	release, confirm    kern.Func
	released, confirmed int
}

func newObject(cpus int, f percpuref.Flags) *object {
	o := &object{m: kern.NewMachine(kern.Config{CPUs: cpus, Frames: 16})}
	o.l = percpuref.New(o.m)
	o.release = o.m.RegisterFunc("release", func(_ *kern.CPU, a kern.Addr) { o.released += int(truth(percpuref.Ref(a) == o.ref)) })
	o.confirm = o.m.RegisterFunc("confirm", func(*kern.CPU, kern.Addr) { o.confirmed++ })
	o.ref = percpuref.Ref(o.m.NewCache(kern.CacheConfig{Name: "object", Words: percpuref.RefWords}).Alloc(o.m.CPU(0)))
	o.l.Init(o.m.CPU(0), o.ref, o.release, f)
	return o
}

func truth(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

func quiet(t require.TestingT, m *kern.Machine) {
	list, total := m.Violations()
	if total > 0 {
		require.Fail(t, "a violation", list[0].Splat())
	}
	require.Empty(t, m.Warnings())
}

// Whatever the modes, a percpu_ref is a counter: it releases when that comes to zero, or when the switch that is under way then
// is over, and at no other time.
func TestRefIsACounter(t *testing.T) {
	met := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom([]percpuref.Flags{0, percpuref.AllowReinit, percpuref.AllowReinit, percpuref.InitAtomic, percpuref.InitDead}).Draw(t, "flags")
		o := newObject(3, f)
		again := f != 0
		refs, dead, force := 1, false, f&percpuref.InitAtomic != 0
		if f&percpuref.InitDead != 0 {
			refs, dead = 0, true
		}
		perCPU, under, released, confirmed := f&(percpuref.InitAtomic|percpuref.InitDead) == 0, false, 0, 0
		pending := 0
		settle := func() { // a grace period
			grace(o.m)
			if under {
				under = false
				confirmed += pending
				pending = 0
				if refs == 0 {
					released++
				}
			}
		}
		drop := func() {
			if refs--; refs == 0 && !under {
				released++
			}
		}
		toAtomic := func(confirm int) {
			if perCPU {
				perCPU, under, pending = false, true, confirm
			} else {
				confirmed += confirm
			}
		}
		cpu := func(t *rapid.T) *kern.CPU { return o.m.CPU(rapid.IntRange(0, 2).Draw(t, "cpu")) }
		held := func() int { return refs - int(truth(!dead)) }
		t.Repeat(map[string]func(*rapid.T){
			"get": func(t *rapid.T) {
				if refs == 0 {
					t.Skip("nobody has one")
				}
				o.l.Get(cpu(t), o.ref)
				refs++
			},
			"tryget": func(t *rapid.T) {
				want := perCPU || under || refs > 0
				if under && refs == 0 {
					t.Skip("that the callback has one is nobody's business")
				}
				require.Equal(t, want, o.l.TryGet(cpu(t), o.ref))
				refs += int(truth(want))
			},
			"tryget_live": func(t *rapid.T) {
				require.Equal(t, !dead, o.l.TryGetLive(cpu(t), o.ref))
				refs += int(truth(!dead))
			},
			"put": func(t *rapid.T) {
				if held() == 0 {
					t.Skip("nobody but the owner has one")
				}
				o.l.Put(cpu(t), o.ref)
				drop()
			},
			"kill": func(t *rapid.T) {
				if dead {
					t.Skip("it is dead")
				}
				settle()
				dead = true
				met["kill"]++
				confirm := rapid.IntRange(0, 1).Draw(t, "confirm")
				o.l.KillAndConfirm(cpu(t), o.ref, o.confirm*kern.Func(confirm))
				toAtomic(confirm)
				drop()
			},
			"atomic": func(t *rapid.T) {
				if !again {
					t.Skip("it would be dead: __percpu_ref_exit() leaves that behind")
				}
				settle()
				force = true
				met["atomic"]++
				o.l.SwitchToAtomic(cpu(t), o.ref, 0)
				toAtomic(0)
			},
			"percpu": func(t *rapid.T) {
				if !again {
					t.Skip("it is not allowed")
				}
				settle()
				force = false
				met["percpu"]++
				o.l.SwitchToPerCPU(cpu(t), o.ref)
				if perCPU = !dead; dead {
					toAtomic(0)
				}
			},
			"reinit": func(t *rapid.T) {
				if settle(); !dead || refs > 0 || !again {
					t.Skip("it is in use")
				}
				met["reinit"]++
				o.l.Reinit(cpu(t), o.ref)
				refs, dead, perCPU = 1, false, !force
			},
			"resurrect": func(t *rapid.T) {
				if settle(); !dead || refs == 0 || !again {
					t.Skip("nobody has a reference")
				}
				met["resurrect"]++
				o.l.Resurrect(cpu(t), o.ref)
				refs++
				dead, perCPU = false, !force
			},
			"grace": func(*rapid.T) { settle() },
			"": func(t *rapid.T) {
				require.Equal(t, released, o.released)
				require.Equal(t, confirmed, o.confirmed)
				require.Equal(t, dead, o.l.IsDying(o.m.CPU(0), o.ref))
				if !under {
					require.Equal(t, refs == 0, o.l.IsZero(o.m.CPU(0), o.ref))
				}
				quiet(t, o.m)
			},
		})
	})
	assert.Greater(t, min(met["kill"], met["atomic"], met["percpu"], met["reinit"], met["resurrect"]), 20, "%v", met)
}

// CPUs that are goroutines: the last of them releases, once, and sees what the others did before their puts.
func TestRefBetweenCPUs(t *testing.T) {
	const cpus, rounds = 4, 50
	for range 40 {
		o := newObject(cpus, 0)
		did := make([]int, cpus)
		for range cpus - 1 {
			o.l.Get(o.m.CPU(0), o.ref)
		}
		var wg sync.WaitGroup
		for i := range cpus {
			c := o.m.CPU(i)
			wg.Go(func() {
				for range rounds {
					if o.l.TryGetLive(c, o.ref) {
						o.l.Put(c, o.ref)
					}
				}
				did[i] = i
				if i == 0 {
					o.l.Kill(c, o.ref)
				} else {
					o.l.Put(c, o.ref)
				}
			})
		}
		wg.Wait()
		require.Zero(t, o.released, "the callback has a reference yet")
		grace(o.m)
		require.Equal(t, 1, o.released)
		c := o.m.CPU(0)
		require.True(t, o.l.IsZero(c, o.ref))
		o.l.Exit(c, o.ref)
		require.True(t, o.l.IsZero(c, o.ref), "also then")
		require.False(t, kern.ReadOnce(c, kern.Addr(o.ref)) == 0)
		quiet(t, o.m)
	}
}

func TestMisuse(t *testing.T) {
	o := newObject(2, 0)
	c := o.m.CPU(0)
	o.l.Get(c, o.ref)
	o.l.Kill(c, o.ref)
	grace(o.m)
	o.l.Get(c, o.ref) // which makes up for what the second kill drops
	o.l.Kill(c, o.ref)
	o.l.Reinit(c, o.ref)
	assert.Equal(t, []string{"percpu_ref_kill_and_confirm called more than once", "percpu_ref_reinit: the count is not zero",
		"percpu_ref_switch_to_percpu: the Ref does not allow it"}, o.m.Warnings())

	o = newObject(2, 0)
	c = o.m.CPU(0)
	o.l.Put(c, o.ref) // the owner's, which is Kill's to drop
	o.l.Kill(c, o.ref)
	grace(o.m)
	list, _ := o.m.Violations()
	require.NotEmpty(t, list)
	assert.Equal(t, "the books do not balance: a percpu_ref has no reference left after it was switched to atomic mode", list[0].Sentence())
	assert.Contains(t, list[0].Trace, "percpu_ref_switch_to_atomic_rcu")
}

// A device goes away: who uses it holds a reference, and the last one tears it down, a grace period after it was killed.
func Example() {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	l := percpuref.New(m)
	release := m.RegisterFunc("release", func(*kern.CPU, kern.Addr) { fmt.Println("nobody uses it") })
	ref := percpuref.Ref(m.NewCache(kern.CacheConfig{Name: "device", Words: percpuref.RefWords}).Alloc(m.CPU(0)))
	owner, user := m.CPU(0), m.CPU(1)
	l.Init(owner, ref, release, 0)
	fmt.Println("a user:", l.TryGetLive(user, ref))
	l.Kill(owner, ref)
	fmt.Println("another:", l.TryGetLive(user, ref))
	l.Put(user, ref)
	fmt.Println("the grace period is over")
	grace(m)
	// Output:
	// a user: true
	// another: false
	// the grace period is over
	// nobody uses it
}
