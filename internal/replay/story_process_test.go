package replay_test

import "ptsim/internal/replay"

func processStories() []story {
	a, b := pid(10), pid(11)
	return []story{
		{"fork copies the tables of anonymous memory", lines(
			a.mmap(base, 3*mib, private), a.read(base), a.write(base+mib), a.fork(11),
			b.write(base), b.write(base+mib), b.write(base+2*mib), // only the third was not copied
		), ends{MMs: 2, Alloc: 5, Live: 5}, replay.Assumptions{}},

		{"fork leaves shared anonymous memory to faults", lines(
			a.mmap(base, 2*mib, shared), a.writes(base, 2), a.fork(11), b.read(base),
		), ends{MMs: 2, Alloc: 3, Live: 3}, replay.Assumptions{}},

		{"fork leaves a private file mapping that was only read", lines(
			a.open(3, false), a.mmapFile(base, 2*mib, private, 3, 0), a.reads(base, 2), a.fork(11),
		), ends{MMs: 2, Alloc: 2, Live: 2}, replay.Assumptions{}},

		{"one write makes anonymous memory of the whole private mapping", lines(
			a.open(3, false), a.mmapFile(base, 2*mib, private, 3, 0), a.read(base), a.write(base+mib), a.fork(11),
		), ends{MMs: 2, Alloc: 4, Live: 4}, replay.Assumptions{}},

		{"fork leaves a shared file mapping that was written", lines(
			a.open(3, false), a.mmapFile(base, 2*mib, shared, 3, 0), a.writes(base, 2), a.fork(11),
		), ends{MMs: 2, Alloc: 2, Live: 2}, replay.Assumptions{}},

		{"a segment of two mappings is copied for the one with an anon_vma", lines(
			a.open(3, false), a.mmapFile(base, 512*kib, private, 3, 0), a.mmap(base+512*kib, 512*kib, private),
			a.read(base), a.fork(11), // nothing anonymous yet: 1 table
			a.read(base+512*kib), a.fork(12), // now there is: 2
		), ends{MMs: 3, Alloc: 2, Live: 2}, replay.Assumptions{}},

		{"the child of a fork has its own memory", lines(
			a.mmap(base, mib, private), a.write(base), a.fork(11), b.munmap(base, mib), a.write(base),
		), ends{MMs: 2, Alloc: 2, Gather: 1, Live: 1}, replay.Assumptions{}},

		{"exec starts anew and frees the old tables", lines(
			a.mmap(base, 2*mib, private), a.writes(base, 2), a.exec(), a.write(base),
		), ends{MMs: 2, Alloc: 3, Gather: 2, Live: 1}, replay.Assumptions{AssumedMapping: 1}},

		{"a vfork child shares its parent's memory until it executes", lines(
			a.mmap(base, 2*mib, private), a.write(base), a.vfork(11), b.write(base), b.write(base+mib),
			b.exec(), a.read(base+mib), b.mmap(base, mib, private), b.write(base),
		), ends{MMs: 2, Alloc: 3, Live: 3}, replay.Assumptions{}},

		{"a vfork child that exits leaves its parent's memory", lines(
			a.mmap(base, mib, private), a.vfork(11), b.write(base), b.exit(true), a.write(base), a.exit(true),
		), ends{MMs: 1, Alloc: 1, Gather: 1}, replay.Assumptions{}},

		{"the break of a vfork child is its parent's", lines(
			a.brk(0, base), a.vfork(11), b.brk(base+mib, base+mib), b.exit(true),
			a.brk(base+2*mib, base+2*mib), a.writes(base, 2),
		), ends{MMs: 1, Alloc: 2, Live: 2}, replay.Assumptions{}},

		{"CLONE_VFORK without CLONE_VM is a fork", lines(
			a.mmap(base, mib, private), a.write(base), a.clone(0x4011, 11), b.munmap(base, mib), a.write(base),
		), ends{MMs: 2, Alloc: 2, Gather: 1, Live: 1}, replay.Assumptions{}},

		{"threads share, and the process ends with the last", lines(
			a.mmap(base, 2*mib, private), a.write(base), a.thread(20), a.thread(21),
			who{20, 10}.write(base), who{21, 10}.write(base+mib), a.exit(false), who{20, 10}.exit(false),
			who{21, 10}.write(base), who{21, 10}.exit(true),
		), ends{MMs: 1, Alloc: 2, Gather: 2}, replay.Assumptions{}},

		{"the fork told whose thread it is, where the trace shows no TGID", lines(
			a.mmap(base, 2*mib, private), a.thread(20), who{20, -1}.write(base), a.write(base+mib),
			who{20, -1}.exit(false), a.exit(true),
		), ends{MMs: 1, Alloc: 2, Gather: 2}, replay.Assumptions{}},

		{"without group_dead the threads are counted", lines(
			a.mmap(base, mib, private), a.thread(20), a.write(base), a.exitOld(),
			who{20, 10}.write(base), who{20, 10}.exitOld(),
		), ends{MMs: 1, Alloc: 1, Gather: 1}, replay.Assumptions{}},

		{"exec by a thread makes it the leader", lines(
			a.mmap(base, mib, private), a.thread(20), who{20, 10}.write(base), a.exit(false),
			a.does("sched_process_exec: filename=/bin/a pid=10 old_pid=20"), a.exit(true),
		), ends{MMs: 2, Alloc: 1, Gather: 1}, replay.Assumptions{}},

		{"a child of clone3 with its parent's TGID is a thread", lines(
			a.mmap(base, mib, private), a.write(base), a.clone3(20), who{20, 10}.write(base),
			who{20, 10}.exit(false), a.exit(true),
		), ends{MMs: 1, Alloc: 1, Gather: 1}, replay.Assumptions{}},

		{"any other child of clone3 is a fork", lines(
			a.mmap(base, mib, private), a.write(base), a.clone3(11), b.write(base), b.exit(true),
		), ends{MMs: 2, Alloc: 2, Gather: 1, Live: 1}, replay.Assumptions{Clone3Fork: 1}},

		{"a child of clone3 copies what its parent had before exec", lines(
			a.mmap(base, mib, private), a.write(base), a.clone3(11), a.exec(), b.write(base),
		), ends{MMs: 3, Alloc: 2, Gather: 1, Live: 1, Parked: 1}, replay.Assumptions{Clone3Fork: 1}},

		{"a child of clone3 copies what its parent had before it ended", lines(
			a.mmap(base, mib, private), a.write(base), a.clone3(11), a.exit(true), b.write(base), b.exit(true),
		), ends{MMs: 2, Alloc: 2, Gather: 2}, replay.Assumptions{Clone3Fork: 1}},

		{"a child of clone3 copies what its parent had before its number was given away", lines(
			a.mmap(base, mib, private), a.write(base), a.clone3(11), // the end of 10 is lost, and its number
			pid(30).fork(10), b.write(base),
		), ends{MMs: 4, Alloc: 2, Gather: 1, Live: 1}, replay.Assumptions{Clone3Fork: 1, UnknownProcess: 1}},

		{"a child of clone3 that never showed, and its number again", lines(
			a.mmap(base, mib, private), a.write(base), a.clone3(11), a.fork(11), b.write(base),
		), ends{MMs: 2, Alloc: 2, Live: 2}, replay.Assumptions{}},

		{"clone3 after a clone that failed is not taken for that", lines(
			a.does("sys_clone(clone_flags: %#x, newsp: 0, parent_tidptr: 0, child_tidptr: 0, tls: 0)", threadFlags),
			a.clone3(11), b.exit(true),
		), ends{MMs: 2}, replay.Assumptions{Clone3Fork: 1}},

		{"a number is used again after its process ended", lines(
			a.mmap(base, mib, private), a.write(base), a.fork(11), b.exit(true), a.fork(11), b.write(base), b.exit(true),
		), ends{MMs: 3, Alloc: 3, Gather: 2, Live: 1}, replay.Assumptions{}},

		{"a number is used again and the end of its process was lost", lines(
			a.mmap(base, mib, private), a.write(base), a.fork(11), a.fork(11), b.write(base),
		), ends{MMs: 3, Alloc: 3, Gather: 1, Live: 2}, replay.Assumptions{}},

		{"a thread's number is used again for a process", lines(
			a.mmap(base, mib, private), a.write(base), a.thread(11), who{11, -1}.exit(false), a.fork(11), b.write(base),
			who{11, -1}.munmap(base, mib),
		), ends{MMs: 2, Alloc: 2, Gather: 1, Live: 1}, replay.Assumptions{}},

		{"a process is its own parent, by a trace that lies", lines(
			a.mmap(base, mib, private), a.write(base), a.fork(10), a.write(base),
		), ends{MMs: 2, Alloc: 2, Gather: 1, Live: 1}, replay.Assumptions{UnknownProcess: 1, AssumedMapping: 1}},

		{"a process from before the trace has an address space", lines(
			a.does("sys_close(fd: 3)"), a.exec(), b.write(base), pid(12).exec(),
		), ends{MMs: 5, Alloc: 1, Live: 1, Parked: 2}, replay.Assumptions{UnknownProcess: 2, AssumedMapping: 1}},

		{"events of processes and calls that nobody knows", lines(
			a.exit(true), b.born(12), pid(12).exit(true), pid(12).does("sys_mmap -> 0x40000000"), pid(12).does("sys_brk -> 0x40000000"),
			pid(40).collapse(1, base, madvised), pid(40).collapse(1, base, byDaemon),
		), ends{MMs: 1}, replay.Assumptions{UnmatchedReturns: 2, UnknownCollapse: 2}},
	}
}
