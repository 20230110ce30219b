package pgalloc

import (
	"ptsim/kern"
	"ptsim/rcuhead"
)

// Page is the struct page of a frame that holds page tables.
type Page kern.PFN

// PGActive is the page flag PG_active. In v6.6 it says that some half of the page was freed by pte_free_defer.
const PGActive = 1 << 0

// What a frame is used for, in the low bits of its page_type word. PG_table is set and cleared by the page table
// constructor and destructor.
const (
	typeTable = 1
	typeCRST  = 2
	typeMask  = 0xff
)

// PageOf returns the page that a table lies in: virt_to_page(), which ignores tags.
func PageOf(table kern.Phys) Page { return Page(table.PFN()) }

// PFN returns the page's frame number.
func (p Page) PFN() kern.PFN { return kern.PFN(p) }

// Table returns the address of one of the page's halves.
func (p Page) Table(half uint32) kern.Phys {
	return kern.PhysOf(kern.PFN(p)) + kern.Phys(half)*kern.HalfSize
}

// Union returns the words that are the page's lru or its rcu_head.
func (p Page) Union() rcuhead.Union { return rcuhead.UnionOf(kern.PFN(p)) }

// LRU returns the page's list node.
func (p Page) LRU() kern.Addr { return kern.PFN(p).Page() + kern.PageLRU }

// Refcount returns the address of _refcount.
func (p Page) Refcount() kern.Addr { return kern.PFN(p).Page() + kern.PageRefcount }

// ptMM returns the address of page->pt_mm, which shares its word with index.
func (p Page) ptMM() kern.Addr { return kern.PFN(p).Page() + kern.PageIndex }

func (p Page) flags() kern.Addr    { return kern.PFN(p).Page() + kern.PageFlags }
func (p Page) pageType() kern.Addr { return kern.PFN(p).Page() + kern.PageType }

// PTL returns the address of page->ptl, the lock of the page tables in the page: both halves share it.
func (p Page) PTL() kern.Addr { return kern.PFN(p).Page() + kern.PagePrivate }

// pageOfLRU is list_entry(node, struct page, lru).
func pageOfLRU(node kern.Addr) Page { return Page(node / kern.FrameWords) }

// Mask reads the page's mask.
func (p Page) Mask(c *kern.CPU) Mask { return Mask(kern.ReadOnce(c, p.Refcount()) >> MaskShift) }

// Active is PageActive().
func (p Page) Active(c *kern.CPU) bool { return kern.ReadOnce(c, p.flags())&PGActive != 0 }

// SetActive is SetPageActive().
func (p Page) SetActive(c *kern.CPU) { kern.AtomicFetchOr(c, p.flags(), PGActive) }

// TestClearActive is TestClearPageActive().
func (p Page) TestClearActive(c *kern.CPU) bool {
	return kern.AtomicFetchAndNot(c, p.flags(), PGActive)&PGActive != 0
}

// PeekMask reads the page's mask as a debugger would.
func (p Page) PeekMask(m *kern.Machine) Mask { return Mask(m.Peek(p.Refcount()) >> MaskShift) }

// PeekActive reads PageActive as a debugger would.
func (p Page) PeekActive(m *kern.Machine) bool { return m.Peek(p.flags())&PGActive != 0 }

// PeekReferences returns how many references the page has, speculative ones included, as a debugger would.
func (p Page) PeekReferences(m *kern.Machine) uint32 {
	return m.Peek(p.Refcount()) & (1<<MaskShift - 1)
}

// IsTable tells whether the frame holds page tables now, as a debugger would.
func (p Page) IsTable(m *kern.Machine) bool {
	return m.Peek(p.flags())&kern.PGBuddy == 0 && m.Peek(p.pageType())&typeMask == typeTable
}

// Listed tells whether the page is on a list, as a debugger would.
func (p Page) Listed(m *kern.Machine) bool { return p.Union().State(m) == kern.Listed }
