//go:build linux

package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// faulty is a tracefs in which calls fail: the ones that decide picks, before or after they have done their work.
type faulty struct {
	files
	calls  int
	decide func(n int, op, name string) (err error, afterwards bool)
}

func (f *faulty) call(op, name string, do func() error) error {
	f.calls++
	err, afterwards := f.decide(f.calls, op, name)
	if err == nil || afterwards {
		if e := do(); e != nil {
			return e
		}
	}
	if err != nil {
		return &fs.PathError{Op: op, Path: filepath.Join(f.Root(), name), Err: err}
	}
	return nil
}

func (f *faulty) Read(name string) (text string, err error) {
	err = f.call("read", name, func() (err error) { text, err = f.files.Read(name); return })
	return text, err
}

func (f *faulty) List(name string) (list []string, err error) {
	err = f.call("list", name, func() (err error) { list, err = f.files.List(name); return })
	return list, err
}

func (f *faulty) Write(name, text string) error {
	return f.call("write", name, func() error { return f.files.Write(name, text) })
}

func (f *faulty) Append(name, text string) error {
	return f.call("append", name, func() error { return f.files.Append(name, text) })
}

func (f *faulty) Mkdir(name string) error {
	return f.call("mkdir", name, func() error { return f.files.Mkdir(name) })
}

func (f *faulty) Rmdir(name string) error {
	return f.call("rmdir", name, func() error { return f.files.Rmdir(name) })
}

func (f *faulty) Pipe(name string) (p io.ReadCloser, err error) {
	err = f.call("open", name, func() (err error) { p, err = f.files.Pipe(name); return })
	if err != nil && p != nil {
		p.Close() // an open that failed leaves nothing open
		p = nil
	}
	return p, err
}

// bench is a tree in which one recording after the other is tried.
type bench struct {
	*kernel
	before map[string]string
}

func newBench(t *testing.T, top bool) *bench {
	k := newKernel(t)
	k.noInstances = top
	k.put("set_event_pid", "77\n1\n")
	k.put("events/sched/sched_process_fork/filter", "pid == 5\n")
	return &bench{k, k.snapshot()}
}

// try records true, with faults; the tree must be afterwards what it was.
func (b *bench) try(t *testing.T, decide func(n int, op, name string) (error, bool)) (f *faulty, out []byte, err error) {
	t.Helper()
	f = &faulty{files: b.kernel, decide: decide}
	var w inPlace
	o := on(b.kernel, &w, "true")
	o.files = f
	_, err = Run(o)
	require.Equal(t, b.before, b.snapshot())
	require.Zero(t, b.readers, "trace_pipe is closed")
	return f, w.Bytes(), err
}

// Every single call fails in turn, before it has done its work, or after: the settings are as they were, and either there
// is one line of error that says what failed or, where it could be tried again or done without, the whole trace.
func TestEveryCallFailsInTurn(t *testing.T) {
	for _, top := range []bool{false, true} {
		everyCallFails(t, top, false)
	}
	everyCallFails(t, false, true)
}

func everyCallFails(t *testing.T, top, s390 bool) {
	changes := map[string]bool{"write": true, "mkdir": true, "rmdir": true}
	start := func(t *testing.T) *bench {
		b := newBench(t, top)
		if s390 {
			b.onS390()
			b.before = b.snapshot()
			changes["append"] = true
		}
		return b
	}
	{
		var ops []string
		_, _, err := start(t).try(t, func(_ int, op, _ string) (error, bool) {
			ops = append(ops, op)
			return nil, false
		})
		require.NoError(t, err)
		require.Greater(t, len(ops), 100)
		for _, afterwards := range []bool{false, true} {
			t.Run(fmt.Sprintf("top=%v,s390=%v,afterwards=%v", top, s390, afterwards), func(t *testing.T) {
				t.Parallel()
				b := start(t)
				survived := map[string]bool{}
				for i, op := range ops {
					if testing.Short() && i%5 != 0 || afterwards && !changes[op] { // what was read and is thrown away was not read
						continue
					}
					at := ""
					_, out, err := b.try(t, func(n int, _, name string) (error, bool) {
						if n != i+1 {
							return nil, false
						}
						at = name
						return syscall.EIO, afterwards
					})
					require.NotEmpty(t, at, "call %d", i+1)
					if err != nil {
						require.ErrorIs(t, err, syscall.EIO)
						require.Contains(t, err.Error(), at, "it says where: %s", op)
						require.NotContains(t, err.Error(), "\n")
						continue
					}
					counts, _ := readBack(t, out)
					require.Equal(t, storyCounts, counts, "%s %s", op, at)
					survived[op] = true
				}
				// Writes and the removal are tried again while restoring; without an instance there is the top level.
				if !testing.Short() {
					assert.Equal(t, changes, survived)
				}
			})
		}
	}
}

// A panic in the middle, wherever it comes from, restores as well.
func TestPanicRestores(t *testing.T) {
	for _, top := range []bool{false, true} {
		b := newBench(t, top)
		panicked := 0
		for at := 3; ; at += 17 {
			setUp := true // later calls restore, and must not panic themselves
			o := on(b.kernel, io.Discard, "true")
			o.files = &faulty{files: b.kernel, decide: func(n int, op, name string) (error, bool) {
				setUp = setUp && op != "open"
				if n == at && setUp {
					panic(name)
				}
				return nil, false
			}}
			ok := func() (ok bool) {
				defer func() { ok = recover() != nil }()
				_, _ = Run(o)
				return false
			}()
			require.Equal(t, b.before, b.snapshot(), "call %d", at)
			if !ok {
				break
			}
			panicked++
		}
		assert.Greater(t, panicked, 5)
	}
}

// panicky is an output with a fault of its own.
type panicky struct{}

func (panicky) Write([]byte) (int, error) { panic("no such pen") }

func TestPanicWhileCopying(t *testing.T) {
	k := newKernel(t)
	k.events = func(pid int) string { return strings.Repeat(story(pid), 200) }
	before := k.snapshot()
	_, err := Run(on(k, panicky{}, "true"))
	require.ErrorContains(t, err, "copying the trace: no such pen")
	assert.Equal(t, before, k.snapshot())
}

// What cannot be put back for good is named, with what it should be; the rest is put back.
func TestRestoringFailsForGood(t *testing.T) {
	const stuck = "options/event-fork"
	k := newKernel(t)
	k.noInstances = true
	before := k.snapshot()
	o := on(k, io.Discard, "true")
	o.files = &faulty{files: k, decide: func(n int, op, name string) (error, bool) {
		if op == "write" && name == stuck && k.shows(stuck) == "1" {
			return syscall.EBUSY, false
		}
		return nil, false
	}}
	_, err := Run(o)
	require.ErrorIs(t, err, syscall.EBUSY)
	assert.ErrorContains(t, err, stuck+": cannot restore: device or resource busy")
	assert.ErrorContains(t, err, `it was "0" before, which it should be again`)
	before["/"+stuck] = "1\n"
	assert.Equal(t, before, k.snapshot())
}

func (k *kernel) shows(name string) string {
	text, err := k.Read(name)
	require.NoError(k.t, err)
	return strings.TrimSpace(text)
}

// An instance that somebody has taken hold of stays, but traces nothing any more.
func TestInstanceCannotBeRemoved(t *testing.T) {
	k := newKernel(t)
	o := on(k, io.Discard, "true")
	o.files = &faulty{files: k, decide: func(n int, op, name string) (error, bool) {
		if op == "rmdir" {
			return syscall.EBUSY, false
		}
		return nil, false
	}}
	_, err := Run(o)
	require.ErrorIs(t, err, syscall.EBUSY)
	assert.ErrorContains(t, err, "cannot remove: device or resource busy; expected nobody else to use it")
	left, e := k.List("instances")
	require.NoError(t, e)
	require.Len(t, left, 1)
	for file, text := range k.snapshot() {
		if strings.HasSuffix(file, "/enable") {
			assert.Equal(t, "0\n", text, file)
		}
	}
	assert.Empty(t, k.shows(path.Join("instances", left[0], "set_event_pid")))
}

// Where memory is short, a smaller buffer is taken, unless the user has said how large.
func TestBufferShrinks(t *testing.T) {
	k := newKernel(t)
	const enough = 5000
	var sizes []string
	grant := func(n int, op, name string) (error, bool) { return nil, false }
	o := on(k, io.Discard, "true")
	o.files = &sizeLimit{files: &faulty{files: k, decide: grant}, most: enough, sizes: &sizes}
	before := k.snapshot()
	res, err := Run(o)
	require.NoError(t, err)
	assert.LessOrEqual(t, res.BufferKiB, enough)
	assert.Greater(t, 2*res.BufferKiB, enough)
	assert.Equal(t, before, k.snapshot())

	o.BufferKiB = 100_000
	_, err = Run(o)
	require.ErrorIs(t, err, syscall.ENOMEM)
	assert.ErrorContains(t, err, "a smaller --buffer needs less")
	assert.Equal(t, before, k.snapshot())
}

// sizeLimit grants no buffer larger than most.
type sizeLimit struct {
	files
	most  int
	sizes *[]string
}

func (l *sizeLimit) Write(name, text string) error {
	var n int
	if _, err := fmt.Sscan(text, &n); err == nil && path.Base(name) == "buffer_size_kb" && n > l.most {
		return &fs.PathError{Op: "write", Path: name, Err: syscall.ENOMEM}
	}
	return l.files.Write(name, text)
}

func TestBufferSize(t *testing.T) {
	const gib = 1 << 30
	assert.Equal(t, 65536, bufferSize(2, 64*gib), "as much as is of use")
	assert.Equal(t, 4096, bufferSize(128, 64*gib), "half a GiB together")
	assert.Equal(t, 16384, bufferSize(2, gib/2), "a part of the memory")
	assert.Equal(t, 1024, bufferSize(512, gib), "not less")
	assert.Equal(t, 65536, bufferSize(0, 64*gib))
}

func TestExplain(t *testing.T) {
	d := dir{"/t"}
	for err, want := range map[error]string{
		syscall.EACCES:  "record: /t/f: permission denied; expected to be run as root, who alone may use tracefs",
		syscall.EPERM:   "record: /t/f: cannot read: operation not permitted; expected to be root on a kernel that is not locked down",
		syscall.EBUSY:   "record: /t/f: cannot read: device or resource busy; expected nobody else to use it",
		syscall.EIO:     "record: /t/f: cannot read: input/output error",
		fs.ErrNotExist:  "record: /t/f: cannot read: file does not exist; expected the files of a tracefs",
		errors.New("?"): "record: /t/f: cannot read: ?",
	} {
		assert.EqualError(t, explain(d, "f", "read", &fs.PathError{Op: "open", Path: "/elsewhere", Err: err}), want)
	}
	var b bytes.Buffer
	assert.NoError(t, startCopy(&b, strings.NewReader("abc")).finish())
	assert.Equal(t, "abc", b.String())
}
