package s390sim

import (
	"sync"

	"ptsim/kern"
	"ptsim/mmctx"
)

// AddressSpace is an mm_struct with what the allocator does not care for: its VMAs and the tables above the PTE tables.
//
// Lock order: mmap_lock, then a file's i_mmap lock, then page_table_lock, then a page's ptl, then context.lock.
type AddressSpace struct {
	ID int
	MM mmctx.MM
	m  *Machine

	mmapLock sync.RWMutex // protects vmas and what is in them
	vmas     vmaSet

	args   *VMA // the argument stack where execve built it, until it is shifted
	shifts bool // the next table to be allocated stands for the one at the stack's new place

	slot *mmSlot // khugepaged's, under its lock

	anonMu sync.Mutex // native: two threads' faults may make anonymous memory at once

	pt pageTables // under page_table_lock
}

// NewMM is mm_alloc(): an empty address space with one user. It returns nil when there is no memory for the top table.
func (m *Machine) NewMM(c *kern.CPU) *AddressSpace {
	pgd := m.Sys.CRSTAlloc(c)
	if pgd == 0 {
		m.stat(c).NoMemory++
		return nil
	}
	id := int(m.mms.Add(1))
	as := &AddressSpace{ID: id, MM: m.Sys.MMs.Alloc(c, id), m: m}
	kern.WriteOnce(c, as.MM.PGD(), pgd.Pack())
	m.lives.made(c, as)
	m.trace(c, as, EventMMCreate, 0, 0)
	return as
}

// Get makes the caller one more user of the address space, as CLONE_VM does.
func (as *AddressSpace) Get(c *kern.CPU) { as.m.Sys.MMs.Get(c, as.MM) }

// Put is mmput(): the last user tears the address space down. It tells whether the caller was that.
func (as *AddressSpace) Put(c *kern.CPU) bool {
	if !as.BeginExit(c) {
		return false
	}
	as.FinishExit(c)
	return true
}

// BeginExit is the first half of mmput: it drops a user and tells whether that was the last. Then FinishExit must follow;
// what comes in between sees an mm without users whose mappings are still linked.
func (as *AddressSpace) BeginExit(c *kern.CPU) (last bool) {
	return as.m.Sys.MMs.Put(c, as.MM)
}

// FinishExit is the second half: khugepaged_exit, exit_mmap, and the reference that the users held.
func (as *AddressSpace) FinishExit(c *kern.CPU) {
	as.m.khugepaged.exit(c, as)
	as.exitMmap(c)
	as.m.trace(c, as, EventMMExit, 0, 0)
	as.m.lives.exited(c, as)
	as.m.Sys.MMs.Drop(c, as.MM)
}

// VMAs calls f for each VMA in address order, holding mmap_lock for reading.
func (as *AddressSpace) VMAs(f func(v *VMA)) {
	as.mmapLock.RLock()
	defer as.mmapLock.RUnlock()
	for _, v := range as.vmas.list {
		f(v)
	}
}

// NextVMA is find_vma(): it returns a copy of the first VMA that ends behind addr, which may begin behind it, too.
func (as *AddressSpace) NextVMA(addr uint64) (VMA, bool) {
	as.mmapLock.RLock()
	defer as.mmapLock.RUnlock()
	if i := as.vmas.search(addr); i < len(as.vmas.list) {
		return *as.vmas.list[i], true
	}
	return VMA{}, false
}

// HasFilePages tells whether a page at addr that is there is one of a file: its VMA maps one, and has no pages of its own.
func (as *AddressSpace) HasFilePages(addr uint64) bool {
	as.mmapLock.RLock()
	v := as.vmas.find(addr)
	is := v != nil && v.File != nil && !v.AnonVMA
	as.mmapLock.RUnlock()
	return is
}

// FindVMA is vma_lookup(): it returns a copy of the VMA that holds addr.
func (as *AddressSpace) FindVMA(addr uint64) (VMA, bool) {
	as.mmapLock.RLock()
	defer as.mmapLock.RUnlock()
	if v := as.vmas.find(addr); v != nil {
		return *v, true
	}
	return VMA{}, false
}

func (as *AddressSpace) lockPT(c *kern.CPU)   { kern.SpinLock(c, as.MM.PageTableLock()) }
func (as *AddressSpace) unlockPT(c *kern.CPU) { kern.SpinUnlock(c, as.MM.PageTableLock()) }

// Mapping describes a mapping to be made.
type Mapping struct {
	Start, Len uint64
	File       *File
	Offset     uint64
	Shared     bool
	Assumed    bool
	NoAccess   bool
}

// Mmap maps [Start, Start+Len), rounded to pages. What was mapped there before is unmapped first, as MAP_FIXED does.
func (as *AddressSpace) Mmap(c *kern.CPU, mp Mapping) {
	start, end, ok := pageRange(mp.Start, mp.Len)
	if !ok {
		return
	}
	as.mmapLock.Lock()
	defer as.mmapLock.Unlock()
	as.unmap(c, start, end)
	as.mapVMA(c, &VMA{Start: start, End: end, File: mp.File, Offset: mp.Offset &^ pageMask, Shared: mp.Shared, Assumed: mp.Assumed, NoAccess: mp.NoAccess})
}

func (as *AddressSpace) mapVMA(c *kern.CPU, v *VMA) {
	v.as = as
	as.vmas.insert(v)
	linkFileVMA(v)
	as.m.khugepaged.enterVMA(c, v)
}

// Extend makes the VMA that holds the byte before end reach up to the new end, as brk does. It maps a new anonymous VMA
// from start on if there is none.
func (as *AddressSpace) Extend(c *kern.CPU, start, from, to uint64) {
	from, to = (from+pageMask)&^pageMask, (to+pageMask)&^pageMask
	if to <= from || to > TaskSize {
		return
	}
	as.mmapLock.Lock()
	defer as.mmapLock.Unlock()
	as.unmap(c, from, to)
	if from > 0 {
		if v := as.vmas.find(from - 1); v != nil && v.End == from && v.File == nil && v.Start >= start {
			v.End = to
			return
		}
	}
	as.mapVMA(c, &VMA{Start: from, End: to})
}

// Munmap unmaps [start, start+length) and frees the tables of segments that no VMA overlaps any more.
func (as *AddressSpace) Munmap(c *kern.CPU, start, length uint64) {
	s, e, ok := pageRange(start, length)
	if !ok {
		return
	}
	as.mmapLock.Lock()
	defer as.mmapLock.Unlock()
	as.unmap(c, s, e)
}

// unmap is do_vmi_align_munmap(): VMAs are split at the edges, those inside go, then their tables.
func (as *AddressSpace) unmap(c *kern.CPU, start, end uint64) {
	i := as.vmas.search(start)
	if i == len(as.vmas.list) || as.vmas.list[i].Start >= end {
		return
	}
	for i < len(as.vmas.list) {
		v := as.vmas.list[i]
		if v.Start >= end {
			break
		}
		switch {
		case v.Start < start && v.End > end: // a hole in the middle
			tail := *v
			resizeFileVMA(v, v.Start, start, v.Offset)
			tail.Start, tail.Offset = end, tail.Offset+(end-tail.Start)
			as.mapVMA(c, &tail)
			i += 2
		case v.Start < start:
			resizeFileVMA(v, v.Start, start, v.Offset)
			i++
		case v.End > end:
			resizeFileVMA(v, end, v.End, v.Offset+(end-v.Start))
			i++
		default:
			unlinkFileVMA(v)
			as.vmas.list = append(as.vmas.list[:i], as.vmas.list[i+1:]...)
		}
	}
	g := as.m.Sys.TLB.Gather(as.MM)
	as.freePgdRange(c, &g, start, end)
	g.Finish(c)
}

// Assume covers the segment of addr, where a user fault found no VMA, by one that must have been there before anybody
// looked: as much of the segment as no other VMA covers, joined to an assumed VMA next to it.
func (as *AddressSpace) Assume(c *kern.CPU, addr uint64) {
	if addr >= TaskSize {
		return
	}
	lo := addr &^ (SegmentSize - 1)
	hi := lo + SegmentSize
	as.mmapLock.Lock()
	defer as.mmapLock.Unlock()
	var prev, next *VMA
	i := as.vmas.search(addr)
	if i > 0 {
		prev = as.vmas.list[i-1]
		lo = max(lo, prev.End)
	}
	if i < len(as.vmas.list) {
		next = as.vmas.list[i]
		hi = min(hi, next.Start)
	}
	switch {
	case prev != nil && prev.Assumed && prev.End == lo:
		prev.End = hi
	case next != nil && next.Assumed && next.Start == hi:
		next.Start = lo
	default:
		as.mapVMA(c, &VMA{Start: lo, End: hi, Assumed: true})
	}
}

// Mremap moves or resizes the mapping at old: what mremap(2) did according to its result. Where the mapping moves, every
// populated segment of it needs a table at its new place. With keep (MREMAP_DONTUNMAP) the old mapping stays, empty.
func (as *AddressSpace) Mremap(c *kern.CPU, old, oldLen, dst, newLen uint64, keep bool) {
	s, e, ok := pageRange(old, max(oldLen, 1))
	d, de, ok2 := pageRange(dst, newLen)
	if !ok || !ok2 {
		return
	}
	as.mmapLock.Lock()
	defer as.mmapLock.Unlock()
	v := as.vmas.find(s)
	if d == s {
		as.resize(c, v, s, e, de)
		return
	}
	moved := VMA{Assumed: true}
	if v != nil {
		moved = *v
		moved.Offset += s - v.Start
	}
	moved.Start, moved.End = d, de
	var segs []uint64 // populated segments of what moves, as addresses
	as.populatedIn(c, s, min(e, s+(de-d)), func(seg uint64, _ kern.Phys) { segs = append(segs, seg<<SegmentShift) })
	as.unmap(c, d, de)
	as.mapVMA(c, &moved)
	for _, a := range segs {
		// A segment's pages land in one or two segments at the new place.
		lo, hi := max(a, s), min(a+SegmentSize, e)
		for n := (lo - s + d) &^ (SegmentSize - 1); n < hi-s+d && n < de; n += SegmentSize {
			if as.tableAt(c, n>>SegmentShift) == 0 { // pte_alloc: two old segments may share a new one
				as.populate(c, n, &moved, false)
			}
		}
	}
	switch {
	case keep && v != nil && v.Start == s && v.End == e:
		v.AnonVMA = false // unlink_anon_vmas: its pages are elsewhere now
	case oldLen > 0 && !keep:
		as.unmap(c, s, e)
	}
}

// resize is mremap in place.
func (as *AddressSpace) resize(c *kern.CPU, v *VMA, s, e, de uint64) {
	if de < e {
		as.unmap(c, de, e)
		return
	}
	if de == e {
		return
	}
	as.unmap(c, e, de)
	if v != nil && v.End == e {
		resizeFileVMA(v, v.Start, de, v.Offset)
		as.m.khugepaged.enterVMA(c, v)
		return
	}
	as.mapVMA(c, &VMA{Start: e, End: de, Assumed: v == nil})
}

// pageRange rounds a range to pages. It is not ok if it is empty or leaves the user's addresses.
func pageRange(start, length uint64) (s, e uint64, ok bool) {
	if length == 0 || start >= TaskSize || length > TaskSize-start {
		return 0, 0, false
	}
	return start &^ pageMask, (start + length + pageMask) &^ pageMask, true
}

// exitMmap is exit_mmap(): all VMAs leave their files, which waits for a retract that is under way, then all tables go
// through one gather, in address order.
func (as *AddressSpace) exitMmap(c *kern.CPU) {
	as.mmapLock.Lock()
	defer as.mmapLock.Unlock()
	for _, v := range as.vmas.list {
		unlinkFileVMA(v)
	}
	as.vmas.list = nil
	g := as.m.Sys.TLB.Gather(as.MM)
	as.freePgdRange(c, &g, 0, TaskSize)
	g.Finish(c)
}
