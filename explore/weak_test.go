package explore_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/litmus"
	"ptsim/kern"
	"ptsim/memory"
)

// A weakOp is one operation of a small program, as a litmus test has it, and as kern has it.
type weakOp struct {
	text string // with %d for the register
	run  func(c *kern.CPU, g kern.Addr) uint32
	sets bool
}

var weakPrograms = flag.Int("weak", 40, "random programs that are compared with litmus tests")

var weakNames = []string{"x", "y", "z"}

// drawWeak draws an operation on one of three words, or a barrier.
func drawWeak(r *rand.Rand, value uint32) weakOp {
	w := kern.Addr(r.IntN(9) / 4)
	n := weakNames[w]
	loads := []struct {
		text string
		run  func(c *kern.CPU, a kern.Addr) uint32
	}{{"READ_ONCE(*%s)", kern.ReadOnce}, {"READ_ONCE(*%s)", kern.ReadOnce}, {"smp_load_acquire(%s)", kern.SmpLoadAcquire}}
	stores := []struct {
		text string
		run  func(c *kern.CPU, a kern.Addr, v uint32)
	}{{"WRITE_ONCE(*%s, %d)", kern.WriteOnce}, {"WRITE_ONCE(*%s, %d)", kern.WriteOnce}, {"smp_store_release(%s, %d)", kern.SmpStoreRelease}}
	swaps := []struct {
		text string
		run  func(c *kern.CPU, a kern.Addr, v uint32) uint32
	}{{"xchg(%s, %d)", kern.Xchg}, {"xchg_relaxed(%s, %d)", kern.XchgRelaxed}, {"xchg_acquire(%s, %d)", kern.XchgAcquire}, {"xchg_release(%s, %d)", kern.XchgRelease}}
	switch k := r.IntN(11); {
	case k < 4:
		l := loads[r.IntN(len(loads))]
		return weakOp{"int r%d = " + fmt.Sprintf(l.text, n), func(c *kern.CPU, g kern.Addr) uint32 { return l.run(c, g+w) }, true}
	case k < 8:
		s := stores[r.IntN(len(stores))]
		return weakOp{fmt.Sprintf(s.text, n, value), func(c *kern.CPU, g kern.Addr) uint32 { s.run(c, g+w, value); return 0 }, false}
	case k < 9:
		if r.IntN(2) == 0 {
			return weakOp{"int r%d = " + fmt.Sprintf("cmpxchg(%s, 0, %d)", n, value), func(c *kern.CPU, g kern.Addr) uint32 { return kern.CmpXchg(c, g+w, 0, value) }, true}
		}
		s := swaps[r.IntN(len(swaps))]
		return weakOp{"int r%d = " + fmt.Sprintf(s.text, n, value), func(c *kern.CPU, g kern.Addr) uint32 { return s.run(c, g+w, value) }, true}
	}
	fence := []struct {
		text string
		run  func(c *kern.CPU)
	}{{"smp_mb()", kern.SmpMB}, {"smp_rmb()", kern.SmpRMB}, {"smp_wmb()", kern.SmpWMB}}[r.IntN(3)]
	return weakOp{fence.text, func(c *kern.CPU, g kern.Addr) uint32 { fence.run(c); return 0 }, false}
}

// wrapped puts operations into a lock, a reader, or beside a grace period.
func wrapped(r *rand.Rand, ops []weakOp) []weakOp {
	lock := kern.Addr(3)
	step := func(text string, run func(c *kern.CPU, g kern.Addr)) weakOp {
		return weakOp{text, func(c *kern.CPU, g kern.Addr) uint32 { run(c, g); return 0 }, false}
	}
	switch r.IntN(8) {
	case 0:
		ops = append([]weakOp{step("spin_lock(l)", func(c *kern.CPU, g kern.Addr) { kern.SpinLock(c, g+lock) })}, ops...)
		ops = append(ops, step("spin_unlock(l)", func(c *kern.CPU, g kern.Addr) { kern.SpinUnlock(c, g+lock) }))
	case 1:
		ops = append([]weakOp{step("rcu_read_lock()", func(c *kern.CPU, g kern.Addr) { kern.RCUReadLock(c) })}, ops...)
		ops = append(ops, step("rcu_read_unlock()", func(c *kern.CPU, g kern.Addr) { kern.RCUReadUnlock(c) }))
	case 2:
		sync := step("synchronize_rcu()", func(c *kern.CPU, g kern.Addr) { kern.SynchronizeRCU(c) })
		ops = append(ops[:1:1], append([]weakOp{sync}, ops[1:]...)...)
	}
	return ops
}

// TestWeakIsLitmus runs random programs as litmus tests and as code under the explorer, and wants the same outcomes.
func TestWeakIsLitmus(t *testing.T) {
	beyond, queued := 0, 0
	programs := *weakPrograms
	for seed := range uint64(programs) {
		r := rand.New(rand.NewPCG(seed, 13))
		value := uint32(0)
		var threads [][]weakOp
		n := 2 + r.IntN(2)
		for range n {
			var ops []weakOp
			for range 5 - n + r.IntN(2) {
				value++
				ops = append(ops, drawWeak(r, value))
			}
			threads = append(threads, wrapped(r, ops))
		}
		text := weakText(threads)
		if strings.Contains(text, "synchronize_rcu") && strings.Contains(text, "spin_lock(l)") {
			continue // who holds a spin lock is a reader here, as in the kernel, and none in a litmus test
		}
		test, err := litmus.Parse("random", text)
		require.NoError(t, err, text)
		for _, m := range []memory.Model{memory.SC, memory.TSO, memory.LKMM} {
			res, err := litmus.Run(context.Background(), test, litmus.Options{Model: m})
			require.NoError(t, err)
			var want []string
			for _, v := range res.Finals {
				want = append(want, test.FinalState(v))
			}
			sort.Strings(want)
			have := exploredOutcomes(t, threads, m, text)
			if !assert.Equal(t, want, have, "seed %d, %s\n%s", seed, m, text) {
				return
			}
			switch m {
			case memory.LKMM:
				beyond += len(have)
			case memory.TSO:
				queued += len(have)
			default:
				beyond -= len(have)
				queued -= len(have)
			}
		}
	}
	assert.Greater(t, beyond, programs/8, "the programs hardly show the memory model")
	assert.Greater(t, queued, programs/16, "the programs hardly show queues of stores")
}

func weakText(threads [][]weakOp) string {
	var b strings.Builder
	fmt.Fprint(&b, "C random\n{}\n")
	var observed []string
	for t, ops := range threads {
		fmt.Fprintf(&b, "P%d(int *x, int *y, int *z, spinlock_t *l) {\n", t)
		n := 0
		for _, o := range ops {
			line := o.text
			if o.sets {
				line = fmt.Sprintf(o.text, n)
				observed = append(observed, fmt.Sprintf("%d:r%d", t, n))
				n++
			}
			fmt.Fprintf(&b, "\t%s;\n", line)
		}
		fmt.Fprint(&b, "}\n")
	}
	fmt.Fprintf(&b, "locations [%s; x; y; z]\nexists (x=9)\n", strings.Join(observed, "; "))
	return b.String()
}

// exploredOutcomes explores the program, and returns its final states as the litmus test writes them.
func exploredOutcomes(t *testing.T, threads [][]weakOp, m memory.Model, text string) []string {
	t.Helper()
	all := map[string]bool{}
	build := func(cpus int, s kern.Scheduler) *explore.Instance {
		k := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 16, Scheduler: s})
		g := k.NewCache(kern.CacheConfig{Name: "shared", Words: 8}).Alloc(k.CPU(0))
		own := k.NewCache(kern.CacheConfig{Name: "registers", Words: 32}).Alloc(k.CPU(0))
		in := &explore.Instance{M: k}
		for i, ops := range threads {
			in.Tasks = append(in.Tasks, explore.Task{Name: fmt.Sprint("P", i), Ops: []explore.Operation{do("all", func(c *kern.CPU) {
				var got []uint32
				for _, o := range ops {
					if v := o.run(c, g); o.sets {
						got = append(got, v)
					}
				}
				for n, v := range got {
					kern.Store(c, own+kern.Addr(8*i+n), v)
				}
			})}})
		}
		in.Final = func() *kern.Violation {
			var parts []string
			for i, ops := range threads {
				n := 0
				for _, o := range ops {
					if o.sets {
						parts = append(parts, fmt.Sprintf("%d:r%d=%d;", i, n, k.Peek(own+kern.Addr(8*i+n))))
						n++
					}
				}
			}
			for w, name := range weakNames {
				parts = append(parts, fmt.Sprintf("[%s]=%d;", name, k.Peek(g+kern.Addr(w))))
			}
			all[strings.Join(parts, " ")] = true
			return nil
		}
		return in
	}
	opt := explore.Defaults()
	opt.Model, opt.Plain, opt.NoMerge, opt.NoSleep = m, true, true, true
	r, err := explore.Exhaustive(&explore.Model{Name: "random", Tasks: len(threads), Build: build}, opt)
	require.NoError(t, err, text)
	require.Equal(t, explore.Safe, r.Verdict, "%s\n%v", text, r.Violation)
	var list []string
	for s := range all {
		list = append(list, s)
	}
	sort.Strings(list)
	return list
}

// weakModel is a model of two tasks on shared words, which is violated if the last word is 9 at the end.
func weakModel(name string, codes ...code) *explore.Model {
	return small(name, func(_ *kern.Machine, g kern.Addr) []explore.Task {
		var tasks []explore.Task
		for i, f := range codes {
			tasks = append(tasks, explore.Task{Name: string(rune('A' + i)), Ops: []explore.Operation{do("op", func(c *kern.CPU) { f(c, g) })}})
		}
		return tasks
	})
}

// odd reports the outcome that a protocol must not have.
func odd(c *kern.CPU, what string) {
	c.Report(&kern.Violation{Kind: kern.Warned, Detail: what})
}

// TestWeakProtocols runs shapes of two discussions on the kernel's list: a swap device that is published by a store with
// release and found by a plain read; and a slot that is used again behind a reference count.
func TestWeakProtocols(t *testing.T) {
	const users, swapMap, lock, other = 0, 1, 2, 3
	on := func(publish code) code {
		return func(c *kern.CPU, g kern.Addr) { kern.WriteOnce(c, g+swapMap, 1); publish(c, g) }
	}
	get := func(read func(*kern.CPU, kern.Addr) uint32, fence func(*kern.CPU)) code {
		return func(c *kern.CPU, g kern.Addr) {
			if read(c, g+users) != 0 {
				if fence(c); kern.ReadOnce(c, g+swapMap) == 0 {
					odd(c, "finds no map")
				}
			}
		}
	}
	release := on(func(c *kern.CPU, g kern.Addr) { kern.SmpStoreRelease(c, g+users, 1) })
	unlock := func(c *kern.CPU, g kern.Addr) {
		kern.SpinLock(c, g+lock)
		kern.WriteOnce(c, g+swapMap, 1)
		kern.SpinUnlock(c, g+lock)
		kern.WriteOnce(c, g+users, 1)
	}
	unlockLock := func(c *kern.CPU, g kern.Addr) {
		kern.SpinLock(c, g+lock)
		kern.WriteOnce(c, g+swapMap, 1)
		kern.SpinUnlock(c, g+lock)
		kern.SpinLock(c, g+other)
		kern.WriteOnce(c, g+users, 1)
		kern.SpinUnlock(c, g+other)
	}
	const slot, fn, ref = 0, 1, 2
	use := func(fence func(*kern.CPU)) code {
		return func(c *kern.CPU, g kern.Addr) {
			kern.WriteOnce(c, g+slot, 1)
			kern.WriteOnce(c, g+fn, 7)
			fence(c)
			kern.WriteOnce(c, g+ref, 1)
		}
	}
	find := func(fence func(*kern.CPU)) code {
		return func(c *kern.CPU, g kern.Addr) {
			if kern.ReadOnce(c, g+slot) == 1 && kern.CmpXchgRelaxed(c, g+ref, 1, 2) == 1 {
				if fence(c); kern.ReadOnce(c, g+fn) == 0 {
					odd(c, "finds no function")
				}
			}
		}
	}
	enter := func(mine, other kern.Addr, fence func(*kern.CPU)) code { // who finds the other away is alone
		return func(c *kern.CPU, g kern.Addr) {
			kern.WriteOnce(c, g+mine, 1)
			if fence(c); kern.ReadOnce(c, g+other) == 0 && kern.Xchg(c, g+3, 1) == 1 {
				odd(c, "finds no other, and both are in")
			}
		}
	}
	locked := func(mine, other kern.Addr, fence func(*kern.CPU)) code { // the release of a lock is a store as others are
		return func(c *kern.CPU, g kern.Addr) {
			kern.SpinLock(c, g+4+mine)
			kern.SpinUnlock(c, g+4+mine)
			enter(mine, other, fence)(c, g)
		}
	}
	for name, p := range map[string]struct {
		tasks []code
		safe  bool
	}{
		"swapon, no barrier":   {[]code{release, get(kern.ReadOnce, none)}, false},
		"swapon, smp_rmb":      {[]code{release, get(kern.ReadOnce, kern.SmpRMB)}, true},
		"swapon, acquire":      {[]code{release, get(kern.SmpLoadAcquire, none)}, true},
		"unlock is no barrier": {[]code{unlock, get(kern.ReadOnce, kern.SmpRMB)}, false},
		"unlock and lock are":  {[]code{unlockLock, get(kern.ReadOnce, kern.SmpRMB)}, true},
		"slot, no barrier":     {[]code{use(none), find(none)}, false},
		"slot, smp_wmb alone":  {[]code{use(kern.SmpWMB), find(none)}, false},
		"slot, smp_rmb alone":  {[]code{use(none), find(kern.SmpRMB)}, false},
		"slot, both":           {[]code{use(kern.SmpWMB), find(kern.SmpRMB)}, true},
		"dekker":               {[]code{enter(0, 1, none), enter(1, 0, none)}, false},
		"dekker, one smp_mb":   {[]code{enter(0, 1, kern.SmpMB), enter(1, 0, none)}, false},
		"dekker, smp_rmb":      {[]code{enter(0, 1, kern.SmpRMB), enter(1, 0, kern.SmpRMB)}, false},
		"dekker, smp_mb":       {[]code{enter(0, 1, kern.SmpMB), enter(1, 0, kern.SmpMB)}, true},
		"dekker, unlock":       {[]code{locked(0, 1, none), locked(1, 0, none)}, false},
		"dekker, unlock, mb":   {[]code{locked(0, 1, kern.SmpMB), locked(1, 0, kern.SmpMB)}, true},
	} {
		for _, m := range []memory.Model{memory.SC, memory.TSO, memory.LKMM} {
			opt := explore.Defaults()
			opt.Model = m
			r, err := explore.Exhaustive(weakModel(name, p.tasks...), opt)
			require.NoError(t, err)
			want := explore.Safe
			if m == memory.LKMM && !p.safe || m == memory.TSO && !p.safe && strings.HasPrefix(name, "dekker") {
				want = explore.Violated
			}
			assert.Equal(t, want, r.Verdict, "%s under %s: %v", name, m, r.Violation)
			if r.Verdict != explore.Violated {
				continue
			}
			short, err := explore.Shortest(weakModel(name, p.tasks...), opt, kern.NoViolation)
			require.NoError(t, err)
			require.Equal(t, explore.Violated, short.Verdict, name)
			text := short.Schedule.Text()
			assert.Contains(t, text, "@2,precise,"+memory.Spec{Model: m}.String()+":")
			sched, err := explore.ParseSchedule(text)
			require.NoError(t, err)
			replayed, err := explore.Replay(weakModel(name, p.tasks...), explore.Defaults(), sched, nil) // which says its model itself
			require.NoError(t, err)
			stepper, err := explore.NewStepper(weakModel(name, p.tasks...), opt)
			require.NoError(t, err)
			require.NoError(t, stepper.Follow(sched, nil))
			assert.Equal(t, replayed.Violation.Sentence(), stepper.Violation().Sentence())
			assert.Equal(t, sched.Text(), stepper.Text()) // the checksum is known once it was replayed
			stepper.Close()
			assert.LessOrEqual(t, replayed.Switches, 3, name)
			assert.Contains(t, fmt.Sprint(replayed.Violation.Detail), "finds no", name)
		}
	}
}

// TestStoreQueue steps through a store that waits in its queue: its CPU sees it, others do not, what orders waits for it, and grace
// periods wait for those of readers.
func TestStoreQueue(t *testing.T) {
	var saw []uint32
	m := weakModel("queue",
		func(c *kern.CPU, g kern.Addr) {
			kern.RCUReadLock(c)
			kern.WriteOnce(c, g, 7)
			kern.ReadOnce(c, g)
			kern.RCUReadUnlock(c)
			kern.Xchg(c, g+1, 1)
		},
		func(c *kern.CPU, g kern.Addr) {
			kern.SynchronizeRCU(c)
			kern.ReadOnce(c, g)
		})
	opt := explore.Defaults()
	opt.Model = memory.TSO
	p, err := explore.NewStepper(m, opt)
	require.NoError(t, err)
	defer p.Close()
	take := func(moves ...string) {
		for _, text := range moves {
			mv, err := p.ParseMove(text)
			require.NoError(t, err)
			did, err := p.Take(mv)
			require.NoError(t, err, text)
			for i := range did {
				if did[i].Op.Kind == kern.OpRead {
					saw = append(saw, did[i].Result)
				}
			}
		}
	}
	take("A", "A", "A", "A")
	assert.Equal(t, []uint32{7}, saw, "its own CPU sees it")
	assert.Equal(t, explore.ForQueue, p.Thread(0).Wait, "xchg waits for the queue")
	take("B") // the reader has left, and its store is still queued
	assert.Equal(t, explore.ForLock, p.Thread(1).Wait, "the grace period waits for the store")
	moves := p.Thread(0).Moves
	require.True(t, moves[len(moves)-1].Drains)
	assert.Equal(t, "A!q", p.MoveText(moves[len(moves)-1].Move))
	take("A!q")
	assert.Equal(t, explore.Ready, p.Thread(0).Wait)
	take("B", "B")
	assert.Equal(t, []uint32{7, 7}, saw)
	_, err = p.Take(explore.Move{Thread: 0, Item: explore.Drain})
	assert.ErrorContains(t, err, "A has no store in a queue")
	take("A")
	assert.True(t, p.Ended())
	sched, err := explore.ParseSchedule(p.Text())
	require.NoError(t, err)
	_, err = explore.Replay(m, opt, sched, nil)
	assert.NoError(t, err)
}

// TestWeakRefuses wants what is not modelled to be refused.
func TestWeakRefuses(t *testing.T) {
	m := weakModel("m", func(c *kern.CPU, g kern.Addr) { kern.WriteOnce(c, g, 1) })
	opt := explore.Defaults()
	opt.Model, opt.Workers = memory.TSO, 2
	_, err := explore.Exhaustive(m, opt)
	assert.ErrorContains(t, err, "several kworkers are not modelled")
	opt.Workers = 1
	opt.Model, opt.Softirqs = memory.LKMM, explore.SoftirqsOnCPU
	_, err = explore.Exhaustive(m, opt)
	assert.ErrorContains(t, err, "callbacks that interrupt tasks are not modelled")
	opt.Softirqs = 1
	two := func(c *kern.CPU, g kern.Addr) { kern.WriteOnce(c, g, 1) }
	shared := weakModel("shared", two, two)
	build := shared.Build
	shared.Build = func(cpus int, s kern.Scheduler) *explore.Instance {
		in := build(cpus, s)
		in.Tasks = on(in.Tasks, 1, 1)
		return in
	}
	_, err = explore.Exhaustive(shared, opt)
	assert.ErrorContains(t, err, "tasks that share a CPU are not modelled")
}

// TestPutPageIsABarrier has store buffering around put_page(), which drops the reference by an atomic that returns a value: it is fully
// ordered, though it is more than one word's.
func TestPutPageIsABarrier(t *testing.T) {
	for _, barrier := range []bool{false, true} {
		m := &explore.Model{Name: "put", Tasks: 2, Build: func(cpus int, sched kern.Scheduler) *explore.Instance {
			m := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 16, Scheduler: sched})
			g := m.NewCache(kern.CacheConfig{Name: "words", Words: 4}).Alloc(m.CPU(0))
			side := func(name string, mine, others kern.Addr) explore.Task {
				page := kern.AllocPages(m.CPU(0), 0, kern.GFPKernel)
				return explore.Task{Name: name, Ops: []explore.Operation{do(name, func(c *kern.CPU) {
					kern.WriteOnce(c, mine, 1)
					if barrier {
						kern.PutPage(c, page, 0)
					}
					kern.WriteOnce(c, mine+2, 1+kern.ReadOnce(c, others))
				})}}
			}
			return &explore.Instance{M: m, Tasks: []explore.Task{side("A", g, g+1), side("B", g+1, g)}, Final: func() *kern.Violation {
				if m.Peek(g+2) == 1 && m.Peek(g+3) == 1 {
					return &kern.Violation{Kind: kern.Assertion, Detail: "both read before the other's store"}
				}
				return nil
			}}
		}}
		opt := explore.Defaults()
		opt.Model = memory.LKMM
		r, err := explore.Exhaustive(m, opt)
		require.NoError(t, err)
		assert.Equal(t, barrier, r.Verdict == explore.Safe, "%s", r.Verdict)
	}
}

// TestShortestReadsFewOldStores has two schedules with one switch: one with a stale read more and a step less. The other is the one that
// explains.
func TestShortestReadsFewOldStores(t *testing.T) {
	const x, y, count, z = 0, 1, 2, 3
	m := weakModel("few", func(c *kern.CPU, g kern.Addr) {
		kern.WriteOnce(c, g+x, 1)
		kern.WriteOnce(c, g+y, 1)
		kern.XchgRelaxed(c, g+count, 1)
	}, func(c *kern.CPU, g kern.Addr) {
		behind := kern.XchgRelaxed(c, g+count, 2) == 1
		if kern.ReadOnce(c, g+x) == 1 {
			kern.ReadOnce(c, g+z)
		}
		if kern.ReadOnce(c, g+y) == 0 && behind {
			odd(c, "reads what is older")
		}
	})
	opt := explore.Defaults()
	opt.Model = memory.LKMM
	r, err := explore.Shortest(m, opt, kern.NoViolation)
	require.NoError(t, err)
	require.Equal(t, explore.Violated, r.Verdict)
	assert.Equal(t, 1, strings.Count(r.Schedule.Text(), "?"), "%s", r.Schedule.Text())
}
