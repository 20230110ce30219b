package explore_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
)

// A report of a deadlock names each lock that somebody waits for, and everybody who holds it: as what, and by task.
func TestDeadlockNamesTheHolders(t *testing.T) {
	type lock func(*kern.CPU, kern.Addr)
	// hold takes one lock and then waits for the other, which somebody holds by then.
	hold := func(name string, first lock, at kern.Addr, second lock, then kern.Addr) explore.Task {
		return explore.Task{Name: name, Ops: []explore.Operation{
			do("first", func(c *kern.CPU) { first(c, at) }), do("second", func(c *kern.CPU) { second(c, then) }),
		}}
	}
	for name, c := range map[string]struct {
		tasks func(g kern.Addr) []explore.Task
		want  string // A and B for the two words
	}{
		"spin locks": {func(g kern.Addr) []explore.Task {
			return []explore.Task{hold("a", kern.SpinLock, g, kern.SpinLock, g+1), hold("b", kern.SpinLock, g+1, kern.SpinLock, g)}
		}, "a waits to spin_lock B, which b holds; b waits to spin_lock A, which a holds"},
		"with BH off": {func(g kern.Addr) []explore.Task {
			return []explore.Task{hold("a", kern.SpinLockBH, g, kern.SpinLockBH, g+1), hold("b", kern.SpinLockBH, g+1, kern.SpinLockBH, g)}
		}, "a waits to spin_lock_bh B, which b holds; b waits to spin_lock_bh A, which a holds"},
		"writers": {func(g kern.Addr) []explore.Task {
			return []explore.Task{hold("a", kern.DownWrite, g, kern.DownWrite, g+1), hold("b", kern.DownWrite, g+1, kern.DownWrite, g)}
		}, "a waits to down_write B, which b holds as a writer; b waits to down_write A, which a holds as a writer"},
		"a reader waits": {func(g kern.Addr) []explore.Task {
			return []explore.Task{hold("a", kern.DownWrite, g, kern.DownRead, g+1), hold("b", kern.DownWrite, g+1, kern.DownRead, g)}
		}, "a waits to down_read B, which b holds as a writer; b waits to down_read A, which a holds as a writer"},
		"a lock and a semaphore": {func(g kern.Addr) []explore.Task {
			return []explore.Task{hold("a", kern.DownRead, g, kern.SpinLock, g+1), hold("b", kern.SpinLock, g+1, kern.DownWrite, g)}
		}, "a waits to spin_lock B, which b holds; b waits to down_write A, which a holds as a reader"},
		"two readers": {func(g kern.Addr) []explore.Task {
			return []explore.Task{hold("a", kern.DownRead, g, kern.DownRead, g+1), hold("b", kern.DownRead, g, kern.DownRead, g+1), hold("c", kern.DownWrite, g+1, kern.DownWrite, g)}
		}, "a waits to down_read B, which c holds as a writer; b waits to down_read B, which c holds as a writer; " +
			"c waits to down_write A, which a and b hold as readers"},
		"three readers": {func(g kern.Addr) []explore.Task {
			rd := func(n string) explore.Task { return hold(n, kern.DownRead, g, kern.DownRead, g+1) }
			return []explore.Task{rd("a"), rd("b"), rd("c"), hold("d", kern.DownWrite, g+1, kern.DownWrite, g)}
		}, "c waits to down_read B, which d holds as a writer; d waits to down_write A, which a, b and c hold as readers"},
		"who has ended": {func(g kern.Addr) []explore.Task {
			return []explore.Task{{Name: "a", Ops: []explore.Operation{do("down", func(c *kern.CPU) { kern.DownWrite(c, g) })}},
				{Name: "b", Ops: []explore.Operation{do("down", func(c *kern.CPU) { kern.DownWrite(c, g); kern.UpWrite(c, g) })}}}
		}, "b waits to down_write A, which a holds as a writer"},
		"a choice": {func(g kern.Addr) []explore.Task {
			return []explore.Task{{Name: "a", Ops: []explore.Operation{do("down", func(c *kern.CPU) { kern.DownWrite(c, g); kern.DownWrite(c, g+1) })}},
				{Name: "b", Ops: []explore.Operation{do("either", func(c *kern.CPU) { kern.DownRead(c, g+kern.Addr(kern.Choose(c, 2))) })}}}
		}, "b waits before choose, since each way leads to a lock that is held"},
	} {
		var at kern.Addr
		mo := small(name, func(_ *kern.Machine, g kern.Addr) []explore.Task { at = g; return c.tasks(g) })
		names := strings.NewReplacer(word(at), "A", word(at+1), "B")
		saw := map[string]bool{}
		for seed := range uint64(50) { // the three readers need not all hold it
			opt := explore.Defaults()
			opt.Lax = true // these tasks keep what they hold, and some hold spin locks while they sleep
			r, err := explore.Random(mo, opt, explore.Sampling{Runs: 200, Seed: seed})
			require.NoError(t, err)
			require.Equal(t, explore.Violated, r.Verdict, name)
			require.Equal(t, kern.Deadlock, r.Violation.Kind, name)
			saw[names.Replace(r.Violation.Detail)] = true
			tr, err := explore.Replay(mo, opt, r.Schedule, nil)
			require.NoError(t, err)
			assert.Equal(t, r.Violation.Detail, tr.Violation.Detail, "%s, run again", name)
		}
		found := false
		for text := range saw {
			found = found || strings.HasSuffix(text, c.want)
		}
		assert.True(t, found, "%s: want %s, have %v", name, c.want, saw)
	}
}

func word(a kern.Addr) string { return kern.NewMachine(kern.Config{CPUs: 1}).NameOf(a) }
