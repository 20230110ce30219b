//go:build unix

package campaign

import (
	"runtime"
	"syscall"
)

// processorSeconds is what the process and the processes that it waited for have taken, the kernel's work for them included.
func processorSeconds() float64 {
	sum := 0.0
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if syscall.Getrusage(who, &u) == nil {
			sum += float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
		}
	}
	return sum
}

// peakBytes is the largest resident set that the process has had, or one of the processes that it waited for.
func peakBytes() uint64 {
	most := uint64(0)
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if syscall.Getrusage(who, &u) == nil {
			most = max(most, uint64(u.Maxrss))
		}
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return most
	}
	return most << 10
}
