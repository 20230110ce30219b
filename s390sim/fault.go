package s390sim

import (
	"ptsim/kern"
	"ptsim/pgalloc"
)

// FaultResult is what a page fault did about page tables.
type FaultResult uint8

// What a fault can come to.
const (
	FaultMinor    FaultResult = iota // the segment had a table
	FaultTable                       // a table was allocated
	FaultHuge                        // a huge page was mapped, with no table
	FaultNoVMA                       // no VMA there
	FaultNoMemory                    // no memory for a table
)

// pagePresent stands for any valid PTE in a table's contents.
const pagePresent = 0x1

// Fault is a page fault by user code at addr. The first in an unpopulated segment allocates its table; one in a segment
// whose table khugepaged took away maps a huge page if the VMA covers the segment.
func (as *AddressSpace) Fault(c *kern.CPU, addr uint64, write bool) FaultResult {
	r, _ := as.FaultIn(c, addr, write)
	return r
}

// FaultIn is Fault, and tells whether the page that is there now is one of a file: its VMA maps one, and has no pages of its
// own.
func (as *AddressSpace) FaultIn(c *kern.CPU, addr uint64, write bool) (r FaultResult, ofFile bool) {
	m := as.m
	var v *VMA
	if m.native != nil { // else there is one goroutine, and most of what a trace has is faults
		as.mmapLock.RLock()
		v = as.vmas.find(addr)
	} else {
		v = as.vmas.findAgain(addr)
	}
	if v == nil {
		if m.native != nil {
			as.mmapLock.RUnlock()
		}
		return FaultNoVMA, false
	}
	m.stat(c).Faults++
	anon := as.anonVMA(v, write)
	ofFile = v.File != nil && !anon
	huge := m.khugepaged != nil && v.File != nil && v.File.cache.touch(v.Offset+(addr-v.Start))
	if m.native != nil {
		as.lockPT(c)
	}
	r, ok := as.tryFault(c, v, addr, write, huge)
	if m.native != nil {
		as.unlockPT(c)
	}
	if !ok {
		r = FaultTable
		if as.populate(c, addr, v, true) == 0 {
			m.stat(c).NoMemory++
			r = FaultNoMemory
		}
	}
	if m.native != nil {
		as.mmapLock.RUnlock()
	}
	if r == FaultTable && as.shifts {
		as.ShiftArgPages(c)
		ofFile = as.HasFilePages(addr)
	}
	return r, ofFile
}

// tryFault is what a fault can do without allocating a table: set the entry in the one there is, or map a huge page.
// It is not ok if there is no table. On a native machine the caller holds page_table_lock.
func (as *AddressSpace) tryFault(c *kern.CPU, v *VMA, addr uint64, write, huge bool) (r FaultResult, ok bool) {
	m, seg := as.m, addr>>SegmentShift
	p := as.pt.find(seg)
	table := kern.Phys(0)
	if p != nil {
		table = kern.Unpack(kern.ReadOnce(c, p.word))
	}
	known := kern.Phys(0)
	if m.cfg.Checks {
		known = m.useTLB(c, as.MM, seg, table)
	}
	if p != nil {
		if table != 0 {
			as.setPTE(c, table, addr, known)
			return FaultMinor, true
		}
		if m.khugepaged == nil && as.pt.huge[seg] && v.covers(seg<<SegmentShift, (seg+1)<<SegmentShift) {
			m.stat(c).HugeFaults++
			return FaultHuge, true
		}
	}
	if huge && (v.Shared || !write) && v.suits() && v.covers(seg<<SegmentShift, (seg+1)<<SegmentShift) {
		m.stat(c).HugeFaults++ // do_set_pmd; a write in a private mapping gets a page of its own, and needs a table
		return FaultHuge, true
	}
	return 0, false
}

// anonVMA notes that a fault makes anonymous memory: any in private memory without a file, a write in a private mapping
// of one. What is behind a mapping that nobody saw being made is not known; it is taken for a file's. It tells
// whether the VMA has any now.
func (as *AddressSpace) anonVMA(v *VMA, write bool) bool {
	if as.m.native != nil {
		as.anonMu.Lock()
		defer as.anonMu.Unlock()
	}
	if v.AnonVMA || v.Shared || !write && (v.File != nil || v.Assumed) {
		return v.AnonVMA
	}
	if v.File != nil { // khugepaged looks at it under the file's lock
		v.File.iMmap.Lock()
		defer v.File.iMmap.Unlock()
	}
	v.AnonVMA = true
	return true
}

// setPTE makes the page at addr present in its table and in the CPU's TLB. The caller holds page_table_lock, so that a
// flush that follows the clearing of the pmd comes after the insertion. known is the table that the TLB has for the segment
// already, 0 if it has none.
func (as *AddressSpace) setPTE(c *kern.CPU, table kern.Phys, addr uint64, known kern.Phys) {
	if as.m.M.HasContents() {
		index := int(table.Half())*kern.PTRSPerPTE + int(addr>>12)%kern.PTRSPerPTE
		c.WriteEntry(table.PFN(), index, addr&^pageMask|pagePresent)
	}
	if as.m.cfg.Checks && table != known {
		as.m.tlbs[c.ID()].insert(c, as.MM, addr>>SegmentShift, table)
	}
}

// populate is __pte_alloc(): it gives the segment at addr a table unless it has one, and returns it, 0 without memory.
// The table is allocated first and installed under page_table_lock; whoever lost the race frees his at once. For a fault it
// sets the entry, too, before khugepaged, which does without mmap_lock, can take the table away again.
func (as *AddressSpace) populate(c *kern.CPU, addr uint64, v *VMA, fault bool) kern.Phys {
	m := as.m
	seg := addr >> SegmentShift
	table := m.Sys.PT.PageTableAlloc(c, as.MM)
	if table == 0 {
		return 0
	}
	if as.MM.PeekAllocPGSTE(m.M) {
		m.stats[c.ID()].pgste++
	}
	if m.native == nil {
		m.meter.allocated(m, table)
	}
	var spare spareTables
	for {
		as.lockPT(c)
		want := as.pt.needs(seg)
		if want <= spare.n {
			break
		}
		as.unlockPT(c)
		if !m.fillSpare(c, &spare, want) {
			m.dropSpare(c, &spare)
			m.Sys.PT.PageTableFree(c, as.MM, table)
			return 0
		}
	}
	p := as.pt.pmdAlloc(c, seg, v.likely(addr), &spare, m.pmds)
	if have := kern.ReadOnce(c, p.word); have != 0 {
		if fault {
			as.setPTE(c, kern.Unpack(have), addr, 0)
		}
		as.unlockPT(c)
		m.dropSpare(c, &spare)
		m.Sys.PT.PageTableFree(c, as.MM, table)
		return kern.Unpack(have)
	}
	kern.WriteOnce(c, p.word, table.Pack()) // pmd_populate
	if len(as.pt.huge) > 0 {
		delete(as.pt.huge, seg)
	}
	m.countMapped(c, 1)
	if fault {
		as.setPTE(c, table, addr, 0)
	}
	as.unlockPT(c)
	m.dropSpare(c, &spare)
	m.trace(c, as, EventTableAlloc, seg<<SegmentShift, table)
	return table
}

// tableAt returns the table of a segment, 0 if it has none.
func (as *AddressSpace) tableAt(c *kern.CPU, seg uint64) kern.Phys {
	as.lockPT(c)
	defer as.unlockPT(c)
	if p := as.pt.find(seg); p != nil {
		return kern.Unpack(kern.ReadOnce(c, p.word))
	}
	return 0
}

// Populated returns how many segments of the address space have a table.
func (as *AddressSpace) Populated() int {
	n := 0
	as.Tables(func(uint64, kern.Phys) { n++ })
	return n
}

// Tables calls f for every page table of the address space with the address it maps, in address order, reading as a
// debugger would.
func (as *AddressSpace) Tables(f func(addr uint64, table kern.Phys)) {
	for _, r := range as.pt.regions {
		for i := range r.pmds {
			if t := kern.Unpack(as.m.M.Peek(r.pmds[i].word)); t != 0 {
				f(r.pmds[i].seg()<<SegmentShift, t)
			}
		}
	}
}

// pageOf is a shorthand for code that draws.
func pageOf(t kern.Phys) pgalloc.Page { return pgalloc.PageOf(t) }
