package web_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/course"
	"ptsim/internal/levels"
	"ptsim/internal/web"
)

// Somebody who comes for the first time is told what there is to see; the race is one button away and plays by itself.
func TestBrowserFirstVisit(t *testing.T) {
	url := listen(t, web.Options{Start: first})
	k := newTab(t)
	k.open(url)
	assert.Contains(t, k.text("#welcome"), "you decide which thread takes the next step")
	assert.True(t, eval[bool](k, "document.getElementById('about-box').open"))
	assert.Contains(t, k.text("#about"), "khugepaged has replaced the small pages")
	legend := strings.Join(strings.Fields(k.text(".legend")), " ")
	for _, want := range []string{"pending on rcu_head", "A allocated", "P pending", "H pending on the rcu_head", "upper half: on top, and left in the mask"} {
		assert.Contains(t, legend, want)
	}
	assert.True(t, eval[bool](k, "document.querySelector('.legend').getBoundingClientRect().top < document.querySelector('.page').getBoundingClientRect().top"))

	eval[string](k, "document.querySelector('[data-key=speed]').value = '4'")
	k.click("#welcome-flaw")
	k.until("document.querySelector('.where').innerText.includes('of 16')")
	assert.False(t, eval[bool](k, "document.getElementById('welcome').checkVisibility()"))
	k.step(16) // it plays to the end, and stops there
	k.until("document.querySelector('[data-key=auto]').innerText.includes('Play')")
	assert.Contains(t, k.text(".banner.bad"), "use-after-free")

	k.open(url)
	assert.False(t, eval[bool](k, "document.getElementById('welcome').checkVisibility()"), "it was closed once")
	k.click("#about-box summary")
	k.until("localStorage.getItem('ptsim about') === 'closed'")
	k.open(url)
	assert.False(t, eval[bool](k, "document.getElementById('about-box').open"), "and stays as it was left")
}

// A schedule plays by itself at the speed that is chosen, until the user does something.
func TestBrowserPlaysByItself(t *testing.T) {
	url := listen(t, web.Options{Start: flaw})
	k := newTab(t)
	k.open(url)
	k.step(16)
	eval[bool](k, "(() => { const s = document.querySelector('[data-key=speed]'); s.value = '4'; s.dispatchEvent(new Event('change')); return true; })()")
	k.focus()
	k.press("r")
	k.until("document.getElementById('stepper').dataset.step === '2'")
	assert.Contains(t, k.text("[data-key=auto]"), "Pause")
	k.press("ArrowLeft")
	assert.Contains(t, k.text("[data-key=auto]"), "Play")
	at := eval[string](k, "document.getElementById('stepper').dataset.step")
	// How long a step is at each speed, by the clock that the page is given: none is waited for.
	eval[bool](k, "(() => { window.waits = []; window.setTimeout = (f, ms) => { window.waits.push(ms); return 1; }; return true; })()")
	for _, speed := range []string{"0.5", "1", "2", "4"} {
		eval[string](k, fmt.Sprintf("document.querySelector('[data-key=speed]').value = '%s'", speed))
		k.press("r", "r")
	}
	assert.Equal(t, []float64{2000, 1000, 500, 250}, eval[[]float64](k, "window.waits"))
	assert.Equal(t, at, eval[string](k, "document.getElementById('stepper').dataset.step"))
}

// A term says what it means on hover and on focus, and Escape closes it; each is marked once.
func TestBrowserGlossary(t *testing.T) {
	url := listen(t, web.Options{Start: flaw + "#9"})
	terms, err := course.Glossary()
	require.NoError(t, err)
	meaning := map[string]string{}
	for _, k := range terms {
		meaning[k.Name] = k.Text
	}
	k := newTab(t)
	k.open(url)
	marked := eval[[]string](k, "[...document.querySelectorAll('#view-step .term')].map((e) => e.dataset.term)")
	assert.Contains(t, marked, "khugepaged")
	assert.Contains(t, marked, "context.lock")
	seen := map[string]bool{}
	for _, m := range marked {
		assert.False(t, seen[m], "%s is marked twice", m)
		seen[m] = true
		assert.NotEmpty(t, meaning[m])
	}
	tip := "document.getElementById('tip').checkVisibility()"
	eval[bool](k, "document.querySelector('.term[data-term=khugepaged]').focus() || true")
	k.until(tip)
	assert.Equal(t, "khugepaged "+meaning["khugepaged"], k.text("#tip"))
	assert.Equal(t, "tip", eval[string](k, "document.activeElement.getAttribute('aria-describedby')"))
	assert.True(t, eval[bool](k, "(() => { const r = document.getElementById('tip').getBoundingClientRect(); return r.left >= 0 && r.right <= innerWidth && r.top >= 0 && r.bottom <= innerHeight; })()"))
	k.press("Escape")
	k.until("!" + tip)
	eval[bool](k, "document.activeElement.blur() || true")
	eval[bool](k, "document.querySelector('.term[data-term=mm]').dispatchEvent(new MouseEvent('mouseover', {bubbles: true}))")
	k.until(tip)
	assert.Contains(t, k.text("#tip"), meaning["mm"])
	eval[bool](k, "document.querySelector('.term[data-term=mm]').dispatchEvent(new MouseEvent('mouseout', {bubbles: true}))")
	k.until("!" + tip)
	k.open(url + "/#course/3-the-gather-and-a-grace-period")
	assert.Positive(t, eval[int](k, "document.querySelectorAll('.lesson .term').length"))
}

// A rule's sources are links: to the kernel's source, to the list, and to the documents, which open at the heading.
func TestBrowserCitations(t *testing.T) {
	url := listen(t, web.Options{Start: flaw})
	k := newTab(t)
	k.open(url)
	kinds := map[string]bool{}
	for i := 16; i > 0; i-- {
		k.step(i)
		for _, href := range eval[[]string](k, "[...document.querySelectorAll('.cites li')].map((e) => e.querySelector('a')?.getAttribute('href') || '')") {
			switch {
			case strings.HasPrefix(href, "https://elixir.bootlin.com/linux/v"):
				kinds["kernel"] = true
			case strings.HasPrefix(href, "https://lore.kernel.org/linux-mm/?q="):
				kinds["mail"] = true
			case strings.HasPrefix(href, "#docs/"):
				kinds["docs"] = true
			default:
				assert.Fail(t, "no link", "step %d: %s", i, href)
			}
		}
		k.press("ArrowLeft")
	}
	assert.Len(t, kinds, 3)
	k.open(url + hash(flaw+"#16"))
	eval[bool](k, "document.querySelector('.cites a[href^=\"#docs/\"]').click() || true")
	k.until("!document.getElementById('view-docs').hidden && document.querySelector('#view-docs h1')")
	assert.Regexp(t, `^H[23]$`, eval[string](k, "document.activeElement.tagName"), "at the heading")
	eval[bool](k, "history.back() || true")
	k.until("!document.getElementById('view-step').hidden")
}

// An address that names nothing is told, with a way back.
func TestBrowserUnknownAddress(t *testing.T) {
	url := listen(t, web.Options{Start: first})
	k := newTab(t)
	for _, address := range []string{"#nothing", "#level/nothing", "#course/nothing", "#docs/nothing", "#%E0%A4%A", "#<img src=x onerror=alert(1)>"} {
		k.open(url + "/" + address)
		assert.Contains(t, k.text("#trouble"), "There is nothing at this address", address)
		assert.Equal(t, 1, eval[int](k, "[...document.querySelectorAll('h1')].filter((e) => e.checkVisibility()).length"), address)
		k.click("#trouble a")
		k.until("!document.getElementById('view-step').hidden && document.querySelector('.lane') && !document.getElementById('trouble').innerText")
		k.forgive("404")
	}
	k.open(url)
	eval[bool](k, "(() => { window.fetch = () => Promise.reject(new Error()); location.hash = '#levels'; return true; })()")
	k.until("document.getElementById('trouble').innerText.includes('is ptsim serve still running?')")
	assert.NotContains(t, k.text("#trouble"), "nothing at this address", "that is not why")
	k.do(chromedp.Navigate(url + "/nothing"))
	assert.Contains(t, k.text("h1"), "There is nothing at this address")
	k.click(".ways a")
	k.until("document.documentElement?.dataset.ready === 'yes'")
	k.forgive("404")
}

// Hints say more each time, and the list of levels how far one has come.
func TestBrowserHints(t *testing.T) {
	l := levels.All()[0]
	par, err := l.Par()
	require.NoError(t, err)
	url := listen(t, web.Options{Start: first})
	k := newTab(t)
	k.open(url + "/#levels")
	assert.Contains(t, k.text(".progress"), fmt.Sprintf("0 of %d levels solved", len(levels.All())))
	k.open(url + "/#level/" + l.Name)
	assert.Contains(t, k.text(".level-panel"), "So far: 0 switches, 0 steps.")
	k.click("[data-key=hint]")
	k.until("document.querySelector('.hint-given')?.innerText.startsWith('Hint 1:')")
	k.click("[data-key=hint]")
	k.until("document.querySelector('.hint-given')?.innerText.startsWith('Hint 2:')")
	assert.Contains(t, k.text(".hint-given"), par.Text())
	for i := range par.Steps {
		k.click("[data-key=hint]")
		k.until(fmt.Sprintf("document.querySelector('.hint-given')?.innerText.startsWith('Hint %d:')", i+3))
		said := k.text(".hint-given")
		s, err := l.Open()
		require.NoError(t, err)
		moves, err := levels.ParseMoves(par.Schedule[strings.LastIndexByte(par.Schedule, ':')+1:])
		require.NoError(t, err)
		require.NoError(t, levels.Play(s, moves[:i]))
		h, err := l.Hint(3, s)
		s.Close()
		require.NoError(t, err)
		assert.Contains(t, said, h.Text)
		k.click(fmt.Sprintf("[data-move='%s']", h.Move))
		k.step(i + 1)
		if i+1 < par.Steps {
			assert.Contains(t, k.text(".level-panel"), fmt.Sprintf("%d step", i+1))
		}
	}
	k.until("document.querySelector('.judgement.right')")
	k.open(url + "/#levels")
	assert.Contains(t, k.text(".progress"), fmt.Sprintf("1 of %d levels solved, 3 of %d stars", len(levels.All()), 3*len(levels.All())))
}

// A lesson prints as a handout, with its answers only if they are asked for; so does the plan of an hour, with lesson 2.
func TestBrowserHandouts(t *testing.T) {
	url := listen(t, web.Options{Start: first})
	k := newTab(t)
	k.open(url + "/#course/plan")
	assert.Contains(t, k.text(".plan"), "lesson 2")
	k.open(url + "/#course/2-the-mask-and-the-list")
	eval[bool](k, "(() => { window.printed = []; window.print = () => window.printed.push(document.querySelector('.answers').innerText); return true; })()")
	k.click("[data-key=handout]")
	k.until("window.printed.length === 1")
	assert.Empty(t, eval[string](k, "window.printed[0]"))
	k.click("[data-key=answers]")
	k.until("window.printed.length === 2")
	got := eval[string](k, "window.printed[1]")
	l, err := course.Load("2")
	require.NoError(t, err)
	for _, b := range l.Blocks {
		if q, ok := b.(*course.Question); ok {
			assert.Contains(t, got, fmt.Sprintf("Question %d: ", q.Number))
			if q.Mask != "" {
				assert.Contains(t, got, q.Mask)
			}
		}
	}
	k.print()
	assert.False(t, eval[bool](k, "document.querySelector('.top').checkVisibility()"), "on paper there is nothing to press")
	assert.False(t, eval[bool](k, "[...document.querySelectorAll('button')].some((e) => e.checkVisibility())"))
	assert.True(t, eval[bool](k, "document.querySelector('.question').checkVisibility()"))
	assert.LessOrEqual(t, eval[int](k, "document.documentElement.scrollWidth"), 1280)
}
