//go:build !race

package zswap_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/kern"
	"ptsim/zswap"
)

// The race detector has something to say of what is freed under its users, so these run without it.

// first is the kind of the first violation of a machine.
func first(m *kern.Machine) kern.Kind {
	if list, _ := m.Violations(); len(list) > 0 {
		return list[0].Kind
	}
	return kern.NoViolation
}

// One task is enough for what sleeps where it must not, natively as well.
func TestWrongVersionsAlone(t *testing.T) {
	for v, want := range map[zswap.Variant]kern.Kind{
		zswap.Mapped: kern.SleepInAtomic, zswap.DraftAssigned: kern.SleepInAtomic, zswap.DraftSrc: kern.SleepInAtomic, zswap.LateBuffer: kern.SleepInAtomic,
		zswap.Copying: kern.NoViolation, zswap.Rechecked: kern.NoViolation, zswap.Sleeping: kern.NoViolation,
	} {
		m, z := newMachine(t, 2, zswap.Config{Variant: v})
		z.Stored(m.CPU(0), 0)
		with(m, func() { z.Load(m.CPU(0), 0) })
		assert.Equal(t, want, first(m), "%s", v)
	}
}

// meeting has one load stop where it sleeps, until somebody else is done, or has been waited for often enough.
func meeting(t *testing.T, v zswap.Variant, other func(z *zswap.System, c *kern.CPU)) (kind kern.Kind, got uint32) {
	var there, gone atomic.Bool
	m, z := newMachine(t, 3, zswap.Config{Variant: v, Pause: func(*kern.CPU) {
		if there.Swap(true) {
			return
		}
		for i := 0; i < 200_000 && !gone.Load(); i++ {
			runtime.Gosched()
		}
	}})
	z.Stored(m.CPU(0), 0)
	with(m, func() {
		var wg sync.WaitGroup
		wg.Go(func() { got = z.Load(m.CPU(0), 0) })
		wg.Go(func() {
			for !there.Load() {
				runtime.Gosched()
			}
			other(z, m.CPU(1))
			gone.Store(true)
		})
		wg.Wait()
	})
	return first(m), got
}

// Wrong versions do not survive a meeting that right ones do.
func TestWrongVersionsNatively(t *testing.T) {
	compact := func(z *zswap.System, c *kern.CPU) { z.Compact(c) }
	kind, got := meeting(t, zswap.UnmapFirst, compact)
	assert.Equal(t, kern.Assertion, kind, "unmap-first")
	assert.NotEqual(t, zswap.Pages(0), got)
	for _, v := range right {
		kind, got := meeting(t, v, compact)
		assert.Equal(t, kern.NoViolation, kind, "%s", v)
		assert.Equal(t, zswap.Pages(0), got, "%s", v)
		kind, got = meeting(t, v, func(z *zswap.System, c *kern.CPU) { z.Invalidate(c, 0) })
		assert.Equal(t, kern.NoViolation, kind, "%s", v)
		assert.Equal(t, zswap.Pages(0), got, "%s", v)
	}
}
