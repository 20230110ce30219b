package explore_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/pgalloc"
)

// Sleep sets leave out transitions, not states: random programs of every primitive have the same verdict, the same states
// and the same ends without them and with them, folded and step by step, with one thread and with two that share whatever
// they can.
func TestSleepSetsLoseNoState(t *testing.T) {
	defer explore.ShareAlways()()
	all, made := uint64(0), uint64(0)
	programs := 600
	from, n := brutePrograms(t)
	if n > 500 {
		programs = n
	}
	for i := from; i < from+programs; i++ {
		p := drawBrute(3, uint64(i))
		s := bruteSettings[i%len(bruteSettings)]
		w := newBruteWorld(t, p, s)
		if w == nil {
			continue
		}
		for _, plain := range []bool{false, true} {
			var want explore.Result
			var ends map[brutePicture]bool
			for k, c := range []struct {
				awake   bool
				threads int
			}{{true, 1}, {false, 1}, {false, 2}} {
				var mu sync.Mutex
				finals := map[brutePicture]bool{}
				mo, _ := bruteModel(w.bruteProgram, func(in *explore.Instance) {
					pic := w.draw(in.M.Peek, func(o int) bool { return in.Alive(w.bases[o]) })
					mu.Lock()
					finals[pic] = true
					mu.Unlock()
				})
				opt := w.options()
				opt.Plain, opt.Threads, opt.NoSleep, opt.NoMerge, opt.Races = plain, c.threads, c.awake, true, explore.Adjacent
				r, err := explore.Exhaustive(mo, opt)
				require.NoError(t, err)
				if k == 0 {
					want, ends = r, finals
					all += r.Transitions
					continue
				}
				if k == 1 {
					made += r.Transitions
				}
				what := fmt.Sprintf("program %d, softirqs %d, grace %s, plain %t, %d threads\n%s", i, s.softirqs, s.grace, plain, c.threads, p)
				require.Equal(t, want.Verdict, r.Verdict, what)
				if r.Verdict == explore.Safe {
					require.Equal(t, int(want.States), int(r.States), what)
					require.Equal(t, ends, finals, what)
				} else if c.threads == 1 {
					require.Equal(t, want.Schedule, r.Schedule, "the same violation is the first: "+what)
				}
			}
		}
	}
	assert.Less(t, made*10, all*9, "and they leave out some")
	t.Logf("%d transitions, %d with sleep sets", all, made)
}

// Transitions that are taken for independent are: in either order they lead to one state, and neither stops the other.
func TestIndependentTransitionsCommute(t *testing.T) {
	pairs, independent := 0, 0
	look := func(name any, p *bruteProgram, s bruteSetting, seed uint64, walks int) {
		w := newBruteWorld(t, p, s)
		if w == nil {
			return
		}
		mo, _ := bruteModel(w.bruteProgram, nil)
		for how := range 2 {
			n, ind, err := explore.Diamonds(mo, w.options(), how, seed, walks)
			require.NoError(t, err, "program %v, softirqs %d, grace %s, way %d\n%s", name, s.softirqs, s.grace, how, p)
			pairs, independent = pairs+n, independent+ind
		}
	}
	for i := range 800 {
		look(i, drawBrute(4, uint64(i)), bruteSettings[i%len(bruteSettings)], uint64(i), 10)
	}
	for name, p := range bruteDirected {
		for i, s := range bruteSettings {
			s.lax = true
			look(name, p.whole(), s, uint64(i), 40)
		}
	}
	t.Logf("%d pairs, %d independent", pairs, independent)
	assert.Greater(t, independent*3, pairs, "too few are known to be independent to be worth the while")
	assert.Less(t, independent, pairs)
}

// A work item that queues itself until a flag is set leads back to the state that it comes from. What a search leaves out
// because it comes to it later may then be what it waits for, so it must not rely on that.
func TestSleepAndCycles(t *testing.T) {
	for shape := range 24 {
		mo := small("again", func(m *kern.Machine, g kern.Addr) []explore.Task {
			work := g + 6
			var again kern.Func
			again = m.RegisterFunc("again", func(c *kern.CPU, _ kern.Addr) {
				if shape&1 == 0 {
					kern.WriteOnce(c, g+2, 0)
				}
				if kern.ReadOnce(c, g) == 0 {
					kern.QueueWork(c, work, again)
				}
			})
			write := func(at kern.Addr, v uint32) func(c *kern.CPU) {
				return func(c *kern.CPU) { kern.WriteOnce(c, at, v) }
			}
			other := g + 2 + kern.Addr(shape>>1&1)
			return []explore.Task{
				{Name: "start", Ops: []explore.Operation{do("queue", func(c *kern.CPU) { kern.QueueWork(c, work, again) }), do("w", write(g+3, 7))}},
				{Name: "stop", Ops: []explore.Operation{do("w", write(other, 5)), do("stop", write(g, 1))}},
				{Name: "look", Ops: []explore.Operation{do("copy", func(c *kern.CPU) { kern.WriteOnce(c, g+4, kern.ReadOnce(c, g+kern.Addr(shape>>2%4))) })}},
			}
		})
		var want explore.Result
		for i, opt := range []explore.Options{{NoSleep: true}, {}, {Threads: 2}, {Plain: true, NoSleep: true}, {Plain: true}, {Plain: true, Threads: 2}} {
			opt.Softirqs, opt.Workers, opt.NoMerge = 1, 1+shape/12, true // a search that may merge nodes makes everything at first
			r, err := explore.Exhaustive(mo, opt)
			require.NoError(t, err)
			require.Equal(t, explore.Safe, r.Verdict, r.Why)
			if i%3 == 0 {
				want = r
			}
			require.Equal(t, want.States, r.States, "shape %d, case %d", shape, i)
		}
	}
}

// The same of random programs: work items that queue themselves until a flag is set, and tasks that set the flags, read and write.
func TestSleepAndRandomCycles(t *testing.T) {
	defer explore.ShareAlways()()
	all, made := uint64(0), uint64(0)
	for i := range uint64(400) {
		rng := rand.New(rand.NewPCG(i, 7))
		access := func() func(c *kern.CPU, g kern.Addr) {
			a, b, v := kern.Addr(rng.IntN(4)), kern.Addr(rng.IntN(4)), rng.Uint32N(2)
			if rng.IntN(2) == 0 {
				return func(c *kern.CPU, g kern.Addr) { kern.WriteOnce(c, g+a, v) }
			}
			return func(c *kern.CPU, g kern.Addr) { kern.WriteOnce(c, g+a, kern.ReadOnce(c, g+b)) }
		}
		items := 1 + rng.IntN(2)
		var loops, ends [2]func(c *kern.CPU, g kern.Addr)
		for n := range items {
			loops[n], ends[n] = access(), access()
		}
		looks := []func(c *kern.CPU, g kern.Addr){access(), access()}
		mo := small("random", func(m *kern.Machine, g kern.Addr) []explore.Task {
			works := m.NewCache(kern.CacheConfig{Name: "works", Words: 4}).Alloc(m.CPU(0))
			var again [2]kern.Func
			start := []explore.Operation{}
			for n := range items {
				work, flag := works+kern.Addr(2*n), g+4+kern.Addr(n)
				again[n] = m.RegisterFunc("again"+strconv.Itoa(n), func(c *kern.CPU, _ kern.Addr) {
					loops[n](c, g)
					if kern.ReadOnce(c, flag) == 0 {
						kern.QueueWork(c, work, again[n])
					}
				})
				start = append(start, do("queue", func(c *kern.CPU) { kern.QueueWork(c, work, again[n]) }))
			}
			list := []explore.Task{{Name: "start", Ops: start}}
			for n := range items {
				list = append(list, explore.Task{Name: "stop" + strconv.Itoa(n), Ops: []explore.Operation{
					do("before", func(c *kern.CPU) { ends[n](c, g) }), do("stop", func(c *kern.CPU) { kern.WriteOnce(c, g+4+kern.Addr(n), 1) })}})
			}
			for n, look := range looks[:3-items] {
				list = append(list, explore.Task{Name: "look" + strconv.Itoa(n), Ops: []explore.Operation{do("look", func(c *kern.CPU) { look(c, g) })}})
			}
			return list
		})
		var want explore.Result
		for k, opt := range []explore.Options{{NoSleep: true}, {}, {Threads: 2}} {
			opt.Softirqs, opt.Workers, opt.NoMerge = 1, items, true
			r, err := explore.Exhaustive(mo, opt)
			require.NoError(t, err)
			require.Equal(t, explore.Safe, r.Verdict, r.Why)
			switch k {
			case 0:
				want = r
				all += r.Transitions
			case 1:
				made += r.Transitions
			}
			require.Equal(t, want.States, r.States, "program %d, case %d", i, k)
		}
	}
	assert.Less(t, made, all)
	t.Logf("%d transitions, %d with sleep sets", all, made)
}

// Callbacks that run side by side, on servers that stand for each other: which of them runs which does not matter, but that
// there is one left does.
func TestSleepAndServers(t *testing.T) {
	for shape := range 8 {
		mo := small("servers", func(m *kern.Machine, g kern.Addr) []explore.Task {
			heads := m.NewCache(kern.CacheConfig{Name: "heads", Words: 8}).Alloc(m.CPU(0))
			other := m.NewCache(kern.CacheConfig{Name: "heads2", Words: 8}).Alloc(m.CPU(0))
			var tasks []explore.Task
			for i := range kern.Addr(3) {
				head, at := heads+2*i, other+i
				if shape&1 != 0 && i == 2 {
					at = other
				}
				fn := m.RegisterFunc(fmt.Sprintf("callback%d", i), func(c *kern.CPU, _ kern.Addr) {
					for range 1 + int(i)*(shape>>1&1) {
						kern.AtomicXor(c, at, 1)
					}
					kern.AtomicXor(c, g+kern.Addr(shape>>2)*i, 3)
				})
				tasks = append(tasks, explore.Task{Name: "task", Ops: []explore.Operation{do("call", func(c *kern.CPU) { kern.CallRCU(c, head, fn) })}})
			}
			return tasks
		})
		for _, softirqs := range []int{1, 2, 3, explore.SoftirqsOnCPU} {
			for _, plain := range []bool{false, true} {
				opt := explore.Defaults()
				opt.Softirqs, opt.Plain, opt.NoSleep, opt.NoMerge = softirqs, plain, true, true
				want, err := explore.Exhaustive(mo, opt)
				require.NoError(t, err)
				opt.NoSleep = false
				for _, opt.Threads = range []int{1, 2} {
					r, err := explore.Exhaustive(mo, opt)
					require.NoError(t, err)
					require.Equal(t, want.States, r.States, "shape %d, softirqs %d, plain %t, %d threads", shape, softirqs, plain, opt.Threads)
					require.Less(t, r.Transitions, want.Transitions)
				}
				how := 0
				if plain {
					how = 1
				}
				_, _, err = explore.Diamonds(mo, opt, how, 1, 100)
				require.NoError(t, err, "shape %d, softirqs %d, plain %t", shape, softirqs, plain)
			}
		}
	}
}

// What a thread beneath a softirq would do next is taken over from one state to the next. Here each state looks again.
func TestBeneathSoftirqs(t *testing.T) {
	for _, name := range []string{"S1", "walk", "fault"} {
		for _, v := range []version{{pgalloc.Pinned, pgalloc.PinHalf}, {pgalloc.Active, ""}} {
			opt := explore.Defaults()
			opt.Softirqs, opt.Races = explore.SoftirqsOnCPU, explore.Adjacent
			seen, err := explore.Exhaustive(model(t, name, v), opt)
			require.NoError(t, err)
			again, err := explore.Exhaustive(model(t, name, v), explore.Doubting(explore.Merging(opt, 100)))
			require.NoError(t, err)
			require.Equal(t, seen.Verdict, again.Verdict, "%s on %s", name, v)
		}
	}
}
