package command

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/record"
)

// This binary is also a program to be recorded: a file in shared memory, mapped and touched by several processes, and
// collapsed by the first, range by range.
const shareVariable = "PTSIM_TEST_SHARE"

// And it is ptsim, signals and all, where testscript's way leaves main out.
const mainVariable = "PTSIM_TEST_MAIN"

func init() {
	if os.Getenv(mainVariable) != "" {
		os.Exit(Main())
	}
	role := os.Getenv(shareVariable)
	if role == "" {
		return
	}
	if err := share(role); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(9)
	}
	os.Exit(0)
}

const (
	hugePage   = 2 << 20
	shareBytes = 4 * hugePage
	shareKids  = 3
)

func share(role string) error {
	const fd = 3
	if role == "child" {
		shared, err := mapShared(fd)
		if err != nil {
			return err
		}
		touch(shared)
		fmt.Println("touched")
		_, _ = os.Stdin.Read(make([]byte, 1)) // until the parent is done
		return nil
	}
	f, err := os.Create(role)
	if err != nil {
		return err
	}
	defer os.Remove(role)
	if err := f.Truncate(shareBytes); err != nil {
		return err
	}
	shared, err := mapShared(int(f.Fd()))
	if err != nil {
		return err
	}
	touch(shared)
	for range shareKids {
		kid := exec.Command("/proc/self/exe")
		kid.Env = append(os.Environ(), shareVariable+"=child")
		kid.ExtraFiles = []*os.File{f}
		kid.Stderr = os.Stderr
		in, err := kid.StdinPipe()
		if err != nil {
			return err
		}
		out, err := kid.StdoutPipe()
		if err != nil {
			return err
		}
		if err := kid.Start(); err != nil {
			return err
		}
		if _, err := out.Read(make([]byte, 16)); err != nil {
			return err
		}
		defer func() {
			in.Close()
			_ = kid.Wait()
		}()
	}
	const madvCollapse = 25
	for at := 0; at < shareBytes; at += hugePage {
		if err := syscall.Madvise(shared[at:at+hugePage], madvCollapse); err != nil {
			return fmt.Errorf("MADV_COLLAPSE: %w", err)
		}
	}
	return nil
}

// mapShared maps the file where huge pages can show it.
func mapShared(fd int) ([]byte, error) {
	const hint = 0x7e0000000000
	addr, _, errno := syscall.Syscall6(syscall.SYS_MMAP, hint, shareBytes, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_SHARED, uintptr(fd), 0)
	if errno != 0 {
		return nil, errno
	}
	if addr != hint {
		return nil, errors.New("the place is taken")
	}
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&addr)), shareBytes), nil
}

func touch(b []byte) {
	for i := 0; i < len(b); i += os.Getpagesize() {
		b[i]++
	}
}

// needTracefs skips a test where nothing can be recorded, and says why.
func needTracefs(t *testing.T) (root string) {
	root, err := record.Find()
	if err != nil {
		t.Skip(err)
	}
	if os.Geteuid() != 0 {
		t.Skip("only root may use tracefs")
	}
	return root
}

// settings are what the top level of tracefs shows that a recording might disturb.
func tracefsSettings(t *testing.T, root string) map[string]string {
	shown := map[string]string{}
	for _, name := range []string{"current_tracer", "tracing_on", "trace_clock", "buffer_size_kb", "set_event", "set_event_pid",
		"set_event_notrace_pid", "trace_options", "tracing_cpumask", "events/enable"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		shown[name] = string(text)
	}
	left, err := filepath.Glob(filepath.Join(root, "instances", fmt.Sprintf("ptsim-%d*", os.Getpid())))
	require.NoError(t, err)
	shown["instances"] = strings.Join(left, " ")
	return shown
}

// On the kernel that runs the tests: what a program does to shared memory is recorded, and retract finds the collapses.
func TestRecordForReal(t *testing.T) {
	root := needTracefs(t)
	before := tracefsSettings(t, root)
	shm := fmt.Sprintf("/dev/shm/ptsim-test-%d", os.Getpid())
	t.Setenv(shareVariable, shm)
	self, err := os.Executable()
	require.NoError(t, err)
	trace := filepath.Join(t.TempDir(), "share.trace.gz")
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), []string{"record", "-o", trace, "--khugepaged=false", "--", self}, streams{strings.NewReader(""), &stdout, &stderr})
	require.Equal(t, exitOK, code, stderr.String())
	assert.Equal(t, before, tracefsSettings(t, root))
	if strings.Contains(stderr.String(), "exit status 9") {
		t.Skip(stderr.String())
	}
	assert.Contains(t, stderr.String(), fmt.Sprintf(" %d collapses in ", shareBytes/hugePage))
	assert.Contains(t, stderr.String(), "the command ended: exit status 0\n")
	assert.NotContains(t, stderr.String(), "LOST")

	stdout.Reset()
	code = run(context.Background(), []string{"retract", trace, "--variant", "active", "--format", "csv"},
		streams{strings.NewReader(""), &stdout, &stderr})
	require.Equal(t, exitOK, code, stderr.String())
	rows, err := csv.NewReader(&stdout).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 2)
	figure := map[string]string{}
	for i, name := range rows[0] {
		figure[name] = rows[1][i]
	}
	retracts, err := strconv.Atoi(figure["retracts"])
	require.NoError(t, err, figure)
	// Each collapse is two segments, in the parent and in every child.
	assert.Equal(t, 2*shareBytes/hugePage*(1+shareKids), retracts)
}

// Ptsim itself, as a process, is told to end by a signal, while the command runs: the trace is there, the settings are
// what they were, and the exit code is 130. A command that does not listen needs a second signal.
func TestRecordIsInterruptedForReal(t *testing.T) {
	root := needTracefs(t)
	// As under nohup, the command would ignore what this test ignores.
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(heard)
	before := tracefsSettings(t, root)
	self, err := os.Executable()
	require.NoError(t, err)
	for _, c := range []struct {
		script  string
		signals []os.Signal
		said    string
	}{
		{"echo; exec sleep 60", []os.Signal{syscall.SIGTERM}, "the command ended: signal: terminated"},
		{"echo; exec sleep 60", []os.Signal{os.Interrupt}, "the command ended: signal: interrupt"},
		{`trap "exit 5" HUP; echo; while :; do sleep 0.05; done`, []os.Signal{syscall.SIGHUP}, "the command ended: exit status 5"},
		// Longer than the patience that other commands have to tidy up.
		{`trap "sleep 0.8; exit 6" TERM; echo; while :; do sleep 0.05; done`, []os.Signal{syscall.SIGTERM}, "the command ended: exit status 6"},
		{`trap "" TERM; echo; sleep 3`, []os.Signal{syscall.SIGTERM, syscall.SIGTERM}, "the command still runs"},
	} {
		folder := t.TempDir()
		trace := filepath.Join(folder, "a.trace")
		said, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
		require.NoError(t, err)
		cmd := exec.Command(self, "record", "-o", trace, "--", "sh", "-c", c.script)
		cmd.Env = append(os.Environ(), mainVariable+"=1")
		cmd.Stderr = said
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no terminal: the command is told by ptsim alone
		stdout, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		_, err = stdout.Read(make([]byte, 1))
		require.NoError(t, err)
		for _, s := range c.signals {
			require.NoError(t, cmd.Process.Signal(s))
			time.Sleep(100 * time.Millisecond)
		}
		state, err := cmd.Process.Wait()
		require.NoError(t, err)
		stdout.Close()
		assert.Equal(t, exitInterrupted, state.ExitCode(), c.script)
		assert.Equal(t, before, tracefsSettings(t, root), c.script)
		text, err := os.ReadFile(said.Name())
		require.NoError(t, err)
		assert.Contains(t, string(text), c.said)
		assert.Contains(t, string(text), "\nptsim: interrupted\n")
		text, err = os.ReadFile(trace)
		require.NoError(t, err)
		assert.Contains(t, string(text), "sched_process_exec: filename=")
		left, err := os.ReadDir(folder)
		require.NoError(t, err)
		assert.Len(t, left, 1, "nothing half-written")
	}
}

// Under nohup the command ignores what it would without ptsim, and a reader of messages that has gone ends nothing.
func TestRecordLeavesSignalsAloneForReal(t *testing.T) {
	root := needTracefs(t)
	before := tracefsSettings(t, root)
	self, err := os.Executable()
	require.NoError(t, err)
	trace := filepath.Join(t.TempDir(), "a.trace")
	const script = `trap "" HUP; exec "$0" record -o "$1" -- grep SigIgn /proc/self/status`
	cmd := exec.Command("sh", "-c", script, self, trace)
	cmd.Env = append(os.Environ(), mainVariable+"=1")
	r, w, err := os.Pipe()
	require.NoError(t, err)
	cmd.Stderr = w
	require.NoError(t, r.Close()) // nobody reads the report
	out, err := cmd.Output()
	w.Close()
	require.NoError(t, err, "no signal")
	assert.Regexp(t, `^SigIgn:\t[0-9a-f]*[13579bdf]\n$`, string(out), "SIGHUP, and what this test ignores")
	assert.FileExists(t, trace)
	assert.Equal(t, before, tracefsSettings(t, root))
}

// While something must be put back, the program is not ended.
func TestTidying(t *testing.T) {
	const soon, late = 5 * time.Millisecond, 200 * time.Millisecond
	ctx := withTidying(context.Background())
	<-tidied(ctx, soon)
	release := mustTidy(ctx)
	done := tidied(ctx, soon)
	select {
	case <-done:
		t.Fatal("while held")
	case <-time.After(late):
	}
	release()
	release()
	<-done
	mustTidy(context.Background())() // outside of the program nothing is held
}
