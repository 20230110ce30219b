package explore_test

import (
	"errors"
	"flag"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/memory"
)

var (
	forgetPrograms = flag.Int("forget", 60, "random programs by which forgetting is compared with keeping")
	forgetFrom     = flag.Uint64("forget-from", 0, "the first of them")
)

// TestForgettingLosesNothing runs random programs of everything that there is under lkmm, forgetting what makes no difference to what
// threads may still do and keeping it, and wants the same violations and final states, by fewer states. Outside CI, with more:
//
//	go test ./explore -run TestForgetting -forget 5000 -timeout 1h
func TestForgettingLosesNothing(t *testing.T) {
	compared, fewer, kept, forgot := 0, 0, uint64(0), uint64(0)
	for seed := range uint64(*forgetPrograms) {
		seed += *forgetFrom
		p := drawBrute(seed, 13)
		if seed%2 == 0 {
			p = drawDependent(seed, 13)
		}
		setting := bruteSetting{1 + int(seed%2), explore.Grace(seed / 2 % 2), false}
		w := newBruteWorld(t, p, setting)
		if w == nil {
			continue
		}
		run := func(keep bool) (r explore.Result, finals map[brutePicture]bool, ok bool) {
			var mu sync.Mutex
			finals = map[brutePicture]bool{}
			mo, _ := bruteModel(p, func(in *explore.Instance) {
				pic := w.draw(in.M.Peek, func(o int) bool { return in.Alive(w.bases[o]) })
				mu.Lock()
				finals[pic] = true
				mu.Unlock()
			})
			opt := bruteOptions(setting)
			opt.Model, opt.LKMM, opt.All, opt.Budget = memory.LKMM, memory.Release(seed/4%2), true, 20_000
			if keep {
				opt = explore.Keeping(opt)
			}
			r, err := explore.Exhaustive(mo, opt)
			var wrong *explore.ModelError
			if errors.As(err, &wrong) {
				return r, nil, false
			}
			require.NoError(t, err)
			return r, finals, r.Why == ""
		}
		all, want, ok := run(true)
		if !ok {
			continue
		}
		few, have, ok := run(false)
		require.True(t, ok, "seed %d", seed)
		compared++
		kept, forgot = kept+all.States, forgot+few.States
		if few.States < all.States {
			fewer++
		}
		kinds := func(r explore.Result) []string { return slices.Sorted(maps.Keys(r.Kinds)) }
		if !assert.Equal(t, kinds(all), kinds(few), "seed %d\n%s", seed, p) ||
			all.Kinds[kern.DataRace.String()] == 0 && !assert.Equal(t, len(want), len(have), "seed %d: final states\n%s", seed, p) { // behind a race, searches that must be made again may go on
			return
		}
		if few.Verdict == explore.Violated {
			mo, _ := bruteModel(p, nil)
			tr, err := explore.Replay(mo, bruteOptions(setting), few.Schedule, nil)
			require.NoError(t, err, "seed %d: %s\n%s", seed, few.Schedule.Text(), p)
			if few.Violation.Kind != kern.DataRace {
				require.NotNil(t, tr.Violation, "seed %d: %s\n%s", seed, few.Schedule.Text(), p)
				assert.Equal(t, few.Violation.Kind, tr.Violation.Kind, "seed %d", seed)
			}
		}
	}
	t.Logf("%d programs, %d by fewer states: %d -> %d", compared, fewer, kept, forgot)
	assert.Greater(t, compared, *forgetPrograms/3)
	assert.Greater(t, fewer, compared/4)
}
