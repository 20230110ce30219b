package explore

import (
	"math/bits"
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is the size that a huge page has on most machines.
const hugePage = 2 << 20

// regionBytes is how much of the address space a region takes. It takes memory for what is used of it only.
const regionBytes = 1 << (18 + bits.UintSize/64*20 + (1-bits.UintSize/64)*10)

// region is memory that grows where it is, so that a table which doubles needs no second one, and no page is cleared twice. It
// lies on huge pages, if the system has any: nearly every probe of a large table would miss the TLB otherwise. The garbage
// collector does not know it, so somebody must close it.
type region struct {
	mem  []byte
	used int
}

// newRegion returns nothing if the system has no such memory.
func newRegion() *region {
	mem, err := unix.Mmap(-1, 0, regionBytes, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE)
	if err != nil {
		return nil
	}
	return &region{mem: mem}
}

// grow returns the first n lines of the region, nil if that is more than there is. Those that were not used before are empty.
func (r *region) grow(n int) []line {
	size := n * lineBytes
	at := uintptr(unsafe.Pointer(unsafe.SliceData(r.mem)))
	from := int((at+hugePage-1)&^(hugePage-1) - at)
	if size > len(r.mem)-from {
		return nil
	}
	if size > r.used {
		more := r.mem[from+r.used : from+size]
		if unix.Mprotect(more, unix.PROT_READ|unix.PROT_WRITE) != nil {
			return nil
		}
		_ = unix.Madvise(more, unix.MADV_HUGEPAGE) // an advice: nothing depends on its being taken
		r.used = size
	}
	return unsafe.Slice((*line)(unsafe.Pointer(&r.mem[from])), n)
}

// close gives the memory back. The lines must not be used any more.
func (r *region) close() {
	if r != nil && r.mem != nil {
		_ = unix.Munmap(r.mem)
		r.mem = nil
	}
}

// newLines returns empty lines of the Go heap, on huge pages where there are many: then it takes some more, of which nothing is
// touched, to begin with a huge page.
func newLines(n int) []line {
	if n*lineBytes < hugePage {
		return make([]line, n)
	}
	lines := make([]line, n+hugePage/lineBytes)
	at := uintptr(unsafe.Pointer(unsafe.SliceData(lines)))
	from := int((at+hugePage-1)&^(hugePage-1)-at) / lineBytes
	lines = lines[from : from+n : from+n]
	_ = unix.Madvise(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(lines))), n*lineBytes), unix.MADV_HUGEPAGE)
	return lines
}
