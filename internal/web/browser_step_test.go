package web_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/internal/web"
)

// digit is the key of a move, by the beginning of its text.
func (k *tab) digit(move string) string {
	k.Helper()
	return eval[string](k, fmt.Sprintf("document.querySelector('[data-move^=\"%s\"] kbd').innerText", move))
}

// theFlaw reaches the flaw of rfc by hand: B?1 Bx6 s0!.. s0 Bx6 s0.
func (k *tab) theFlaw() {
	k.press("3") // the second way of B's either
	k.step(1)
	for i := range 6 {
		k.press("Space")
		k.step(2 + i)
	}
	k.press(k.digit("s0!"))
	k.step(8)
	k.press("Space") // s0 moved last, and goes on
	k.step(9)
	k.press("B")
	for i := range 6 {
		k.press([]string{"ArrowRight", "n", "Enter"}[i%3])
		k.step(10 + i)
	}
	for k.text(".lane.selected .letter") != "s0" {
		k.press("ArrowDown")
	}
	k.press("Space")
	k.step(16)
}

// The flaw by the keys of its schedule, then back and forth, and another try.
func TestBrowserTheFlawByHand(t *testing.T) {
	url := listen(t, web.Options{Start: first})
	k := newTab(t)
	k.open(url)
	assert.Equal(t, "S1 on rfc · ptsim", eval[string](k, "document.title"))
	assert.Contains(t, k.text("h1"), "Retract against exit")
	assert.Equal(t, "stepper", eval[string](k, "document.activeElement.id"), "the keys work at once")
	k.theFlaw()
	assert.Contains(t, k.text(".banner.bad"), "Violation: use-after-free")
	assert.Contains(t, k.text(".banner.bad"), "takes context.lock of freed mm1")
	assert.Contains(t, eval[string](k, "document.querySelector('[role=status]').textContent"), "Violation: use after free")
	assert.Contains(t, k.text(".mm.freed"), "FREED")
	assert.Contains(t, k.text("[data-lane=A]"), "something is broken: the schedule ends here")
	assert.True(t, eval[bool](k, "document.querySelector('[data-key=step]').disabled"))
	k.until("document.querySelector('.source .here')")
	assert.Contains(t, k.text(".source"), "pgalloc/rfc.go")
	assert.Contains(t, k.text(".source .here"), "SpinLockBH")

	// Every state of the line is what a session of one's own has.
	own, err := stepper.Open(flaw, scenario.Load)
	require.NoError(t, err)
	defer own.Close()
	type seen struct {
		Sentence, Said, Changes, Halves, Bits string
		Lanes                                 map[string]string
	}
	for i := 15; i >= 0; i-- {
		k.press([]string{"ArrowLeft", "b"}[i%2])
		k.step(i)
		require.NoError(t, own.Seek(i))
		v := own.View()
		s := eval[seen](k, `(() => {
			const text = (css) => [...document.querySelectorAll(css)].map((e) => e.innerText).join('\n');
			return {
				Sentence: text('.happened .sentence'), Changes: text('.happened .changes'), Halves: text('.page .half'), Said: document.querySelector('[role=status]').textContent,
				Bits: [...document.querySelectorAll('.page .bit')].map((b) => (b.classList.contains('on') ? b.querySelector('i').innerText[0] : '-')).join(''),
				Lanes: Object.fromEntries([...document.querySelectorAll('.lane')].map((l) => [l.dataset.lane, l.innerText])),
			};
		})()`)
		if v.Did != nil {
			assert.Contains(t, s.Sentence, v.Did.Sentence.Text)
			assert.Contains(t, s.Said, v.Did.Sentence.Text)
			for _, c := range v.Did.Changes {
				assert.Contains(t, s.Changes, c)
				assert.Contains(t, s.Said, c)
			}
		}
		assert.Equal(t, strings.ReplaceAll(v.Pages[0].Mask, "|", ""), s.Bits)
		assert.Less(t, strings.Index(s.Halves, "upper half"), strings.Index(s.Halves, "lower half"), "the upper half is on top, as it is left in the mask")
		for h, name := range []string{"lower half", "upper half"} {
			assert.Contains(t, s.Halves, name+" "+v.Pages[0].Halves[h].State.String())
		}
		assert.Len(t, s.Lanes, len(v.Lanes))
		for j := range v.Lanes {
			l := &v.Lanes[j]
			assert.Contains(t, s.Lanes[l.Letter], l.Why)
			for _, m := range l.Moves {
				assert.Contains(t, s.Lanes[l.Letter], m.Label)
			}
		}
	}
	k.press("End")
	k.step(16)
	k.press("g")
	k.step(0)
	k.press("G")
	k.step(16)
	eval[bool](k, "(() => { const r = document.querySelector('input[type=range]'); r.value = 7; r.dispatchEvent(new Event('input', {bubbles: true})); return true; })()")
	k.step(7)
	assert.Contains(t, eval[string](k, "document.querySelector('input[type=range]').getAttribute('aria-valuetext')"), "step 7 of 16: B exit: ")

	// From there another way: a branch. Both are in the tree of tries, and the brackets go from one to the other.
	k.press("A", "Space")
	k.step(8)
	assert.Contains(t, k.text(".where"), "8 of 8")
	k.press("t")
	tree := k.text(".tree")
	assert.Contains(t, tree, "B?1 Bx6")
	assert.Contains(t, tree, "use-after-free")
	assert.Equal(t, 3, eval[int](k, "document.querySelectorAll('.tree button').length"))
	k.press("[")
	k.step(16)
	k.press("]")
	k.step(8)
	k.click(".tree li li button")
	k.step(16)
	k.press("t")
	assert.True(t, eval[bool](k, "document.querySelector('.tree').hidden"))
	assert.LessOrEqual(t, len(k.asks), 60, "what was seen is not asked for again: %v", k.asks)
}

// A CPU is chosen by clicking what it can do; one that cannot says why.
func TestBrowserChoosesACPU(t *testing.T) {
	url := listen(t, web.Options{Start: first})
	k := newTab(t)
	k.open(url)
	k.click("[data-move=A]")
	k.step(1)
	k.click("[data-move='B?1']")
	k.step(2)
	for range 6 {
		before := eval[string](k, "document.getElementById('stepper').dataset.step")
		if eval[bool](k, "!document.querySelector('[data-move=B]')") {
			break
		}
		k.click("[data-move=B]")
		k.until("document.getElementById('stepper').dataset.step !== '" + before + "'")
	}
	assert.Contains(t, k.text("[data-lane=B] .why"), "waits for f->i_mmap_rwsem, held by A khugepaged on CPU0")
	assert.Contains(t, k.text("[data-lane=w0] .why"), "no work item is pending")
	k.press("B")
	assert.Contains(t, eval[string](k, "document.querySelector('[role=status]').textContent"), "held by A khugepaged")
	assert.True(t, eval[bool](k, "document.querySelector('[data-key=step]').disabled"))

	// Another version, by the menu: it begins anew.
	eval[bool](k, "(() => { const s = document.getElementById('version'); s.value = 'active'; s.dispatchEvent(new Event('change')); return true; })()")
	k.until("document.title === 'S1 on active · ptsim'")
	k.step(0)
	// From its first state nothing can go wrong, and that is proved.
	k.focus()
	k.press("v")
	k.until("document.querySelector('.banner.good')")
	assert.Regexp(t, `nothing can go wrong any more: all schedules from here were tried, [\d]+ states`, k.text(".banner.good"))
	assert.Regexp(t, `S1 on active, 2 softirq CPUs, precise grace periods: covers sequential consistency; every batch finds a page; data races by happens-before; odds of a hash clash \de-\d+\.`, k.text(".banner.good .covers"))
	k.step(0)
	// On rfc v takes the shortest way.
	k.open(url + hash(first))
	k.press("v")
	k.step(16)
	assert.Contains(t, k.text(".notes"), "use-after-free")
	assert.Contains(t, k.text(".notes"), "16 steps from here")
}

// A link leads to the same step, in another tab; one that does not fit any more says so.
func TestBrowserLinks(t *testing.T) {
	url := listen(t, web.Options{Start: first})
	k := newTab(t)
	k.open(url + hash(flaw))
	k.step(16)
	k.press("Home")
	k.step(0)
	for i := range 5 {
		k.press("Space")
		k.step(i + 1)
	}
	k.press("l")
	k.until("document.querySelector('[data-key=\"link text\"]')")
	link := eval[string](k, "document.querySelector('[data-key=\"link text\"]').value")
	assert.Equal(t, link, eval[string](k, "location.href"))
	happened := k.text(".happened")

	other := newTab(t)
	other.open(link)
	other.step(5)
	assert.Equal(t, happened, other.text(".happened"))
	assert.Contains(t, other.text(".where"), "5 of 16")
	other.press("End")
	other.step(16)
	assert.Contains(t, other.text(".banner.bad"), "use-after-free")
	other.press("ArrowLeft")
	other.step(15)
	other.do(chromedp.Reload())
	other.until("document.documentElement.dataset.ready === 'yes'")
	other.step(15)

	other.open(url + hash(strings.Replace(flaw, "1592e5da", "12345678", 1)))
	other.until("document.querySelector('.banner.warn')")
	assert.Contains(t, other.text(".banner.warn"), "This link has gone stale")
	other.open(url + hash(first+"A#9"))
	assert.Contains(t, other.text(".banner.warn"), "the link is of step 9; the schedule has 1")
	other.open(url + hash("nothing/rfc@2,precise:s:00000000:"))
	other.step(0)
	other.forgive("422")
}

// The file that the page saves steps with the server gone.
func TestBrowserOffline(t *testing.T) {
	s, err := stepper.Open(flaw+"#9", scenario.Load)
	require.NoError(t, err)
	defer s.Close()
	path := filepath.Join(t.TempDir(), "flaw.html")
	require.NoError(t, os.WriteFile(path, []byte(offline(t, web.OfflineOptions{Session: s})), 0o644))
	k := newTab(t)
	k.open("file://" + path)
	k.step(9)
	assert.Contains(t, k.text("h1"), "Retract against exit, on rfc")
	for i := 10; i <= 16; i++ {
		k.press("Space")
		k.step(i)
		require.NoError(t, s.Seek(i))
		assert.Contains(t, k.text(".happened .sentence"), s.View().Did.Sentence.Text)
	}
	assert.Contains(t, k.text(".banner.bad"), "use-after-free")
	k.press("Home")
	k.step(0)
	k.press("Space")
	k.step(1)
	k.until("document.querySelector('.source .here')")
	assert.Contains(t, k.text(".source"), "pgalloc/rfc.go")
	assert.Zero(t, eval[int](k, "document.querySelectorAll('.move').length"), "there is nobody who would take another step")
	k.press("l")
	assert.Contains(t, k.text(".notes"), "ptsim step --replay '"+s.Schedule()+"#1'")
	k.press("?")
	k.until("document.getElementById('help').open")
	assert.Contains(t, k.text("#keys"), "one step back")
	k.press("Escape")
	assert.Len(t, k.asks, 1, "the file, and nothing else: %v", k.asks)
}

// What the page saves is that file.
func TestBrowserSaves(t *testing.T) {
	url := listen(t, web.Options{Start: flaw + "#4"})
	k := newTab(t)
	k.open(url)
	k.step(4)
	// The file is taken where the browser would write it to the disk.
	eval[bool](k, "(() => { window.saved = []; const make = URL.createObjectURL; URL.createObjectURL = (b) => { window.saved.push(b); return make.call(URL, b); }; return true; })()")
	k.click("[data-key=save]")
	k.until("window.saved.length === 1")
	k.until("document.querySelector('.notes').innerText.includes('S1-rfc.html')")
	s, err := stepper.Open(flaw+"#4", scenario.Load)
	require.NoError(t, err)
	defer s.Close()
	eval[bool](k, "(() => { window.saved[0].text().then((t) => { window.savedText = t; }); return true; })()")
	k.until("window.savedText")
	assert.Equal(t, offline(t, web.OfflineOptions{Session: s}), eval[string](k, "window.savedText"))
}
