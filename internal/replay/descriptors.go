package replay

import (
	"maps"
	"strconv"
	"strings"

	"ptsim/internal/ftrace"
	"ptsim/s390sim"
)

// Commands of fcntl, and flags of open, memfd_create and shmget that matter here.
const (
	fDupFD        = 0
	fSetFD        = 2
	fDupFDCloexec = 1030
	fdCloexec     = 0x1

	openCreat    = 0x40
	openExcl     = 0x80
	openCloexec  = 0x80000
	memfdCloexec = 0x1

	atCWD      = -100
	ipcPrivate = 0
)

// files is a files_struct: descriptors, which CLONE_FILES shares.
type files struct{ fds map[int64]descriptor }

type descriptor struct {
	file    *file // nil: none that could be mapped
	cloexec bool
	pid     int32 // of a pidfd, else 0
}

func newFiles() *files { return &files{map[int64]descriptor{}} }

// copy is dup_fd(), for a fork or an exec.
func (f *files) copy() *files { return &files{maps.Clone(f.fds)} }

// execed closes what exec closes.
func (f *files) execed() {
	maps.DeleteFunc(f.fds, func(_ int64, d descriptor) bool { return d.cloexec })
}

// dup makes a descriptor stand for what another does.
func (f *files) dup(from, to int64, cloexec bool) {
	if d, ok := f.fds[from]; ok {
		d.cloexec = cloexec
		f.fds[to] = d
	} else {
		delete(f.fds, to)
	}
}

// dup2 is dup2 and dup3, traced on entry. With itself dup2 does nothing.
func (f *files) dup2(from, to int64, cloexec bool) {
	if from != to {
		f.dup(from, to, cloexec)
	}
}

// fcntl is what fcntl did according to its result.
func (f *files) fcntl(in call, ret int64) {
	switch in.cmd {
	case fDupFD, fDupFDCloexec:
		f.dup(in.fd, ret, in.cmd == fDupFDCloexec)
	case fSetFD:
		if d, ok := f.fds[in.fd]; ok {
			d.cloexec = in.arg&fdCloexec != 0
			f.fds[in.fd] = d
		}
	}
}

// descriptorReturns is the return of a call that makes or changes descriptors.
func (r *Replay) descriptorReturns(p *process, in call, ret int64) {
	fds := p.files.fds
	switch in.kind {
	case ftrace.OpenatExit:
		fds[ret] = descriptor{file: r.open(p, in), cloexec: in.flags&openCloexec != 0}
	case ftrace.MemfdExit:
		fds[ret] = descriptor{file: r.newFile(&file{origin: memfd}), cloexec: in.flags&memfdCloexec != 0}
	case ftrace.DupExit:
		p.files.dup(in.fd, ret, false)
	case ftrace.FcntlExit:
		p.files.fcntl(in, ret)
	case ftrace.PidfdOpenExit:
		fds[ret] = descriptor{cloexec: true, pid: in.pid}
	case ftrace.PidfdGetfdExit:
		delete(fds, ret)
		if other := r.procs[r.groupOf(fds[in.fd].pid)]; other != nil {
			if d, ok := other.files.fds[in.fd2]; ok {
				fds[ret] = descriptor{file: d.file, cloexec: true, pid: d.pid}
			}
		}
	}
}

// groupOf returns the process of a task by its number.
func (r *Replay) groupOf(tid int32) int32 {
	if t, ok := r.tgids[tid]; ok {
		return t
	}
	return tid
}

// open is what openat opened: a file of its own, unless the path says that it is a descriptor's.
func (r *Replay) open(p *process, in call) *file {
	if f := r.throughProc(p, in.path); f != nil {
		return f
	}
	f := &file{origin: opened, pathAt: in.addr, flags: in.flags}
	if strings.HasPrefix(in.path, "/") {
		f.path = in.path
	}
	f.created = in.flags&(openCreat|openExcl) == openCreat|openExcl
	return r.newFile(f)
}

// throughProc follows /proc/PID/fd/N and its like, nil if the path is none of them or leads nowhere.
func (r *Replay) throughProc(p *process, path string) *file {
	rest, ok := strings.CutPrefix(path, "/dev/fd/")
	of := p
	if !ok {
		if rest, ok = strings.CutPrefix(path, "/proc/"); !ok {
			return nil
		}
		who, after, found := strings.Cut(rest, "/fd/")
		if !found {
			return nil
		}
		if who != "self" && who != "thread-self" {
			n, err := strconv.ParseInt(who, 10, 32)
			if err != nil {
				return nil
			}
			if of = r.procs[r.groupOf(int32(n))]; of == nil {
				return nil
			}
		}
		rest = after
	}
	n, err := strconv.ParseInt(rest, 10, 32)
	if err != nil {
		return nil
	}
	return of.files.fds[n].file
}

// mapped returns the file behind a descriptor that is about to be mapped.
func (r *Replay) mapped(p *process, fd int64) *file {
	d, ok := p.files.fds[fd]
	if !ok || d.file == nil {
		r.assumed.UnknownFD++
		d.file = r.newFile(&file{})
		p.files.fds[fd] = d
	}
	return r.byPath(d.file.root())
}

// segment is a System V shared memory segment.
type segment struct {
	file *file
	key  uint64
	size uint64
}

// shmget is a segment made or found, according to its number.
func (r *Replay) shmget(in call, id int64) {
	s := r.segments[id]
	if s == nil || in.arg == ipcPrivate {
		s = &segment{file: r.newFile(&file{origin: sysv}), key: in.arg}
		r.segments[id] = s
	}
	s.size = max(s.size, in.length) // who only looks it up may ask for less
}

// segmentOf returns a segment by its number. One that nobody saw being made has no known size: faults tell.
func (r *Replay) segmentOf(id int64) *segment {
	s := r.segments[id]
	if s == nil {
		r.assumed.UnknownFD++
		s = &segment{file: r.newFile(&file{origin: sysv})}
		r.segments[id] = s
	}
	return s
}

// attached returns the segment that a VMA shows, nil if it shows none.
func (r *Replay) attached(v s390sim.VMA) *file {
	if v.File == nil {
		return nil
	}
	if f, ok := v.File.Data.(*file); ok && f.origin == sysv {
		return f
	}
	return nil
}
