package kern

// Footprint is the words that a primitive may read or write. There are at most so many.
type Footprint [6]Addr

// Footprint says which words op would touch if CPU cpu carried it out now: its own word, or for a list operation the words of
// the node and of the neighbours that the list has there. A this_cpu operation that changes its word by what that was touches it
// twice: see Access. Words behind NULL, poison and functions are left out. What the
// allocators, call_rcu and queue_work do besides is not counted. It reads as a debugger.
func (m *Machine) Footprint(cpu int, op Op, f *Footprint) []Addr {
	n := 0
	add := func(a Addr) {
		if a.IsPlace() {
			f[n] = a
			n++
		}
	}
	a := op.Addr
	switch p := &primitives[op.Kind]; p.Shape {
	case OneWord:
		add(a)
	case TwoWords:
		add(a)
		add(a + 1)
	case ThreeWords:
		add(a)
		add(a + 1)
		add(a + 2)
	case PerCPUWord:
		add(a + Addr(cpu))
		if p.Reads && p.Writes {
			add(a + Addr(cpu))
		}
	case PageCount:
		add(PFN(a).Page() + PageRefcount)
	case ListInsert:
		head := Addr(op.A)
		prev, next := head, Addr(m.Peek(head+listNext))
		if op.Kind == OpListAddTail || op.Kind == OpListAddTailRCU {
			prev, next = Addr(m.Peek(head+listPrev)), head
		}
		add(a + listNext)
		add(a + listPrev)
		add(prev + listNext)
		add(next + listPrev)
	case ListRemove:
		add(a + listNext)
		add(a + listPrev)
		if prev := Addr(m.Peek(a + listPrev)); prev.IsPlace() {
			add(prev + listNext)
		}
		if next := Addr(m.Peek(a + listNext)); next.IsPlace() {
			add(next + listPrev)
		}
	}
	return f[:n]
}

// Access tells how a primitive uses word i of its footprint: whether it may write it, and whether by a plain access. Most
// use all their words alike. Where RCU readers walk a list meanwhile, the pointers that they follow are written as such:
// node.next is ready before the node is published, and stays when it is deleted. What is no atomic reads a per-CPU word by the
// claim that no other CPU writes it meanwhile, and then writes it, which others may see.
func (p *Primitive) Access(i int) (write, plain bool) {
	switch {
	case p.Shape == PerCPUWord && p.Reads && p.Writes:
		return i == 1, i == 0
	case p.Publishes && p.Shape == ListInsert:
		return true, i != 2
	case p.Publishes && p.Shape == ListRemove:
		return i > 0, i != 2
	}
	return p.Writes, p.Plain
}
