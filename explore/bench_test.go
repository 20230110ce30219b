package explore_test

import (
	"testing"

	"ptsim/explore"
	"ptsim/kern"
)

// BenchmarkSmallSearch is what a search costs that has a handful of states: mostly two machines to build.
func BenchmarkSmallSearch(b *testing.B) {
	mo := small("abba", func(m *kern.Machine, g kern.Addr) []explore.Task {
		task := func(l1, l2 kern.Addr) []explore.Operation {
			return []explore.Operation{do("both", func(c *kern.CPU) {
				kern.SpinLock(c, l1)
				kern.SpinLock(c, l2)
				kern.SpinUnlock(c, l2)
				kern.SpinUnlock(c, l1)
			})}
		}
		return []explore.Task{{Name: "A", Ops: task(g, g+1)}, {Name: "B", Ops: task(g, g+1)}}
	})
	for b.Loop() {
		if r, err := explore.Exhaustive(mo, explore.Defaults()); err != nil || r.Verdict != explore.Safe {
			b.Fatal(r.Verdict, err)
		}
	}
}
