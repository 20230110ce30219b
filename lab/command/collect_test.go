package command

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The next collection comes at 32 MiB as long as less than half of that is alive, and then as usual.
func TestCollectLate(t *testing.T) {
	for live, want := range map[uint64]int{0: 800, 4 << 20: 700, 8 << 20: 300, 16 << 20: 100, 20 << 20: 100, 32 << 20: 100, 1 << 40: 100} {
		assert.Equal(t, want, latePercent(live, 100), "%d bytes are alive", live)
	}
	was := debug.SetGCPercent(100)
	defer debug.SetGCPercent(was)
	t.Setenv("GOGC", "")
	putOff()
	assert.Equal(t, 800, debug.SetGCPercent(800))
	alive := make([][]byte, 0, 40)
	for range cap(alive) {
		alive = append(alive, make([]byte, 1<<20))
	}
	collected := func(want int) {
		got := 0
		for range 100 { // finalizers run when they come to it
			runtime.GC()
			if got = debug.SetGCPercent(100); got == want {
				break
			}
			debug.SetGCPercent(got)
			runtime.Gosched()
		}
		debug.SetGCPercent(got)
		assert.Equal(t, want, got)
	}
	collected(100)
	runtime.KeepAlive(alive)
}
