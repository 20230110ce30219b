package explore_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/pgalloc"
	"ptsim/rcuhead"
)

// runNatively runs a model once with goroutines for CPUs, real atomics and the emulator's own RCU, each task at a pace of
// its own. It returns the kinds of what was found wrong.
func runNatively(t *testing.T, mo *explore.Model, rng *rand.Rand) map[string]bool {
	in := mo.Build(mo.Tasks+1, nil)
	m := in.M
	rcu := rcuhead.NewNative(m)
	var start, done sync.WaitGroup
	start.Add(1)
	for i := range in.Tasks {
		task, c := &in.Tasks[i], m.CPU(i)
		pace := rand.New(rand.NewPCG(rng.Uint64(), uint64(i)))
		slow := pace.IntN(3)
		done.Add(1)
		rcu.Online(c)
		go func() {
			defer done.Done()
			defer rcu.Offline(c)
			start.Wait()
			f := task.Start
			for _, op := range task.Ops {
				for range pace.IntN(1 + 40*slow*slow) {
					runtime.KeepAlive(pace)
				}
				if pace.IntN(4) < slow {
					runtime.Gosched()
				}
				f = op.Run(c, f)
				if !c.RCUReading() && pace.IntN(2) == 0 {
					rcu.Quiescent(c)
				}
			}
		}()
	}
	start.Done()
	done.Wait()
	c := m.CPU(mo.Tasks)
	rcu.Online(c)
	rcu.Barrier(c)
	rcu.Offline(c)
	rcu.Close()
	kinds := map[string]bool{}
	vs, _ := m.Violations()
	for _, v := range vs {
		kinds[v.Kind.String()] = true
	}
	if len(vs) == 0 {
		if v := in.Final(); v != nil {
			kinds[v.Kind.String()] = true
		}
	}
	return kinds
}

// keepers is hoard with two tables for each of the two that keep them, so that they also take what comes back.
func keepers(v version) *explore.Model {
	mo := hoard(v, "defer")
	build := mo.Build
	mo.Name = "keepers"
	mo.Build = func(cpus int, sched kern.Scheduler) *explore.Instance {
		in := build(cpus, sched)
		for i := range in.Tasks[:2] {
			in.Tasks[i].Ops = append(in.Tasks[i].Ops, in.Tasks[i].Ops[0])
		}
		return in
	}
	return mo
}

// What happens on goroutines is among what the explorer says can happen: it ends in one of the states that the explorer
// knows, and what goes wrong is of a kind that it knows. Under the race detector this also says that no two CPUs reach a
// word at once but by atomics.
func TestNativeRunsEndWhereTheExplorerDoes(t *testing.T) {
	runs := 8 // of each; making a machine is what takes time
	if *big {
		runs = 100
	}
	rng := rand.New(rand.NewPCG(1, 2))
	type model struct {
		mo   *explore.Model
		draw drawing
	}
	ends := 0
	for i, v := range versions() {
		how := [][2]string{{"free t0", "tlbfree t2\n  flush"}, {"defer t0", "free t2"}, {"tlbfree t0\n flush", "defer t2"}}[i%3]
		for _, c := range []model{
			{hoard(v, []string{"free", "tlbfree", "defer"}[i%3]), hoardPicture},
			{keepers(v), hoardPicture},
			{modelOf(t, "lists", fmt.Sprintf(lists, how[0], how[1]), v), picture},
			{modelOf(t, "S1", scenarioText(t, "S1", i%2), v), picture},
			{modelOf(t, "defer2", scenarioText(t, "defer2"), v), picture},
		} {
			known := byExplorer(t, c.mo, c.draw, options(2, explore.GraceAny))
			var f finals
			watched := f.watching(c.mo, c.draw)
			kinds := map[string]bool{}
			for range runs {
				for k := range runNatively(t, watched, rng) {
					kinds[k] = true
				}
			}
			what := fmt.Sprintf("%s of %s", c.mo.Name, v)
			require.Subset(t, known.finals, f.all(), what)
			require.Subset(t, names(known.kinds), names(kinds), what)
			if known.verdict == explore.Safe {
				require.NotEmpty(t, f.all(), what)
			}
			ends += len(f.all())
		}
	}
	assert.Greater(t, ends, 5*len(versions()), "some end in more than one way")
}

// A version that loses pages loses them natively, too, and never anything that the explorer does not know.
func TestNativeRunsBreakWhatIsBroken(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	v := version{pgalloc.RFCAsPosted, ""}
	mo := modelOf(t, "defer2", scenarioText(t, "defer2"), v)
	known := byExplorer(t, mo, picture, options(2, explore.GracePrecise))
	found := map[string]bool{}
	for range 400 {
		for k := range runNatively(t, mo, rng) {
			found[k] = true
		}
		if found[kern.PageLost.String()] {
			break
		}
	}
	assert.Contains(t, found, kern.PageLost.String())
	assert.Subset(t, names(known.kinds), names(found))
}
