package swap_test

import (
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/rcuhead"
	"ptsim/swap"
)

// This file runs the protocol on goroutines, one a CPU, with grace periods of their own: made for -race. Atomics of Go are sequentially
// consistent, so what lacks a barrier alone is right here.
var right = []swap.Variant{swap.Validated, swap.Replaced, swap.Merged, swap.ValidRMB, swap.NoGraceOn, swap.NoRMB}

// crew is a machine at full speed: one CPU turns the device on and off, and the others use it.
type crew struct {
	m    *kern.Machine
	s    *swap.System
	rcu  *rcuhead.Native
	got  atomic.Int64 // uses that found the device on
	done atomic.Bool
}

func newCrew(t *testing.T, cpus int, cfg swap.Config) *crew {
	w := &crew{m: kern.NewMachine(kern.Config{CPUs: cpus, Checks: true, Frames: 64})}
	w.rcu = rcuhead.NewNative(w.m)
	cfg.Pause = func(c *kern.CPU, asleep bool) {
		if asleep && c.Depths().Atomic(false) == "" { // outside any reader: a grace period may end
			w.rcu.Quiescent(c)
		}
		runtime.Gosched()
	}
	s, err := swap.New(w.m, cfg)
	require.NoError(t, err)
	w.s = s
	return w
}

// user uses the device until somebody is done with it.
func (w *crew) user(c *kern.CPU, sleeps, cache bool) {
	for i := 0; !w.done.Load(); i++ {
		switch {
		case cache && i%3 == 0:
			w.s.LookupSwapCache(c)
		case sleeps && i%2 == 0:
			if w.s.DoSwapPage(c) {
				w.got.Add(1)
			}
		default:
			if w.s.SwapCount(c) > 0 {
				w.got.Add(1)
			}
		}
		w.rcu.Quiescent(c)
		runtime.Gosched()
	}
}

// admin turns the device on and off so often, and goes on, up to a limit, until somebody has found it on.
func (w *crew) admin(c *kern.CPU, rounds int) {
	for i := 0; i < rounds || w.got.Load() == 0 && i < 100*rounds; i++ {
		w.s.Swapon(c)
		for range 20 {
			w.rcu.Quiescent(c)
			runtime.Gosched()
		}
		w.s.Swapoff(c)
		w.rcu.Quiescent(c)
	}
	w.done.Store(true)
}

func (w *crew) run(rounds int, sleeps, cache bool) {
	w.rcu.All(3, func(c *kern.CPU) {
		if c.ID() == 0 {
			w.admin(c, rounds)
		} else {
			w.user(c, sleeps, cache)
		}
	})
}

// The right versions survive, and no map is left.
func TestStress(t *testing.T) {
	rounds := 60
	if testing.Short() {
		rounds = 15
	}
	for _, v := range right {
		for _, atomic := range []bool{false, true} {
			w := newCrew(t, 3, swap.Config{Variant: v, SwapCache: true, Atomic: atomic})
			refs := v == swap.Merged || v == swap.Replaced || v == swap.NoRMB // the others keep nothing while do_swap_page() sleeps
			w.run(rounds, refs, true)
			list, total := w.m.Violations()
			if total > 0 {
				assert.Fail(t, string(v), list[0].Splat())
			}
			infos, maps, spaces := w.s.Live()
			assert.Equal(t, 1, infos, "%s: swap_info_structs", v)
			assert.Zero(t, maps, "%s: maps left", v)
			assert.Zero(t, spaces, "%s: swap caches left", v)
			assert.Positive(t, w.got.Load(), "%s: nobody found the device on", v)
		}
	}
}
