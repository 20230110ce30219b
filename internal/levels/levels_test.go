package levels_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/labs"
	"ptsim/internal/levels"
	"ptsim/internal/prose"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/memory"
)

// play opens a level and takes moves.
func play(t *testing.T, l *levels.Level, moves ...string) *stepper.Session {
	s, err := l.Open()
	require.NoError(t, err)
	t.Cleanup(s.Close)
	for _, mv := range moves {
		require.NoError(t, s.Take(mv), mv)
	}
	return s
}

// follow opens the par schedule of a level.
func follow(t *testing.T, l *levels.Level) *stepper.Session {
	p, err := l.Par()
	require.NoError(t, err)
	s, err := stepper.Open(p.Schedule, scenario.Load)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

func TestLadder(t *testing.T) {
	all := levels.All()
	ladder := 0
	for _, l := range all {
		if l.Question.Scenario.Lab == labs.Default() {
			ladder++
		}
	}
	assert.GreaterOrEqual(t, ladder, 10)
	assert.LessOrEqual(t, ladder, 15)
	seen := map[string]bool{}
	possible := 0
	for i, l := range all {
		assert.False(t, seen[l.Name], "%s twice", l.Name)
		seen[l.Name] = true
		for _, key := range []string{l.Name, fmt.Sprint(i + 1)} {
			same, err := levels.Get(key)
			require.NoError(t, err)
			assert.Equal(t, l.Name, same.Name)
		}
		assert.NotEmpty(t, l.Title)
		assert.NotEmpty(t, l.Goal.Text)
		assert.Greater(t, len(l.Story), 80)
		for _, line := range strings.Split(l.Story, "\n") {
			assert.LessOrEqual(t, len(line), 140)
		}
		p, err := l.Par()
		require.NoError(t, err, l.Name)
		if p.Possible {
			possible++
		} else {
			assert.Contains(t, l.Story, "impossible", "a level that cannot be solved says that this may be the answer")
		}
	}
	assert.GreaterOrEqual(t, possible, 6)
	assert.GreaterOrEqual(t, len(all)-possible, 4)
	_, err := levels.Get("nosuch")
	assert.ErrorContains(t, err, `unknown level "nosuch"; expected a name such as late-reader; ptsim play lists all`)
	for _, name := range []string{"", "0", "-1", "99", "01"} {
		_, err := levels.Get(name)
		assert.Error(t, err, name)
	}
}

// The par of every level that can be solved solves it, at par, and nothing before its last step does.
func TestParSolves(t *testing.T) {
	for _, l := range levels.All() {
		p, err := l.Par()
		require.NoError(t, err)
		if !p.Possible || l.Asks == levels.Repair {
			continue
		}
		t.Run(l.Name, func(t *testing.T) {
			s := follow(t, l)
			j := l.Judge(s)
			assert.True(t, j.Reached)
			assert.Equal(t, "at par", j.Against)
			assert.Equal(t, levels.MaxStars, j.Stars)
			assert.Equal(t, []int{p.Switches, p.Steps}, []int{j.Switches, j.Steps})
			assert.Equal(t, s.View().Violation.Sentence, j.Sentence)
			for s.Back() {
				j := l.Judge(s)
				assert.False(t, j.Reached)
				assert.Zero(t, j.Stars)
				assert.Empty(t, j.Against)
				assert.Contains(t, j.Sentence, "nothing is broken yet")
			}
			c := l.Claim()
			assert.False(t, c.Reached, "it is possible, so the claim is wrong")
			assert.Contains(t, c.Sentence, "possible")
			assert.NotContains(t, c.Sentence, "every schedule")
		})
	}
}

// Of an impossible level the claim is right, and no schedule taken at random solves it.
func TestImpossible(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, l := range levels.All() {
		p, err := l.Par()
		require.NoError(t, err)
		if p.Possible {
			continue
		}
		t.Run(l.Name, func(t *testing.T) {
			assert.Positive(t, p.States)
			c := l.Claim()
			assert.True(t, c.Reached)
			assert.Contains(t, c.Sentence, prose.Count(p.States, "state", "states"))
			require.GreaterOrEqual(t, len(c.Covers), 2)
			assert.Equal(t, fmt.Sprintf("%s on %s, %s", scenario.FullName(l.Question.Scenario), l.Question.Version, l.Question.Setting.Words()), c.Covers[0])
			assert.Regexp(t, `^covers (sequential consistency|total store order); .* by (happens-before|adjacent accesses alone); odds`, c.Covers[1])
			s := play(t, l)
			for range 30 {
				require.NoError(t, s.Seek(0))
				for !s.View().Ended {
					var can []string
					for _, lane := range s.View().Lanes {
						for _, m := range lane.Moves {
							can = append(can, m.Text)
						}
					}
					require.NotEmpty(t, can)
					require.NoError(t, s.Take(can[rng.IntN(len(can))]))
					assert.False(t, l.Judge(s).Reached)
				}
				assert.Error(t, s.Take("A"), "the schedule has ended")
			}
		})
	}
}

// What breaks another thing than the level asks for does not solve it, and the judgement says so.
func TestAnotherKind(t *testing.T) {
	lost, err := levels.Get("lost")
	require.NoError(t, err)
	not, err := levels.Get("not-lost")
	require.NoError(t, err)
	assert.Equal(t, lost.Question, not.Question, "the two differ in what they ask for")
	for _, k := range []struct {
		does, judges *levels.Level
	}{{lost, not}, {not, lost}} {
		j := k.judges.Judge(follow(t, k.does))
		assert.False(t, j.Reached)
		assert.Zero(t, j.Stars)
		assert.Contains(t, j.Sentence, "another kind of violation, "+k.does.Goal.Kind.String())
		assert.Contains(t, j.Sentence, k.judges.Goal.Text)
	}
	// The page cannot be lost in the RFC as it was meant, and yet it breaks.
	again, err := levels.Get("lost-again")
	require.NoError(t, err)
	s := play(t, again, "A", "A", "A", "A", "A", "s0!11", "s0", "s0", "B", "B", "B", "B", "B", "B", "B", "s0")
	require.NotNil(t, s.View().Violation)
	assert.False(t, again.Judge(s).Reached)
	assert.True(t, again.Claim().Reached)
	assert.Contains(t, again.Claim().Sentence, "page-lost")
}

// A longer way is judged by how much longer it is.
func TestOverPar(t *testing.T) {
	l, err := levels.Get("lost")
	require.NoError(t, err)
	for _, k := range []struct {
		moves, against string
		stars          int
	}{
		{"A A A A A B B B B B B s0!11 s0 s0 s0", "at par", 3},
		{"A A A A A B B B A B B B s0!11 s0 s0 s0", "", 0}, // A is done
		{"A A A A B B B A B B B s0!11 s0 s0 s0", "2 switches over", 1},
		{"A A A A A B B B B s0!11 s0 s0 s0 B B", "1 switch over", 1},
	} {
		s := play(t, l)
		var failed error
		for _, mv := range strings.Fields(k.moves) {
			if failed = s.Take(mv); failed != nil {
				break
			}
		}
		j := l.Judge(s)
		assert.Equal(t, k.against, j.Against, k.moves)
		assert.Equal(t, k.stars, j.Stars, k.moves)
		assert.Equal(t, k.stars > 0, failed == nil, k.moves)
	}
}

// A session of something else is no solution, whatever it broke.
func TestAnotherQuestion(t *testing.T) {
	munmap, err := levels.Get("munmap")
	require.NoError(t, err)
	for _, other := range []string{"retract", "one-cpu"} {
		l, err := levels.Get(other)
		require.NoError(t, err)
		j := l.Judge(follow(t, munmap))
		assert.False(t, j.Reached)
		assert.Contains(t, j.Sentence, "this is munmap/rfc with softirqs and grace periods 2 precise")
	}
}

// A schedule that ends with nothing broken is said to have ended.
func TestEndedWell(t *testing.T) {
	l, err := levels.Get("munmap")
	require.NoError(t, err)
	s := play(t, l)
	for !s.View().Ended {
		for _, lane := range s.View().Lanes {
			if len(lane.Moves) > 0 {
				require.NoError(t, s.Take(lane.Moves[0].Text))
				break
			}
		}
	}
	j := l.Judge(s)
	assert.False(t, j.Reached)
	assert.Equal(t, "all is done, and nothing is broken; the level asks to use the mm after it was freed", j.Sentence)
}

// A level about memory is played under its model: by hand, as par has it, and under another model, where its par is searched.
func TestMemory(t *testing.T) {
	l, err := levels.Get("swap/stale-map")
	require.NoError(t, err)
	assert.Equal(t, memory.LKMM, l.Question.Setting.Memory.Model)
	moves, err := levels.ParseMoves("Bx27 Ax6 A?1 A")
	require.NoError(t, err)
	s, err := l.Open()
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, levels.Play(s, moves))
	assert.Equal(t, "at par", l.Judge(s).Against)

	assert.Same(t, l, l.Under(l.Question.Setting.Memory))
	tso := l.Under(memory.Spec{Model: memory.TSO})
	assert.True(t, tso.Elsewhere() && !l.Elsewhere())
	assert.Contains(t, tso.Judge(s).Sentence, "the level is swap/on/no-rmb with 2 precise tso")
	claim := tso.Claim()
	assert.True(t, claim.Reached, claim.Sentence)
	assert.Contains(t, claim.Covers[1], "covers total store order;")
	assert.False(t, l.Claim().Reached)

	buffers, err := levels.Get("zsmalloc/store-buffering")
	require.NoError(t, err)
	weaker, err := buffers.Under(memory.Spec{Model: memory.LKMM}).Par()
	require.NoError(t, err)
	assert.True(t, weaker.Possible)
	assert.LessOrEqual(t, weaker.Switches, 2)
	strong, err := buffers.Under(memory.Spec{}).Par()
	require.NoError(t, err)
	assert.False(t, strong.Possible, "each CPU sees the other's store")
}
