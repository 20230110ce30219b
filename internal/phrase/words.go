package phrase

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"ptsim/kern"
)

// pageWords are the words of a struct page.
var pageWords = map[kern.Addr]string{
	kern.PageFlags: "flags", kern.PageLRU: "lru", kern.PageLRU + 1: "lru.prev", kern.PageMapping: "mapping", kern.PageIndex: "index",
	kern.PagePrivate: "private", kern.PageType: "page_type", kern.PageRefcount: "_refcount",
}

// Word names the word at a: mm1->mm_count.
func (n *Names) Word(a kern.Addr) string {
	if a < kern.FrameWords { // as the explorer says it of a NULL pointer that is followed
		return fmt.Sprintf("word %d behind NULL", uint32(a))
	}
	object, field := n.Place(a)
	if field == "" {
		return object
	}
	return object + "->" + field
}

// Place names the word at a by what it is in and which it is: mm1 and mm_count. Of an object that is one word there is no field.
func (n *Names) Place(a kern.Addr) (object, field string) {
	object = n.Object(a)
	if p := n.m.PageOf(a); p != 0 {
		field = pageWords[a-p.Page()]
		if n.notation != nil {
			field = cmp.Or(n.notation.PageWord(a-p.Page()), field)
		}
		if f := n.m.PageField(a - p.Page()); f != nil {
			field = f.Name
		}
		return object, field
	}
	o := n.find(a)
	if o == nil {
		return object, ""
	}
	off := a - o.Base
	if n.notation != nil {
		if by, field := n.notation.Word(&o.Named, off); field != "" {
			return by, field
		}
	}
	field = fieldName(o.fields, off)
	if field == "" && o.words != 1 {
		field = strconv.Itoa(int(off))
	}
	return object, field
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
		f, _ := kern.FieldAt(o.fields, a-o.Base)
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
	case kern.FieldLock:
		switch kern.Addr(v) {
		case 0:
			return "free"
		case kern.FreePoison, kern.UninitPoison:
			return special[kern.Addr(v)]
		}
		return "held"
	case kern.FieldTagged:
		if to, flags := n.Tagged(f, v); to != "" {
			return strings.Join(append([]string{to}, bits(f, flags)...), "|")
		}
	case kern.FieldBits:
		if on := bits(f, v); on != nil {
			return strings.Join(on, "|")
		}
		return "0"
	}
	return n.number(v)
}

// Tagged takes a tagged pointer apart: the name of the object, "" if v is a number, and the flags.
func (n *Names) Tagged(f *kern.Field, v uint32) (to string, flags uint32) {
	base, flags := f.Untag(v)
	o := n.Allocated(base)
	if o != nil && o.Cache == f.To || base == 0 && flags != 0 {
		return n.Object(base), flags
	}
	return "", 0
}

// bits names the bits that are on.
func bits(f *kern.Field, v uint32) (on []string) {
	for i := range 32 {
		switch {
		case v&(1<<i) == 0:
		case i < len(f.Bits) && f.Bits[i] != "":
			on = append(on, f.Bits[i])
		default:
			on = append(on, fmt.Sprintf("bit %d", i))
		}
	}
	return on
}

// number writes what is no address of an object: a function, poison, or a number.
func (n *Names) number(v uint32) string {
	a := kern.Addr(v)
	if name, ok := special[a]; ok && a != 0 {
		return name
	}
	if a.IsFunc() {
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
	if n.notation != nil {
		if text := n.notation.Value(a, v); text != "" {
			return text
		}
	}
	if n.m.PageOf(a) == 0 && kern.Addr(v).IsPlace() && n.find(kern.Addr(v)) != nil {
		return n.Object(kern.Addr(v))
	}
	return n.number(v)
}
