package kern_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/kern"
)

// exclusives are the ways to have a lock alone, and to try it where there is one. All take the lock at an address.
var exclusives = map[string]struct {
	lock, unlock func(c *kern.CPU, l kern.Addr)
	try          func(c *kern.CPU, l kern.Addr) bool
}{
	"down_write": {kern.DownWrite, kern.UpWrite, kern.DownWriteTrylock},
	"write_lock": {kern.WriteLock, kern.WriteUnlock, nil},
	"mutex_lock": {kern.MutexLock, kern.MutexUnlock, kern.MutexTrylock},
	"bit_spin_lock": {func(c *kern.CPU, l kern.Addr) { kern.BitSpinLock(c, l, 5) }, func(c *kern.CPU, l kern.Addr) { kern.BitSpinUnlock(c, l, 5) },
		func(c *kern.CPU, l kern.Addr) bool { return kern.BitSpinTrylock(c, l, 5) }},
	"lock_page": {func(c *kern.CPU, l kern.Addr) { kern.LockPage(c, pageOf(c, l)) }, func(c *kern.CPU, l kern.Addr) { kern.UnlockPage(c, pageOf(c, l)) },
		func(c *kern.CPU, l kern.Addr) bool { return kern.TrylockPage(c, pageOf(c, l)) }},
}

func pageOf(c *kern.CPU, l kern.Addr) kern.PFN { return kern.PFN(c.Machine().Peek(l + 1)) }

// The counter is a plain Go variable: under -race this also shows that releasing and taking order what is in between.
func TestLocksExclude(t *testing.T) {
	const cpus, rounds = 3, 1000
	for name, l := range exclusives {
		m := kern.NewMachine(kern.Config{CPUs: cpus})
		a := words(m.CPU(0), 2)
		m.Poke(a+1, uint32(kern.AllocPages(m.CPU(0), 0, kern.GFPKernel)))
		counter, taken := 0, [cpus]int{}
		var wg sync.WaitGroup
		for i := range cpus {
			c := m.CPU(i)
			wg.Go(func() {
				for n := range rounds {
					if l.try != nil && n%3 == 0 {
						if !l.try(c, a) {
							continue
						}
					} else {
						l.lock(c, a)
					}
					counter++
					taken[i]++
					l.unlock(c, a)
				}
				kern.TaskExit(c)
			})
		}
		wg.Wait()
		assert.Equal(t, taken[0]+taken[1]+taken[2], counter, name)
		assert.GreaterOrEqual(t, counter, cpus*rounds*2/3, name)
		quiet(t, m)
	}
}

// Readers count, and a writer has the lock alone.
func TestRwlock(t *testing.T) {
	const cpus, rounds = 4, 1000
	m := kern.NewMachine(kern.Config{CPUs: cpus})
	l := words(m.CPU(0), 1)
	value, reads := 0, [cpus]int{}
	var wg sync.WaitGroup
	for i := range cpus {
		c := m.CPU(i)
		wg.Go(func() {
			for range rounds {
				if i == 0 {
					kern.WriteLock(c, l)
					value++
					kern.WriteUnlock(c, l)
					continue
				}
				kern.ReadLock(c, l)
				reads[i] = value
				kern.ReadUnlock(c, l)
			}
		})
	}
	wg.Wait()
	assert.Equal(t, rounds, value)
	assert.Zero(t, m.Peek(l))
	quiet(t, m)
}

// While a writer waits a reader does too, unless it has BH off or is in a softirq.
func TestRwlockReady(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	c, other := m.CPU(0), m.CPU(1)
	l := words(c, 1)
	read, write := kern.Op{Kind: kern.OpReadLock, Addr: l}, kern.Op{Kind: kern.OpWriteLock, Addr: l}
	goesOn := kern.Op{Kind: kern.OpWriteLockWait, Addr: l}
	ready := func(op kern.Op) bool { return m.Ready(other, op, false) }
	assert.True(t, ready(read) && ready(write))
	kern.ReadLock(c, l)
	assert.True(t, ready(read) && ready(write), "a writer can come")
	assert.Zero(t, other.Exec(write), "and must wait")
	assert.False(t, ready(read) || ready(write) || ready(goesOn))
	assert.True(t, m.Ready(other, read, true), "with BH off")
	other.Softirq(func() { assert.True(t, ready(read)) })
	kern.ReadUnlock(c, l)
	assert.True(t, ready(goesOn))
	other.Exec(goesOn)
	assert.False(t, m.Ready(c, read, true) || m.Ready(c, write, false))
	assert.True(t, ready(read) && ready(write), "for itself it would wait for ever: that is reported")
	kern.WriteUnlock(other, l)
	quiet(t, m)
}

// What is wrong is told, and the lock stays as it is.
func TestLockMisuse(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	m.Describe(func(v *kern.Violation) { v.Object = "the lock" })
	c, other := m.CPU(0), m.CPU(1)
	for want, do := range map[string]func(l kern.Addr){
		"lock misuse: mutex_unlock releases the lock, which nobody holds":        func(l kern.Addr) { kern.MutexUnlock(c, l) },
		"lock misuse: mutex_unlock releases the lock, which somebody else holds": func(l kern.Addr) { kern.MutexLock(other, l); kern.MutexUnlock(c, l) },
		"self-deadlock: mutex_lock takes the lock, which it holds already":       func(l kern.Addr) { kern.MutexLock(c, l); kern.MutexLock(c, l); kern.MutexUnlock(c, l) },
		"lock misuse: read_unlock releases the lock, which a writer holds":       func(l kern.Addr) { kern.WriteLock(other, l); kern.ReadUnlock(c, l); kern.WriteUnlock(other, l) },
		"lock misuse: write_unlock releases the lock, which readers hold":        func(l kern.Addr) { kern.ReadLock(c, l); kern.WriteUnlock(c, l); kern.ReadUnlock(c, l) },
		"lock misuse: read_unlock releases the lock, which nobody holds":         func(l kern.Addr) { kern.ReadUnlock(c, l) },
		"lock misuse: bit_spin_unlock releases the lock, which somebody else holds": func(l kern.Addr) {
			kern.BitSpinTrylock(other, l, 1)
			kern.BitSpinUnlock(c, l, 1)
			kern.BitSpinUnlock(other, l, 1)
		},
		"lock misuse: bit_spin_unlock releases the lock, which nobody holds": func(l kern.Addr) { kern.BitSpinUnlock(c, l, 1) },
		"lock misuse: local_lock takes the lock, which another CPU holds: a local lock is for one CPU": func(l kern.Addr) {
			kern.LocalLock(other, l)
			kern.LocalLock(c, l)
			kern.LocalUnlock(c, l)
			kern.LocalUnlock(other, l)
		},
		"sleep in atomic context: mutex_lock may sleep for the lock where it must not: preemption off": func(l kern.Addr) {
			kern.PreemptDisable(c)
			kern.MutexLock(c, l)
			kern.MutexUnlock(c, l)
			kern.PreemptEnable(c)
		},
		"sleep in atomic context: mutex_trylock may sleep for the lock where it must not: in a softirq": func(l kern.Addr) { c.Softirq(func() { kern.MutexTrylock(c, l) }) },
	} {
		_, before := m.Violations()
		do(words(c, 1))
		list, total := m.Violations()
		if assert.Equal(t, before+1, total, want) {
			assert.Equal(t, want, list[before].Sentence())
		}
	}
	assert.Equal(t, kern.Depths{}, c.Depths())
	assert.Equal(t, kern.Depths{}, other.Depths())
}

// A page that is freed is locked no more, and must not be locked.
func TestPageLockAndFree(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	p := kern.AllocPages(c, 0, kern.GFPKernel)
	kern.LockPage(c, p)
	kern.FreePages(c, p, 0)
	the(t, m, kern.UseAfterFree)
	assert.False(t, kern.TrylockPage(c, p), "it is gone")
	kinds := kinds(m)
	assert.Equal(t, []kern.Kind{kern.UseAfterFree, kern.UseAfterFree}, kinds)
}

// Two readers share a rwlock. A writer that comes keeps the next reader out, though not one with BH off.
func ExampleReadLock() {
	m := kern.NewMachine(kern.Config{CPUs: 3})
	l := m.NewCache(kern.CacheConfig{Name: "rwlock", Words: 1}).Alloc(m.CPU(0))
	read := kern.Op{Kind: kern.OpReadLock, Addr: l}
	kern.ReadLock(m.CPU(0), l)
	fmt.Println(m.Ready(m.CPU(2), read, false))
	m.CPU(1).Exec(kern.Op{Kind: kern.OpWriteLock, Addr: l})
	fmt.Println(m.Ready(m.CPU(2), read, false), m.Ready(m.CPU(2), read, true))
	// Output:
	// true
	// false true
}

// A mutex is a task's own: who does not hold it must not release it.
func ExampleMutexLock() {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	m.Describe(func(v *kern.Violation) { v.Object = "the mutex" })
	l := m.NewCache(kern.CacheConfig{Name: "mutex", Words: 1}).Alloc(m.CPU(0))
	kern.MutexLock(m.CPU(0), l)
	fmt.Println(kern.MutexTrylock(m.CPU(1), l))
	kern.MutexUnlock(m.CPU(1), l)
	list, _ := m.Violations()
	fmt.Println(list[0].Sentence())
	// Output:
	// false
	// lock misuse: mutex_unlock releases the mutex, which somebody else holds
}

// PageLocked tells of anybody. Who unlocks must be the one who locked.
func ExampleLockPage() {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	c, other := m.CPU(0), m.CPU(1)
	p := kern.AllocPages(c, 0, kern.GFPKernel)
	kern.LockPage(c, p)
	fmt.Println(kern.PageLocked(other, p), kern.TrylockPage(other, p))
	kern.UnlockPage(c, p)
	fmt.Println(kern.PageLocked(other, p))
	// Output:
	// true false
	// false
}

// Bits of one word are locks of their own.
func ExampleBitSpinLock() {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	w := m.NewCache(kern.CacheConfig{Name: "word", Words: 1}).Alloc(m.CPU(0))
	kern.BitSpinLock(m.CPU(0), w, 0)
	fmt.Println(kern.BitSpinTrylock(m.CPU(1), w, 0), kern.BitSpinTrylock(m.CPU(1), w, 1), m.Peek(w))
	// Output:
	// false true 3
}

// A local lock turns preemption off: whoever holds it must not sleep.
func ExampleLocalLock() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	l := m.NewCache(kern.CacheConfig{Name: "local_lock", Words: 1}).Alloc(c)
	kern.LocalLock(c, l)
	fmt.Println(c.Depths())
	kern.LocalUnlock(c, l)
	// Output:
	// preemption off
}

// A bit lock leaves the other bits of its word alone, whatever they say.
func TestBitLocksLeaveTheOtherBitsAlone(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	w := words(c, 1)
	const others = 0xf0f0
	kern.WriteOnce(c, w, others)
	kern.BitSpinLock(c, w, 2)
	assert.Equal(t, uint32(others|1<<2), m.Peek(w))
	assert.True(t, kern.BitSpinTrylock(c, w, 3))
	kern.BitSpinUnlock(c, w, 2)
	assert.Equal(t, uint32(others|1<<3), m.Peek(w))
	kern.BitSpinUnlock(c, w, 3)
	assert.Equal(t, uint32(others), m.Peek(w))
	quiet(t, m)
}
