package explore_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/memory"
)

// perCPUModel is a CPU that counts in its own word and then raises a flag, with a barrier between or not, and one that sees the flag and
// reads the word.
func perCPUModel(write, read func(c *kern.CPU)) *explore.Model {
	return &explore.Model{Name: "percpu", Tasks: 2, Build: func(cpus int, s kern.Scheduler) *explore.Instance {
		m := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 16, Scheduler: s})
		v := m.DefinePerCPU("v")
		flag := m.NewCache(kern.CacheConfig{Name: "flag", Words: 1}).Alloc(m.CPU(0))
		return &explore.Instance{M: m, Tasks: []explore.Task{
			{Name: "writer", Ops: []explore.Operation{do("write", func(c *kern.CPU) {
				kern.ThisCPUAdd(c, v, 2)
				kern.ThisCPUOr(c, v, 1)
				write(c)
				kern.WriteOnce(c, flag, 1)
			})}},
			{Name: "reader", Ops: []explore.Operation{do("read", func(c *kern.CPU) {
				if kern.ReadOnce(c, flag) == 0 {
					return
				}
				read(c)
				kern.Assert(c, kern.ReadOnce(c, kern.PerCPUPtr(v, 0)) == 3, "who sees the flag sees the count")
			})}},
		}}
	}}
}

// TestWeakPerCPU wants the words of CPUs to be ordered as other words are, and no more.
func TestWeakPerCPU(t *testing.T) {
	none := func(*kern.CPU) {}
	for _, tt := range []struct {
		what        string
		write, read func(c *kern.CPU)
		want        explore.Verdict
	}{
		{"no barrier", none, none, explore.Violated},
		{"smp_wmb", kern.SmpWMB, none, explore.Violated},
		{"smp_rmb", none, kern.SmpRMB, explore.Violated},
		{"both", kern.SmpWMB, kern.SmpRMB, explore.Safe},
	} {
		opt := explore.Defaults()
		r, err := explore.Exhaustive(perCPUModel(tt.write, tt.read), opt)
		require.NoError(t, err, tt.what)
		assert.Equal(t, explore.Safe, r.Verdict, "%s under sc", tt.what)
		opt.Model = memory.LKMM
		r, err = explore.Exhaustive(perCPUModel(tt.write, tt.read), opt)
		require.NoError(t, err, tt.what)
		assert.Equal(t, tt.want, r.Verdict, "%s under lkmm", tt.what)
	}
}

// TestPerCPUThroughNull wants a this_cpu operation on a per-CPU variable that was never allocated to be a violation, under each model: a
// percpu_ref of zeros looks live.
func TestPerCPUThroughNull(t *testing.T) {
	mo := &explore.Model{Name: "null", Tasks: 1, Build: func(cpus int, s kern.Scheduler) *explore.Instance {
		m := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 16, Scheduler: s})
		return &explore.Instance{M: m, Tasks: []explore.Task{{Name: "user", Ops: []explore.Operation{do("get", func(c *kern.CPU) {
			kern.ThisCPUInc(c, 0)
		})}}}}
	}}
	for _, m := range []memory.Model{memory.SC, memory.LKMM} {
		opt := explore.Defaults()
		opt.Model = m
		r, err := explore.Exhaustive(mo, opt)
		require.NoError(t, err, m)
		require.Equal(t, explore.Violated, r.Verdict, m)
		assert.Equal(t, kern.NullDeref, r.Violation.Kind, m)
	}
}
