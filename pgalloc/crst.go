package pgalloc

import (
	"ptsim/kern"
	"ptsim/tlbgather"
)

const (
	crstOrder = 2 // CRST_ALLOC_ORDER: 16 KiB

	crstEntries = 2048
	// SegmentEmpty is _SEGMENT_ENTRY_EMPTY; region tables are filled with their own kind of empty entry, which the model
	// does not tell apart.
	SegmentEmpty = 0x20
)

// CRST is the allocator of segment and region tables: 16 KiB each, not shared, not listed.
type CRST struct{ b *base }

// CRSTAlloc is crst_table_alloc(): a table with all entries empty, or 0 when there is no memory.
func (t CRST) CRSTAlloc(c *kern.CPU) kern.Phys {
	p := kern.AllocPages(c, crstOrder, kern.GFPKernel)
	if p == 0 {
		t.b.stat(c).counts.Failed++
		return 0
	}
	kern.Store(c, Page(p).pageType(), typeCRST)
	for i := range kern.PFN(crstEntries * 8 / kern.PageSize) {
		c.FillContents(p+i, 0, kern.EntriesPerFrame, SegmentEmpty)
	}
	return kern.PhysOf(p)
}

// CRSTFree is crst_table_free(): at once.
func (t CRST) CRSTFree(c *kern.CPU, table kern.Phys) { t.b.freeCRST(c, table) }

// CRSTFreeTLB is pmd_free_tlb() and its like: the table goes through the gather, with tag 0.
func (t CRST) CRSTFreeTLB(c *kern.CPU, tlb *tlbgather.Gather, table kern.Phys) {
	tlb.TLBRemoveTable(c, table|kern.TagCRST)
}

func (b *base) freeCRST(c *kern.CPU, table kern.Phys) { kern.PutPage(c, table.PFN(), crstOrder) }

// IsCRST tells whether the frame heads a segment or region table, as a debugger would.
func IsCRST(m *kern.Machine, p kern.PFN) bool {
	return m.Peek(Page(p).flags())&kern.PGBuddy == 0 && m.Peek(Page(p).pageType())&typeMask == typeCRST
}
