package web_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/levels"
	"ptsim/internal/web"
)

// TestBrowserLabs steps through a schedule of each lab, on a narrow screen: the page draws every state, what is empty as well, with
// the lab's drawing if there is one, and nothing is cut off at the side.
func TestBrowserLabs(t *testing.T) {
	url := listen(t, web.Options{Start: first})
	k := newTab(t)
	k.do(chromedp.EmulateViewport(360, 800))
	for _, c := range []struct{ schedule, figure string }{
		{par(t, "zsmalloc/rcu-is-not-enough"), "some objects"},
		{par(t, "zswap/cpu-goes"), "The context of each CPU"},
		{par(t, "shrinker/two-leave"), "shrinker_list"},
		{"swap/offon/no-rmb@2,precise,lkmm-6.1:s:0566527b:Bx28-s0!485-s0x12-Bx49-Ax7-A?1", "Memory, lkmm"}, // some moves are nothing that others can see
		{"stack/aba/treiber@2,precise:f:71deb18d:Ax2-Bx12-A-Bx4", ""},
	} {
		k.open(url + hash(c.schedule+"#0"))
		k.step(0)
		last, err := strconv.Atoi(strings.TrimPrefix(k.text("#stepper .where"), "0 of "))
		require.NoError(t, err)
		k.focus()
		for step := range last + 1 {
			k.step(step)
			assert.Empty(t, k.text(".banner.warn"), "%s, step %d", c.schedule, step)
			if step > 0 { // nothing was stored yet
				assert.Contains(t, k.text(".figure"), c.figure, "%s, step %d", c.schedule, step)
			}
			if step%10 == 0 || step == last {
				assert.LessOrEqual(t, eval[int](k, "document.documentElement.scrollWidth"), 360, "%s, step %d: it is wider than the screen", c.schedule, step)
			}
			if step < last {
				k.press("ArrowRight")
			}
		}
	}
}

// par is the shortest solution of a level.
func par(t *testing.T, name string) string {
	l, err := levels.Get(name)
	require.NoError(t, err)
	p, err := l.Par()
	require.NoError(t, err)
	return p.Schedule
}
