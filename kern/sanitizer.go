package kern

import "fmt"

// Sanitizer is a Scheduler that lets each primitive happen at once, after a look at the words that it is about: KASAN for
// pointers, and KMSAN. A primitive that is told a NULL or a wild pointer is a violation, and does nothing; one that reads a word
// of an object from Kmalloc that nobody has written is one, too. An explorer finds both itself. Natively a machine does not look,
// and code that follows a wild pointer panics, unless m.Attach(kern.Sanitizer{}).
type Sanitizer struct{}

// Step carries op out, unless its pointers are bad.
func (Sanitizer) Step(c *CPU, op Op) uint32 {
	p := &primitives[op.Kind]
	if p.Shape == NoWords {
		return c.Exec(op)
	}
	m := c.m
	if p.Shape != PageCount && !op.Addr.IsPlace() {
		c.Report(PointerViolation(op.Kind, op.Addr))
		return 0
	}
	var f Footprint
	for _, a := range m.Footprint(int(c.id), op, &f) {
		if !m.allocated(a) {
			c.Report(PointerViolation(op.Kind, a))
			return 0
		}
		if p.Looks() && Addr(m.Peek(a)) == UninitPoison {
			c.Report(&Violation{Kind: UninitRead, Addr: a, Detail: "reads a word of %o that nobody has written"})
		}
	}
	return c.Exec(op)
}

// allocated tells whether the word at a is part of a struct page, or of memory that a slab cache has had.
func (m *Machine) allocated(a Addr) bool {
	if p := PFN(a / FrameWords); a < m.objects {
		m.pages.mu.Lock()
		defer m.pages.mu.Unlock()
		return p > 0 && p < m.pages.next
	}
	m.slab.mu.Lock()
	defer m.slab.mu.Unlock()
	return a < m.slab.next
}

// PointerViolation is what is reported of a primitive that follows a pointer to a, where nothing is: behind NULL, or wild.
func PointerViolation(k OpKind, a Addr) *Violation {
	v := &Violation{Kind: WildPointer, Addr: a}
	does := "writes to"
	if !primitives[k].Writes {
		does = "reads"
	}
	switch {
	case a < FrameWords:
		v.Kind, v.Detail = NullDeref, fmt.Sprintf("%s word %d behind NULL", does, uint32(a))
	case a == ListPoison1 || a == ListPoison1+1 || a == ListPoison2 || a == ListPoison2+1:
		v.Detail = does + " what the poison of a deleted list node leads to"
	case a.IsFunc():
		v.Detail = does + " the text of a function"
	case PoisonedCount(uint32(a)):
		v.Detail = does + " what the poison of freed memory leads to"
	case a-UninitPoison < FrameWords:
		v.Detail = does + " what a word leads to that nobody has written"
	default:
		v.Detail = fmt.Sprintf("%s word %#x, where nothing is", does, uint32(a))
	}
	return v
}
