//go:build !race

package swap_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/rcuhead"
	"ptsim/swap"
)

// The race detector has something to say of what is freed under its users, so this runs without it.

// meeting runs one user against one swapoff, natively. The user stops where it pauses, until the swapoff is over, or has been waited for
// often enough: a right version is one that has not come to its end by then. It returns the kind of the first violation.
func meeting(t *testing.T, v swap.Variant, use func(s *swap.System, c *kern.CPU)) kern.Kind {
	m := kern.NewMachine(kern.Config{CPUs: 2, Checks: true, Frames: 64})
	rcu := rcuhead.NewNative(m)
	user, admin := m.CPU(0), m.CPU(1)
	var there, gone atomic.Bool
	s, err := swap.New(m, swap.Config{Variant: v, Pause: func(c *kern.CPU, asleep bool) {
		if c != user || there.Load() {
			return
		}
		there.Store(true)
		for range 200_000 {
			if gone.Load() {
				break
			}
			if asleep && c.Depths().Atomic(false) == "" {
				rcu.Quiescent(c)
			}
			runtime.Gosched()
		}
	}})
	require.NoError(t, err)
	rcu.Online(admin)
	s.Swapon(admin)
	rcu.Online(user)
	var first atomic.Uint32
	m.OnReport(func(v *kern.Violation) {
		first.CompareAndSwap(0, uint32(v.Kind))
		if v.CPU == user.ID() {
			runtime.Goexit()
		}
	})
	var wg sync.WaitGroup
	wg.Go(func() {
		defer there.Store(true)
		defer rcu.Offline(user)
		use(s, user)
	})
	wg.Go(func() {
		for !there.Load() {
			rcu.Quiescent(admin)
			runtime.Gosched()
		}
		s.Swapoff(admin)
		gone.Store(true)
		rcu.Offline(admin)
	})
	wg.Wait()
	rcu.Close()
	return kern.Kind(first.Load())
}

// Wrong versions do not survive a meeting that right ones do.
func TestWrongVersionsNatively(t *testing.T) {
	count := func(s *swap.System, c *kern.CPU) { s.SwapCount(c) }
	fault := func(s *swap.System, c *kern.CPU) { s.DoSwapPage(c) }
	// A map at NULL is a page that is not counted: natively nobody looks at pointers.
	for _, tt := range []struct {
		v    swap.Variant
		use  func(s *swap.System, c *kern.CPU)
		what string
		want kern.Kind
	}{
		{swap.NoGraceOff, count, "count", kern.UseAfterFree},
		{swap.Validated, count, "count", kern.NoViolation},
		{swap.Validated, fault, "fault", kern.Assertion},
		{swap.Backport, fault, "fault", kern.SleepInAtomic},
		{swap.NoWait, fault, "fault", kern.Assertion},
		{swap.Merged, fault, "fault", kern.NoViolation},
		{swap.Replaced, fault, "fault", kern.NoViolation},
	} {
		assert.Equal(t, tt.want, meeting(t, tt.v, tt.use), "%s, %s", tt.v, tt.what)
	}
}
