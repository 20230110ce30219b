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
	contentBlock [contentFrames][EntriesPerFrame]uint64
	contentRow   [contentBlocks]*contentBlock
)

// contentTable holds what is in the frames themselves, apart from the shared words: table entries are data that the
// allocator fills and checks, never part of a protocol. sparse, if not nil, holds them instead of the rows.
type contentTable struct {
	rows   [contentRows]*contentRow
	sparse *sparseContents
}

func (t *contentTable) back(first, last PFN) {
	if t.sparse != nil {
		t.sparse.back(last)
		return
	}
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

func (t *contentTable) frame(p PFN) *[EntriesPerFrame]uint64 {
	row := t.rows[p/contentFrames/contentBlocks]
	if row == nil {
		return nil
	}
	block := row[p/contentFrames%contentBlocks]
	if block == nil {
		return nil
	}
	return &block[p%contentFrames]
}

func (t *contentTable) poison(p PFN, order uint32) {
	if t.sparse != nil {
		for i := range PFN(1) << order {
			t.sparse.fill(p+i, 0, EntriesPerFrame, ContentPoison)
		}
		return
	}
	for i := range PFN(1) << order {
		fillEntries(t.frame(p + i)[:], ContentPoison)
	}
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
	if s := c.m.pages.content.sparse; s != nil {
		s.fill(p, i, n, v)
		return
	}
	fillEntries(c.m.pages.content.frame(p)[i:i+n], v)
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

// ContentsAre tells whether n entries of the frame from entry i on all hold v. Without contents they do.
func (c *CPU) ContentsAre(p PFN, i, n int, v uint64) bool {
	if !c.m.pages.contents {
		return true
	}
	if s := c.m.pages.content.sparse; s != nil {
		return s.are(p, i, n, v)
	}
	f := c.m.pages.content.frame(p)[i : i+n]
	if n == PTRSPerPTE {
		// All are alike if each is like the one before it; arrays compare many entries at a time.
		return f[0] == v && *(*[PTRSPerPTE - 1]uint64)(f[1:]) == *(*[PTRSPerPTE - 1]uint64)(f[:PTRSPerPTE-1])
	}
	for _, have := range f {
		if have != v {
			return false
		}
	}
	return true
}

// ReadEntry reads entry i of the frame. Without contents it reads 0.
func (c *CPU) ReadEntry(p PFN, i int) uint64 {
	if !c.m.pages.contents {
		return 0
	}
	if s := c.m.pages.content.sparse; s != nil {
		return s.read(p, i)
	}
	return atomic.LoadUint64(&c.m.pages.content.frame(p)[i])
}

// WriteEntry writes entry i of the frame.
func (c *CPU) WriteEntry(p PFN, i int, v uint64) {
	if s := c.m.pages.content.sparse; s != nil {
		s.fill(p, i, 1, v)
		return
	}
	if c.m.pages.contents {
		atomic.StoreUint64(&c.m.pages.content.frame(p)[i], v)
	}
}
