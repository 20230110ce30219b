package course_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
)

// readers are the kinds of section that a check "waits" asks about: how they begin and end.
var readers = map[string]struct {
	begin, end func(c *kern.CPU, w kern.Addr)
}{
	"rcu_read_lock": {
		func(c *kern.CPU, _ kern.Addr) { kern.RCUReadLock(c) },
		func(c *kern.CPU, _ kern.Addr) { kern.RCUReadUnlock(c) },
	},
	"spin_lock_bh": {
		func(c *kern.CPU, w kern.Addr) { kern.SpinLockBH(c, w+lockWord) },
		func(c *kern.CPU, w kern.Addr) { kern.SpinUnlockBH(c, w+lockWord) },
	},
	"softirq": {nil, nil}, // the section is a callback
	"nothing": {func(*kern.CPU, kern.Addr) {}, func(*kern.CPU, kern.Addr) {}},
}

// The words that the model of waits shares.
const (
	inside   = 0 // the section has begun
	over     = 1 // the callback has run
	lockWord = 2
	head     = 3
	ownHead  = 5
	allWords = 7
)

// waits asks the explorer whether a callback that was queued while a section of that kind was open may run before it ends:
// the one who is inside looks whether it has.
func waits(t testing.TB, grace, kind string) string {
	t.Helper()
	reader, ok := readers[kind]
	require.Truef(t, ok, "reader %q", kind)
	section := func(c *kern.CPU, w kern.Addr) {
		kern.WriteOnce(c, w+inside, 1)
		kern.WarnOnce(c, kern.ReadOnce(c, w+over) != 0, "the grace period is over")
	}
	m := &explore.Model{Name: "waits", Tasks: 2, Build: func(cpus int, sched kern.Scheduler) *explore.Instance {
		machine := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 8, Scheduler: sched})
		w := machine.NewCache(kern.CacheConfig{Name: "words", Words: allWords}).Alloc(machine.CPU(0))
		callback := machine.RegisterFunc("callback", func(c *kern.CPU, _ kern.Addr) { kern.WriteOnce(c, w+over, 1) })
		own := machine.RegisterFunc("section", func(c *kern.CPU, _ kern.Addr) { section(c, w) })
		enter := func(c *kern.CPU) {
			if reader.begin == nil {
				kern.CallRCU(c, w+ownHead, own)
				return
			}
			reader.begin(c, w)
			section(c, w)
			reader.end(c, w)
		}
		queue := func(c *kern.CPU) {
			if kern.ReadOnce(c, w+inside) != 0 {
				kern.CallRCU(c, w+head, callback)
			}
		}
		in := &explore.Instance{M: machine}
		for i, f := range []func(*kern.CPU){enter, queue} {
			name := [...]string{"reader", "updater"}[i]
			in.Tasks = append(in.Tasks, explore.Task{Name: name, Start: 0, Ops: []explore.Operation{{
				Name: name, Run: func(c *kern.CPU, fr explore.Frame) explore.Frame { f(c); return fr },
			}}})
		}
		return in
	}}
	opt := explore.Defaults()
	opt.Grace = setting(t, "2", grace).Grace
	r, err := explore.Exhaustive(m, opt)
	require.NoError(t, err)
	return pick(r.Verdict == explore.Safe, "yes", "no")
}
