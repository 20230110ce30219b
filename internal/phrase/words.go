package phrase

import (
	"fmt"
	"strconv"
	"strings"

	"ptsim/internal/labs/pagetable"
	"ptsim/kern"
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
		field := pageWords[a-p.Page()]
		if f := n.m.PageField(a - p.Page()); f != nil {
			field = f.Name
		}
		if field != "" {
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
	case o.fields != nil:
		field = fieldName(o.fields, off)
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

// fieldName names a word by the fields of its object.
func fieldName(fields []kern.Field, off kern.Addr) string {
	f, word := kern.FieldAt(fields, off)
	switch {
	case f == nil:
		return ""
	case word == 0:
		return f.Name
	case f.Kind == kern.FieldList:
		return f.Name + ".prev"
	case f.Kind == kern.FieldRCUHead:
		return f.Name + ".func"
	}
	return fmt.Sprintf("%s[%d]", f.Name, word)
}

// field returns what the word at a is declared to hold, nil if nothing says it.
func (n *Names) field(a kern.Addr) *kern.Field {
	if p := n.m.PageOf(a); p != 0 {
		return n.m.PageField(a - p.Page())
	}
	if o := n.find(a); o != nil {
		f, _ := kern.FieldAt(o.fields, a-o.base)
		return f
	}
	return nil
}

// flags names the flags of a page: its users', and whether it is locked.
func (n *Names) flags(f *kern.Field, v uint32) string {
	text := n.Held(f, v&(kern.PGLocked-1))
	switch {
	case v&kern.PGLocked == 0:
		return text
	case text == "0":
		return "locked"
	}
	return text + "|locked"
}

// Held says what v in a word with that field means.
func (n *Names) Held(f *kern.Field, v uint32) string {
	switch f.Kind {
	case kern.FieldPointer, kern.FieldList:
		return n.Object(kern.Addr(v))
	case kern.FieldBits:
		var on []string
		for i := range 32 {
			if v&(1<<i) == 0 {
				continue
			}
			if i < len(f.Bits) && f.Bits[i] != "" {
				on = append(on, f.Bits[i])
			} else {
				on = append(on, fmt.Sprintf("bit %d", i))
			}
		}
		if on == nil {
			return "0"
		}
		return strings.Join(on, "|")
	}
	if kern.Addr(v).IsFunc() {
		return n.m.FuncName(kern.Func(v))
	}
	return fmt.Sprint(v)
}

// Value says what v in the word at a means.
func (n *Names) Value(a kern.Addr, v uint32) string {
	if f := n.field(a); f != nil {
		if p := n.m.PageOf(a); p != 0 && a == p.Page()+kern.PageFlags {
			return n.flags(f, v)
		}
		return n.Held(f, v)
	}
	if p := n.m.PageOf(a); p != 0 {
		if !n.masks {
			return fmt.Sprint(v)
		}
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
	text := pagetable.Mask(refcount >> pagetable.MaskShift).String()
	if refs := refcount & (1<<pagetable.MaskShift - 1); refs != 1 {
		text += fmt.Sprintf(", refcount %d", refs)
	}
	return text
}

// Flips says which bits an xor turned on and off, and in which half: +P1 -A1. v is what it left.
func Flips(bits, v uint32) string {
	text := ""
	flipped, left := pagetable.Mask(bits>>pagetable.MaskShift), pagetable.Mask(v>>pagetable.MaskShift)
	for _, sign := range []string{"+", "-"} {
		for i, bit := range []pagetable.Mask{pagetable.P, pagetable.H, pagetable.A} {
			for half := range uint32(2) {
				if b := bit << half; flipped&b != 0 && (left&b != 0) == (sign == "+") {
					text += fmt.Sprintf(" %s%c%d", sign, "PHA"[i], half)
				}
			}
		}
	}
	return text
}
