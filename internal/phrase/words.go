package phrase

import (
	"fmt"
	"strconv"

	"ptsim/kern"
	"ptsim/pgalloc"
)

// pageWords are the words of a struct page, as the allocator uses them.
var pageWords = map[kern.Addr]string{
	kern.PageFlags: "flags", kern.PageLRU: "lru", kern.PageLRU + 1: "lru.prev", kern.PageMapping: "mapping", kern.PageIndex: "pt_mm",
	kern.PagePrivate: "ptl", kern.PageType: "page_type", kern.PageRefcount: "_refcount",
}

// fields are the words of the objects that have no accessors: those of scenarios, and batches.
var fields = map[string][]string{
	"address_space":   {"i_mmap_rwsem"},
	"vm_area_struct":  {"linked", "vm_mm", "pmd"},
	"mmu_table_batch": {"rcu.next", "rcu.func", "nr"},
}

// Word names the word at a: mm1->mm_count.
func (n *Names) Word(a kern.Addr) string {
	name := n.Object(a)
	if p := n.m.PageOf(a); p != 0 {
		if field := pageWords[a-p.Page()]; field != "" {
			return name + "->" + field
		}
		return name
	}
	o := n.find(a)
	if o == nil {
		return name
	}
	off := a - o.base
	field := ""
	switch {
	case o.kind == "mm_struct":
		field = n.mmWords[off]
	case n.lists[o.base] != "":
		name, field = n.lists[o.base], [...]string{"context.lock", "context.pgtable_list"}[min(off, 1)]
	case o.kind == "mmu_table_batch" && off >= 3:
		field = fmt.Sprintf("tables[%d]", off-3)
	case int(off) < len(fields[o.kind]):
		field = fields[o.kind][off]
	}
	if field == "" {
		if o.words == 1 {
			return name
		}
		field = strconv.Itoa(int(off))
	}
	return name + "->" + field
}

// Value says what v in the word at a means.
func (n *Names) Value(a kern.Addr, v uint32) string {
	if p := n.m.PageOf(a); p != 0 {
		switch a - p.Page() {
		case kern.PageRefcount:
			return Mask(v)
		case kern.PageIndex:
			return n.Object(kern.Addr(v))
		}
		return fmt.Sprint(v)
	}
	if o := n.find(a); o != nil {
		switch off := a - o.base; {
		case o.kind == "vm_area_struct" && off == 2, o.kind == "mmu_table_batch" && off >= 3:
			return n.Table(v)
		case o.kind == "vm_area_struct" && off == 1, o.kind == "mm_struct" && n.mmWords[off] == "context.list":
			return n.Object(kern.Addr(v))
		}
	}
	if kern.Addr(v).IsPlace() && n.find(kern.Addr(v)) != nil {
		return n.Object(kern.Addr(v))
	}
	return fmt.Sprint(v)
}

// Mask is the picture of a page in a refcount: its six bits, and the references if they are not the one that the
// allocator holds.
func Mask(refcount uint32) string {
	text := pgalloc.Mask(refcount >> pgalloc.MaskShift).String()
	if refs := refcount & (1<<pgalloc.MaskShift - 1); refs != 1 {
		text += fmt.Sprintf(", refcount %d", refs)
	}
	return text
}

// Flips says which bits an xor turned on and off, and in which half: +P1 -A1. v is what it left.
func Flips(bits, v uint32) string {
	text := ""
	flipped, left := pgalloc.Mask(bits>>pgalloc.MaskShift), pgalloc.Mask(v>>pgalloc.MaskShift)
	for _, sign := range []string{"+", "-"} {
		for i, bit := range []pgalloc.Mask{pgalloc.P, pgalloc.H, pgalloc.A} {
			for half := range uint32(2) {
				if b := bit << half; flipped&b != 0 && (left&b != 0) == (sign == "+") {
					text += fmt.Sprintf(" %s%c%d", sign, "PHA"[i], half)
				}
			}
		}
	}
	return text
}
