package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ptsim/internal/course"
)

func learn(t testing.TB, at, w, h int) *Lessons {
	c := NewLessons(t.Context(), Options{NoColour: true}, lessons(t), at)
	t.Cleanup(c.close)
	resize(c, w, h)
	return c
}

// The list leads to every lesson, and from one to the next.
func TestLessonList(t *testing.T) {
	c := learn(t, -1, 80, 24)
	for _, l := range c.lessons {
		assert.Contains(t, plainScreen(c), l.Title)
	}
	press(t, c, "down down up enter")
	assert.Contains(t, plainScreen(c), "2. The mask and the list")
	press(t, c, "right right left")
	assert.Equal(t, 2, c.at)
	press(t, c, "esc 9")
	assert.Equal(t, 8, c.at)
	press(t, c, strings.TrimSpace(strings.Repeat("right ", len(c.lessons)-8))) // those of the labs follow
	assert.Contains(t, plainScreen(c), "this is the last lesson")
	press(t, c, "esc 1 left")
	assert.Contains(t, plainScreen(c), "this is the first lesson")
	assert.Equal(t, tea.QuitMsg{}, press(t, c, "q")())
}

// All of a lesson can be scrolled to, and is there.
func TestLessonIsAllThere(t *testing.T) {
	for i, l := range lessons(t)[:4] {
		c := learn(t, i, 80, 24)
		seen := map[string]bool{}
		for at := -1; at != c.scroll; {
			at = c.scroll
			for _, s := range strings.Split(plainScreen(c), "\n")[1:23] {
				seen[strings.TrimSpace(s)] = true
			}
			press(t, c, "pgdown")
			c.Screen()
		}
		for _, b := range l.Blocks {
			for _, want := range c.block(b, 78) {
				assert.True(t, seen[strings.TrimSpace(want.plain())], "%s: %q", l.Slug, want.plain())
			}
		}
		before := c.scroll
		press(t, c, "home")
		c.Screen()
		assert.Zero(t, c.scroll)
		press(t, c, "end")
		c.Screen()
		assert.Equal(t, before, c.scroll)
	}
}

// Every question of the course, answered right and wrong: it is graded as the course has it, and only then says why.
func TestLessonQuestions(t *testing.T) {
	for i := range lessons(t) {
		c := learn(t, i, 100, 60)
		l := c.lessons[i]
		right, of := 0, 0
		for n, b := range l.Blocks {
			q, ok := b.(*course.Question)
			if !ok {
				continue
			}
			c.item = n
			why := strings.TrimSpace(markdown(q.Why, 98)[0].plain())
			c.layout()
			c.show(c.starts[n])
			assert.NotContains(t, blockText(c, b), why)
			if of%2 == 0 {
				for _, a := range q.Answer {
					press(t, c, string(rune('1'+a)))
				}
				right++
			} else {
				wrongly := 0
				for q.Right(wrongly) {
					wrongly++
				}
				press(t, c, string(rune('1'+wrongly)))
			}
			of++
			press(t, c, "enter")
			text := blockText(c, b)
			assert.Contains(t, text, why)
			assert.Equal(t, of%2 == 1, strings.Contains(text, "Right."), "%s question %d", l.Slug, q.Number)
			assert.Equal(t, of%2 == 0, strings.Contains(text, "! Not right."))
			press(t, c, "1 2 3")
			assert.Equal(t, text, blockText(c, b), "an answer is an answer")
		}
		gotRight, gotOf := c.points()
		assert.Equal(t, []int{right, of}, []int{gotRight, gotOf}, l.Slug)
	}
}

func blockText(c *Lessons, b course.Block) string {
	var out strings.Builder
	for _, l := range c.block(b, 98) {
		out.WriteString(l.plain() + "\n")
	}
	return out.String()
}

// tab finds runs, questions and exercises; a run opens in the stepper, and q leads back to where the lesson was.
func TestLessonRunsOpen(t *testing.T) {
	for i := range lessons(t) {
		c := learn(t, i, 80, 24)
		l := c.lessons[i]
		for n, b := range l.Blocks {
			run, ok := b.(*course.Run)
			if !ok {
				continue
			}
			for c.item != n {
				press(t, c, "tab")
			}
			scroll := c.scroll
			press(t, c, "enter")
			require.NotNil(t, c.inner, "%s: %s", l.Slug, c.message)
			assert.Contains(t, plainScreen(c), run.Scenario+"/"+run.Version)
			assert.Contains(t, plainScreen(c), "space goes along the run of the lesson")
			press(t, c, "space")
			assert.Equal(t, 1, c.inner.view.Step)
			press(t, c, "G")
			resize(c, 100, 30)
			requireFits(t, c, 100, 30)
			press(t, c, "q")
			assert.Nil(t, c.inner)
			resize(c, 80, 24)
			assert.Equal(t, scroll, c.scroll)
		}
	}
}

// A question leads to the step that it asks about, one before it, so that the answer is not there yet.
func TestQuestionLeadsToItsStep(t *testing.T) {
	c := learn(t, 0, 80, 24)
	press(t, c, "tab tab")
	q, ok := c.focused().(*course.Question)
	require.True(t, ok)
	press(t, c, "o")
	require.NotNil(t, c.inner)
	assert.Equal(t, q.Step-1, c.inner.view.Step)
	assert.Equal(t, tea.QuitMsg{}, press(t, c, "ctrl+c")(), "ctrl+c ends it all")
}

func TestExerciseFolds(t *testing.T) {
	c := learn(t, 0, 80, 24)
	for {
		press(t, c, "shift+tab")
		if _, ok := c.focused().(*course.Exercise); ok {
			break
		}
	}
	assert.Contains(t, blockText(c, c.focused()), "(its answer is folded)")
	press(t, c, "enter")
	assert.NotContains(t, blockText(c, c.focused()), "(its answer is folded)")
	press(t, c, "enter")
	assert.Contains(t, blockText(c, c.focused()), "(its answer is folded)")
}

func TestLessonScreens(t *testing.T) {
	for name, keys := range map[string]string{"learn-list-80x24": "", "learn-question-80x24": "1 tab tab 5 6 enter", "learn-run-80x24": "1 tab"} {
		c := learn(t, -1, 80, 24)
		press(t, c, keys)
		requireFits(t, c, 80, 24)
		var b strings.Builder
		for _, l := range strings.Split(plainScreen(c), "\n") {
			b.WriteString(strings.TrimRight(l, " ") + "\n")
		}
		golden(t, name, b.String())
	}
}

// Random keys and sizes: nothing panics, and the screen fits.
func TestLessonRandomKeys(t *testing.T) {
	all := lessons(t)
	keys := append(keyNames(), "enter", "tab", "tab", "enter", "q", "pgdown", "pgdown")
	rapid.Check(t, func(rt *rapid.T) {
		c := NewLessons(t.Context(), Options{}, all, rapid.IntRange(-1, len(all)-1).Draw(rt, "lesson"))
		defer c.close()
		for range rapid.IntRange(1, 6).Draw(rt, "keys") {
			if rapid.IntRange(0, 5).Draw(rt, "resize") == 0 {
				resize(c, rapid.IntRange(1, 150).Draw(rt, "w"), rapid.IntRange(1, 60).Draw(rt, "h"))
			}
			c.Update(keyMsg(rapid.SampledFrom(keys).Draw(rt, "key")))
			requireFits(rt, c, c.w, c.h)
		}
	})
}
