package command

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// againstC runs docs/perf/against-c where only the given tools are, and returns what it said and its exit code.
func againstC(t *testing.T, tools []string, args ...string) (string, int) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash here")
	}
	bin := t.TempDir()
	for _, tool := range append(tools, "bash", "awk", "dirname", "uname", "mktemp", "rm", "env", "getconf") {
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Skipf("there is no %s here", tool)
		}
		require.NoError(t, os.Symlink(path, filepath.Join(bin, tool)))
	}
	cmd := exec.Command(bash, append([]string{"../../docs/perf/against-c"}, args...)...)
	cmd.Env = []string{"PATH=" + bin, "PTSIM=/nonexistent", "TMPDIR=" + t.TempDir()}
	out, err := cmd.CombinedOutput()
	if err != nil {
		require.IsType(t, &exec.ExitError{}, err, "%s", out)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// The race against C is skipped where it cannot be run, and wrong arguments are no race.
func TestAgainstCSkips(t *testing.T) {
	out, code := againstC(t, nil)
	assert.Zero(t, code)
	assert.Equal(t, "against-c: skipped: there is no gcc here\n", out)

	out, code = againstC(t, []string{"gcc"})
	assert.Zero(t, code)
	assert.Regexp(t, `^against-c: skipped: .*\n$`, out)

	out, code = againstC(t, nil, "--sources", "/nonexistent")
	assert.Equal(t, 1, code)
	assert.Equal(t, "against-c: /nonexistent: no such folder\n", out)

	out, code = againstC(t, nil, "--patch", "rcf=/nonexistent")
	assert.Equal(t, 1, code)
	assert.Equal(t, "against-c: --patch: unknown variant rcf; expected rfc, pinned, typesafe or active\n", out)

	out, code = againstC(t, nil, "--patch", "/nonexistent") // of no variant
	assert.Equal(t, 1, code)
	assert.Equal(t, "against-c: /nonexistent: no such file\n", out)

	out, code = againstC(t, nil, "--patch", "perf_test.go", "--patch", "../command/perf_test.go")
	assert.Equal(t, 1, code)
	assert.Equal(t, "against-c: --patch: two of patch:perf_test; expected each once\n", out)

	out, code = againstC(t, nil, "-k", "none")
	assert.Equal(t, 2, code)
	assert.Contains(t, out, "usage: ")
}
