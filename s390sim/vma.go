package s390sim

// Sizes that decide which table maps what on s390.
const (
	SegmentShift = 20 // PMD_SHIFT: one page table maps 1 MiB
	SegmentSize  = 1 << SegmentShift
	regionShift  = 31 // PUD_SHIFT: one segment table maps 2 GiB
	region3Shift = 42 // P4D_SHIFT: one region-third table maps 4 TiB

	pageMask = 1<<12 - 1

	// TaskSize is the end of user addresses in this model. The region-second table at the top could map 8 PiB; what
	// recorded traces need ends here.
	TaskSize = 1 << 52
)

// VMA is a vm_area_struct. Its fields are protected by its mm's mmap_lock; Start, End and Offset may also be read by a
// holder of its file's i_mmap lock.
type VMA struct {
	Start, End uint64 // page aligned
	File       *File  // nil: private anonymous memory
	Offset     uint64 // of Start in the file, in bytes
	Shared     bool
	AnonVMA    bool // a fault made anonymous memory in it: fork copies its page tables, khugepaged leaves them
	UFFD       bool // userfaultfd write-protection is on
	Assumed    bool // nobody saw it being mapped
	NoAccess   bool // PROT_NONE: nothing populates it but faults, after a protection that nobody saw

	as *AddressSpace
}

// covers tells whether the VMA holds all of [start, end).
func (v *VMA) covers(start, end uint64) bool { return v.Start <= start && end <= v.End }

// likely returns how many segments of the VMA the segment table for addr will map if they are used in turn, or a good many
// if that is more.
func (v *VMA) likely(addr uint64) int {
	const enough = 256
	end := min(v.End, (addr>>regionShift+1)<<regionShift)
	if end <= addr {
		return 1
	}
	return int(min(enough, (end-addr+SegmentSize-1)>>SegmentShift))
}

// vmaSet holds the VMAs of an mm in address order; they do not overlap.
type vmaSet struct {
	list []*VMA
	last int // where findAgain found one
}

// search returns the index of the first VMA that ends behind addr.
func (s *vmaSet) search(addr uint64) int {
	lo, hi := 0, len(s.list)
	for lo < hi {
		if mid := int(uint(lo+hi) >> 1); s.list[mid].End > addr {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// find returns the VMA that holds addr, or nil.
func (s *vmaSet) find(addr uint64) *VMA {
	if i := s.search(addr); i < len(s.list) && s.list[i].Start <= addr {
		return s.list[i]
	}
	return nil
}

// findAgain is find for one goroutine: it looks first where it found one before, as the kernel's per-thread cache of VMAs did.
func (s *vmaSet) findAgain(addr uint64) *VMA {
	if i := s.last; i < len(s.list) {
		if v := s.list[i]; v.Start <= addr && addr < v.End {
			return v
		}
	}
	if i := s.search(addr); i < len(s.list) && s.list[i].Start <= addr {
		s.last = i
		return s.list[i]
	}
	return nil
}

// anyIn tells whether any VMA overlaps [start, end).
func (s *vmaSet) anyIn(start, end uint64) bool {
	i := s.search(start)
	return i < len(s.list) && s.list[i].Start < end
}

func (s *vmaSet) insert(v *VMA) {
	i := s.search(v.Start)
	s.list = append(s.list, nil)
	copy(s.list[i+1:], s.list[i:])
	s.list[i] = v
}
