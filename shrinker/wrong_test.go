//go:build !race

package shrinker_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/rcuhead"
	"ptsim/shrinker"
)

// The race detector has something to say of what is freed under its users, so these run without it.

// meeting runs one walk against one umount, natively. The walker stops at its pause of that number, counted from 1, until the umount is
// over, or has been waited for often enough: a right version is one that has not come to its end by then. It returns the kind of the
// first violation.
func meeting(t *testing.T, v shrinker.Variant, stop int32) kern.Kind {
	m := kern.NewMachine(kern.Config{CPUs: 2, Checks: true, Frames: 64})
	rcu := rcuhead.NewNative(m)
	walker, owner := m.CPU(0), m.CPU(1)
	var there, gone atomic.Bool
	pauses := int32(0) // the walker's own
	s, err := shrinker.New(m, shrinker.Config{Variant: v, Pause: func(c *kern.CPU, asleep bool) {
		if pauses++; pauses != stop {
			return
		}
		there.Store(true)
		for range 200_000 {
			if gone.Load() {
				break
			}
			if asleep {
				rcu.Quiescent(c)
			}
			runtime.Gosched()
		}
	}})
	require.NoError(t, err)
	sb := s.Mount(owner, 1)
	last := s.Mount(owner, 0) // the walk has an end, whatever became of a
	rcu.Online(walker)
	rcu.Online(owner)
	var first atomic.Uint32
	m.OnReport(func(v *kern.Violation) {
		first.CompareAndSwap(0, uint32(v.Kind))
		if v.CPU == walker.ID() {
			runtime.Goexit() // a walk through freed memory need not end
		}
	})
	var wg sync.WaitGroup
	wg.Go(func() {
		defer there.Store(true)
		defer rcu.Offline(walker)
		s.ShrinkSlab(walker)
	})
	wg.Go(func() {
		for !there.Load() {
			rcu.Quiescent(owner)
			runtime.Gosched()
		}
		s.DeactivateLockedSuper(owner, sb)
		for range 100_000 { // a grace period, if that is what the walker waits for
			if n, _ := s.Live(); n == 1 || stop < 3 {
				break
			}
			rcu.Quiescent(owner)
			runtime.Gosched()
		}
		gone.Store(true)
		rcu.Offline(owner)
	})
	wg.Wait()
	rcu.Close()
	_ = last
	return kern.Kind(first.Load())
}

// Wrong versions do not survive a meeting that right ones do.
func TestWrongVersionsNatively(t *testing.T) {
	for _, tt := range []struct {
		v    shrinker.Variant
		stop int32 // 1: on the node, in the reader; 2: with the reference, in the callback; 3: behind the put, where there is such a place
		want kern.Kind
	}{
		{shrinker.V2, 2, kern.UseAfterFree},
		{shrinker.NoWait, 2, kern.UseAfterFree},
		{shrinker.PlainKfree, 1, kern.UseAfterFree},
		{shrinker.PutFirst, 3, kern.UseAfterFree},
		{shrinker.Merged, 1, kern.NoViolation},
		{shrinker.Merged, 2, kern.NoViolation},
		{shrinker.Merged, 3, kern.NoViolation},
		{shrinker.V1, 1, kern.NoViolation},
		{shrinker.V1, 2, kern.NoViolation},
		{shrinker.Sync, 1, kern.NoViolation},
		{shrinker.Sync, 2, kern.NoViolation},
	} {
		assert.Equal(t, tt.want, meeting(t, tt.v, tt.stop), "%s, stopped at %d", tt.v, tt.stop)
	}
}

// What sleeps inside a reader is told natively as well.
func TestSleepsInsideTheReader(t *testing.T) {
	m := kern.NewMachine(kern.Config{Checks: true, Frames: 64})
	c := m.CPU(0)
	for v, want := range map[shrinker.Variant]int{shrinker.InsideRCU: 1, shrinker.Merged: 0} {
		m.OnReport(nil)
		_, before := m.Violations()
		s, err := shrinker.New(m, shrinker.Config{Variant: v})
		require.NoError(t, err)
		s.Mount(c, 1)
		s.ShrinkSlab(c)
		_, after := m.Violations()
		assert.Equal(t, want > 0, after > before, "%s", v)
	}
}
