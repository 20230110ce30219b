package replay

import (
	"ptsim/internal/ftrace"
	"ptsim/kern"
	"ptsim/s390sim"
)

// What the kernel itself touches. A buffer that read() fills is populated by a fault of kernel mode; mlock, MAP_POPULATE
// and ptrace populate without any fault that an event tells of.

// Flags and commands that populate.
const (
	protWrite = 0x2

	mapLocked   = 0x2000
	mapPopulate = 0x8000
	mapNonblock = 0x10000

	mlockOnfault = 0x1

	mclCurrent = 0x1
	mclFuture  = 0x2
	mclOnfault = 0x4

	madvDontneed       = 4
	madvFree           = 8
	madvRemove         = 9
	madvPageout        = 21
	madvPopulateRead   = 22
	madvPopulateWrite  = 23
	madvDontneedLocked = 24

	ptracePeekText = 1
	ptracePeekData = 2
	ptracePokeText = 4
	ptracePokeData = 5
)

// execution is an execve under way. Between the moment at which the task has its new mm and sched_process_exec, which
// tells of it, lie the faults in which the kernel clears the bss and writes the argument vector: they are kept for the new
// mm. A fault belongs to it if the old mm is gone (exit_mmap; a vfork child's is not), or if it is a write, since of the
// old mm execve reads the arguments only.
type execution struct {
	gone   bool
	faults []access
}

// access is a fault that waits.
type access struct {
	addr  uint64
	write bool
}

// executing sees whether an event is part of an execve. It tells whether the event was dealt with.
func (r *Replay) executing(c *kern.CPU, tgid int32, e *ftrace.Event) bool {
	x := r.execs[e.TID]
	switch e.Kind {
	case ftrace.ExecveEnter:
		r.execs[e.TID] = &execution{}
		return true
	case ftrace.ExitMmap:
		if x == nil && r.ended.has(e.TID) {
			return true // its process is no more
		}
		if x == nil {
			x = &execution{}
			r.execs[e.TID] = x
		}
		x.gone = true
		return true
	case ftrace.PageFaultKernel:
		if write := e.Err&faultWrite != 0; x != nil && (x.gone || write) {
			x.faults = append(x.faults, access{e.Addr, write})
			return true
		}
	case ftrace.Exec:
		if x == nil {
			x = r.execs[e.ChildPid] // a thread called, and took the leader's number
		}
		delete(r.execs, e.ChildPid)
		delete(r.execs, e.TID)
		r.exec(c, tgid, e)
		if x != nil {
			r.faults(c, tgid, x.faults)
		}
		return true
	default: // execve failed, or exit_mmap was somebody else's
		if x != nil && (byUser(e) || e.Kind == ftrace.Exit || e.Kind == ftrace.Fork) {
			delete(r.execs, e.TID)
			r.faults(c, tgid, x.faults)
		}
	}
	return false
}

func (r *Replay) faults(c *kern.CPU, tgid int32, list []access) {
	if len(list) == 0 {
		return
	}
	p := r.withMM(c, tgid)
	for _, f := range list {
		if p.as != nil {
			r.touch(c, p.as, f.addr, f.write)
		}
	}
}

// populate is mm_populate(): it touches every segment of what is mapped in a range. write is asked for each VMA.
func (r *Replay) populate(c *kern.CPU, as *s390sim.AddressSpace, start, length uint64, write func(v *s390sim.VMA) bool) {
	if start >= s390sim.TaskSize || length > s390sim.TaskSize-start {
		return
	}
	for addr, end := start, start+length; addr < end; {
		v, ok := as.NextVMA(addr)
		if !ok || v.Start >= end {
			return
		}
		for addr = max(addr, v.Start); addr < min(v.End, end); addr = (addr + s390sim.SegmentSize) &^ (s390sim.SegmentSize - 1) {
			if !v.NoAccess {
				r.touch(c, as, addr, write(&v))
			}
		}
		addr = v.End
	}
}

// reading populates as for a read, which makes anonymous memory where there is no file.
func reading(*s390sim.VMA) bool { return false }

// populateNew populates a mapping that was just made, if it is to be.
func (r *Replay) populateNew(c *kern.CPU, p *process, in call, addr uint64) {
	asked := in.flags&(mapPopulate|mapNonblock) == mapPopulate || in.flags&mapLocked != 0
	if in.prot == 0 || !asked && !p.memory.lockFuture {
		return
	}
	write := in.prot&protWrite != 0 && in.flags&mapShared == 0
	r.populate(c, p.as, addr, in.length, func(*s390sim.VMA) bool { return write })
}

// mlockall is what mlockall did.
func (r *Replay) mlockall(c *kern.CPU, p *process, flags uint64) {
	p.memory.lockFuture = flags&(mclFuture|mclOnfault) == mclFuture
	if flags&(mclCurrent|mclOnfault) == mclCurrent {
		r.populate(c, p.as, 0, s390sim.TaskSize, reading)
	}
}

// madvise is traced on entry and taken to succeed.
func (r *Replay) madvise(c *kern.CPU, p *process, e *ftrace.Event) {
	if e.Addr%kern.PageSize != 0 {
		return // EINVAL
	}
	switch e.Flags {
	case madvPopulateRead, madvPopulateWrite:
		r.populate(c, p.as, e.Addr, e.Len, func(*s390sim.VMA) bool { return e.Flags == madvPopulateWrite })
	case madvDontneed, madvFree, madvRemove, madvPageout, madvDontneedLocked:
		r.unmapped(p.as, e.Addr, e.Len)
	}
}

// ptraced is a word that a debugger read or wrote: access_remote_vm() faults it in.
func (r *Replay) ptraced(in call) {
	switch in.cmd {
	case ptracePeekText, ptracePeekData, ptracePokeText, ptracePokeData:
	default:
		return
	}
	p := r.procs[r.groupOf(in.pid)]
	if p == nil || p.as == nil {
		r.assumed.RemoteAccess++
		return
	}
	r.touch(r.m.CPU(int(r.event.CPU)), p.as, in.addr, in.cmd == ptracePokeText || in.cmd == ptracePokeData)
}
