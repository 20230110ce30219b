package kern

import (
	"slices"
	"sync"
	"sync/atomic"
)

// PFN is a page frame number. Frame 0 does not exist.
type PFN uint32

// GFP says how hard an allocation may try.
type GFP uint32

// The kinds of allocation that the model tells apart, by whether they may sleep, and whether they fail.
const (
	GFPKernel GFP = iota // may sleep and reclaim: process context only, as might_alloc() has it
	GFPNowait            // GFP_NOWAIT | __GFP_NOWARN: takes what is there
	GFPAtomic            // GFP_ATOMIC: takes what is there, and the reserves, of which the model has enough
)

// Words of a struct page. A frame's struct page starts at Page(pfn) and has FrameWords words. What the words mean
// besides lru and refcount is up to the frame's user.
const (
	PageFlags    = 0
	PageLRU      = 1 // a list_head, or an rcu_head in the same words
	PageMapping  = 3
	PageIndex    = 4
	PagePrivate  = 5
	PageType     = 6
	PageRefcount = 7

	FrameWords = 16 // 64 bytes, as in the kernel: two frames share no cache line; the second half is the allocator's

	pageNextFree = 8 // of a block on a free list: the next

	// PageMemory is the first of the words that stand for what is in the frame itself: what kmap_local_page() maps. Nobody
	// clears them, nor checks them: a frame that is handed out holds what it held. For 4 KiB of contents see Config.Contents.
	PageMemory      = 9
	PageMemoryWords = FrameWords - PageMemory
)

// PGBuddy is the flag of a frame that is free. The flags below the order are its user's.
const PGBuddy = 1 << 31

// pageOrderShift is where in PageFlags the order of the block lies that the frame heads, as PG_head does: whoever drops a
// speculative reference reads it while the owner may write PageType, or set flags with an atomic operation.
const (
	pageOrderShift = 28
	pageOrderMask  = 3
)

const (
	pcpBatch = 32
	pcpHigh  = 96
)

// Page returns the address of the frame's struct page.
func (p PFN) Page() Addr { return Addr(p) * FrameWords }

// PageOf returns the frame whose struct page the word at a belongs to, 0 if a is no part of one.
func (m *Machine) PageOf(a Addr) PFN {
	if p := PFN(a / FrameWords); a.IsPlace() && p <= m.pages.limit {
		return p
	}
	return 0
}

type pageAllocator struct {
	mu       sync.Mutex
	next     PFN    // the first frame never used
	limit    PFN    // the last frame
	free     [3]PFN // the lists of free blocks, last in, first out
	contents bool
	content  contentTable

	failing [3]atomic.Bool
}

// FailPages makes allocations of a kind fail from now on, or stop failing.
func (m *Machine) FailPages(g GFP, fail bool) { m.pages.failing[g].Store(fail) }

// Failing tells whether allocations of a kind fail now.
func (m *Machine) Failing(g GFP) bool { return m.pages.failing[g].Load() }

// AllocPages is alloc_pages(): the first of 1<<order frames in a row, or 0 if there are none. Order is 0 or 2. The
// frame's refcount is 1 and all other words of its struct page are 0, but for the order in its flags; its contents are what they were.
func AllocPages(c *CPU, order uint32, gfp GFP) PFN {
	return c.allocPages(order, gfp, c.watched)
}

func (c *CPU) allocPages(order uint32, gfp GFP, step bool) PFN {
	if step {
		return PFN(c.slow(OpAllocPages, 0, order, uint32(gfp)))
	}
	if gfp == GFPKernel && c.inAtomic() {
		c.mightSleep(0)
	}
	a := &c.m.pages
	if a.failing[gfp].Load() {
		return 0
	}
	var p PFN
	if n := len(c.pcp); order == 0 && n > 0 {
		p = c.pcp[n-1]
		c.pcp = c.pcp[:n-1]
	} else if p = c.refill(order); p == 0 {
		return 0
	}
	ws := c.mem.page(p)
	if ws[PageFlags]&PGBuddy == 0 {
		c.Report(&Violation{Kind: DoubleFree, Addr: p.Page(), Detail: "hands out %o, which is in use"})
	}
	*(*[PageRefcount]uint32)(ws[:]) = [PageRefcount]uint32{}
	ws[PageFlags] = order << pageOrderShift
	if order != 0 {
		for i := PFN(1); i < 1<<order; i++ {
			c.mem.page(p + i)[PageFlags] = 0 // the tails are in use, too
		}
	}
	storeRelease(&ws[PageRefcount], 1)
	return p
}

// refill gets a block from the machine's free lists or from memory never used. For single frames it fills the CPU's own
// stack as well, as rmqueue_bulk does, so that the lists' lock is rarely taken.
func (c *CPU) refill(order uint32) PFN {
	a := &c.m.pages
	a.mu.Lock()
	defer a.mu.Unlock()
	if p := c.m.popFree(order); p != 0 {
		if order == 0 {
			had := len(c.pcp)
			for range pcpBatch - 1 {
				next := c.m.popFree(0)
				if next == 0 {
					break
				}
				c.pcp = append(c.pcp, next)
			}
			slices.Reverse(c.pcp[had:]) // what was freed last is handed out first
		}
		return p
	}
	first := (a.next + 1<<order - 1) &^ (1<<order - 1)
	last := first + 1<<order - 1
	if order == 0 {
		last = first + pcpBatch - 1
	}
	last = min(last, a.limit)
	if last < first || last-first+1 < 1<<order {
		return 0
	}
	c.m.back(first.Page(), uint32(last-first+1)*FrameWords)
	if a.contents {
		a.content.back(first, last)
	}
	for p := first; p <= last; p++ {
		c.m.poisonFrame(p)
	}
	if order == 0 {
		for p := last; p > first; p-- { // the lowest frame is handed out first
			c.pcp = append(c.pcp, p)
		}
	} else {
		for p := a.next; p < first; p++ { // frames skipped for alignment
			c.m.back(p.Page(), FrameWords)
			c.m.poisonFrame(p)
			if a.contents {
				a.content.back(p, p)
			}
			c.m.pushFree(p, 0)
		}
	}
	a.next = last + 1
	return first
}

// pushFree puts a free block on its list, whose lock the caller holds.
func (m *Machine) pushFree(p PFN, order uint32) {
	*m.word(p.Page() + pageNextFree) = uint32(m.pages.free[order])
	m.pages.free[order] = p
}

// popFree takes the block off its list that was put there last, 0 if there is none.
func (m *Machine) popFree(order uint32) PFN {
	p := m.pages.free[order]
	if p != 0 {
		m.pages.free[order] = PFN(*m.word(p.Page() + pageNextFree))
	}
	return p
}

// freeFrame is the struct page of a free frame, up to its refcount.
var freeFrame = [PageRefcount]uint32{
	PGBuddy, uint32(FreePoison), uint32(FreePoison), uint32(FreePoison), uint32(FreePoison), uint32(FreePoison), uint32(FreePoison),
}

// page returns the words of the frame's struct page.
func (mem *memory) page(p PFN) *[FrameWords]uint32 {
	a := p.Page()
	return (*[FrameWords]uint32)(mem.chunks[a>>chunkShift][a&chunkMask:])
}

// poisonFrame leaves the struct page of a free frame: no references, nothing that could pass for a pointer.
func (m *Machine) poisonFrame(p PFN) {
	ws := m.page(p)
	*(*[PageRefcount]uint32)(ws[:]) = freeFrame
	storeRelease(&ws[PageRefcount], 0)
}

// FreePages gives a block back to the page allocator at once, whatever its refcount. Most code wants PutPage.
func FreePages(c *CPU, p PFN, order uint32) {
	if c.sched != nil {
		c.slow(OpFreePages, Addr(p), order, 0)
		return
	}
	c.freePages(p, order)
}

func (c *CPU) freePages(p PFN, order uint32) {
	ws := c.mem.page(p)
	if ws[PageFlags]&PGBuddy != 0 {
		c.Report(&Violation{Kind: DoubleFree, Addr: p.Page()})
		return
	}
	c.CheckPageFree(p)
	*(*[PageRefcount]uint32)(ws[:]) = freeFrame
	storeRelease(&ws[PageRefcount], 0)
	for i := PFN(1); i < 1<<order; i++ {
		c.m.poisonFrame(p + i)
	}
	if c.m.pages.contents {
		c.m.pages.content.poison(p, order)
	}
	if order == 0 {
		c.pcp = append(c.pcp, p)
		if len(c.pcp) <= pcpHigh {
			return
		}
		a := &c.m.pages
		a.mu.Lock()
		for _, p := range c.pcp[:pcpHigh/2] {
			c.m.pushFree(p, 0)
		}
		a.mu.Unlock()
		c.pcp = c.pcp[:copy(c.pcp, c.pcp[pcpHigh/2:])]
		return
	}
	a := &c.m.pages
	a.mu.Lock()
	c.m.pushFree(p, order)
	a.mu.Unlock()
}

// CheckPageFree reports what must not be so when a frame is freed: its lru on a list, or its rcu_head queued. Whoever
// stands in for the page allocator asks it.
func (c *CPU) CheckPageFree(p PFN) {
	page := p.Page()
	switch nodeState(page+PageLRU, Addr(*c.m.word(page + PageLRU + listPrev))) {
	case Listed:
		c.Report(&Violation{Kind: ListCorruption, Addr: page, Detail: "freed while on a list"})
	case Queued:
		c.Report(&Violation{Kind: UseAfterFree, Addr: page, Detail: "frees %o while its rcu_head is queued"})
	}
	if *c.m.word(page + PageFlags)&PGLocked != 0 {
		c.Report(&Violation{Kind: UseAfterFree, Addr: page + PageFlags, Detail: "frees %o while it is locked"})
	}
}

// PageOrder returns the order of the block that the frame heads: compound_order().
func (c *CPU) PageOrder(p PFN) uint32 {
	return ReadOnce(c, p.Page()+PageFlags) >> pageOrderShift & pageOrderMask
}

// GetPageUnlessZero is get_page_unless_zero(): a speculative reference, as any CPU that meets the frame may take. It
// tells whether there was a reference to add to.
func GetPageUnlessZero(c *CPU, p PFN) bool {
	return AtomicAddUnless(c, p.Page()+PageRefcount, 1, 0)
}

// PutPage is put_page(): it drops a reference, and frees the block with the last, which is one step. It tells whether it
// did. A refcount whose upper byte is not zero never gets there.
func PutPage(c *CPU, p PFN, order uint32) bool {
	return c.putPage(p, order, c.watched)
}

func (c *CPU) putPage(p PFN, order uint32, step bool) bool {
	if step {
		return c.slow(OpPutPage, Addr(p), order, 0) != 0
	}
	if left := atomic.AddUint32(&c.mem.page(p)[PageRefcount], ^uint32(0)); left != 0 {
		c.dropped(p, left)
		return false
	}
	c.freePages(p, order)
	return true
}

// DropPage drops a reference to a frame and tells whether it was the last. Whoever stands in for the page allocator
// frees the frame then.
func (c *CPU) DropPage(p PFN) bool {
	left := atomic.AddUint32(&c.mem.page(p)[PageRefcount], ^uint32(0))
	if left != 0 {
		c.dropped(p, left)
	}
	return left == 0
}

// dropped looks at a count of references that was dropped and is not zero.
func (c *CPU) dropped(p PFN, left uint32) {
	if left == ^uint32(0) {
		c.Report(&Violation{Kind: DoubleFree, Addr: p.Page(), Detail: "drops a reference to %o, which has none left"})
		storeRelease(&c.mem.page(p)[PageRefcount], 0)
	}
}

// Frames calls f for every frame that was ever handed out, in use or free, by PFN. It reads as a debugger.
func (m *Machine) Frames(f func(p PFN, free bool)) {
	m.pages.mu.Lock()
	end := m.pages.next
	m.pages.mu.Unlock()
	for p := PFN(1); p < end; p++ {
		f(p, m.Peek(p.Page()+PageFlags)&PGBuddy != 0)
	}
}
