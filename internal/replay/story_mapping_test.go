package replay_test

import "ptsim/internal/replay"

func mappingStories() []story {
	a, b := pid(10), pid(11)
	return []story{
		{"the first fault in a segment allocates its table", lines(
			a.mmap(base, 3*mib, private), a.read(base), a.write(base+mib-1), a.read(base+2*mib),
		), ends{MMs: 1, Alloc: 2, Live: 2}, replay.Assumptions{}},

		{"a mapping that failed is none", lines(
			a.does("sys_mmap(addr: 0, len: 0x100000, prot: 3, flags: 0x22, fd: 0xffffffff, off: 0)"),
			a.does("sys_mmap -> 0xfffffffffffffff4"), a.write(base),
		), ends{MMs: 1, Alloc: 1, Live: 1}, replay.Assumptions{AssumedMapping: 1}},

		{"munmap of half a segment frees nothing, of the other half its table", lines(
			a.mmap(base, mib, private), a.write(base), a.munmap(base, 512*kib), a.munmap(base+512*kib, 512*kib),
			a.mmap(base, mib, private), a.write(base),
		), ends{MMs: 1, Alloc: 2, Gather: 1, Live: 1}, replay.Assumptions{}},

		{"munmap of less than a page takes the page", lines(
			a.mmap(base, 4*kib, private), a.write(base), a.munmap(base, 1),
		), ends{MMs: 1, Alloc: 1, Gather: 1}, replay.Assumptions{}},

		{"munmap of an address that is no page's does nothing", lines(
			a.mmap(base, mib, private), a.write(base), a.munmap(base+1, mib),
		), ends{MMs: 1, Alloc: 1, Live: 1}, replay.Assumptions{}},

		{"munmap of a hole in the middle frees the segments inside it", lines(
			a.mmap(base, 4*mib, private), a.writes(base, 4), a.munmap(base+mib+512*kib, 2*mib),
			a.write(base+mib), a.write(base+4*mib-1), // both edges still have their tables
		), ends{MMs: 1, Alloc: 4, Gather: 1, Live: 3}, replay.Assumptions{}},

		{"both sides of a hole keep their anon_vma", lines(
			a.mmap(base, 3*mib, private), a.writes(base, 3), a.munmap(base+mib, mib), a.fork(11),
		), ends{MMs: 2, Alloc: 5, Gather: 1, Live: 4}, replay.Assumptions{}},

		{"the sides of a hole go different ways after it", lines(
			a.open(3, false), a.mmapFile(base, 3*mib, private, 3, 0), a.reads(base, 3), a.munmap(base+mib, mib),
			a.write(base), a.fork(11), // the right side has only been read
		), ends{MMs: 2, Alloc: 4, Gather: 1, Live: 3}, replay.Assumptions{}},

		{"a neighbour in the segment keeps its table", lines(
			a.mmap(base, 4*kib, private), a.mmap(base+8*kib, 4*kib, private), a.write(base), a.munmap(base, 4*kib),
			a.write(base+8*kib),
		), ends{MMs: 1, Alloc: 1, Live: 1}, replay.Assumptions{}},

		{"MAP_FIXED over an old mapping unmaps it first", lines(
			a.open(3, false), a.mmap(base, 2*mib, private), a.writes(base, 2),
			a.mmapFile(base, mib+512*kib, private|fixed, 3, 0), // the first segment's table goes, the second's stays
			a.read(base), a.read(base+mib), a.fork(11), // and is copied, for what is left of the old mapping
		), ends{MMs: 2, Alloc: 4, Gather: 1, Live: 3}, replay.Assumptions{}},

		{"mmap of an unaligned length takes the whole page", lines(
			a.mmap(base, 1, private), a.write(base+4*kib-1),
		), ends{MMs: 1, Alloc: 1, Live: 1}, replay.Assumptions{}},

		{"brk grows, shrinks and grows", lines(
			a.brk(0, base+0x800), a.brk(base+3*mib, base+3*mib), a.writes(base+0x1000, 3),
			a.brk(base+mib+1, base+mib+1), // one page of the second segment is left
			a.brk(base+2*mib, base+2*mib), a.write(base+2*mib-1), a.brk(base+3*mib, base+3*mib), a.write(base+2*mib),
		), ends{MMs: 1, Alloc: 4, Gather: 1, Live: 3}, replay.Assumptions{}},

		{"a break that was refused stays", lines(
			a.brk(0, base), a.brk(base+8*mib, base), a.brk(base+mib, base+mib), a.write(base),
		), ends{MMs: 1, Alloc: 1, Live: 1}, replay.Assumptions{}},

		{"the heap is one mapping", lines(
			a.open(3, false), a.brk(0, base), a.brk(base+mib, base+mib), a.brk(base+2*mib, base+2*mib), a.writes(base, 2),
			a.fork(11), b.brk(base+3*mib, base+3*mib), b.writes(base, 3), b.brk(base, base),
		), ends{MMs: 2, Alloc: 5, Gather: 3, Live: 2}, replay.Assumptions{}},

		{"a break first seen when it moves", lines(
			a.brk(base+mib, base+mib), a.brk(base+2*mib, base+2*mib), a.write(base+mib), a.write(base),
		), ends{MMs: 1, Alloc: 2, Live: 2}, replay.Assumptions{UnknownBreak: 1, AssumedMapping: 1}},

		{"mremap moves the populated segments", lines(
			a.mmap(base, 3*mib, private), a.write(base), a.write(base+2*mib),
			a.mremap(base, 3*mib, 3*mib, 1, base+16*mib), a.write(base+16*mib), a.write(base+18*mib), a.write(base+17*mib),
		), ends{MMs: 1, Alloc: 5, Gather: 2, Live: 3}, replay.Assumptions{}},

		{"mremap moves from and to anywhere within a segment", lines(
			a.mmap(base+512*kib, 2*mib, private), a.write(base+512*kib), a.write(base+mib), a.write(base+2*mib),
			// 0.5 to 2.5 becomes 16.75 to 18.75: the three old segments land in 16, 17 and 18
			a.mremap(base+512*kib, 2*mib, 2*mib, 1, base+16*mib+768*kib),
			a.write(base+16*mib+768*kib), a.write(base+17*mib), a.write(base+18*mib),
		), ends{MMs: 1, Alloc: 6, Gather: 3, Live: 3}, replay.Assumptions{}},

		{"mremap moves a part of a mapping and leaves the rest", lines(
			a.mmap(base, 4*mib, private), a.writes(base, 4), a.mremap(base+mib, 2*mib, 2*mib, 1, base+16*mib), a.fork(11),
		), ends{MMs: 2, Alloc: 10, Gather: 2, Live: 8}, replay.Assumptions{}},

		{"mremap moves and grows", lines(
			a.mmap(base, mib, private), a.write(base), a.mremap(base, mib, 3*mib, 1, base+16*mib), a.writes(base+16*mib, 3),
		), ends{MMs: 1, Alloc: 4, Gather: 1, Live: 3}, replay.Assumptions{}},

		{"mremap moves and shrinks", lines(
			a.mmap(base, 3*mib, private), a.writes(base, 3), a.mremap(base, 3*mib, mib, 1, base+16*mib), a.write(base+16*mib),
		), ends{MMs: 1, Alloc: 4, Gather: 3, Live: 1}, replay.Assumptions{}},

		{"mremap grows in place", lines(
			a.mmap(base, mib, private), a.write(base), a.mremap(base, mib, 2*mib, 0, base), a.write(base+mib), a.fork(11),
		), ends{MMs: 2, Alloc: 4, Live: 4}, replay.Assumptions{}},

		{"mremap shrinks in place", lines(
			a.mmap(base, 3*mib, private), a.writes(base, 3), a.mremap(base, 3*mib, mib+1, 0, base),
		), ends{MMs: 1, Alloc: 3, Gather: 1, Live: 2}, replay.Assumptions{}},

		{"mremap that leaves the old mapping leaves its tables", lines(
			a.mmap(base, 2*mib, private), a.writes(base, 2), a.mremap(base, 2*mib, 2*mib, 1|4, base+16*mib), a.write(base),
		), ends{MMs: 1, Alloc: 4, Live: 4}, replay.Assumptions{}},

		{"what mremap moves keeps its anon_vma", lines(
			a.open(3, false), a.mmapFile(base, mib, private, 3, 0), a.write(base), a.mremap(base, mib, mib, 1, base+16*mib),
			a.read(base+16*mib), a.fork(11),
		), ends{MMs: 2, Alloc: 3, Gather: 1, Live: 2}, replay.Assumptions{}},

		{"mremap that failed does nothing", lines(
			a.mmap(base, mib, private), a.write(base),
			a.does("sys_mremap(addr: %#x, old_len: 0x100000, new_len: 0x200000, flags: 0, new_addr: 0)", base),
			a.does("sys_mremap -> 0xfffffffffffffff4"), a.write(base),
		), ends{MMs: 1, Alloc: 1, Live: 1}, replay.Assumptions{}},

		{"a fault outside every mapping belongs to one from before", lines(
			a.read(base+4*kib), a.read(base+mib-1),
		), ends{MMs: 1, Alloc: 1, Live: 1}, replay.Assumptions{AssumedMapping: 1}},

		{"an assumed mapping grows in both directions, and is one", lines(
			a.read(base+4*mib), a.read(base+5*mib), a.read(base+3*mib), a.write(base+4*mib), a.fork(11),
		), ends{MMs: 2, Alloc: 6, Live: 6}, replay.Assumptions{AssumedMapping: 3}},

		{"assumed mappings with a gap between them are two", lines(
			a.read(base), a.read(base+2*mib), a.write(base), a.fork(11),
		), ends{MMs: 2, Alloc: 3, Live: 3}, replay.Assumptions{AssumedMapping: 2}},

		{"a read from an assumed mapping makes no anonymous memory", lines(
			a.read(base), a.fork(11), b.read(base),
		), ends{MMs: 2, Alloc: 2, Live: 2}, replay.Assumptions{AssumedMapping: 1}},

		{"an assumed mapping takes what no other has of the segment", lines(
			a.mmap(base, 256*kib, private), a.mmap(base+768*kib, 512*kib, private), a.write(base+512*kib),
			a.munmap(base, 256*kib), a.munmap(base+768*kib, 512*kib), // the table stays
			a.write(base), // and this was unmapped
		), ends{MMs: 1, Alloc: 1, Live: 1}, replay.Assumptions{AssumedMapping: 2}},

		{"faults at kernel addresses are left out", lines(
			a.read(0xffffffffff600000), a.write(0x8000000000000000), a.read(1<<52),
		), ends{MMs: 1}, replay.Assumptions{KernelAddress: 3}},

		{"the last segment of all", lines(
			a.read(1<<52-1), a.mmap(1<<52-mib, mib, private), a.write(1<<52-mib), a.munmap(1<<52-mib, mib),
			a.munmap(1<<52-mib, 1<<63), a.mmap(1<<52-mib, 2*mib, private), // out of range
		), ends{MMs: 1, Alloc: 2, Gather: 2}, replay.Assumptions{AssumedMapping: 1}},

		{"the first segment of all", lines(
			a.read(64*kib), a.munmap(0, mib),
		), ends{MMs: 1, Alloc: 1, Gather: 1}, replay.Assumptions{AssumedMapping: 1}},

		{"a null pointer populates nothing", lines(
			a.read(8), a.write(60*kib), a.does("page_fault_kernel: address=0x10 ip=0x1 error_code=0x0"),
		), ends{MMs: 1}, replay.Assumptions{NullPointer: 3}},
	}
}
