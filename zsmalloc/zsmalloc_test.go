package zsmalloc_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/rcuhead"
	"ptsim/zsmalloc"
)

// kinds are the kinds of the violations that a machine has reported.
func kinds(m *kern.Machine) (list []kern.Kind) {
	all, _ := m.Violations()
	for _, v := range all {
		list = append(list, v.Kind)
	}
	return list
}

func newSystem(t *testing.T, cfg zsmalloc.Config, frames int) *zsmalloc.System {
	t.Helper()
	m := kern.NewMachine(kern.Config{CPUs: 2, Frames: frames})
	s, err := zsmalloc.New(m, cfg)
	require.NoError(t, err)
	m.Attach(kern.Sanitizer{})
	return s
}

// audit looks at a machine at rest.
func audit(s *zsmalloc.System, destroyed bool) *kern.Violation {
	return s.Audit(zsmalloc.Rest{Zspages: s.Zspages(), Handles: s.Handles(), Destroyed: destroyed, Frames: func(f func(p kern.PFN)) {
		s.M.Frames(func(p kern.PFN, free bool) {
			if !free {
				f(p)
			}
		})
	}})
}

// TestOneTaskIsEnough runs what one task does on every version: the patch as it was posted, lock_page() under a
// spin lock, and those whose flaw is an assertion's business fall.
func TestOneTaskIsEnough(t *testing.T) {
	want := map[zsmalloc.Variant][]kern.Kind{
		zsmalloc.NoPageLock: {kern.PageLockNotHeld}, zsmalloc.OpenTarget: {kern.PageLockNotHeld}, // by what they leave out
		zsmalloc.LockPage: {kern.SleepInAtomic},
		zsmalloc.Seed:     {kern.NullDeref, kern.BugHit}, // alloc_zspage() walks NULL, and says so
	}
	for _, i := range zsmalloc.Variants() {
		s := newSystem(t, zsmalloc.Config{Variant: i.Variant, PagesPerZspage: 3, ObjectsPerPage: 3, DebugVM: true}, 256)
		rcu := rcuhead.NewNative(s.M)
		c := s.M.CPU(0)
		rcu.Online(c)
		var list []zsmalloc.Handle
		for n := range 12 { // two zspages
			h := s.ZsMalloc(c)
			if len(kinds(s.M)) > 0 {
				break
			}
			kern.Store(c, s.ZsMapObject(c, h), uint32(n))
			s.ZsUnmapObject(c, h)
			list = append(list, h)
		}
		for n, h := range list {
			s.MigratePages(c, s.PagesOf(s.ZspageOf(h))[n%3])
			assert.EqualValues(t, n, kern.Load(c, s.ZsMapObject(c, h)), i.Variant)
			s.ZsUnmapObject(c, h)
		}
		if want[i.Variant] == nil {
			require.Nil(t, audit(s, false), i.Variant)
		}
		for _, h := range list {
			s.ZsFree(c, h)
			if len(kinds(s.M)) > 0 {
				break
			}
		}
		rcu.Barrier(c)
		kern.RunWork(c)
		rcu.Offline(c)
		rcu.Close()
		if w := want[i.Variant]; w != nil {
			got := kinds(s.M)
			assert.Equal(t, w, got[:min(len(w), len(got))], i.Variant)
			continue
		}
		assert.Empty(t, kinds(s.M), i.Variant)
		assert.Zero(t, s.Zspages(), i.Variant)
		assert.Nil(t, audit(s, false), i.Variant)
	}
}

// TestAssertionOfThePatch frees what is sound, and meets both assertions that the reviewers of the patch found: that of __free_zspage(), and
// that of reset_page() by way of __ClearPageMovable() and PageMovable().
func TestAssertionOfThePatch(t *testing.T) {
	s := newSystem(t, zsmalloc.Config{Variant: zsmalloc.Seed, DebugVM: true}, 64)
	c := s.M.CPU(0)
	s.ZsFree(c, s.Populate(c, 1)[0])
	assert.Equal(t, []kern.Kind{kern.PageLockNotHeld, kern.PageLockNotHeld}, kinds(s.M))
	v, _ := s.M.Violations()
	assert.Equal(t, "page lock not held: __free_zspage changes page 1, whose lock nobody holds", v[0].Sentence())
	assert.Equal(t, "page lock not held: PageMovable changes page 1, whose lock nobody holds", v[1].Sentence())
}

// TestNoMemory wants an allocation, or a migration, that finds no page to leave everything as it was.
func TestNoMemory(t *testing.T) {
	for _, v := range []zsmalloc.Variant{zsmalloc.V68, zsmalloc.V617, zsmalloc.Repaired} {
		s := newSystem(t, zsmalloc.Config{Variant: v, PagesPerZspage: 4, ObjectsPerPage: 1}, 6)
		c := s.M.CPU(0)
		var list []zsmalloc.Handle
		for range 4 {
			list = append(list, s.ZsMalloc(c))
		}
		assert.Zero(t, s.ZsMalloc(c), "the fifth object wants four pages, and there are two")
		require.Nil(t, audit(s, false), v)
		s.M.FailPages(kern.GFPKernel, true)
		at := s.PagesOf(s.ZspageOf(list[0]))[0]
		s.MigratePages(c, at)
		assert.Equal(t, at, s.PagesOf(s.ZspageOf(list[0]))[0])
		assert.Nil(t, audit(s, false), v)
		assert.Empty(t, kinds(s.M))
	}
}

// TestAuditFindsDamage damages a machine at rest, a word at a time.
func TestAuditFindsDamage(t *testing.T) {
	build := func() (*zsmalloc.System, zsmalloc.Zspage, zsmalloc.Page) {
		s := newSystem(t, zsmalloc.Config{Variant: zsmalloc.V68, PagesPerZspage: 2}, 64)
		h := s.Populate(s.M.CPU(0), 1)[0]
		z := s.ZspageOf(h)
		return s, z, s.PagesOf(z)[1]
	}
	s, _, _ := build()
	require.Nil(t, audit(s, false))
	for _, c := range []struct {
		what   string
		damage func(s *zsmalloc.System, z zsmalloc.Zspage, p zsmalloc.Page)
	}{
		{"is no zspage", func(s *zsmalloc.System, z zsmalloc.Zspage, _ zsmalloc.Page) { s.M.Poke(kern.Addr(z), 1) }},
		{"has 1 pages", func(s *zsmalloc.System, z zsmalloc.Zspage, _ zsmalloc.Page) {
			s.M.Poke(kern.Addr(s.PagesOf(z)[0])+kern.PageIndex, 0)
		}},
		{"leads elsewhere", func(s *zsmalloc.System, _ zsmalloc.Zspage, p zsmalloc.Page) {
			s.M.Poke(kern.Addr(p)+kern.PagePrivate, 0)
		}},
		{"is not movable", func(s *zsmalloc.System, _ zsmalloc.Zspage, p zsmalloc.Page) {
			s.M.Poke(kern.Addr(p)+kern.PageMapping, 1)
		}},
		{"is isolated", func(s *zsmalloc.System, _ zsmalloc.Zspage, p zsmalloc.Page) { s.M.Poke(kern.Addr(p)+kern.PageFlags, 2) }},
		{"is locked", func(s *zsmalloc.System, _ zsmalloc.Zspage, p zsmalloc.Page) {
			s.M.Poke(kern.Addr(p)+kern.PageFlags, kern.PGLocked)
		}},
		{"has 2 references", func(s *zsmalloc.System, _ zsmalloc.Zspage, p zsmalloc.Page) {
			s.M.Poke(kern.Addr(p)+kern.PageRefcount, 2)
		}},
		{"counts 2 objects", func(s *zsmalloc.System, z zsmalloc.Zspage, _ zsmalloc.Page) { s.M.Poke(kern.Addr(z)+2, 2) }},
		{"the list of free objects", func(s *zsmalloc.System, z zsmalloc.Zspage, _ zsmalloc.Page) { s.M.Poke(kern.Addr(z)+3, 0) }},
		{"not free", func(s *zsmalloc.System, _ zsmalloc.Zspage, _ zsmalloc.Page) {
			kern.AllocPages(s.M.CPU(0), 0, kern.GFPKernel)
		}},
		{"is torn", func(s *zsmalloc.System, z zsmalloc.Zspage, _ zsmalloc.Page) { s.M.Poke(kern.Addr(z)+6, 0) }},
	} {
		s, z, p := build()
		c.damage(s, z, p)
		v := audit(s, false)
		if assert.NotNil(t, v, c.what) {
			s.M.Report(v)
			assert.Contains(t, v.Sentence(), c.what)
		}
	}
	s, _, _ = build()
	v := audit(s, true)
	require.NotNil(t, v)
	assert.Contains(t, v.Sentence(), "1 zspages are in use, and 0 are on a list")
}

// TestPinnedFindsDamage wants a movable page without a zspage to be found.
func TestPinnedFindsDamage(t *testing.T) {
	s := newSystem(t, zsmalloc.Config{Variant: zsmalloc.V68}, 64)
	h := s.Populate(s.M.CPU(0), 1)[0]
	page := s.PagesOf(s.ZspageOf(h))[0]
	frames := func(f func(p kern.PFN)) { f(page.PFN()) }
	assert.Nil(t, s.Pinned(frames, func(kern.Addr) bool { return true }))
	assert.NotNil(t, s.Pinned(frames, func(kern.Addr) bool { return false }))
	s.M.Poke(kern.Addr(page)+kern.PagePrivate, 0)
	assert.NotNil(t, s.Pinned(frames, func(kern.Addr) bool { return true }))
}

// TestConfigsThatAreNone wants each to be told, with what was expected.
func TestConfigsThatAreNone(t *testing.T) {
	m := kern.NewMachine(kern.Config{Frames: 16})
	for want, cfg := range map[string]zsmalloc.Config{
		"5 pages in a zspage: a zspage has 1 to 4 pages":           {Variant: zsmalloc.V68, PagesPerZspage: 5},
		"4 objects in a page: a page has 1 to 3 objects":           {Variant: zsmalloc.V68, ObjectsPerPage: 4},
		`unknown version "v6.9" of zsmalloc; expected one of v6.8`: {Variant: "v6.9"},
	} {
		_, err := zsmalloc.New(m, cfg)
		assert.ErrorContains(t, err, want)
	}
}

// TestNamesOfWords wants words to be called what the kernel calls them.
func TestNamesOfWords(t *testing.T) {
	s := newSystem(t, zsmalloc.Config{Variant: zsmalloc.V68}, 64)
	h := s.Populate(s.M.CPU(0), 1)[0]
	z := kern.Addr(s.ZspageOf(h))
	page := kern.Addr(s.PagesOf(s.ZspageOf(h))[0])
	for want, a := range map[string]kern.Addr{
		"zspage 1->magic": z, "zspage 1->inuse": z + 2, "zspage 1->first_page": z + 4, "zspage 1->list": z + 6, "zspage 1->pool": z + 7,
		"zspage 1->lock": z + 8, "zspage 1->rcu_head": z + 11, "zs_pool->lock": kern.Addr(s.Pool), "zs_pool->zspage_cachep": kern.Addr(s.Pool) + 10,
		"zs_handle 1->obj": kern.Addr(h), "page 1->private": page + kern.PagePrivate, "page 1->object0.data": s.ObjectOf(h),
	} {
		assert.Equal(t, want, s.M.NameOf(a))
	}
	assert.Equal(t, kern.Addr(s.ZspageOf(h)), kern.Addr(s.M.Peek(page+kern.PagePrivate)))
}

// TestNamesOfFunctions wants a version's functions to be called as that kernel has them.
func TestNamesOfFunctions(t *testing.T) {
	for fn, want := range map[string]string{
		"ptsim/zsmalloc.(*v617).IsolateMovablePage": "isolate_movable_ops_page",
		"ptsim/zsmalloc.(*base).IsolateMovablePage": "isolate_movable_page",
		"ptsim/zsmalloc.(*v68).FreeZspagePages":     "__free_zspage",
		"ptsim/zsmalloc.(*repaired).ZsPageMigrate":  "zs_page_migrate",
		"ptsim/zsmalloc.(*base).SetZsPageMovable":   "SetZsPageMovable",
	} {
		assert.Equal(t, want, kern.KernelName(fn))
	}
}
