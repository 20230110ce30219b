package replay_test

import (
	"fmt"
	"slices"
	"strings"

	"ptsim/internal/replay"
)

// openPath is openat of a path that the kernel prints, "" for none.
func (w who) openPath(path string, flags, fd int) string {
	shown := "0x7ffc00000010"
	if path != "" {
		shown += fmt.Sprintf(" %q", path)
	}
	return w.call("openat", fmt.Sprintf("dfd: 0xffffff9c, filename: %s, flags: %#x, mode: 0x180", shown, flags), int64(fd))
}

// sharingStories tell by what a collapse takes whether two processes were seen to share a file: all four tables, or two.
func sharingStories() []story {
	a, b, c := pid(10), pid(11), pid(12)
	const far = base + 64*mib
	tell := func(name string, want ends, assumed replay.Assumptions, fdA, fdB int, before, after []string) story {
		l := slices.Clone(before)
		if !slices.Contains(before, a.fork(11)) { // what was opened before it is inherited
			l = append(lines(a.fork(11)), before...)
		}
		l = append(l, a.mmapFile(base, 2*mib, shared, fdA, 0), a.writes(base, 2), b.mmapFile(far, 2*mib, shared, fdB, 0), b.reads(far, 2),
			a.collapse(1, base, madvised))
		return story{name, append(l, after...), want, assumed}
	}
	two, four := ends{MMs: 2, Alloc: 4, Taken: 2, Live: 2}, ends{MMs: 2, Alloc: 4, Taken: 4}
	huge := func(e ends, n int) ends { e.Huge = n; return e }
	none, tied, unseen := replay.Assumptions{}, replay.Assumptions{TiedFiles: 1}, replay.Assumptions{UnseenSharing: 1}
	both := lines(a.openPath("", 2, 3), b.openPath("", 2, 4)) // two opens of a path that is not shown
	return []story{
		tell("two opens of one path are of one file", four, none, 3, 4, lines(a.openPath("/dev/shm/x", 2, 3), b.openPath("/dev/shm/x", 2, 4)), nil),
		tell("two paths are two files", two, none, 3, 4, lines(a.openPath("/dev/shm/x", 2, 3), b.openPath("/dev/shm/y", 2, 4)), nil),
		tell("a relative path tells nothing", two, none, 3, 4, lines(a.openPath("x", 2, 3), b.openPath("x", 2, 4)), nil),
		tell("O_EXCL makes a new file", two, none, 3, 4, lines(a.openPath("/tmp/x", 2, 3), b.openPath("/tmp/x", 0xc2, 4)), nil),
		tell("who opens what O_EXCL made opens that", four, none, 3, 4, lines(a.openPath("/tmp/x", 0xc2, 3), b.openPath("/tmp/x", 2, 4)), nil),
		tell("dup makes another name", four, none, 3, 5, lines(a.memfd(3, 0), a.fork(11), b.call("dup", "fildes: 3", 5), b.does("sys_close(fd: 3)")),
			nil),
		tell("F_DUPFD does", four, none, 3, 9, lines(a.memfd(3, 0), a.fork(11), b.call("fcntl", "fd: 3, cmd: 0, arg: 9", 9)), nil),
		tell("so does F_DUPFD_CLOEXEC, which exec closes", ends{MMs: 3, Alloc: 4, Taken: 2, Live: 2}, replay.Assumptions{UnknownFD: 1}, 3, 9,
			lines(a.memfd(3, 0), a.fork(11), b.call("fcntl", "fd: 3, cmd: 0x406, arg: 9", 9), b.exec()), nil),
		tell("F_SETFD says what exec closes", ends{MMs: 3, Alloc: 4, Taken: 2, Live: 2}, replay.Assumptions{UnknownFD: 1}, 3, 3,
			lines(a.memfd(3, 0), a.fork(11), b.call("fcntl", "fd: 3, cmd: 2, arg: 1", 0), b.exec()), nil),
		tell("and takes it back", ends{MMs: 3, Alloc: 4, Taken: 4}, none, 3, 3,
			lines(a.memfd(3, 1), a.fork(11), b.call("fcntl", "fd: 3, cmd: 2, arg: 0", 0), b.exec()), nil),
		tell("/proc/PID/fd leads to another's descriptor", four, none, 3, 4, lines(a.memfd(3, 0), b.openPath("/proc/10/fd/3", 2, 4)), nil),
		tell("/proc/self/fd to one's own", four, none, 3, 4, lines(a.memfd(3, 0), a.fork(11), b.openPath("/proc/self/fd/3", 2, 4)), nil),
		tell("/dev/fd likewise", four, none, 3, 4, lines(a.memfd(3, 0), a.fork(11), b.openPath("/dev/fd/3", 2, 4)), nil),
		tell("a pidfd gets another's descriptor", four, none, 3, 4, lines(a.memfd(3, 0), b.call("pidfd_open", "pid: 0xa, flags: 0", 7),
			b.call("pidfd_getfd", "pidfd: 7, fd: 3, flags: 0", 4)), nil),

		tell("a fault on a mapped page tells, late", huge(four, 1), tied, 3, 4, both, lines(b.read(far))),
		tell("one that was not mapped does not", two, none, 3, 4, both, lines(b.read(far+4*kib))),
		tell("one for want of a right does not", two, none, 3, 4, both, lines(b.does("page_fault_user: address=%#x ip=0x1000 error_code=0x7", far))),
		tell("one after MADV_DONTNEED does not", two, none, 3, 4, both,
			lines(b.does("sys_madvise(start: %#x, len_in: 0x1000, behavior: 4)", far), b.read(far))),
		tell("after it, what is collapsed is known to be shared", ends{MMs: 2, Alloc: 6, Taken: 6, Huge: 1}, tied, 3, 4, both, lines(
			b.read(far), b.mmapFile(far+8*mib, 2*mib, shared, 4, 2*mib), b.reads(far+8*mib, 2),
			a.mmapFile(base+8*mib, 2*mib, shared, 3, 2*mib), a.collapse(1, base+8*mib, madvised))),
		tell("a memfd and another cannot be one: sharing was not seen", two, unseen, 3, 4, lines(a.memfd(3, 0), b.memfd(4, 0)), lines(b.read(far))),
		tell("a memfd and what came from nowhere can", huge(four, 1), replay.Assumptions{TiedFiles: 1, UnknownFD: 1}, 3, 4,
			lines(a.memfd(3, 0)), lines(b.read(far))),

		{"two collapses that print one name are of one file", lines(a.fork(11), a.openPath("", 2, 3), b.openPath("", 0, 4),
			a.mmapFile(base, 2*mib, shared, 3, 0), a.writes(base, 2), b.mmapFile(far, 4*mib, shared, 4, 0), b.reads(far, 4),
			a.collapse(1, base, madvised), b.collapse(2, far+2*mib, madvised)),
			ends{MMs: 2, Alloc: 6, Taken: 6}, tied},
		{"two that print two names are of two", lines(a.fork(11), a.openPath("", 2, 3), b.openPath("", 2, 4),
			a.mmapFile(base, 2*mib, shared, 3, 0), a.writes(base, 2), b.mmapFile(far, 4*mib, shared, 4, 0), b.reads(far, 4),
			a.collapse(1, base, madvised), collapseOf("g", b, far+2*mib)),
			ends{MMs: 2, Alloc: 6, Taken: 4, Live: 2}, none},
		{"a name and a path that ends otherwise are of two", lines(a.fork(11), a.openPath("", 2, 3), b.openPath("/tmp/g", 2, 4),
			a.mmapFile(base, 2*mib, shared, 3, 0), a.writes(base, 2), b.mmapFile(far, 2*mib, shared, 4, 0), b.reads(far, 2),
			a.collapse(1, base, madvised), b.read(far)),
			two, unseen},
		{"of two files that a fault may be about, the one that was opened alike is it", lines(a.fork(11), a.fork(12),
			a.openPath("", 2, 3), c.openPath("", 0, 3), b.openPath("", 2, 3),
			a.mmapFile(base, 2*mib, shared, 3, 0), a.writes(base, 2), c.mmapFile(base, 2*mib, shared, 3, 0), c.reads(base, 2),
			b.mmapFile(base, 2*mib, shared, 3, 0), b.reads(base, 2),
			c.collapse(1, base, madvised), collapseOf("g", a, base), b.read(base), collapseOf("g", b, base)),
			ends{MMs: 3, Alloc: 6, Taken: 6, Huge: 1}, tied},
		{"if neither was, nobody knows", lines(a.fork(11), a.fork(12),
			a.openPath("", 2, 3), c.openPath("", 0, 3), b.openPath("", 0x80000, 3),
			a.mmapFile(base, 2*mib, shared, 3, 0), a.writes(base, 2), c.mmapFile(base, 2*mib, shared, 3, 0), c.reads(base, 2),
			b.mmapFile(base, 2*mib, shared, 3, 0), b.reads(base, 2),
			c.collapse(1, base, madvised), collapseOf("g", a, base), b.read(base), b.read(base+mib), b.read(base)),
			ends{MMs: 3, Alloc: 6, Taken: 4, Live: 2}, replay.Assumptions{UnseenSharing: 2}},
		{"khugepaged's mm is one that shows a file of that name", lines(a.fork(11), a.openPath("/tmp/a", 2, 3), b.openPath("/tmp/f", 2, 3),
			a.mmapFile(base, 2*mib, shared, 3, 0), a.writes(base, 2), b.mmapFile(base, 2*mib, shared, 3, 0), b.reads(base, 2),
			pid(40).collapse(1, base, byDaemon), b.read(base)),
			ends{MMs: 2, Alloc: 4, Taken: 2, Huge: 1, Live: 2}, none},
	}
}

// collapseOf is a collapse of a file of that name.
func collapseOf(name string, w who, at uint64) string {
	return strings.Replace(w.collapse(1, at, madvised), "filename=f,", "filename="+name+",", 1)
}
