package replay

import (
	"ptsim/internal/ftrace"
	"ptsim/kern"
	"ptsim/s390sim"
)

// Flags of mmap, mremap and of a page fault that matter here.
const (
	mapShared       = 0x1
	mapAnonymous    = 0x20
	mremapDontUnmap = 0x4

	faultWrite = 0x2
)

// heap is the break of a process.
type heap struct {
	known      bool
	start, end uint64
}

func (r *Replay) mmap(c *kern.CPU, p *process, in call, addr uint64) {
	mp := s390sim.Mapping{Start: addr, Len: in.length, Shared: in.flags&mapShared != 0}
	switch {
	case in.flags&mapAnonymous == 0 && in.fd >= 0:
		d, ok := p.files.fds[in.fd]
		if !ok {
			r.assumed.UnknownFD++
			d = descriptor{file: r.m.NewFile()}
			p.files.fds[in.fd] = d
		}
		mp.File, mp.Offset = d.file, in.offset
	case mp.Shared: // shmem, which its children inherit
		mp.File = r.m.NewFile()
	}
	p.as.Mmap(c, mp)
}

// brk follows the break: its first value is where the heap starts.
func (r *Replay) brk(c *kern.CPU, p *process, asked, now uint64) {
	h := p.heap
	switch {
	case !h.known:
		if asked != 0 {
			r.assumed.UnknownBreak++
		}
		*h = heap{true, now, now}
	case now > h.end:
		p.as.Extend(c, h.start, h.end, now)
		h.end = now
	case now < h.end:
		keep := (now + kern.PageSize - 1) &^ uint64(kern.PageSize-1)
		end := (h.end + kern.PageSize - 1) &^ uint64(kern.PageSize-1)
		if keep < end {
			p.as.Munmap(c, keep, end-keep)
		}
		h.end = now
		h.start = min(h.start, now)
	}
}

func (r *Replay) fault(c *kern.CPU, p *process, e *ftrace.Event) {
	if e.Addr >= s390sim.TaskSize {
		r.assumed.KernelAddress++
		return
	}
	write := e.Err&faultWrite != 0
	if p.as.Fault(c, e.Addr, write) == s390sim.FaultNoVMA {
		r.assumed.AssumedMapping++
		p.as.Assume(c, e.Addr)
		p.as.Fault(c, e.Addr, write)
	}
}
