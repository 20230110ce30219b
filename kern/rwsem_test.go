package kern_test

import (
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
)

func TestSemFree(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	a, b := m.CPU(0), m.CPU(1)
	s := words(a, 1)
	free := func(read, write bool, when string) {
		t.Helper()
		assert.Equal(t, read, m.SemFree(s, false), "for a reader, %s", when)
		assert.Equal(t, write, m.SemFree(s, true), "for a writer, %s", when)
	}
	free(true, true, "at first")
	kern.DownRead(a, s)
	free(true, false, "with a reader inside")
	kern.DownRead(b, s)
	kern.UpRead(a, s)
	free(true, false, "with one of two readers left")
	kern.UpRead(b, s)
	free(true, true, "with the readers gone")
	kern.DownWrite(a, s)
	free(false, false, "with a writer inside")
	kern.UpWrite(a, s)
	free(true, true, "with the writer gone")
	quiet(t, m)
	m.Poke(s, uint32(kern.FreePoison))
	free(true, true, "freed: nobody will ever release it, and taking it is the error")
}

// Two plain Go variables and two plain words: under -race this also shows that a release and what takes the semaphore
// after it order all that is in between, of readers and of writers.
func TestWriterExcludesReaders(t *testing.T) {
	const cpus, rounds = 4, 800
	m := kern.NewMachine(kern.Config{CPUs: cpus})
	obj := words(m.CPU(0), 4)
	s, x, y := obj, obj+1, obj+2
	writers, total := 0, 0
	var wg sync.WaitGroup
	for i := range cpus {
		c := m.CPU(i)
		wg.Go(func() {
			for n := range rounds {
				if n%4 == i {
					kern.DownWrite(c, s)
					writers++
					if writers != 1 {
						t.Error("two writers at once")
					}
					kern.Store(c, x, kern.Load(c, x)+1)
					runtime.Gosched() // let somebody try
					total++
					kern.Store(c, y, kern.Load(c, y)+1)
					writers--
					kern.UpWrite(c, s)
					continue
				}
				kern.DownRead(c, s)
				runtime.Gosched()
				if writers != 0 || kern.Load(c, x) != kern.Load(c, y) || kern.Load(c, x) != uint32(total) {
					t.Error("a reader in the midst of a write")
				}
				kern.UpRead(c, s)
			}
		})
	}
	wg.Wait()
	assert.Equal(t, rounds, total)
	assert.EqualValues(t, rounds, m.Peek(x))
	assert.Zero(t, m.Peek(s))
	quiet(t, m)
}

// A writer waits for a reader that is inside, and sees what it left.
func TestWriterWaitsForAReader(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	s := words(m.CPU(0), 1)
	left := false
	kern.DownRead(m.CPU(0), s)
	var wg sync.WaitGroup
	wg.Go(func() {
		kern.DownWrite(m.CPU(1), s)
		assert.True(t, left)
		kern.UpWrite(m.CPU(1), s)
	})
	left = true
	kern.UpRead(m.CPU(0), s)
	wg.Wait()
	quiet(t, m)
}

// Under every schedule the sections of a writer and a reader follow each other; those of two readers mix freely.
func TestSectionsUnderAScheduler(t *testing.T) {
	write := func(c *kern.CPU, a kern.Addr) {
		kern.DownWrite(c, a)
		kern.WriteOnce(c, a+1, 1)
		kern.WriteOnce(c, a+2, 1)
		kern.UpWrite(c, a)
	}
	torn := 0
	read := func(c *kern.CPU, a kern.Addr) {
		kern.DownRead(c, a)
		if kern.ReadOnce(c, a+1) != kern.ReadOnce(c, a+2) {
			torn++
		}
		kern.UpRead(c, a)
	}
	for _, tt := range []struct {
		name      string
		first     func(*kern.CPU, kern.Addr)
		second    func(*kern.CPU, kern.Addr)
		schedules int
	}{
		{"two writers", write, write, 2},
		{"a writer and a reader", write, read, 2},
		{"two readers", read, read, 70}, // 8 choose 4
	} {
		n := explore(t, func(m *kern.Machine) []func(*kern.CPU) {
			a := words(m.CPU(0), 3)
			return []func(*kern.CPU){
				func(c *kern.CPU) { tt.first(c, a) },
				func(c *kern.CPU) { tt.second(c, a) },
			}
		}, func(m *kern.Machine, steps []int) {
			require.Len(t, steps, 8)
			require.Zero(t, m.Peek(shared))
			quiet(t, m)
		})
		assert.Equal(t, tt.schedules, n, tt.name)
	}
	assert.Zero(t, torn)
}

// A reader that wants to become a writer without leaving waits for itself. The word does not tell whose the readers are,
// so that is no violation: it is a CPU that no schedule can let go on.
func TestUpgradeIsADeadlock(t *testing.T) {
	for _, cpus := range []int{1, 2} {
		s := &chooser{}
		s.m = kern.NewMachine(kern.Config{CPUs: cpus, Scheduler: s})
		sem := words(s.m.CPU(0), 1)
		programs := make([]func(*kern.CPU), cpus)
		for i := range programs {
			programs[i] = func(c *kern.CPU) {
				kern.DownRead(c, sem)
				kern.DownWrite(c, sem)
			}
		}
		s.start(programs)
		for i := range cpus {
			require.Equal(t, kern.OpDownRead, s.parked[i].Kind)
			s.turn(i)
		}
		assert.Empty(t, s.enabled(), "with %d CPUs", cpus)
		for i := range cpus {
			assert.True(t, s.alive[i])
			assert.Equal(t, kern.Op{Kind: kern.OpDownWrite, Addr: sem}, s.parked[i])
		}
		assert.EqualValues(t, cpus, s.m.Peek(sem), "all are readers still")
		quiet(t, s.m)
	}
}

// A release that does not fit leaves the semaphore as it was.
func TestBadUps(t *testing.T) {
	nothing := func(*kern.CPU, kern.Addr) {}
	for _, tt := range []struct {
		name     string
		held, up func(*kern.CPU, kern.Addr)
		want     string
	}{
		{"up_read of none", nothing, kern.UpRead, "lock misuse: up_read releases the semaphore, which nobody holds"},
		{"up_write of none", nothing, kern.UpWrite, "lock misuse: up_write releases the semaphore, which nobody holds"},
		{"up_read of a writer's", kern.DownWrite, kern.UpRead, "lock misuse: up_read releases the semaphore, which a writer holds"},
		{"up_write of a reader's", kern.DownRead, kern.UpWrite, "lock misuse: up_write releases the semaphore, which readers hold"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := kern.NewMachine(kern.Config{CPUs: 2})
			m.Describe(func(v *kern.Violation) { v.Object = "the semaphore" })
			s := words(m.CPU(0), 1)
			tt.held(m.CPU(0), s)
			was := m.Peek(s)
			tt.up(m.CPU(1), s)
			assert.Equal(t, tt.want, the(t, m, kern.LockMisuse).Sentence())
			assert.Equal(t, was, m.Peek(s))
		})
	}
}

// What is released more often than it was taken is found, also where CPUs do so at once; the count never falls below zero.
func TestOneReaderTooFew(t *testing.T) {
	const cpus, rounds = 4, 300
	m := kern.NewMachine(kern.Config{CPUs: cpus})
	s := words(m.CPU(0), 1)
	for range rounds {
		kern.DownRead(m.CPU(0), s)
	}
	var wg sync.WaitGroup
	for i := range cpus {
		wg.Go(func() {
			for range rounds / 2 {
				kern.UpRead(m.CPU(i), s)
			}
		})
	}
	wg.Wait()
	_, total := m.Violations()
	assert.Equal(t, cpus*rounds/2-rounds, total)
	assert.Zero(t, m.Peek(s))
}

// A softirq must not sleep. It goes on without the semaphore, and its release is none: whoever is inside stays there.
func TestSemaphoreInASoftirq(t *testing.T) {
	for _, tt := range []struct {
		name           string
		held, down, up func(*kern.CPU, kern.Addr)
	}{
		{"down_read", kern.DownRead, kern.DownRead, kern.UpRead},
		{"down_write", kern.DownRead, kern.DownWrite, kern.UpWrite},
		{"down_read", kern.DownWrite, kern.DownRead, kern.UpRead}, // this one would wait for ever
		{"down_write", kern.DownWrite, kern.DownWrite, kern.UpWrite},
	} {
		m := kern.NewMachine(kern.Config{})
		m.Describe(func(v *kern.Violation) { v.Object = "the semaphore" })
		c := m.CPU(0)
		s := words(c, 1)
		tt.held(c, s)
		was := m.Peek(s)
		c.Softirq(func() {
			tt.down(c, s)
			tt.up(c, s)
		})
		v := the(t, m, kern.SleepInAtomic)
		assert.True(t, v.Softirq)
		assert.Equal(t, "sleep in atomic context: "+tt.name+" may sleep for the semaphore where it must not: in a softirq", v.Sentence())
		assert.Equal(t, was, m.Peek(s))
	}
}

func TestFreedSemaphore(t *testing.T) {
	for _, tt := range []struct {
		name     string
		down, up func(*kern.CPU, kern.Addr)
	}{{"read", kern.DownRead, kern.UpRead}, {"write", kern.DownWrite, kern.UpWrite}} {
		m := kern.NewMachine(kern.Config{})
		m.Describe(func(v *kern.Violation) { v.Object = "thing 1" })
		c := m.CPU(0)
		k := m.NewCache(kern.CacheConfig{Name: "thing", Words: 8})
		obj := k.Alloc(c)
		k.Free(c, obj)
		tt.down(c, obj+2)
		assert.Equal(t, "use after free: down_"+tt.name+" takes a lock of freed thing 1", the(t, m, kern.UseAfterFree).Sentence())
		tt.up(c, obj+2)
		the(t, m, kern.UseAfterFree) // no second one: it was not taken
		assert.EqualValues(t, kern.FreePoison, m.Peek(obj+2))
	}
}

func TestSemaphoreFreedWhileHeld(t *testing.T) {
	for _, tt := range []struct {
		name     string
		down, up func(*kern.CPU, kern.Addr)
	}{{"read", kern.DownRead, kern.UpRead}, {"write", kern.DownWrite, kern.UpWrite}} {
		m := kern.NewMachine(kern.Config{})
		m.Describe(func(v *kern.Violation) { v.Object = "thing 1" })
		c := m.CPU(0)
		k := m.NewCache(kern.CacheConfig{Name: "thing", Words: 8})
		obj := k.Alloc(c)
		tt.down(c, obj+2)
		k.Free(c, obj)
		tt.up(c, obj+2)
		assert.Equal(t, "use after free: up_"+tt.name+" releases a lock of freed thing 1", the(t, m, kern.UseAfterFree).Sentence())
		assert.EqualValues(t, kern.FreePoison, m.Peek(obj+2))
	}
}

// A trylock gets the semaphore where who waits for it would go on at once, and nowhere else.
func TestTrylocksOfSemaphores(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	c, other := m.CPU(0), m.CPU(1)
	s := words(c, 1)
	assert.True(t, kern.DownWriteTrylock(c, s))
	assert.False(t, kern.DownReadTrylock(other, s), "a writer has it")
	assert.False(t, kern.DownWriteTrylock(other, s), "a writer has it")
	kern.UpWrite(c, s)
	assert.True(t, kern.DownReadTrylock(c, s))
	assert.True(t, kern.DownReadTrylock(other, s), "readers share it")
	assert.False(t, kern.DownWriteTrylock(other, s), "readers have it")
	kern.UpRead(c, s)
	kern.UpRead(other, s)
	assert.Zero(t, m.Peek(s))
	quiet(t, m)
}
