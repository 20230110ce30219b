package replay_test

import "ptsim/internal/replay"

// kernelStories are about memory that the kernel touches or populates.
func kernelStories() []story {
	a, b := pid(10), pid(11)
	none := replay.Assumptions{}
	shm := func(w who, at uint64) string { return w.call("shmat", "shmid: 5, shmaddr: 0, shmflg: 0", int64(at)) }
	return []story{
		{"a fault of kernel mode populates", lines(
			a.mmap(base, 3*mib, private), a.kwrite(base), a.kread(base+mib), a.write(base), a.kwrite(base+2*mib+8),
		), ends{MMs: 1, Alloc: 3, Live: 3}, none},

		{"one in memory that is there adds nothing", lines(
			a.mmap(base, 2*mib, private), a.writes(base, 2), a.kwrite(base), a.kwrite(base+mib+4*kib),
		), ends{MMs: 1, Alloc: 2, Live: 2}, none},

		{"one that makes anonymous memory is copied by fork", lines(
			a.open(3, false), a.mmapFile(base, mib, private, 3, 0), a.kread(base), a.fork(11),
			a.kwrite(base), a.fork(12),
		), ends{MMs: 3, Alloc: 2, Live: 2}, none},

		{"one at the kernel's own addresses is nobody's", lines(
			who{2, 2}.does("page_fault_kernel: address=0xffffc90000000000 ip=0x1 error_code=0x2"), a.kread(base),
		), ends{MMs: 1, Alloc: 1, Live: 1}, replay.Assumptions{AssumedMapping: 1}},

		{"what execve writes belongs to the new mm", lines(
			a.mmap(base, mib, private), a.write(base), a.exitMmap(), a.kwrite(base+8*mib), a.exec(),
		), ends{MMs: 2, Alloc: 2, Gather: 1, Live: 1}, replay.Assumptions{AssumedMapping: 1}},

		{"also that of a vfork child, whose old mm stays", lines(
			a.mmap(base, 2*mib, private), a.write(base), a.vfork(11), b.does("sys_execve(filename: 0x7f, argv: 0x7f, envp: 0x7f)"),
			b.kread(base+mib), b.kwrite(base+8*mib), b.exec(), b.exit(true),
		), ends{MMs: 2, Alloc: 3, Gather: 1, Live: 2}, replay.Assumptions{AssumedMapping: 1}},

		{"an execve that failed wrote to the old one", lines(
			a.mmap(base, 2*mib, private), a.does("sys_execve(filename: 0x7f, argv: 0x7f, envp: 0x7f)"), a.kwrite(base), a.write(base+mib), a.exec(),
		), ends{MMs: 2, Alloc: 2, Gather: 2, Parked: 1}, none},

		{"the last user of another's mm is not executing", lines(
			a.mmap(base, 2*mib, private), a.exitMmap(), a.kwrite(base), a.does("sys_close(fd: 3)"), a.kwrite(base+mib), a.exec(),
		), ends{MMs: 2, Alloc: 2, Gather: 2, Parked: 1}, none},

		{"a thread that executes is the leader afterwards", lines(
			a.mmap(base, mib, private), a.thread(20), who{20, 10}.does("sys_execve(filename: 0x7f, argv: 0x7f, envp: 0x7f)"), a.exit(false),
			who{20, 10}.kwrite(base+8*mib), a.does("sched_process_exec: filename=/bin/a pid=10 old_pid=20"),
		), ends{MMs: 2, Alloc: 1, Live: 1}, replay.Assumptions{AssumedMapping: 1}},

		{"MAP_POPULATE populates all of the mapping", lines(
			a.mmap(base+512*kib, 3*mib, private|0x8000), a.mmap(base+16*mib, 3*mib, private|0x18000), // MAP_NONBLOCK: not
		), ends{MMs: 1, Alloc: 4, Live: 4}, none},

		{"MAP_LOCKED does, but not memory that nobody may touch", lines(
			a.mmap(base, 3*mib, private|0x2000),
			a.call("mmap", "addr: 0, len: 0x300000, prot: 0, flags: 0x8022, fd: 0xffffffff, off: 0", int64(base+16*mib)),
		), ends{MMs: 1, Alloc: 3, Live: 3}, none},

		{"a populated private file mapping that may be written has anonymous memory", lines(
			a.open(3, false), a.mmapFile(base, 2*mib, private|0x8000, 3, 0), a.fork(11),
		), ends{MMs: 2, Alloc: 4, Live: 4}, none},

		{"mlock populates what is mapped", lines(
			a.mmap(base, mib, private), a.mmap(base+3*mib, 2*mib, private), a.call("mlock", "start: 0x40000000, len: 0x400000", 0),
		), ends{MMs: 1, Alloc: 2, Live: 2}, none},

		{"mlock2 on fault does not, nor does an mlock that failed", lines(
			a.mmap(base, 4*mib, private), a.call("mlock2", "start: 0x40000000, len: 0x400000, flags: 1", 0),
			a.call("mlock", "start: 0x40000000, len: 0x400000", -12),
		), ends{MMs: 1}, none},

		{"mlockall populates what there is and what comes", lines(
			a.mmap(base, 2*mib, private), a.brk(0, base+64*mib), a.call("mlockall", "flags: 3", 0), a.mmap(base+16*mib, 2*mib, private),
			a.brk(base+66*mib, base+66*mib), a.does("sys_munlockall()"), a.mmap(base+32*mib, mib, private),
		), ends{MMs: 1, Alloc: 6, Live: 6}, none},

		{"a child does not inherit that", lines(
			a.call("mlockall", "flags: 2", 0), a.fork(11), b.mmap(base, 2*mib, private), a.mmap(base, 2*mib, private),
		), ends{MMs: 2, Alloc: 2, Live: 2}, none},

		{"MADV_POPULATE_WRITE populates", lines(
			a.mmap(base, 3*mib, private), a.does("sys_madvise(start: 0x40000000, len_in: 0x200000, behavior: 0x17)"),
		), ends{MMs: 1, Alloc: 2, Live: 2}, none},

		{"a debugger populates the memory of another", lines(
			b.mmap(base, 3*mib, private), a.call("ptrace", "request: 4, pid: 0xb, addr: 0x40000000, data: 0x1", 0),
			a.call("ptrace", "request: 1, pid: 0xb, addr: 0x40100000, data: 0x1", 0),
			a.call("ptrace", "request: 1, pid: 0xb, addr: 0x40200000, data: 0x1", -5), a.call("ptrace", "request: 7, pid: 0xb, addr: 1, data: 0", 0),
		), ends{MMs: 2, Alloc: 2, Live: 2}, replay.Assumptions{UnknownProcess: 1}},

		{"what process_vm_writev populates is not seen", lines(
			a.call("process_vm_writev", "pid: 0xb, lvec: 0x1, liovcnt: 1, rvec: 0x1, riovcnt: 1, flags: 0", 4096),
			a.call("process_vm_readv", "pid: 0xb, lvec: 0x1, liovcnt: 1, rvec: 0x1, riovcnt: 1, flags: 0", -1),
		), ends{MMs: 1}, replay.Assumptions{RemoteAccess: 1}},

		{"a System V segment is attached, inherited and detached", lines(
			a.call("shmget", "key: 0, size: 0x200000, shmflg: 0x3b6", 5), shm(a, base), a.writes(base, 2), a.fork(11),
			b.writes(base, 2), b.does("sys_shmdt(shmaddr: 0x40000000)"), b.does("sys_shmdt(shmaddr: 0x40000000)"),
		), ends{MMs: 2, Alloc: 4, Gather: 2, Live: 2}, none},
	}
}
