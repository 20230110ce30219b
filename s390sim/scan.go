package s390sim

import "ptsim/kern"

// suits is hugepage_vma_check() as far as this model goes: a mapping of a file, in step with the file's segments, that
// holds a whole one. All files are as on a tmpfs mounted with huge=always.
func (v *VMA) suits() bool {
	if v.File == nil || (v.Start-v.Offset)%SegmentSize != 0 {
		return false
	}
	lo, hi := v.segments()
	return lo < hi
}

// segments returns the range of whole segments in the VMA.
func (v *VMA) segments() (lo, hi uint64) {
	return (v.Start + SegmentSize - 1) &^ (SegmentSize - 1), v.End &^ (SegmentSize - 1)
}

// scanMMSlot is khugepaged_scan_mm_slot() of v6.6: it goes on in the mm that the cursor is at, or begins with the first.
// As there, it leaves the mm after each file segment, since it gave up mmap_lock for it. It returns the progress it made,
// and whether it got no huge page.
func (k *Khugepaged) scanMMSlot(c *kern.CPU, pages int) (progress int, failed bool) {
	k.mu.Lock()
	if k.cursor == nil {
		k.cursor, k.address = k.slots.head, 0
	}
	slot := k.cursor
	k.mu.Unlock()
	as := slot.as

	done := false // all of the mm was looked at
	if !as.mmapLock.TryRLock() {
		k.counts.LockMissed++
		k.leave(c, slot, true)
		return progress, false
	}
	progress++
	switch {
	case k.exited(c, as):
		as.mmapLock.RUnlock()
	default:
		var at place
		at, done = k.nextSegment(c, as, pages, &progress)
		as.mmapLock.RUnlock()
		if at.file != nil {
			failed = k.scanFile(c, as, at)
			k.address = at.addr + SegmentSize
			progress += kern.PTRSPerPTE
		}
	}
	k.leave(c, slot, done)
	return progress, failed
}

// place is a segment of a file that shows in an mm.
type place struct {
	file         *File
	addr, offset uint64
}

// nextSegment looks for the next segment of a file from k.address on. Mappings that hold none cost progress, too. It is
// done when there is none in the mm. The caller holds mmap_lock for reading.
func (k *Khugepaged) nextSegment(c *kern.CPU, as *AddressSpace, pages int, progress *int) (at place, done bool) {
	for i := as.vmas.search(k.address); i < len(as.vmas.list); i++ {
		if *progress > pages {
			return place{}, false
		}
		v := as.vmas.list[i]
		lo, hi := v.segments()
		if !v.suits() || k.address >= hi {
			if !v.suits() {
				k.counts.SkippedVMA++
			}
			*progress++
			k.address = max(k.address, v.End)
			continue
		}
		addr := max(k.address, lo)
		return place{v.File, addr, v.Offset + (addr - v.Start)}, false
	}
	return place{}, true
}

// leave ends a visit: the cursor goes on to the next mm if this one is about to die or has been looked at to its end.
// The slot of one that is about to die goes here, since exit left it to khugepaged.
func (k *Khugepaged) leave(c *kern.CPU, slot *mmSlot, done bool) {
	k.mu.Lock()
	drop := false
	if done || k.exited(c, slot.as) {
		if k.cursor = slot.next; k.cursor == nil {
			k.counts.FullScans++
		}
		k.address = 0
		drop = k.collect(c, slot)
	}
	k.mu.Unlock()
	if drop {
		k.m.Sys.MMs.Drop(c, slot.as.MM)
	}
}

// scanFile is hpage_collapse_scan_file() and what follows from it, for the daemon. It tells whether it failed for want of
// a huge page.
func (k *Khugepaged) scanFile(c *kern.CPU, as *AddressSpace, at place) (failed bool) {
	present, huge := at.file.cache.look(at.offset)
	switch {
	case huge:
		switch as.collapsePTEMapped(c, at.addr) {
		case tookTable:
			k.counts.PTEMapped++
		case keptTable:
			k.counts.PTEMappedKept++
		default:
			k.counts.AlreadyMapped++
		}
	case present < kern.PTRSPerPTE-k.cfg.MaxPtesNone:
		k.counts.ExceedNone++
	case k.cfg.HugePage != nil && !k.cfg.HugePage():
		k.counts.AllocHugeFails++
		return true
	default:
		k.m.collapseFile(c, at.file, at.offset)
		k.counts.Collapsed++
	}
	return false
}

// collapseFile is collapse_file(): the segment becomes a huge page, and the page tables that map it go.
func (m *Machine) collapseFile(c *kern.CPU, f *File, offset uint64) int {
	f.cache.setHuge(offset, true)
	return m.RetractPageTables(c, f, offset)
}

// MadviseCollapse is madvise(MADV_COLLAPSE): it collapses the segments of [start, start+length), whatever max_ptes_none
// says, and takes this mm's tables where a segment is huge already. It returns how many segments are huge now, and
// whether all of the range could be: a mapping that cannot hold a huge page is EINVAL.
func (as *AddressSpace) MadviseCollapse(c *kern.CPU, start, length uint64) (huge int, ok bool) {
	m := as.m
	if start >= TaskSize || length > TaskSize-start {
		return 0, false
	}
	m.Sys.MMs.Grab(c, as.MM)
	defer m.Sys.MMs.Drop(c, as.MM)
	ok = true
	for a := (start + SegmentSize - 1) &^ (SegmentSize - 1); a+SegmentSize <= start+length; a += SegmentSize {
		v, found := as.FindVMA(a) // hugepage_vma_revalidate, under mmap_lock
		if !found || !v.suits() || !v.covers(a, a+SegmentSize) {
			return huge, false
		}
		offset := v.Offset + (a - v.Start)
		if _, isHuge := v.File.cache.look(offset); isHuge {
			if as.collapsePTEMapped(c, a) == keptTable {
				ok = false
				continue
			}
		} else {
			m.collapseFile(c, v.File, offset)
		}
		huge++
	}
	return huge, ok
}
