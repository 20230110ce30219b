package mutants_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
	"ptsim/rcuhead"
	"ptsim/tlbgather"
)

// What no scenario looks at, and no other test: the tests here run natively, on every version, and each is named by the
// mutants that it kills.

// native is an allocator on a machine of two CPUs.
type native struct {
	*pgalloc.System
	c   *kern.CPU
	rcu *rcuhead.Stepped
	mm  mmctx.MM
	log []string
}

func eachVersion(t *testing.T, pgste bool, f func(t *testing.T, n *native)) {
	for _, i := range pgalloc.Variants() {
		pins := []pgalloc.Pin{""}
		if i.Variant == pgalloc.Pinned {
			pins = pgalloc.Pins()
		}
		for _, pin := range pins {
			t.Run(fmt.Sprint(i.Variant, pin), func(t *testing.T) {
				n := &native{}
				m := kern.NewMachine(kern.Config{CPUs: 2, Checks: true})
				var err error
				n.System, err = pgalloc.New(m, pgalloc.Config{
					Variant: i.Variant, Pin: pin,
					GmapUnlink: func(_ *kern.CPU, mm mmctx.MM, vmaddr uint64) {
						n.log = append(n.log, fmt.Sprintf("mm%d %#x", mm.ID(m), vmaddr))
					},
					SyncIPI: func(c *kern.CPU) { n.log = append(n.log, fmt.Sprint("ipi from ", c.ID())) },
				})
				require.NoError(t, err)
				n.c, n.rcu = m.CPU(0), rcuhead.NewStepped(m)
				n.mm = n.MMs.Alloc(n.c, 7)
				if pgste {
					n.mm.SetAllocPGSTE(n.c)
				}
				f(t, n)
				list, _ := m.Violations()
				for _, v := range list {
					assert.Fail(t, v.Splat())
				}
			})
		}
	}
}

// TestGmapUnlink wants the guest's mapping of a table to go before the table goes into the gather.
func TestGmapUnlink(t *testing.T) {
	eachVersion(t, true, func(t *testing.T, n *native) {
		table := n.PT.PageTableAlloc(n.c, n.mm)
		n.M.FailPages(kern.GFPNowait, true)
		g := n.TLB.Gather(n.mm)
		n.PT.PageTableFreeRCU(n.c, &g, table, 0x4200000)
		g.Finish(n.c)
		assert.Equal(t, []string{"mm7 0x4200000", "ipi from 0"}, n.log)
		assert.EqualValues(t, 1, n.Stats().GmapUnlinks)
	})
	eachVersion(t, false, func(t *testing.T, n *native) {
		g := n.TLB.Gather(n.mm)
		n.PT.PageTableFreeRCU(n.c, &g, n.PT.PageTableAlloc(n.c, n.mm), 0x4200000)
		g.Finish(n.c)
		assert.Empty(t, n.log, "an mm that has no guest")
	})
}

// TestIPIsReachTheMachine wants a round of interrupts to be one.
func TestIPIsReachTheMachine(t *testing.T) {
	eachVersion(t, false, func(t *testing.T, n *native) {
		n.SyncIPI(n.M.CPU(1))
		assert.Equal(t, []string{"ipi from 1"}, n.log)
		assert.EqualValues(t, 1, n.Stats().IPIs)
	})
}

// TestTagsInABatch wants the tag of each table in a batch to say which half it is, as __tlb_remove_table of the kernel
// takes it from there.
func TestTagsInABatch(t *testing.T) {
	eachVersion(t, false, func(t *testing.T, n *native) {
		want := map[kern.Phys]uint32{}
		var tables []kern.Phys
		for range 4 {
			tables = append(tables, n.PT.PageTableAlloc(n.c, n.mm))
		}
		g := n.TLB.Gather(n.mm)
		for _, table := range tables {
			want[table] = kern.TagLower << table.Half()
			if n.Variant == pgalloc.FullPage {
				want[table] = 0
			}
			n.PT.PageTableFreeRCU(n.c, &g, table, 0)
		}
		got := map[kern.Phys]uint32{}
		require.True(t, g.Open(func(table kern.Phys) { got[table.Untag()] = table.Tag() }))
		assert.Equal(t, want, got)
		g.Finish(n.c)
	})
}

// TestReleasedPageIsClean wants the struct page of a page that is released to have neither flag nor type left, of which
// the page allocator would complain. A speculative reference keeps the frame, so that it can be looked at.
func TestReleasedPageIsClean(t *testing.T) {
	for _, pgste := range []bool{false, true} {
		eachVersion(t, pgste, func(t *testing.T, n *native) {
			page := pgalloc.PageOf(n.PT.PageTableAlloc(n.c, n.mm))
			tables := []kern.Phys{page.Table(0)}
			if !pgste && n.Variant != pgalloc.FullPage {
				tables = append(tables, n.PT.PageTableAlloc(n.c, n.mm))
			}
			require.True(t, kern.GetPageUnlessZero(n.c, page.PFN()))
			for _, table := range tables {
				if !n.PT.PTEFreeDefer(n.c, n.mm, table) {
					n.PT.PageTableFree(n.c, n.mm, table)
				}
				n.rcu.Barrier()
			}
			require.EqualValues(t, 1, n.M.Peek(page.Refcount()), "the reference that was taken here is the last")
			assert.Zero(t, n.M.Peek(page.PFN().Page()+kern.PageFlags), "flags")
			assert.Zero(t, n.M.Peek(page.PFN().Page()+kern.PageType), "type")
			n.System.PutPage(n.c, page)
		})
	}
}

// TestNodeOfAWholePage wants a page with PGSTEs to be born with an empty list node in v6.6 and later, where
// page_table_release_check looks for one.
func TestNodeOfAWholePage(t *testing.T) {
	eachVersion(t, true, func(t *testing.T, n *native) {
		if n.Variant != pgalloc.Active && n.Variant != pgalloc.FullPage {
			return
		}
		lru := pgalloc.PageOf(n.PT.PageTableAlloc(n.c, n.mm)).LRU()
		assert.EqualValues(t, lru, n.M.Peek(lru))
		assert.EqualValues(t, lru, n.M.Peek(lru+1))
	})
}

// TestMaskInTheUpperByte wants the bits of a page to lie where the kernel's atomic_t has room for them.
func TestMaskInTheUpperByte(t *testing.T) {
	eachVersion(t, false, func(t *testing.T, n *native) {
		if n.Variant == pgalloc.FullPage {
			return
		}
		page := pgalloc.PageOf(n.PT.PageTableAlloc(n.c, n.mm))
		assert.EqualValues(t, 0x01000001, n.M.Peek(page.Refcount()))
		n.PT.PageTableAlloc(n.c, n.mm)
		assert.EqualValues(t, 0x03000001, n.M.Peek(page.Refcount()))
	})
}

// TestFinishFlushes wants tlb_finish_mmu to flush, batch or not.
func TestFinishFlushes(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	mms := mmctx.NewSpace(m, mmctx.Config{})
	flushes := 0
	tables := tlbgather.New(m, 0, tlbgather.Ops{FlushMMLazy: func(*kern.CPU, mmctx.MM) { flushes++ }})
	g := tables.Gather(mms.Alloc(m.CPU(0), 1))
	g.Finish(m.CPU(0))
	assert.Equal(t, 1, flushes)
}
