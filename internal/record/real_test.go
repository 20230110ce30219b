//go:build linux

package record

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// realTracefs returns this kernel's, or skips the test and says why.
func realTracefs(t *testing.T) dir {
	root, err := Find()
	if err != nil {
		t.Skip(err)
	}
	if os.Geteuid() != 0 {
		t.Skip("only root may use tracefs")
	}
	return dir{root}
}

// topLevel returns what the top level shows: settings, options, and what every event is set to.
func topLevel(t *testing.T, d dir) map[string]string {
	shown := map[string]string{}
	read := func(name string) {
		text, err := d.Read(name)
		require.NoError(t, err)
		if strings.Contains(text, "(expanded: ") {
			text = meaning(name, text) + "\n"
		}
		shown[name] = text
	}
	for _, name := range []string{"current_tracer", "tracing_on", "trace_clock", "set_event", "set_event_pid", "set_event_notrace_pid",
		"trace_options", "tracing_cpumask"} {
		read(name)
	}
	require.NoError(t, filepath.WalkDir(filepath.Join(d.root, "events"), func(full string, e fs.DirEntry, err error) error {
		if name := filepath.Base(full); err == nil && (name == "enable" || name == "filter" || name == "trigger") {
			read(strings.TrimPrefix(full, d.root+"/"))
		}
		return err
	}))
	return shown
}

// noInstances refuses what a kernel without instances refuses.
type noInstances struct{ files }

func (n noInstances) Mkdir(string) error {
	return &fs.PathError{Op: "mkdir", Path: "instances", Err: syscall.EPERM}
}

// The kernel that runs the tests, through an instance and, if asked for by the variable, as it may be somebody else's,
// through its top level: the settings are what they were, and the text is read back.
func TestRealKernel(t *testing.T) {
	const variable = "PTSIM_TEST_TOP_LEVEL"
	d := realTracefs(t)
	for _, top := range []bool{false, true} {
		if top && os.Getenv(variable) == "" {
			t.Logf("the top level is tried only if %s is set", variable)
			continue
		}
		before := topLevel(t, d)
		var out inPlace
		o := Options{Command: []string{"sh", "-c", "(exit 1); cat /proc/self/maps; exit 3"}, Output: &out, BufferKiB: 1024, files: d}
		if top {
			o.files = noInstances{d}
		}
		res, err := Run(o)
		require.NoError(t, err)
		assert.Equal(t, before, topLevel(t, d))
		assert.Equal(t, "exit status 3", res.Status)
		assert.Zero(t, res.Background)
		counts, stats := readBack(t, out.Bytes())
		assert.Equal(t, res.Counts, counts)
		assert.EqualValues(t, 2, counts.Forks)
		assert.EqualValues(t, 2, counts.Execs, "sh and cat")
		assert.EqualValues(t, 3, counts.Exits)
		assert.Greater(t, stats.Events-stats.Others, int64(50), "faults and calls")
		assert.NotZero(t, bytes.Count(out.Bytes(), []byte("page_fault_user: address=")))
	}
	left, err := filepath.Glob(filepath.Join(d.root, "instances", "ptsim-*"))
	require.NoError(t, err)
	for _, l := range left {
		assert.NotContains(t, l, fmt.Sprint("ptsim-", os.Getpid()))
	}
}

// Every step of a recording on a real kernel fails in turn: a few of them, as a kernel takes its time.
func TestRealKernelRestores(t *testing.T) {
	d := realTracefs(t)
	before := topLevel(t, d)
	for fail := 5; ; fail += 23 {
		failed := false
		o := Options{Command: []string{"true"}, Output: &bytes.Buffer{}, BufferKiB: 64}
		o.files = &faulty{files: d, decide: func(n int, op, name string) (error, bool) {
			failed = failed || n == fail
			return map[bool]error{true: syscall.EIO}[n == fail], true
		}}
		_, err := Run(o)
		left, e := filepath.Glob(filepath.Join(d.root, "instances", fmt.Sprintf("ptsim-%d*", os.Getpid())))
		require.NoError(t, e)
		require.Empty(t, left, "call %d: %v", fail, err)
		if !failed {
			require.NoError(t, err)
			break
		}
	}
	assert.Equal(t, before, topLevel(t, d))
}
