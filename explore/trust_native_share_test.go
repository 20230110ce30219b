package explore_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/rcuhead"
)

// shareNatively runs a model once with a goroutine for each task, and for a kworker. Those that share a CPU take turns on it.
func shareNatively(t *testing.T, mo *explore.Model, cpuOf func(task int) int, lax bool, rng *rand.Rand) {
	in := mo.Build(mo.Tasks+1, nil)
	m := in.M
	rcu := rcuhead.NewNative(m)
	queues := map[int]*kern.RunQueue{}
	var tasks, kworker sync.WaitGroup
	var over atomic.Bool
	start := make(chan struct{})
	for i := range in.Tasks {
		task, cpu := &in.Tasks[i], cpuOf(i)
		if queues[cpu] == nil {
			turns := rand.New(rand.NewPCG(rng.Uint64(), uint64(cpu)))
			often := 1 + turns.IntN(4)
			queues[cpu] = m.NewRunQueue(cpu)
			queues[cpu].Tick = func() bool { return turns.IntN(often) == 0 }
		}
		q, pace := queues[cpu], rng.IntN(3)
		c := q.Task(i, task.Name)
		c.SetLax(lax)
		rcu.Online(c)
		tasks.Go(func() {
			defer rcu.Offline(c)
			<-start
			q.Run(c, func(c *kern.CPU) {
				f := task.Start
				for _, op := range task.Ops {
					for range pace {
						runtime.Gosched()
					}
					f = op.Run(c, f)
				}
			})
			for before := uint64(0); before != c.CallbacksQueued(); { // its callbacks run on its CPU
				before = c.CallbacksQueued()
				q.Run(c, kern.RCUBarrier)
			}
		})
	}
	last := m.CPU(mo.Tasks)
	rcu.Online(last)
	kworker.Go(func() {
		for !over.Load() || m.PendingWork() > 0 {
			rcu.Quiescent(last)
			runtime.Gosched()
		}
	})
	close(start)
	done := make(chan struct{})
	go func() { tasks.Wait(); over.Store(true); kworker.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("it hangs")
	}
	rcu.Barrier(last)
	rcu.Offline(last)
	rcu.Close()
	vs, _ := m.Violations()
	require.Empty(t, vs)
	require.Nil(t, in.Final())
}

// allocates tells whether a program has to do with what an explorer allocates otherwise.
func (p *bruteProgram) allocates() (does bool) {
	p.each(func(i bruteInstr) {
		switch i.kind {
		case kern.OpSlabAlloc, kern.OpSlabFree, kern.OpKmalloc, kern.OpSlabDestroy, kern.OpAllocPages, kern.OpFreePages, kern.OpPutPage:
			does = true
		}
	})
	return does
}

// waitsForReaders tells whether a program waits for RCU in a task. Natively who does that is taken to be outside any reader.
func (p *bruteProgram) waitsForReaders() (does bool) {
	p.each(func(i bruteInstr) { does = does || i.kind == kern.OpSyncRCU || i.kind == kern.OpRCUBarrier })
	return does
}

// Random programs whose tasks share CPUs end natively as the explorer says that they can, if it says that they are safe,
// and that they can end in several ways.
func TestTasksThatShareCPUsEndNativelyAsTheExplorerSays(t *testing.T) { endAsExplored(t, false) }

// So do those that sleep where they must not, if that is let happen: who sleeps with preemption off gives its CPU up.
func TestLaxTasksThatShareCPUsEndNativelyAsTheExplorerSays(t *testing.T) { endAsExplored(t, true) }

func endAsExplored(t *testing.T, lax bool) {
	want, runs := 40, 6
	if lax { // few programs sleep where they must not and are safe all the same
		want = 15
	}
	if *big {
		want, runs = 600, 30
	}
	rng := rand.New(rand.NewPCG(5, 6))
	strict := bruteOptions(bruteSetting{explore.SoftirqsOnCPU, explore.GracePrecise, false})
	opt := bruteOptions(bruteSetting{explore.SoftirqsOnCPU, explore.GracePrecise, lax})
	programs, ends := 0, 0
	for n := uint64(0); programs < want; n++ {
		p := drawBrute(2, n).shareCPUs(n)
		if p.allocates() || lax && p.waitsForReaders() {
			continue
		}
		var mu sync.Mutex
		var seen map[string]bool
		var l *brutePlaces
		mo, places := bruteModel(p, func(in *explore.Instance) {
			var b strings.Builder
			for w := range kern.Addr(sharedSize) {
				if w >= bruteWords && w < bruteItems || w >= bruteTold && w < bruteTold+4 || w >= bruteCPUs {
					fmt.Fprintf(&b, "%d:%x ", w, in.M.Peek(l.shared+w))
				}
			}
			fmt.Fprintf(&b, "nodes %x %x", in.M.Peek(l.nodes[0]+nodeCount), in.M.Peek(l.nodes[1]+nodeCount))
			mu.Lock()
			seen[b.String()] = true
			mu.Unlock()
		})
		l, seen = places, map[string]bool{}
		r, err := explore.Exhaustive(mo, opt)
		require.NoError(t, err)
		if r.Verdict != explore.Safe || len(seen) < 2 {
			continue
		}
		if lax { // of interest is what only lax lets happen
			r, err := explore.Exhaustive(mo, strict)
			require.NoError(t, err)
			if r.Verdict != explore.Violated || r.Violation.Kind != kern.SleepInAtomic {
				continue
			}
		}
		programs++
		known := seen
		seen = map[string]bool{}
		for range runs {
			shareNatively(t, mo, p.cpu, lax, rng)
		}
		for end := range seen {
			require.Contains(t, known, end, "program %d: %s", n, p)
		}
		ends += len(seen)
	}
	t.Logf("%d programs, %d ends seen", programs, ends)
	assert.Greater(t, ends, programs+programs/4, "many end in more than one way")
}
