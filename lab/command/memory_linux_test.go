package command

import (
	"encoding/json"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// resident is how much memory a process had at most, in MiB. Before it became ptsim it was this test, which counts, too.
func resident(t *testing.T, args ...string) (mib int, out string, code int) {
	t.Helper()
	out, _, state := killed(t, 0, "", args...)
	return int(state.SysUsage().(*syscall.Rusage).Maxrss >> 10), out, state.ExitCode()
}

// A limit of memory is one of the process: what a search holds beside its states counts, too. A search that needs gigabytes ends
// at the limit, having used most of it, and the process is never much larger. What may come on top is the program itself, the
// machines, and what the garbage collector has not come to.
func TestMemoryLimitHolds(t *testing.T) {
	const garbage = 32 // MiB: the first collection is put off, see collectLate
	program, _, code := resident(t, "explore", "page")
	require.Equal(t, exitOK, code)
	for _, c := range []struct {
		limit int
		flags string
	}{{32, ""}, {16, "--threads 2"}, {32, "--mode shortest"}, {16, "--mode bounded --bound 100"}} {
		t.Run(c.flags, func(t *testing.T) {
			t.Parallel()
			args := strings.Fields("explore S3r4 --variant pinned --memory-limit " + strconv.Itoa(c.limit) + "M --format json " + c.flags)
			mib, out, code := resident(t, args...)
			assert.Equal(t, exitIncomplete, code)
			assert.Contains(t, out, "the memory limit was reached: of "+strconv.Itoa(c.limit)+" MiB,")
			assert.Less(t, mib, program+c.limit*3/2+garbage)
			var r struct {
				Bytes int `json:"memory_bytes"`
			}
			require.NoError(t, json.Unmarshal([]byte(out), &r))
			assert.Greater(t, r.Bytes>>20, c.limit/3, "it ended long before the limit")
			t.Logf("limit %d MiB: %d MiB, of which the program is %d", c.limit, mib, program)
		})
	}
}
