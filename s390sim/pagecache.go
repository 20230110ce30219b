package s390sim

import (
	"math/bits"
	"sync"

	"ptsim/kern"
)

// pageCache is which pages of a file are in memory: its i_pages, as far as khugepaged looks at them. It is kept only on a
// machine with khugepaged, by segments of 1 MiB, and those that were never touched take no room.
type pageCache struct {
	mu       sync.Mutex // the xarray's lock
	segments map[uint64]*cacheSegment
	index    uint64 // the segment used last
	last     *cacheSegment
}

// cacheSegment is the 256 pages of a segment: which are there, or that a huge page is.
type cacheSegment struct {
	present [kern.PTRSPerPTE / 64]uint64
	huge    bool
}

// get returns a segment, made if need be. The caller holds mu.
func (p *pageCache) get(index uint64) *cacheSegment {
	if p.last != nil && p.index == index {
		return p.last
	}
	s := p.segments[index]
	if s == nil {
		if p.segments == nil {
			p.segments = map[uint64]*cacheSegment{}
		}
		s = &cacheSegment{}
		p.segments[index] = s
	}
	p.index, p.last = index, s
	return s
}

// touch brings the page at an offset of the file into memory and tells whether it is part of a huge page.
func (p *pageCache) touch(offset uint64) (huge bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.get(offset >> SegmentShift)
	if s.huge {
		return true
	}
	i := offset >> kern.PageShift % kern.PTRSPerPTE
	s.present[i/64] |= 1 << (i % 64)
	return false
}

// look returns how many pages of the segment at offset are there, and whether they are a huge page.
func (p *pageCache) look(offset uint64) (present int, huge bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.get(offset >> SegmentShift)
	if s.huge {
		return kern.PTRSPerPTE, true
	}
	for _, w := range s.present {
		present += bits.OnesCount64(w)
	}
	return present, false
}

// setHuge makes the segment at offset one huge page, or the pages of one; all of it is there from now on.
func (p *pageCache) setHuge(offset uint64, huge bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.get(offset >> SegmentShift)
	s.huge = huge
	for i := range s.present {
		s.present[i] = ^uint64(0)
	}
}

// merge adds the pages of another cache.
func (p *pageCache) merge(from *pageCache) {
	p.mu.Lock()
	defer p.mu.Unlock()
	from.mu.Lock()
	defer from.mu.Unlock()
	for index, s := range from.segments {
		t := p.get(index)
		t.huge = t.huge || s.huge
		for i := range t.present {
			t.present[i] |= s.present[i]
		}
	}
	from.segments, from.last = nil, nil
}

// Fill brings [offset, offset+length) of the file into memory, as write(2) or fallocate(2) does.
func (f *File) Fill(offset, length uint64) {
	for o := offset &^ pageMask; o < offset+length; o += kern.PageSize {
		f.cache.touch(o)
	}
}

// SplitHuge is split_huge_page() on the huge page at offset of the file, as reclaim or a truncation needs it: the mappings
// lose their huge pmds, and the next access in each needs a page table again.
func (f *File) SplitHuge(offset uint64) bool {
	if _, huge := f.cache.look(offset); !huge {
		return false
	}
	f.cache.setHuge(offset, false)
	return true
}

// Huge tells whether the segment at offset of the file is a huge page.
func (f *File) Huge(offset uint64) bool {
	_, huge := f.cache.look(offset)
	return huge
}
