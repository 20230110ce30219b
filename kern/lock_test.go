package kern_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/kern"
)

// The counter is a plain Go variable: under -race this also shows that unlock and lock order what is in between.
func TestSpinLockExcludes(t *testing.T) {
	const cpus, rounds = 4, 3000
	m := kern.NewMachine(kern.Config{CPUs: cpus})
	l := words(m.CPU(0), 1)
	counter, inside := 0, 0
	var wg sync.WaitGroup
	for i := range cpus {
		c := m.CPU(i)
		wg.Go(func() {
			lock, unlock := kern.SpinLock, kern.SpinUnlock
			if i%2 == 0 {
				lock, unlock = kern.SpinLockBH, kern.SpinUnlockBH
			}
			for range rounds {
				lock(c, l)
				inside++
				if inside != 1 || m.LockOwner(l) != c.ID() {
					t.Error("two CPUs hold the lock")
				}
				counter++
				inside--
				unlock(c, l)
			}
		})
	}
	wg.Wait()
	assert.Equal(t, cpus*rounds, counter)
	assert.True(t, m.LockFree(l))
	assert.Equal(t, -1, m.LockOwner(l))
	quiet(t, m)
}

func TestLockOwner(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	l := words(m.CPU(0), 1)
	assert.Equal(t, -1, m.LockOwner(l))
	kern.SpinLock(m.CPU(1), l)
	assert.Equal(t, 1, m.LockOwner(l))
	assert.False(t, m.LockFree(l))
	kern.SpinUnlock(m.CPU(1), l)
	assert.True(t, m.LockFree(l))
	m.Poke(l, uint32(kern.FreePoison))
	assert.True(t, m.LockFree(l), "nobody will ever release it: taking it is the error")
	assert.Equal(t, -1, m.LockOwner(l))
}

// A lock that would be waited for for ever is reported and passed over, so that its two unlocks still balance.
func TestSelfDeadlockIsReportedAndPassedOver(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	l := words(c, 1)
	kern.SpinLock(c, l)
	kern.SpinLock(c, l)
	the(t, m, kern.SelfDeadlock)
	kern.SpinUnlock(c, l)
	assert.Equal(t, 0, m.LockOwner(l), "the inner unlock belongs to the lock that was not taken")
	kern.SpinUnlock(c, l)
	assert.True(t, m.LockFree(l))
	the(t, m, kern.SelfDeadlock)
}

// softirqMachine has a softirq that takes and releases the lock it returns.
func softirqMachine() (*kern.Machine, *kern.CPU, kern.Addr, *int) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	l := words(c, 1)
	runs := new(int)
	m.OpenSoftirq(func(c *kern.CPU) {
		kern.SpinLockBH(c, l)
		*runs++
		kern.SpinUnlockBH(c, l)
	})
	return m, c, l, runs
}

func TestSoftirqDeadlock(t *testing.T) {
	m, c, l, runs := softirqMachine()
	kern.SpinLock(c, l)
	c.RaiseSoftirq()
	assert.True(t, c.Interrupt(), "nothing keeps the softirq away")
	assert.Equal(t, 1, *runs)
	v := the(t, m, kern.SoftirqDeadlock)
	assert.True(t, v.Softirq)
	kern.SpinUnlock(c, l)
	assert.True(t, m.LockFree(l))
}

func TestBHKeepsTheSoftirqAway(t *testing.T) {
	m, c, l, runs := softirqMachine()
	kern.SpinLockBH(c, l)
	c.RaiseSoftirq()
	assert.False(t, c.Interrupt())
	assert.Zero(t, *runs)
	kern.SpinUnlockBH(c, l)
	assert.Equal(t, 1, *runs, "it runs when BH comes back on")
	quiet(t, m)
}

func TestSoftirqWaitsForTheOutermostBHEnable(t *testing.T) {
	m, c, l, runs := softirqMachine()
	kern.LocalBHDisable(c)
	kern.SpinLockBH(c, l)
	c.RaiseSoftirq()
	kern.SpinUnlockBH(c, l)
	assert.Zero(t, *runs)
	assert.True(t, c.BHDisabled())
	kern.LocalBHEnable(c)
	assert.Equal(t, 1, *runs)
	assert.False(t, c.BHDisabled())
	assert.False(t, c.Interrupt(), "a softirq raised once runs once")
	quiet(t, m)
}

func TestSoftirqContext(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	c := m.CPU(0)
	m.OpenSoftirq(func(c *kern.CPU) {
		assert.True(t, c.InSoftirq())
		assert.True(t, c.BHDisabled())
		c.RaiseSoftirq()
		assert.False(t, c.Interrupt(), "softirqs do not nest")
	})
	c.RaiseSoftirq()
	assert.False(t, m.CPU(1).Interrupt(), "raised on another CPU")
	assert.True(t, c.Interrupt())
	assert.False(t, c.InSoftirq())
	assert.False(t, c.BHDisabled())
}

func TestBadUnlocks(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	l := words(m.CPU(0), 1)
	kern.SpinUnlock(m.CPU(0), l)
	kern.SpinLock(m.CPU(0), l)
	kern.SpinUnlock(m.CPU(1), l)
	assert.Equal(t, 0, m.LockOwner(l), "a stranger's unlock releases nothing")
	kern.SpinUnlock(m.CPU(0), l)
	assert.Equal(t, []kern.Kind{kern.LockMisuse, kern.LockMisuse}, kinds(m))
}

// A freed lock is taken by nobody: the code goes on without it, and its unlock is none.
func TestFreedLock(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	cache := m.NewCache(kern.CacheConfig{Name: "locks", Words: 8})
	obj := cache.Alloc(c)
	cache.Free(c, obj)
	kern.SpinLockBH(c, obj+2)
	v := the(t, m, kern.UseAfterFree)
	assert.Equal(t, obj+2, v.Addr)
	kern.SpinUnlockBH(c, obj+2)
	the(t, m, kern.UseAfterFree)
	assert.False(t, c.BHDisabled())
	assert.EqualValues(t, kern.FreePoison, m.Peek(obj+2))
}

func TestLockFreedWhileHeld(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	cache := m.NewCache(kern.CacheConfig{Name: "locks", Words: 8})
	obj := cache.Alloc(c)
	kern.SpinLock(c, obj+2)
	cache.Free(c, obj)
	kern.SpinUnlock(c, obj+2)
	assert.Equal(t, "releases %p of freed %o", the(t, m, kern.UseAfterFree).Detail)
}

func TestSoftirqThatLocksTwice(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	l := words(c, 1)
	c.Softirq(func() {
		kern.SpinLock(c, l)
		kern.SpinLock(c, l)
		kern.SpinUnlock(c, l)
		kern.SpinUnlock(c, l)
	})
	the(t, m, kern.SelfDeadlock)
}

func TestUnbalancedBHEnable(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	kern.LocalBHEnable(m.CPU(0))
	the(t, m, kern.LockMisuse)
}

// A trylock never waits, and what it took is a lock like any other. Who holds the lock already does not get it again.
func TestSpinTrylock(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	c, other, l := m.CPU(0), m.CPU(1), words(m.CPU(0), 1)
	assert.False(t, kern.SpinIsLocked(c, l))
	assert.True(t, kern.SpinTrylock(c, l))
	assert.Equal(t, 0, m.LockOwner(l))
	assert.True(t, kern.SpinIsLocked(other, l), "locked by anyone, not by the caller")
	assert.False(t, kern.SpinTrylock(other, l))
	assert.False(t, kern.SpinTrylock(c, l))
	assert.Equal(t, 0, m.LockOwner(l))
	kern.SpinUnlock(c, l)
	assert.True(t, kern.SpinTrylock(other, l))
	kern.SpinUnlock(other, l)
	quiet(t, m)
	m.Poke(l, uint32(kern.FreePoison))
	assert.False(t, kern.SpinTrylock(c, l))
	the(t, m, kern.UseAfterFree)
}

// The counter is a plain Go variable, see TestSpinLockExcludes.
func TestSpinTrylockExcludes(t *testing.T) {
	const cpus, rounds = 3, 2000
	m := kern.NewMachine(kern.Config{CPUs: cpus})
	l := words(m.CPU(0), 1)
	counter, taken := 0, [cpus]int{}
	var wg sync.WaitGroup
	for i := range cpus {
		wg.Go(func() {
			c := m.CPU(i)
			for range rounds {
				if kern.SpinTrylock(c, l) {
					counter++
					taken[i]++
					kern.SpinUnlock(c, l)
				}
			}
		})
	}
	wg.Wait()
	assert.Equal(t, taken[0]+taken[1]+taken[2], counter)
	assert.False(t, kern.SpinIsLocked(m.CPU(0), l))
	quiet(t, m)
}
