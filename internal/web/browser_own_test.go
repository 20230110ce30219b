package web_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/internal/web"
)

// write puts a text into the editor, and waits until the server has looked at it.
func (k *tab) write(text string) {
	k.Helper()
	quoted, err := json.Marshal(text)
	require.NoError(k, err)
	before := k.looked()
	eval[bool](k, fmt.Sprintf("(() => { const e = document.getElementById('own-text'); e.focus(); e.value = %s; e.dispatchEvent(new Event('input')); return true; })()", quoted))
	k.until(fmt.Sprintf("Number(document.getElementById('view-own').dataset.looked) > %d", before))
}

func (k *tab) looked() int {
	k.Helper()
	return eval[int](k, "Number(document.getElementById('view-own').dataset.looked || 0)")
}

// keyed presses keys in the editor, and waits until the server has looked at the last.
func (k *tab) keyed(names ...string) {
	k.Helper()
	before := k.looked()
	k.press(names...)
	k.until(fmt.Sprintf("Number(document.getElementById('view-own').dataset.looked) >= %d", before+len(names)))
}

// The editor begins with a template that works. What is wrong is told at its line; what is right is run on the version that
// is chosen, and its schedule is stepped as any other.
func TestBrowserOwnScenario(t *testing.T) {
	url := listen(t, web.Options{Start: first})
	k := newTab(t)
	k.open(url)
	k.click("#nav-own")
	k.until("document.getElementById('view-own').dataset.looked")
	text := eval[string](k, "document.getElementById('own-text').value")
	assert.Equal(t, template(t, newServer(t, web.Options{})), text)
	assert.Empty(t, k.text("#view-own .errors"))
	assert.False(t, eval[bool](k, "document.getElementById('scenario').checkVisibility()"), "the scenario is the one in the editor")

	k.write("title x\nmm nothing\npage 1 t0 -\ntask a\n  fly t0\n")
	assert.Contains(t, k.text("#view-own .errors"), `Line 2`)
	assert.Contains(t, k.text("#view-own .errors"), `unknown operation "fly"; expected one of alloc, `)
	assert.Equal(t, []string{"2", "5"}, eval[[]string](k, "[...document.querySelectorAll('.gutter .wrong')].map((e) => e.innerText.replace('✖ ', ''))"))
	same := eval[bool](k, "(() => { const w = document.querySelectorAll('.backdrop .wrong')[1].getBoundingClientRect(), t = document.getElementById('own-text').getBoundingClientRect(); const line = parseFloat(getComputedStyle(document.getElementById('own-text')).lineHeight); return Math.abs(w.top - t.top - parseFloat(getComputedStyle(document.getElementById('own-text')).paddingTop) - 4 * line) < 2; })()")
	assert.True(t, same, "the mark stands where the line does")
	eval[bool](k, "document.querySelectorAll('#view-own .errors button')[1].click() || true")
	assert.Equal(t, "  fly t0", eval[string](k, "(() => { const e = document.getElementById('own-text'); return e.value.slice(e.selectionStart, e.selectionEnd); })()"))
	k.click("[data-key='own run']")
	k.until("document.querySelector('#view-own .banner.warn')")
	assert.Contains(t, k.text("#view-own .banner"), "own.scn:2: ")
	k.forgive("422")

	k.write(strings.Replace(text, "title ", "title <b>Mine</b> ", 1))
	k.click("[data-key='own run']")
	k.until("!document.getElementById('view-step').hidden && document.querySelector('.banner.bad')")
	assert.True(t, strings.HasPrefix(k.text("h1"), "<b>Mine</b> "), "what a scenario says is text")
	assert.Contains(t, k.text(".notes"), "Violation: use-after-free")
	assert.Contains(t, k.text(".notes"), "steps from here")
	end := eval[int](k, "Number(document.getElementById('stepper').dataset.step)")
	k.focus()
	k.press("Home")
	k.step(0)
	k.press("Space")
	k.step(1)
	k.until("document.querySelector('.source .file').innerText.startsWith('own.scn:') || document.querySelector('.source .code')")

	// The link holds the text: it opens in a tab that has never seen it.
	k.press("l")
	k.until("document.querySelector('[data-key=\"link text\"]')")
	link := eval[string](k, "document.querySelector('[data-key=\"link text\"]').value")
	assert.Contains(t, k.text(".notes"), "It holds the text of your own scenario")
	other := newTab(t)
	other.open(url)
	eval[bool](other, "localStorage.clear() || true")
	other.open(link)
	other.step(1)
	assert.True(t, strings.HasPrefix(other.text("h1"), "<b>Mine</b> "))
	assert.Contains(t, other.text(".where"), fmt.Sprintf("1 of %d", end))
	other.press("Space")
	other.step(2)
	other.open(link[:len(link)-9])
	assert.Contains(t, other.text(".notes"), "expected all of what follows its ~")
	other.forgive("422")
	eval[bool](other, "localStorage.clear() || true")
	other.open(url + hash("own/rfc@2,precise:s:00000000:"))
	assert.Contains(t, other.text(".notes"), "does not hold its text")
	other.forgive("400")

	eval[bool](k, "history.back() || true")
	k.until("!document.getElementById('view-own').hidden")
	assert.Contains(t, eval[string](k, "document.getElementById('own-text').value"), "<b>Mine</b>", "the way back leads to the text")
}

// What the user wrote is not lost: another text is put in its place where that can be undone, and it is there the next time,
// whatever link was opened meanwhile.
func TestBrowserKeepsTheDraft(t *testing.T) {
	url := listen(t, web.Options{Start: first})
	k := newTab(t)
	k.open(url + "/#own")
	k.write("title Mine\nmm 1\npage 1 t0 -\ntask only\n  free t0\n  mmput 1\n")
	value := "document.getElementById('own-text')?.value"
	eval[bool](k, "(() => { const s = document.getElementById('own-from'); s.value = 'testdata/scenarios/walk.scn'; s.dispatchEvent(new Event('change')); return true; })()")
	k.until(value + ".startsWith('title A reader in a table')")
	assert.Empty(t, k.text("#view-own .errors"))
	eval[bool](k, "document.execCommand('undo')")
	k.until(value + ".startsWith('title Mine')")
	k.click("[data-key='own link']")
	k.until("document.querySelector('[data-key=\"own link text\"]')")
	link := eval[string](k, "document.querySelector('[data-key=\"own link text\"]').value")
	k.write("title My other one\n")
	k.open(link)
	assert.Equal(t, "Mine", k.text("h1"))
	k.click("#nav-own")
	k.until(value + ".startsWith('title My other one')")
	eval[bool](k, "(() => { const s = document.getElementById('own-from'); s.value = 'opened'; s.dispatchEvent(new Event('change')); return true; })()")
	k.until(value + ".startsWith('title Mine')")
}

// Operations and names are completed, by the keyboard alone, from what the server says.
func TestBrowserCompletes(t *testing.T) {
	url := listen(t, web.Options{Start: first})
	k := newTab(t)
	k.open(url + "/#own")
	k.write("title x\n\nmm 1 users 1\npage 1 t0 t1\n\ntask a\n")
	k.keyed("t", "l")
	words := func() string {
		return strings.Join(eval[[]string](k, "[...document.querySelectorAll('#own-words:not([hidden]) li b')].map((e) => e.innerText)"), " ")
	}
	assert.Equal(t, "tlbfree", words())
	assert.Equal(t, "own-word-0", eval[string](k, "document.activeElement.getAttribute('aria-activedescendant')"))
	k.keyed("Enter")
	assert.Equal(t, "t0 t1", words())
	assert.Contains(t, k.text("#own-form"), "tlbfree TABLE")
	assert.Contains(t, k.text("#own-form"), "through the task's gather")
	k.press("ArrowDown", "ArrowDown")
	k.keyed("Tab")
	k.keyed("Enter")
	k.keyed("d", "e", "f")
	k.press("Escape")
	assert.Empty(t, words())
	k.keyed("e")
	assert.Equal(t, "defer", words())
	k.keyed("Tab")
	assert.Equal(t, "title x\n\nmm 1 users 1\npage 1 t0 t1\n\ntask a\ntlbfree t1\ndefer ", eval[string](k, "document.getElementById('own-text').value"))
	k.press("Escape")
	k.press("Tab")
	assert.NotEqual(t, "own-text", eval[string](k, "document.activeElement.id"), "Tab leaves the editor where no list is open")
}

// The same scenario on every version: the verdicts are the explorer's, and a schedule that breaks one is stepped.
func TestBrowserTriesEveryVersion(t *testing.T) {
	url := listen(t, web.Options{Start: first})
	s := newServer(t, web.Options{Start: first})
	text := template(t, s)
	k := newTab(t)
	k.open(url + "/#own")
	k.write(text)
	k.click("[data-key='own all']")
	all := question.Versions()
	k.until(fmt.Sprintf("document.querySelectorAll('.verdicts tbody tr').length === %d", len(all)))
	for _, v := range all {
		want := answer[web.Judged](t, s, "POST", "/api/explore", web.Begin{Scenario: "own", Text: text, Version: v.String(), Softirqs: "2", Grace: "precise"})
		assert.Contains(t, k.text(fmt.Sprintf(".verdicts [data-version='%s']", v)), want.Verdict, "%s", v)
	}
	k.until("document.querySelector('.own-out [role=status]').innerText.startsWith('All ')")
	eval[bool](k, "document.querySelector('.verdicts [data-version=rfc] button').click() || true")
	k.until("document.title === 'own on rfc · ptsim' && document.querySelector('.banner.bad')")
}

// A server that was started with a file of the name that the page has for the user's own scenario steps through that file.
func TestBrowserServesAFileCalledOwn(t *testing.T) {
	sc, err := scenario.Parse("own.scn", template(t, newServer(t, web.Options{})))
	require.NoError(t, err)
	k := newTab(t)
	k.open(listen(t, web.Options{Start: "own/rfc@2,precise:s:00000000:", Scenario: sc}))
	assert.Equal(t, sc.Title, k.text("h1"))
	k.press("Space")
	k.step(1)
	k.press("l")
	k.until("document.querySelector('[data-key=\"link text\"]')")
	link := eval[string](k, "document.querySelector('.notes code').innerText")
	link = strings.TrimSuffix(strings.TrimPrefix(link, "ptsim step --replay '"), "'")
	s, err := stepper.Open(link, scenario.Load)
	require.NoError(t, err, link)
	defer s.Close()
	assert.Equal(t, 1, s.View().Step, "what the page says to type works in a terminal that has no such file")
}
