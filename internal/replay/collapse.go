package replay

import (
	"ptsim/internal/ftrace"
	"ptsim/kern"
	"ptsim/s390sim"
)

// hostHuge is what one collapse on the host covers: two segments on s390.
const hostHuge = 2 << 20

// place is a range of a file that shows at an address.
type place struct {
	file   *s390sim.File
	offset uint64
}

func (r *Replay) collapse(c *kern.CPU, tgid int32, e *ftrace.Event) {
	at, ok := r.collapsed(tgid, e)
	if !ok {
		r.assumed.UnknownCollapse++
		return
	}
	f := at.file.Data.(*file)
	r.noteCollapse(c, f, at.offset, e)
	r.m.Collapse(c, f.root().sim, at.offset, hostHuge)
}

// collapsed finds out which range of which file a collapse was about.
func (r *Replay) collapsed(tgid int32, e *ftrace.Event) (place, bool) {
	addr := e.Addr &^ (hostHuge - 1)
	if addr == 0 {
		return place{}, false
	}
	if e.Result == ftrace.ResultPteMapped { // MADV_COLLAPSE: the task's own
		p := r.procs[tgid]
		if p == nil {
			return place{}, false
		}
		at, ok := showing(p.as, addr)
		if ok {
			r.mmPtrs[e.MM] = p.as
		}
		return at, ok
	}
	if at, ok := showing(r.mmPtrs[e.MM], addr); ok {
		return at, true
	}
	return r.search(e, addr)
}

// fits tells whether a place may be what a collapse was about, by the name that it prints.
func (at place) fits(e *ftrace.Event) bool {
	base := at.file.Data.(*file).base()
	return e.Name == "" || base == "" || base == e.Name
}

// search looks for a process that has a file at the address. Several will do if they show the same range of it.
func (r *Replay) search(e *ftrace.Event, addr uint64) (place, bool) {
	var best *process
	var found place
	ambiguous := false
	for _, p := range r.procs {
		at, ok := showing(p.as, addr)
		if !ok || !at.fits(e) {
			continue
		}
		if best != nil && at != found {
			ambiguous = true
		}
		if best == nil || p.tgid < best.tgid {
			best, found = p, at
		}
	}
	if best == nil {
		return place{}, false
	}
	if ambiguous {
		r.assumed.AmbiguousMM++
	}
	r.mmPtrs[e.MM] = best.as
	return found, true
}

// showing returns the file and offset that an address space has at addr.
func showing(as *s390sim.AddressSpace, addr uint64) (place, bool) {
	if as == nil {
		return place{}, false
	}
	v, ok := as.FindVMA(addr)
	if !ok || v.File == nil {
		return place{}, false
	}
	return place{v.File, v.Offset + (addr - v.Start)}, true
}
