package replay_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/replay"
	"ptsim/kern"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

// gapStories are of traces that lack something: ends that were lost, calls that do not match, heaps that were there before.
func gapStories() []story {
	a, b := pid(10), pid(11)
	return []story{
		{"a fork whose clone was lost is not taken for the clone before", lines(
			a.mmap(base, mib, private), a.write(base), a.thread(20), a.born(11), b.write(base),
		), ends{MMs: 2, Alloc: 2, Live: 2}, replay.Assumptions{Clone3Fork: 1}},

		{"a thread's number is used again and its end was lost", lines(
			a.mmap(base, mib, private), a.write(base), a.thread(11), a.fork(11), who{11, -1}.munmap(base, mib), a.write(base),
		), ends{MMs: 2, Alloc: 2, Gather: 1, Live: 1}, replay.Assumptions{}},

		{"exec ends the other threads, whose ends were lost", lines(
			a.mmap(base, mib, private), a.write(base), a.thread(20), a.exec(), a.mmap(base, mib, private), a.write(base), a.exitOld(),
		), ends{MMs: 2, Alloc: 2, Gather: 2}, replay.Assumptions{}},

		{"group_dead ends a process whatever ends were lost", lines(
			a.mmap(base, mib, private), a.write(base), a.thread(20), a.exit(true),
		), ends{MMs: 1, Alloc: 1, Gather: 1}, replay.Assumptions{}},

		{"the break of a new program is not that of the old one", lines(
			a.brk(0, base), a.exec(), a.brk(base+mib, base+mib), a.write(base),
		), ends{MMs: 2, Alloc: 1, Live: 1}, replay.Assumptions{UnknownBreak: 1, AssumedMapping: 1}},

		// Two mappings in the second segment: the heap, which nobody touched there, and a file. fork copies its table only if
		// the heap has anonymous memory, as it does if it is one mapping with what was written below.
		{"the heap does not grow into what was there before it", lines(
			a.open(3, false), a.mmap(base, mib, private), a.write(base), a.brk(0, base+mib), a.brk(base+mib+512*kib, base+mib+512*kib),
			a.mmapFile(base+mib+512*kib, 512*kib, shared, 3, 0), a.read(base+mib+512*kib), a.fork(11),
		), ends{MMs: 2, Alloc: 3, Live: 3}, replay.Assumptions{}},

		{"a heap that shrank below where it was first seen is one mapping", lines(
			a.open(3, false), a.brk(base+mib, base+mib), a.brk(base, base), a.brk(base+512*kib, base+512*kib), a.write(base),
			a.brk(base+mib+512*kib, base+mib+512*kib), a.mmapFile(base+mib+512*kib, 512*kib, shared, 3, 0), a.read(base+mib+512*kib),
			a.fork(11),
		), ends{MMs: 2, Alloc: 4, Live: 4}, replay.Assumptions{UnknownBreak: 1}},

		{"a return that is not of the call before it, and one too many", lines(
			a.does("sys_mmap(addr: 0, len: 0x100000, prot: 3, flags: 0x22, fd: 0xffffffff, off: 0)"), a.does("sys_brk -> %#x", base),
			a.does("sys_mmap -> %#x", base), a.does("sys_mmap -> %#x", base+8*mib), a.write(base), a.brk(0, base+4*mib),
		), ends{MMs: 1, Alloc: 1, Live: 1}, replay.Assumptions{UnmatchedReturns: 2}},

		{"MAP_ANONYMOUS makes no use of its descriptor", lines(
			a.open(3, false), a.mmapFile(base, mib, private|anon, 3, 0), a.read(base), a.fork(11),
		), ends{MMs: 2, Alloc: 2, Live: 2}, replay.Assumptions{}},

		{"shared anonymous memory is a file that children inherit", lines(
			a.mmap(base, 2*mib, shared), a.reads(base, 2), a.fork(11), b.reads(base, 2), a.collapse(1, base, madvised),
		), ends{MMs: 2, Alloc: 4, Taken: 4}, replay.Assumptions{}},

		{"what pidfd_getfd hands on is closed by exec", lines(
			a.memfd(3, 0), b.call("pidfd_open", "pid: 0xa, flags: 0", 7), b.call("pidfd_getfd", "pidfd: 7, fd: 3, flags: 0", 4), b.exec(),
			b.mmapFile(base, 2*mib, shared, 4, 0), b.reads(base, 2), a.mmapFile(base, 2*mib, shared, 3, 0), a.reads(base, 2),
			a.collapse(1, base, madvised),
		), ends{MMs: 3, Alloc: 4, Taken: 2, Live: 2}, replay.Assumptions{UnknownProcess: 1, UnknownFD: 1}},

		{"the number of a private segment that is gone is a new one's", lines(
			a.call("shmget", "key: 0, size: 0x200000, shmflg: 0x380", 5), a.call("shmat", "shmid: 5, shmaddr: 0, shmflg: 0", int64(base)),
			a.reads(base, 2), a.call("shmget", "key: 0, size: 0x200000, shmflg: 0x380", 5),
			a.call("shmat", "shmid: 5, shmaddr: 0, shmflg: 0", int64(base+16*mib)), a.reads(base+16*mib, 2), a.collapse(1, base, madvised),
		), ends{MMs: 1, Alloc: 4, Taken: 2, Live: 2}, replay.Assumptions{}},

		{"mlockall populates nothing that has no access, and later what is not to be locked on fault", lines(
			a.call("mmap", "addr: 0, len: 0x200000, prot: 0, flags: 0x22, fd: 0xffffffff, off: 0", int64(base)), a.call("mlockall", "flags: 1", 0),
			a.call("mlockall", "flags: 6", 0), a.mmap(base+16*mib, 2*mib, private),
		), ends{MMs: 1}, replay.Assumptions{}},

		{"a collapse before a page was mapped does not tell whose the page is", lines(
			a.open(3, false), a.mmapFile(base, 2*mib, shared, 3, 0), a.reads(base, 2), a.collapse(1, base, madvised),
			b.open(3, false), b.mmapFile(base, 2*mib, shared, 3, 0), b.reads(base, 2),
			a.memfd(5, 0), a.mmapFile(base+16*mib, 2*mib, shared, 5, 4*mib), a.reads(base+16*mib, 2), a.collapse(1, base+16*mib, madvised),
			b.read(base), // something else took the page
		), ends{MMs: 2, Alloc: 6, Taken: 4, Live: 2}, replay.Assumptions{UnknownProcess: 1, UnseenSharing: 1}},

		{"files of one name in two folders are two", lines(
			a.openPath("/x/f", 0, 3), a.mmapFile(base, 2*mib, shared, 3, 0), a.reads(base, 2),
			b.openPath("/y/f", 0, 3), b.mmapFile(base, 2*mib, shared, 3, 0), b.reads(base, 2), a.collapse(1, base, madvised), b.read(base),
		), ends{MMs: 2, Alloc: 4, Taken: 2, Live: 2}, replay.Assumptions{UnknownProcess: 1, UnseenSharing: 1}},

		{"two files that may be the one that a collapse took are not told apart", lines(
			a.open(3, false), a.mmapFile(base, 2*mib, shared, 3, 0), a.reads(base, 2), a.open(4, false),
			a.mmapFile(base+16*mib, 2*mib, shared, 4, 0), a.reads(base+16*mib, 2), b.open(3, false), b.mmapFile(base, 2*mib, shared, 3, 0), b.reads(base, 2),
			a.does("mm_khugepaged_collapse_file: mm=1, hpage_pfn=0x1, index=512, addr=%x, is_shmem=1, nr=512, result=%s", base, madvised),
			a.does("mm_khugepaged_collapse_file: mm=1, hpage_pfn=0x1, index=512, addr=%x, is_shmem=1, nr=512, result=%s", base+16*mib, madvised),
			b.read(base),
		), ends{MMs: 2, Alloc: 6, Taken: 4, Live: 2}, replay.Assumptions{UnknownProcess: 1, UnseenSharing: 1}},

		{"a debugger looks into a process that nobody knows", lines(
			a.call("ptrace", "request: 1, pid: 0x63, addr: 0x40000000, data: 0x1", 0),
		), ends{MMs: 1}, replay.Assumptions{RemoteAccess: 1}},

		{"a pointer is known from the task's own collapse", lines(
			a.memfd(3, 0), a.mmapFile(base, 2*mib, shared, 3, 0), a.reads(base, 2),
			b.memfd(3, 0), b.mmapFile(base, 4*mib, shared, 3, 0), b.reads(base, 4),
			b.collapse(7, base+2*mib, madvised), pid(40).collapse(7, base, byDaemon), // 7 is b
		), ends{MMs: 2, Alloc: 6, Taken: 4, Live: 2}, replay.Assumptions{UnknownProcess: 1}},
	}
}

// Virtual time is that of the trace, from its first event to its last.
func TestTimeIsTheTraces(t *testing.T) {
	a := pid(10)
	_, o := replayText(t, s390sim.Config{Variant: pgalloc.Active, Checks: true}, trace(a.mmap(base, mib, private), a.write(base), a.exit(true)))
	const ms = int64(1e6)
	assert.Equal(t, [2]int64{1000 * ms, 1003 * ms}, [2]int64{o.Figures.Begin, o.Figures.End})
}

// What is lost is found when the trace is over, and everything else at its line.
func TestViolationsAreLocated(t *testing.T) {
	a := pid(10)
	cfg := s390sim.Config{Variant: pgalloc.RFCAsPosted, CPUs: 2, Checks: true, Contents: true,
		DuringRetract: func(c *kern.CPU, as *s390sim.AddressSpace) {
			c.Report(&kern.Violation{Kind: kern.UseAfterFree, Addr: as.MM.Count()})
		}}
	_, o := replayText(t, cfg, trace(a.memfd(3, 0), a.mmapFile(base, 2*mib, shared, 3, 0), a.writes(base, 2), a.collapse(1, base, madvised)))
	require.Len(t, o.Violations, 3)
	for _, v := range o.Violations[:2] {
		assert.Equal(t, [3]any{9, "task 10", "CollapseFile"}, [3]any{v.Step, v.Task, v.Doing})
	}
	lost := o.Violations[2] // both halves of the page were deferred
	assert.Equal(t, [3]any{kern.PageLost, 0, "end of the trace"}, [3]any{lost.Kind, lost.Step, lost.Doing})
}
