package replay

import (
	"path"
	"slices"

	"ptsim/internal/ftrace"
	"ptsim/kern"
	"ptsim/s390sim"
)

// Which mappings show the same file. Descriptors tell most of it: they are inherited, duplicated and passed through
// /proc. What was opened by name twice is two files until something says that it is one:
//
//   - the same absolute path, on kernels that print paths; a file that was created with O_EXCL is a new one
//   - the name that two collapses print, of files that may be the same as far as is known
//   - a fault on a page that was mapped, after another file's collapse of that page's place: a retract took the page table
//
// The last comes late: what the collapse took from the processes that had not been known to share the file is taken then.

// origin is how a file came into the trace.
type origin uint8

const (
	unknown   origin = iota // a descriptor that nobody saw being opened
	opened                  // by path
	memfd                   // memfd_create: a new one each time
	anonymous               // MAP_SHARED|MAP_ANONYMOUS, likewise
	sysv                    // a System V segment, which has a number
)

// file is a file that a trace shows.
type file struct {
	sim  *s390sim.File
	same *file // what it turned out to be, nil: it is itself

	origin  origin
	path    string // absolute, "" if not printed
	pathAt  uint64 // where the path was, when it was opened
	flags   uint64 // of open
	created bool   // with O_EXCL: no other open before it was of the same file
	name    string // that a collapse printed

	collapsed []uint64 // offsets of the ranges that collapses of it were about
}

func (r *Replay) newFile(f *file) *file {
	f.sim = r.m.NewFile()
	f.sim.Data = f
	return f
}

// root returns the file that f turned out to be.
func (f *file) root() *file {
	for f.same != nil {
		if f.same.same != nil {
			f.same = f.same.same
		}
		f = f.same
	}
	return f
}

// base returns the name that collapses of the file print, "" if it is not known.
func (f *file) base() string {
	switch {
	case f.name != "":
		return f.name
	case f.path != "":
		return path.Base(f.path)
	}
	return ""
}

// mayBe tells whether two files may be one, as far as is known. Those that are made anew each time are not.
func (f *file) mayBe(g *file) bool {
	made := func(f *file) bool { return f.origin == memfd || f.origin == anonymous || f.origin == sysv }
	switch {
	case f == g, made(f) && made(g):
		return false
	case f.path != "" && g.path != "" && f.path != g.path:
		return false
	case f.base() != "" && g.base() != "" && f.base() != g.base():
		return false
	}
	return true
}

// alike tells whether two files were opened in the same way: by a path at the same address, with the same flags.
func (f *file) alike(g *file) bool {
	return f.origin == opened && g.origin == opened && f.pathAt == g.pathAt && f.flags == g.flags
}

// tie makes one file of two, and takes what collapses of the one would have taken of the other.
func (r *Replay) tie(c *kern.CPU, f, g *file) {
	f, g = f.root(), g.root()
	if f == g {
		return
	}
	g.same = f
	if f.path == "" {
		f.path = g.path
	}
	if f.name == "" {
		f.name = g.name
	}
	if f.origin == unknown {
		f.origin = g.origin
	}
	f.sim.Merge(g.sim)
	f.collapsed = append(f.collapsed, g.collapsed...)
	for _, offset := range f.collapsed {
		r.m.Collapse(c, f.sim, offset, hostHuge)
	}
}

// mostPaths is how many paths of mapped files are remembered.
const mostPaths = 1 << 14

// byPath returns the file that is known by the path of f, f itself if there is none. It is called for files that are
// about to be mapped: those that are only read do not matter.
func (r *Replay) byPath(f *file) *file {
	if f.path == "" || f.origin != opened {
		return f
	}
	g := r.paths[f.path]
	switch {
	case g == nil || f.created:
		if len(r.paths) >= mostPaths {
			clear(r.paths)
		}
		r.paths[f.path], f.created = f, false
		return f
	case g.root() != f:
		f.same = g.root()
		g.root().sim.Merge(f.sim)
	}
	return g.root()
}

// collapsed is a file of which a collapse took a segment, and the number of the last collapse that did.
type collapsed struct {
	file *file
	last uint32
}

// noteCollapse notes a collapse of a file, and sees whether its name says that another one is the same.
func (r *Replay) noteCollapse(c *kern.CPU, f *file, offset uint64, e *ftrace.Event) {
	r.collapses++
	first := false
	for seg := offset >> s390sim.SegmentShift; seg<<s390sim.SegmentShift < offset+hostHuge; seg++ {
		list := r.places[seg]
		i := slices.IndexFunc(list, func(k collapsed) bool { return k.file.root() == f })
		if i < 0 {
			first, i = true, len(list)
			list = append(list, collapsed{file: f})
			r.places[seg] = list
		}
		list[i].last = r.collapses
	}
	if first {
		f.collapsed = append(f.collapsed, offset)
	}
	if e.Name == "" || f.origin == memfd || f.origin == anonymous || f.origin == sysv {
		return
	}
	g := r.names[e.Name]
	if g != nil && g.root() != f && g.root().mayBe(f) {
		r.assumed.TiedFiles++
		r.tie(c, g, f)
		f = g.root()
	}
	f.name = e.Name
	r.names[e.Name] = f
}

// presence is which pages of an address space faults mapped, in mappings of files, by segment. Anonymous memory is left
// out: no collapse of a file takes it away.
type presence map[uint64]*pages

// pages are the pages of a segment: 0 for one that is not known to be mapped, else 1 more than the number of collapses
// that there had been when it was.
type pages [kern.PTRSPerPTE]uint32

// populated notes that a page of a file is mapped.
func (r *Replay) populated(as *s390sim.AddressSpace, addr uint64) {
	segs := r.present[as]
	if segs == nil {
		segs = presence{}
		r.present[as] = segs
	}
	i, n := addr>>kern.PageShift%kern.PTRSPerPTE, r.collapses+1
	if p := segs[addr>>s390sim.SegmentShift]; p != nil {
		p[i] = n
		return
	}
	p := new(pages)
	p[i] = n // here, or new memory is read before it is written: see own in kern/content.go
	segs[addr>>s390sim.SegmentShift] = p
}

// unmapped forgets what was known of a range.
func (r *Replay) unmapped(as *s390sim.AddressSpace, addr, length uint64) {
	segs := r.present[as]
	if len(segs) == 0 || addr >= s390sim.TaskSize || length > s390sim.TaskSize-addr {
		return
	}
	end := addr + length
	clear := func(seg uint64, p *pages) {
		for i := range p {
			if a := seg<<s390sim.SegmentShift + uint64(i)<<kern.PageShift; addr <= a && a < end {
				p[i] = 0
			}
		}
	}
	first, last := addr>>s390sim.SegmentShift, (end-1)>>s390sim.SegmentShift
	if last-first > uint64(len(segs)) {
		for seg, p := range segs {
			clear(seg, p)
		}
		return
	}
	for seg := first; seg <= last && length > 0; seg++ {
		if p := segs[seg]; p != nil {
			clear(seg, p)
		}
	}
}

// refault looks at a fault that found no page. If the page had been mapped, something took it: perhaps a collapse of a
// file that the trace does not show to be this one.
func (r *Replay) refault(c *kern.CPU, as *s390sim.AddressSpace, addr uint64) {
	if r.collapses == 0 {
		return
	}
	p := r.present[as][addr>>s390sim.SegmentShift]
	if p == nil {
		return
	}
	since := p[addr>>kern.PageShift%kern.PTRSPerPTE]
	if since == 0 || since > r.collapses {
		return
	}
	v, ok := as.FindVMA(addr)
	if !ok || v.File == nil || v.AnonVMA {
		return
	}
	seg := addr &^ (s390sim.SegmentSize - 1)
	offset := v.Offset + seg - v.Start
	if seg < v.Start || seg+s390sim.SegmentSize > v.End || offset%s390sim.SegmentSize != 0 {
		return // no retract takes this table
	}
	f := v.File.Data.(*file)
	var found *file
	several := false
	for _, k := range r.places[offset>>s390sim.SegmentShift] {
		g := k.file.root()
		if k.last < since {
			continue // the page was mapped after it
		}
		switch {
		case g == f:
			return // it is known, and took the table
		case !f.mayBe(g), g == found:
		case found == nil || f.alike(g) && !f.alike(found):
			found, several = g, false
		case f.alike(g) == f.alike(found):
			several = true
		}
	}
	if found == nil || several {
		r.assumed.UnseenSharing++
		return
	}
	r.assumed.TiedFiles++
	r.tie(c, found, f)
}
