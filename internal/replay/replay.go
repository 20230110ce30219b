package replay

import (
	"ptsim/internal/ftrace"
	"ptsim/kern"
	"ptsim/s390sim"
)

// Assumptions counts what was assumed because the trace does not tell.
type Assumptions struct {
	UnknownProcess   int // processes that were there before the trace, or whose fork it lacks
	Clone3Fork       int // children of clone3, or of a clone the trace lacks, taken for forks
	AssumedMapping   int // faults outside every known mapping
	KernelAddress    int // faults beyond all user addresses, left out
	UnknownFD        int // mappings of a descriptor that nobody saw being opened, taken for a file of its own
	UnknownBreak     int // processes whose break was first seen when it moved
	UnknownCollapse  int // collapses whose file range is not known, left out
	AmbiguousMM      int // collapses by khugepaged that fit several mms with different files
	UnmatchedReturns int // results of calls that began before the trace, left out
}

// Replay drives one machine by the events of one trace.
type Replay struct {
	m *s390sim.Machine

	procs     map[int32]*process               // by TGID
	tgids     map[int32]int32                  // of threads that are not their own leader
	calls     map[int32]call                   // by TID: the call that a thread is in
	cloning   map[int32]uint64                 // by TID: flags of the clone that a thread is in
	undecided map[int32]*process               // by TID: children that may be threads of, or forked from, this process
	mmPtrs    map[uint64]*s390sim.AddressSpace // by the pointer that collapse events print; those that live

	lastTGID int32
	last     *process

	assumed Assumptions
	event   *ftrace.Event // the one being replayed
}

// byUser tells whether only a task with an address space can cause events of a kind: faults and system calls.
func byUser(k ftrace.Kind) bool {
	return k == ftrace.PageFaultUser || ftrace.MmapEnter <= k && k <= ftrace.VforkEnter
}

// call is a system call between its entry and its return.
type call struct {
	kind                         ftrace.Kind
	addr, length, newLen, offset uint64
	flags                        uint64
	fd                           int64
}

// New returns a Replay for a machine on which nothing has happened yet.
func New(m *s390sim.Machine) *Replay {
	return &Replay{
		m: m, procs: map[int32]*process{}, tgids: map[int32]int32{}, calls: map[int32]call{}, cloning: map[int32]uint64{},
		undecided: map[int32]*process{}, mmPtrs: map[uint64]*s390sim.AddressSpace{}, lastTGID: -1,
	}
}

// Assumptions returns what was assumed so far.
func (r *Replay) Assumptions() Assumptions { return r.assumed }

// Machine returns the machine that is driven.
func (r *Replay) Machine() *s390sim.Machine { return r.m }

// Current returns the event that is being replayed, nil between two: what a violation is reported against.
func (r *Replay) Current() *ftrace.Event { return r.event }

// Event replays one event. Events come in the order of the trace.
func (r *Replay) Event(e *ftrace.Event) {
	if e.Kind == ftrace.Lost {
		return
	}
	r.event = e
	r.m.Advance(e.Time)
	tgid := r.tgid(e)
	if len(r.undecided) > 0 {
		r.decide(e, tgid)
	}
	c := r.m.CPU(int(e.CPU))
	if byUser(e.Kind) && r.withMM(c, tgid).as == nil {
		r.event = nil
		return // no memory for an address space
	}
	switch e.Kind {
	case ftrace.PageFaultUser:
		r.fault(c, r.process(tgid), e)
	case ftrace.Fork:
		r.fork(c, tgid, e)
	case ftrace.Exec:
		r.exec(c, tgid, e)
	case ftrace.Exit:
		r.exit(c, tgid, e)
	case ftrace.CloneEnter:
		r.cloning[e.TID] = e.Flags
	case ftrace.Clone3Enter:
		delete(r.cloning, e.TID)
	case ftrace.ForkEnter:
		r.cloning[e.TID] = 0
	case ftrace.VforkEnter:
		r.cloning[e.TID] = cloneVM | cloneVfork
	case ftrace.MunmapEnter:
		if e.Addr%kern.PageSize == 0 { // else EINVAL
			r.process(tgid).as.Munmap(c, e.Addr, e.Len)
		}
	case ftrace.CloseEnter:
		delete(r.process(tgid).files.fds, e.FD)
	case ftrace.Dup2Enter:
		r.process(tgid).dup2(e.FD, e.FD2, e.Flags&openCloexec != 0)
	case ftrace.MmapEnter:
		r.calls[e.TID] = call{kind: ftrace.MmapExit, addr: e.Addr, length: e.Len, flags: e.Flags, fd: e.FD, offset: e.Off}
	case ftrace.MremapEnter:
		r.calls[e.TID] = call{kind: ftrace.MremapExit, addr: e.Addr, length: e.Len, newLen: e.NewLen, flags: e.Flags}
	case ftrace.BrkEnter:
		r.calls[e.TID] = call{kind: ftrace.BrkExit, addr: e.Addr}
	case ftrace.OpenatEnter:
		r.calls[e.TID] = call{kind: ftrace.OpenatExit, flags: e.Flags & openCloexec}
	case ftrace.MemfdEnter:
		r.calls[e.TID] = call{kind: ftrace.MemfdExit, flags: e.Flags & memfdCloexec}
	case ftrace.MmapExit, ftrace.MremapExit, ftrace.BrkExit, ftrace.OpenatExit, ftrace.MemfdExit:
		r.callReturns(c, tgid, e)
	case ftrace.CollapseFile:
		if e.Collapsed() {
			r.collapse(c, tgid, e)
		}
	}
	r.event = nil
}

func (r *Replay) callReturns(c *kern.CPU, tgid int32, e *ftrace.Event) {
	in, ok := r.calls[e.TID]
	if !ok || in.kind != e.Kind {
		r.assumed.UnmatchedReturns++
		return
	}
	delete(r.calls, e.TID)
	if e.Ret < 0 {
		return
	}
	switch e.Kind {
	case ftrace.MmapExit:
		r.mmap(c, r.process(tgid), in, uint64(e.Ret))
	case ftrace.MremapExit:
		r.process(tgid).as.Mremap(c, in.addr, in.length, uint64(e.Ret), in.newLen, in.flags&mremapDontUnmap != 0)
	case ftrace.BrkExit:
		r.brk(c, r.process(tgid), in.addr, uint64(e.Ret))
	default:
		r.process(tgid).files.fds[e.Ret] = descriptor{r.m.NewFile(), in.flags != 0}
	}
}
