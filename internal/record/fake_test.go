//go:build linux

package record

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// kernel is a tracefs that behaves as the real one does where a recording can tell: files show more than what is written
// to them and refuse what they do not know, an instance appears with all its files and goes with them unless it is in
// use, and trace_pipe, a FIFO, yields events while tracing_on is 1, for the PIDs in set_event_pid. Its files are files,
// in a folder of the test.
type kernel struct {
	dir
	t testing.TB

	// noInstances is a kernel that grants none.
	noInstances bool
	// noProbes is one that refuses kprobes; s390 one with s390's events.
	noProbes, s390 bool
	// events are what is traced of the first PID that is set. They appear in trace_pipe with tracing_on.
	events func(pid int) string

	// An instance that was removed is kept aside for the next one, which finds the files as they were at first: a test makes
	// hundreds of instances. fresh has their texts, touched those that have changed.
	spare   string
	fresh   map[string]string
	touched map[string]bool

	mu      sync.Mutex
	readers int
	feeder  *os.File
	seen    []string // the folders in which tracing was on
}

func newKernel(t testing.TB) *kernel {
	home := inMemory(t)
	k := &kernel{dir: dir{filepath.Join(home, "tracing")}, t: t, events: story, spare: filepath.Join(home, "spare"),
		fresh: map[string]string{}, touched: map[string]bool{}}
	k.populate("")
	k.put(dynamicEvents, "")
	k.put("instances/.keep", "")
	require.NoError(t, os.Remove(filepath.Join(k.root, "instances/.keep")))
	return k
}

// inMemory returns a folder for the time of the test, in memory if there is such: it is written and read many thousand times.
func inMemory(t testing.TB) string {
	home, err := os.MkdirTemp("/dev/shm", "ptsim-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(home)) })
	return home
}

func (k *kernel) put(name, text string) {
	full := filepath.Join(k.root, name)
	if part := strings.SplitN(name, "/", 3); len(part) == 3 && part[0] == "instances" {
		if _, seen := k.fresh[part[2]]; !seen {
			k.fresh[part[2]] = text
		} else {
			k.touched[part[2]] = true
		}
	}
	err := os.WriteFile(full, []byte(text), 0o644)
	if os.IsNotExist(err) {
		require.NoError(k.t, os.MkdirAll(filepath.Dir(full), 0o755))
		err = os.WriteFile(full, []byte(text), 0o644)
	}
	require.NoError(k.t, err)
}

const clocks = "local global counter uptime perf mono mono_raw boot tai x86-tsc"

// populate makes the files of the top level or of an instance.
func (k *kernel) populate(top string) {
	k.put(path.Join(top, "current_tracer"), "nop\n")
	k.put(path.Join(top, "tracing_on"), "1\n")
	k.put(path.Join(top, "trace_clock"), "[local]"+strings.TrimPrefix(clocks, "local")+"\n")
	k.put(path.Join(top, "buffer_size_kb"), "7 (expanded: 1408)\n")
	k.put(path.Join(top, "set_event"), "")
	k.put(path.Join(top, "set_event_pid"), "")
	k.put(path.Join(top, "set_event_notrace_pid"), "")
	for _, o := range strings.Fields("event-fork=0 record-tgid=0 record-cmd=1 overwrite=1 context-info=1 raw=0 hex=0 bin=0 " +
		"verbose=0 fields=0 latency-format=0 stacktrace=0 userstacktrace=0 markers=1 irq-info=1") {
		name, value, _ := strings.Cut(o, "=")
		k.put(path.Join(top, "options", name), value+"\n")
	}
	for _, e := range append(Events(), "huge_memory/mm_khugepaged_collapse_file", "huge_memory/mm_khugepaged_scan_file",
		"sched/sched_switch") {
		if !strings.Contains(e, "*") {
			k.put(path.Join(top, "events", e, "enable"), "0\n")
			k.put(path.Join(top, "events", e, "filter"), "none\n")
		}
	}
	for _, group := range []string{"huge_memory", "sched"} {
		k.put(path.Join(top, "events", group, "enable"), "0\n")
	}
	for cpu := range 2 {
		at := path.Join(top, "per_cpu", fmt.Sprint("cpu", cpu))
		k.put(path.Join(at, "stats"), "entries: 0\noverrun: 0\ncommit overrun: 0\nbytes: 0\ndropped events: 0\nread events: 0\n")
		k.put(path.Join(at, "buffer_size_kb"), "1408\n")
	}
	require.NoError(k.t, syscall.Mkfifo(filepath.Join(k.root, top, "trace_pipe"), 0o600))
}

// Write is what the kernel makes of it.
func (k *kernel) Write(file, text string) error {
	full := filepath.Join(k.root, file)
	refuse := func(err error) error { return &fs.PathError{Op: "write", Path: full, Err: err} }
	if _, err := os.Stat(full); err != nil {
		return err
	}
	shown := text
	switch base := path.Base(file); {
	case base == "tracing_on" || base == "enable" || path.Base(path.Dir(file)) == "options":
		if text != "0" && text != "1" {
			return refuse(syscall.EINVAL)
		}
	case base == "trace_clock":
		if !strings.Contains(" "+clocks+" ", " "+text+" ") || text == "" {
			return refuse(syscall.EINVAL)
		}
		shown = strings.TrimSpace(strings.Replace(" "+clocks+" ", " "+text+" ", " ["+text+"] ", 1))
	case base == "buffer_size_kb":
		if n, err := strconv.Atoi(text); err != nil || n < 1 {
			return refuse(syscall.EINVAL)
		}
	case base == "filter":
		if text == "0" {
			shown = "none"
		}
	case strings.HasPrefix(base, "set_event_"):
		for _, w := range strings.Fields(text) {
			if _, err := strconv.Atoi(w); err != nil {
				return refuse(syscall.EINVAL)
			}
		}
		shown = strings.Join(strings.Fields(text), "\n")
	default:
		return refuse(syscall.EINVAL)
	}
	if shown != "" {
		shown += "\n"
	}
	k.put(file, shown)
	if path.Base(file) == "tracing_on" {
		k.trace(path.Dir(file), text == "1")
	}
	return nil
}

// Append makes or removes a dynamic event, as "p:GROUP/EVENT PLACE ..." and "-:GROUP/EVENT" ask, in all instances.
func (k *kernel) Append(file, text string) error {
	full := filepath.Join(k.root, file)
	refuse := func(err error) error { return &fs.PathError{Op: "write", Path: full, Err: err} }
	old, err := os.ReadFile(full)
	if err != nil {
		return err
	}
	kind, rest, _ := strings.Cut(text, ":")
	name, place, _ := strings.Cut(rest, " ")
	there := strings.Contains(string(old), ":"+name+" ")
	tops := []string{""}
	instances, err := k.List("instances")
	require.NoError(k.t, err)
	for _, i := range instances {
		tops = append(tops, path.Join("instances", i))
	}
	if kind == "-" {
		if !there {
			return refuse(syscall.ENOENT)
		}
		for _, top := range tops {
			if k.shows(path.Join(top, "events", name, "enable")) == "1" {
				return refuse(syscall.EBUSY)
			}
		}
		var kept string
		for line := range strings.Lines(string(old)) {
			if !strings.Contains(line, ":"+name+" ") {
				kept += line
			}
		}
		for _, top := range tops {
			group := filepath.Join(k.root, top, "events", path.Dir(name))
			require.NoError(k.t, os.RemoveAll(filepath.Join(k.root, top, "events", name)))
			_ = os.Remove(group) // with its last event
		}
		return os.WriteFile(full, []byte(kept), 0o644)
	}
	if there {
		return refuse(syscall.EEXIST)
	}
	if e, ok := strings.CutPrefix(place, "syscalls.sys_enter_"); ok {
		e, _, _ = strings.Cut(e, " ")
		if _, err := os.Stat(filepath.Join(k.root, "events/syscalls/sys_enter_"+e)); err != nil || kind != "e" {
			return refuse(syscall.EINVAL)
		}
	} else if kind != "p" || !strings.HasPrefix(place, "handle_mm_fault ") || k.noProbes {
		return refuse(syscall.EINVAL)
	}
	for _, top := range tops {
		k.putEvent(top, name)
	}
	return os.WriteFile(full, append(old, text+"\n"...), 0o644)
}

func (k *kernel) putEvent(top, name string) {
	for file, text := range map[string]string{"enable": "0\n", "filter": "none\n"} {
		full := filepath.Join(k.root, top, "events", name, file)
		require.NoError(k.t, os.MkdirAll(filepath.Dir(full), 0o755))
		require.NoError(k.t, os.WriteFile(full, []byte(text), 0o644))
	}
}

// adopt gives an instance the dynamic events that there are.
func (k *kernel) adopt(top string) {
	text, err := os.ReadFile(filepath.Join(k.root, dynamicEvents))
	if err != nil {
		return
	}
	groups, err := filepath.Glob(filepath.Join(k.root, top, "events/ptsim_*"))
	require.NoError(k.t, err)
	for _, g := range groups { // of an instance that is used again
		require.NoError(k.t, os.RemoveAll(g))
	}
	for line := range strings.Lines(string(text)) {
		place, _, _ := strings.Cut(line, " ")
		_, name, _ := strings.Cut(place, ":")
		k.putEvent(top, name)
	}
}

// onS390 has the events that s390's kernels have in place of others.
func (k *kernel) onS390() {
	require.NoError(k.t, os.RemoveAll(filepath.Join(k.root, "events/exceptions")))
	for _, e := range []string{"enter", "exit"} {
		require.NoError(k.t, os.RemoveAll(filepath.Join(k.root, "events/syscalls/sys_"+e+"_mmap")))
		k.putEvent("", "syscalls/sys_"+e+"_old_mmap")
	}
	k.s390 = true
}

// trace turns tracing on, which fills the pipe if a PID is set, or off, which ends it.
func (k *kernel) trace(top string, on bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !on {
		if k.feeder != nil {
			k.feeder.Close()
			k.feeder = nil
		}
		return
	}
	pids, err := os.ReadFile(filepath.Join(k.root, top, "set_event_pid"))
	if err != nil || k.readers == 0 || len(strings.Fields(string(pids))) == 0 {
		return
	}
	pid, err := strconv.Atoi(strings.Fields(string(pids))[0])
	require.NoError(k.t, err)
	k.seen = append(k.seen, top)
	f, err := os.OpenFile(filepath.Join(k.root, top, "trace_pipe"), os.O_WRONLY|syscall.O_NONBLOCK, 0)
	require.NoError(k.t, err)
	text := k.events(pid)
	const room = 1 << 20 // as much as anyone may set
	_, _, errno := syscall.Syscall(syscall.SYS_FCNTL, f.Fd(), syscall.F_SETPIPE_SZ, room)
	require.Zero(k.t, errno)
	require.Less(k.t, len(text), room)
	_, err = f.WriteString(text)
	require.NoError(k.t, err)
	k.feeder = f
}

func (k *kernel) Mkdir(name string) error {
	if k.noInstances {
		return &fs.PathError{Op: "mkdir", Path: filepath.Join(k.root, name), Err: syscall.EPERM}
	}
	if _, err := os.Stat(k.spare); err == nil {
		if err := os.Rename(k.spare, filepath.Join(k.root, name)); err != nil {
			return err
		}
		for file := range k.touched {
			k.put(path.Join(name, file), k.fresh[file])
		}
		clear(k.touched)
		k.adopt(name)
		return nil
	}
	if err := k.dir.Mkdir(name); err != nil {
		return err
	}
	k.populate(name)
	if k.s390 {
		for _, e := range []string{"exceptions", "syscalls/sys_enter_mmap", "syscalls/sys_exit_mmap"} {
			require.NoError(k.t, os.RemoveAll(filepath.Join(k.root, name, "events", e)))
		}
		for _, e := range []string{"enter", "exit"} {
			k.put(path.Join(name, "events/syscalls/sys_"+e+"_old_mmap/enable"), "0\n")
			k.put(path.Join(name, "events/syscalls/sys_"+e+"_old_mmap/filter"), "none\n")
		}
	}
	k.adopt(name)
	return nil
}

func (k *kernel) Rmdir(name string) error {
	full := filepath.Join(k.root, name)
	k.mu.Lock()
	defer k.mu.Unlock()
	switch _, err := os.Stat(full); {
	case err != nil:
		return err
	case k.readers > 0:
		return &fs.PathError{Op: "rmdir", Path: full, Err: syscall.EBUSY}
	}
	if _, err := os.Stat(k.spare); err == nil {
		return os.RemoveAll(full)
	}
	return os.Rename(full, k.spare)
}

func (k *kernel) Pipe(name string) (io.ReadCloser, error) {
	p, err := k.dir.Pipe(name)
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.readers++
	return &countedPipe{p, k}, nil
}

type countedPipe struct {
	io.ReadCloser
	k *kernel
}

func (p *countedPipe) Close() error {
	p.k.mu.Lock()
	defer p.k.mu.Unlock()
	p.k.readers--
	return p.ReadCloser.Close()
}

// snapshot returns every file of the tree with what it shows, and folders.
func (k *kernel) snapshot() map[string]string {
	shown := map[string]string{}
	require.NoError(k.t, filepath.WalkDir(k.root, func(full string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(full, k.root)
		shown[name] = d.Type().String()
		if d.Type().IsRegular() {
			text, err := os.ReadFile(full)
			// A buffer that was used once shows its size, where before it was said to be small as yet.
			shown[name] = strings.Replace(string(text), "7 (expanded: 1408)", "1408", 1)
			return err
		}
		return nil
	}))
	return shown
}

// eventLine is a line as the kernel prints it.
func eventLine(task string, pid, cpu int, t float64, event string) string {
	return fmt.Sprintf("%16s-%-7d (%7d) [%03d] d.... %12.6f: %s\n", task, pid, pid, cpu, t, event)
}

// story is a short life: exec, a mapping, two faults, a fork, a collapse, exits.
func story(pid int) string {
	child := pid + 1
	return eventLine("sh", pid, 0, 1.000001, fmt.Sprintf("sched_process_exec: filename=/bin/sh pid=%d old_pid=%[1]d", pid)) +
		eventLine("sh", pid, 0, 1.000002, "sys_mmap(addr: 0, len: 0x400000, prot: 3, flags: 0x21, fd: 0xffffffff, off: 0)") +
		eventLine("sh", pid, 0, 1.000003, "sys_mmap -> 0x7e0000000000") +
		eventLine("sh", pid, 0, 1.000004, "page_fault_user: address=0x7e0000000010 ip=0x401000 error_code=0x6") +
		eventLine("sh", pid, 0, 1.000005, fmt.Sprintf("sched_process_fork: comm=sh pid=%d child_comm=sh child_pid=%d", pid, child)) +
		eventLine("sh", child, 1, 1.000006, "page_fault_user: address=0x7e0000000010 ip=0x401000 error_code=0x6") +
		eventLine("khugepaged", 38, 1, 1.000007, "mm_khugepaged_collapse_file: mm=00000000a3f54111, hpage_pfn=0x582c00, index=512, "+
			"addr=7e0000000000, is_shmem=1, filename=memfd:shm, nr=512, result=succeeded") +
		eventLine("sh", child, 1, 1.000008, fmt.Sprintf("sched_process_exit: comm=sh pid=%d prio=120 group_dead=true", child)) +
		eventLine("sh", pid, 0, 1.000009, fmt.Sprintf("sched_process_exit: comm=sh pid=%d prio=120 group_dead=true", pid))
}

// storyCounts are those of story.
var storyCounts = Counts{Events: 9, Forks: 1, Execs: 1, Exits: 2, Collapses: 1}
