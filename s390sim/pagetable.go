package s390sim

import (
	"sort"

	"ptsim/kern"
	"ptsim/tlbgather"
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

// spareTables are CRSTs allocated outside page_table_lock for use under it.
type spareTables struct {
	tables [2]kern.Phys
	n      int
}

func (s *spareTables) take() kern.Phys {
	if s.n == 0 {
		panic("s390sim: no spare CRST")
	}
	s.n--
	return s.tables[s.n]
}

// fillSpare allocates CRSTs until there are want. It tells whether there was memory.
func (m *Machine) fillSpare(c *kern.CPU, s *spareTables, want int) bool {
	for s.n < want {
		t := m.Sys.CRSTAlloc(c)
		if t == 0 {
			return false
		}
		s.tables[s.n] = t
		s.n++
	}
	return true
}

func (m *Machine) dropSpare(c *kern.CPU, s *spareTables) {
	for s.n > 0 {
		m.Sys.CRSTFree(c, s.take())
	}
}

// detached is a table that was taken out of the tree and is still to be freed.
type detached struct {
	addr  uint64
	table kern.Phys
	crst  bool
}

// freePgdRange is free_pgd_range(): it frees the tables of the segments in [start, end) that no VMA overlaps any more,
// in address order: PTE tables, then the segment table above them, then the region table. The VMAs that went are out of
// the set already. Tables leave the tree under page_table_lock and are freed without it, since that may wait.
func (as *AddressSpace) freePgdRange(c *kern.CPU, g *tlbgather.Gather, start, end uint64) {
	room := &as.m.rooms[c.ID()]
	as.lockPT(c)
	tables := as.detach(c, start, end, room.take())
	as.unlockPT(c)
	as.freeDetached(c, g, tables)
	room.give(tables)
}

// freeDetached gives tables that left the tree to the gather.
func (as *AddressSpace) freeDetached(c *kern.CPU, g *tlbgather.Gather, tables []detached) {
	for _, d := range tables {
		as.MM.SetFlushMM(c) // pmd_free_tlb and its like set it, too
		if d.crst {
			as.m.Sys.CRSTFreeTLB(c, g, d.table)
			continue
		}
		as.zap(c, d.table)
		as.m.Sys.PT.PageTableFreeRCU(c, g, d.table, d.addr)
		as.m.trace(c, as, EventTableFree, d.addr, d.table)
	}
}

// room is a CPU's room for the tables that freePgdRange detaches, kept from call to call.
type room struct {
	list []detached
	_    [64]byte
}

// roomKept is how many tables there is room for at most between calls.
const roomKept = 4096

func (r *room) take() []detached {
	list := r.list
	r.list = nil
	return list[:0]
}

func (r *room) give(list []detached) {
	if cap(list) <= roomKept {
		r.list = list
	}
}

// detach takes the tables that freePgdRange frees out of the tree.
func (as *AddressSpace) detach(c *kern.CPU, start, end uint64, out []detached) []detached {
	t := &as.pt
	i := sort.Search(len(t.regions), func(i int) bool { return (t.regions[i].index+1)<<regionShift > start })
	keep := i
	for ; i < len(t.regions) && t.regions[i].index<<regionShift < end; i++ {
		r := t.regions[i]
		base := r.index << regionShift
		unused := !as.vmas.anyIn(base, base+1<<regionShift)
		out = as.detachPTEs(c, r, start, end, unused, out)
		if unused && len(r.pmds) == 0 {
			out = append(out, detached{base, r.crst, true})
			r.giveBlocks(c, as.m.pmds)
			if t.last == r {
				t.last = nil
			}
			continue
		}
		t.regions[keep] = r
		keep++
	}
	if keep < i {
		t.regions = append(t.regions[:keep], t.regions[i:]...)
		out = as.detachThirds(start, end, out)
	}
	return out
}

// detachPTEs takes the page tables of a region out of it. If the region is unused and loses all of them it goes, too, and
// with it the words of its pmds.
func (as *AddressSpace) detachPTEs(c *kern.CPU, r *region, start, end uint64, unused bool, out []detached) []detached {
	i := r.search(start >> SegmentShift)
	keep, n := i, len(r.pmds)
	goes := unused && i == 0 && n > 0 && r.pmds[n-1].seg()<<SegmentShift < end
	some := as.vmas.anyIn(start&^(SegmentSize-1), (end+SegmentSize-1)&^(SegmentSize-1))
	for ; i < len(r.pmds) && r.pmds[i].seg()<<SegmentShift < end; i++ {
		p := r.pmds[i]
		base := p.seg() << SegmentShift
		if some && as.vmas.anyIn(base, base+SegmentSize) {
			r.pmds[keep] = p
			keep++
			continue
		}
		if table := as.clearPMD(c, &p); table != 0 {
			out = append(out, detached{base, table, false})
		}
		if !goes {
			r.giveWord(c, p.word)
		}
		if len(as.pt.huge) > 0 {
			delete(as.pt.huge, p.seg())
		}
	}
	if keep < i {
		r.pmds = append(r.pmds[:keep], r.pmds[i:]...)
	}
	return out
}

func (as *AddressSpace) detachThirds(start, end uint64, out []detached) []detached {
	t := &as.pt
	keep := t.thirds[:0]
	for _, t3 := range t.thirds {
		base := t3.index << region3Shift
		used := base >= end || base+1<<region3Shift <= start || as.vmas.anyIn(base, base+1<<region3Shift)
		for i := 0; i < len(t.regions) && !used; i++ {
			used = t.regions[i].index>>(region3Shift-regionShift) == t3.index
		}
		if used {
			keep = append(keep, t3)
			continue
		}
		out = append(out, detached{base, t3.crst, true})
	}
	t.thirds = keep
	return out
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
