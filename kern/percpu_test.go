package kern_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/kern"
)

// Each CPU changes its own word, and any may read all.
func TestPerCPUWords(t *testing.T) {
	const cpus, rounds = 4, 500
	m := kern.NewMachine(kern.Config{CPUs: cpus})
	v := m.DefinePerCPU("counter")
	var wg sync.WaitGroup
	for i := range cpus {
		c := m.CPU(i)
		wg.Go(func() {
			for range rounds {
				kern.ThisCPUInc(c, v)
				kern.ReadOnce(c, kern.PerCPUPtr(v, (i+1)%cpus))
				kern.ThisCPUAdd(c, v, 3)
				kern.ThisCPUSub(c, v, 2)
				kern.ThisCPUDec(c, v)
				kern.ThisCPUIncReturn(c, v)
			}
		})
	}
	wg.Wait()
	for i := range cpus {
		assert.EqualValues(t, 2*rounds, kern.ReadOnce(m.CPU(0), kern.PerCPUPtr(v, i)))
	}
	quiet(t, m)
}

func TestThisCPUResults(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 3})
	v := m.DefinePerCPU("word")
	c := m.CPU(1)
	kern.ThisCPUWrite(c, v, 5)
	assert.EqualValues(t, 5, kern.ThisCPURead(c, v))
	assert.EqualValues(t, 4, kern.ThisCPUDecReturn(c, v))
	assert.EqualValues(t, 4, kern.ThisCPUXchg(c, v, 9))
	assert.EqualValues(t, 9, kern.ThisCPUCmpXchg(c, v, 8, 1))
	assert.EqualValues(t, 9, kern.ThisCPUCmpXchg(c, v, 9, 1))
	kern.RawCPUAdd(c, v, 2)
	assert.EqualValues(t, 3, kern.RawCPURead(c, v))
	kern.RawCPUWrite(c, v, 7)
	assert.Equal(t, []uint32{0, 7, 0}, []uint32{m.Peek(kern.Addr(v)), m.Peek(kern.Addr(v) + 1), m.Peek(kern.Addr(v) + 2)})
	assert.Equal(t, kern.PerCPUPtr(v, 1), kern.GetCPUPtr(c, v))
	kern.PutCPUPtr(c)
	assert.Equal(t, kern.Depths{}, c.Depths())
	quiet(t, m)
}

// Who takes the address of its CPU's word must stay on the CPU: a task with preemption off, a softirq, a kworker.
func TestThisCPUPtrIsPinned(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	c := m.CPU(0)
	v, l := m.DefinePerCPU("counter"), words(c, 1)
	m.Describe(func(v *kern.Violation) { v.Object = "counter" })
	take := func() { kern.ThisCPUPtr(c, v) }
	kern.PreemptDisable(c)
	take()
	kern.PreemptEnable(c)
	kern.SpinLock(c, l)
	take()
	kern.SpinUnlock(c, l)
	kern.LocalBHDisable(c)
	take()
	kern.LocalBHEnable(c)
	c.Softirq(take)
	item := words(c, kern.WorkWords)
	kern.QueueWork(c, item, m.RegisterFunc("work", func(*kern.CPU, kern.Addr) { take() }))
	kern.RunWork(c)
	kern.RawCPUPtr(c, v)
	c.SetLax(true)
	take()
	c.SetLax(false)
	quiet(t, m)

	kern.RCUReadLock(c) // which does not turn preemption off
	take()
	kern.RCUReadUnlock(c)
	assert.Equal(t, "per-CPU data in preemptible code: this_cpu_ptr takes the address of this CPU's word of counter, and may be preempted",
		the(t, m, kern.PreemptiblePerCPU).Sentence())
}

// A statistic: each CPU counts for itself, and who reads it adds up what there is.
func ExampleThisCPUInc() {
	m := kern.NewMachine(kern.Config{CPUs: 3})
	events := m.DefinePerCPU("events")
	kern.ThisCPUInc(m.CPU(0), events)
	kern.ThisCPUInc(m.CPU(2), events)
	kern.ThisCPUInc(m.CPU(2), events)
	sum := uint32(0)
	for i := range m.NumCPU() {
		sum += kern.ReadOnce(m.CPU(1), kern.PerCPUPtr(events, i))
	}
	fmt.Println(sum)
	// Output: 3
}

// What __this_cpu_add() is made of, where preemption is off.
func ExampleThisCPUPtr() {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	m.Describe(func(v *kern.Violation) { v.Object = "events" })
	m.OnReport(func(v *kern.Violation) { fmt.Println(v.Sentence()) })
	c := m.CPU(1)
	events := m.DefinePerCPU("events")
	p := kern.GetCPUPtr(c, events)
	kern.Store(c, p, kern.Load(c, p)+1)
	kern.PutCPUPtr(c)
	fmt.Println(kern.ThisCPURead(c, events))
	kern.ThisCPUPtr(c, events)
	// Output:
	// 1
	// per-CPU data in preemptible code: this_cpu_ptr takes the address of this CPU's word of events, and may be preempted
}

// this_cpu_and and this_cpu_or leave the words of other CPUs alone.
func ExampleThisCPUOr() {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	flags := m.DefinePerCPU("flags")
	kern.ThisCPUOr(m.CPU(1), flags, 6)
	kern.ThisCPUAnd(m.CPU(1), flags, 12)
	kern.ThisCPUOr(m.CPU(0), flags, 1)
	fmt.Println(m.Peek(kern.PerCPUPtr(flags, 0)), m.Peek(kern.PerCPUPtr(flags, 1)))
	// Output: 1 4
}
