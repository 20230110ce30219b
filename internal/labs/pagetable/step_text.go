package pagetable

import (
	"fmt"
	"strings"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/pgalloc"
)

// Text writes a step that is about a page's mask or flags, or is a mark.
func (k *Notation) Text(d *explore.Step, after uint32) string {
	op, a := d.Op, d.Op.Addr
	switch op.Kind {
	case kern.OpRead:
		if k.isRefcount(a) {
			return fmt.Sprintf("atomic_read(%s): %s", k.names.Object(a), picture(d.Result))
		}
		if d.Func == "active" {
			return fmt.Sprintf("PageActive(%s): %d", k.names.Object(a), d.Result&pgalloc.PGActive)
		}
	case kern.OpXor:
		if k.isRefcount(a) {
			return fmt.Sprintf("xor %s%s: %s", k.names.Object(a), flips(op.A, d.Result), picture(d.Result))
		}
	case kern.OpOr:
		if k.isActive(op) {
			return k.active(op)
		}
	case kern.OpAndNot:
		if k.isActive(op) {
			return fmt.Sprintf("%s: %d", k.active(op), d.Result&pgalloc.PGActive)
		}
	case kern.OpPutPage:
		if d.Result == 0 {
			return fmt.Sprintf("put_page(page%d): refcount %d", kern.PFN(a), after&(1<<pgalloc.MaskShift-1))
		}
	case kern.OpMark:
		return mark(op)
	}
	return ""
}

// Next writes a step that is yet to come.
func (k *Notation) Next(m *kern.Machine, op kern.Op) string {
	a := op.Addr
	switch op.Kind {
	case kern.OpRead:
		if k.isRefcount(a) {
			return fmt.Sprintf("atomic_read(%s)", k.names.Object(a))
		}
	case kern.OpXor:
		if k.isRefcount(a) {
			return fmt.Sprintf("xor %s, %s", k.names.Object(a), bitNames(op.A))
		}
	case kern.OpOr, kern.OpAndNot:
		if k.isActive(op) {
			return k.active(op)
		}
	case kern.OpCallRCU:
		if m.FuncName(kern.Func(op.A)) == "batch" && k.names.Base(a) == 0 {
			return "call_rcu(a new batch, batch)"
		}
	case kern.OpMark:
		return mark(op)
	}
	return ""
}

// active writes a change of PageActive.
func (k *Notation) active(op kern.Op) string {
	if op.Kind == kern.OpOr {
		return fmt.Sprintf("SetPageActive(%s)", k.names.Object(op.Addr))
	}
	return fmt.Sprintf("TestClearPageActive(%s)", k.names.Object(op.Addr))
}

// mark writes a point in the code.
func mark(op kern.Op) string {
	switch op.A {
	case pgalloc.MarkIPI:
		return "IPI to every CPU"
	case pgalloc.MarkGmapUnlink:
		return "gmap_unlink()"
	}
	return ""
}

func (k *Notation) isRefcount(a kern.Addr) bool {
	p := k.names.PageOf(a)
	return p != 0 && a == p.Page()+kern.PageRefcount
}

// isActive tells whether a change of flags is one of PageActive.
func (k *Notation) isActive(op kern.Op) bool {
	p := k.names.PageOf(op.Addr)
	return p != 0 && op.Addr == p.Page()+kern.PageFlags && op.A == pgalloc.PGActive
}

// maskBits are the bits of a mask as those of the lower half, with their letters, in the order in which they are written.
var maskBits = []struct {
	bit    pgalloc.Mask
	letter string
}{{pgalloc.P, "P"}, {pgalloc.H, "H"}, {pgalloc.A, "A"}}

// bitNames names the bits of a mask that an xor flips: P1 A1.
func bitNames(bits uint32) string {
	var list []string
	mask := pgalloc.Mask(bits >> pgalloc.MaskShift)
	for _, b := range maskBits {
		for half := range uint32(2) {
			if mask&(b.bit<<half) != 0 {
				list = append(list, fmt.Sprintf("%s%d", b.letter, half))
			}
		}
	}
	return strings.Join(list, " ")
}

// picture is the picture of a page in a refcount: its six bits, and the references if they are not the one that the allocator
// holds.
func picture(refcount uint32) string {
	text := pgalloc.Mask(refcount >> pgalloc.MaskShift).String()
	if refs := refcount & (1<<pgalloc.MaskShift - 1); refs != 1 {
		text += fmt.Sprintf(", refcount %d", refs)
	}
	return text
}

// flips says which bits an xor turned on and off, and in which half: +P1 -A1. v is what it left.
func flips(bits, v uint32) string {
	text := ""
	flipped, left := pgalloc.Mask(bits>>pgalloc.MaskShift), pgalloc.Mask(v>>pgalloc.MaskShift)
	for _, sign := range []string{"+", "-"} {
		for _, b := range maskBits {
			for half := range uint32(2) {
				if bit := b.bit << half; flipped&bit != 0 && (left&bit != 0) == (sign == "+") {
					text += fmt.Sprintf(" %s%s%d", sign, b.letter, half)
				}
			}
		}
	}
	return text
}
