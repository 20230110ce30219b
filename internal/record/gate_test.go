//go:build linux

package record

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A held command has a PID and has done nothing; once the gate is open it runs as that PID.
func TestHold(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ran")
	var out bytes.Buffer
	h, err := hold([]string{"sh", "-c", `echo $$ "$0" "$@"; env | grep PTSIM; touch "$1"; exit 4`, "zero", file}, streams{nil, &out, nil})
	require.NoError(t, err)
	time.Sleep(20 * time.Millisecond)
	assert.NoFileExists(t, file)
	require.NoError(t, h.open())
	h.drop() // of no consequence now
	state, err := h.wait()
	require.NoError(t, err)
	assert.Equal(t, 4, state.ExitCode())
	assert.Equal(t, fmt.Sprintf("%d zero %s\n", h.pid(), file), out.String(), "and nothing of ours is in its environment")
	assert.FileExists(t, file)
}

func TestDrop(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ran")
	h, err := hold([]string{"touch", file}, streams{})
	require.NoError(t, err)
	h.drop()
	h.drop()
	assert.NoFileExists(t, file)
	assert.ErrorIs(t, syscall.Kill(h.pid(), 0), syscall.ESRCH, "it has ended, and was waited for")
}

// The held process is killed: no command runs, and that is an error.
func TestHeldIsKilled(t *testing.T) {
	h, err := hold([]string{"true"}, streams{})
	require.NoError(t, err)
	require.NoError(t, h.cmd.Process.Kill())
	state, err := h.wait()
	require.NoError(t, err)
	assert.Equal(t, "signal: killed", state.String())
	assert.ErrorContains(t, h.open(), "is gone")
}

// The gate stays the command's while other goroutines open and close files, as other recordings of this process do.
func TestGateAmongOtherFiles(t *testing.T) {
	stop := make(chan struct{})
	var others sync.WaitGroup
	for range 4 {
		others.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				var open [8]*os.File
				for i := range open {
					open[i], _ = os.Open(os.DevNull)
				}
				for _, f := range open {
					f.Close()
				}
			}
		})
	}
	defer others.Wait()
	defer close(stop)
	for range 60 {
		h, err := hold([]string{"true"}, streams{})
		require.NoError(t, err)
		require.NoError(t, h.open())
		state, err := h.wait()
		require.NoError(t, err)
		require.True(t, state.Success())
	}
}

// The command sees the descriptors, the signals, the limits and the environment it would see without us.
func TestHeldInheritsAsAlways(t *testing.T) {
	for _, look := range [][]string{
		{"ls", "/proc/self/fd"},
		{"grep", "-E", "^(Name|Threads|Sig(Blk|Ign|Cgt)|ShdPnd|NoNewPrivs|Seccomp)", "/proc/self/status"}, // not a shell: it blocks signals itself
		{"cat", "/proc/self/limits"},
		{"env"},
		{"cat", "/proc/self/cmdline"},
	} {
		var have bytes.Buffer
		h, err := hold(look, streams{nil, &have, nil})
		require.NoError(t, err)
		require.NoError(t, h.open())
		_, err = h.wait()
		require.NoError(t, err)
		want, err := exec.Command(look[0], look[1:]...).Output()
		require.NoError(t, err)
		assert.Equal(t, string(want), have.String(), look)
	}
}

func TestGateRefusesNonsense(t *testing.T) {
	for _, spec := range []string{"", "1:2", "a:2:/bin/true", "1:b:/bin/true"} {
		assert.Equal(t, 127, waitAtGate(spec), spec)
	}
	assert.NotContains(t, strings.Join(os.Environ(), "\n"), gateVariable)
}
