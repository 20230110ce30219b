package s390sim

import "ptsim/kern"

// Fork is dup_mm(): a new address space with copies of all VMAs, linked to their files. A mapping with an anon_vma has its
// page tables copied: every segment of it that has one in the parent gets one in the child; all others are left to be
// faulted in. It returns nil when memory ran out.
func (as *AddressSpace) Fork(c *kern.CPU) *AddressSpace {
	m := as.m
	child := m.NewMM(c)
	if child == nil {
		return nil
	}
	m.stat(c).Forks++
	as.ShiftArgPages(c)
	as.mmapLock.Lock()
	defer as.mmapLock.Unlock()
	if as.MM.AllocPGSTE(c) {
		child.MM.SetAllocPGSTE(c)
	}
	child.vmas.list = make([]*VMA, 0, len(as.vmas.list))
	for _, v := range as.vmas.list {
		w := *v
		w.as = child
		child.vmas.list = append(child.vmas.list, &w)
		linkFileVMA(&w)
		if v.AnonVMA && !as.copyPageRange(c, child, v) {
			m.stat(c).NoMemory++
		}
	}
	m.khugepaged.fork(c, as, child)
	// What was writable is write-protected now, for copy on write.
	m.flushMM(c, as.MM)
	return child
}

// copyPageRange is copy_page_range() for one VMA.
func (as *AddressSpace) copyPageRange(c *kern.CPU, child *AddressSpace, v *VMA) bool {
	ok := true
	as.populatedIn(c, v.Start, v.End, func(seg uint64, table kern.Phys) {
		have := child.tableAt(c, seg)
		if have == 0 {
			if have = child.populate(c, seg<<SegmentShift, v, false); have == 0 {
				ok = false
				return
			}
		}
		as.copyPTEs(c, table, have, max(v.Start, seg<<SegmentShift), min(v.End, (seg+1)<<SegmentShift))
	})
	return ok
}

// populatedIn calls f for the segments that overlap [start, end) and have a table, holding mmap_lock for writing.
func (as *AddressSpace) populatedIn(c *kern.CPU, start, end uint64, f func(seg uint64, table kern.Phys)) {
	for _, r := range as.pt.regions {
		if (r.index+1)<<regionShift <= start || r.index<<regionShift >= end {
			continue
		}
		for i := r.search(start >> SegmentShift); i < len(r.pmds) && r.pmds[i].seg()<<SegmentShift < end; i++ {
			if t := kern.ReadOnce(c, r.pmds[i].word); t != 0 {
				f(r.pmds[i].seg(), kern.Unpack(t))
			}
		}
	}
}

func (as *AddressSpace) copyPTEs(c *kern.CPU, from, to kern.Phys, start, end uint64) {
	if !as.m.M.HasContents() {
		return
	}
	for a := start; a < end; a += kern.PageSize {
		i := int(a>>12) % kern.PTRSPerPTE
		if e := c.ReadEntry(from.PFN(), int(from.Half())*kern.PTRSPerPTE+i); e != pteInvalid {
			c.WriteEntry(to.PFN(), int(to.Half())*kern.PTRSPerPTE+i, e)
		}
	}
}
