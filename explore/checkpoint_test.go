package explore_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/memory"
)

// crowd is a model with so many states that nodes are merged and searches last a while: tasks that take a lock, count, and free
// an object through RCU. It breaks if a sum comes to a number, unless that is 0. With publishes the first task hands a word to
// the others by an atomic, so that there is something to keep views for.
func crowd(tasks, rounds int, breaks uint32, publishes bool) *explore.Model {
	build := func(cpus int, s kern.Scheduler) *explore.Instance {
		m := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 16, Scheduler: s})
		g := m.NewCache(kern.CacheConfig{Name: "global", Words: 8}).Alloc(m.CPU(0))
		k := m.NewCache(kern.CacheConfig{Name: "object", Words: 4})
		freed := m.RegisterFunc("freed", func(c *kern.CPU, head kern.Addr) {
			kern.AtomicAddReturn(c, g+2, 1)
			k.Free(c, head-2)
		})
		in := &explore.Instance{M: m}
		for range tasks {
			op := do("round", func(c *kern.CPU) {
				o := k.Alloc(c)
				kern.SpinLock(c, g)
				v := kern.Load(c, g+1)
				kern.Store(c, g+1, v+1)
				kern.SpinUnlock(c, g)
				if kern.Xchg(c, g+3, v) != v {
					kern.WriteOnce(c, g+4, v)
				}
				kern.CallRCU(c, o+2, freed)
				kern.AtomicAddReturn(c, g+5, kern.ReadOnce(c, g+4)+1)
			})
			t := explore.Task{Name: fmt.Sprint("T", len(in.Tasks))}
			switch {
			case publishes && len(in.Tasks) == 0:
				t.Ops = append(t.Ops, do("publish", func(c *kern.CPU) { kern.Store(c, g+6, 1); kern.Xchg(c, g+7, 1) }))
			case publishes:
				t.Ops = append(t.Ops, do("look", func(c *kern.CPU) {
					if kern.AtomicAddReturn(c, g+7, 0) == 1 {
						kern.Load(c, g+6)
					}
				}))
			}
			for range rounds {
				t.Ops = append(t.Ops, op)
			}
			in.Tasks = append(in.Tasks, t)
		}
		in.Final = func() *kern.Violation {
			if breaks > 0 && m.Peek(g+5) == breaks {
				return &kern.Violation{Kind: kern.Assertion, Addr: g + 5}
			}
			return nil
		}
		return in
	}
	return &explore.Model{Name: fmt.Sprintf("crowd-%d-%d-%d-%t", tasks, rounds, breaks, publishes), Tasks: tasks, Build: build}
}

// kindOfSearch is one to go on with.
type kindOfSearch struct {
	name   string
	opt    func(o *explore.Options)
	run    func(m *explore.Model, o explore.Options) (explore.Result, error)
	models []*explore.Model
}

func searches() []kindOfSearch {
	exhaustive := explore.Exhaustive
	shortest := func(m *explore.Model, o explore.Options) (explore.Result, error) {
		return explore.Shortest(m, o, kern.NoViolation)
	}
	bounded := func(m *explore.Model, o explore.Options) (explore.Result, error) { return explore.Bounded(m, o, 2) }
	none := func(*explore.Options) {}
	large := []*explore.Model{crowd(2, 2, 0, false), crowd(2, 2, 13, false)}
	little := []*explore.Model{crowd(2, 1, 0, false), crowd(2, 1, 4, false)}
	return []kindOfSearch{
		{"exhaustive", none, exhaustive, large},
		{"exhaustive, two threads", func(o *explore.Options) { o.Threads = 2 }, exhaustive, large[:1]},
		{"exhaustive, plain", func(o *explore.Options) { o.Plain = true }, exhaustive, little},
		{"exhaustive, all violations", func(o *explore.Options) { o.All = true }, exhaustive, large},
		{"exhaustive, views", func(o *explore.Options) { o.Races = explore.HappensBefore }, exhaustive, []*explore.Model{crowd(2, 1, 0, true)}},
		{"exhaustive, views if cheap", none, exhaustive, []*explore.Model{crowd(2, 1, 0, true)}},
		{"exhaustive, callbacks on the CPU", func(o *explore.Options) { o.Softirqs = explore.SoftirqsOnCPU }, exhaustive, large[:1]},
		{"exhaustive, lkmm", func(o *explore.Options) { o.Model, o.All = memory.LKMM, true }, exhaustive, []*explore.Model{crowd(2, 1, 0, false)}},
		{"shortest, lkmm", func(o *explore.Options) { o.Model = memory.LKMM }, shortest, little[1:]},
		{"shortest", none, shortest, []*explore.Model{crowd(2, 1, 0, true), large[1]}},
		{"shortest, plain", func(o *explore.Options) { o.Plain = true }, shortest, little},
		{"bounded", none, bounded, large},
	}
}

// figures are those of a result that must not depend on whether the search was interrupted.
func figures(m *explore.Model, o explore.Options, r explore.Result) explore.Result {
	r.Elapsed, r.Bytes = 0, 0
	if o.Threads > 1 { // which way a state is come to first is up to the threads
		r.Depth, r.Runs, r.Transitions = 0, 0, 0
	}
	if r.Schedule != nil {
		r.Why += r.Schedule.Text()
		r.Schedule = nil
	}
	return r
}

// A search that is interrupted again and again, each time after another while, comes to what an uninterrupted one comes to.
func TestGoingOn(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for _, k := range searches() {
		for _, m := range k.models {
			opt := explore.Defaults()
			k.opt(&opt)
			t.Run(k.name+"/"+m.Name, func(t *testing.T) {
				begin := time.Now()
				want, err := k.run(m, opt)
				require.NoError(t, err)
				took := time.Since(begin)
				file := filepath.Join(t.TempDir(), "search")
				resumed := 0
				for try := 1; ; try++ {
					c, err := explore.OpenCheckpoint(file, "a crowd")
					require.NoError(t, err)
					c.Every = time.Duration(rng.Int64N(int64(took)) + 1)
					if _, _, ok := c.GoesOn(); ok {
						resumed++
					}
					ctx, cancel := context.WithCancel(context.Background())
					if try < 12 {
						time.AfterFunc(time.Duration(rng.Int64N(int64(took)/3+1)), cancel)
					}
					o := opt
					o.Context, o.Checkpoint = ctx, c
					r, err := k.run(m, o)
					cancel()
					require.NoError(t, err)
					require.NoError(t, c.Close())
					if r.CutShort {
						assert.NotNil(t, r.Last)
						continue
					}
					assert.Equal(t, figures(m, opt, want), figures(m, opt, r), "after %d interruptions", try-1)
					t.Logf("%v; %d states, %s, went on %d times", took, r.States, r.Verdict, resumed)
					break
				}
				require.FileExists(t, file)
				c, err := explore.OpenCheckpoint(file, "a crowd")
				require.NoError(t, err)
				o := opt
				o.Checkpoint = c
				r, err := k.run(m, o)
				require.NoError(t, err)
				assert.Equal(t, figures(m, opt, want), figures(m, opt, r), "from a file that knows the answer")
				require.NoError(t, c.Close())
			})
		}
	}
}
