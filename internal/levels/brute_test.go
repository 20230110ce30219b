package levels_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/levels"
	"ptsim/internal/question"
)

// brute tries every schedule of a level by walking one Stepper: no states, no folding, no order but depth first. What it
// prunes is only what is no better than the best so far, by switches and then steps.
type brute struct {
	t    *testing.T
	w    *explore.Stepper
	kind string

	best  [2]int // switches, steps
	found bool
	takes int
}

func newBrute(t *testing.T, l *levels.Level, than levels.Par) *brute {
	m, err := question.Model(l.Question.Scenario, l.Question.Version)
	require.NoError(t, err)
	opt := l.Question.Setting.Options()
	w, err := explore.NewStepper(m, opt)
	require.NoError(t, err)
	t.Cleanup(w.Close)
	b := &brute{t: t, w: w, kind: l.Goal.Kind.String(), best: [2]int{than.Switches, than.Steps}}
	return b
}

// option is a move, and the CPU that it has work.
type option struct {
	mv  explore.Move
	cpu int
}

func (b *brute) options() []option {
	var list []option
	for _, th := range b.w.Threads() {
		if th.Wait == explore.Ready {
			for _, o := range th.Moves {
				list = append(list, option{o.Move, th.CPU})
			}
		}
	}
	return list
}

// walk goes on from where the Stepper stands, at the end of path, whose last step was on that CPU.
func (b *brute) walk(path []explore.Move, cpu, switches int) {
	if b.w.Ended() {
		if v := b.w.Violation(); v != nil && v.Kind.String() == b.kind {
			b.found = true
			b.best = [2]int{switches, len(path)}
		}
		return
	}
	stands := true
	for _, o := range b.options() {
		now := switches
		if cpu >= 0 && o.cpu != cpu {
			now++
		}
		// One step more, at least.
		if now > b.best[0] || now == b.best[0] && len(path)+1 >= b.best[1] {
			continue
		}
		if !stands {
			require.NoError(b.t, b.w.Reset())
			for _, mv := range path {
				_, err := b.w.Take(mv)
				require.NoError(b.t, err)
			}
			b.takes += len(path)
		}
		_, err := b.w.Take(o.mv)
		require.NoError(b.t, err)
		b.takes++
		b.walk(append(path[:len(path):len(path)], o.mv), o.cpu, now)
		stands = false
	}
}

// No schedule of a small level is shorter than par, and one of just that length is found.
func TestNothingShorterByBruteForce(t *testing.T) {
	for _, name := range []string{"late-reader", "deadlock", "lost", "munmap", "not-lost", "retract"} {
		t.Run(name, func(t *testing.T) {
			l, err := levels.Get(name)
			require.NoError(t, err)
			par, err := l.Par()
			require.NoError(t, err)
			require.True(t, par.Possible)

			// What is one step longer than par would do; what is found last, nothing is shorter than.
			b := newBrute(t, l, levels.Par{Switches: par.Switches, Steps: par.Steps + 1})
			b.walk(nil, -1, 0)
			assert.Greater(t, b.takes, 50, "it must have tried something")
			t.Logf("%d steps taken", b.takes)
			assert.True(t, b.found, "par itself")
			assert.Equal(t, [2]int{par.Switches, par.Steps}, b.best)
		})
	}
}

// On one CPU every schedule can be tried without any pruning, and none uses the freed mm.
func TestImpossibleByBruteForce(t *testing.T) {
	l, err := levels.Get("one-cpu")
	require.NoError(t, err)
	b := newBrute(t, l, levels.Par{Switches: 1 << 20})
	b.walk(nil, -1, 0)
	assert.False(t, b.found)
	assert.Greater(t, b.takes, 300)
	t.Logf("%d steps taken", b.takes)
}
