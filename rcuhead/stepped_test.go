package rcuhead_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	_ "ptsim/internal/nofiles"
	"ptsim/kern"
	"ptsim/rcuhead"
)

// bench is a machine with a Stepped RCU and a callback that notes where it ran.
type bench struct {
	m   *kern.Machine
	rcu *rcuhead.Stepped
	k   kern.Cache
	fn  kern.Func
	ran []run
}

type run struct {
	head rcuhead.Head
	cpu  int
}

func newBench(cpus int) *bench {
	b := &bench{m: kern.NewMachine(kern.Config{CPUs: cpus, Frames: 16, Checks: true})}
	b.rcu = rcuhead.NewStepped(b.m)
	b.k = b.m.NewCache(kern.CacheConfig{Name: "head", Words: kern.RCUHeadWords})
	b.fn = b.m.RegisterFunc("record", func(c *kern.CPU, head kern.Addr) { b.ran = append(b.ran, run{rcuhead.Head(head), c.ID()}) })
	return b
}

// call queues a new head on a CPU.
func (b *bench) call(cpu int) rcuhead.Head {
	h := rcuhead.Head(b.k.AllocAtomic(b.m.CPU(cpu)))
	h.Call(b.m.CPU(cpu), b.fn)
	return h
}

func quiet(t require.TestingT, m *kern.Machine) {
	list, _ := m.Violations()
	for _, v := range list {
		require.Fail(t, v.Splat())
	}
}

func TestGracePeriodRunsWhatWasQueuedBeforeIt(t *testing.T) {
	b := newBench(1)
	first := b.call(0)
	b.rcu.Begin()
	late := b.call(0)
	assert.True(t, first.Queued(b.m))
	assert.Equal(t, 2, b.rcu.Pending())
	assert.Equal(t, 1, b.rcu.End())
	assert.Equal(t, []run{{first, 0}}, b.ran)
	assert.False(t, first.Queued(b.m))
	assert.True(t, late.Queued(b.m), "queued after Begin: not this grace period's")
	assert.Equal(t, 1, b.rcu.GracePeriod())
	assert.Equal(t, []run{{first, 0}, {late, 0}}, b.ran)
	assert.Zero(t, b.rcu.GracePeriod())
	graces, callbacks := b.rcu.Counts()
	assert.EqualValues(t, 2, graces, "one without a callback does not count")
	assert.EqualValues(t, 2, callbacks)
	quiet(t, b.m)
}

// A second Begin does not bring callbacks into a grace period that is under way: they were not there when it began.
func TestBeginWhileUnderWay(t *testing.T) {
	b := newBench(1)
	b.call(0)
	b.rcu.Begin()
	b.call(0)
	b.rcu.Begin()
	assert.Equal(t, 1, b.rcu.End())
}

func TestEndWithoutBegin(t *testing.T) {
	b := newBench(1)
	b.call(0)
	assert.Zero(t, b.rcu.End())
	assert.Equal(t, 1, b.rcu.Pending())
}

func TestCallbacksRunOnTheirCPUInOrder(t *testing.T) {
	b := newBench(3)
	var want []run
	queue := map[int][]rcuhead.Head{}
	for _, cpu := range []int{2, 0, 2, 1, 0} {
		queue[cpu] = append(queue[cpu], b.call(cpu))
	}
	for cpu := range 3 {
		for _, h := range queue[cpu] {
			want = append(want, run{h, cpu})
		}
	}
	var waiting []rcuhead.Head
	b.rcu.Each(func(h kern.Addr, fn kern.Func) {
		assert.Equal(t, b.fn, fn)
		waiting = append(waiting, rcuhead.Head(h))
	})
	assert.Equal(t, 5, b.rcu.GracePeriod())
	assert.Equal(t, want, b.ran)
	for i, r := range want {
		assert.Equal(t, r.head, waiting[i], "Each lists them in the same order")
	}
}

func TestCallbacksRunInSoftirqContext(t *testing.T) {
	b := newBench(1)
	fn := b.m.RegisterFunc("look", func(c *kern.CPU, _ kern.Addr) {
		assert.True(t, c.InSoftirq())
		assert.True(t, c.BHDisabled())
	})
	rcuhead.Head(b.k.Alloc(b.m.CPU(0))).Call(b.m.CPU(0), fn)
	assert.Equal(t, 1, b.rcu.GracePeriod())
	assert.False(t, b.m.CPU(0).InSoftirq())
}

// A callback that queues its head again waits for one more grace period, as the second half of a page does.
func TestChainedCallbackWaitsAgain(t *testing.T) {
	b := newBench(1)
	var chain kern.Func
	runs := 0
	chain = b.m.RegisterFunc("chain", func(c *kern.CPU, head kern.Addr) {
		if runs++; runs < 3 {
			rcuhead.Head(head).Call(c, chain)
		}
	})
	rcuhead.Head(b.k.Alloc(b.m.CPU(0))).Call(b.m.CPU(0), chain)
	for want := 1; want <= 3; want++ {
		assert.Equal(t, 1, b.rcu.GracePeriod())
		assert.Equal(t, want, runs)
	}
	assert.Zero(t, b.rcu.Pending())

	runs = 0
	rcuhead.Head(b.k.Alloc(b.m.CPU(0))).Call(b.m.CPU(0), chain)
	assert.True(t, b.rcu.Barrier(), "a barrier waits for what callbacks queue, too")
	assert.Equal(t, 3, runs)
	quiet(t, b.m)
}

func TestReaderBlocksTheGracePeriod(t *testing.T) {
	b := newBench(2)
	reader := b.m.CPU(1)
	kern.RCUReadLock(reader)
	b.call(0)
	b.rcu.Begin()
	assert.Equal(t, 1, b.rcu.Blocker())
	assert.Zero(t, b.rcu.End())
	assert.False(t, b.rcu.Barrier(), "a barrier does not wait for ever")
	kern.RCUReadLock(reader)
	kern.RCUReadUnlock(reader)
	assert.Equal(t, 1, b.rcu.Blocker(), "an inner section is not the end of the outer")
	kern.RCUReadUnlock(reader)
	assert.Equal(t, -1, b.rcu.Blocker())
	kern.RCUReadLock(reader)
	assert.Equal(t, -1, b.rcu.Blocker(), "a section that began later is not waited for")
	assert.Equal(t, 1, b.rcu.End())
	kern.RCUReadUnlock(reader)
}

// Whatever is called in whatever order: a callback runs once, on its CPU, not before every section that was open when it
// was queued is closed, and in the end all have run.
func TestSteppedAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const cpus = 3
		b := newBench(cpus)
		depth, section := make([]int, cpus), make([]int, cpus)
		type wait struct {
			cpu    int
			within map[int]int // by CPU, the section it was in when the head was queued
		}
		waiting := map[rcuhead.Head]wait{}
		checked := 0
		cpu := func(t *rapid.T) int { return rapid.IntRange(0, cpus-1).Draw(t, "cpu") }
		t.Repeat(map[string]func(*rapid.T){
			"rcu_read_lock": func(t *rapid.T) {
				i := cpu(t)
				kern.RCUReadLock(b.m.CPU(i))
				depth[i]++
			},
			"rcu_read_unlock": func(t *rapid.T) {
				i := cpu(t)
				if depth[i] == 0 {
					t.Skip("no section")
				}
				kern.RCUReadUnlock(b.m.CPU(i))
				if depth[i]--; depth[i] == 0 {
					section[i]++
				}
			},
			"call_rcu": func(t *rapid.T) {
				i := cpu(t)
				w := wait{i, map[int]int{}}
				for j := range cpus {
					if depth[j] > 0 {
						w.within[j] = section[j]
					}
				}
				waiting[b.call(i)] = w
			},
			"begin": func(*rapid.T) { b.rcu.Begin() },
			"end":   func(*rapid.T) { b.rcu.End() },
			"": func(t *rapid.T) {
				for ; checked < len(b.ran); checked++ {
					r := b.ran[checked]
					w, ok := waiting[r.head]
					require.True(t, ok, "ran twice")
					require.Equal(t, w.cpu, r.cpu)
					for j, s := range w.within {
						require.False(t, depth[j] > 0 && section[j] == s, "CPU %d is still in the section", j)
					}
					delete(waiting, r.head)
				}
				require.Equal(t, len(waiting), b.rcu.Pending())
				quiet(t, b.m)
			},
		})
		for i := range cpus {
			for ; depth[i] > 0; depth[i]-- {
				kern.RCUReadUnlock(b.m.CPU(i))
			}
		}
		b.rcu.End()
		require.True(t, b.rcu.Barrier())
		require.Zero(t, b.rcu.Pending())
	})
}

func TestBarrierWithAnEmptyGracePeriodUnderWay(t *testing.T) {
	b := newBench(1)
	b.rcu.Begin()
	b.call(0)
	assert.True(t, b.rcu.Barrier(), "nobody blocks it")
}

// TestRunOne takes callbacks out of the queues in every order, during a grace period and outside one.
func TestRunOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBench(2)
		var queued []rcuhead.Head
		for range rapid.IntRange(1, 8).Draw(t, "n") {
			if rapid.IntRange(0, 3).Draw(t, "begin") == 0 {
				b.rcu.Begin()
			}
			queued = append(queued, b.call(rapid.IntRange(0, 1).Draw(t, "cpu")))
		}
		var want []run
		for len(queued) > 0 && rapid.IntRange(0, 5).Draw(t, "stop") > 0 {
			i := rapid.IntRange(0, len(queued)-1).Draw(t, "which")
			cpu := rapid.IntRange(0, 1).Draw(t, "on")
			require.True(t, b.rcu.Run(cpu, kern.Addr(queued[i])))
			require.False(t, b.rcu.Run(cpu, kern.Addr(queued[i])), "it ran")
			want = append(want, run{queued[i], cpu})
			queued = append(queued[:i:i], queued[i+1:]...)
			require.Equal(t, len(queued), b.rcu.Pending())
		}
		require.Equal(t, want, b.ran)
		b.ran = nil
		require.True(t, b.rcu.Barrier())
		require.Len(t, b.ran, len(queued), "the others run later")
		quiet(t, b.m)
	})
}

// TestRunOneWaitsForReaders wants a callback to stay where it is while a reader is inside, and gp to find all that is
// queued afterwards.
func TestRunOneWaitsForReaders(t *testing.T) {
	b := newBench(2)
	first, second := b.call(0), b.call(0)
	kern.RCUReadLock(b.m.CPU(1))
	assert.False(t, b.rcu.Run(0, kern.Addr(first)))
	kern.RCUReadUnlock(b.m.CPU(1))
	assert.True(t, b.rcu.Run(0, kern.Addr(second)))
	third := b.call(0)
	assert.Equal(t, 2, b.rcu.GracePeriod())
	assert.Equal(t, []run{{second, 0}, {first, 0}, {third, 0}}, b.ran)
	quiet(t, b.m)
}

// A type-stable cache may go with objects that wait for their grace period: their callbacks run later, and find them there.
func TestDestroyTypeStableCache(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	rcu := rcuhead.NewStepped(m)
	c := m.CPU(0)
	k := m.NewCache(kern.CacheConfig{Name: "things", Words: 1 + kern.TypesafeWords, TypesafeByRCU: true, RCUHead: 1, Destroyable: true})
	a, b := k.Alloc(c), k.Alloc(c)
	k.Free(c, a)
	k.Destroy(c)
	list, _ := m.Violations()
	if assert.Len(t, list, 1) {
		assert.Equal(t, kern.CacheBusy, list[0].Kind, "b is in use")
	}
	k.Free(c, b)
	k.Destroy(c)
	assert.Equal(t, 2, rcu.Pending(), "both wait for a grace period")
	assert.True(t, rcu.Barrier())
	assert.Zero(t, k.Live())
	_, total := m.Violations()
	assert.Equal(t, 1, total)
	assert.Zero(t, k.Alloc(c), "it is gone")
	list, _ = m.Violations()
	assert.Equal(t, kern.CacheDestroyed, list[1].Kind)
}
