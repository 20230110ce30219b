package replay

import (
	"ptsim/internal/ftrace"
	"ptsim/s390sim"
)

// Two threads that fault in one segment at once both allocate a table. pmd_install() takes one; the other is freed at once,
// by page_table_free. A trace shows when faults begin, not when they end, so it cannot tell: on a live s390 kernel 107
// faults began while another thread's, which got the table, might have been under way, and 16 had lost. The replay gives
// the table to the first and counts the others. That is the most there can have been.

// slot is a segment of an address space.
type slot struct {
	as  *s390sim.AddressSpace
	seg uint64
}

// install is a fault that allocated a table and may still be under way: its thread has shown no event since.
type install struct{ tid, cpu int32 }

// race looks at a fault of a process with several threads, by what it came to.
func (r *Replay) race(as *s390sim.AddressSpace, got s390sim.FaultResult, e *ftrace.Event) {
	s := slot{as, e.Addr >> s390sim.SegmentShift}
	switch got {
	case s390sim.FaultTable:
		r.installs[e.TID] = s
		r.installer[s] = install{e.TID, e.CPU}
	case s390sim.FaultMinor:
		if first, ok := r.installer[s]; ok && first.cpu != e.CPU {
			r.assumed.MaybeRaced++
		}
	}
}

// installed notes that a thread's fault is over.
func (r *Replay) installed(tid int32) {
	s, ok := r.installs[tid]
	if !ok {
		return
	}
	delete(r.installs, tid)
	if r.installer[s].tid == tid {
		delete(r.installer, s)
	}
}
