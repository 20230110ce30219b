package kern

// A list_head is two words: next, then prev. The head of a list and the nodes on it look alike. A node that list_del
// took off holds ListPoison1 and ListPoison2; one that was never listed holds zeros.
const (
	listNext = 0
	listPrev = 1

	// ListHeadWords is how many words a list_head takes.
	ListHeadWords = 2
)

// InitListHead is INIT_LIST_HEAD(): h becomes an empty list, or a node on none.
func InitListHead(c *CPU, h Addr) {
	if c.sched != nil {
		c.slow(OpListInit, h, 0, 0)
		return
	}
	c.listInit(h)
}

// ListAdd is list_add(): node goes to the front of the list at head. The caller holds the lock of the list.
func ListAdd(c *CPU, node, head Addr) {
	c.listInsert(OpListAdd, node, head, c.watched)
}

// ListAddTail is list_add_tail(): node goes to the end of the list at head.
func ListAddTail(c *CPU, node, head Addr) {
	c.listInsert(OpListAddTail, node, head, c.watched)
}

// ListDel is list_del(): node leaves its list and its words are poisoned.
func ListDel(c *CPU, node Addr) {
	c.listRemove(OpListDel, node, c.watched)
}

// ListDelInit is list_del_init(): node leaves its list, if it is on one, and becomes an empty list itself.
func ListDelInit(c *CPU, node Addr) {
	c.listRemove(OpListDelInit, node, c.watched)
}

// ListEmpty is list_empty(): it tells whether nothing is on the list. it tells whether nothing is on the list.
func ListEmpty(c *CPU, head Addr) bool {
	if c.sched != nil {
		return c.slow(OpListEmpty, head, 0, 0) != 0
	}
	return c.listFirst(head) == 0
}

// ListFirstOrNull is list_first_entry_or_null(): the node at the front of the list, 0 if the list is empty.
func ListFirstOrNull(c *CPU, head Addr) Addr {
	if c.sched != nil {
		return Addr(c.slow(OpListFirst, head, 0, 0))
	}
	if next := Addr(*c.m.word(head + listNext)); next < special && next != head {
		return next
	}
	return c.listNone(head)
}

func (c *CPU) listInit(h Addr) {
	*c.m.word(h + listNext) = uint32(h)
	*c.m.word(h + listPrev) = uint32(h)
}

func (c *CPU) listFirst(head Addr) Addr {
	if next := Addr(*c.m.word(head + listNext)); next < special && next != head {
		return next
	}
	return c.listNone(head)
}

// listNone is what a look at the front of a list comes to if it is empty, or gone.
func (c *CPU) listNone(head Addr) Addr {
	if Addr(*c.m.word(head + listNext)) >= special {
		c.Report(&Violation{Kind: UseAfterFree, Addr: head, Detail: "looks at the list of %o, which was freed"})
	}
	return 0
}

// listInsert puts node behind head or, with OpListAddTail, before it; or leaves that to the scheduler, as a step. So the
// primitive itself is inlined. As with CONFIG_DEBUG_LIST, a list that is not sound
// is reported and left alone.
func (c *CPU) listInsert(k OpKind, node, head Addr, step bool) {
	if step {
		c.slow(k, node, uint32(head), 0)
		return
	}
	prev, next := head, Addr(*c.m.word(head + listNext))
	if k == OpListAddTail || k == OpListAddTailRCU {
		prev, next = Addr(*c.m.word(head + listPrev)), head
	}
	nextPrev, prevNext := c.m.word(next+listPrev), c.m.word(prev+listNext)
	if Addr(*nextPrev) != prev || Addr(*prevNext) != next {
		c.listCorrupt(node, prev, next, "list_add")
		return
	}
	mine := c.m.word(node + listPrev)
	if was := Addr(*mine); was != 0 && was != node && was != ListPoison2 && c.nodeInUse(node, was) {
		return
	}
	*nextPrev = uint32(node)
	*c.m.word(node + listNext) = uint32(next)
	*mine = uint32(prev)
	if k == OpListAddRCU || k == OpListAddTailRCU {
		storeRelease(prevNext, uint32(node)) // rcu_assign_pointer: from here on readers meet the node
		return
	}
	*prevNext = uint32(node)
}

// listRemove takes node off its list and poisons its words or, with OpListDelInit, makes it an empty list; or leaves that to
// the scheduler.
func (c *CPU) listRemove(k OpKind, node Addr, step bool) {
	if step {
		c.slow(k, node, 0, 0)
		return
	}
	myNext, myPrev := c.m.word(node+listNext), c.m.word(node+listPrev)
	next, prev := Addr(*myNext), Addr(*myPrev)
	if k == OpListDelInit && next == node {
		return
	}
	prevNext, nextPrev := c.m.word(prev+listNext), c.m.word(next+listPrev)
	if Addr(*prevNext) != node || Addr(*nextPrev) != node {
		c.listCorrupt(node, prev, next, "list_del")
		return
	}
	if k == OpListDelRCU {
		unlinkRCU(prevNext, nextPrev, myPrev, next, prev)
		return
	}
	*nextPrev = uint32(prev)
	*prevNext = uint32(next)
	*myNext, *myPrev = uint32(ListPoison1), uint32(ListPoison2)
	if k == OpListDelInit {
		*myNext, *myPrev = uint32(node), uint32(node)
	}
}

// nodeInUse reports a node that is on a list already, or whose words are in use for something else. prev is what its
// second word holds.
func (c *CPU) nodeInUse(node, prev Addr) bool {
	switch nodeState(node, prev) {
	case Listed:
		c.Report(&Violation{Kind: ListCorruption, Addr: node, Detail: "list_add of a node that is on a list already"})
		return true
	case Queued:
		c.Report(&Violation{Kind: UnionOverlap, Addr: node, Detail: "list_add while the rcu_head in the same words is queued"})
		return true
	}
	if prev == FreePoison {
		c.Report(&Violation{Kind: UseAfterFree, Addr: node, Detail: "adds to a list %o, which was freed"})
		return true
	}
	return false
}

// listCorrupt says what is wrong with a list on which node was to be added or deleted.
func (c *CPU) listCorrupt(node, prev, next Addr, what string) {
	v := &Violation{Kind: ListCorruption, Addr: node}
	switch {
	case what == "list_add" && (prev == FreePoison || next == FreePoison):
		v.Kind, v.Detail = UseAfterFree, "adds to a list of %o, which was freed"
		v.Addr = next
		if next == FreePoison {
			v.Addr = prev
		}
	case prev == FreePoison || next == FreePoison:
		v.Kind, v.Detail = UseAfterFree, "takes off a list %o, which was freed"
	case prev.IsFunc():
		v.Kind, v.Detail = UnionOverlap, what+" of a node whose words hold a queued rcu_head"
	case prev == ListPoison2 || next == ListPoison1:
		v.Detail = what + " of a node that was deleted before"
	case prev == 0 && next == 0:
		v.Detail = what + " of a node that never was on a list"
	default:
		v.Detail = what + ": the neighbours do not point at each other"
	}
	c.Report(v)
}

// ListState is what a node's two words say about it.
type ListState uint8

// The states of a list node that shares its words with an rcu_head.
const (
	Unlisted ListState = iota // zero, poison or pointing to itself
	Listed                    // on a list
	Queued                    // the words are a queued rcu_head
)

// NodeState reads the state of the node at a, as a debugger would.
func (m *Machine) NodeState(a Addr) ListState { return nodeState(a, Addr(m.Peek(a+listPrev))) }

func nodeState(node, prev Addr) ListState {
	switch {
	case prev.IsFunc():
		return Queued
	case prev.IsPlace() && prev != node:
		return Listed
	}
	return Unlisted
}

// OnList tells whether node is on a list. It is meant for checks by a CPU that holds the lock of the list, and is no
// step of its own.
func (c *CPU) OnList(node Addr) bool {
	return nodeState(node, Addr(loadAcquire(c.m.word(node+listPrev)))) == Listed
}

// Walk calls f for each node of the list at head, front first, until it returns false; it tells whether the list is
// sound: every node it met points back at the one before, and the last leads to the head again. It reads as a debugger.
func (m *Machine) Walk(head Addr, f func(node Addr) bool) bool {
	prev, node := head, Addr(m.Peek(head+listNext))
	for n := 0; node != head; n++ {
		if !node.IsPlace() || n > MaxFrames {
			return false
		}
		if !f(node) {
			return true
		}
		if Addr(m.Peek(node+listPrev)) != prev {
			return false
		}
		prev, node = node, Addr(m.Peek(node+listNext))
	}
	return Addr(m.Peek(head+listPrev)) == prev
}
