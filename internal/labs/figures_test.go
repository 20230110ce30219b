package labs_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/labs"
	"ptsim/internal/levels"
	"ptsim/internal/quiz"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/lab"
	"ptsim/zswap"
)

// strip returns what a strip of a figure says, and "no strip" if there is none.
func strip(v *stepper.View, label string) string {
	for _, f := range v.Figures {
		for i := range f.Strips {
			if f.Strips[i].Label == label {
				return f.Strips[i].About()
			}
		}
	}
	return "no strip"
}

// TestFigures wants each lab to draw what its protocol changes, at the beginning of a level's solution and where it breaks.
func TestFigures(t *testing.T) {
	for _, c := range []struct {
		level, label, first, last string
	}{
		{"shrinker/two-leave", "shrinker_list", "shrinker1 (count 1), then shrinker2 (count 1)", "empty"},
		{"shrinker/registered", "shrinker1->private_data", "a", "a broken"},
		{"shrinker/registered", "shrinker_list", "shrinker1 (count 1)", "shrinker1 (count 1)"},
		{"zsmalloc/rcu-is-not-enough", "some objects", "z", "none"},
		{"zsmalloc/rcu-is-not-enough", "from first_page", "page1", "page1 broken"},
		{"zsmalloc/grace-is-over", "empty zspages", "none", "none"},
		{"zswap/recycled", "slots", "0: zs_handle1, 1: free, 2: free", "0: free, 1: zs_handle1, 2: free"},
		{"zswap/recycled", "zs_handle1 leads to", "slot 0", "slot 1, pinned"},
		{"zswap/cpu-goes", "CPU 0", "no strip", "mutex held by A fault on CPU0, req acomp_req1 broken, buffer acomp_buffer1"},
	} {
		l, err := levels.Get(c.level)
		require.NoError(t, err)
		p, err := l.Par()
		require.NoError(t, err)
		s, err := stepper.Open(p.Schedule, scenario.Load)
		require.NoError(t, err)
		assert.Equal(t, c.last, strip(s.View(), c.label), "%s, %s, where it breaks", c.level, c.label)
		require.NoError(t, s.Seek(0))
		assert.Equal(t, c.first, strip(s.View(), c.label), "%s, %s, at first", c.level, c.label)
		s.Close()
	}
}

// TestFiguresSpeakOfThings wants every cell of every figure along the solutions of all levels to name a thing that there is, and to be
// broken if that is freed.
func TestFiguresSpeakOfThings(t *testing.T) {
	figures := 0
	for _, l := range levels.All() {
		p, err := l.Par()
		require.NoError(t, err)
		if !p.Possible {
			continue
		}
		s, err := stepper.Open(p.Schedule, scenario.Load)
		require.NoError(t, err)
		for step := range s.View().Step + 1 {
			require.NoError(t, s.Seek(step))
			for _, text := range said(s.View()) {
				assert.Empty(t, address(text), "%s, step %d: an address has no name: %s", l.Name, step, text)
			}
			for _, f := range s.View().Figures {
				figures++
				assert.NotEmpty(t, f.Title)
				assert.NotNil(t, f.Strips, "the page asks a list for its length")
				for _, strip := range f.Strips {
					assert.NotNil(t, strip.Cells, "%s, step %d: %s: the page asks a list for its length", l.Name, step, strip.Label)
					assert.NotEmpty(t, strip.Label)
					for _, cell := range strip.Cells {
						if cell.Thing == "" {
							continue
						}
						thing := lab.Find(s.View().Things, cell.Thing)
						if assert.NotNil(t, thing, "%s, step %d: %s leads to %s, which is nothing", l.Name, step, strip.Label, cell.Thing) && thing.Freed {
							assert.Equal(t, lab.Broken, cell.Fill, "%s, step %d: %s is freed", l.Name, step, cell.Thing)
						}
					}
				}
			}
		}
		s.Close()
	}
	assert.Greater(t, figures, 100)
}

// said is what a view says of values: what its objects and figures hold, what the step did, and what each thread will do next.
func said(v *stepper.View) []string {
	var list []string
	if v.Did != nil {
		list = []string{v.Did.Text, v.Did.Sentence.Text}
	}
	for i := range v.Lanes {
		list = append(list, v.Lanes[i].Next)
	}
	for i := range v.Things {
		list = append(list, v.Things[i].About())
	}
	for _, f := range v.Figures {
		for i := range f.Strips {
			list = append(list, f.Strips[i].About())
		}
	}
	return list
}

// numbers are the numbers in a text.
var numbers = regexp.MustCompile(`-?\b(?:0x[0-9a-f]+|[0-9]+)\b`)

// address returns the first number in a text that can be an address or poison: counts here are smaller, and biases larger. It is "" if
// there is none. What a page of zswap holds is a number of that lab's own.
func address(text string) string {
	for _, n := range numbers.FindAllString(text, -1) {
		v, err := strconv.ParseInt(n, 0, 64)
		contents := v >= int64(zswap.Pages(0)) && v < int64(zswap.Pages(zswap.Offsets))
		if err == nil && !contents && (v >= 256 && v < 1<<24 || v >= 0xf0000000 && v < 0xfffffff0) {
			return n
		}
	}
	return ""
}

// TestQuestionsOfLabs wants the quiz to come to each lab's own questions, with more than one right answer among them.
func TestQuestionsOfLabs(t *testing.T) {
	for name, topic := range map[string]string{"zsmalloc": "zspage", "shrinker": "shrinker", "zswap": "object"} {
		l, err := labs.Get(name)
		require.NoError(t, err)
		assert.Contains(t, quiz.LabTopics(l), topic)
		right := map[string]bool{}
		for seed := uint64(0); seed < 24 && len(right) < 2; seed++ {
			items, err := quiz.DrawFrom(quiz.From{Lab: l, Topics: []string{topic}}, seed, 4)
			require.NoError(t, err, name)
			for _, it := range items {
				for _, q := range it.Quiz.Questions {
					assert.Equal(t, topic, q.Topic)
					g, err := it.Quiz.Key(q.ID)
					require.NoError(t, err)
					right[q.Choices[g.Correct.Choice]] = true
					assert.NotEmpty(t, q.Hint, "a rule decides it")
					assert.False(t, strings.HasSuffix(q.Choices[g.Correct.Choice], "."))
				}
			}
		}
		assert.Greater(t, len(right), 1, "%s: the answer is always the same: %v", name, right)
	}
}
