package tolitmus_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/litmus"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/tolitmus"
	"ptsim/kern"
	"ptsim/memory"
)

// code is a task of a small model: g is an object with eight words. At first word 1 is 1, and word 3 is 2.
type code func(c *kern.CPU, g kern.Addr)

// model has a task for each code.
func model(final func(m *kern.Machine, g kern.Addr) bool, codes ...code) *explore.Model {
	return &explore.Model{Name: "small", Tasks: len(codes), Build: func(cpus int, sched kern.Scheduler) *explore.Instance {
		m := kern.NewMachine(kern.Config{Frames: 4, CPUs: cpus, Scheduler: sched})
		g := m.NewCache(kern.CacheConfig{Name: "g", Words: 8}).Alloc(m.CPU(0))
		kern.WriteOnce(m.CPU(0), g+1, 1)
		kern.WriteOnce(m.CPU(0), g+3, 2)
		in := &explore.Instance{M: m}
		for i, f := range codes {
			in.Tasks = append(in.Tasks, explore.Task{Name: string(rune('A' + i)), Start: 0, Ops: []explore.Operation{
				{Name: "run", Run: func(c *kern.CPU, f0 explore.Frame) explore.Frame { f(c, g); return f0 }},
			}})
		}
		if final != nil {
			in.Final = func() *kern.Violation {
				if final(m, g) {
					return nil
				}
				return &kern.Violation{Kind: kern.Imbalance, Detail: "it ends wrongly"}
			}
		}
		return in
	}}
}

func write(t *testing.T, m *explore.Model) (*tolitmus.Test, error) {
	t.Helper()
	name := func(a kern.Addr) string { return "g" + string(rune('a'+a%26)) }
	return tolitmus.Write(tolitmus.Question{Name: "small", Model: m, Word: name, Thing: name})
}

// agrees wants the test to say under each memory model what the explorer says, and the first and last of that to be wanted: under sc and
// lkmm.
func agrees(t *testing.T, m *explore.Model, text string) (wrong [3]bool) {
	t.Helper()
	if dir := os.Getenv("PTSIM_WRITTEN"); dir != "" { // for herd7 to read
		require.NoError(t, os.WriteFile(filepath.Join(dir, strings.ReplaceAll(t.Name()+"-"+strings.Fields(text)[1], "/", "-")+".litmus"), []byte(text), 0o600))
	}
	test, err := litmus.Parse("written.litmus", text)
	require.NoError(t, err, text)
	for i, model := range []memory.Model{memory.SC, memory.TSO, memory.LKMM} {
		opt := explore.Defaults()
		opt.Model, opt.Plain = model, true
		r, err := explore.Exhaustive(m, opt)
		require.NoError(t, err)
		require.NotEqual(t, explore.Incomplete, r.Verdict)
		got, err := litmus.Run(context.Background(), test, litmus.Options{Model: model})
		require.NoError(t, err)
		require.False(t, got.Bound)
		raced := r.Verdict == explore.Violated && r.Violation.Kind == kern.DataRace
		wrong[i] = got.Verdict() != "Never"
		if raced {
			assert.True(t, got.Raced || wrong[i], "%s: the explorer finds %s\n%s", model, r.Violation.Sentence(), text)
			continue
		}
		assert.Equal(t, r.Verdict == explore.Violated, wrong[i], "%s: explore says %s, the test %s\n%s", model, r.Verdict, got.Verdict(), text)
	}
	return wrong
}

// Each primitive that can be said means in the test what it means to the explorer, under each model: a reader and a writer, and whether
// something that must not be is seen.
func TestPrimitives(t *testing.T) {
	// reader gets what flag says, and then must see the word.
	reader := func(flag func(c *kern.CPU, g kern.Addr) bool) code {
		return func(c *kern.CPU, g kern.Addr) {
			if flag(c, g) {
				kern.Assert(c, kern.ReadOnce(c, g) == 7, "who sees the flag sees the word")
			}
		}
	}
	is1 := func(c *kern.CPU, g kern.Addr) bool { return kern.ReadOnce(c, g+2) == 1 }
	rmb := func(c *kern.CPU, g kern.Addr) bool { defer kern.SmpRMB(c); return is1(c, g) }
	set := func(before func(*kern.CPU), flag code) code {
		return func(c *kern.CPU, g kern.Addr) {
			kern.WriteOnce(c, g, 7)
			if before != nil {
				before(c)
			}
			flag(c, g)
		}
	}
	one := func(c *kern.CPU, g kern.Addr) { kern.WriteOnce(c, g+2, 1) }
	locked := func(lock, unlock func(*kern.CPU, kern.Addr)) code {
		return func(c *kern.CPU, g kern.Addr) {
			lock(c, g+4)
			was := kern.ReadOnce(c, g+5)
			kern.WriteOnce(c, g+5, was+1)
			unlock(c, g+4)
			kern.Assert(c, was < 2, "twice at most")
		}
	}
	for name, q := range map[string]struct {
		codes []code
		final func(m *kern.Machine, g kern.Addr) bool
		wrong [3]bool // under sc, tso and lkmm
	}{
		"mp":           {codes: []code{set(nil, one), reader(is1)}, wrong: [3]bool{false, false, true}},
		"mp wmb":       {codes: []code{set(kern.SmpWMB, one), reader(is1)}, wrong: [3]bool{false, false, true}},
		"mp rmb":       {codes: []code{set(nil, one), reader(rmb)}, wrong: [3]bool{false, false, true}},
		"mp both":      {codes: []code{set(kern.SmpWMB, one), reader(rmb)}},
		"mp mb":        {codes: []code{set(kern.SmpMB, one), reader(rmb)}},
		"release":      {codes: []code{set(nil, func(c *kern.CPU, g kern.Addr) { kern.SmpStoreRelease(c, g+2, 1) }), reader(rmb)}},
		"acquire":      {codes: []code{set(kern.SmpWMB, one), reader(func(c *kern.CPU, g kern.Addr) bool { return kern.SmpLoadAcquire(c, g+2) == 1 })}},
		"xchg":         {codes: []code{set(nil, func(c *kern.CPU, g kern.Addr) { kern.Xchg(c, g+2, 1) }), reader(rmb)}},
		"xchg relaxed": {codes: []code{set(nil, func(c *kern.CPU, g kern.Addr) { kern.XchgRelaxed(c, g+2, 1) }), reader(rmb)}, wrong: [3]bool{false, false, true}},
		"cmpxchg":      {codes: []code{set(kern.SmpWMB, one), reader(func(c *kern.CPU, g kern.Addr) bool { return kern.CmpXchg(c, g+2, 1, 2) == 1 })}},
		"cmpxchg acq":  {codes: []code{set(kern.SmpWMB, one), reader(func(c *kern.CPU, g kern.Addr) bool { return kern.CmpXchgAcquire(c, g+2, 1, 2) == 1 })}},
		"cmpxchg fails": {codes: []code{set(kern.SmpWMB, one), reader(func(c *kern.CPU, g kern.Addr) bool { return kern.CmpXchg(c, g+2, 5, 2) == 1 })},
			wrong: [3]bool{false, false, true}},
		"add return":    {codes: []code{set(nil, func(c *kern.CPU, g kern.Addr) { kern.AtomicAddReturn(c, g+2, 1) }), reader(rmb)}},
		"add":           {codes: []code{set(nil, func(c *kern.CPU, g kern.Addr) { kern.AtomicAdd(c, g+2, 1) }), reader(rmb)}, wrong: [3]bool{false, false, true}},
		"before atomic": {codes: []code{set(kern.SmpMBBeforeAtomic, func(c *kern.CPU, g kern.Addr) { kern.AtomicAdd(c, g+2, 1) }), reader(rmb)}},
		"xor":           {codes: []code{set(nil, func(c *kern.CPU, g kern.Addr) { kern.AtomicXorBits(c, g+2, 1) }), reader(func(c *kern.CPU, g kern.Addr) bool { return kern.AtomicXorBits(c, g+2, 4) == 5 })}},
		"or":            {codes: []code{set(nil, func(c *kern.CPU, g kern.Addr) { kern.AtomicFetchOr(c, g+2, 1) }), reader(func(c *kern.CPU, g kern.Addr) bool { return kern.AtomicFetchOr(c, g+2, 4) == 1 })}},
		"and not":       {codes: []code{set(nil, func(c *kern.CPU, g kern.Addr) { kern.AtomicFetchAndNot(c, g+1, 1) }), reader(func(c *kern.CPU, g kern.Addr) bool { return kern.AtomicFetchAndNot(c, g+1, 2) == 0 })}},
		"inc not zero": {codes: []code{set(kern.SmpWMB, func(c *kern.CPU, g kern.Addr) { kern.RefcountSet(c, g+2, 1) }), reader(func(c *kern.CPU, g kern.Addr) bool { return kern.RefcountIncNotZero(c, g+2) })},
			wrong: [3]bool{false, false, true}},
		"inc not zero rmb": {codes: []code{set(kern.SmpWMB, func(c *kern.CPU, g kern.Addr) { kern.RefcountSet(c, g+2, 1) }), reader(func(c *kern.CPU, g kern.Addr) bool { defer kern.SmpRMB(c); return kern.RefcountIncNotZero(c, g+2) })}},
		"add unless":       {codes: []code{set(kern.SmpWMB, one), reader(func(c *kern.CPU, g kern.Addr) bool { return kern.AtomicAddUnless(c, g+2, 1, 0) })}},
		"dec and test": {codes: []code{func(c *kern.CPU, g kern.Addr) { kern.WriteOnce(c, g, 7); kern.RefcountDecAndTest(c, g+3) },
			reader(func(c *kern.CPU, g kern.Addr) bool { return kern.RefcountDecAndTest(c, g+3) })}},
		"sub and test": {codes: []code{func(c *kern.CPU, g kern.Addr) { kern.RefcountAdd(c, 2, g+1); kern.RefcountSubAndTest(c, 2, g+1) }, func(c *kern.CPU, g kern.Addr) { kern.RefcountInc(c, g+1); kern.RefcountDec(c, g+1) }},
			final: func(m *kern.Machine, g kern.Addr) bool { return m.Peek(g+1) == 1 }},
		"sb": {codes: []code{func(c *kern.CPU, g kern.Addr) {
			kern.WriteOnce(c, g+2, 1)
			kern.WriteOnce(c, g+6, 1+kern.ReadOnce(c, g+5))
		}, func(c *kern.CPU, g kern.Addr) {
			kern.WriteOnce(c, g+5, 1)
			kern.WriteOnce(c, g+7, 1+kern.ReadOnce(c, g+2))
		}}, final: func(m *kern.Machine, g kern.Addr) bool { return m.Peek(g+6) != 1 || m.Peek(g+7) != 1 }, wrong: [3]bool{false, true, true}},
		"spin locks": {codes: []code{locked(kern.SpinLock, kern.SpinUnlock), locked(kern.SpinLock, kern.SpinUnlock)}, final: func(m *kern.Machine, g kern.Addr) bool { return m.Peek(g+5) == 2 }},
		"bh locks":   {codes: []code{locked(kern.SpinLockBH, kern.SpinUnlockBH), locked(kern.SpinLockBH, kern.SpinUnlockBH)}, final: func(m *kern.Machine, g kern.Addr) bool { return m.Peek(g+5) == 2 }},
		"mutexes":    {codes: []code{locked(kern.MutexLock, kern.MutexUnlock), locked(kern.MutexLock, kern.MutexUnlock)}, final: func(m *kern.Machine, g kern.Addr) bool { return m.Peek(g+5) == 2 }},
		"no lock": {codes: []code{locked(func(*kern.CPU, kern.Addr) {}, func(*kern.CPU, kern.Addr) {}), locked(func(*kern.CPU, kern.Addr) {}, func(*kern.CPU, kern.Addr) {})},
			final: func(m *kern.Machine, g kern.Addr) bool { return m.Peek(g+5) == 2 }, wrong: [3]bool{true, true, true}},
		"trylock": {codes: []code{func(c *kern.CPU, g kern.Addr) {
			if kern.SpinTrylock(c, g+4) {
				kern.WriteOnce(c, g+5, 1)
				kern.SpinUnlock(c, g+4)
			}
		}, func(c *kern.CPU, g kern.Addr) {
			if kern.SpinTrylock(c, g+4) {
				kern.WriteOnce(c, g+5, 2)
				kern.SpinUnlock(c, g+4)
			}
		}}, final: func(m *kern.Machine, g kern.Addr) bool { return m.Peek(g+5) != 2 }, wrong: [3]bool{true, true, true}},
		"grace period": {codes: []code{func(c *kern.CPU, g kern.Addr) {
			kern.RCUReadLock(c)
			if kern.ReadOnce(c, g+1) == 1 {
				kern.Assert(c, kern.ReadOnce(c, g+2) == 0, "it is kept for readers")
			}
			kern.RCUReadUnlock(c)
		}, func(c *kern.CPU, g kern.Addr) {
			kern.WriteOnce(c, g+1, 0)
			kern.SynchronizeRCU(c)
			kern.WriteOnce(c, g+2, 9)
		}}},
		"no reader": {codes: []code{func(c *kern.CPU, g kern.Addr) {
			if kern.ReadOnce(c, g+1) == 1 {
				kern.Assert(c, kern.ReadOnce(c, g+2) == 0, "it is kept for readers")
			}
		}, func(c *kern.CPU, g kern.Addr) {
			kern.WriteOnce(c, g+1, 0)
			kern.SynchronizeRCU(c)
			kern.WriteOnce(c, g+2, 9)
		}}, wrong: [3]bool{true, true, true}},
		"a spin lock is a reader": {codes: []code{func(c *kern.CPU, g kern.Addr) {
			kern.SpinLock(c, g+4)
			if kern.ReadOnce(c, g+1) == 1 {
				kern.Assert(c, kern.ReadOnce(c, g+2) == 0, "it is kept for readers")
			}
			kern.SpinUnlock(c, g+4)
		}, func(c *kern.CPU, g kern.Addr) {
			kern.WriteOnce(c, g+1, 0)
			kern.SynchronizeRCU(c)
			kern.WriteOnce(c, g+2, 9)
		}}},
		"a pointer": {codes: []code{func(c *kern.CPU, g kern.Addr) {
			kern.WriteOnce(c, g, 7)
			kern.SmpStoreRelease(c, g+2, uint32(g))
		}, func(c *kern.CPU, g kern.Addr) {
			if p := kern.Addr(kern.RCUDereference(c, g+2)); p != 0 {
				kern.Assert(c, kern.ReadOnce(c, p) == 7, "what a pointer leads to is there")
			}
		}}},
		"null": {codes: []code{func(c *kern.CPU, g kern.Addr) { kern.ReadOnce(c, kern.Addr(kern.ReadOnce(c, g+2))+1) }, one}, wrong: [3]bool{true, true, true}},
		"plain": {codes: []code{func(c *kern.CPU, g kern.Addr) { kern.Store(c, g, 7); kern.SmpStoreRelease(c, g+2, 1) }, func(c *kern.CPU, g kern.Addr) {
			if kern.SmpLoadAcquire(c, g+2) == 1 {
				kern.Assert(c, kern.Load(c, g) == 7, "who sees the flag sees the word")
			}
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			m := model(q.final, q.codes...)
			test, err := write(t, m)
			require.NoError(t, err)
			assert.Equal(t, q.wrong, agrees(t, m, test.Text), test.Text)
		})
	}
}

// What no litmus test can say is refused with the step and the reason.
func TestRefusals(t *testing.T) {
	quiet := func(c *kern.CPU, g kern.Addr) { kern.WriteOnce(c, g, 1) }
	for what, f := range map[string]code{
		"complete\\(\\) at .*: nobody in it waits for another":                                                                     func(c *kern.CPU, g kern.Addr) { kern.Complete(c, g+3) },
		"task B, a decision that the model leaves open at internal/tolitmus_test/tolitmus_test.go:\\d+: its tasks make no choices": func(c *kern.CPU, g kern.Addr) { kern.Choose(c, 2) },
		"smp_mb__after_unlock_lock":                                              func(c *kern.CPU, g kern.Addr) { kern.SmpMBAfterUnlockLock(c) },
		"a schedule comes to use-after-free, which no register":                  func(c *kern.CPU, g kern.Addr) { kern.RefcountInc(c, g) },
		"mutex_lock\\(\\) at .*: each schedule that came here found a violation": func(c *kern.CPU, g kern.Addr) { kern.MutexLock(c, g+4); kern.MutexLock(c, g+4) },
	} {
		_, err := write(t, model(nil, quiet, f))
		assert.Regexp(t, "^no litmus test can say this: .*"+what, err)
	}
}

// What cannot be said is told at once, also of a scenario whose search takes minutes.
func TestRefusesAtOnce(t *testing.T) {
	s, err := scenario.Load("S2")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	_, err = tolitmus.Scenario(ctx, s, "pinned/half", func(explore.Progress) { cancel() })
	assert.ErrorContains(t, err, "down_read() at internal/labs/pagetable/task.go")
}

// Scenarios of labs mean the same as litmus tests, under each memory model.
func TestScenariosAgree(t *testing.T) {
	for _, q := range []struct {
		scenario, version string
		wrong             [3]bool
	}{
		{"swap/on", "v5.14", [3]bool{}},
		{"swap/on", "no-rmb", [3]bool{false, false, true}},
		{"swap/on", "v5.3", [3]bool{}},
		{"swap/on", "valid-rmb", [3]bool{}},
		{"swap/on", "valid-unlocked", [3]bool{false, false, true}},
		{"swap/on", "no-grace-on", [3]bool{false, false, true}},
		{"swap/on", "early-resurrect", [3]bool{true, true, true}},
		{"swap/on", "late-init", [3]bool{true, true, true}},
	} {
		s, err := scenario.Load(q.scenario)
		require.NoError(t, err)
		v, err := question.VersionOf(s.Lab, q.version)
		require.NoError(t, err)
		test, err := tolitmus.Scenario(context.Background(), s, v, nil)
		if !assert.NoError(t, err) {
			continue
		}
		m, err := question.Model(s, v)
		require.NoError(t, err)
		assert.Equal(t, q.wrong, agrees(t, m, test.Text), "%s on %s", q.scenario, q.version)
	}
}
