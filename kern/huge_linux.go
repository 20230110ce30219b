package kern

import (
	"syscall"
	"unsafe"
)

const (
	hugePage = 2 << 20
	madvHuge = 14 // MADV_HUGEPAGE
)

// adviseHuge asks for huge pages behind a block of chunks: a large machine's memory is touched all over, and each first touch
// of a page costs more than all that a table's life does to the words in it. If the answer is no, nothing is lost.
func adviseHuge(block *[manyChunks]chunk) {
	b := unsafe.Slice((*byte)(unsafe.Pointer(block)), unsafe.Sizeof(*block))
	skip := -uintptr(unsafe.Pointer(block)) & (hugePage - 1)
	_ = syscall.Madvise(b[skip:skip+(uintptr(len(b))-skip)&^(hugePage-1)], madvHuge)
}
