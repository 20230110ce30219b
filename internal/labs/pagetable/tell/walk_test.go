package tell_test

import (
	"flag"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"ptsim/explore"
	"ptsim/internal/labs/pagetable/tell"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var runs = flag.Int("runs", 1, "how many random schedules to walk in each cell of TestEveryStep")

// walker takes steps as chance has it, and hands over each with the views before and after.
type walker struct {
	ses  *stepper.Session
	r    *rand.Rand
	last string
}

// open opens a session, which the caller may close.
func open(t testing.TB, name string, v question.Version, softirqs int, grace explore.Grace) *stepper.Session {
	s, err := scenario.Load(name)
	require.NoError(t, err)
	ses, err := stepper.New(stepper.Question{Scenario: s, Version: v, Setting: question.Setting{Softirqs: softirqs, Grace: grace}})
	require.NoError(t, err)
	return ses
}

// walk goes on from where the session stands to an end.
func (w *walker) walk(t testing.TB, see func(before, after *stepper.View)) {
	for !w.ses.View().Ended {
		before := w.ses.View()
		require.NoError(t, w.ses.Take(w.choose(before)))
		see(before, w.ses.View())
	}
}

// choose prefers to stay with the thread that moved last, as schedules that go wrong do.
func (w *walker) choose(v *stepper.View) string {
	var moves, stay []string
	for i := range v.Lanes {
		for _, m := range v.Lanes[i].Moves {
			moves = append(moves, m.Text)
			if v.Lanes[i].Letter == w.last {
				stay = append(stay, m.Text)
			}
		}
	}
	if len(stay) > 0 && w.r.IntN(5) < 3 {
		moves = stay
	}
	move := moves[w.r.IntN(len(moves))]
	w.last, _, _ = strings.Cut(strings.NewReplacer("!", " ", "?", " ").Replace(move), " ")
	return move
}

// used counts the sentences that rest on a rule, by rule and version.
type used struct {
	sync.Mutex
	by map[string]map[string]int
}

func (u *used) add(id string, v question.Version) {
	u.Lock()
	defer u.Unlock()
	if u.by[id] == nil {
		u.by[id] = map[string]int{}
	}
	u.by[id][v.String()]++
}

const (
	maxText = 260
	maxRule = 220
)

// inspect looks at one sentence.
func inspect(t testing.TB, ses *stepper.Session, before, after *stepper.View, u *used) {
	v := ses.Question.Version
	s := after.Did.Sentence
	where := func() string { return after.Path + "\n" + after.Did.Text + "\n" + s.Text }
	if s.ID == "" {
		require.NotEmpty(t, s.ID, "no sentence: "+where())
	}
	u.add(s.ID, v)
	r, ok := tell.Lookup(s.ID)
	if !ok || !r.Holds(string(v)) || r.Text != s.Rule || len(s.Cites) == 0 {
		assert.Fail(t, "a rule that is none of this version", "%s of %s\n%s", s.ID, v, where())
	}
	said, _, _ := strings.Cut(s.Text, "; VIOLATION: ") // which names every lock and holder of a deadlock
	if len(said) > maxText || !strings.HasSuffix(s.Text, ".") || strings.Contains(s.Text, ". ") || strings.Contains(s.Text, "  ") {
		assert.Fail(t, "not one sentence", "%d: %s", len(s.Text), where())
	}
	checked, wrong := claims(ses, before, after)
	for _, w := range wrong {
		assert.Fail(t, "not so", "%s\n%s", w, where())
	}
	if checked == 0 {
		assert.Fail(t, "nothing in it that can be checked", "%s", where())
	}
}

// rare are scenarios, small ones, in which some rules show only now and then.
var rare = []string{"defer2", "walk2", "ipi", "recycle", "munmap", "full"}

// idle is a scenario in which a move can come to nothing that others see: after one choice it stops before the next.
const idle = `title A choice before a choice
mm 1 users 0 pgste
page 1 t0
task exit may fail
  either
    tlbfree t0
    flush
  or
    free t0
  end
  mmdrop 1
finally
  freed 1
`

// odd has what no other scenario has.
const odd = `title What is left
mm 1
page 1 t0 t1
task reader
  mmget 1
  rcu_read_lock
  ipi
  rcu_read_unlock
  lazyflush 1
  mmput 1
task other
  alloc 1 -> x
  free x
finally
  alive 1
  kept t0
  kept t1
`

// Every step of every scenario on every version has a sentence, which is true, a rule of that version, and a source.
func TestEveryStep(t *testing.T) {
	u := &used{by: map[string]map[string]int{}}
	settings := []int{1, 2, explore.SoftirqsOnCPU}
	t.Run("walk", func(t *testing.T) {
		for i, name := range scenario.Names() {
			if name == "S3r4" {
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				for j, v := range question.Versions() {
					if name == "S3r" && *runs == 1 && j%3 != 0 {
						continue // large, and what is in it is in others
					}
					n := *runs
					if slices.Contains(rare, name) {
						n *= 5
					}
					for run := range n {
						grace := explore.GracePrecise
						if run%4 == 3 {
							grace = explore.GraceAny
						}
						ses := open(t, name, v, settings[(i+j+run)%3], grace)
						w := walker{ses: ses, r: rand.New(rand.NewPCG(uint64(run), uint64(i*100+j)))}
						w.walk(t, func(before, after *stepper.View) { inspect(t, ses, before, after, u) })
						ses.Close() // and be forgotten: there are many
					}
				}
			})
		}
	})
	for _, text := range []string{idle, odd} {
		s, err := scenario.Parse("more.scn", text)
		require.NoError(t, err)
		for _, v := range question.Versions() {
			ses, err := stepper.New(stepper.Question{Scenario: s, Version: v, Setting: question.Setting{Softirqs: 1}})
			require.NoError(t, err)
			for seed := range uint64(4) {
				require.NoError(t, ses.Jump(0))
				w := walker{ses: ses, r: rand.New(rand.NewPCG(seed, 1))}
				w.walk(t, func(before, after *stepper.View) { inspect(t, ses, before, after, u) })
			}
			ses.Close()
		}
	}
	if t.Failed() {
		return
	}
	for _, r := range tell.Rules() {
		for _, v := range question.Versions() {
			if r.Holds(string(v)) {
				assert.Positivef(t, u.by[r.ID][v.String()], "no step of %s rests on %s", v, r.ID)
			}
		}
	}
}
