package kern_test

import (
	"fmt"
	"sync"

	"ptsim/kern"
)

// A count of references knows what it must not be.
func ExampleRefcountDecAndTest() {
	m := kern.NewMachine(kern.Config{})
	m.Describe(func(v *kern.Violation) { v.Object = "the thing" })
	c := m.CPU(0)
	count := m.NewCache(kern.CacheConfig{Name: "thing", Words: 1}).Alloc(c)
	kern.WriteOnce(c, count, 1)
	kern.RefcountInc(c, count)
	fmt.Println(kern.RefcountDecAndTest(c, count), kern.RefcountDecAndTest(c, count))
	kern.RefcountInc(c, count)
	list, _ := m.Violations()
	fmt.Println(list[0].Sentence())
	// Output:
	// false true
	// use after free: refcount_inc takes a reference to the thing, which has none left
}

// Readers share a semaphore, a writer has it alone.
func ExampleDownRead() {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	sem := m.NewCache(kern.CacheConfig{Name: "rw_semaphore", Words: 1}).Alloc(m.CPU(0))
	kern.DownRead(m.CPU(0), sem)
	kern.DownRead(m.CPU(1), sem)
	fmt.Println("reader:", m.SemFree(sem, false), "writer:", m.SemFree(sem, true))
	kern.UpRead(m.CPU(0), sem)
	kern.UpRead(m.CPU(1), sem)
	kern.DownWrite(m.CPU(0), sem)
	fmt.Println("reader:", m.SemFree(sem, false), "writer:", m.SemFree(sem, true))
	kern.UpWrite(m.CPU(0), sem)
	// Output:
	// reader: true writer: false
	// reader: false writer: false
}

// A trylock says whether it got the lock, and never waits.
func ExampleSpinTrylock() {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	lock := m.NewCache(kern.CacheConfig{Name: "lock", Words: 1}).Alloc(m.CPU(0))
	fmt.Println(kern.SpinTrylock(m.CPU(0), lock), kern.SpinTrylock(m.CPU(1), lock), kern.SpinIsLocked(m.CPU(1), lock))
	kern.SpinUnlock(m.CPU(0), lock)
	fmt.Println(kern.SpinTrylock(m.CPU(1), lock))
	// Output:
	// true false true
	// true
}

// A plain access is a step that a Scheduler can tell from READ_ONCE and WRITE_ONCE.
func ExampleLoad() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	a := m.NewCache(kern.CacheConfig{Name: "word", Words: 1}).Alloc(c)
	m.Attach(tracer{})
	kern.Store(c, a, 3)
	kern.Load(c, a)
	kern.ReadOnce(c, a)
	// Output:
	// CPU 0 store = 0
	// CPU 0 load = 3
	// CPU 0 read = 3
}

// lazy is a Scheduler that always decides for the last choice there is.
type lazy struct{}

func (lazy) Step(c *kern.CPU, op kern.Op) uint32 {
	if op.Kind == kern.OpChoose {
		return op.A - 1
	}
	return c.Exec(op)
}

func ExampleChoose() {
	m := kern.NewMachine(kern.Config{})
	fmt.Println(kern.Choose(m.CPU(0), 4))
	m.Attach(lazy{})
	fmt.Println(kern.Choose(m.CPU(0), 4))
	// Output:
	// 0
	// 3
}

// A reference is had only if somebody has one.
func ExampleRefcountIncNotZero() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	count := m.NewCache(kern.CacheConfig{Name: "thing", Words: 1}).Alloc(c)
	fmt.Println(kern.RefcountIncNotZero(c, count))
	kern.WriteOnce(c, count, 1)
	fmt.Println(kern.RefcountIncNotZero(c, count), kern.ReadOnce(c, count))
	// Output:
	// false
	// true 2
}

// Two tasks of one CPU, natively: each has the CPU in turn, and keeps it while preemption is off. So the two plain accesses of
// raw_cpu_add are as one to the other task, and no count is lost.
func ExampleRunQueue() {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	count := m.DefinePerCPU("count")
	cpu0 := m.NewRunQueue(0)
	var tasks sync.WaitGroup
	for i, name := range []string{"A", "B"} {
		c := cpu0.Task(i, name)
		tasks.Go(func() {
			cpu0.Run(c, func(c *kern.CPU) {
				for range 100 {
					kern.PreemptDisable(c)
					kern.RawCPUAdd(c, count, 1)
					kern.PreemptEnable(c)
				}
			})
		})
	}
	tasks.Wait()
	fmt.Println(m.Peek(kern.PerCPUPtr(count, 0)))
	// Output: 200
}

// Several references at once: who gives out one to each of its helpers takes them all, and gives back those that were not wanted.
func ExampleRefcountSubAndTest() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	count := m.NewCache(kern.CacheConfig{Name: "thing", Words: 1}).Alloc(c)
	kern.RefcountSet(c, count, 1)
	kern.RefcountAdd(c, 3, count)
	fmt.Println(kern.RefcountSubAndTest(c, 2, count), kern.RefcountRead(c, count))
	fmt.Println(kern.RefcountSubAndTest(c, 2, count))
	// Output:
	// false 2
	// true
}
