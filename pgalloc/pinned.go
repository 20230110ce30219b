package pgalloc

import (
	"fmt"
	"math/bits"
	"slices"

	"ptsim/internal/quote"
	"ptsim/kern"
	"ptsim/mmctx"
)

// Pin says what holds a reference on the mm in the pinned version.
type Pin string

// The pins. Each is taken with mmgrab where its doc says, and dropped with mmdrop where a caller holds the mm anyway, or
// with mmdrop_async in a callback, which must not run __mmdrop.
const (
	// PinHalf: every pending half. Grabbed under the lock before the half is marked, dropped by that half's
	// __tlb_remove_table once the mark is off and the lock released. The default.
	PinHalf Pin = "half"
	// PinTable: every table, from its allocation until it is freed at once or its pending mark is off.
	PinTable Pin = "table"
	// PinPage: every page with a pending half. Grabbed under the lock by whoever makes the first half pending, dropped
	// by whoever takes off the last mark, with the lock or without it.
	PinPage Pin = "page"
	// PinPageLocked: as PinPage, but __tlb_remove_table always takes the lock.
	PinPageLocked Pin = "page-locked"
	// PinPageLife: every page, from its birth until its release.
	PinPageLife Pin = "page-life"
)

// Pins returns the pins, the default first.
func Pins() []Pin { return []Pin{PinHalf, PinTable, PinPage, PinPageLocked, PinPageLife} }

func (p Pin) valid() bool { return slices.Contains(Pins(), p) }

func pinNames() []string {
	var s []string
	for _, p := range Pins() {
		s = append(s, string(p))
	}
	return s
}

// ParsePin returns the pin of that name.
func ParsePin(name string) (Pin, error) {
	if p := Pin(name); p.valid() {
		return p, nil
	}
	return "", fmt.Errorf("unknown pin %s; %s", quote.Short(name), quote.Expected(name, pinNames()))
}

// pinRules are a pin as the allocator's code asks for it.
type pinRules struct {
	half       bool
	table      bool
	page       bool // PinPage or PinPageLocked
	pageLife   bool
	alwaysLock bool
}

func (p Pin) rules() pinRules {
	return pinRules{
		half: p == PinHalf, table: p == PinTable, page: p == PinPage || p == PinPageLocked, pageLife: p == PinPageLife,
		alwaysLock: p == PinPageLocked,
	}
}

// Held returns how many references on the mm a page with this mask stands for, when no CPU is inside the allocator. A page
// with PGSTEs stands for none.
func (p Pin) Held(m Mask) uint32 {
	allocated, pending := bits.OnesCount32(m.AA()), bits.OnesCount32(m.PP())
	switch p {
	case PinHalf:
		return uint32(pending)
	case PinTable:
		return uint32(allocated + pending)
	case PinPage, PinPageLocked:
		return uint32(min(pending, 1))
	case PinPageLife:
		return uint32(min(m, 1))
	}
	return 0
}

// pinned is the RFC with a pin on the mm. Since it takes context.lock in a softirq, all others take it with BH off.
type pinned struct{ rfc }

func newPinned(b *base, pin Pin) Version {
	v := &pinned{rfc{base: b, pin: pin.rules()}}
	v.init()
	return v
}

// LazyFlushBH is true: the lock is taken in softirqs.
func (v *pinned) LazyFlushBH() bool { return true }

// RemoveTable is __tlb_remove_table() with the pin's drop. The mm is read before the mark goes: afterwards the page may
// be somebody else's.
func (v *pinned) RemoveTable(c *kern.CPU, table kern.Phys) {
	if v.removeWhole(c, table) {
		return
	}
	page := PageOf(table)
	half := table.Half()
	var mask Mask
	locked := v.pin.alwaysLock || page.Mask(c).AA() != 0
	mm := mmctx.MM(kern.Load(c, page.ptMM()))
	if locked {
		mask = v.relink(c, mm.EmbeddedList(), page, half)
	} else {
		mask = v.xor(c, page, P<<half)
	}
	v.stat(c).pending--
	if mask == 0 {
		v.release(c, page, mask)
	}
	v.unpin(c, mm, mask)
}

// unpin is the pin's drop when __tlb_remove_table is done with the lock and the page, which it left with that mask.
func (v *pinned) unpin(c *kern.CPU, mm mmctx.MM, mask Mask) {
	switch {
	case v.pin.page && mask.PP() != 0, v.pin.pageLife && mask != 0:
	case c.InSoftirq():
		v.mms.DropAsync(c, mm)
	default:
		v.mms.Drop(c, mm) // the batch fallback: the task that unmaps holds the mm
	}
}

// About says what the pin holds, and for how long.
func (p Pin) About() string {
	switch p {
	case PinHalf:
		return "every pending half, from before it is marked until its mark is off"
	case PinTable:
		return "every table, from its allocation until it is free"
	case PinPage:
		return "every page while one of its halves is pending"
	case PinPageLocked:
		return "the same, and callbacks always take the lock"
	case PinPageLife:
		return "every page, from its birth until its release"
	}
	return ""
}
