package s390sim

import "ptsim/kern"

// RetractPageTables is retract_page_tables() of v6.6: after the 1 MiB of a file at offset was collapsed into a huge page,
// the page tables that map it are taken away in every mm, so that the next access finds the huge page. It holds the
// file's i_mmap lock and nothing else: no mmap_lock, no reference on any mm. That a VMA is in the file's tree is what
// keeps its mm from being freed, since exit takes it out under the same lock for writing; mm_users may be 0 by then.
// It returns how many tables it took.
func (m *Machine) RetractPageTables(c *kern.CPU, f *File, offset uint64) int {
	f.iMmap.RLock()
	defer f.iMmap.RUnlock()
	n := 0
	for _, v := range f.vmas {
		if m.retractOne(c, v, offset) {
			n++
		}
	}
	return n
}

// retractOne takes the table of one mapping, if the rules allow.
func (m *Machine) retractOne(c *kern.CPU, v *VMA, offset uint64) bool {
	if offset < v.Offset || offset-v.Offset >= v.End-v.Start {
		return false // the walk of the file's tree does not come by
	}
	if v.AnonVMA {
		m.stat(c).SkippedAnon++
		return false
	}
	addr := v.Start + (offset - v.Offset)
	if addr%SegmentSize != 0 || !v.covers(addr, addr+SegmentSize) {
		m.stat(c).SkippedAlign++
		return false
	}
	as := v.as
	as.lockPT(c)
	p := as.pt.find(addr >> SegmentShift)
	empty := p == nil || kern.ReadOnce(c, p.word) == 0
	as.unlockPT(c)
	if empty {
		m.stat(c).SkippedEmpty++
		return false
	}
	if kern.ReadOnce(c, as.MM.Users()) == 0 { // hpage_collapse_test_exit, unlocked
		m.stat(c).SkippedExit++
		return false
	}
	if v.UFFD {
		m.stat(c).SkippedUFFD++
		return false
	}
	if m.cfg.DuringRetract != nil {
		m.cfg.DuringRetract(c, as)
	}
	as.lockPT(c)
	p = as.pt.find(addr >> SegmentShift)
	if p == nil || kern.ReadOnce(c, p.word) == 0 { // gone meanwhile
		as.unlockPT(c)
		m.stat(c).SkippedEmpty++
		return false
	}
	ptl := pageOf(kern.Unpack(kern.ReadOnce(c, p.word))).PTL()
	kern.SpinLock(c, ptl)
	// Looked at again: a fault may have made anonymous memory since.
	if v.AnonVMA || v.UFFD {
		kern.SpinUnlock(c, ptl)
		as.unlockPT(c)
		if v.AnonVMA {
			m.stat(c).SkippedAnon++
		} else {
			m.stat(c).SkippedUFFD++
		}
		return false
	}
	as.takeTable(c, p, ptl)
	return true
}

// takeTable takes the table of a segment for a huge page, the end of a retract: pmdp_collapse_flush, both locks dropped,
// pte_free_defer. The caller holds page_table_lock and the ptl.
func (as *AddressSpace) takeTable(c *kern.CPU, p *pmd, ptl kern.Addr) {
	m := as.m
	addr := p.seg() << SegmentShift
	table := as.clearPMD(c, p) // pmdp_collapse_flush
	m.flushSegment(c, as.MM, p.seg())
	if m.khugepaged == nil {
		if as.pt.huge == nil {
			as.pt.huge = map[uint64]bool{}
		}
		as.pt.huge[p.seg()] = true
	}
	as.zap(c, table) // the collapse unmapped its pages before
	kern.SpinUnlock(c, ptl)
	as.unlockPT(c)
	m.trace(c, as, EventRetract, addr, table)
	m.Sys.FreeRetracted(c, as.MM, table)
	m.stat(c).Retracts++
}

// What collapsePTEMapped found.
type pteMapped uint8

const (
	noTable pteMapped = iota
	tookTable
	keptTable
)

// collapsePTEMapped is collapse_pte_mapped_thp() of v6.6: a segment of the mm shows a range of a file that is a huge page
// by now, so its table can go if all it maps is that page. Of anonymous memory in it the model knows only by mapping.
func (as *AddressSpace) collapsePTEMapped(c *kern.CPU, addr uint64) pteMapped {
	as.mmapLock.RLock()
	defer as.mmapLock.RUnlock()
	v := as.vmas.find(addr)
	if v == nil || !v.suits() || !v.covers(addr, addr+SegmentSize) || kern.ReadOnce(c, as.MM.Users()) == 0 {
		return noTable
	}
	v.File.iMmap.RLock() // the kernel does without; here this lock is what AnonVMA is under
	defer v.File.iMmap.RUnlock()
	as.lockPT(c)
	p := as.pt.find(addr >> SegmentShift)
	switch {
	case p == nil || kern.ReadOnce(c, p.word) == 0:
		as.unlockPT(c)
		return noTable
	case v.AnonVMA, v.UFFD:
		as.unlockPT(c)
		return keptTable
	}
	ptl := pageOf(kern.Unpack(kern.ReadOnce(c, p.word))).PTL()
	kern.SpinLock(c, ptl)
	as.takeTable(c, p, ptl)
	return tookTable
}

// Collapse retracts the page tables of all segments of [offset, offset+length) of a file. On a machine with khugepaged
// they are huge from then on.
func (m *Machine) Collapse(c *kern.CPU, f *File, offset, length uint64) int {
	n := 0
	for o := offset &^ (SegmentSize - 1); o < offset+length; o += SegmentSize {
		if m.khugepaged != nil {
			n += m.collapseFile(c, f, o)
			continue
		}
		n += m.RetractPageTables(c, f, o)
	}
	return n
}
