package command

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A shard that is ended in the middle, by a signal that it can catch or by one that it cannot, loses nothing: the same command goes
// on, and the merge is what one run prints. The engine may signal the children too; here it signals the shard.
func TestKilledShardsGoOn(t *testing.T) {
	matrix := strings.Fields("--scenario S3a,S1 --variant active,rfc,pinned/half")
	want, _, state := killed(t, 0, "", append([]string{"verdicts", "--format", "markdown"}, matrix...)...)
	require.Equal(t, exitOK, state.ExitCode())
	plan, errOut, _ := killed(t, 0, "", append([]string{"campaign", "plan", "verdicts"}, matrix...)...)
	require.Empty(t, errOut)
	file := filepath.Join(t.TempDir(), "plan.jsonl")
	require.NoError(t, os.WriteFile(file, []byte(plan), 0o644))
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(sig.String(), func(t *testing.T) {
			var dir string
			for try := 0; ; try++ {
				require.Less(t, try, 10, "it was never ended in the middle")
				dir = filepath.Join(t.TempDir(), "results")
				_, errOut, state = killed(t, sig, filepath.Join(dir, "S3a.*~*.json"), "campaign", "run", file, "--out", dir)
				if ended := state.Sys().(syscall.WaitStatus); ended.Signaled() || ended.ExitStatus() == exitInterrupted {
					break
				}
			}
			begun, err := filepath.Glob(filepath.Join(dir, "*.begun"))
			require.NoError(t, err)
			if sig == syscall.SIGTERM {
				assert.Equal(t, exitInterrupted, state.ExitCode())
				assert.Equal(t, "ptsim: interrupted\n", errOut)
				assert.Empty(t, begun)
			} else {
				assert.LessOrEqual(t, len(begun), 1)
			}
			_, _, state = killed(t, 0, "", "campaign", "merge", dir)
			assert.Equal(t, exitIncomplete, state.ExitCode())
			out, errOut, state := killed(t, 0, "", "campaign", "run", file, "--out", dir)
			assert.Equal(t, exitOK, state.ExitCode(), errOut)
			assert.Regexp(t, `^shard 1/1: 36 of 36 jobs done, \d+ of them before\n$`, out)
			assert.NotContains(t, out, ", 0 of them")
			out, errOut, state = killed(t, 0, "", "campaign", "merge", dir, "--format", "markdown")
			assert.Equal(t, exitOK, state.ExitCode())
			assert.Empty(t, errOut)
			assert.Equal(t, want, out)
		})
	}
}
