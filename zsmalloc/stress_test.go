package zsmalloc_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/rcuhead"
	"ptsim/zsmalloc"
)

// This file runs zsmalloc on goroutines, one a CPU: users that allocate, store, load and free; compactors that ask for any page frame there
// is; a kworker; and an RCU core. It is made for -race, and bounded by counts.

// yields lets every primitive happen at once, after a look at its pointers, and gives other goroutines the processor now and then, and for
// longer when a lock was released: so the windows that only a few instructions are open on a real machine are met on one with two
// processors.
type yields struct{ often uint32 }

func (y yields) Step(c *kern.CPU, op kern.Op) uint32 {
	if rand.Uint32N(y.often) == 0 {
		runtime.Gosched()
	}
	r := kern.Sanitizer{}.Step(c, op)
	if kern.PrimitiveOf(op.Kind).Gives != kern.NoLock && rand.Uint32N(8) == 0 {
		for range 200 {
			runtime.Gosched()
		}
	}
	return r
}

// crew is a machine at full speed.
type crew struct {
	m    *kern.Machine
	s    *zsmalloc.System
	rcu  *rcuhead.Native
	busy atomic.Int32 // users that are not through
	met  atomic.Int64 // times that a user found an object in another page than before

	recent [16]atomic.Uint32 // page frames that users had objects in
}

const (
	users      = 2
	compactors = 2
	stressCPUs = users + compactors + 1
	frames     = 512
)

// stress runs the crew for so many rounds of each user. It returns how often a user met an object that had been moved, and what is wrong
// when all is quiet.
func stress(cfg zsmalloc.Config, rounds int, sched kern.Scheduler, report func(*kern.Violation)) (met int64, bad *kern.Violation, err error) {
	m := kern.NewMachine(kern.Config{CPUs: stressCPUs, Frames: frames, Report: report})
	s, err := zsmalloc.New(m, cfg)
	if err != nil {
		return 0, nil, err
	}
	w := &crew{m: m, s: s, rcu: rcuhead.NewNative(m)}
	if sched != nil {
		m.Attach(sched)
	}
	s.ZsFree(m.CPU(0), s.ZsMalloc(m.CPU(0))) // there are frames now
	w.busy.Store(users)
	var wg sync.WaitGroup
	for i := range stressCPUs {
		c := m.CPU(i)
		w.rcu.Online(c)
		rnd := rand.New(rand.NewPCG(uint64(i), 7))
		wg.Go(func() {
			switch {
			case i < users:
				w.use(c, rnd, rounds)
				w.busy.Add(-1)
			case i < users+compactors:
				w.compact(c, rnd)
			default:
				w.work(c)
			}
			w.rcu.Offline(c)
		})
	}
	wg.Wait()
	c := m.CPU(0)
	w.rcu.Online(c)
	kern.RunWork(c)
	w.rcu.Barrier(c)
	w.rcu.Offline(c)
	w.rcu.Close()
	m.Attach(nil)
	return w.met.Load(), s.Audit(zsmalloc.Rest{Zspages: s.Zspages(), Handles: s.Handles(), Frames: func(f func(p kern.PFN)) {
		m.Frames(func(p kern.PFN, free bool) {
			if !free {
				f(p)
			}
		})
	}}), nil
}

// owned is an object as its user knows it.
type owned struct {
	h  zsmalloc.Handle
	v  uint32
	at kern.Addr
}

// use is a user: it has a few objects, and knows what is in them.
func (w *crew) use(c *kern.CPU, rnd *rand.Rand, rounds int) {
	var mine []owned
	for n := range rounds {
		switch k := rnd.IntN(8); {
		case len(mine) == 0 || k < 2 && len(mine) < 5:
			o := owned{h: w.s.ZsMalloc(c), v: uint32(c.ID())<<24 | uint32(n)}
			o.at = w.s.ZsMapObject(c, o.h)
			kern.Store(c, o.at, o.v)
			for _, p := range w.s.PagesOf(w.s.ZspageOf(o.h)) { // they stay while the object is mapped
				w.recent[rnd.IntN(len(w.recent))].Store(uint32(p.PFN()))
			}
			w.s.ZsUnmapObject(c, o.h)
			mine = append(mine, o)
		case k < 5:
			o := &mine[rnd.IntN(len(mine))]
			at := w.s.ZsMapObject(c, o.h)
			kern.Assert(c, kern.Load(c, at) == o.v, "an object holds what was stored in it")
			w.s.ZsUnmapObject(c, o.h)
			if at != o.at {
				o.at = at
				w.met.Add(1)
			}
		default:
			at := rnd.IntN(len(mine))
			w.s.ZsFree(c, mine[at].h)
			mine = append(mine[:at], mine[at+1:]...)
		}
		w.rcu.Quiescent(c)
	}
	for _, o := range mine {
		w.s.ZsFree(c, o.h)
	}
}

// compact is compaction: any page frame will do, also one that is free, or somebody else's by the time that it is looked at.
func (w *crew) compact(c *kern.CPU, rnd *rand.Rand) {
	for w.busy.Load() > 0 {
		p := kern.PFN(w.recent[rnd.IntN(len(w.recent))].Load())
		if p == 0 || rnd.IntN(8) == 0 {
			p = kern.PFN(1 + rnd.IntN(32)) // the frames that CPU 0 has first
		}
		w.s.MigratePages(c, zsmalloc.PageOf(p))
		w.rcu.Quiescent(c)
		runtime.Gosched()
	}
}

// work is the kworker.
func (w *crew) work(c *kern.CPU) {
	for w.busy.Load() > 0 {
		kern.RunWork(c)
		w.rcu.Quiescent(c)
		runtime.Gosched()
	}
}

// TestNativeRightVersionsSurvive runs each right version at full speed, and with processors that are taken away.
func TestNativeRightVersionsSurvive(t *testing.T) {
	rounds := 5000
	if testing.Short() {
		rounds = 2000
	}
	for _, i := range zsmalloc.Variants() {
		if i.Flawed != "" {
			continue
		}
		for _, pages := range []int{1, 2} {
			for _, sched := range []kern.Scheduler{nil, yields{8}} {
				t.Run(fmt.Sprintf("%s/%d pages/yields %v", i.Variant, pages, sched != nil), func(t *testing.T) {
					n := rounds
					if sched != nil {
						n /= 10
					}
					met, bad, err := stress(zsmalloc.Config{Variant: i.Variant, PagesPerZspage: pages, DebugVM: true}, n, sched, fatal)
					require.NoError(t, err)
					if bad != nil {
						require.Fail(t, bad.Sentence())
					}
					if sched != nil {
						assert.Positive(t, met, "nothing was ever moved")
					}
				})
			}
		}
	}
}

// fatal ends the process at the first violation: who has broken something may wait for it for ever.
func fatal(v *kern.Violation) {
	fmt.Println(v.Splat())
	os.Exit(3)
}

// wrongRounds is how many rounds of its users a wrong version is given, several times what any has been seen to need.
const wrongRounds = 50_000

// stressed names the version that a process of TestNativeWrongVersionsFall runs.
const stressed = "PTSIM_ZSMALLOC_STRESS"

// TestNativeWrongVersionsFall runs each wrong version that can fall at full speed in a process of its own, which ends with the first
// violation, or at a data race that Go finds. Two are left to the explorer, rcu-no-read-lock and rcu-early-unlock: a whole grace period must
// pass within the window of one instruction.
func TestNativeWrongVersionsFall(t *testing.T) {
	if v := os.Getenv(stressed); v != "" {
		pages, _ := strconv.Atoi(v[:1])
		_, bad, err := stress(zsmalloc.Config{Variant: zsmalloc.Variant(v[2:]), PagesPerZspage: pages}, wrongRounds, yields{8}, func(v *kern.Violation) {
			fmt.Println("violation:", v.Sentence())
			os.Exit(3)
		})
		require.NoError(t, err)
		if bad != nil {
			fmt.Println("violation:", bad.Sentence())
			os.Exit(3)
		}
		return
	}
	for _, v := range []zsmalloc.Variant{
		zsmalloc.NoPageLock, zsmalloc.LockPage, zsmalloc.OldWorker, zsmalloc.NoIsolateCheck, zsmalloc.OpenTarget, zsmalloc.NoZspageCheck,
		zsmalloc.Seed, zsmalloc.KeepOps, zsmalloc.NoListCheck, zsmalloc.LateGet,
	} {
		t.Run(string(v), func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestNativeWrongVersionsFall$")
			pages := "2/"
			if v == zsmalloc.OpenTarget || v == zsmalloc.LateGet {
				pages = "1/" // there is one page for the window to be about
			}
			cmd.Env = append(os.Environ(), stressed+"="+pages+string(v), "GORACE=halt_on_error=1")
			out, err := cmd.CombinedOutput()
			var status *exec.ExitError
			require.ErrorAs(t, err, &status, "it survives:\n%s", out)
			assert.Regexp(t, "violation: |WARNING: DATA RACE", string(out))
		})
	}
}
