package pagetable_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
)

// More damage by hand: whose page it is, what is dead, and what an end leaves behind.

var rfc = version{pgalloc.RFC, ""}

// after runs the first operations of the first task.
func (d *damaged) after(n int) *damaged {
	for range n {
		require.True(d.t, d.step(0))
	}
	require.Nil(d.t, d.in.Check())
	return d
}

// lastPage returns the page with tables that was made last.
func (d *damaged) lastPage() (last pgalloc.Page) {
	d.in.M.Frames(func(p kern.PFN, free bool) {
		if !free && pgalloc.Page(p).IsTable(d.in.M) {
			last = pgalloc.Page(p)
		}
	})
	return last
}

// full makes a page that is listed full, which the rule wants off its list.
func (d *damaged) full(p pgalloc.Page) { d.set(p.Refcount(), 0x03<<24|1) }

const forks = "title T\nmm 1\npage 1 a -\ntask t\nfork 1 -> 2\nalloc 2 -> x\nfree x\nmmput 2\nfinally\nalive 1\nkept a"

// An mm that a fork made is looked at as the others are.
func TestCheckLooksAtForkedMMs(t *testing.T) {
	d := damage(t, forks, rfc).after(2)
	page := d.lastPage()
	require.NotEqual(t, d.page, page)
	head := kern.Addr(d.in.M.Peek(page.LRU()))
	d.set(head+1, uint32(head))
	got := d.in.Check()
	require.NotNil(t, got)
	assert.Equal(t, kern.ListCorruption, got.Kind)
	assert.Equal(t, "mm2", got.Object)
}

// While some lock is held, a page that may be under it is left alone: where the mm forks, or tables are allocated, nobody
// can tell whose a page is.
func TestCheckDoesNotGuessWhoseAPageIs(t *testing.T) {
	for what, text := range map[string]string{
		"a fork":                 forks,
		"an alloc":               "title T\nmm 1\nmm 2\npage 1 a -\npage 2 b -\ntask t\nipi\nalloc 2 -> x\nfree x\nfinally\nalive 1\nalive 2\nkept a\nkept b",
		"an alloc in one branch": "title T\nmm 1\nmm 2\npage 1 a -\npage 2 b -\ntask t\nipi\neither\nipi\nor\nalloc 2 -> x\nfree x\nend\nfinally\nalive 1\nalive 2\nkept a\nkept b",
	} {
		for _, whose := range []string{"first", "last"} {
			d := damage(t, text, rfc).after(1)
			if what == "a fork" {
				d.after(1)
			}
			first, last := d.page, d.lastPage()
			require.NotEqual(t, first, last)
			lock, page := kern.Addr(d.in.M.Peek(first.LRU()))-1, last
			if whose == "last" {
				lock, page = kern.Addr(d.in.M.Peek(last.LRU()))-1, first
			}
			d.full(page)
			got := d.in.Check()
			require.NotNil(t, got, what)
			d.set(lock, 1)
			assert.Nil(t, d.in.Check(), "%s: the lock of the %s page's mm is held", what, whose)
		}
	}
}

// The list of an mm that is dead is nobody's, nor is one that went before its mm.
func TestCheckLeavesTheDeadAlone(t *testing.T) {
	for _, v := range []version{rfc, {pgalloc.Typesafe, ""}} {
		for _, dies := range []string{"nobody", "the mm", "the list"} {
			d := damage(t, oneHalf, v)
			list := d.list()
			d.set(list.Head()+1, uint32(list.Head())) // torn
			d.in.Alive = func(a kern.Addr) bool {
				switch {
				case d.in.M.PageOf(a) != 0:
					return true
				case a == kern.Addr(list):
					return dies != "the list"
				}
				return dies != "the mm"
			}
			got := d.in.Check()
			if dies != "nobody" {
				assert.Nil(t, got, "%s: %s is dead", v, dies)
			} else if assert.NotNil(t, got) {
				assert.Equal(t, kern.ListCorruption, got.Kind)
			}
		}
	}
}

// A page without references is free, whatever its flags say, and so is one that the buddy allocator has.
func TestCheckKnowsFreePages(t *testing.T) {
	for what, free := range map[string]func(d *damaged){
		"no references": func(d *damaged) { d.set(d.page.Refcount(), 0) },
		"PG_buddy":      func(d *damaged) { d.set(d.page.PFN().Page()+kern.PageFlags, kern.PGBuddy) },
	} {
		d := damage(t, oneHalf, rfc)
		free(d)
		got := d.in.Check()
		if assert.NotNil(t, got, what) {
			assert.Equal(t, kern.ListCorruption, got.Kind, what)
			assert.Equal(t, "freed while on a list", got.Detail, what)
			assert.Equal(t, kern.PFN(d.page), got.Page)
			assert.Empty(t, got.Picture, "%s: nothing can be told of a page that is free", what)
		}
		kern.ListDel(d.in.M.CPU(0), d.page.LRU())
		assert.Nil(t, d.in.Check(), "%s: and off the list", what)
	}
}

// The mm that a violation names is the one whose list it is.
func TestCheckNamesTheMM(t *testing.T) {
	d := damage(t, "title T\nmm 1\nmm 2\npage 1 a -\npage 2 b -\ntask t\nipi\nfinally\nalive 1\nalive 2\nkept a\nkept b", rfc)
	head := kern.Addr(d.in.M.Peek(pgalloc.Page(2).LRU()))
	d.set(head+1, uint32(head))
	got := d.in.Check()
	require.NotNil(t, got)
	assert.Equal(t, "mm2", got.Object)
}

// ended is a scenario that ran to its end.
func ended(t *testing.T, text string, v version) *damaged {
	d := damage(t, text, v)
	for d.step(0) {
	}
	d.settle()
	require.Nil(t, d.in.Final())
	return d
}

// The invariant holds at the end, too.
func TestFinalLooksAtTheInvariant(t *testing.T) {
	d := ended(t, oneHalf, rfc)
	d.set(d.list().Head()+1, uint32(d.list().Head()))
	got := d.in.Final()
	require.NotNil(t, got)
	assert.Equal(t, kern.ListCorruption, got.Kind)
}

// The references that are left are what the tasks took and gave back, whichever way they went.
func TestFinalReckonsWithReferences(t *testing.T) {
	for _, ops := range []string{
		"mmget 1\nmmput 1", "mmgrab 1\nmmdrop 1", "mmget 1\nmmgrab 1\nmmput 1\nmmdrop 1", "mmget 1", "mmgrab 1",
		"either\nmmgrab 1\nor\nmmgrab 1\nend\nmmdrop 1", "either\nmmget 1\nor\nmmget 1\nend\nmmput 1",
	} {
		s := parse(t, "title T\nmm 1\nmm 2\npage 1 a -\ntask t\n"+ops+"\nmmget 2\nmmgrab 2\nfinally\nalive 1\nalive 2\nkept a")
		assert.Nil(t, start(t, s, rfc, nil).straight(), ops)
	}
}

// An mm that nobody uses and nobody drops has leaked, and so has one that a fork made.
func TestFinalFindsLeakedMMs(t *testing.T) {
	for _, text := range []string{
		"title T\nmm 1 users 0\npage 1 a -\ntask t\nfree a\nmmdrop 1",
		"title T\nmm 1\ntask t\nfork 1 -> 2\nmmput 2\nfinally\nalive 1",
	} {
		d := damage(t, text, rfc)
		require.True(t, d.step(0))
		d.settle()
		got := d.in.Final()
		if assert.NotNil(t, got) {
			assert.Equal(t, mmctx.MMCount, got.Kind)
			assert.Equal(t, "it is 1, and nobody is left to drop it", got.Detail)
		}
	}
}

// No object of any cache may be left but those of the mms that are: the explorer tells which there are.
func TestFinalCountsObjects(t *testing.T) {
	for _, c := range []struct {
		v       version
		objects []string
		want    string // the object
	}{
		{rfc, []string{mmctx.Cache}, ""},
		{rfc, []string{mmctx.Cache, "mmu_table_batch"}, "an object of mmu_table_batch"},
		{version{pgalloc.Typesafe, ""}, []string{mmctx.Cache, mmctx.ListCache}, ""},
		{version{pgalloc.Typesafe, ""}, []string{mmctx.Cache, mmctx.ListCache, mmctx.ListCache}, "an object of " + mmctx.ListCache},
		{version{pgalloc.Typesafe, ""}, []string{mmctx.Cache}, "an object of " + mmctx.ListCache},
	} {
		d := ended(t, oneHalf, c.v)
		d.in.Objects = func(f func(cache string, a kern.Addr)) {
			for _, name := range c.objects {
				f(name, 1)
			}
		}
		got := d.in.Final()
		if c.want == "" {
			assert.Nil(t, got)
			continue
		}
		if assert.NotNil(t, got, "%s: %v", c.v, c.objects) {
			assert.Equal(t, c.want, got.Object)
			assert.Equal(t, kern.PageLost, got.Kind)
		}
	}
}
