package command

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// killed runs ptsim as a process of its own, and sends it a signal as soon as a file of that pattern is there.
func killed(t *testing.T, sig syscall.Signal, pattern string, args ...string) (out, errOut string, state *os.ProcessState) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Env = append(os.Environ(), mainVariable+"=1")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Start())
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(done)
	}()
	for {
		select {
		case <-done:
			return stdout.String(), stderr.String(), cmd.ProcessState
		case <-time.After(time.Millisecond):
		}
		if list, err := filepath.Glob(pattern); err == nil && len(list) > 0 && sig != 0 {
			require.NoError(t, cmd.Process.Signal(sig))
			sig = 0
		}
	}
}

// timesAndSpace are the figures in JSON that differ from run to run.
var timesAndSpace = regexp.MustCompile(`"(seconds|memory_bytes)": [0-9.e+-]+`)

// A process that is ended in the middle of a search leaves what the same command goes on from, to the same answer. It says
// so, when a signal that it can catch ends it. One that is done before the signal comes is tried again.
func TestKilledSearchesGoOn(t *testing.T) {
	for _, c := range []struct{ command, unfinished string }{
		{"explore S2 --variant pinned --format json --races adjacent", "kept"},
		{"explore S3a --variant active --mode shortest --format json", "kept"},
		{"verdicts --scenario S3a,page --variant pinned/half --threads 2 --format json", "kept/*.search"},
	} {
		for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
			args, often := strings.Fields(c.command), []string{"--checkpoint-every", "1ms"}
			t.Run(args[0]+" "+args[1]+" "+sig.String(), func(t *testing.T) {
				t.Parallel()
				want, errOut, state := killed(t, 0, "", args...)
				require.Empty(t, errOut)
				code := state.ExitCode()
				require.True(t, json.Valid([]byte(want)))
				var kept string
				for try := 0; ; try++ {
					require.Less(t, try, 10, "it was never ended in the middle")
					kept = filepath.Join(t.TempDir(), "kept")
					_, errOut, state = killed(t, sig, strings.Replace(kept+"$", "kept$", c.unfinished, 1), append(append(args, often...), "--checkpoint", kept)...)
					if ended := state.Sys().(syscall.WaitStatus); ended.Signaled() || ended.ExitStatus() == exitInterrupted {
						break
					}
				}
				if sig == syscall.SIGTERM {
					assert.Equal(t, exitInterrupted, state.ExitCode())
					assert.Equal(t, "ptsim: "+kept+" has how far it is; the same command goes on from there\nptsim: interrupted\n", errOut)
				}
				out, errOut, state := killed(t, 0, "", append(args, "--checkpoint", kept)...)
				assert.Equal(t, code, state.ExitCode())
				assert.Regexp(t, "^ptsim: going on from "+regexp.QuoteMeta(kept)+": .*\n$", errOut)
				assert.Equal(t, timesAndSpace.ReplaceAllString(want, ""), timesAndSpace.ReplaceAllString(out, ""))
			})
		}
	}
}
