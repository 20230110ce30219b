package s390sim

import "ptsim/kern"

// mmSlot is khugepaged's mm_slot: an mm that it scans in turn. It holds a reference on the struct, not on the address
// space. Its links, and AddressSpace.slot, are under Khugepaged.mu.
type mmSlot struct {
	as         *AddressSpace
	prev, next *mmSlot
}

// slotList is khugepaged_scan.mm_head.
type slotList struct {
	head, tail *mmSlot
	n          int
}

func (l *slotList) append(s *mmSlot) {
	s.prev, s.next = l.tail, nil
	if l.tail == nil {
		l.head = s
	} else {
		l.tail.next = s
	}
	l.tail = s
	l.n++
}

func (l *slotList) remove(s *mmSlot) {
	if s.prev == nil {
		l.head = s.next
	} else {
		s.prev.next = s.next
	}
	if s.next == nil {
		l.tail = s.prev
	} else {
		s.next.prev = s.prev
	}
	s.prev, s.next = nil, nil
	l.n--
}

// enterVMA is khugepaged_enter_vma(): a new or grown mapping that could hold a huge page has its mm scanned from now on.
func (k *Khugepaged) enterVMA(c *kern.CPU, v *VMA) {
	if k == nil || !v.suits() {
		return
	}
	k.enter(c, v.as)
}

// enter is __khugepaged_enter(): the mm gets a slot, unless it has one, at the end of the line.
func (k *Khugepaged) enter(c *kern.CPU, as *AddressSpace) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if as.slot != nil { // MMF_VM_HUGEPAGE
		return
	}
	if k.slots.n == 0 && k.next == never {
		k.next = k.m.clock.now // it slept for want of work, and is woken
	}
	as.slot = &mmSlot{as: as}
	k.slots.append(as.slot)
	k.m.Sys.MMs.Grab(c, as.MM)
	k.counts.Entered++
}

// fork is khugepaged_fork(): the child of an mm that is scanned is scanned, too.
func (k *Khugepaged) fork(c *kern.CPU, parent, child *AddressSpace) {
	if k == nil {
		return
	}
	k.mu.Lock()
	scanned := parent.slot != nil
	k.mu.Unlock()
	if scanned {
		k.enter(c, child)
	}
}

// exit is __khugepaged_exit(), for an mm that has no user any more. Its slot goes, and with it khugepaged's reference,
// unless khugepaged stands at this very mm: then khugepaged drops it when it moves on, and exit waits only until it is
// out of the mm's mappings.
func (k *Khugepaged) exit(c *kern.CPU, as *AddressSpace) {
	if k == nil {
		return
	}
	k.mu.Lock()
	slot := as.slot
	mine := slot != nil && k.cursor != slot
	if mine {
		k.slots.remove(slot)
		as.slot = nil
		k.counts.Exited++
	}
	k.mu.Unlock()
	if mine {
		k.m.Sys.MMs.Drop(c, as.MM)
	} else if slot != nil {
		as.mmapLock.Lock() // khugepaged looks at mm_users with it held, and will not go on in this mm
		//lint:ignore SA2001 waiting is the point
		as.mmapLock.Unlock()
	}
}

// collect is collect_mm_slot(): the slot of an mm without users goes. The caller holds mu; it drops the reference when it
// has let go of that, since __mmdrop is not to be run under a spin lock.
func (k *Khugepaged) collect(c *kern.CPU, s *mmSlot) (drop bool) {
	if !k.exited(c, s.as) {
		return false
	}
	k.slots.remove(s)
	s.as.slot = nil
	k.counts.Collected++
	return true
}

// exited is hpage_collapse_test_exit(): nobody uses the address space any more.
func (k *Khugepaged) exited(c *kern.CPU, as *AddressSpace) bool {
	return kern.ReadOnce(c, as.MM.Users()) == 0
}
