package s390sim

import "ptsim/kern"

// argStack is where execve builds the argument vector of a program with three levels of tables: the last page below
// STACK_TOP_MAX, 4 TiB on s390.
const argStack = 1<<42 - kern.PageSize

// ArgStack is what execve does to a new address space first: bprm_mm_init() maps a page at the very top, and
// copy_strings() faults it in. Its table is the lower half of the mm's first page. The stack moves from there when
// setup_arg_pages() knows where it is to be, and needs a table at its new place, too; only then does the old one go,
// through a gather of its own. Nothing tells where that place is, so the mm's next table stands for it: ShiftArgPages comes
// after that. So a program starts with its first page half pending at the head of pgtable_list.
func (as *AddressSpace) ArgStack(c *kern.CPU) {
	as.mmapLock.Lock()
	as.args = &VMA{Start: argStack, End: argStack + kern.PageSize}
	as.mapVMA(c, as.args)
	as.mmapLock.Unlock()
	as.Fault(c, argStack, true)
	as.shifts = true
}

// ShiftArgPages is the end of shift_arg_pages(): the table of the argument stack's first place goes, and what is above it
// stays. It does nothing if that was done before.
func (as *AddressSpace) ShiftArgPages(c *kern.CPU) {
	if !as.shifts {
		return
	}
	as.mmapLock.Lock()
	defer as.mmapLock.Unlock()
	as.shifts = false
	i := as.vmas.search(argStack)
	if i == len(as.vmas.list) || as.vmas.list[i] != as.args {
		return // the program mapped something over it
	}
	as.vmas.list = append(as.vmas.list[:i], as.vmas.list[i+1:]...)
	as.args = nil
	g := as.m.Sys.TLB.Gather(as.MM)
	room := &as.m.rooms[c.ID()]
	tables := room.take()
	as.lockPT(c)
	if r := as.pt.regionOf(argStack >> SegmentShift); r != nil {
		tables = as.detachPTEs(c, r, argStack, argStack+kern.PageSize, false, tables)
	}
	as.unlockPT(c)
	as.freeDetached(c, &g, tables)
	room.give(tables)
	g.Finish(c)
}
