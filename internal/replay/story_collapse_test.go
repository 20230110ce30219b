package replay_test

import "ptsim/internal/replay"

// descriptorStories tell files apart by what a collapse of one takes from two processes that both mapped a descriptor of
// the same number: all four tables if it is the same file, its own two if not.
func descriptorStories() []story {
	a, b := pid(10), pid(11)
	mapBoth := func(fdA, fdB int) []string {
		return lines(
			a.mmapFile(base, 2*mib, shared, fdA, 0), a.reads(base, 2), b.mmapFile(base, 2*mib, shared, fdB, 0), b.reads(base, 2),
			a.collapse(1, base, madvised),
		)
	}
	two := ends{MMs: 2, Alloc: 4, Taken: 2, Live: 2}
	four := ends{MMs: 2, Alloc: 4, Taken: 4}
	three := func(e ends) ends { e.MMs = 3; return e } // after an exec of the child
	tell := func(name string, want ends, fdA, fdB int, assumed replay.Assumptions, before ...string) story {
		return story{name, append(before, mapBoth(fdA, fdB)...), want, assumed}
	}
	none, unknown := replay.Assumptions{}, replay.Assumptions{UnknownFD: 1}
	return []story{
		tell("a descriptor is inherited", four, 3, 3, none, a.open(3, false), a.fork(11)),
		tell("memfd_create makes a file", four, 3, 3, none, a.memfd(3, 0), a.fork(11)),
		tell("two opens make two files", two, 3, 3, none, a.open(3, false), a.fork(11), b.open(3, false)),
		tell("an open that failed makes none", four, 3, 3, none, a.open(3, false), a.fork(11),
			b.does("sys_openat(dfd: 0xffffff9c, filename: 0x7f00, flags: 0, mode: 0)"), b.does("sys_openat -> 0xfffffffffffffffe")),
		tell("dup2 makes another name", four, 3, 7, none, a.open(3, false), a.fork(11), b.does("sys_dup2(oldfd: 3, newfd: 7)")),
		tell("dup2 of what nobody saw closes", two, 3, 3, unknown, a.open(3, false), a.fork(11),
			b.does("sys_dup2(oldfd: 9, newfd: 3)")),
		tell("close makes a descriptor unknown", two, 3, 3, unknown, a.open(3, false), a.fork(11), b.does("sys_close(fd: 3)")),
		tell("a child's close is its own", four, 3, 5, none, a.open(3, false), a.fork(11), b.does("sys_dup2(oldfd: 3, newfd: 5)"),
			b.does("sys_close(fd: 3)")),
		tell("a parent's later open is not inherited", two, 3, 3, unknown, a.fork(11), a.open(3, false)),
		tell("exec keeps a descriptor", three(four), 3, 3, none, a.open(3, false), a.fork(11), b.exec()),
		tell("exec closes one that is O_CLOEXEC", three(two), 3, 3, unknown, a.open(3, true), a.fork(11), b.exec()),
		tell("exec closes one that is MFD_CLOEXEC", three(two), 3, 3, unknown, a.memfd(3, 1), a.fork(11), b.exec()),
		tell("MFD_ALLOW_SEALING is not MFD_CLOEXEC", three(four), 3, 3, none, a.memfd(3, 2), a.fork(11), b.exec()),
		tell("dup2 drops O_CLOEXEC", three(four), 3, 4, none, a.open(3, true), a.fork(11), b.does("sys_dup2(oldfd: 3, newfd: 4)"), b.exec()),
		tell("dup2 onto itself drops nothing", three(two), 3, 3, unknown, a.open(3, true), a.fork(11),
			b.does("sys_dup2(oldfd: 3, newfd: 3)"), b.exec()),
		tell("dup3 may set O_CLOEXEC", three(two), 3, 4, unknown, a.open(3, false), a.fork(11),
			b.does("sys_dup3(oldfd: 3, newfd: 4, flags: 0x80000)"), b.exec()),
		tell("a vfork child's exec leaves its parent's descriptors", ends{MMs: 2, Alloc: 4, Taken: 2, Live: 2}, 3, 3, unknown,
			a.open(3, true), a.vfork(11), b.exec()),
		tell("CLONE_FILES shares the table", four, 3, 3, none, a.clone(0x411, 11), b.open(3, false)),
		tell("exec ends the sharing", three(two), 3, 3, unknown, a.clone(0x411, 11), b.exec(), a.open(3, false)),
		tell("a thread opens for its process", four, 3, 3, none, a.thread(20), who{20, 10}.open(3, false), a.fork(11)),
		tell("a descriptor nobody saw being opened is one file from then on", four, 3, 3, unknown,
			a.mmapFile(base, 4*kib, shared, 3, 0), a.fork(11)),
	}
}

func collapseStories() []story {
	a, b := pid(10), pid(11)
	both := lines(a.memfd(3, 0), a.fork(11),
		a.mmapFile(base, 4*mib, shared, 3, 0), a.reads(base, 4), b.mmapFile(base+64*mib, 4*mib, shared, 3, 0), b.reads(base+64*mib, 4))
	then := func(more ...string) []string { return append(append([]string(nil), both...), more...) }
	alone := lines(a.memfd(3, 0), a.mmapFile(base, 2*mib, shared, 3, 0), a.writes(base, 2))
	thenAlone := func(more ...string) []string { return append(append([]string(nil), alone...), more...) }
	second := func(name string, taken int, mapping ...string) story { // what a collapse takes from a second process
		l := append(lines(a.memfd(3, 0), a.fork(11), a.mmapFile(base, 2*mib, shared, 3, 0), a.reads(base, 2)), mapping...)
		return story{name, append(l, a.collapse(1, base, madvised)), ends{MMs: 2, Alloc: 4, Taken: 2 + taken, Live: 2 - taken}, replay.Assumptions{}}
	}
	return []story{
		{"MADV_COLLAPSE takes the tables of all who map the range", then(a.collapse(1, base+2*mib, madvised)),
			ends{MMs: 2, Alloc: 8, Taken: 4, Live: 4}, replay.Assumptions{}},

		{"an address in the middle of the range will do", then(a.collapse(1, base+3*mib+4*kib, madvised)),
			ends{MMs: 2, Alloc: 8, Taken: 4, Live: 4}, replay.Assumptions{}},

		{"khugepaged's mm is found by the address", then(pid(40).collapse(1, base+64*mib, byDaemon)),
			ends{MMs: 2, Alloc: 8, Taken: 4, Live: 4}, replay.Assumptions{}},

		{"the second time there is nothing to take", then(a.collapse(1, base, madvised), a.collapse(1, base, madvised)),
			ends{MMs: 2, Alloc: 8, Taken: 4, Live: 4}, replay.Assumptions{}},

		{"a collapse that failed takes nothing", then(
			a.collapse(1, base, "failed"), a.collapse(1, base, "exceed_swap_pte"), pid(40).collapse(1, base, "page_compound")),
			ends{MMs: 2, Alloc: 8, Live: 8}, replay.Assumptions{}},

		{"a collapse where the task maps no file is not known", then(a.collapse(1, base+64*mib, madvised), a.mmap(base+8*mib, 2*mib, private),
			a.collapse(1, base+8*mib, madvised), a.collapse(1, 1, madvised)), // 1: an old kernel's is_shmem
			ends{MMs: 2, Alloc: 8, Live: 8}, replay.Assumptions{UnknownCollapse: 3}},

		{"two files at one address are ambiguous until the pointer is known", lines(
			a.memfd(3, 0), a.mmapFile(base, 2*mib, shared, 3, 0), a.reads(base, 2),
			b.memfd(3, 0), b.mmapFile(base, 4*mib, shared, 3, 0), b.reads(base, 4),
			pid(40).collapse(7, base+2*mib, byDaemon), // only b has that
			pid(40).collapse(7, base, byDaemon),       // so 7 is b
			pid(40).collapse(8, base, byDaemon),       // could be either: the lower TGID
		), ends{MMs: 2, Alloc: 6, Taken: 6}, replay.Assumptions{AmbiguousMM: 1, UnknownProcess: 1}},

		{"a pointer means nothing after exec", lines(
			a.memfd(3, 0), a.memfd(4, 0), a.mmapFile(base, 2*mib, shared, 3, 0), a.reads(base, 2), a.fork(11),
			a.collapse(7, base, madvised), a.exec(), a.mmapFile(base, 2*mib, shared, 4, 0), a.reads(base, 2), b.exec(),
			b.mmapFile(base, 2*mib, shared, 4, 0), b.reads(base, 2), // 7 is some other mm by now
			pid(40).collapse(7, base, byDaemon),
		), ends{MMs: 4, Alloc: 6, Taken: 6}, replay.Assumptions{}},

		{"a fault after a retract maps huge", thenAlone(a.collapse(1, base, madvised), a.read(base), a.write(base+mib-1), a.write(base+mib)),
			ends{MMs: 1, Alloc: 2, Taken: 2, Huge: 3}, replay.Assumptions{}},

		{"one that its mapping no longer covers gets a table", thenAlone(a.collapse(1, base, madvised), a.munmap(base+mib+512*kib, 512*kib),
			a.read(base), a.write(base+mib), a.write(base+mib+4*kib)),
			ends{MMs: 1, Alloc: 3, Taken: 2, Huge: 1, Live: 1}, replay.Assumptions{}},

		{"a new mapping in a retracted segment starts anew", thenAlone(a.collapse(1, base, madvised), a.munmap(base, 2*mib),
			a.mmap(base, 2*mib, private), a.writes(base, 2)),
			ends{MMs: 1, Alloc: 4, Taken: 2, Live: 2}, replay.Assumptions{}},

		{"the child of a fork has not been retracted from", thenAlone(a.collapse(1, base, madvised), a.fork(11), b.read(base), a.read(base)),
			ends{MMs: 2, Alloc: 3, Taken: 2, Huge: 1, Live: 1}, replay.Assumptions{}},

		{"what went to a retract is not freed again at exit", thenAlone(a.collapse(1, base, madvised), a.exit(true)),
			ends{MMs: 1, Alloc: 2, Taken: 2}, replay.Assumptions{}},

		second("a mapping at another address loses its tables", 2, b.mmapFile(base+64*mib, 2*mib, shared, 3, 0), b.reads(base+64*mib, 2)),
		second("an unaligned mapping keeps them", 0, b.mmapFile(base+4*kib, 2*mib, shared, 3, 0), b.reads(base+4*kib, 2)),
		second("so does one at an unaligned offset", 0, b.mmapFile(base, 2*mib, shared, 3, 4*kib), b.reads(base, 2)),
		second("one that does not cover a segment keeps that", 1, b.mmapFile(base, 2*mib-4*kib, shared, 3, 0), b.reads(base, 2)),
		second("one of a later part of the file loses that part", 1, b.mmapFile(base, 2*mib, shared, 3, mib), b.reads(base, 2)),
		second("one of another part keeps its tables", 0, b.mmapFile(base, 2*mib, shared, 3, 2*mib), b.reads(base, 2)),
		second("a private one that was read loses them", 2, b.mmapFile(base, 2*mib, private, 3, 0), b.reads(base, 2)),
		second("a private one that was written keeps them", 0, b.mmapFile(base, 2*mib, private, 3, 0), b.read(base), b.write(base+mib)),
		second("a shared one that was written loses them", 2, b.mmapFile(base, 2*mib, shared, 3, 0), b.writes(base, 2)),
		second("another file at the same address keeps them", 0, b.memfd(4, 0), b.mmapFile(base, 2*mib, shared, 4, 0), b.reads(base, 2)),
		second("two mappings of one process both lose them", 2, b.mmapFile(base, mib, shared, 3, 0), b.read(base),
			b.mmapFile(base+8*mib, mib, shared, 3, 0), b.read(base+8*mib)),
	}
}
