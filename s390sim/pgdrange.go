package s390sim

import (
	"sort"

	"ptsim/kern"
	"ptsim/tlbgather"
)

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
