package replay_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// fault is a fault of either mode, or what else populates a page. It tells whether a table was allocated, and whether
// there was one.
func (k *counter) fault(s *space, n uint64, write bool) (allocated, had bool) {
	if n >= 1<<(52-pageBits) { // a kernel address
		return false, false
	}
	id := s.page(n)
	if id == 0 {
		if n < 16 { // 64 KiB: a null pointer
			k.NullPointers++
			return false, false
		}
		id = k.assume(s, n)
	}
	a := s.areas[id]
	if !a.shared && (write || a.file == 0 && !a.assumed) {
		a.anon = true
	}
	if a.file != 0 && !a.anon {
		s.present[n] = len(k.collapses) + 1
	}
	r := s.rows[n/pagesPerSeg]
	switch {
	case r.table:
		return false, true
	case r.huge && r.whole() == id:
		k.Huge++
		return false, false
	default:
		r.table, r.huge = true, false
		k.allocated()
		if s.args { // the stack has moved
			s.args = false
			k.freed(1)
		}
		return true, false
	}
}

// populate touches a page in each segment of what is mapped in [from, to).
func (k *counter) populate(s *space, from, to uint64, write bool) {
	last := int32(0)
	for n := from; n < to; n++ {
		id := s.page(n)
		if id != 0 && (id != last || n%pagesPerSeg == 0) && !s.areas[id].noAccess {
			k.fault(s, n, write)
		}
		last = id
	}
}

// assume covers what is unmapped of the segment around the page.
func (k *counter) assume(s *space, n uint64) int32 {
	lo, hi := n, n+1
	for lo%pagesPerSeg != 0 && s.page(lo-1) == 0 {
		lo--
	}
	for hi%pagesPerSeg != 0 && s.page(hi) == 0 {
		hi++
	}
	id := int32(0)
	if lo > 0 {
		if before := s.page(lo - 1); before != 0 && s.areas[before].assumed {
			id = before
		}
	}
	if after := s.page(hi); id == 0 && after != 0 && s.areas[after].assumed {
		id = after
	}
	if id == 0 {
		id = s.add(area{assumed: true})
	}
	s.put(lo, hi, id)
	return id
}

func (k *counter) enters(t testing.TB, p *task, r record, name string) {
	switch name {
	case "sys_mmap", "sys_brk", "sys_openat", "sys_memfd_create", "sys_dup", "sys_fcntl", "sys_open", "sys_mlock":
		k.pending[r.tid] = pending{name, r.text}
	case "sys_munmap":
		a := args(t, r.text)
		k.freed(p.space.unmap(a["addr"]>>pageBits, pageUp(a["addr"]+a["len"])))
	case "sys_close":
		delete(*p.files, fd(args(t, r.text)["fd"]))
	case "sys_dup2":
		a := args(t, r.text)
		from, to := fd(a["oldfd"]), fd(a["newfd"])
		if from == to {
			return
		}
		delete(*p.files, to)
		if f, ok := (*p.files)[from]; ok {
			(*p.files)[to] = openFile{file: f.file}
		}
	case "sys_clone":
		k.cloning[r.tid] = args(t, r.text)["clone_flags"]
	case "sys_clone3":
		delete(k.cloning, r.tid)
	case "sys_vfork":
		k.cloning[r.tid] = 0x100 | 0x4000
	case "sys_madvise":
		if a := args(t, r.text); a["behavior"] == 22 || a["behavior"] == 23 {
			k.populate(p.space, a["start"]>>pageBits, pageUp(a["start"]+a["len_in"]), a["behavior"] == 23)
		} else if a["behavior"] == 4 || a["behavior"] == 8 {
			for n := a["start"] >> pageBits; n < pageUp(a["start"]+a["len_in"]); n++ {
				delete(p.space.present, n)
			}
		}
	case "sys_execve":
		k.executing[r.tid] = &waiting{}
	default:
		require.Failf(t, "a call that the count does not know", "%s", r.text)
	}
}

func fd(v uint64) int64         { return int64(int32(v)) }
func pageUp(addr uint64) uint64 { return (addr + 1<<pageBits - 1) >> pageBits }

func (k *counter) returns(t testing.TB, p *task, in pending, ret int64) {
	if ret < 0 {
		return
	}
	a := args(t, in.args)
	switch in.name {
	case "sys_mmap":
		const shared, anonymous = 1, 0x20
		m := area{shared: a["flags"]&shared != 0, noAccess: a["prot"] == 0}
		from := uint64(ret)
		switch {
		case a["flags"]&anonymous == 0:
			f, ok := (*p.files)[fd(a["fd"])]
			if !ok {
				k.Unlisted++
				f = openFile{file: k.file()}
				(*p.files)[fd(a["fd"])] = f
			}
			m.file, m.base = f.file, from-a["off"]
		case m.shared:
			m.file, m.base = k.file(), from
			k.made[m.file] = true
		}
		lo, hi := from>>pageBits, pageUp(from+a["len"])
		k.freed(p.space.unmap(lo, hi))
		p.space.put(lo, hi, p.space.add(m))
		const populate, nonblock, locked = 0x8000, 0x10000, 0x2000
		if f := a["flags"]; f&locked != 0 || f&(populate|nonblock) == populate {
			k.populate(p.space, lo, hi, a["prot"]&2 != 0 && !m.shared)
		}
	case "sys_dup":
		delete(*p.files, ret)
		if f, ok := (*p.files)[fd(a["fildes"])]; ok {
			(*p.files)[ret] = openFile{file: f.file}
		}
	case "sys_fcntl":
		f, ok := (*p.files)[fd(a["fd"])]
		switch cmd := a["cmd"]; {
		case cmd == 0 || cmd == 1030:
			delete(*p.files, ret)
			if ok {
				(*p.files)[ret] = openFile{f.file, cmd == 1030}
			}
		case cmd == 2 && ok:
			(*p.files)[fd(a["fd"])] = openFile{f.file, a["arg"]&1 != 0}
		}
	case "sys_mlock":
		k.populate(p.space, a["start"]>>pageBits, pageUp(a["start"]+a["len"]), false)
	case "sys_brk":
		k.brk(p.space, uint64(ret))
	default: // the name of the file may hold anything, the flags come after it
		_, flags, _ := strings.Cut(in.args[strings.LastIndex(in.args, ", flags: "):], ": ")
		cloexec := strings.Contains(flags, "O_CLOEXEC")
		if in.name == "sys_memfd_create" {
			cloexec = hex(t, strings.TrimSuffix(flags, ")"))&1 != 0
		} else if !strings.HasPrefix(flags, "O_") {
			flags, _, _ = strings.Cut(flags, ",")
			cloexec = hex(t, strings.TrimSuffix(flags, ")"))&0x80000 != 0
		}
		(*p.files)[ret] = openFile{k.file(), cloexec}
		k.made[k.files] = in.name == "sys_memfd_create"
	}
}

func (k *counter) file() int {
	k.files++
	return k.files
}

func (k *counter) brk(s *space, now uint64) {
	was := pageUp(s.brk)
	to := pageUp(now)
	switch {
	case !s.brkKnown:
		s.brkKnown = true
	case to > was:
		k.freed(s.unmap(was, to))
		id := s.page(was - 1)
		if !s.heapAreas[id] {
			id = s.add(area{})
			s.heapAreas[id] = true
		}
		s.put(was, to, id)
	case to < was:
		k.freed(s.unmap(to, was))
	}
	s.brk = now
}

var collapseRE = regexp.MustCompile(` addr=([0-9a-f]+), .* result=(\w+)$`)

func (k *counter) collapse(t testing.TB, r record) {
	m := collapseRE.FindStringSubmatch(r.text)
	require.NotNil(t, m, r.text)
	switch m[2] {
	case "pte_mapped_hugepage":
	case "succeeded":
		require.Fail(t, "khugepaged ran: find the mm", r.text)
	default:
		return
	}
	const hostHuge = 2 << 20
	addr := hex(t, m[1]) &^ (hostHuge - 1)
	s := k.procs[r.tgid].space
	a := s.areas[s.page(addr>>pageBits)]
	if a == nil || a.file == 0 {
		return
	}
	k.collapses = append(k.collapses, collapsed{a.file, addr - a.base})
	k.retract(a.file, addr-a.base)
}

// collapsed is a collapse that was counted.
type collapsed struct {
	file   int
	offset uint64
}

// retract takes the tables of two segments of a file.
func (k *counter) retract(file int, from uint64) {
	for _, offset := range []uint64{from, from + 1<<segBits} {
		for mm := range k.spaces {
			for seg, r := range mm.rows {
				b := mm.areas[r.whole()]
				if r.table && b != nil && !b.anon && b.file == file && seg<<segBits-b.base == offset {
					r.table, r.huge = false, true
					k.Retracted++
					k.tables--
				}
			}
		}
	}
}

// refault looks at a fault that found no page where one had been: a collapse of another file may have been of this one.
func (k *counter) refault(s *space, n uint64) {
	since, id := s.present[n], s.page(n)
	if since == 0 || id == 0 || s.rows[n/pagesPerSeg].whole() != id {
		return
	}
	a := s.areas[id]
	offset := n/pagesPerSeg<<segBits - a.base
	if a.file == 0 || a.anon || offset%(1<<segBits) != 0 || since > len(k.collapses) {
		return
	}
	files := map[int]bool{}
	for _, c := range k.collapses[since-1:] {
		if c.offset == offset || c.offset+1<<segBits == offset {
			files[c.file] = true
		}
	}
	if files[a.file] {
		return
	}
	for f := range files {
		if k.made[f] && k.made[a.file] {
			delete(files, f)
		}
	}
	if len(files) != 1 {
		k.Unseen++
		return
	}
	k.Tied++
	for f := range files {
		old := a.file
		for mm := range k.spaces {
			for _, b := range mm.areas {
				if b.file == old {
					b.file = f
				}
			}
		}
		for _, p := range k.procs {
			for fd, o := range *p.files {
				if o.file == old {
					(*p.files)[fd] = openFile{f, o.cloexec}
				}
			}
		}
		for i := range k.collapses {
			if k.collapses[i].file == old {
				k.collapses[i].file = f
			}
			if k.collapses[i].file == f {
				k.retract(f, k.collapses[i].offset)
			}
		}
	}
}
