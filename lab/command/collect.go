package command

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// lateBytes is how large the heap may grow before there is a garbage collection.
const lateBytes = 32 << 20

// collectLate puts garbage collections off until the heap has 32 MiB, from 4. Those of a search of a thousand states, or of a short
// trace, would take a fifth of its time, and of many small searches, one after the other, a twentieth. Where more than half of it
// is alive, all is as usual. Who has set GOGC has what he set.
var collectLate = sync.OnceFunc(putOff)

func putOff() {
	if os.Getenv("GOGC") != "" {
		return
	}
	now := latePercent(0, 0)
	usual := debug.SetGCPercent(now)
	var collected func(*[4]int)
	collected = func(*[4]int) { // after each collection
		if p := latePercent(liveBytes(), usual); p != now {
			now = p
			debug.SetGCPercent(p)
		}
		runtime.SetFinalizer(new([4]int), collected)
	}
	runtime.SetFinalizer(new([4]int), collected)
}

// latePercent is the GOGC by which the next collection comes at lateBytes, if so many bytes are alive; usual if more than half are.
func latePercent(live uint64, usual int) int {
	const least = 4 << 20 // Go takes the heap to be no smaller
	return max(usual, int(100*(lateBytes-int64(live))/max(int64(live), least)))
}

// liveBytes is what the last collection left.
func liveBytes() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	if s[0].Value.Kind() != metrics.KindUint64 {
		return lateBytes
	}
	return s[0].Value.Uint64()
}
