//go:build linux

package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLostEvents(t *testing.T) {
	k := newKernel(t)
	k.events = func(pid int) string {
		k.put(fmt.Sprintf("instances/ptsim-%d/per_cpu/cpu1/stats", os.Getpid()), "entries: 0\ncommit overrun: 3\ndropped events: 4\n")
		return "CPU:0 [LOST 12 EVENTS]\n" + story(pid) + "CPU:1 [LOST EVENTS]\n"
	}
	var out bytes.Buffer
	res, err := Run(on(k, &out, "true"))
	require.NoError(t, err)
	assert.EqualValues(t, 12+7, res.Lost)
	assert.EqualValues(t, 1, res.LostGaps)
	counts, _ := readBack(t, out.Bytes())
	assert.Equal(t, res.Counts, counts, "the text says as much")
	assert.Contains(t, out.String(), "\nCPU:1 [LOST 7 EVENTS]\n")
}

// smallDisk takes so many bytes.
type smallDisk struct{ left int }

func (d *smallDisk) Write(p []byte) (int, error) {
	if len(p) > d.left {
		return 0, syscall.ENOSPC
	}
	d.left -= len(p)
	return len(p), nil
}

// A full disk ends the recording and restores at once; the command does not notice.
func TestOutputFails(t *testing.T) {
	k := newKernel(t)
	k.events = func(pid int) string { return strings.Repeat(story(pid), 200) }
	before := k.snapshot()
	var whole bytes.Buffer
	_, err := Run(on(k, &whole, "true"))
	require.NoError(t, err)
	last := whole.Len() - 1
	for _, room := range []int{0, 100_000, last} {
		warned := ""
		var stdout bytes.Buffer
		o := on(k, &smallDisk{room}, "sh", "-c", "sleep 0.1; echo done")
		o.Stdout = &stdout
		o.Warn = func(s string) {
			warned = s
			assert.Equal(t, before, k.snapshot(), "restored by now")
		}
		_, err := Run(o)
		var oe *OutputError
		require.ErrorAs(t, err, &oe)
		require.ErrorIs(t, err, syscall.ENOSPC)
		assert.Equal(t, "done\n", stdout.String())
		if room < last { // else it was the last byte, at the end
			assert.Contains(t, warned, "no space left on device; the command goes on")
		}
		assert.Equal(t, before, k.snapshot())
	}
}

func TestCommandErrors(t *testing.T) {
	k := newKernel(t)
	before := k.snapshot()
	folder := t.TempDir()
	bad := filepath.Join(folder, "bad")
	require.NoError(t, os.WriteFile(bad, []byte("no program"), 0o755))
	for command, want := range map[string]string{
		"nosuchcommand": "record: nosuchcommand: executable file not found in $PATH; expected a program to run",
		bad:             "record: " + bad + ": exec format error; expected a program to run",
		folder:          "record: " + folder + ": is a directory; expected a program to run",
	} {
		_, err := Run(on(k, io.Discard, command))
		assert.EqualError(t, err, want)
	}
	t.Chdir(folder)
	t.Setenv("PATH", ".:"+os.Getenv("PATH"))
	_, err := Run(on(k, io.Discard, "bad"))
	assert.ErrorContains(t, err, "found in the current folder only")
	_, err = Run(Options{})
	assert.ErrorContains(t, err, "no command")
	assert.Equal(t, before, k.snapshot())
}

func TestBoth(t *testing.T) {
	a, b := errors.New("a"), errors.New("b")
	assert.Equal(t, b, both(nil, b))
	assert.EqualError(t, both(a, b), "a; and b")
	assert.ErrorIs(t, both(a, b), a)
	assert.ErrorIs(t, both(a, b), b)
}
