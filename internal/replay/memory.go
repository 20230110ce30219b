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

	faultPresent = 0x1 // the page was there: a question of rights
	faultWrite   = 0x2
)

// memory is what an mm_struct knows beyond its VMAs: shared by those who share the address space.
type memory struct {
	brkKnown   bool
	start, end uint64 // of the heap
	lockFuture bool   // VM_LOCKED in def_flags: what is mapped from now on is populated
}

// forked is the child's: it inherits the break and no lock.
func (m memory) forked() *memory {
	m.lockFuture = false
	return &m
}

func (r *Replay) mmap(c *kern.CPU, p *process, in call, addr uint64) {
	mp := s390sim.Mapping{Start: addr, Len: in.length, Shared: in.flags&mapShared != 0, NoAccess: in.prot == 0}
	switch {
	case in.flags&mapAnonymous == 0 && in.fd >= 0:
		mp.File, mp.Offset = r.mapped(p, in.fd).sim, in.offset
	case mp.Shared: // shmem, which its children inherit
		mp.File = r.newFile(&file{origin: anonymous}).sim
	}
	r.unmapped(p.as, addr, in.length)
	p.as.Mmap(c, mp)
	r.populateNew(c, p, in, addr)
}

// shmat maps a System V segment.
func (r *Replay) shmat(c *kern.CPU, p *process, in call, addr uint64) {
	s := r.segmentOf(in.fd)
	r.unmapped(p.as, addr, s.size)
	p.as.Mmap(c, s390sim.Mapping{Start: addr, Len: s.size, Shared: true, File: s.file.root().sim})
}

// shmdt unmaps what the segment attached at addr still shows.
func (r *Replay) shmdt(c *kern.CPU, p *process, addr uint64) {
	first, ok := p.as.NextVMA(addr)
	f := r.attached(first)
	for v := first; ok && f != nil; v, ok = p.as.NextVMA(v.End) {
		if r.attached(v) == f && v.Start-addr == v.Offset {
			r.munmap(c, p, v.Start, v.End-v.Start)
		}
	}
}

func (r *Replay) munmap(c *kern.CPU, p *process, addr, length uint64) {
	r.unmapped(p.as, addr, length)
	p.as.Munmap(c, addr, length)
}

// mremap is what mremap did according to its result.
func (r *Replay) mremap(c *kern.CPU, p *process, in call, addr uint64) {
	r.unmapped(p.as, in.addr, in.length)
	r.unmapped(p.as, addr, in.newLen)
	p.as.Mremap(c, in.addr, in.length, addr, in.newLen, in.flags&mremapDontUnmap != 0)
}

// brk follows the break: its first value is where the heap starts.
func (r *Replay) brk(c *kern.CPU, p *process, asked, now uint64) {
	h := p.memory
	switch {
	case !h.brkKnown:
		if asked != 0 {
			r.assumed.UnknownBreak++
		}
		h.brkKnown, h.start, h.end = true, now, now
	case now > h.end:
		p.as.Extend(c, h.start, h.end, now)
		if h.lockFuture {
			r.populate(c, p.as, h.end, now-h.end, reading)
		}
		h.end = now
	case now < h.end:
		keep := (now + kern.PageSize - 1) &^ uint64(kern.PageSize-1)
		end := (h.end + kern.PageSize - 1) &^ uint64(kern.PageSize-1)
		if keep < end {
			r.munmap(c, p, keep, end-keep)
		}
		h.end = now
		h.start = min(h.start, now)
	}
}

// mmapMinAddr is vm.mmap_min_addr as kernels have it by default: below it nothing is mapped but by root on purpose.
const mmapMinAddr = 64 << 10

func (r *Replay) fault(c *kern.CPU, p *process, e *ftrace.Event) {
	if e.Addr >= s390sim.TaskSize {
		r.assumed.KernelAddress++
		return
	}
	if e.Err&faultPresent == 0 {
		r.refault(c, p.as, e.Addr)
	}
	got := r.touch(c, p.as, e.Addr, e.Err&faultWrite != 0)
	if p.threads > 1 || e.TID != p.tgid {
		r.race(p.as, got, e)
	}
}

// touch is an access that the kernel resolves: by a fault of either mode, or because it populates memory. It returns what
// came of it.
func (r *Replay) touch(c *kern.CPU, as *s390sim.AddressSpace, addr uint64, write bool) s390sim.FaultResult {
	got, ofFile := as.FaultIn(c, addr, write)
	if got == s390sim.FaultNoVMA {
		if addr < mmapMinAddr { // a null pointer, which a signal handler or -EFAULT may get over
			r.assumed.NullPointer++
			return got
		}
		r.assumed.AssumedMapping++
		as.Assume(c, addr)
		got, ofFile = as.FaultIn(c, addr, write)
	}
	if ofFile {
		r.populated(as, addr)
	}
	return got
}
