package zswap_test

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/zswap"
)

// This file runs the protocol on goroutines, one a CPU, and one that is the device: made for -race.

// device runs requests until stop is set. It is the last CPU of the machine.
func device(m *kern.Machine, stop *atomic.Bool) {
	for c := m.CPU(m.NumCPU() - 1); !stop.Load(); runtime.Gosched() {
		kern.RunWork(c)
	}
}

// with runs f with a device beside it.
func with(m *kern.Machine, f func()) {
	var stop atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() { device(m, &stop) })
	f()
	stop.Store(true)
	wg.Wait()
}

// right are the versions that are right where no CPU goes, and nothing is written back that is being read.
var right = []zswap.Variant{zswap.Copying, zswap.CopyFirst, zswap.RWLock, zswap.Rechecked, zswap.Sleeping, zswap.CPUsReadLock}

func newMachine(t *testing.T, cpus int, cfg zswap.Config) (*kern.Machine, *zswap.System) {
	m := kern.NewMachine(kern.Config{CPUs: cpus, Checks: true, Frames: 64})
	z, err := zswap.New(m, cfg)
	require.NoError(t, err)
	return m, z
}

// The right versions survive, and nothing is left but what is in the tree.
func TestStress(t *testing.T) {
	rounds := 400
	if testing.Short() {
		rounds = 100
	}
	for _, v := range right {
		for _, zbud := range []bool{false, true} {
			m, z := newMachine(t, 5, zswap.Config{Variant: v, SleepMapped: zbud})
			with(m, func() {
				var wg sync.WaitGroup
				for i := range 4 {
					c, rnd := m.CPU(i), rand.New(rand.NewPCG(uint64(i), 1))
					wg.Go(func() {
						for range rounds {
							switch n := rnd.IntN(10); {
							case i == 0 && n < 5:
								if !z.In(0) { // the owner of the page: it is stored, or gone, by nobody else
									z.Store(c, 0)
								}
							case i == 0:
								z.Invalidate(c, 0)
							case i == 1 && !zbud:
								z.Compact(c)
							default:
								z.Load(c, 0)
							}
							runtime.Gosched()
						}
					})
				}
				wg.Wait()
			})
			list, total := m.Violations()
			if total > 0 {
				assert.Fail(t, string(v), list[0].Splat())
			}
			assert.Empty(t, z.Audit(), "%s", v)
			_, _, buffers, _ := z.Live()
			assert.Zero(t, buffers, "%s: buffers left", v)
		}
	}
}

// A CPU goes while it is used, once for each machine.
func TestUnplug(t *testing.T) {
	for _, v := range []zswap.Variant{zswap.Rechecked, zswap.Sleeping, zswap.CPUsReadLock} {
		for range 20 {
			m, z := newMachine(t, 4, zswap.Config{Variant: v})
			z.Stored(m.CPU(0), 0)
			with(m, func() {
				var wg sync.WaitGroup
				for i := range 2 {
					wg.Go(func() {
						for range 10 {
							assert.Equal(t, zswap.Pages(0), z.Load(m.CPU(i), 0))
						}
					})
				}
				wg.Go(func() { z.Unplug(m.CPU(2)) })
				wg.Wait()
			})
			list, total := m.Violations()
			if total > 0 {
				assert.Fail(t, string(v), list[0].Splat())
			}
		}
	}
}
