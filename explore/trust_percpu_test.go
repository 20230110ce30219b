package explore_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
)

// perCPU makes a model with a per-CPU variable.
func perCPU(name string, setup func(m *kern.Machine, g kern.Addr, v kern.PerCPU) []explore.Task) *explore.Model {
	return small(name, func(m *kern.Machine, g kern.Addr) []explore.Task { return setup(m, g, m.DefinePerCPU("counter")) })
}

// The words of a CPU are its own: others may read them by READ_ONCE, and must not write them, nor read them by a plain access.
func TestPerCPURaces(t *testing.T) {
	inc := func(v kern.PerCPU) func(c *kern.CPU) { return func(c *kern.CPU) { kern.ThisCPUInc(c, v) } }
	against := func(other func(c *kern.CPU, a kern.Addr)) *explore.Model {
		return perCPU("two", func(_ *kern.Machine, _ kern.Addr, v kern.PerCPU) []explore.Task {
			return tasks(inc(v), func(c *kern.CPU) { other(c, kern.PerCPUPtr(v, 0)) })
		})
	}
	everyWay(t, "both count", perCPU("both", func(_ *kern.Machine, _ kern.Addr, v kern.PerCPU) []explore.Task { return tasks(inc(v), inc(v)) }), kern.NoViolation)
	everyWay(t, "READ_ONCE", against(func(c *kern.CPU, a kern.Addr) { kern.ReadOnce(c, a) }), kern.NoViolation)
	everyWay(t, "a plain read", against(func(c *kern.CPU, a kern.Addr) { kern.Load(c, a) }), kern.DataRace)
	everyWay(t, "WRITE_ONCE", against(func(c *kern.CPU, a kern.Addr) { kern.WriteOnce(c, a, 0) }), kern.DataRace)
	everyWay(t, "an atomic", against(func(c *kern.CPU, a kern.Addr) { kern.AtomicInc(c, a) }), kern.DataRace)
	for what, told := range map[string]struct {
		set  func(c *kern.CPU, a kern.Addr, v uint32)
		want kern.Kind
	}{"in time": {kern.WriteOnce, kern.DataRace}, "in order": {kern.SmpStoreRelease, kern.NoViolation}} {
		everyWay(t, what, perCPU("told", func(_ *kern.Machine, g kern.Addr, v kern.PerCPU) []explore.Task {
			return tasks(func(c *kern.CPU) {
				if kern.SmpLoadAcquire(c, g) != 0 {
					kern.ThisCPUInc(c, v)
				}
			}, func(c *kern.CPU) { kern.WriteOnce(c, kern.PerCPUPtr(v, 0), 0); told.set(c, g, 1) })
		}), told.want)
	}
	everyWay(t, "where it may be preempted", perCPU("ptr", func(_ *kern.Machine, _ kern.Addr, v kern.PerCPU) []explore.Task {
		return tasks(func(c *kern.CPU) { kern.RCUReadLock(c); kern.ThisCPUPtr(c, v); kern.RCUReadUnlock(c) })
	}), kern.PreemptiblePerCPU)
	everyLaxWay(t, "where nobody minds", perCPU("ptr", func(_ *kern.Machine, _ kern.Addr, v kern.PerCPU) []explore.Task {
		return tasks(func(c *kern.CPU) { kern.ThisCPUPtr(c, v) })
	}), kern.NoViolation)
}

// A softirq comes before or after a this_cpu operation of the task that it interrupts, and into the middle of raw_cpu_add().
func TestPerCPUWordsAndInterrupts(t *testing.T) {
	for _, tt := range []struct {
		name string
		add  func(c *kern.CPU, v kern.PerCPU, d uint32)
		want kern.Kind
	}{
		{"this_cpu_add", kern.ThisCPUAdd, kern.NoViolation},
		{"raw_cpu_add", kern.RawCPUAdd, kern.DataRace},
		{"raw_cpu_add with BH off", func(c *kern.CPU, v kern.PerCPU, d uint32) {
			kern.LocalBHDisable(c)
			kern.RawCPUAdd(c, v, d)
			kern.LocalBHEnable(c)
		}, kern.NoViolation},
	} {
		mo := perCPU("interrupted", func(m *kern.Machine, g kern.Addr, v kern.PerCPU) []explore.Task {
			fn := m.RegisterFunc("cb", func(c *kern.CPU, _ kern.Addr) { kern.ThisCPUAdd(c, v, 1) })
			return tasks(func(c *kern.CPU) { kern.CallRCU(c, g, fn); tt.add(c, v, 2) })
		})
		opt := explore.Defaults()
		opt.Softirqs = explore.SoftirqsOnCPU
		for _, plain := range []bool{false, true} {
			opt.Plain = plain
			r, err := explore.Exhaustive(mo, opt)
			require.NoError(t, err)
			if tt.want == kern.NoViolation {
				assert.Equal(t, explore.Safe, r.Verdict, tt.name)
			} else if assert.Equal(t, explore.Violated, r.Verdict, tt.name) {
				assert.Equal(t, tt.want, r.Violation.Kind, tt.name)
			}
		}
	}
}

// Softirq CPUs with words of their own are not interchangeable: the second callback may run where the first did, or not.
func TestServersWithWordsOfTheirOwn(t *testing.T) {
	for _, same := range []bool{false, true} {
		mo := perCPU("servers", func(m *kern.Machine, g kern.Addr, v kern.PerCPU) []explore.Task {
			first := m.RegisterFunc("first", func(c *kern.CPU, _ kern.Addr) { kern.ThisCPUWrite(c, v, 1); kern.Complete(c, g+4) })
			second := m.RegisterFunc("second", func(c *kern.CPU, _ kern.Addr) {
				kern.Assert(c, (kern.ThisCPURead(c, v) == 1) == same, "it runs on such a CPU")
			})
			return tasks(func(c *kern.CPU) {
				kern.CallRCU(c, g, first)
				kern.WaitForCompletion(c, g+4)
				kern.CallRCU(c, g+2, second)
			})
		})
		for _, plain := range []bool{false, true} {
			opt := explore.Defaults()
			opt.Plain = plain
			r, err := explore.Exhaustive(mo, opt)
			require.NoError(t, err)
			require.Equal(t, explore.Violated, r.Verdict, "same %t, plain %t", same, plain)
			assert.Equal(t, kern.Assertion, r.Violation.Kind)
			opt.Softirqs = 1
			r, err = explore.Exhaustive(mo, opt)
			require.NoError(t, err)
			assert.Equal(t, same, r.Verdict == explore.Safe, "there is one CPU")
		}
	}
}
