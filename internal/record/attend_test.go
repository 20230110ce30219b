//go:build linux

package record

import (
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// signalled starts a command, sends signals once it has said something, and returns what came of it.
func signalled(t *testing.T, k *kernel, script string, patience time.Duration, signals ...os.Signal) (*Result, error) {
	hear(t, signals...)
	c := make(chan os.Signal, len(signals))
	said := &firstWrite{f: func() {
		for _, s := range signals {
			c <- s
		}
	}}
	o := on(k, io.Discard, "sh", "-c", script)
	o.Stdout, o.Signals, o.Patience = said, c, patience
	return Run(o)
}

// hear makes commands that the test starts hear signals which the test ignores, as it does under nohup and in the
// background of a script. What a process handles, and no longer what it ignores, is the default for its commands.
func hear(t *testing.T, signals ...os.Signal) {
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, signals...)
	t.Cleanup(func() { signal.Stop(heard) })
}

type firstWrite struct {
	once sync.Once
	f    func()
}

func (w *firstWrite) Write(p []byte) (int, error) {
	w.once.Do(w.f)
	return len(p), nil
}

func TestSignals(t *testing.T) {
	k := newKernel(t)
	before := k.snapshot()
	res, err := signalled(t, k, "echo; exec sleep 60", time.Minute, syscall.SIGTERM)
	require.NoError(t, err)
	assert.True(t, res.Interrupted)
	assert.Equal(t, "signal: terminated", res.Status)
	assert.Equal(t, storyCounts, res.Counts, "what was recorded until then")

	res, err = signalled(t, k, `trap "exit 5" HUP; echo; while :; do sleep 0.05; done`, time.Minute, syscall.SIGHUP)
	require.NoError(t, err)
	assert.Equal(t, "exit status 5", res.Status)

	// One that does not listen is not waited for.
	for _, c := range []struct {
		patience time.Duration
		signals  []os.Signal
	}{
		{time.Minute, []os.Signal{syscall.SIGTERM, syscall.SIGTERM}},
		{20 * time.Millisecond, []os.Signal{syscall.SIGTERM}},
	} {
		res, err = signalled(t, k, `trap "" TERM; echo; exec sleep 60`, c.patience, c.signals...)
		require.NoError(t, err)
		assert.True(t, res.Interrupted)
		assert.Empty(t, res.Status)
		assert.NoError(t, syscall.Kill(res.PID, syscall.SIGKILL), "it still ran")
	}
	assert.Equal(t, before, k.snapshot())
}
