//go:build linux

package record

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// What a file shows is not always what must be written to have it so again. The texts are a kernel's own.
func TestMeaning(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{"trace_clock", "[local] global counter uptime perf mono mono_raw boot tai x86-tsc\n", "local"},
		{"trace_clock", "local global counter uptime perf mono [mono_raw] boot tai x86-tsc\n", "mono_raw"},
		{"trace_clock", "mono\n", "mono"},
		{"buffer_size_kb", "7 (expanded: 1408)\n", "1408"},
		{"instances/a/buffer_size_kb", "65538\n", "65538"},
		{"buffer_size_kb", "X\n", "X"},
		{"events/sched/sched_process_fork/enable", "1*\n", "1"},
		{"events/sched/sched_process_fork/enable", "0\n", "0"},
		{"events/sched/sched_process_fork/filter", "none\n", "0"},
		{"events/sched/sched_process_fork/filter", "parent_pid == 3 && child_comm != \"a b\"\n", "parent_pid == 3 && child_comm != \"a b\""},
		{"events/sched/sched_process_fork/filter", "pid == 3\n    ^\nparse_error: Field not found\n\n", "0"},
		{"set_event_pid", "", ""},
		{"set_event_pid", "12\n34\n", "12 34"},
		{"options/event-fork", "1\n", "1"},
		{"tracing_on", "0\n", "0"},
	} {
		assert.Equal(t, c.want, meaning(c.file, c.text), "%s: %q", c.file, c.text)
	}
}

// Any changes of any files, some of them failing, are taken back.
func TestSettingsAreTakenBack(t *testing.T) {
	k := newKernel(t)
	values := map[string][]string{
		"tracing_on":                              {"0", "1", "2"},
		"trace_clock":                             {"mono", "boot", "sundial"},
		"buffer_size_kb":                          {"64", "2048", "-1"},
		"set_event_pid":                           {"", "5", "5 6", "x"},
		"options/raw":                             {"0", "1", ""},
		"options/nosuch":                          {"1"},
		"events/mmap/exit_mmap/enable":            {"0", "1"},
		"events/sched/sched_process_fork/filter":  {"0", "pid == 9"},
		"per_cpu/cpu0/buffer_size_kb":             {"100", "200"},
		"events/syscalls/sys_enter_clone3/enable": {"1", "X"},
	}
	var names []string
	for n := range values {
		names = append(names, n)
	}
	before := k.snapshot()
	rapid.Check(t, func(rt *rapid.T) {
		f := &faulty{files: k, decide: func(int, string, string) (error, bool) { return nil, false }}
		s := &settings{files: f}
		for range rapid.IntRange(0, 12).Draw(rt, "changes") {
			name := rapid.SampledFrom(names).Draw(rt, "file")
			value := rapid.SampledFrom(values[name]).Draw(rt, "value")
			fails, after := rapid.Bool().Draw(rt, "fails"), rapid.Bool().Draw(rt, "after")
			f.decide = func(n int, op, _ string) (error, bool) {
				if fails && op == "write" {
					return syscall.EIO, after
				}
				return nil, false
			}
			err := s.set(name, value)
			if text, e := k.Read(name); err == nil && e == nil {
				require.Equal(rt, value, meaning(name, text))
			}
		}
		f.decide = func(int, string, string) (error, bool) { return nil, false }
		require.NoError(rt, s.restore())
		require.Empty(rt, s.changed)
		require.Equal(rt, before, k.snapshot())
	})
}

// A folder of plain files will do for a tracefs, and this is all that is asked of it.
func TestDir(t *testing.T) {
	d := dir{t.TempDir()}
	require.NoError(t, os.WriteFile(filepath.Join(d.root, "f"), []byte("old and long\n"), 0o644))
	require.NoError(t, d.Write("f", "new"))
	text, err := d.Read("f")
	require.NoError(t, err)
	assert.Equal(t, "new\n", text)
	require.NoError(t, d.Write("f", ""))
	text, err = d.Read("f")
	require.NoError(t, err)
	assert.Empty(t, text, "opened and truncated, which is how a list is emptied")
	assert.ErrorIs(t, d.Write("nosuch", "1"), os.ErrNotExist, "the kernel makes files, we do not")

	list, err := d.List("nosuch")
	require.NoError(t, err)
	assert.Empty(t, list)
	require.NoError(t, d.Mkdir("a"))
	assert.ErrorIs(t, d.Mkdir("a"), os.ErrExist)
	list, err = d.List("")
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "f"}, list)
	require.NoError(t, d.Rmdir("a"))
	assert.ErrorIs(t, d.Rmdir("a"), os.ErrNotExist)
	assert.ErrorIs(t, d.Rmdir("f"), syscall.ENOTDIR, "never a file")

	_, err = d.Pipe("nosuch")
	assert.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, syscall.Mkfifo(filepath.Join(d.root, "p"), 0o600))
	p, err := d.Pipe("p")
	require.NoError(t, err, "nobody writes, and it is open all the same")
	defer p.Close()
	w, err := os.OpenFile(filepath.Join(d.root, "p"), os.O_WRONLY, 0)
	require.NoError(t, err)
	defer w.Close()
	buf := make([]byte, 10)
	n, err := p.Read(buf)
	require.NoError(t, err)
	assert.Zero(t, n, "nothing there, and no wait")
	_, err = w.WriteString("abc")
	require.NoError(t, err)
	n, err = p.Read(buf)
	require.NoError(t, err)
	assert.Equal(t, "abc", string(buf[:n]))
}
