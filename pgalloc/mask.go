package pgalloc

import "fmt"

// Mask is the upper byte of struct page's _refcount: what the two halves of a page are doing. Half 0 is the lower one,
// half 1 the upper; the bit of a half is its number.
//
//	bits 0, 1  AA  the half is allocated
//	bits 2, 3  HH  the half is pending on the page's rcu_head (the versions of the RFC only)
//	bits 4, 5  PP  the half is pending, by any method
//
// Bit 7 is the sign of the kernel's atomic_t and can never be used; bit 6 is spare.
type Mask uint8

// The bits of half 0; those of half 1 are the next higher.
const (
	A Mask = 0x01
	H Mask = 0x04
	P Mask = 0x10

	maskA = 3 * A
	maskH = 3 * H
	maskP = 3 * P

	// MaskShift is where the mask lies in _refcount.
	MaskShift = 24
)

// AA returns which halves are allocated, as two bits.
func (m Mask) AA() uint32 { return uint32(m & maskA) }

// HH returns which halves are pending on the rcu_head, as two bits.
func (m Mask) HH() uint32 { return uint32(m&maskH) >> 2 }

// PP returns which halves are pending, as two bits.
func (m Mask) PP() uint32 { return uint32(m&maskP) >> 4 }

// Allocated tells whether the half is allocated.
func (m Mask) Allocated(half uint32) bool { return m&(A<<half) != 0 }

// PendingHead tells whether the half is pending on the page's rcu_head.
func (m Mask) PendingHead(half uint32) bool { return m&(H<<half) != 0 }

// Pending tells whether the half is pending by any method.
func (m Mask) Pending(half uint32) bool { return m&(P<<half) != 0 }

// String prints the six bits one way everywhere, high bits left: 0x15 is "-P|-H|-A". A mask with a bit beyond those is
// printed in hex.
func (m Mask) String() string {
	if m > 0x3f {
		return fmt.Sprintf("%#02x", uint8(m))
	}
	s := []byte("PP|HH|AA")
	for i, bit := range [...]Mask{P << 1, P, 0, H << 1, H, 0, A << 1, A} {
		if bit != 0 && m&bit == 0 {
			s[i] = '-'
		}
	}
	return string(s)
}

// HalfState names what one half is doing.
type HalfState uint8

// The states of a half. HalfBroken stands for a combination that makes no sense.
const (
	HalfFree HalfState = iota
	HalfAllocated
	HalfPending     // pending, by a batch or otherwise not on the rcu_head
	HalfPendingHead // pending on the rcu_head
	HalfBroken
)

var halfStateNames = [...]string{"free", "allocated", "pending", "pending on rcu_head", "broken"}

func (s HalfState) String() string { return halfStateNames[s] }

// Half returns the state of a half.
func (m Mask) Half(half uint32) HalfState {
	switch m >> half & (A | H | P) {
	case 0:
		return HalfFree
	case A:
		return HalfAllocated
	case P:
		return HalfPending
	case P | H:
		return HalfPendingHead
	}
	return HalfBroken
}

// maskRules is what a version says about masks.
type maskRules struct {
	legal  [256]bool // may be seen by anybody, at any time
	listed [256]bool // the page is on pgtable_list whenever nobody holds the lock
}

// fragmentRules are the rules of the versions that split pages. In all of them a half is allocated or pending, never
// both; heads says whether the H bits are in use.
func fragmentRules(heads bool, listed func(Mask) bool) maskRules {
	r := maskRules{}
	for m := range Mask(0x40) {
		ok := m.Half(0) != HalfBroken && m.Half(1) != HalfBroken && (heads || m.HH() == 0)
		r.legal[m] = ok
		r.listed[m] = ok && listed(m)
	}
	return r
}

// oneAllocated is the list rule of classic and, but for PageActive, of active: exactly one half is allocated, whatever
// the other is doing.
func oneAllocated(m Mask) bool { return m.AA() == 1 || m.AA() == 2 }

// oneAllocatedOneFree is the list rule of the RFC: exactly one half is allocated and the other is free.
func oneAllocatedOneFree(m Mask) bool { return m == A || m == A<<1 }
