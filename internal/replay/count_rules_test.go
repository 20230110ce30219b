package replay_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// openFile is what a descriptor stands for. Every file that was opened is one of its own.
type openFile struct {
	file    int
	cloexec bool
}

// task is a process.
type task struct {
	space *space
	files *map[int64]openFile
}

// pending is a call that has not returned.
type pending struct{ name, args string }

// counter is the state of a count.
type counter struct {
	tally
	procs    map[int]*task // by TGID
	pending  map[int]pending
	cloning  map[int]uint64
	files    int
	tables   int
	spaces   map[*space]bool
	firstGID map[int][]int // by TID: the TGID of the first event after each time it was born
	born     map[int]int   // how often a TID was
}

// count counts a trace by rules 1 to 5.
func count(t testing.TB, records []record) tally {
	k := &counter{
		procs: map[int]*task{}, pending: map[int]pending{}, cloning: map[int]uint64{},
		spaces: map[*space]bool{}, firstGID: map[int][]int{}, born: map[int]int{},
	}
	waits := map[int]bool{}
	for _, r := range records {
		if waits[r.tid] {
			delete(waits, r.tid)
			k.firstGID[r.tid] = append(k.firstGID[r.tid], r.tgid)
		}
		if child, ok := childOf(r.text); ok {
			if waits[child] {
				k.firstGID[child] = append(k.firstGID[child], child)
			}
			waits[child] = true
		}
	}
	for tid := range waits {
		k.firstGID[tid] = append(k.firstGID[tid], tid)
	}
	for _, r := range records {
		k.record(t, r)
	}
	k.Live = k.tables
	return k.tally
}

func (k *counter) record(t testing.TB, r record) {
	name, _, _ := strings.Cut(r.text, "(")
	switch {
	case strings.HasPrefix(r.text, "page_fault_user: "):
		m := faultRE.FindStringSubmatch(r.text)
		require.NotNil(t, m, r.text)
		k.fault(k.known(r.tgid).space, hex(t, m[1])>>pageBits, hex(t, m[2])&2 != 0)
	case strings.HasPrefix(r.text, "sys_"):
		p := k.known(r.tgid)
		if call, result, ok := strings.Cut(r.text, " -> "); ok {
			in, began := k.pending[r.tid]
			delete(k.pending, r.tid)
			if began && in.name == call {
				k.returns(t, p, in, int64(hex(t, result)))
			}
			return
		}
		k.enters(t, p, r, name)
	case strings.HasPrefix(r.text, "sched_process_fork: "):
		child, ok := childOf(r.text)
		require.True(t, ok, r.text)
		k.fork(r, child)
	case strings.HasPrefix(r.text, "sched_process_exec: "):
		k.exec(r.tgid)
	case strings.HasPrefix(r.text, "sched_process_exit: "):
		if p := k.procs[r.tgid]; p != nil && strings.HasSuffix(r.text, " group_dead=true") {
			k.leave(p)
			delete(k.procs, r.tgid)
		}
	case strings.HasPrefix(r.text, "mm_khugepaged_collapse_file: "):
		k.collapse(t, r)
	}
}

// known returns the process of a task that runs user code, which has an address space, from before the trace if nobody
// saw it coming.
func (k *counter) known(tgid int) *task {
	p := k.procs[tgid]
	if p == nil {
		p = &task{files: &map[int64]openFile{}}
		k.procs[tgid] = p
	}
	if p.space == nil {
		p.space = k.space()
	}
	return p
}

func (k *counter) space() *space {
	s := newSpace()
	k.Spaces++
	k.spaces[s] = true
	return s
}

func (k *counter) leave(p *task) {
	s := p.space
	if s == nil {
		return
	}
	p.space = nil
	if s.users--; s.users > 0 {
		return
	}
	k.TornDown++
	for _, r := range s.rows {
		if r.table {
			k.freed(1)
		}
	}
	delete(k.spaces, s)
}

func (k *counter) exec(tgid int) {
	p := k.procs[tgid]
	if p == nil {
		p = &task{files: &map[int64]openFile{}}
		k.procs[tgid] = p
	}
	k.leave(p)
	p.space = k.space()
	kept := map[int64]openFile{}
	for fd, f := range *p.files {
		if !f.cloexec {
			kept[fd] = f
		}
	}
	p.files = &kept
}

func (k *counter) fork(r record, child int) {
	const vm, files, vfork, thread = 0x100, 0x400, 0x4000, 0x10000
	first := k.firstGID[child][k.born[child]]
	k.born[child]++
	flags, told := k.cloning[r.tid]
	delete(k.cloning, r.tid)
	if !told {
		if first == r.tgid {
			return
		}
		k.Clone3Forks++
		flags = 0
	}
	if flags&thread != 0 {
		return
	}
	parent := k.known(r.tgid)
	p := &task{}
	if flags&files != 0 {
		p.files = parent.files
	} else {
		own := map[int64]openFile{}
		for fd, f := range *parent.files {
			own[fd] = f
		}
		p.files = &own
	}
	if flags&vm != 0 {
		p.space = parent.space
		p.space.users++
	} else {
		p.space = k.copySpace(parent.space)
	}
	k.procs[child] = p
}

func (k *counter) copySpace(from *space) *space {
	to := k.space()
	to.last, to.brk, to.brkKnown = from.last, from.brk, from.brkKnown
	for id := range from.heapAreas {
		to.heapAreas[id] = true
	}
	for id, a := range from.areas {
		b := *a
		to.areas[id] = &b
	}
	for seg, r := range from.rows {
		c := &row{pages: r.pages, uniform: r.uniform}
		to.rows[seg] = c
		for i := uint64(0); r.table && i < pagesPerSeg; i++ {
			if id := r.at(i); id != 0 && from.areas[id].anon {
				c.table = true
				k.allocated()
				break
			}
		}
	}
	return to
}

func (k *counter) allocated() {
	k.Allocated++
	k.tables++
	k.Peak = max(k.Peak, k.tables)
}

func (k *counter) freed(n int) {
	k.Gather += n
	k.tables -= n
}
