package kern_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ptsim/kern"
)

// recorder registers a callback that notes whom it was called for.
func recorder(m *kern.Machine) (kern.Func, *[]kern.Addr) {
	var ran []kern.Addr
	return m.RegisterFunc("record", func(_ *kern.CPU, obj kern.Addr) { ran = append(ran, obj) }), &ran
}

func TestFuncNames(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	fn, _ := recorder(m)
	assert.Equal(t, "record", m.FuncName(fn))
	assert.Equal(t, "?", m.FuncName(fn+1))
	assert.Equal(t, "?", m.FuncName(0))
}

func TestCallbacksRunInOrder(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	fn, ran := recorder(m)
	heads := []kern.Addr{words(c, 2), words(c, 2), words(c, 2)}
	for _, h := range heads {
		kern.CallRCU(c, h, fn)
		assert.Equal(t, kern.Queued, m.NodeState(h))
	}
	var seen []kern.Addr
	c.Callbacks().Each(m, func(h kern.Addr, f kern.Func) {
		assert.Equal(t, fn, f)
		seen = append(seen, h)
	})
	assert.Equal(t, heads, seen)
	for c.Callbacks().InvokeOne(c) {
	}
	assert.Equal(t, heads, *ran)
	assert.Zero(t, c.Callbacks().Len())
	assert.Equal(t, kern.Unlisted, m.NodeState(heads[0]))
	quiet(t, m)
}

// Queues are moved about by an RCU core; whatever it does, no callback is lost, doubled or overtaken within its CPU.
func TestCallbackQueueAgainstSlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := kern.NewMachine(kern.Config{Frames: 16})
		c := m.CPU(0)
		fn, ran := recorder(m)
		var core kern.CallbackQueue
		var queued, moved, want []kern.Addr
		t.Repeat(map[string]func(*rapid.T){
			"call_rcu": func(*rapid.T) {
				h := words(c, 2)
				kern.CallRCU(c, h, fn)
				queued = append(queued, h)
			},
			"append": func(*rapid.T) {
				core.Append(m, c.Callbacks())
				moved, queued = append(moved, queued...), nil
			},
			"invoke": func(t *rapid.T) {
				require.Equal(t, len(moved) > 0, core.InvokeOne(c))
				if len(moved) > 0 {
					want, moved = append(want, moved[0]), moved[1:]
				}
			},
			"": func(t *rapid.T) {
				require.Equal(t, len(queued), c.Callbacks().Len())
				require.Equal(t, len(moved), core.Len())
				require.Equal(t, want, *ran)
				quiet(t, m)
			},
		})
	})
}

func TestCallbackMayQueueItsOwnHead(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	h := words(c, 2)
	var fn kern.Func
	runs := 0
	fn = m.RegisterFunc("again", func(c *kern.CPU, obj kern.Addr) {
		assert.Equal(t, kern.Unlisted, m.NodeState(obj), "the head is at rest when its callback starts")
		if runs++; runs < 3 {
			kern.CallRCU(c, obj, fn)
		}
	})
	kern.CallRCU(c, h, fn)
	for c.Callbacks().InvokeOne(c) {
	}
	assert.Equal(t, 3, runs)
	quiet(t, m)
}

func TestDoubleCallRCUQueuesOnce(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	fn, ran := recorder(m)
	h := words(c, 2)
	kern.CallRCU(c, h, fn)
	kern.CallRCU(c, h, fn)
	the(t, m, kern.DoubleCallRCU)
	for c.Callbacks().InvokeOne(c) {
	}
	assert.Len(t, *ran, 1)
}

// The words of a struct page's lru are those of its rcu_head. Whoever comes second is told.
func TestUnionOverlap(t *testing.T) {
	setup := func() (*kern.Machine, *kern.CPU, kern.Addr, kern.Addr, kern.Func) {
		m := kern.NewMachine(kern.Config{})
		c := m.CPU(0)
		fn, _ := recorder(m)
		head := lists(c, 1)[0]
		return m, c, head, kern.AllocPages(c, 0, kern.GFPKernel).Page() + kern.PageLRU, fn
	}
	t.Run("call_rcu on a listed page", func(t *testing.T) {
		m, c, head, lru, fn := setup()
		kern.ListAdd(c, lru, head)
		kern.CallRCU(c, lru, fn)
		the(t, m, kern.UnionOverlap)
		assert.Equal(t, kern.Queued, m.NodeState(lru), "it goes on, as the kernel would")
		assert.False(t, m.Walk(head, func(kern.Addr) bool { return true }), "and the list is broken")
	})
	t.Run("list_add of a queued page", func(t *testing.T) {
		m, c, head, lru, fn := setup()
		kern.CallRCU(c, lru, fn)
		kern.ListAdd(c, lru, head)
		the(t, m, kern.UnionOverlap)
		assert.True(t, kern.ListEmpty(c, head))
	})
	t.Run("list_del of a queued page", func(t *testing.T) {
		m, c, _, lru, fn := setup()
		kern.CallRCU(c, lru, fn)
		kern.ListDel(c, lru)
		the(t, m, kern.UnionOverlap)
		assert.Equal(t, kern.Queued, m.NodeState(lru))
	})
	t.Run("queued words overwritten", func(t *testing.T) {
		m, c, _, lru, fn := setup()
		kern.CallRCU(c, lru, fn)
		kern.InitListHead(c, lru)
		assert.True(t, c.Callbacks().InvokeOne(c))
		the(t, m, kern.UnionOverlap)
		assert.Zero(t, c.Callbacks().Len(), "the rest of the queue cannot be reached")
	})
}

func TestReaders(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	kern.RCUReadLock(c)
	kern.RCUReadLock(c)
	epoch := c.ReaderEpoch()
	kern.RCUReadUnlock(c)
	assert.True(t, c.RCUReading())
	assert.Equal(t, epoch, c.ReaderEpoch(), "still the same section")
	kern.RCUReadUnlock(c)
	assert.False(t, c.RCUReading())
	assert.NotEqual(t, epoch, c.ReaderEpoch())
	quiet(t, m)
	kern.RCUReadUnlock(c)
	the(t, m, kern.LockMisuse)
	assert.False(t, c.RCUReading())
}

func TestWork(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	var ran []kern.Addr
	items := []kern.Addr{words(c, kern.WorkWords), words(c, kern.WorkWords), words(c, kern.WorkWords)}
	var fn kern.Func
	fn = m.RegisterFunc("work", func(c *kern.CPU, item kern.Addr) {
		assert.False(t, c.InSoftirq(), "work runs in process context")
		if ran = append(ran, item); len(ran) == 1 {
			assert.True(t, kern.QueueWork(c, items[2], fn), "work may queue work")
		}
	})
	assert.True(t, kern.QueueWork(c, items[0], fn))
	assert.False(t, kern.QueueWork(c, items[0], fn), "pending already")
	assert.True(t, kern.QueueWork(c, items[1], fn))
	assert.Equal(t, 2, m.PendingWork())
	assert.Equal(t, 3, kern.RunWork(c))
	assert.Equal(t, items, ran)
	assert.Zero(t, m.PendingWork())
	assert.True(t, kern.QueueWork(c, items[0], fn), "once it ran it may be queued again")
	assert.Equal(t, 1, kern.RunWork(c))
	quiet(t, m)
}

// What modelled code warns of is no violation, and is noted once.
// An assertion that holds is silent, and one about a page lock asks whether anybody holds it, not who.
func TestAssertionsThatHold(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	c := m.CPU(0)
	p := kern.AllocPages(c, 0, kern.GFPKernel)
	kern.LockPage(m.CPU(1), p)
	assert.False(t, kern.BugOnUnlockedPage(c, p))
	assert.False(t, kern.BugOn(c, false, "nothing"))
	quiet(t, m)
	assert.True(t, kern.BugOn(c, true, "something"))
	kern.UnlockPage(m.CPU(1), p)
	assert.True(t, kern.BugOnUnlockedPage(c, p))
	assert.Equal(t, []kern.Kind{kern.BugHit, kern.PageLockNotHeld}, kinds(m))
}

func TestWarnOnce(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	assert.False(t, kern.WarnOnce(c, false, "a"))
	assert.True(t, kern.WarnOnce(c, true, "b"))
	assert.True(t, kern.WarnOnce(c, true, "a"))
	assert.True(t, kern.WarnOnce(c, true, "b"))
	assert.Equal(t, []string{"b", "a"}, m.Warnings())
	quiet(t, m)
}

func TestWorkItemFreedWhilePending(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	k := m.NewCache(kern.CacheConfig{Name: "work", Words: 8})
	item := k.Alloc(c)
	kern.QueueWork(c, item, m.RegisterFunc("f", func(*kern.CPU, kern.Addr) {}))
	k.Free(c, item)
	assert.NotPanics(t, func() { kern.RunWork(c) })
	the(t, m, kern.UseAfterFree)
}

// What was ever queued is counted, what was refused is not.
func TestCallbacksQueued(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	fn := m.RegisterFunc("fn", func(*kern.CPU, kern.Addr) {})
	head := m.NewCache(kern.CacheConfig{Name: "head", Words: kern.RCUHeadWords}).Alloc(c)
	for range 3 {
		kern.CallRCU(c, head, fn)
		kern.CallRCU(c, head, fn) // refused
		c.Softirq(func() { c.Callbacks().InvokeOne(c) })
	}
	require.EqualValues(t, 3, c.CallbacksQueued())
}
