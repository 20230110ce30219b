//go:build linux

package record

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// Events returns the names of the events that are recorded, as tracefs has them; GROUP/* is all of a group. Those that a
// kernel does not have are left out, if the trace is of use without them.
func Events() []string {
	list := make([]string, 0, len(events))
	for _, e := range events {
		list = append(list, e.name)
	}
	return list
}

// event is an event to be recorded, and what a kernel without it lacks, "" if such a kernel will do.
type event struct{ name, lacking string }

const noSyscalls = "a kernel with CONFIG_FTRACE_SYSCALLS"

var events = []event{
	{"exceptions/page_fault_user", "a kernel that traces page faults, as those for x86 and RISC-V do, or one with CONFIG_KPROBE_EVENTS, from Linux 5.0 on"},
	{"exceptions/page_fault_kernel", ""}, // in a buffer that read() fills
	{"sched/sched_process_fork", "a kernel with CONFIG_SCHED_TRACER"},
	{"sched/sched_process_exec", "Linux 3.4 or newer"},
	{"sched/sched_process_exit", "Linux 3.4 or newer"},
	{"mmap/exit_mmap", ""},
	{"huge_memory/*", ""},
	{"syscalls/sys_enter_mmap", noSyscalls},
	{"syscalls/sys_exit_mmap", noSyscalls},
	{"syscalls/sys_enter_munmap", noSyscalls},
	{"syscalls/sys_enter_mremap", noSyscalls},
	{"syscalls/sys_exit_mremap", noSyscalls},
	{"syscalls/sys_enter_brk", noSyscalls},
	{"syscalls/sys_exit_brk", noSyscalls},
	{"syscalls/sys_enter_openat", noSyscalls},
	{"syscalls/sys_exit_openat", noSyscalls},
	{"syscalls/sys_enter_memfd_create", ""},
	{"syscalls/sys_exit_memfd_create", ""},
	{"syscalls/sys_enter_open", ""}, // musl's and static programs'
	{"syscalls/sys_exit_open", ""},
	{"syscalls/sys_enter_creat", ""},
	{"syscalls/sys_exit_creat", ""},
	{"syscalls/sys_enter_openat2", ""},
	{"syscalls/sys_exit_openat2", ""},
	{"syscalls/sys_enter_dup", ""},
	{"syscalls/sys_exit_dup", ""},
	{"syscalls/sys_enter_fcntl", ""},
	{"syscalls/sys_exit_fcntl", ""},
	{"syscalls/sys_enter_pidfd_open", ""},
	{"syscalls/sys_exit_pidfd_open", ""},
	{"syscalls/sys_enter_pidfd_getfd", ""},
	{"syscalls/sys_exit_pidfd_getfd", ""},
	{"syscalls/sys_enter_shmget", ""},
	{"syscalls/sys_exit_shmget", ""},
	{"syscalls/sys_enter_shmat", ""},
	{"syscalls/sys_exit_shmat", ""},
	{"syscalls/sys_enter_shmdt", ""},
	{"syscalls/sys_enter_mlock", ""},
	{"syscalls/sys_exit_mlock", ""},
	{"syscalls/sys_enter_mlock2", ""},
	{"syscalls/sys_exit_mlock2", ""},
	{"syscalls/sys_enter_mlockall", ""},
	{"syscalls/sys_exit_mlockall", ""},
	{"syscalls/sys_enter_munlockall", ""},
	{"syscalls/sys_enter_ptrace", ""},
	{"syscalls/sys_exit_ptrace", ""},
	{"syscalls/sys_enter_process_vm_readv", ""},
	{"syscalls/sys_exit_process_vm_readv", ""},
	{"syscalls/sys_enter_process_vm_writev", ""},
	{"syscalls/sys_exit_process_vm_writev", ""},
	{"syscalls/sys_enter_execve", ""},
	{"syscalls/sys_enter_execveat", ""},
	{"syscalls/sys_enter_madvise", ""},
	{"syscalls/sys_enter_close", noSyscalls},
	{"syscalls/sys_enter_dup2", ""}, // some architectures have dup3 alone, and clone without fork
	{"syscalls/sys_enter_dup3", ""},
	{"syscalls/sys_enter_clone", noSyscalls},
	{"syscalls/sys_enter_clone3", ""},
	{"syscalls/sys_enter_fork", ""},
	{"syscalls/sys_enter_vfork", ""},
}

// option is a file that gets a value, and what a kernel without it lacks, "" if such a kernel will do. A new instance
// takes over the options of the top level, so those that spoil the text are said here as well.
type option struct{ file, value, lacking string }

var options = []option{
	{"trace_clock", "mono", "Linux 3.17 or newer"},
	{"options/event-fork", "1", "Linux 4.7 or newer, which can follow children"},
	{"options/record-tgid", "1", ""}, // before v4.13 threads are told from processes by clone's flags
	{"options/record-cmd", "1", ""},
	{"options/overwrite", "1", ""}, // else lost events leave no line
	{"options/context-info", "1", ""},
	{"options/raw", "0", ""},
	{"options/hex", "0", ""},
	{"options/bin", "0", ""},
	{"options/verbose", "0", ""},
	{"options/fields", "0", ""},
	{"options/latency-format", "0", ""},
	{"options/stacktrace", "0", ""},
	{"options/userstacktrace", "0", ""},
	{"options/markers", "0", ""}, // what programs write to trace_marker is no event, and may be several lines
	{"set_event_notrace_pid", "", ""},
}

// apply sets everything but tracing_on in the folder top, for these events and PIDs. It returns what this kernel does not have.
func apply(s *settings, top string, events []event, pids []int) (missing []string, err error) {
	for _, o := range options {
		switch err := s.set(path.Join(top, o.file), o.value); {
		case err == nil:
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		case o.lacking != "":
			return nil, lacks(s, path.Join(top, o.file), "option", o.lacking)
		}
	}
	words := make([]string, len(pids))
	for i, p := range pids {
		words[i] = strconv.Itoa(p)
	}
	if err := s.set(path.Join(top, "set_event_pid"), strings.Join(words, " ")); err != nil {
		return nil, err
	}
	for _, e := range events {
		names := []string{e.name}
		if group, all := strings.CutSuffix(e.name, "/*"); all {
			if names, err = members(s, top, group); err != nil {
				return nil, err
			}
			if len(names) == 0 {
				missing = append(missing, e.name)
			}
		}
		for _, name := range names {
			switch err := enable(s, path.Join(top, "events", name)); {
			case err == nil:
			case !errors.Is(err, fs.ErrNotExist):
				return nil, err
			case e.lacking != "":
				return nil, lacks(s, path.Join(top, "events", name), "event", e.lacking)
			default:
				missing = append(missing, name)
			}
		}
	}
	return missing, nil
}

// enable has one event recorded, whatever it was filtered by.
func enable(s *settings, event string) error {
	if err := s.set(path.Join(event, "filter"), "0"); err != nil {
		return err
	}
	return s.set(path.Join(event, "enable"), "1")
}

// members returns the events of a group.
func members(f files, top, group string) ([]string, error) {
	folder := path.Join(top, "events", group)
	entries, err := f.List(folder)
	if err != nil {
		return nil, explain(f, folder, "read", err)
	}
	var names []string
	for _, e := range entries {
		if e != "enable" && e != "filter" {
			names = append(names, path.Join(group, e))
		}
	}
	return names, nil
}

func lacks(f files, file, what, expected string) error {
	return fmt.Errorf("record: %s: no such %s; expected %s", path.Join(f.Root(), file), what, expected)
}

// The size of a CPU's buffer in KiB, if the user does not say: together at most so much, and at most so great a part of
// the machine's memory.
const (
	mostBuffers  = 512 << 10
	partOfMemory = 16
	mostBuffer   = 64 << 10
	leastBuffer  = 1 << 10
)

func bufferSize(cpus int, memory uint64) int {
	all := min(mostBuffers, memory>>10/partOfMemory)
	return min(max(int(all)/max(cpus, 1), leastBuffer), mostBuffer)
}

// setBuffer gives every CPU a buffer of that many KiB; with 0, of as many as seems right and the kernel grants.
func setBuffer(s *settings, top string, kib int) (int, error) {
	file := path.Join(top, "buffer_size_kb")
	if kib > 0 {
		return kib, s.set(file, strconv.Itoa(kib))
	}
	cpus, err := s.List(path.Join(top, "per_cpu"))
	if err != nil {
		return 0, explain(s, path.Join(top, "per_cpu"), "read", err)
	}
	var info syscall.Sysinfo_t
	if err := syscall.Sysinfo(&info); err != nil {
		return 0, fmt.Errorf("record: sysinfo: %w", err)
	}
	n := len(cpus)
	if n == 0 {
		n = runtime.NumCPU()
	}
	for kib = bufferSize(n, uint64(info.Totalram)*uint64(info.Unit)); ; kib /= 2 {
		err := s.set(file, strconv.Itoa(kib))
		if err == nil || !errors.Is(err, syscall.ENOMEM) || kib/2 < leastBuffer {
			return kib, err
		}
	}
}
