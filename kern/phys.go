package kern

import "fmt"

const (
	// PageShift is the log2 of a page's size.
	PageShift = 12
	// PageSize is 4 KiB.
	PageSize = 1 << PageShift
	// HalfSize is the size of a page table fragment: 256 entries of 8 bytes.
	HalfSize = 2048
	// PTRSPerPTE is PTRS_PER_PTE: the entries of a page table, which maps 1 MiB.
	PTRSPerPTE = 256
)

// Phys is an emulated physical address: a frame and an offset into it. The address of a page table carries a tag in its
// low two bits where the kernel puts one.
type Phys uint64

// Tags of a table pointer in an mmu_gather batch.
const (
	TagCRST  = 0 // a segment or region table, 16 KiB
	TagLower = 1 // the lower 2 KiB fragment of a page
	TagUpper = 2 // the upper one
	TagPGSTE = 3 // a whole 4 KiB page: a table and its PGSTEs
	tagMask  = 3
)

// PhysOf returns the address of the frame.
func PhysOf(p PFN) Phys { return Phys(p) << PageShift }

// PFN returns the frame that the address lies in: virt_to_page(), which ignores tags.
func (t Phys) PFN() PFN { return PFN(t >> PageShift) }

// Half returns which 2 KiB half of its page the address lies in: 0 the lower, 1 the upper.
func (t Phys) Half() uint32 { return uint32(t>>11) & 1 }

// Tag returns the tag.
func (t Phys) Tag() uint32 { return uint32(t) & tagMask }

// Untag returns the address without its tag.
func (t Phys) Untag() Phys { return t &^ tagMask }

func (t Phys) String() string { return fmt.Sprintf("%#x", uint64(t)) }

// Pack folds a table address into a word: frame, half and tag are all it consists of.
func (t Phys) Pack() uint32 { return uint32(t>>PageShift)<<3 | t.Half()<<2 | t.Tag() }

// Unpack is the inverse of Pack.
func Unpack(w uint32) Phys {
	return Phys(w>>3)<<PageShift | Phys(w>>2&1)<<11 | Phys(w&tagMask)
}
