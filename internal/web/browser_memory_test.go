package web_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"

	"ptsim/internal/web"
)

// A read of an old store by hand: it is offered, with the letter that tells of the newer one; it says what it missed, since when, and
// what would have forbidden it; with that barrier put in it is refused. One before the first of the reads mends it all.
func TestBrowserStaleRead(t *testing.T) {
	url := listen(t, web.Options{Start: first})
	k := newTab(t)
	k.open(url + "#swap/on/no-rmb@2,precise,lkmm-6.1:s:00000000:Bx27-Ax7%2334")
	k.step(34)
	assert.Equal(t, "lkmm-6.1", eval[string](k, "document.querySelector('#memory').value"))
	assert.Contains(t, k.text(".figure"), "letter to A, opened by smp_rmb or an acquire: read of swap_info_struct1->users, step 30")
	assert.Contains(t, k.text("[data-move='A?1']"), "reads 0 from before, an old store")
	assert.Contains(t, k.text("[data-move='A']"), "reads 1 of B, step 10")
	click := func(css string) {
		eval[bool](k, fmt.Sprintf("(() => { document.querySelector(%q).click(); return true; })()", css))
	}
	click("[data-move='A?1']")
	k.step(35)
	assert.Contains(t, k.text(".happened .sentence"), "misses 1 of B, step 10. An smp_rmb() between the read in step 30 and this one would forbid it")
	assert.Contains(t, k.text(".banner.bad"), "the page of an entry is counted")
	click("[data-edit^='+rmb=swap/']")
	k.until("document.querySelector('.banner')?.innerText.includes('is refused')")
	assert.Contains(t, k.text(".banner"), "The stale read of step 35 is refused: with +rmb=swap/users.go:")
	assert.Contains(t, k.text(".banner"), "steps from here", "another read is still stale")
	assert.Contains(t, eval[string](k, "decodeURIComponent(location.hash)"), ",+rmb=swap/")

	// Before the first of the reads it is enough.
	k.open(url + "#swap/on/no-rmb@2,precise,lkmm-6.1:s:00000000:Bx27-Ax6%2333")
	k.step(33)
	click("[data-edit^='+rmb=swap/users.go']")
	k.until("document.querySelector('.banner.good')")
	assert.Contains(t, k.text(".banner.good"), "nothing can go wrong")
	assert.True(t, eval[bool](k, "document.querySelector('[data-move=\"A?1\"]') === null"), "no old store can be read any more")
}

// The stale read of seed 002 under each model: two of three cannot follow, and say what they read instead; what one can, it shows.
func TestBrowserModelsBeside(t *testing.T) {
	const stale = "swap/on/no-rmb@2,precise,lkmm-6.1:s:00000000:Bx27-Ax7-A?1"
	url := listen(t, web.Options{Start: first})
	k := newTab(t)
	k.open(url + "#" + stale)
	k.step(35)
	k.focus()
	k.press("m")
	k.until("document.querySelectorAll('.side').length === 3")
	assert.Contains(t, k.text("#beside > .sentence"), "Step 35 is not possible under sc and tso.")
	assert.Contains(t, k.text("#beside .banner.warn"), "The read is stale")
	assert.Contains(t, k.text("#beside .where"), "row 35 of 35: the first step that not all allow")
	sides := func() []string {
		return eval[[]string](k, "[...document.querySelectorAll('.side')].map(e => e.innerText)")
	}
	sc, tso, lkmm := sides()[0], sides()[1], sides()[2]
	for _, side := range []string{sc, tso} {
		assert.Contains(t, side, "not possible. Instead: READ_ONCE(swap_map1->swap_map[1]): 1")
		assert.Contains(t, side, "step 35 is not possible")
	}
	assert.Contains(t, lkmm, "Violation: assertion")
	assert.Contains(t, lkmm, "all of it is possible: assertion failed: swap_count")
	assert.Contains(t, lkmm, "letter to A")
	k.click("[data-key='row back']")
	assert.Contains(t, k.text("#beside .where"), "row 34 of 35")
	for _, side := range sides() {
		assert.Contains(t, side, "rcu_dereference(swap_info_struct1->swap_map): swap_map1")
	}
	assert.Equal(t, "35", eval[string](k, "document.getElementById('stepper').dataset.step"), "the stepper stays where it is")
	for _, width := range []int64{360, 800, 1280} {
		k.do(chromedp.EmulateViewport(width, 900))
		assert.LessOrEqual(t, eval[int64](k, "document.documentElement.scrollWidth"), width)
	}
	k.click("[data-key='row open 0']") // the first model's own way, to where it can go on otherwise
	k.until("document.querySelector('#memory').value === 'sc'")
	assert.Contains(t, k.text("[data-move='A']"), "READ_ONCE(swap_map1->swap_map[1])")
}
