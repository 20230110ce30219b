package rcuhead_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/rcuhead"
)

func TestUnionIsInItsPage(t *testing.T) {
	for _, p := range []kern.PFN{1, 2, 77, kern.MaxFrames - 1} {
		u := rcuhead.UnionOf(p)
		assert.Equal(t, p, u.PFN())
		assert.Equal(t, u, rcuhead.Union(u.LRU()))
		assert.Equal(t, u, rcuhead.Union(u.Head()))
		assert.Equal(t, p.Page()+kern.PageLRU, u.LRU())
	}
}

// union is a page, a list for it and a machine to put them on.
func union(t *testing.T) (*bench, *kern.CPU, rcuhead.Union, kern.Addr) {
	b := newBench(1)
	c := b.m.CPU(0)
	u := rcuhead.UnionOf(kern.AllocPages(c, 0, kern.GFPKernel))
	list := b.k.Alloc(c)
	kern.InitListHead(c, list)
	require.Equal(t, kern.Unlisted, u.State(b.m))
	return b, c, u, list
}

// The life of a well-behaved page: listed, taken off, queued, called back, listed again.
func TestUnionByTurns(t *testing.T) {
	b, c, u, list := union(t)
	for range 3 {
		kern.ListAdd(c, u.LRU(), list)
		assert.Equal(t, kern.Listed, u.State(b.m))
		assert.False(t, u.Head().Queued(b.m))
		kern.ListDel(c, u.LRU())
		assert.Equal(t, kern.Unlisted, u.State(b.m))
		u.Head().Call(c, b.fn)
		assert.Equal(t, kern.Queued, u.State(b.m))
		assert.True(t, u.Head().Queued(b.m))
		assert.Equal(t, 1, b.rcu.GracePeriod())
		assert.Equal(t, kern.Unlisted, u.State(b.m))
	}
	assert.Len(t, b.ran, 3)
	quiet(t, b.m)
}

func only(t *testing.T, m *kern.Machine, kind kern.Kind) {
	t.Helper()
	list, total := m.Violations()
	require.Equal(t, 1, total)
	assert.Equal(t, kind, list[0].Kind, list[0].Sentence())
}

func TestCallRCUOfAListedPage(t *testing.T) {
	b, c, u, list := union(t)
	kern.ListAdd(c, u.LRU(), list)
	u.Head().Call(c, b.fn)
	only(t, b.m, kern.UnionOverlap)
}

func TestListAddOfAQueuedPage(t *testing.T) {
	b, c, u, list := union(t)
	u.Head().Call(c, b.fn)
	kern.ListAddTail(c, u.LRU(), list)
	only(t, b.m, kern.UnionOverlap)
	assert.Equal(t, 1, b.rcu.GracePeriod(), "the callback is not lost by it")
}

func TestListDelOfAQueuedPage(t *testing.T) {
	b, c, u, _ := union(t)
	u.Head().Call(c, b.fn)
	kern.ListDel(c, u.LRU())
	only(t, b.m, kern.UnionOverlap)
	assert.Equal(t, 1, b.rcu.GracePeriod())
}

func TestDoubleCallRCU(t *testing.T) {
	b, c, u, _ := union(t)
	u.Head().Call(c, b.fn)
	u.Head().Call(c, b.fn)
	only(t, b.m, kern.DoubleCallRCU)
	assert.Equal(t, 1, b.rcu.GracePeriod())
	assert.Len(t, b.ran, 1)
}
