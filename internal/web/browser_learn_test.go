package web_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/course"
	"ptsim/internal/levels"
	"ptsim/internal/quiz"
	"ptsim/internal/scenario"
	"ptsim/internal/web"
)

// Side by side: the first difference is marked and explained, and rows lead through both versions.
func TestBrowserSideBySide(t *testing.T) {
	url := listen(t, web.Options{Start: flaw})
	want := answer[web.CompareAnswer](t, newServer(t, web.Options{}), "POST", "/api/compare", web.CompareQuery{Place: web.Place{Link: flaw}, Version: "active"})
	rows := views(t, want.Rows)
	k := newTab(t)
	k.open(url)
	k.press("c")
	k.until("document.activeElement.dataset.key === 'beside go'")
	assert.Equal(t, "active", eval[string](k, "document.querySelector('[data-key=beside]').value"))
	k.press("Enter")
	k.until("document.querySelector('.sides')")
	assert.Contains(t, k.text("#beside h2"), "rfc beside active")
	assert.Contains(t, k.text("#beside > .sentence"), want.Sentence)
	assert.Contains(t, k.text("#beside .banner.warn"), "The first difference")
	assert.Contains(t, k.text("#beside .banner.warn"), rows[want.First]["why"])
	assert.Contains(t, k.text("#beside .where"), fmt.Sprintf("row %d of %d: the first difference", want.First, len(rows)-1))
	k.press("End")
	ends := k.text("#beside .end")
	assert.Contains(t, ends, want.LeftEnd)
	assert.Contains(t, ends, want.RightEnd)
	assert.Contains(t, k.text("#beside .side:first-child .banner.bad"), "use-after-free")
	k.press("Home", "ArrowRight")
	assert.Contains(t, k.text("#beside .where"), "row 1 of")
	assert.Equal(t, "16", eval[string](k, "document.getElementById('stepper').dataset.step"), "the stepper stays where it is")
	k.click("[data-key='row open']")
	k.until("document.title === 'S1 on active · ptsim'")
	assert.Empty(t, k.text("#beside"))
}

// Predict asks before it shows, and grades bit by bit.
func TestBrowserPredicts(t *testing.T) {
	url := listen(t, web.Options{Start: flaw + "#1"})
	k := newTab(t)
	k.open(url)
	k.step(1)
	k.press("p", "Space")
	k.until("document.querySelector('.predict .ask-bit')")
	assert.Equal(t, "1", eval[string](k, "document.getElementById('stepper').dataset.step"), "nothing is shown before it is answered")
	assert.True(t, eval[bool](k, "document.activeElement.closest('.predict') !== null"), "the focus is at the question")
	hint := eval[string](k, "document.querySelector('.hint').open + document.querySelector('.hint').textContent")
	assert.True(t, strings.HasPrefix(hint, "false"), "the hint is folded")
	// P-|--|-A is right; one bit is left wrong.
	for _, bit := range []int{0} {
		eval[bool](k, fmt.Sprintf("document.querySelectorAll('.ask-bit input')[%d].click() || true", bit))
	}
	eval[bool](k, "document.querySelector('.predict .question .primary').click() || true")
	k.until("document.querySelector('.predict .grade')")
	assert.Contains(t, k.text(".predict .grade"), "wrong · 5 of 6")
	marks := k.text(".predict .ask-bits")
	assert.Equal(t, 5, strings.Count(marks, "right"))
	assert.Equal(t, 1, strings.Count(marks, "wrong"))
	assert.Contains(t, k.text(".why-right"), "P-|--|-A")
	// The other questions, if there are any, and then the step.
	k.click(".predict > .ask-buttons .primary")
	k.step(2)
	assert.Empty(t, k.text(".ask"))
	k.press("Space")
	k.until("document.querySelector('.predict') || document.getElementById('stepper').dataset.step === '3'")
	k.press("Escape")
	k.until("!document.querySelector('.predict')")
	k.focus()
	k.press("p", "End")
	k.step(16)
}

// The quiz of a seed, graded: every right answer of the key is right here.
func TestBrowserQuiz(t *testing.T) {
	items, err := quiz.Draw(3, 2)
	require.NoError(t, err)
	url := listen(t, web.Options{Start: flaw})
	k := newTab(t)
	k.open(url + "/#quiz")
	eval[bool](k, "(() => { document.getElementById('seed').value = '3'; document.getElementById('items').value = '2'; return true; })()")
	k.click("[data-key=draw]")
	k.until("document.querySelectorAll('.item').length === 2")
	q, of := 0, 0
	for i, item := range items {
		assert.Contains(t, k.text(fmt.Sprintf(".item:nth-child(%d) h2", i+1)), item.Context.Title)
		for _, question := range item.Quiz.Questions {
			key, err := item.Quiz.Key(question.ID)
			require.NoError(t, err)
			form := fmt.Sprintf("document.querySelectorAll('.question')[%d]", q)
			assert.Contains(t, eval[string](k, form+".innerText"), question.Prompt)
			if question.Bits != nil {
				for b, on := range key.Correct.Bits {
					if on {
						eval[bool](k, fmt.Sprintf("%s.querySelectorAll('input')[%d].click() || true", form, b))
					}
				}
			} else {
				eval[bool](k, fmt.Sprintf("%s.querySelectorAll('input')[%d].click() || true", form, key.Correct.Choice))
			}
			eval[bool](k, form+".requestSubmit() || true")
			k.until(form + ".querySelector('.grade')")
			assert.Contains(t, eval[string](k, form+".querySelector('.grade').innerText"), "✓ right")
			q++
			of += key.Of
		}
	}
	assert.Contains(t, k.text(".total"), fmt.Sprintf("%d of %d points; %d of %d questions answered", of, of, q, q))
}

// A level is played: a claim that is wrong, then the shortest solution by the keys of its moves.
func TestBrowserPlaysALevel(t *testing.T) {
	l := levels.All()[0]
	par, err := l.Par()
	require.NoError(t, err)
	require.True(t, par.Possible)
	url := listen(t, web.Options{Start: flaw})
	k := newTab(t)
	k.open(url + "/#levels")
	assert.Equal(t, len(levels.All()), eval[int](k, "document.querySelectorAll('.level').length"))
	k.click(".level button")
	k.until("document.querySelector('.level-panel')")
	assert.Contains(t, k.text(".level-panel"), l.Goal.Text)
	k.step(0)
	k.press("v")
	k.until("document.querySelector('.notes .banner')")
	assert.Contains(t, k.text(".notes"), "you find the way yourself")
	k.press("i")
	k.until("document.querySelector('.judgement.wrong')")
	line := answer[web.Line](t, newServer(t, web.Options{}), "POST", "/api/line", web.Place{Link: par.Schedule})
	for i, v := range views(t, line.Views)[1:] {
		move := v["did"].(map[string]any)["move"].(string)
		k.click(fmt.Sprintf("[data-move='%s']", move))
		k.step(i + 1)
	}
	k.until("document.querySelector('.judgement.right')")
	assert.Contains(t, k.text(".judgement"), "par: "+par.Text())
	assert.Equal(t, "3 of 3 stars", eval[string](k, "document.querySelector('.judgement .stars').getAttribute('aria-label')"))
	eval[bool](k, "(location.hash = '#levels') && true")
	k.until("document.querySelector('#view-levels .stars')")
	assert.Equal(t, 1, eval[int](k, "document.querySelectorAll('#view-levels .stars').length"), "it is remembered")
}

// A repair is chosen: one that does not hold, whose schedule can be stepped through, and then one that does.
func TestBrowserRepairs(t *testing.T) {
	url := listen(t, web.Options{Start: flaw})
	k := newTab(t)
	k.open(url + "/#level/zswap/repair-map")
	k.until("document.querySelectorAll('.answers button').length === 4")
	k.focus()
	k.press("f")
	assert.Equal(t, "repair pin", eval[string](k, "document.activeElement.dataset.key"))
	k.click("[data-key='repair wait']")
	k.until("document.querySelector('.judgement.wrong a')")
	assert.Contains(t, k.text(".judgement"), "it does not hold: zswap/compact-cpu on blocking-writer comes to this")
	k.click("[data-key='repair leave']")
	k.until("document.querySelector('.judgement.right .stars')")
	assert.Contains(t, k.text(".judgement"), "every schedule of zswap/compact, zswap/compact-cpu and zswap/loads-cpu was tried")
	k.click("[data-key='repair wait']")
	k.until("document.querySelector('.judgement.wrong a')")
	k.click(".judgement.wrong a")
	k.until("document.body.textContent.includes('nothing but spinning is left')")
}

// What is impossible, and what cannot go wrong, says what that covers, and lists what no schedule came to.
func TestBrowserCovers(t *testing.T) {
	nothing, err := scenario.Parse("nothing.scn", "title Nothing there\nmm 1\npage 1 t0 -\nfile f\nvma v f 1 -\ntask exit\ntake v -> x\nfree x\nfree t0\nmmput 1\n")
	require.NoError(t, err)
	url := listen(t, web.Options{Start: "nothing/classic@2,precise:s:00000000:", Scenario: nothing})
	k := newTab(t)
	k.open(url)
	k.press("v")
	k.until("document.querySelector('.banner.good .covers')")
	assert.Contains(t, k.text(".covers"), "nothing on classic, 2 softirq CPUs, precise grace periods: covers sequential consistency;")
	assert.Contains(t, k.text(".covers summary"), "2 places that no schedule came to")
	assert.NotContains(t, k.text(".covers"), "free x", "until it is opened")
	k.click(".covers summary")
	k.until("document.querySelector('.covers details').open")
	assert.Contains(t, k.text(".covers li"), "no schedule came to a primitive in exit: free x (line 8)")
	k.focus() // the blank would close it
	k.press("Space")
	k.step(1)
	assert.Empty(t, k.text(".covers"), "that was of another state")

	at := slices.IndexFunc(levels.All(), func(l *levels.Level) bool { return l.Name == "one-cpu" })
	k.open(url + "/#levels")
	k.click(fmt.Sprintf(".level:nth-child(%d) button", at+1))
	k.until("document.querySelector('.level-panel')")
	k.click("[data-key=claim]")
	k.until("document.querySelector('.judgement.right .covers')")
	assert.Contains(t, k.text(".judgement .covers"), "munmap on rfc, callbacks on the CPU that queued them, precise grace periods: covers sequential consistency;")
}

// A lesson: what there is to read, a question, and a run that opens in the stepper.
func TestBrowserCourse(t *testing.T) {
	name := course.Names()[5]
	l, err := course.Load(name)
	require.NoError(t, err)
	url := listen(t, web.Options{Start: flaw})
	k := newTab(t)
	k.open(url + "/#course")
	assert.Equal(t, len(course.All()), eval[int](k, "document.querySelectorAll('.lessons a').length"))
	k.click(fmt.Sprintf(".lessons a[href='#course/%s']", name))
	k.until("document.querySelector('.lesson')")
	assert.Contains(t, k.text("h1"), l.Title)
	var first *course.Question
	for _, b := range l.Blocks {
		if q, ok := b.(*course.Question); ok && first == nil {
			first = q
		}
	}
	require.NotNil(t, first)
	for _, i := range first.Answer {
		eval[bool](k, fmt.Sprintf("document.querySelector('.question').querySelectorAll('input')[%d].click() || true", i))
	}
	eval[bool](k, "document.querySelector('.question').requestSubmit() || true")
	k.until("document.querySelector('.question .grade')")
	assert.Contains(t, k.text(".question .grade"), "✓ right")
	eval[bool](k, "document.querySelector('.run a.button').click() || true")
	k.until("!document.getElementById('view-step').hidden && document.title.startsWith('S1')")
	eval[bool](k, "history.back() || true")
	k.until("!document.getElementById('view-course').hidden && document.querySelector('.lesson')")
}
