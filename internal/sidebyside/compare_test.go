package sidebyside_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ptsim/explore"
	_ "ptsim/internal/nofiles"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/sidebyside"
	"ptsim/internal/stepper"
)

type fataler interface {
	require.TestingT
	Helper()
}

func session(t fataler, name, version string, softirqs int) *stepper.Session {
	t.Helper()
	sc, err := scenario.Load(name)
	require.NoError(t, err)
	v, err := question.ParseVersion(version)
	require.NoError(t, err)
	s, err := stepper.New(stepper.Question{Scenario: sc, Version: v, Setting: question.Setting{Softirqs: softirqs}})
	require.NoError(t, err)
	return s
}

// par returns a session on the shortest schedule that breaks a version; where none does, on one that goes round the threads.
func par(t fataler, name, version string, softirqs int) *stepper.Session {
	s := session(t, name, version, softirqs)
	a, err := s.Run(context.Background(), 20_000)
	require.NoError(t, err)
	if a.Verdict != string(explore.Violated) {
		around(t, s)
	}
	return s
}

// around takes the first move of each lane in turn until nothing can move.
func around(t fataler, s *stepper.Session) {
	for i := 0; !s.View().Ended; i++ {
		lanes := s.View().Lanes
		if l := &lanes[i%len(lanes)]; len(l.Moves) > 0 {
			require.NoError(t, s.Take(l.Moves[0].Text))
		}
	}
}

// opens wants a link to lead through those views.
func opens(t fataler, sc *scenario.Scenario, link string, views []*stepper.View) {
	t.Helper()
	opened, err := stepper.Open(link, func(string) (*scenario.Scenario, error) { return sc, nil })
	require.NoError(t, err, link)
	defer opened.Close()
	again := opened.Line()
	require.Len(t, again, len(views))
	for i := range again {
		assert.Equal(t, again[i].View.Pages, views[i].Pages)
		assert.Equal(t, again[i].View.MMs, views[i].MMs)
		assert.Equal(t, again[i].View.RCU, views[i].RCU)
	}
}

var pars = []struct {
	scenario string
	softirqs int
	half     bool // of the pairs only: each takes 20 ms
}{
	{"S1", 2, false}, {"defer2", 2, false}, {"B4", explore.SoftirqsOnCPU, true}, {"walk", 2, true}, {"munmap", 2, true}, {"S1f", 1, true},
}

// rightly wants of a comparison what holds of any: the left's line is in it, step for step, and the right's is a schedule of
// its own that leads where the rows say.
func rightly(t fataler, s *stepper.Session, c *sidebyside.Comparison, open bool) {
	t.Helper()
	line := s.Line()
	var left, rightViews []*stepper.View
	for _, row := range c.Rows {
		require.True(t, row.Left != nil || row.Right != nil)
		if row.Left != nil {
			left = append(left, row.Left)
		}
		if row.Right != nil {
			rightViews = append(rightViews, row.Right)
		} else if row.Left.Did != nil {
			assert.NotEmpty(t, row.Note)
		}
	}
	require.Len(t, left, len(line))
	for i := range line {
		assert.Same(t, line[i].View, left[i])
	}
	for i, v := range rightViews {
		require.Equal(t, i, v.Step, "the right's steps come one after the other")
	}
	if open {
		opens(t, s.Question.Scenario, c.RightLink, rightViews)
	}
	end := rightViews[len(rightViews)-1]
	if line[len(line)-1].View.Ended {
		assert.True(t, end.Ended, "the right goes on to its end")
	}
	assert.Equal(t, end.Violation != nil, !strings.Contains(c.RightEnd, "all is quiet") && !strings.Contains(c.RightEnd, "not at its end"))
	if c.First > 0 {
		assert.True(t, c.Rows[c.First].Differs)
		assert.NotEmpty(t, c.Rows[c.First].Why)
	}
}

// TestEveryPair compares pairs of versions along the shortest violating schedules: all of them on S1; on the others fewer, and
// pins not with each other.
func TestEveryPair(t *testing.T) {
	notes := map[string]bool{}
	for _, k := range pars {
		t.Run(k.scenario, func(t *testing.T) {
			for i, l := range question.Versions() {
				s := par(t, k.scenario, l.String(), k.softirqs)
				for j, r := range question.Versions() {
					pins := l.Pin() != "" && r.Pin() != "" && l != r
					if k.scenario != "S1" && pins || k.half && i != j && (i+j)%2 == 1 {
						continue
					}
					c, err := sidebyside.Compare(s, r)
					require.NoError(t, err, "%s beside %s", l, r)
					rightly(t, s, c, (i+j)%8 == 0)
					for _, row := range c.Rows {
						notes[row.Note] = true
					}
					if l == r {
						itself(t, c)
					}
				}
				s.Close()
			}
		})
	}
	for _, want := range []string{
		"active has nothing queued that does what the rcu_head for t0 does", "classic cannot follow: waits for mm1->context.lock, held by B exit on CPU1",
		"only now could active begin it", "active has come to its end", "there is no such step in rfc", "rfc has ended",
	} {
		assert.True(t, notes[want], want)
	}
}

// itself wants a version beside itself to do the same, step for step.
func itself(t require.TestingT, c *sidebyside.Comparison) {
	assert.Equal(t, -1, c.First, c.Sentence)
	for i, row := range c.Rows {
		require.NotNil(t, row.Left, "row %d", i)
		require.NotNil(t, row.Right, "row %d", i)
		assert.Equal(t, row.Left.Path, row.Right.Path)
		assert.Empty(t, row.What)
	}
	assert.Equal(t, c.LeftEnd, c.RightEnd)
}

// TestWhatTheyShow: the answers that a reader of the thread would give.
func TestWhatTheyShow(t *testing.T) {
	for _, k := range []struct {
		scenario, left, right string
		softirqs              int
		first                 string // in the explanation of the first row that differs
		does                  string // what the right does in that row; "" nothing
		leftEnd, rightEnd     string
	}{
		{"S1", "rfc", "active", 2, "mm1's list: empty in rfc, the page of t0 in active", "list_add_tail(page1, mm1->context.pgtable_list)", "use after free", "all is quiet"},
		{"S1", "rfc", "pinned/half", 2, "mm_count: 1 in rfc, 2 in pinned/half", "mmgrab: mm1->mm_count 1 -> 2", "use after free", "all is quiet"},
		{"S1", "rfc", "fullpage", 2, "use-after-free in rfc, nothing in fullpage", "", "use after free", "all is quiet"},
		{"defer2", "rfc-as-posted", "rfc", 2, "page-lost in rfc-as-posted, nothing in rfc", "xor page1 -P0: P-|H-|--", "page lost", "all is quiet"},
		{"walk", "classic", "rfc", 2, "page1's mask: -P|--|A- in classic, -P|-H|A- in rfc", "xor page1 +P0 +H0 -A0: -P|-H|A-", "reader too late", "all is quiet"},
		{"B4", "rfc", "active", explore.SoftirqsOnCPU, "on the list in active", "list_add_tail(page1, mm1->context.pgtable_list)", "softirq deadlock", "all is quiet"},
	} {
		t.Run(k.scenario+" "+k.left+" "+k.right, func(t *testing.T) {
			s := par(t, k.scenario, k.left, k.softirqs)
			defer s.Close()
			v, err := question.ParseVersion(k.right)
			require.NoError(t, err)
			c, err := sidebyside.Compare(s, v)
			require.NoError(t, err)
			require.Positive(t, c.First)
			row := c.Rows[c.First]
			assert.Contains(t, row.Why, k.first)
			if k.does == "" {
				assert.Nil(t, row.Right)
			} else {
				assert.Equal(t, k.does, row.Right.Did.Text)
			}
			assert.Contains(t, c.LeftEnd, k.leftEnd)
			assert.Contains(t, c.RightEnd, k.rightEnd)
			for _, before := range c.Rows[:c.First] {
				assert.Empty(t, before.Why)
			}
		})
	}
}

// A version that pins each table of the start has more references from the beginning. That is said, and not taken for the
// first difference of the schedule.
func TestFromTheStart(t *testing.T) {
	s := par(t, "S1", "rfc", 2)
	defer s.Close()
	v, err := question.ParseVersion("pinned/table")
	require.NoError(t, err)
	c, err := sidebyside.Compare(s, v)
	require.NoError(t, err)
	assert.True(t, c.Rows[0].Differs)
	assert.Contains(t, strings.Join(c.Rows[0].What, " "), "mm_count: 1 in rfc, 3 in pinned/table")
	assert.Positive(t, c.First)
	assert.NotContains(t, c.Rows[c.First].Why, "1 in rfc, 3 in")
}

// TestNotAtItsEnd: of a schedule that was begun only, the right does as much and no more.
func TestNotAtItsEnd(t *testing.T) {
	s := session(t, "S1", "rfc", 2)
	defer s.Close()
	for _, mv := range []string{"A", "A", "A"} {
		require.NoError(t, s.Take(mv))
	}
	at, tries := s.At(), len(s.Tries())
	c, err := sidebyside.Compare(s, question.Version("active"))
	require.NoError(t, err)
	rightly(t, s, c, true)
	assert.Contains(t, c.LeftEnd, "after 3 steps it is not at its end")
	assert.Contains(t, c.RightEnd, "it is not at its end")
	assert.Same(t, at, s.At(), "the left session stands where it stood")
	assert.Len(t, s.Tries(), tries)
}

func TestNoSteps(t *testing.T) {
	s := session(t, "S1", "rfc", 2)
	defer s.Close()
	c, err := sidebyside.Compare(s, question.Version("active"))
	require.NoError(t, err)
	assert.Len(t, c.Rows, 1)
	assert.Equal(t, -1, c.First)
}

// TestRandomLines: whatever was stepped, the other version follows, or says why not; nothing hangs, and it is the same each
// time.
func TestRandomLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"S1", "S1f", "defer2", "walk", "munmap", "B4", "fault", "pgste", "reuse", "fork", "full"}
		versions := question.Versions()
		l := rapid.SampledFrom(versions).Draw(t, "left")
		r := rapid.SampledFrom(versions).Draw(t, "right")
		s := session(t, rapid.SampledFrom(names).Draw(t, "scenario"), l.String(), rapid.SampledFrom([]int{1, 2, explore.SoftirqsOnCPU}).Draw(t, "softirqs"))
		defer s.Close()
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			var can []string
			for _, lane := range s.View().Lanes {
				for _, mv := range lane.Moves {
					can = append(can, mv.Text)
				}
			}
			if len(can) == 0 {
				break
			}
			require.NoError(t, s.Take(rapid.SampledFrom(can).Draw(t, "move")))
		}
		c, err := sidebyside.Compare(s, r)
		require.NoError(t, err)
		rightly(t, s, c, true)
		if l == r {
			itself(t, c)
		}
		var one, two strings.Builder
		require.NoError(t, c.Write(&one, "text", 0))
		if rapid.IntRange(0, 3).Draw(t, "again") == 0 {
			again, err := sidebyside.Compare(s, r)
			require.NoError(t, err)
			require.NoError(t, again.Write(&two, "text", 0))
			assert.Equal(t, one.String(), two.String())
		}
		for _, line := range strings.Split(one.String(), "\n") {
			if !strings.Contains(line, "@") { // a link is not broken
				assert.LessOrEqual(t, len(line), 100, line)
			}
		}
	})
}

func TestFormats(t *testing.T) {
	s := par(t, "S1", "rfc", 2)
	defer s.Close()
	c, err := sidebyside.Compare(s, question.Version("active"))
	require.NoError(t, err)
	var text, md, js strings.Builder
	require.NoError(t, c.Write(&text, "text", 80))
	require.NoError(t, c.Write(&md, "markdown", 0))
	require.NoError(t, c.Write(&js, "json", 0))
	require.ErrorContains(t, c.Write(&js, "xml", 0), "unknown format")
	assert.Equal(t, 1, strings.Count(text.String(), " >> "))
	rows := 0
	for _, l := range strings.Split(md.String(), "\n") {
		if strings.HasPrefix(l, "| ") {
			rows++
			assert.Equal(t, 5, strings.Count(l, "|")-strings.Count(l, "\\|"), l)
		}
	}
	assert.Equal(t, len(c.Rows), rows) // the head, and all but the first states
	assert.Contains(t, js.String(), `"first": `)
	require.Error(t, c.Write(broken{}, "text", 0))
	require.Error(t, c.Write(broken{}, "markdown", 0))
	require.Error(t, c.Write(broken{}, "json", 0))
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken") }
