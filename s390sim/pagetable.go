package s390sim

import (
	"sort"

	"ptsim/kern"
)

// pmd is where a segment table entry points: a word of shared memory that holds a packed table address, or 0.
type pmd struct {
	index uint32 // the segment: TaskSize holds 1 << 32 of them
	word  kern.Addr
}

// seg returns the segment: its address >> SegmentShift.
func (p *pmd) seg() uint64 { return uint64(p.index) }

// pmdBlock is how many words of pmds are allocated at once: a segment table has its words in a few places.
const pmdBlock = 32

// region is one segment table: the pmds of 2 GiB. Entries that were never used take no room.
type region struct {
	index uint64 // address >> regionShift
	crst  kern.Phys
	pmds  []pmd // by segment

	blocks []kern.Addr // of pmdBlock words each
	used   uint32      // words of the last block
	free   kern.Addr   // the first of the words that are free again: each holds the address of the next
}

// pageTables are an mm's page tables above the PTE tables, as sparse as its use of them. page_table_lock protects it.
type pageTables struct {
	regions []*region // by index
	thirds  []third   // region-third tables
	last    *region   // the region used last

	// huge are the segments whose table a retract took: a huge page is there now. A machine with khugepaged asks the file
	// instead.
	huge map[uint64]bool
}

type third struct {
	index uint64 // address >> region3Shift
	crst  kern.Phys
}

// takeWord returns a word for a pmd, which is 0.
func (r *region) takeWord(c *kern.CPU, blocks kern.Cache) kern.Addr {
	if w := r.free; w != 0 {
		r.free = kern.Addr(kern.ReadOnce(c, w)) // page_table_lock protects them: no atomic, which would be counted
		kern.WriteOnce(c, w, 0)
		return w
	}
	if len(r.blocks) == 0 || r.used == pmdBlock {
		r.blocks, r.used = append(r.blocks, blocks.AllocAtomic(c)), 0 // under page_table_lock
	}
	r.used++
	return r.blocks[len(r.blocks)-1] + kern.Addr(r.used-1)
}

// giveWord takes back a word that nobody looks at any more.
func (r *region) giveWord(c *kern.CPU, w kern.Addr) {
	kern.WriteOnce(c, w, uint32(r.free))
	r.free = w
}

// giveBlocks gives all words back, with the segment table.
func (r *region) giveBlocks(c *kern.CPU, blocks kern.Cache) {
	for _, b := range r.blocks {
		blocks.Free(c, b)
	}
	r.blocks = nil
}

// regionOf returns the region of a segment, or nil.
func (t *pageTables) regionOf(seg uint64) *region {
	index := seg >> (regionShift - SegmentShift)
	if r := t.last; r != nil && r.index == index {
		return r
	}
	i := sort.Search(len(t.regions), func(i int) bool { return t.regions[i].index >= index })
	if i == len(t.regions) || t.regions[i].index != index {
		return nil
	}
	t.last = t.regions[i]
	return t.last
}

// find returns the pmd of a segment, or nil.
func (t *pageTables) find(seg uint64) *pmd {
	if r := t.regionOf(seg); r != nil {
		return r.find(seg)
	}
	return nil
}

func (r *region) search(seg uint64) int {
	lo, hi := 0, len(r.pmds)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if r.pmds[mid].seg() < seg {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

func (r *region) find(seg uint64) *pmd {
	if i := r.search(seg); i < len(r.pmds) && r.pmds[i].seg() == seg {
		return &r.pmds[i]
	}
	return nil
}

// pmdAlloc returns the pmd of a segment, making what leads to it. The caller holds page_table_lock, through which the
// tables it needs were allocated beforehand if there are none: see needs. most is how many pmds a new segment table is
// likely to hold.
func (t *pageTables) pmdAlloc(c *kern.CPU, seg uint64, most int, spare *spareTables, blocks kern.Cache) *pmd {
	r := t.regionOf(seg)
	if r == nil {
		r = t.makeRegion(seg, spare)
		r.pmds = make([]pmd, 0, most)
	}
	k := len(r.pmds)
	if k > 0 && r.pmds[k-1].seg() >= seg { // tables are mostly made in address order
		k = r.search(seg)
	}
	if k == len(r.pmds) || r.pmds[k].seg() != seg {
		r.pmds = append(r.pmds, pmd{})
		copy(r.pmds[k+1:], r.pmds[k:])
		r.pmds[k] = pmd{index: uint32(seg), word: r.takeWord(c, blocks)}
	}
	return &r.pmds[k]
}

// makeRegion puts the segment table of a segment into the tree, and a region-third table if need be.
func (t *pageTables) makeRegion(seg uint64, spare *spareTables) *region {
	index := seg >> (regionShift - SegmentShift)
	i := sort.Search(len(t.regions), func(i int) bool { return t.regions[i].index >= index })
	if i == len(t.regions) || t.regions[i].index != index {
		t3 := seg >> (region3Shift - SegmentShift)
		j := sort.Search(len(t.thirds), func(j int) bool { return t.thirds[j].index >= t3 })
		if j == len(t.thirds) || t.thirds[j].index != t3 {
			t.thirds = append(t.thirds, third{})
			copy(t.thirds[j+1:], t.thirds[j:])
			t.thirds[j] = third{t3, spare.take()}
		}
		t.regions = append(t.regions, nil)
		copy(t.regions[i+1:], t.regions[i:])
		t.regions[i] = &region{index: index, crst: spare.take()}
	}
	t.last = t.regions[i]
	return t.last
}

// needs returns how many segment and region tables must be allocated before the segment can be populated.
func (t *pageTables) needs(seg uint64) int {
	if t.regionOf(seg) != nil {
		return 0
	}
	t3 := seg >> (region3Shift - SegmentShift)
	j := sort.Search(len(t.thirds), func(j int) bool { return t.thirds[j].index >= t3 })
	if j < len(t.thirds) && t.thirds[j].index == t3 {
		return 1
	}
	return 2
}

// clearPMD is pmd_clear(): it takes the table out of the tree and returns it, 0 if there was none. The caller holds
// page_table_lock or is the only one left.
func (as *AddressSpace) clearPMD(c *kern.CPU, p *pmd) kern.Phys {
	v := kern.ReadOnce(c, p.word)
	if v == 0 {
		return 0
	}
	kern.WriteOnce(c, p.word, 0)
	as.m.countMapped(c, -1)
	return kern.Unpack(v)
}

// zap is what unmap_vmas leaves of a table: every entry invalid, as whoever frees a half must.
func (as *AddressSpace) zap(c *kern.CPU, table kern.Phys) {
	c.FillContents(table.PFN(), int(table.Half())*kern.PTRSPerPTE, kern.PTRSPerPTE, pteInvalid)
}
