package shrinker_test

import (
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/rcuhead"
	"ptsim/shrinker"
)

// This file runs the protocol on goroutines, one a CPU, with grace periods of their own: made for -race.

// right are the versions that are right, but for kmem.
var right = []shrinker.Variant{shrinker.RWSem, shrinker.Patch03, shrinker.V1, shrinker.Merged, shrinker.KmemPut, shrinker.Sync, shrinker.BothMB, shrinker.Acquire}

// crew is a machine at full speed: walkers, and CPUs that mount and unmount.
type crew struct {
	m     *kern.Machine
	s     *shrinker.System
	rcu   *rcuhead.Native
	freed atomic.Int64

	walkers atomic.Int32 // that are not done
}

func newCrew(t *testing.T, cpus int, cfg shrinker.Config) *crew {
	w := &crew{m: kern.NewMachine(kern.Config{CPUs: cpus, Checks: true, Frames: 64})}
	w.rcu = rcuhead.NewNative(w.m)
	cfg.Pause = func(c *kern.CPU, asleep bool) {
		if asleep { // outside any reader: a grace period may end
			w.rcu.Quiescent(c)
		}
		runtime.Gosched()
	}
	s, err := shrinker.New(w.m, cfg)
	require.NoError(t, err)
	w.s = s
	return w
}

// owner mounts and unmounts file systems of its own, as long as somebody walks.
func (w *crew) owner(c *kern.CPU) {
	rnd := rand.New(rand.NewPCG(uint64(c.ID()), 1))
	var mounted []shrinker.Super
	for w.walkers.Load() > 0 {
		if n := len(mounted); n > 0 && (n == 2 || rnd.IntN(2) == 0) {
			w.s.DeactivateLockedSuper(c, mounted[0])
			mounted = mounted[1:]
		} else {
			mounted = append(mounted, w.s.Mount(c, rnd.Uint32N(3)))
		}
		if len(mounted) > 0 {
			w.s.DLRUAdd(c, mounted[len(mounted)-1])
		}
		w.rcu.Quiescent(c)
		runtime.Gosched()
	}
	for _, sb := range mounted {
		w.s.DeactivateLockedSuper(c, sb)
	}
}

// walker walks until so many objects were freed by all, or it has walked often enough.
func (w *crew) walker(c *kern.CPU, rounds int, memcg bool) {
	defer w.walkers.Add(-1)
	for i := 0; i < 50_000 && w.freed.Load() < int64(rounds); i++ {
		if memcg && i%2 == 0 {
			w.freed.Add(int64(w.s.ShrinkSlabMemcg(c)))
		} else {
			w.freed.Add(int64(w.s.ShrinkSlab(c)))
		}
		w.rcu.Quiescent(c)
		runtime.Gosched()
	}
}

// run runs two owners and two walkers to their ends, and then all callbacks.
func (w *crew) run(rounds int, memcg bool) {
	w.walkers.Store(2)
	w.rcu.All(4, func(c *kern.CPU) {
		if c.ID() < 2 {
			w.owner(c)
		} else {
			w.walker(c, rounds, memcg)
		}
	})
}

// The right versions survive, and nothing is left.
func TestStress(t *testing.T) {
	rounds := 400
	if testing.Short() {
		rounds = 100
	}
	for _, v := range right {
		for _, memcg := range []bool{false, true} {
			// Walks of a list race with a registration by design; see the package comment. What is marked does not race.
			w := newCrew(t, 4, shrinker.Config{Variant: v, Memcg: memcg, Marked: true})
			w.run(rounds, memcg)
			list, total := w.m.Violations()
			if total > 0 {
				assert.Fail(t, string(v), list[0].Splat())
			}
			shrinkers, supers := w.s.Live()
			assert.Zero(t, shrinkers, "%s: shrinkers left", v)
			assert.Zero(t, supers, "%s: super_blocks left", v)
			assert.Positive(t, w.freed.Load(), "%s: nothing was freed", v)
		}
	}
}
