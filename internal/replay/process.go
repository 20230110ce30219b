package replay

import (
	"maps"
	"slices"

	"ptsim/internal/ftrace"
	"ptsim/kern"
	"ptsim/s390sim"
)

// Flags of clone, open and the like that matter here.
const (
	cloneVM     = 0x100
	cloneFiles  = 0x400
	cloneVfork  = 0x4000
	cloneThread = 0x10000
)

// process is a thread group.
type process struct {
	tgid    int32
	as      *s390sim.AddressSpace // nil until something needs it
	files   *files
	threads int
	memory  *memory
}

// tgid returns the process an event belongs to: as the trace shows, or as its fork told, or the thread itself.
func (r *Replay) tgid(e *ftrace.Event) int32 {
	if e.TGID >= 0 {
		return e.TGID
	}
	if t, ok := r.tgids[e.TID]; ok {
		return t
	}
	return e.TID
}

// process returns the process of that TGID, a new one if it was not known.
func (r *Replay) process(tgid int32) *process {
	if tgid == r.lastTGID {
		return r.last
	}
	p := r.procs[tgid]
	if p == nil {
		p = &process{tgid: tgid, files: newFiles(), threads: 1, memory: &memory{}}
		r.procs[tgid] = p
	}
	r.lastTGID, r.last = tgid, p
	return p
}

// withMM returns the process, with an address space. One that has none by now was there before the trace.
func (r *Replay) withMM(c *kern.CPU, tgid int32) *process {
	p := r.process(tgid)
	if p.as == nil {
		r.assumed.UnknownProcess++
		p.as = r.m.NewMM(c)
	}
	return p
}

// fork is the event of a new task. What kind of task it is was told by the call its parent is in.
func (r *Replay) fork(c *kern.CPU, tgid int32, e *ftrace.Event) {
	flags, known := r.cloning[e.TID]
	delete(r.cloning, e.TID)
	child := e.ChildPid
	if told, ok := r.newTasks[child]; ok {
		flags, known = told, true
		delete(r.newTasks, child)
	}
	r.forget(child)
	if !known {
		if p := r.procs[tgid]; p != nil {
			r.undecided[child] = p
		}
		return
	}
	r.newTask(c, r.withMM(c, tgid), child, flags)
}

// forget drops what is left of an earlier task of that number.
func (r *Replay) forget(tid int32) {
	delete(r.tgids, tid)
	r.calls.forget(tid)
	delete(r.cloning, tid)
	delete(r.undecided, tid)
	delete(r.execs, tid)
	r.ended.again(tid)
}

// ended are the threads that ended last. A process's address space goes right after its last thread has ended (before, on some
// kernels), and with that exit_mmap, which is no part of an execve then.
type ended struct {
	tids [64]int32 // more than there are CPUs on most machines; 0 is the idle task, which never ends
	next int
}

func (d *ended) add(tid int32) {
	d.tids[d.next] = tid
	d.next = (d.next + 1) % len(d.tids)
}

func (d *ended) has(tid int32) bool { return slices.Contains(d.tids[:], tid) }

// again takes a number out that is in use again.
func (d *ended) again(tid int32) {
	for i := range d.tids {
		if d.tids[i] == tid {
			d.tids[i] = 0
		}
	}
}

func (r *Replay) newTask(c *kern.CPU, parent *process, tid int32, flags uint64) {
	if flags&cloneThread != 0 {
		parent.threads++
		r.tgids[tid] = parent.tgid
		return
	}
	if old := r.procs[tid]; old != nil { // its exit was not seen
		r.decideAll(c, old)
		r.drop(c, old)
	}
	child := &process{tgid: tid, threads: 1}
	if flags&cloneFiles != 0 {
		child.files = parent.files
	} else {
		child.files = parent.files.copy()
	}
	if flags&cloneVM != 0 {
		child.memory = parent.memory
	} else {
		child.memory = parent.memory.forked()
	}
	switch {
	case parent.as == nil: // a kernel thread
	case flags&cloneVM != 0:
		parent.as.Get(c)
		child.as = parent.as
	default:
		child.as = parent.as.Fork(c)
	}
	r.procs[tid] = child
	r.lastTGID = -1
}

// decide looks at the first event of a child whose clone showed no flags: a thread has its parent's TGID.
func (r *Replay) decide(e *ftrace.Event, tgid int32) {
	parent, ok := r.undecided[e.TID]
	if !ok {
		return
	}
	delete(r.undecided, e.TID)
	c := r.m.CPU(int(e.CPU))
	if tgid == parent.tgid {
		r.newTask(c, parent, e.TID, cloneThread)
		return
	}
	r.assumed.Clone3Fork++
	r.newTask(c, parent, e.TID, 0)
}

// decideAll makes the undecided children of a process forks: it is about to lose the address space they would copy, and
// its threads have all ended.
func (r *Replay) decideAll(c *kern.CPU, parent *process) {
	for len(r.undecided) > 0 {
		next := int32(-1)
		for tid, p := range r.undecided {
			if p == parent && (next < 0 || tid < next) {
				next = tid
			}
		}
		if next < 0 {
			return
		}
		delete(r.undecided, next)
		r.assumed.Clone3Fork++
		r.newTask(c, parent, next, 0)
	}
}

// exec gives the process a new address space, which has the arguments before the old one loses a user.
func (r *Replay) exec(c *kern.CPU, tgid int32, e *ftrace.Event) {
	p := r.withMM(c, tgid)
	r.decideAll(c, p)
	as := r.m.NewMM(c)
	if as != nil {
		as.ArgStack(c)
	}
	r.leave(c, p)
	p.as = as
	p.threads = 1
	p.memory = &memory{}
	r.calls.forget(e.TID)
	if e.ChildPid != e.TID { // the thread that called took the leader's number
		r.forget(e.ChildPid)
	}
	p.files = p.files.copy() // unshare_files
	p.files.execed()
}

// exit is the end of a thread, and of its process if it was the last. A thread of a process that nobody saw is one by itself
// here, and ends as one.
func (r *Replay) exit(c *kern.CPU, tgid int32, e *ftrace.Event) {
	p := r.procs[tgid]
	delete(r.tgids, e.TID)
	r.calls.forget(e.TID)
	delete(r.cloning, e.TID)
	delete(r.execs, e.TID)
	r.ended.add(e.TID)
	if p == nil {
		return
	}
	p.threads--
	if e.HasGroupDead && !e.GroupDead && (e.TGID >= 0 || p.threads > 0) || !e.HasGroupDead && p.threads > 0 {
		return
	}
	r.decideAll(c, p)
	r.drop(c, p)
}

func (r *Replay) drop(c *kern.CPU, p *process) {
	r.leave(c, p)
	delete(r.procs, p.tgid)
	r.lastTGID = -1
}

// leave takes a user from the process's address space. The mm pointers that stood for it mean nothing once it is gone.
func (r *Replay) leave(c *kern.CPU, p *process) {
	if p.as == nil {
		return
	}
	if p.as.Put(c) {
		delete(r.present, p.as)
		maps.DeleteFunc(r.mmPtrs, func(_ uint64, as *s390sim.AddressSpace) bool { return as == p.as })
	}
	p.as = nil
}
