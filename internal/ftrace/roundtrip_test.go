package ftrace

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// dialect is how one kernel and one set of options print a trace.
type dialect struct {
	tgid  bool   // record-tgid
	flags string // irq-info, empty without
	hex   bool   // arguments as bare hexadecimal
}

func (d dialect) number(v uint64) string {
	switch {
	case d.hex:
		return fmt.Sprintf("%x", v)
	case v < 10:
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("%#x", v)
}

// print writes the columns before the event as the kernel does.
func (d dialect) print(comm string, ev Event, text string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%16s-%-7d ", comm, ev.TID)
	switch {
	case d.tgid && ev.TGID < 0:
		b.WriteString("(-------) ")
	case d.tgid:
		fmt.Fprintf(&b, "(%7d) ", ev.TGID)
	}
	fmt.Fprintf(&b, "[%03d] ", ev.CPU)
	if d.flags != "" {
		b.WriteString(d.flags + " ")
	}
	fmt.Fprintf(&b, "%5d.%06d: %s\n", ev.Time/1e9, ev.Time%1e9/1e3, text)
	return b.String()
}

// commGen draws task names, most of them chosen to mislead.
func commGen() *rapid.Generator[string] {
	parts := rapid.SampledFrom([]string{"-", " ", "1", "23", "[0]", "[002]", "(7)", "(---)", "3.4:", ".....", "pid=1",
		" pid=2", "child_comm=", " prio=3", ":", ",", "sh", "=", "\xff", "\t", "#"})
	return rapid.Custom(func(t *rapid.T) string {
		s := strings.Join(rapid.SliceOfN(parts, 0, 6).Draw(t, "parts"), "")
		return s[:min(len(s), 15)] // TASK_COMM_LEN less the NUL
	})
}

// Property: what the kernel prints of an event is read as that event, whatever
// the task is called and however the trace is formatted.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pid := rapid.Int32Range(0, 4<<20)
		word := rapid.OneOf(rapid.Uint64(), rapid.Uint64Range(0, 20), rapid.Just(uint64(math.MaxUint64)))
		fd := rapid.Map(rapid.Int32Range(-200, 70000), func(v int32) int64 { return int64(v) })
		d := dialect{
			tgid:  rapid.Bool().Draw(t, "record-tgid"),
			flags: rapid.SampledFrom([]string{"", ".....", "d..1", "dNh2.1"}).Draw(t, "flags"),
			hex:   rapid.Bool().Draw(t, "hex"),
		}
		ev := Event{
			Line: 2, TID: pid.Draw(t, "tid"), TGID: -1, CPU: rapid.Int32Range(0, 1023).Draw(t, "cpu"),
			Time: rapid.Int64Range(0, 1e13).Draw(t, "us") * 1e3,
		}
		if d.tgid && rapid.Bool().Draw(t, "TGID known") {
			ev.TGID = pid.Draw(t, "tgid")
		}
		comm := commGen().Draw(t, "comm")
		n := d.number
		var text string
		switch ev.Kind = Kind(rapid.IntRange(0, NumKinds-2).Draw(t, "kind")); ev.Kind {
		case PageFaultUser, PageFaultKernel:
			ev.Addr, ev.Err = word.Draw(t, "addr"), word.Draw(t, "err")
			mode := map[Kind]string{PageFaultUser: "user", PageFaultKernel: "kernel"}[ev.Kind]
			text = fmt.Sprintf("page_fault_"+mode+": address=%#x ip=%#x error_code=%#x", ev.Addr, word.Draw(t, "ip"), ev.Err)
		case NewTask:
			ev.Pid, ev.Flags = pid.Draw(t, "pid"), word.Draw(t, "flags")
			text = fmt.Sprintf("task_newtask: pid=%d comm=%s clone_flags=%x oom_score_adj=%d", ev.Pid, comm, ev.Flags,
				rapid.IntRange(-1000, 1000).Draw(t, "adj"))
		case Fork:
			ev.Pid, ev.ChildPid = pid.Draw(t, "pid"), pid.Draw(t, "child")
			text = fmt.Sprintf("sched_process_fork: comm=%s pid=%d child_comm=%s child_pid=%d",
				comm, ev.Pid, commGen().Draw(t, "child comm"), ev.ChildPid)
		case Exec:
			ev.Pid, ev.ChildPid = pid.Draw(t, "pid"), pid.Draw(t, "old")
			text = fmt.Sprintf("sched_process_exec: filename=%s pid=%d old_pid=%d", comm, ev.Pid, ev.ChildPid)
		case Exit:
			ev.Pid, ev.HasGroupDead = pid.Draw(t, "pid"), rapid.Bool().Draw(t, "has")
			text = fmt.Sprintf("sched_process_exit: comm=%s pid=%d prio=%d", comm, ev.Pid, rapid.IntRange(-1, 139).Draw(t, "prio"))
			if ev.HasGroupDead {
				ev.GroupDead = rapid.Bool().Draw(t, "dead")
				text += fmt.Sprintf(" group_dead=%t", ev.GroupDead)
			}
		case MmapEnter:
			ev.Addr, ev.Len, ev.Prot, ev.Flags, ev.Off = word.Draw(t, "addr"), word.Draw(t, "len"), word.Draw(t, "prot"),
				word.Draw(t, "flags"), word.Draw(t, "off")
			ev.FD = fd.Draw(t, "fd")
			text = fmt.Sprintf("sys_mmap(addr: %s, len: %s, prot: %s, flags: %s, fd: %s, off: %s)",
				n(ev.Addr), n(ev.Len), n(ev.Prot), n(ev.Flags), n(uint64(uint32(ev.FD))), n(ev.Off))
		case MremapEnter:
			ev.Addr, ev.Len, ev.NewLen, ev.Flags, ev.NewAddr = word.Draw(t, "addr"), word.Draw(t, "old"), word.Draw(t, "new"),
				word.Draw(t, "flags"), word.Draw(t, "new addr")
			text = fmt.Sprintf("sys_mremap(addr: %s, old_len: %s, new_len: %s, flags: %s, new_addr: %s)",
				n(ev.Addr), n(ev.Len), n(ev.NewLen), n(ev.Flags), n(ev.NewAddr))
		case BrkEnter:
			ev.Addr = word.Draw(t, "brk")
			text = fmt.Sprintf("sys_brk(brk: %s)", n(ev.Addr))
		case OpenatEnter:
			ev.FD, ev.Addr, ev.Flags = atCWD, word.Draw(t, "path"), word.Draw(t, "flags")
			ev.Name = strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%q", comm), `"`), `"`)
			text = fmt.Sprintf("sys_openat(dfd: %s, filename: %s %q, flags: %s, mode: %s)", n(0xffffff9c), n(ev.Addr), comm, n(ev.Flags), n(0o666))
		case MemfdEnter:
			ev.Flags = word.Draw(t, "flags")
			text = fmt.Sprintf("sys_memfd_create(uname: %s, flags: %s)", n(0x1234), n(ev.Flags))
		case MunmapEnter:
			ev.Addr, ev.Len = word.Draw(t, "addr"), word.Draw(t, "len")
			text = fmt.Sprintf("sys_munmap(addr: %s, len: %s)", n(ev.Addr), n(ev.Len))
		case MadviseEnter:
			ev.Addr, ev.Len, ev.Flags = word.Draw(t, "addr"), word.Draw(t, "len"), word.Draw(t, "behavior")
			text = fmt.Sprintf("sys_madvise(start: %s, len_in: %s, behavior: %s)", n(ev.Addr), n(ev.Len), n(ev.Flags))
		case CloseEnter:
			ev.FD = fd.Draw(t, "fd")
			text = fmt.Sprintf("sys_close(fd: %s)", n(uint64(ev.FD))) // sign-extended
		case Dup2Enter:
			ev.FD, ev.FD2 = fd.Draw(t, "old"), fd.Draw(t, "new")
			text = fmt.Sprintf("sys_dup2(oldfd: %s, newfd: %s)", n(uint64(ev.FD)), n(uint64(uint32(ev.FD2))))
		case CloneEnter:
			ev.Flags = word.Draw(t, "flags")
			text = fmt.Sprintf("sys_clone(clone_flags: %s, newsp: 0, parent_tidptr: 0, child_tidptr: %s, tls: 0)", n(ev.Flags), n(77))
		case DupEnter:
			ev.FD = fd.Draw(t, "fd")
			text = fmt.Sprintf("sys_dup(fildes: %s)", n(uint64(uint32(ev.FD))))
		case FcntlEnter:
			ev.FD, ev.Cmd, ev.Arg = fd.Draw(t, "fd"), word.Draw(t, "cmd"), word.Draw(t, "arg")
			text = fmt.Sprintf("sys_fcntl(fd: %s, cmd: %s, arg: %s)", n(uint64(uint32(ev.FD))), n(ev.Cmd), n(ev.Arg))
		case PidfdOpenEnter:
			ev.Pid = pid.Draw(t, "pid")
			text = fmt.Sprintf("sys_pidfd_open(pid: %s, flags: 0)", n(uint64(ev.Pid)))
		case PidfdGetfdEnter:
			ev.FD, ev.FD2 = fd.Draw(t, "pidfd"), fd.Draw(t, "fd")
			text = fmt.Sprintf("sys_pidfd_getfd(pidfd: %s, fd: %s, flags: 0)", n(uint64(uint32(ev.FD))), n(uint64(uint32(ev.FD2))))
		case ShmgetEnter:
			ev.Arg, ev.Len, ev.Flags = word.Draw(t, "key"), word.Draw(t, "size"), word.Draw(t, "flags")
			text = fmt.Sprintf("sys_shmget(key: %s, size: %s, shmflg: %s)", n(ev.Arg), n(ev.Len), n(ev.Flags))
		case ShmatEnter:
			ev.FD, ev.Addr, ev.Flags = fd.Draw(t, "id"), word.Draw(t, "addr"), word.Draw(t, "flags")
			text = fmt.Sprintf("sys_shmat(shmid: %s, shmaddr: %s, shmflg: %s)", n(uint64(uint32(ev.FD))), n(ev.Addr), n(ev.Flags))
		case ShmdtEnter:
			ev.Addr = word.Draw(t, "addr")
			text = fmt.Sprintf("sys_shmdt(shmaddr: %s)", n(ev.Addr))
		case MlockEnter:
			ev.Addr, ev.Len, ev.Flags = word.Draw(t, "addr"), word.Draw(t, "len"), word.Draw(t, "flags")
			text = fmt.Sprintf("sys_mlock2(start: %s, len: %s, flags: %s)", n(ev.Addr), n(ev.Len), n(ev.Flags))
		case MlockallEnter:
			ev.Flags = word.Draw(t, "flags")
			text = fmt.Sprintf("sys_mlockall(flags: %s)", n(ev.Flags))
		case PtraceEnter:
			ev.Cmd, ev.Pid, ev.Addr = word.Draw(t, "request"), pid.Draw(t, "pid"), word.Draw(t, "addr")
			text = fmt.Sprintf("sys_ptrace(request: %s, pid: %s, addr: %s, data: %s)", n(ev.Cmd), n(uint64(ev.Pid)), n(ev.Addr), n(1))
		case ProcessVMEnter:
			ev.Pid = pid.Draw(t, "pid")
			text = fmt.Sprintf("sys_process_vm_readv(pid: %s, lvec: %s, liovcnt: 1, rvec: %s, riovcnt: 1, flags: 0)", n(uint64(ev.Pid)), n(1), n(2))
		case MmapExit, MremapExit, BrkExit, OpenatExit, MemfdExit, DupExit, FcntlExit, PidfdOpenExit, PidfdGetfdExit, ShmgetExit,
			ShmatExit, MlockExit, MlockallExit, PtraceExit, ProcessVMExit:
			ev.Ret = int64(word.Draw(t, "ret"))
			name := map[Kind]string{
				MmapExit: "mmap", MremapExit: "mremap", BrkExit: "brk", OpenatExit: "openat", MemfdExit: "memfd_create",
				DupExit: "dup", FcntlExit: "fcntl", PidfdOpenExit: "pidfd_open", PidfdGetfdExit: "pidfd_getfd", ShmgetExit: "shmget",
				ShmatExit: "shmat", MlockExit: "mlock", MlockallExit: "mlockall", PtraceExit: "ptrace", ProcessVMExit: "process_vm_writev",
			}[ev.Kind]
			text = fmt.Sprintf("sys_%s -> %#x", name, uint64(ev.Ret))
		case CollapseFile:
			ev.MM, ev.Addr, ev.Index, ev.Name = word.Draw(t, "mm"), word.Draw(t, "addr"), 512, comm
			ev.Result = rapid.SampledFrom([]Result{ResultOther, ResultSucceeded, ResultPteMapped}).Draw(t, "result")
			text = fmt.Sprintf("mm_khugepaged_collapse_file: mm=%016x, hpage_pfn=0x1, index=512, addr=%x, is_shmem=1, filename=%s, nr=512, result=%v",
				ev.MM, ev.Addr, comm, ev.Result)
		default: // without arguments
			text = map[Kind]string{
				Other: "sched_wakeup: comm=" + comm, ExitMmap: "exit_mmap: mt_mod 0, DESTROY",
				ExecveEnter: "sys_execve(filename: 0x7f \"/a\", argv: 0x7f, envp: 0x7f)", MunlockallEnter: "sys_munlockall()",
				Clone3Enter: "sys_clone3(uargs: 0x1, size: 0x58)", ForkEnter: "sys_fork()", VforkEnter: "sys_vfork()",
			}[ev.Kind]
			if text == "" {
				t.Fatalf("no text for %v", ev.Kind)
			}
		}
		line := d.print(comm, ev, text)
		all, _, err := readAll(strings.NewReader("# header\n" + line))
		require.NoError(t, err, line)
		assert.Equal(t, []Event{ev}, all, line)
	})
}
