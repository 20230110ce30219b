package explore

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is the size that a huge page has on most machines.
const hugePage = 2 << 20

// newLines returns empty lines. Where there are many they lie on huge pages, if the system has any: nearly every probe of a
// large table would miss the TLB otherwise.
func newLines(n int) []line {
	lines := make([]line, n)
	at := uintptr(unsafe.Pointer(unsafe.SliceData(lines)))
	from, to := (at+hugePage-1)&^(hugePage-1), (at+uintptr(n)*lineBytes)&^(hugePage-1)
	if from < to { // an advice: nothing depends on its being taken
		_ = unix.Madvise(unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(lines)), from-at)), to-from), unix.MADV_HUGEPAGE)
	}
	return lines
}
