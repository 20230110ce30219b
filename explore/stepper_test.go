package explore_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/kern"
)

func stepperModel(t testing.TB, name, version string) *explore.Model {
	s, err := scenario.Load(name)
	require.NoError(t, err)
	v, err := question.ParseVersion(version)
	require.NoError(t, err)
	m, err := question.Model(s, v)
	require.NoError(t, err)
	return m
}

func stepper(t testing.TB, m *explore.Model, opt explore.Options) *explore.Stepper {
	p, err := explore.NewStepper(m, opt)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p
}

// possible returns the moves that can be made.
func possible(p *explore.Stepper) []explore.Move {
	var list []explore.Move
	for _, th := range p.Threads() {
		if th.Wait == explore.Ready {
			for _, o := range th.Moves {
				list = append(list, o.Move)
			}
		}
	}
	return list
}

var stepperModels = []struct {
	scenario, version string
	softirqs          int
	grace             explore.Grace
}{
	{"S1", "rfc", 2, explore.GracePrecise},
	{"S1", "pinned/half", 2, explore.GraceAny},
	{"S1f", "pinned/page", 1, explore.GracePrecise},
	{"defer2", "rfc-as-posted", 2, explore.GracePrecise},
	{"defer2", "typesafe", 1, explore.GraceAny},
	{"B4", "rfc", explore.SoftirqsOnCPU, explore.GracePrecise},
	{"walk", "classic", 2, explore.GracePrecise},
	{"full", "active", explore.SoftirqsOnCPU, explore.GracePrecise},
	{"S2", "fullpage", 2, explore.GracePrecise},
}

// A schedule taken by hand, at random, is one that Replay runs to the same end, by the same steps.
func TestStepperAgreesWithReplay(t *testing.T) {
	for _, k := range stepperModels {
		t.Run(fmt.Sprint(k.scenario, k.version, k.softirqs), func(t *testing.T) {
			opt := explore.Defaults()
			opt.Softirqs, opt.Grace = k.softirqs, k.grace
			m := stepperModel(t, k.scenario, k.version)
			p := stepper(t, m, opt)
			rng := rand.New(rand.NewPCG(1, 2))
			for range 20 {
				require.NoError(t, p.Reset())
				var did []explore.Step
				for !p.Ended() {
					moves := possible(p)
					require.NotEmpty(t, moves)
					mv := moves[rng.IntN(len(moves))]
					again, err := p.ParseMove(p.MoveText(mv))
					require.NoError(t, err)
					require.Equal(t, mv, again)
					steps, err := p.Take(mv)
					require.NoError(t, err)
					did = append(did, steps...)
				}
				assert.Empty(t, possible(p))
				sched := p.Schedule()
				tr, err := explore.Replay(m, opt, sched, nil)
				require.NoError(t, err, p.Text())
				require.Len(t, tr.Steps, len(did))
				for i := range did {
					assert.Equal(t, did[i].Op, tr.Steps[i].Op)
					assert.Equal(t, did[i].Result, tr.Steps[i].Result)
					assert.Equal(t, did[i].Func, tr.Steps[i].Func)
				}
				if p.Violation() == nil {
					assert.Nil(t, tr.Violation)
				} else {
					assert.Equal(t, p.Violation().Sentence(), tr.Violation.Sentence())
				}
			}
		})
	}
}

// The explorer's folded schedules, step by step, come to the same violation; and from their beginning on the way ahead is
// as short.
func TestStepperFollows(t *testing.T) {
	for _, k := range stepperModels {
		t.Run(fmt.Sprint(k.scenario, k.version, k.softirqs), func(t *testing.T) {
			opt := explore.Defaults()
			opt.Softirqs, opt.Grace = k.softirqs, k.grace
			m := stepperModel(t, k.scenario, k.version)
			p := stepper(t, m, opt)
			ahead, err := p.Ahead(context.Background(), kern.NoViolation, 0)
			require.NoError(t, err)
			r, err := explore.Exhaustive(m, opt)
			require.NoError(t, err)
			require.Equal(t, r.Verdict, ahead.Verdict)
			if r.Verdict == explore.Safe {
				return
			}
			for _, sched := range []*explore.Schedule{r.Schedule, shortest(t, m, opt)} {
				tr, err := explore.Replay(m, opt, sched, nil)
				require.NoError(t, err)
				steps := 0
				require.NoError(t, p.Follow(sched, func(_ explore.Move, did []explore.Step) { steps += len(did) }))
				assert.Len(t, tr.Steps, steps)
				require.NotNil(t, p.Violation())
				assert.Equal(t, tr.Violation.Sentence(), p.Violation().Sentence())
			}
			require.NoError(t, p.Reset())
			for _, mv := range ahead.Moves {
				_, err := p.Take(mv)
				require.NoError(t, err)
			}
			require.NotNil(t, p.Violation())
			best, err := explore.Replay(m, opt, shortest(t, m, opt), nil)
			require.NoError(t, err)
			mine, err := explore.Replay(m, opt, p.Schedule(), nil)
			require.NoError(t, err)
			assert.Equal(t, best.Switches, mine.Switches)
			assert.Equal(t, best.Count, mine.Count)
		})
	}
}

func shortest(t testing.TB, m *explore.Model, opt explore.Options) *explore.Schedule {
	r, err := explore.Shortest(m, opt, kern.NoViolation)
	require.NoError(t, err)
	return r.Schedule
}

// From every state on the way to a violation it can be reached; from some beside the way it cannot, and that is as true of
// every step from there.
func TestStepperAhead(t *testing.T) {
	opt := explore.Defaults()
	m := stepperModel(t, "S1", "rfc")
	p := stepper(t, m, opt)
	verdict := func() explore.Verdict {
		a, err := p.Ahead(context.Background(), kern.NoViolation, 0)
		require.NoError(t, err)
		return a.Verdict
	}
	require.NoError(t, p.Follow(shortest(t, m, opt), nil))
	path := p.Path()
	require.NoError(t, p.Reset())
	for _, mv := range path {
		require.Equal(t, explore.Violated, verdict())
		_, err := p.Take(mv)
		require.NoError(t, err)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	safe := 0
	for range 10 {
		require.NoError(t, p.Reset())
		was := explore.Violated
		for !p.Ended() {
			moves := possible(p)
			_, err := p.Take(moves[rng.IntN(len(moves))])
			require.NoError(t, err)
			now := verdict()
			if was == explore.Safe {
				require.Equal(t, explore.Safe, now, "what was safe is not: %s", p.Text())
				safe++
			}
			was = now
		}
	}
	assert.Positive(t, safe)
	require.NoError(t, p.Reset())
	a, err := p.Ahead(context.Background(), kern.DoubleFree, 3)
	require.NoError(t, err)
	assert.Equal(t, explore.Incomplete, a.Verdict)
	assert.NotEmpty(t, a.Why)
}

// A blocked thread says what it waits for, and cannot be moved.
func TestStepperSaysWhyNot(t *testing.T) {
	opt := explore.Defaults()
	p := stepper(t, stepperModel(t, "S1", "rfc"), opt)
	move := func(text string) error {
		mv, err := p.ParseMove(text)
		require.NoError(t, err)
		_, err = p.Take(mv)
		return err
	}
	for _, s := range []string{"B?1", "B", "B", "B", "B"} {
		require.NoError(t, move(s))
	}
	khugepaged := p.Threads()[0]
	assert.Equal(t, explore.ForLock, khugepaged.Wait)
	assert.Equal(t, []int{1}, khugepaged.Holders, "the semaphore is the exiting task's")
	assert.ErrorContains(t, move("A"), "waits for a lock")
	assert.ErrorContains(t, move("B?3"), "no way number 3")
	assert.ErrorContains(t, move("s0"), "nothing to do")
	assert.ErrorContains(t, move("w0!1a4"), "cannot begin")
	_, err := p.Take(explore.Move{Thread: 99})
	assert.Error(t, err)
	assert.Equal(t, 5, p.Len())

	callback := p.Callbacks()
	require.Len(t, callback, 1)
	assert.Equal(t, "batch", callback[0].Func)
	assert.Empty(t, callback[0].Readers)
	for _, s := range []string{fmt.Sprintf("s0!%x", uint32(callback[0].Item)), "s0", "B", "B", "B", "B", "B", "B"} {
		require.NoError(t, move(s), s)
	}
	callback = p.Callbacks()
	require.Len(t, callback, 1)
	assert.Equal(t, []explore.Reader{{Thread: 3, Why: "softirq"}}, callback[0].Readers)
	assert.Equal(t, explore.ForReaders, p.Threads()[4].Wait)
	places := p.Threads()[3].Moves[0].Where
	require.NotEmpty(t, places)
	assert.Equal(t, "pgalloc/rfc.go", places[0].File)
	assert.Equal(t, "__tlb_remove_table", places[1].Func)
}

// A schedule that does not fit says where it stopped to.
func TestStepperStale(t *testing.T) {
	p := stepper(t, stepperModel(t, "S1", "rfc"), explore.Defaults())
	for text, why := range map[string]string{
		"S1/rfc@2,precise:f:1592e5dd:B?1-Bx4-s0!12c0-Bx4-s0": "leads elsewhere",
		"S1/rfc@2,precise:f:1592e5da:B?1-Bx4-s0!12c4-Bx4-s0": "cannot begin",
		"S1/rfc@2,precise:s:0:Bx90":                          "has ended",
		"S1/rfc@2,precise:s:0:Bx5-A":                         "waits for a lock",
		"S1/rfc@2,precise:f:0:B?7":                           "no choice number 7",
	} {
		sched, err := explore.ParseSchedule(text)
		require.NoError(t, err)
		var stale *explore.StaleError
		err = p.Follow(sched, nil)
		if assert.ErrorAs(t, err, &stale, text) {
			assert.ErrorContains(t, err, why)
		}
	}
}

// Who got a lock by trying for it is a holder like any other; who did not is none.
func TestHolderByTrylock(t *testing.T) {
	m := small("try", func(_ *kern.Machine, g kern.Addr) []explore.Task {
		try := func(c *kern.CPU) {
			if kern.SpinTrylock(c, g) {
				kern.SpinUnlock(c, g)
			}
		}
		return []explore.Task{
			{Name: "a", Ops: []explore.Operation{do("try", try)}},
			{Name: "b", Ops: []explore.Operation{do("try", try)}},
			{Name: "c", Ops: []explore.Operation{do("take", func(c *kern.CPU) { kern.SpinLock(c, g); kern.SpinUnlock(c, g) })}},
		}
	})
	p := stepper(t, m, explore.Defaults())
	for _, thread := range []int{0, 1} {
		_, err := p.Take(explore.Move{Thread: thread})
		require.NoError(t, err)
	}
	c := p.Threads()[2]
	assert.Equal(t, explore.ForLock, c.Wait)
	assert.Equal(t, []int{0}, c.Holders)
	_, err := p.Take(explore.Move{Thread: 0})
	require.NoError(t, err)
	assert.Equal(t, explore.Ready, p.Threads()[2].Wait)
}
