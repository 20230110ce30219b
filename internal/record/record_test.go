//go:build linux

package record

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/ftrace"
)

// readBack reads a trace with the reader of the replayer and counts by its kinds.
func readBack(t *testing.T, trace []byte) (Counts, ftrace.Stats) {
	t.Helper()
	r, err := ftrace.NewReader(bytes.NewReader(trace), ftrace.Options{})
	require.NoError(t, err)
	var c Counts
	var e ftrace.Event
	for {
		err := r.Next(&e)
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		switch e.Kind {
		case ftrace.Fork:
			c.Forks++
		case ftrace.Exec:
			c.Execs++
		case ftrace.Exit:
			c.Exits++
		}
		if e.Collapsed() {
			c.Collapses++
		}
	}
	s := r.Stats()
	c.Events, c.Lost, c.LostGaps = s.Events, s.Lost, s.LostGaps
	return c, s
}

// inPlace is a buffer that can be written in place.
type inPlace struct{ bytes.Buffer }

func (b *inPlace) WriteAt(p []byte, off int64) (int, error) {
	return copy(b.Bytes()[off:], p), nil
}

func on(k *kernel, out io.Writer, command ...string) Options {
	return Options{Command: command, Output: out, Tracefs: k.root, files: k}
}

func TestRecord(t *testing.T) {
	for _, top := range []bool{false, true} {
		t.Run(fmt.Sprintf("top=%v", top), func(t *testing.T) {
			k := newKernel(t)
			k.noInstances = top
			before := k.snapshot()
			var out inPlace
			var stdout bytes.Buffer
			o := on(k, &out, "sh", "-c", "echo $0 $#; exit 3", "a", "b")
			o.Stdout = &stdout
			res, err := Run(o)
			require.NoError(t, err)
			assert.Equal(t, storyCounts, res.Counts)
			assert.Equal(t, "exit status 3", res.Status)
			assert.Equal(t, "a 1\n", stdout.String(), "the command has its own arguments and output")
			assert.False(t, res.Interrupted)
			counts, _ := readBack(t, out.Bytes())
			assert.Equal(t, storyCounts, counts)
			assert.Contains(t, out.String(), "# entries-in-buffer/entries-written: 9/9 ")
			assert.Contains(t, out.String(), fmt.Sprintf("# command, PID %d: \"sh\" \"-c\" \"echo $0 $#; exit 3\"", res.PID))
			assert.Equal(t, before, k.snapshot())
			if top {
				assert.Equal(t, []string{"."}, k.seen)
				require.Len(t, res.Notes, 1)
				assert.Contains(t, res.Notes[0], "no instance of tracefs (operation not permitted)")
			} else {
				assert.Equal(t, []string{fmt.Sprintf("instances/ptsim-%d", os.Getpid())}, k.seen)
				assert.Empty(t, res.Notes)
			}

			// A file that was cut short is noticed, as it promises more.
			short := out.Bytes()[:bytes.LastIndexByte(out.Bytes()[:out.Len()-1], '\n')+1]
			r, err := ftrace.NewReader(bytes.NewReader(short), ftrace.Options{})
			require.NoError(t, err)
			var e ftrace.Event
			for err == nil {
				err = r.Next(&e)
			}
			assert.ErrorContains(t, err, "cut short")
		})
	}
}

// watcher is a kernel that looks at the settings when the command may run.
type watcher struct {
	*kernel
	at map[string]string
}

func (w *watcher) Write(file, text string) error {
	err := w.kernel.Write(file, text)
	if filepath.Base(file) == "tracing_on" && text == "1" && w.at == nil {
		w.at = w.snapshot()
	}
	return err
}

// What tracing runs with, in an instance that took over strange options, and at a top level that was used before.
func TestSettingsWhileRecording(t *testing.T) {
	for _, top := range []bool{false, true} {
		k := newKernel(t)
		k.noInstances = top
		k.put("set_event_pid", "1\n77\n")
		k.put("options/stacktrace", "1\n")
		k.put("events/sched/sched_process_fork/filter", "pid == 5\n")
		k.put("trace_clock", strings.Replace(clocks, "boot", "[boot]", 1)+"\n")
		k.put("buffer_size_kb", "X\n")
		k.put("per_cpu/cpu1/buffer_size_kb", "64\n")
		before := k.snapshot()
		w := &watcher{kernel: k}
		o := on(k, io.Discard, "true")
		o.files, o.BufferKiB, o.OmitKhugepaged = w, 4096, true
		res, err := Run(o)
		require.NoError(t, err)
		assert.Equal(t, before, k.snapshot())

		in := fmt.Sprintf("/instances/ptsim-%d/", os.Getpid())
		if top {
			in = "/"
			assert.Equal(t, "4096\n", w.at["/per_cpu/cpu1/buffer_size_kb"])
		} else {
			assert.Equal(t, "4096\n", w.at[in+"buffer_size_kb"])
		}
		assert.Equal(t, fmt.Sprintf("%d\n", res.PID), w.at[in+"set_event_pid"])
		assert.Contains(t, w.at[in+"trace_clock"], "[mono]")
		for _, option := range []string{"event-fork=1", "record-tgid=1", "stacktrace=0", "markers=0", "overwrite=1", "irq-info=1"} {
			name, value, _ := strings.Cut(option, "=")
			assert.Equal(t, value+"\n", w.at[in+"options/"+name], name)
		}
		on := 0
		for file, text := range w.at {
			if strings.HasPrefix(file, in+"events/") && strings.HasSuffix(file, "/enable") && text == "1\n" {
				on++
				assert.Equal(t, "none\n", w.at[strings.TrimSuffix(file, "enable")+"filter"], file)
			}
		}
		assert.Equal(t, len(Events())-1+2, on, "all, and two of the group")
		assert.Equal(t, "0\n", w.at[in+"events/sched/sched_switch/enable"])
	}
}

// On s390 two events are of ptsim's own making, in every way enabled as the others are, and gone afterwards.
func TestEventsOfItsOwn(t *testing.T) {
	for _, top := range []bool{false, true} {
		k := newKernel(t)
		k.onS390()
		k.noInstances = top
		before := k.snapshot()
		w := &watcher{kernel: k}
		o := on(k, io.Discard, "true")
		o.files = w
		_, err := Run(o)
		require.NoError(t, err)
		assert.Equal(t, before, k.snapshot())
		in, group := fmt.Sprintf("/instances/ptsim-%d/", os.Getpid()), fmt.Sprintf("ptsim_%d/", os.Getpid())
		if top {
			in = "/"
		}
		for _, e := range []string{group + "fault", group + "mmap", "syscalls/sys_exit_old_mmap", "syscalls/sys_exit_brk"} {
			assert.Equal(t, "1\n", w.at[in+"events/"+e+"/enable"], e)
		}
		assert.Equal(t, "0\n", w.at[in+"events/syscalls/sys_enter_old_mmap/enable"], "its words are in the other")
		assert.Equal(t, "p:"+group+"fault handle_mm_fault address=$arg2:x64 error_code=$arg3:x32\n"+
			"e:"+group+"mmap syscalls.sys_enter_old_mmap addr=+u0($arg):x64 len=+u8($arg):x64 prot=+u16($arg):x64 flags=+u24($arg):x64 "+
			"fd=+u32($arg):x64 off=+u40($arg):x64\n", w.at["/"+dynamicEvents])
	}
}

// The README of the traces names the events; here they are again, so that none is lost by a slip.
func TestEvents(t *testing.T) {
	want := map[string]bool{"exceptions/page_fault_user": true, "exceptions/page_fault_kernel": true, "mmap/exit_mmap": true, "huge_memory/*": true}
	for _, e := range []string{"fork", "exec", "exit"} {
		want["sched/sched_process_"+e] = true
	}
	for _, c := range strings.Fields("mmap mremap brk open creat openat openat2 memfd_create dup fcntl pidfd_open pidfd_getfd " +
		"shmget shmat mlock mlock2 mlockall ptrace process_vm_readv process_vm_writev") {
		want["syscalls/sys_enter_"+c], want["syscalls/sys_exit_"+c] = true, true
	}
	for _, c := range strings.Fields("munmap madvise close dup2 dup3 clone clone3 fork vfork execve execveat shmdt munlockall") {
		want["syscalls/sys_enter_"+c] = true
	}
	have := map[string]bool{}
	for _, e := range Events() {
		have[e] = true
	}
	assert.Equal(t, want, have)
}

func TestWhatAKernelLacks(t *testing.T) {
	remove := func(names ...string) func(k *kernel) {
		return func(k *kernel) {
			k.noInstances = true
			for _, n := range names {
				require.NoError(k.t, os.RemoveAll(filepath.Join(k.root, n)))
			}
		}
	}
	for _, c := range []struct {
		name  string
		spoil func(k *kernel)
		err   []string // parts of it
		note  string
	}{
		{"page faults", remove("events/exceptions", dynamicEvents), []string{"page_fault_user: no such event", "x86 and RISC-V", "CONFIG_KPROBE_EVENTS"}, ""},
		{"page faults but probes", remove("events/exceptions/page_fault_user"), nil,
			"no exceptions/page_fault_user: an event of ptsim's own stood in, on handle_mm_fault (tried on s390; on arm64 and others not yet)"},
		{"probes that are refused", func(k *kernel) { remove("events/exceptions")(k); k.noProbes = true },
			[]string{"dynamic_events: cannot make an event on handle_mm_fault: invalid argument; expected a kernel on which it can be traced: ", "error_log"}, ""},
		{"mmap of its own", func(k *kernel) { k.onS390() }, nil,
			"no syscalls/sys_enter_mmap: an event of ptsim's own stood in, on syscalls.sys_enter_old_mmap (tried on s390; on arm64 and others not yet)"},
		{"syscalls", remove("events/syscalls"), []string{"sys_enter_mmap: no such event", "CONFIG_FTRACE_SYSCALLS"}, ""},
		{"event-fork", remove("options/event-fork"), []string{"options/event-fork: no such option", "Linux 4.7"}, ""},
		{"old", remove("options/record-tgid", "set_event_notrace_pid", "options/markers"), nil, ""},
		{"arm64", remove("events/syscalls/sys_enter_fork", "events/syscalls/sys_enter_dup2"), nil,
			"this kernel has no syscalls/sys_enter_dup2, syscalls/sys_enter_fork"},
		{"no faults of kernel mode", remove("events/exceptions/page_fault_kernel"), nil, "this kernel has no exceptions/page_fault_kernel"},
		{"no huge pages", remove("events/huge_memory"), nil, "this kernel has no huge_memory/*"},
		{"tracer", func(k *kernel) { k.put("current_tracer", "function\n") },
			[]string{"current_tracer: the tracer function is active; expected none: echo nop > "}, ""},
		{"others at the top level", func(k *kernel) { k.noInstances = true; k.put("set_event", "sched:sched_switch\nkmem:kfree\n") },
			[]string{"set_event: somebody traces sched:sched_switch, kmem:kfree; expected no events"}, ""},
		{"old events at the top level", func(k *kernel) { k.noInstances = true; k.put("per_cpu/cpu1/stats", "entries: 12\n") },
			[]string{"per_cpu/cpu1: the buffer holds 12 events of another trace; expected none"}, ""},
		{"no tracefs", func(k *kernel) { require.NoError(k.t, os.RemoveAll(k.root)) },
			[]string{"current_tracer: cannot read: no such file or directory; expected the files of a tracefs"}, ""},
		{"trace_pipe", func(k *kernel) {
			k.noInstances = true
			require.NoError(k.t, os.Remove(filepath.Join(k.root, "trace_pipe")))
		},
			[]string{"trace_pipe: cannot open: no such file"}, ""},
		{"no events", func(k *kernel) { k.events = func(int) string { return "" } },
			[]string{"nothing was recorded of true"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newKernel(t)
			c.spoil(k)
			gone := false
			if _, err := os.Stat(k.root); err != nil {
				gone = true
			}
			var before map[string]string
			if !gone {
				before = k.snapshot()
			}
			res, err := Run(on(k, io.Discard, "true"))
			if c.err == nil {
				require.NoError(t, err)
				if c.note != "" {
					assert.Contains(t, res.Notes, c.note)
				}
			} else {
				require.Error(t, err)
				for _, part := range c.err {
					assert.ErrorContains(t, err, part)
				}
				assert.NotContains(t, err.Error(), "\n")
			}
			if !gone {
				assert.Equal(t, before, k.snapshot())
			}
		})
	}
}

func TestFind(t *testing.T) {
	var st syscall.Statfs_t
	here := t.TempDir()
	require.NoError(t, syscall.Statfs(here, &st))
	root, err := find([]string{"/nosuch", here}, int64(st.Type), 0)
	require.NoError(t, err)
	assert.Equal(t, here, root)
	_, err = find([]string{here, "/nosuch"}, int64(st.Type)+1, 0)
	assert.EqualError(t, err, fmt.Sprintf("record: no tracefs at %s or /nosuch; expected it there: mount -t tracefs nodev %[1]s", here))
	_, err = find([]string{here}, int64(st.Type)+1, 1000)
	assert.ErrorContains(t, err, "expected to be run as root")
}

// What killed recordings left is swept: of this PID, which was theirs, and of one that is gone; an event after the instance
// that records it. What belongs to a process that runs stays.
func TestLeftovers(t *testing.T) {
	const gone, init = 1 << 22, 1 // the largest PID is one less
	k := newKernel(t)
	k.onS390()
	before := k.snapshot()
	for _, pid := range []int{os.Getpid(), gone} {
		event := fmt.Sprintf("ptsim_%d/fault", pid)
		instance := fmt.Sprintf("instances/ptsim-%d", pid)
		require.NoError(t, k.Append(dynamicEvents, "p:"+event+" handle_mm_fault"+" a=$arg2"))
		require.NoError(t, k.Mkdir(instance))
		require.NoError(t, k.Write(path.Join(instance, "events", event, "enable"), "1"))
	}
	require.NoError(t, k.Mkdir(fmt.Sprintf("instances/ptsim-%d-2", gone)))
	res, err := Run(on(k, io.Discard, "true"))
	require.NoError(t, err)
	assert.Contains(t, res.Notes, "removed what a recording that was killed had left: 5 of tracefs's instances and events")
	assert.Equal(t, before, k.snapshot())

	others := fmt.Sprintf("instances/ptsim-%d", init)
	require.NoError(t, k.Mkdir(others))
	require.NoError(t, k.Append(dynamicEvents, fmt.Sprintf("p:ptsim_%d/fault handle_mm_fault a=$arg2", init)))
	require.NoError(t, k.Append(dynamicEvents, "p:mine/fault handle_mm_fault a=$arg2"))
	before = k.snapshot()
	_, err = Run(on(k, io.Discard, "true"))
	require.NoError(t, err)
	assert.Equal(t, before, k.snapshot())

	// What somebody uses cannot be swept: it is told, and nothing fails.
	stuck := fmt.Sprintf("instances/ptsim-%d", gone)
	require.NoError(t, k.Mkdir(stuck))
	before = k.snapshot()
	o := on(k, io.Discard, "true")
	o.files = &faulty{files: k, decide: func(n int, op, name string) (error, bool) {
		return map[bool]error{true: syscall.EBUSY}[name == stuck], false
	}}
	res, err = Run(o)
	require.NoError(t, err)
	assert.Contains(t, res.Notes, "a recording that was killed left 1 instances and events that are in use, and stay")
	assert.Equal(t, before, k.snapshot())
}
