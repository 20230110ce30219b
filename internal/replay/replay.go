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
	Clone3Thread     int // children of clone3 of which nothing told more, taken for threads
	AssumedMapping   int // faults outside every known mapping
	KernelAddress    int // faults of user mode beyond all user addresses, left out
	NullPointer      int // faults below mmap_min_addr where nothing was mapped, left out
	MaybeRaced       int // faults that may have lost the race for a segment's table: allocated and freed at once, if they did
	RemoteAccess     int // calls into another process's memory (process_vm_writev and the like): what they populated was not seen
	UnknownFD        int // mappings of a descriptor or segment that nobody saw being opened, taken for a file of its own
	UnknownBreak     int // processes whose break was first seen when it moved
	UnknownCollapse  int // collapses whose file range is not known, left out
	AmbiguousMM      int // collapses by khugepaged that fit several mms with different files
	TiedFiles        int // files that were opened apart and taken for one, by the names of collapses or by faults after them
	UnseenSharing    int // faults on mapped pages after a collapse: what was shared was not seen
	UnmatchedReturns int // results of calls that began before the trace, left out
}

// Replay drives one machine by the events of one trace.
type Replay struct {
	m *s390sim.Machine

	procs     map[int32]*process               // by TGID
	tgids     map[int32]int32                  // of threads that are not their own leader
	calls     calls                            // by TID: the call that a thread is in
	cloning   map[int32]uint64                 // by TID: flags of the clone that a thread is in
	execs     map[int32]*execution             // by TID: the execve that a thread is in
	ended     ended                            // which threads ended last
	newTasks  map[int32]uint64                 // by TID: clone's flags of the child of the fork that follows
	undecided map[int32]*process               // by TID: children that may be threads of, or forked from, this process
	mmPtrs    map[uint64]*s390sim.AddressSpace // by the pointer that collapse events print; those that live
	segments  map[int64]*segment               // System V's, by number

	installs  map[int32]slot // by TID: the table that its last event allocated, in processes of several threads
	installer map[slot]install

	present   map[*s390sim.AddressSpace]presence
	collapses uint32                 // how many there were
	places    map[uint64][]collapsed // by segment of the file
	paths     map[string]*file       // of files that were mapped
	names     map[string]*file       // by the name that a collapse printed

	lastTGID int32
	last     *process

	assumed Assumptions
	event   *ftrace.Event // the one being replayed
}

// byUser tells whether only a task with an address space can cause an event: faults and system calls. The kernel also faults
// at addresses of its own.
func byUser(e *ftrace.Event) bool {
	switch {
	case e.Kind == ftrace.PageFaultKernel:
		return e.Addr < s390sim.TaskSize
	case e.Kind == ftrace.ExecveEnter: // and what executes gets an address space
		return false
	}
	return e.Kind == ftrace.PageFaultUser || ftrace.MmapEnter <= e.Kind && e.Kind <= ftrace.VforkEnter
}

// New returns a Replay for a machine on which nothing has happened yet.
func New(m *s390sim.Machine) *Replay {
	return &Replay{
		m: m, procs: map[int32]*process{}, tgids: map[int32]int32{}, calls: calls{more: map[int32]call{}}, cloning: map[int32]uint64{},
		undecided: map[int32]*process{}, newTasks: map[int32]uint64{}, execs: map[int32]*execution{}, segments: map[int64]*segment{},
		installs: map[int32]slot{}, installer: map[slot]install{}, present: map[*s390sim.AddressSpace]presence{}, places: map[uint64][]collapsed{}, paths: map[string]*file{}, names: map[string]*file{}, mmPtrs: map[uint64]*s390sim.AddressSpace{}, lastTGID: -1,
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
	if len(r.installs) > 0 {
		r.installed(e.TID)
	}
	c := r.m.CPU(int(e.CPU))
	if len(r.execs) > 0 || e.Kind == ftrace.ExecveEnter || e.Kind == ftrace.ExitMmap {
		if r.executing(c, tgid, e) {
			r.event = nil
			return
		}
	}
	if byUser(e) && r.withMM(c, tgid).as == nil {
		r.event = nil
		return // no memory for an address space
	}
	if entries[e.Kind] != ftrace.Other {
		r.calls.enter(e)
	} else {
		r.replay(c, tgid, e)
	}
	r.event = nil
}

// replay is an event that is not the entry of a call whose return is traced.
func (r *Replay) replay(c *kern.CPU, tgid int32, e *ftrace.Event) {
	switch e.Kind {
	case ftrace.PageFaultUser:
		r.fault(c, r.process(tgid), e)
	case ftrace.PageFaultKernel:
		if byUser(e) {
			r.fault(c, r.process(tgid), e)
		}
	case ftrace.NewTask:
		r.newTasks[e.Pid] = e.Flags
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
			r.munmap(c, r.process(tgid), e.Addr, e.Len)
		}
	case ftrace.MadviseEnter:
		r.madvise(c, r.process(tgid), e)
	case ftrace.MunlockallEnter:
		r.process(tgid).memory.lockFuture = false
	case ftrace.ShmdtEnter:
		r.shmdt(c, r.process(tgid), e.Addr)
	case ftrace.CloseEnter:
		delete(r.process(tgid).files.fds, e.FD)
	case ftrace.Dup2Enter:
		r.process(tgid).files.dup2(e.FD, e.FD2, e.Flags&openCloexec != 0)
	case ftrace.CollapseFile:
		if e.Collapsed() {
			r.collapse(c, tgid, e)
		}
	default:
		if returns[e.Kind] {
			r.callReturns(c, tgid, e)
		}
	}
}

// entries are the kinds of entry whose return is traced.
var entries = [ftrace.NumKinds]ftrace.Kind{
	ftrace.MmapEnter: ftrace.MmapExit, ftrace.MremapEnter: ftrace.MremapExit, ftrace.BrkEnter: ftrace.BrkExit,
	ftrace.OpenatEnter: ftrace.OpenatExit, ftrace.MemfdEnter: ftrace.MemfdExit, ftrace.DupEnter: ftrace.DupExit,
	ftrace.FcntlEnter: ftrace.FcntlExit, ftrace.PidfdOpenEnter: ftrace.PidfdOpenExit,
	ftrace.PidfdGetfdEnter: ftrace.PidfdGetfdExit, ftrace.ShmgetEnter: ftrace.ShmgetExit, ftrace.ShmatEnter: ftrace.ShmatExit,
	ftrace.MlockEnter: ftrace.MlockExit, ftrace.MlockallEnter: ftrace.MlockallExit, ftrace.PtraceEnter: ftrace.PtraceExit,
	ftrace.ProcessVMEnter: ftrace.ProcessVMExit,
}

// returns tells of each kind whether it is the return of one of them.
var returns = func() (is [ftrace.NumKinds]bool) {
	for _, exit := range entries {
		is[exit] = exit != ftrace.Other
	}
	return is
}()

func (r *Replay) callReturns(c *kern.CPU, tgid int32, e *ftrace.Event) {
	in, ok := r.calls.leave(e.TID, e.Kind)
	if !ok {
		r.assumed.UnmatchedReturns++
		return
	}
	if e.Ret < 0 {
		return
	}
	p := r.process(tgid)
	switch e.Kind {
	case ftrace.MmapExit:
		r.mmap(c, p, in, uint64(e.Ret))
	case ftrace.MremapExit:
		r.mremap(c, p, in, uint64(e.Ret))
	case ftrace.BrkExit:
		r.brk(c, p, in.addr, uint64(e.Ret))
	case ftrace.ShmgetExit:
		r.shmget(in, e.Ret)
	case ftrace.ShmatExit:
		r.shmat(c, p, in, uint64(e.Ret))
	case ftrace.MlockExit:
		if in.flags&mlockOnfault == 0 {
			start := in.addr &^ uint64(kern.PageSize-1)
			r.populate(c, p.as, start, in.addr-start+in.length, reading)
		}
	case ftrace.MlockallExit:
		r.mlockall(c, p, in.flags)
	case ftrace.PtraceExit:
		r.ptraced(in)
	case ftrace.ProcessVMExit:
		if e.Ret > 0 {
			r.assumed.RemoteAccess++
		}
	default:
		r.descriptorReturns(p, in, e.Ret)
	}
}
