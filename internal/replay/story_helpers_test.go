package replay_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/internal/ftrace"
	"ptsim/internal/replay"
	"ptsim/s390sim"
)

// A story is a trace in a few words. Its lines are those of a real trace; the functions below write the longer ones.

const (
	kib = uint64(1) << 10
	mib = uint64(1) << 20

	base = uint64(0x40000000) // where most stories map something, aligned to what a host's huge page maps
)

// who is a task: its TID and TGID. A negative TGID is one that the trace does not show.
type who struct{ tid, tgid int }

// pid is the leader of a process.
func pid(n int) who { return who{n, n} }

func (w who) does(format string, a ...any) string {
	return fmt.Sprintf("%d/%d %s", w.tid, w.tgid, fmt.Sprintf(format, a...))
}

// Kinds of mapping, as flags of mmap.
const (
	private = 0x2
	shared  = 0x1
	anon    = 0x20
	fixed   = 0x10
)

func (w who) mmap(at, length uint64, flags int) string {
	return w.mmapFile(at, length, flags|anon, -1, 0)
}

func (w who) mmapFile(at, length uint64, flags, fd int, off uint64) string {
	return w.does("sys_mmap(addr: 0, len: %#x, prot: 3, flags: %#x, fd: %#x, off: %#x)", length, flags, uint32(fd), off) + "\n" +
		w.does("sys_mmap -> %#x", at)
}

func (w who) munmap(at, length uint64) string {
	return w.does("sys_munmap(addr: %#x, len: %#x)", at, length)
}

func (w who) mremap(old, oldLen, newLen uint64, flags int, at uint64) string {
	return w.does("sys_mremap(addr: %#x, old_len: %#x, new_len: %#x, flags: %#x, new_addr: %#x)", old, oldLen, newLen, flags, at) +
		"\n" + w.does("sys_mremap -> %#x", at)
}

func (w who) brk(asked, now uint64) string {
	return w.does("sys_brk(brk: %#x)", asked) + "\n" + w.does("sys_brk -> %#x", now)
}

func (w who) read(at uint64) string {
	return w.does("page_fault_user: address=%#x ip=0x1000 error_code=0x4", at)
}
func (w who) write(at uint64) string {
	return w.does("page_fault_user: address=%#x ip=0x1000 error_code=0x6", at)
}

// kread and kwrite are faults of kernel mode, as in a buffer that write() reads or read() fills.
func (w who) kread(at uint64) string {
	return w.does("page_fault_kernel: address=%#x ip=0x1000 error_code=0x0", at)
}
func (w who) kwrite(at uint64) string {
	return w.does("page_fault_kernel: address=%#x ip=0x1000 error_code=0x2", at)
}

// call is a system call with its result.
func (w who) call(name, args string, result int64) string {
	return w.does("sys_%s(%s)", name, args) + "\n" + w.does("sys_%s -> %#x", name, uint64(result))
}

func (w who) exitMmap() string { return w.does("exit_mmap: mt_mod 0000000038b93372, DESTROY") }

// writes faults in n segments from at on.
func (w who) writes(at uint64, n int) string { return w.touches(at, n, w.write) }
func (w who) reads(at uint64, n int) string  { return w.touches(at, n, w.read) }

func (w who) touches(at uint64, n int, fault func(uint64) string) string {
	var s []string
	for i := range n {
		s = append(s, fault(at+uint64(i)*mib))
	}
	return strings.Join(s, "\n")
}

func (w who) open(fd int, cloexec bool) string {
	flags := 0
	if cloexec {
		flags = 0x80000
	}
	return w.does("sys_openat(dfd: 0xffffff9c, filename: 0x7f00, flags: %#x, mode: 0)", flags) + "\n" + w.does("sys_openat -> %#x", fd)
}

func (w who) memfd(fd, flags int) string {
	return w.does("sys_memfd_create(uname: 0x7f00, flags: %#x)", flags) + "\n" + w.does("sys_memfd_create -> %#x", fd)
}

func (w who) born(child int) string {
	return w.does("sched_process_fork: comm=a pid=%d child_comm=a child_pid=%d", w.tid, child)
}

// Flags of clone as glibc passes them.
const (
	forkFlags   = 0x1200011
	threadFlags = 0x3d0f00
)

func (w who) fork(child int) string   { return w.clone(forkFlags, child) }
func (w who) thread(child int) string { return w.clone(threadFlags, child) }
func (w who) vfork(child int) string  { return w.does("sys_vfork()") + "\n" + w.born(child) }

func (w who) clone(flags, child int) string {
	return w.does("sys_clone(clone_flags: %#x, newsp: 0, parent_tidptr: 0, child_tidptr: 0, tls: 0)", flags) + "\n" + w.born(child)
}

func (w who) clone3(child int) string {
	return w.does("sys_clone3(uargs: 0x7f00, size: 0x58)") + "\n" + w.born(child)
}

func (w who) exec() string {
	return w.does("sched_process_exec: filename=/bin/a pid=%d old_pid=%d", w.tid, w.tid)
}

func (w who) exit(groupDead bool) string {
	return w.does("sched_process_exit: comm=a pid=%d prio=120 group_dead=%t", w.tid, groupDead)
}

// exitOld is exit as kernels before v6.17 print it.
func (w who) exitOld() string { return w.does("sched_process_exit: comm=a pid=%d prio=120", w.tid) }

func (w who) collapse(mm int, at uint64, result string) string {
	return w.does("mm_khugepaged_collapse_file: mm=%016x, hpage_pfn=0x1, index=512, addr=%x, is_shmem=1, filename=f, nr=512, result=%s",
		mm, at, result)
}

// Outcomes of a collapse.
const (
	madvised = "pte_mapped_hugepage"
	byDaemon = "succeeded"
)

// trace makes a trace of a story. Events are a millisecond apart.
func trace(story ...string) string {
	var b strings.Builder
	b.WriteString("# tracer: nop\n#\n")
	now := 1000
	for line := range strings.SplitSeq(strings.Join(story, "\n"), "\n") {
		var tid, tgid int
		if n, _ := fmt.Sscanf(line, "%d/%d ", &tid, &tgid); n != 2 {
			b.WriteString(line + "\n") // not of a task
			continue
		}
		_, text, _ := strings.Cut(line, " ")
		group := fmt.Sprintf("(%7d)", tgid)
		if tgid < 0 {
			group = "(-------)"
		}
		fmt.Fprintf(&b, "%16s-%-7d %s [%03d] ..... %5d.%06d: %s\n", "a", tid, group, tid%2, now/1000, now%1000*1000, text)
		now++
	}
	return b.String()
}

// replayText replays a trace on one machine.
func replayText(t testing.TB, cfg s390sim.Config, text string) (*replay.Result, *replay.Outcome) {
	in, err := ftrace.NewReader(strings.NewReader(text), ftrace.Options{Name: "story"})
	require.NoError(t, err)
	res, err := replay.Run(t.Context(), in, replay.Options{Machines: []s390sim.Config{cfg}})
	require.NoError(t, err)
	return res, &res.Outcomes[0]
}
