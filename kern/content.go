package kern

import "sync/atomic"

// EntriesPerFrame is how many 8-byte entries a 4 KiB frame holds.
const EntriesPerFrame = 512

// ContentPoison is what the contents of a free frame read as: PAGE_POISON.
const ContentPoison = 0xaaaaaaaaaaaaaaaa

const (
	contentFrames = 64  // frames in a block of contents
	contentBlocks = 256 // blocks in a row of the table
	contentRows   = MaxFrames / contentFrames / contentBlocks
)

type (
	contentBlock [contentFrames]frameContent
	contentRow   [contentBlocks]*contentBlock
)

// contentTable holds what is in the frames themselves, apart from the shared words: table entries are data that the
// allocator fills and checks, never part of a protocol.
type contentTable struct{ rows [contentRows]*contentRow }

// frameContent is what is in a frame. Tables are filled far more often than anybody writes an entry, so a half of a frame is
// what it was filled with until somebody does: to fill and to poison it takes a store a half, and 24 bytes a frame.
//
// Whoever writes to a half keeps other writers out of it, as a page table lock does. Readers may come at any time.
type frameContent struct {
	halves  [2]uint64                               // what all entries of the half are, mixed if entries says
	entries atomic.Pointer[[EntriesPerFrame]uint64] // nil until an entry is written; then kept for the frame's next lives
}

// mixed stands for a half whose entries are in entries. One that is filled with this very value is kept there, too.
const mixed = 0x6d69786564_000001

func (t *contentTable) back(first, last PFN) {
	for b := first / contentFrames; b <= last/contentFrames; b++ {
		row := &t.rows[b/contentBlocks]
		if *row == nil {
			*row = new(contentRow)
		}
		if (*row)[b%contentBlocks] == nil {
			(*row)[b%contentBlocks] = new(contentBlock)
		}
	}
}

func (t *contentTable) frame(p PFN) *frameContent {
	return &t.rows[p/contentFrames/contentBlocks][p/contentFrames%contentBlocks][p%contentFrames]
}

func (t *contentTable) poison(p PFN, order uint32) {
	for i := range PFN(1) << order {
		f := t.frame(p + i)
		storeRelease64(&f.halves[0], ContentPoison)
		storeRelease64(&f.halves[1], ContentPoison)
	}
}

// own makes sure that the half has entries of its own, and returns those of the frame.
//
// New entries are written to before anything else is done with them. Where the compiler cannot tell that a pointer to an array is
// not nil, the code reads the array to find out, and new memory that is read before it is written costs a second page fault and a
// flush of the TLB.
func (f *frameContent) own(half int) *[EntriesPerFrame]uint64 {
	e, v := f.entries.Load(), f.halves[half]
	if v == mixed {
		return e
	}
	if e == nil {
		e = new([EntriesPerFrame]uint64)
		fillEntries(e[half*PTRSPerPTE:][:PTRSPerPTE], v)
		if f.entries.CompareAndSwap(nil, e) {
			storeRelease64(&f.halves[half], mixed)
			return e
		}
		e = f.entries.Load() // somebody writes to the other half
	}
	fillEntries(e[half*PTRSPerPTE:][:PTRSPerPTE], v)
	storeRelease64(&f.halves[half], mixed)
	return e
}

// fill sets n entries of a half from entry i of it on.
func (f *frameContent) fill(half, i, n int, v uint64) {
	if n == PTRSPerPTE && v != mixed {
		storeRelease64(&f.halves[half], v)
		return
	}
	if n > 0 {
		fillEntries(f.own(half)[half*PTRSPerPTE+i:][:n], v)
	}
}

// are tells whether n entries of a half from entry i of it on all hold v.
func (f *frameContent) are(half, i, n int, v uint64) bool {
	have := atomic.LoadUint64(&f.halves[half])
	if have != mixed || n == 0 {
		return have == v || n == 0
	}
	e := f.own(half)[half*PTRSPerPTE+i:][:n]
	if n == PTRSPerPTE {
		// All are alike if each is like the one before it; arrays compare many entries at a time.
		return e[0] == v && *(*[PTRSPerPTE - 1]uint64)(e[1:]) == *(*[PTRSPerPTE - 1]uint64)(e[:PTRSPerPTE-1])
	}
	for _, have := range e {
		if have != v {
			return false
		}
	}
	return true
}

// HasContents tells whether frames have contents on this machine.
func (m *Machine) HasContents() bool { return m.pages.contents }

// FillContents writes v to n entries of the frame from entry i on. Without contents it does nothing.
func (c *CPU) FillContents(p PFN, i, n int, v uint64) {
	if c.m.pages.contents {
		c.fillContents(p, i, n, v)
	}
}

func (c *CPU) fillContents(p PFN, i, n int, v uint64) {
	f := c.m.pages.content.frame(p)
	lower := max(min(n, PTRSPerPTE-i), 0) // so many of them are in the lower half
	if lower > 0 {
		f.fill(0, i, lower, v)
	}
	if n > lower {
		f.fill(1, max(i-PTRSPerPTE, 0), n-lower, v)
	}
}

// ContentsAre tells whether n entries of the frame from entry i on all hold v. Without contents they do.
func (c *CPU) ContentsAre(p PFN, i, n int, v uint64) bool {
	if !c.m.pages.contents {
		return true
	}
	f := c.m.pages.content.frame(p)
	lower := max(min(n, PTRSPerPTE-i), 0)
	return f.are(0, i, lower, v) && f.are(1, max(i-PTRSPerPTE, 0), n-lower, v)
}

// ReadEntry reads entry i of the frame. Without contents it reads 0.
func (c *CPU) ReadEntry(p PFN, i int) uint64 {
	if !c.m.pages.contents {
		return 0
	}
	f := c.m.pages.content.frame(p)
	if v := atomic.LoadUint64(&f.halves[i/PTRSPerPTE]); v != mixed {
		return v
	}
	return atomic.LoadUint64(&f.entries.Load()[i])
}

// WriteEntry writes entry i of the frame, whose half nobody else writes to meanwhile.
func (c *CPU) WriteEntry(p PFN, i int, v uint64) {
	if c.m.pages.contents {
		storeRelease64(&c.m.pages.content.frame(p).own(i / PTRSPerPTE)[i], v)
	}
}

// fillEntries sets all of f to v: a few entries, then by copying what is there to where it is not, which the runtime does
// many entries at a time.
func fillEntries(f []uint64, v uint64) {
	const few = 32
	n := min(few, len(f))
	for i := range f[:n] {
		f[i] = v
	}
	for ; n < len(f); n *= 2 {
		copy(f[n:], f[:n])
	}
}
