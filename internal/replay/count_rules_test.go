package replay_test

import (
	"maps"
	"strconv"
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

	collapses []collapsed
	made      map[int]bool // files that are new by nature, and no other

	executing map[int]*waiting
	threads   map[int]int      // by TGID: threads beyond the first
	fresh     map[int]inFlight // by TID: the table that its last record allocated
}

// waiting are the pages that execve touched before it was told.
type waiting struct {
	gone   bool
	pages  []uint64
	writes []bool
}

// inFlight is a fault that allocated a table and may not have ended.
type inFlight struct {
	space *space
	seg   uint64
	cpu   string
}

// count counts a trace by rules 1 to 5.
func count(t testing.TB, records []record) tally {
	k := &counter{
		procs: map[int]*task{}, pending: map[int]pending{}, cloning: map[int]uint64{},
		spaces: map[*space]bool{}, firstGID: map[int][]int{}, born: map[int]int{}, executing: map[int]*waiting{}, made: map[int]bool{},
		threads: map[int]int{}, fresh: map[int]inFlight{},
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
	delete(k.fresh, r.tid)
	if x := k.executing[r.tid]; x != nil && (strings.HasPrefix(r.text, "page_fault_user") || strings.HasPrefix(r.text, "sys_") ||
		strings.HasPrefix(r.text, "sched_process_exit") || strings.HasPrefix(r.text, "sched_process_fork")) {
		delete(k.executing, r.tid)
		k.touchAll(r.tgid, x)
	}
	switch {
	case strings.HasPrefix(r.text, "page_fault_"):
		m := faultRE.FindStringSubmatch(r.text)
		require.NotNil(t, m, r.text)
		n, write := hex(t, m[2])>>pageBits, hex(t, m[3])&2 != 0
		if x := k.executing[r.tid]; m[1] == "kernel" && x != nil && (x.gone || write) {
			x.pages, x.writes = append(x.pages, n), append(x.writes, write)
			return
		}
		if m[1] == "kernel" && n >= 1<<(52-pageBits) {
			return
		}
		s := k.known(r.tgid).space
		if hex(t, m[3])&1 == 0 {
			k.refault(s, n)
		}
		allocated, had := k.fault(s, n, write)
		if k.threads[r.tgid] == 0 && r.tid == r.tgid {
			return
		}
		if allocated {
			maps.DeleteFunc(k.fresh, func(_ int, f inFlight) bool { return f.space == s && f.seg == n/pagesPerSeg }) // of a table that is gone
			k.fresh[r.tid] = inFlight{s, n / pagesPerSeg, r.cpu}
		}
		for _, f := range k.fresh {
			if had && f.space == s && f.seg == n/pagesPerSeg && f.cpu != r.cpu {
				k.MaybeRaced++
			}
		}
	case strings.HasPrefix(r.text, "exit_mmap: "):
		if k.executing[r.tid] == nil {
			k.executing[r.tid] = &waiting{}
		}
		k.executing[r.tid].gone = true
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
		x := k.executing[r.tid]
		if x == nil { // a thread called, and is the leader now
			_, old, _ := strings.Cut(r.text, " old_pid=")
			n, err := strconv.Atoi(old)
			require.NoError(t, err, r.text)
			x = k.executing[n]
			delete(k.executing, n)
		}
		delete(k.executing, r.tid)
		k.exec(r.tgid)
		if x != nil {
			k.touchAll(r.tgid, x)
		}
	case strings.HasPrefix(r.text, "sched_process_exit: "):
		if p := k.procs[r.tgid]; p != nil {
			dead := strings.HasSuffix(r.text, " group_dead=true")
			if !strings.Contains(r.text, " group_dead=") {
				dead = k.threads[r.tgid] == 0
				k.threads[r.tgid]--
			}
			if dead {
				k.leave(p)
				delete(k.procs, r.tgid)
				delete(k.threads, r.tgid)
			}
		}
	case strings.HasPrefix(r.text, "mm_khugepaged_collapse_file: "):
		k.collapse(t, r)
	}
}

// touchAll touches what an execve touched, in what is the process's memory by now.
func (k *counter) touchAll(tgid int, x *waiting) {
	for i, n := range x.pages {
		k.fault(k.known(tgid).space, n, x.writes[i])
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
	if s.args {
		k.freed(1)
	}
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
	fresh := k.space()
	fresh.args = true
	k.allocated()
	k.leave(p)
	p.space = fresh
	delete(k.threads, tgid)
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
			k.threads[r.tgid]++
			return
		}
		k.Clone3Forks++
		flags = 0
	}
	if flags&thread != 0 {
		k.threads[r.tgid]++
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
	if from.args {
		from.args = false
		k.freed(1)
	}
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
