package pgalloc_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
)

// A fault put into memory from outside, and what each version's checks must say when it gets there. These are the only
// tests in which these checks fire: elsewhere their silence is what is looked for.

// spoiled is an allocator with one mm, and a page of it with both halves allocated.
type spoiled struct {
	m            *kern.Machine
	c            *kern.CPU
	s            *pgalloc.System
	mm           mmctx.MM
	lower, upper kern.Phys
	page         pgalloc.Page
}

func newSpoiled(t *testing.T, cfg pgalloc.Config) *spoiled {
	w := &spoiled{m: kern.NewMachine(kern.Config{Checks: true, Contents: true})}
	w.c = w.m.CPU(0)
	var err error
	w.s, err = pgalloc.New(w.m, cfg)
	require.NoError(t, err)
	w.mm = w.s.MMs.Alloc(w.c, 1)
	w.lower = w.s.PT.PageTableAlloc(w.c, w.mm)
	w.upper = w.s.PT.PageTableAlloc(w.c, w.mm)
	w.page = pgalloc.PageOf(w.lower)
	quiet(t, w.m)
	return w
}

// setMask puts the page into a state that no operation led to.
func (w *spoiled) setMask(mask pgalloc.Mask) {
	w.m.Poke(w.page.Refcount(), uint32(mask)<<pgalloc.MaskShift|1)
}

// found wants a violation of that kind on the page, in that function, whose detail says so.
func (w *spoiled) found(t *testing.T, kind kern.Kind, fn, says string) {
	t.Helper()
	list, _ := w.m.Violations()
	assert.True(t, slices.ContainsFunc(list, func(v *kern.Violation) bool {
		return v.Kind == kind && v.Func == fn && v.Page == w.page.PFN() && strings.Contains(v.Detail, says)
	}), "no %v in %s that says %q among %s", kind, fn, says, sentences(list))
}

// fragments calls f for every version that splits pages.
func fragments(t *testing.T, f func(t *testing.T, cfg pgalloc.Config)) {
	systems(t, func(_ testing.TB, cfg pgalloc.Config) {
		if cfg.Variant != pgalloc.FullPage {
			t.Run(string(cfg.Variant)+"/"+string(cfg.Pin), func(t *testing.T) { f(t, cfg) })
		}
	})
}

func TestHandOutOfAHalfThatIsNotAllInvalid(t *testing.T) {
	fragments(t, func(t *testing.T, cfg pgalloc.Config) {
		w := newSpoiled(t, cfg)
		w.s.PT.PageTableFree(w.c, w.mm, w.upper)
		w.c.WriteEntry(w.page.PFN(), 2*kern.PTRSPerPTE-1, 0x1000) // a late writer
		assert.Equal(t, w.upper, w.s.PT.PageTableAlloc(w.c, w.mm))
		w.found(t, pgalloc.BadHandout, "page_table_alloc", "is not all-invalid")
	})
}

// The versions of the RFC take the page at the head of the list as it is; classic and active look at the P bits as well.
func TestHandOutOfAPendingHalf(t *testing.T) {
	fragments(t, func(t *testing.T, cfg pgalloc.Config) {
		w := newSpoiled(t, cfg)
		w.s.PT.PageTableFree(w.c, w.mm, w.upper)
		w.setMask(pgalloc.A | pgalloc.P<<1)
		table := w.s.PT.PageTableAlloc(w.c, w.mm)
		if cfg.Variant == pgalloc.Classic || cfg.Variant == pgalloc.Active {
			assert.NotEqual(t, w.page, pgalloc.PageOf(table))
			quiet(t, w.m)
			return
		}
		assert.Equal(t, w.upper, table)
		w.found(t, pgalloc.BadHandout, "page_table_alloc", "is pending")
		w.found(t, pgalloc.IllegalMask, "page_table_alloc", "(0x23)")
	})
}

func TestListThatDisagreesWithTheMask(t *testing.T) {
	fragments(t, func(t *testing.T, cfg pgalloc.Config) {
		w := newSpoiled(t, cfg)
		w.s.PT.PageTableFree(w.c, w.mm, w.upper)
		w.setMask(0)
		w.s.PT.PageTableAlloc(w.c, w.mm) // takes the page off the list, with one half allocated
		w.found(t, pgalloc.ListMismatch, "page_table_alloc", "off the list with mask --|--|-A")
	})
}

func TestIllegalMask(t *testing.T) {
	fragments(t, func(t *testing.T, cfg pgalloc.Config) {
		w := newSpoiled(t, cfg)
		w.s.PT.PageTableFree(w.c, w.mm, w.lower)
		g := w.s.TLB.Gather(w.mm)
		w.s.PT.PageTableFreeRCU(w.c, &g, w.lower, 0) // once more: A and P go on together
		w.found(t, pgalloc.IllegalMask, "page_table_free_rcu", "(0x13)")
	})
}

func TestReleaseWithABitSet(t *testing.T) {
	fragments(t, func(t *testing.T, cfg pgalloc.Config) {
		w := newSpoiled(t, cfg)
		guest := w.s.MMs.Alloc(w.c, 2)
		guest.SetAllocPGSTE(w.c)
		table := w.s.PT.PageTableAlloc(w.c, guest)
		w.page = pgalloc.PageOf(table)
		w.setMask(3*pgalloc.A | pgalloc.P)
		w.s.PT.PageTableFree(w.c, guest, table)
		w.found(t, pgalloc.IllegalMask, "page_table_free", "releases it with mask -P|--|--")
		assert.False(t, w.m.Peek(w.page.PFN().Page()+kern.PageFlags)&kern.PGBuddy != 0, "it never gets back to the page allocator")
	})
}

func TestMaskOfAFreedPage(t *testing.T) {
	fragments(t, func(t *testing.T, cfg pgalloc.Config) {
		w := newSpoiled(t, cfg)
		w.s.PT.PageTableFree(w.c, w.mm, w.lower)
		w.s.PT.PageTableFree(w.c, w.mm, w.upper)
		quiet(t, w.m)
		w.s.PT.PageTableFree(w.c, w.mm, w.upper)
		w.found(t, kern.UseAfterFree, "page_table_free", "changes the mask")
	})
}

func TestFullPageFreedTwice(t *testing.T) {
	w := newSpoiled(t, pgalloc.Config{Variant: pgalloc.FullPage})
	w.s.PT.PageTableFree(w.c, w.mm, w.lower)
	w.s.PT.PageTableFree(w.c, w.mm, w.lower)
	w.found(t, kern.DoubleFree, "page_table_free", "none left")
}

// active's release wants the node empty, since the rcu_head in the same words may be next.
func TestReleaseOfAListedPage(t *testing.T) {
	w := newSpoiled(t, pgalloc.Config{Variant: pgalloc.Active})
	w.s.PT.PageTableFree(w.c, w.mm, w.upper)
	w.setMask(pgalloc.P)
	w.s.PT.RemoveTable(w.c, w.lower|kern.TagLower)
	w.found(t, kern.ListCorruption, "__tlb_remove_table", "released while on the list")
}

// While tables are allocated the audit knows what each pin holds, and sees one reference too many or unaccounted for.
func TestAuditOfMMCount(t *testing.T) {
	systems(t, func(_ testing.TB, cfg pgalloc.Config) {
		w := newSpoiled(t, cfg)
		w.s.PT.PageTableAlloc(w.c, w.mm)
		mms := []mmctx.MM{w.mm}
		assert.Zero(t, w.s.Audit(mms, nil), "%s/%s", cfg.Variant, cfg.Pin)
		w.s.MMs.Grab(w.c, w.mm)
		assert.Zero(t, w.s.Audit(mms, func(mmctx.MM) uint32 { return 1 }), "%s/%s", cfg.Variant, cfg.Pin)
		quiet(t, w.m)
		assert.Equal(t, 1, w.s.Audit(mms, nil), "%s/%s", cfg.Variant, cfg.Pin)
		list, _ := w.m.Violations()
		assert.Equal(t, mmctx.MMCount, list[0].Kind)
	})
}

func sentences(list []*kern.Violation) (s []string) {
	for _, v := range list {
		s = append(s, v.Sentence())
	}
	return s
}
