package campaign

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// LimitMemory has the process, and those that it starts, die when they take more than so many bytes, instead of taking the
// machine's. 0 is no limit.
func LimitMemory(bytes uint64) error {
	if bytes == 0 {
		return nil
	}
	if err := unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: bytes, Max: bytes}); err != nil {
		return fmt.Errorf("a limit of memory cannot be set: %w", err)
	}
	return nil
}

// DieFirst has the kernel choose this process before others when memory is short: it is a child, and its shard should live to
// tell. That is best effort.
func DieFirst() { _ = os.WriteFile("/proc/self/oom_score_adj", []byte("500"), 0) }
