package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/internal/web"
)

// node is a node of the accessibility tree: what a screen reader is told.
type node struct{ role, name string }

func (k *tab) tree() []node {
	k.Helper()
	var list []node
	k.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		r, err := cdp.Call(ctx, t, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
		if err != nil {
			return err
		}
		text := func(v *accessibility.Value) (s string) {
			if v != nil {
				_ = json.Unmarshal(v.Value, &s)
			}
			return s
		}
		for _, n := range r.Nodes {
			if !n.Ignored {
				list = append(list, node{text(n.Role), strings.TrimSpace(text(n.Name))})
			}
		}
		return nil
	}))
	return list
}

// controls are the roles of what can be operated, each of which must say what it does.
var controls = map[string]bool{"button": true, "link": true, "combobox": true, "slider": true, "checkbox": true, "radio": true, "textbox": true, "spinbutton": true, "DisclosureTriangle": true, "option": true, "menuitem": true, "dialog": true, "image": true, "img": true, "graphics-document": true}

func has(list []node, role, name string) bool {
	for _, n := range list {
		if n.role == role && strings.Contains(n.name, name) {
			return true
		}
	}
	return false
}

// Everything that can be operated has a name, on every view; the pictures have words; the landmarks are there.
func TestBrowserAccessibilityTree(t *testing.T) {
	url := listen(t, web.Options{Start: flaw + "#9"})
	k := newTab(t)
	for _, view := range []string{"/", "/" + hash(flaw)[1:], "/#levels", "/#quiz", "/#course", "/#course/6-the-flaw", "/#course/plan", "/#own", "/#docs/glossary"} {
		k.open(url + view)
		if view == "/#quiz" {
			k.click("[data-key=draw]")
			k.until("document.querySelectorAll('.item').length === 5")
		}
		list := k.tree()
		seen := map[string]int{}
		for _, n := range list {
			if controls[n.role] {
				seen[n.role]++
				assert.NotEmpty(t, n.name, "%s: a %s without a name", view, n.role)
				assert.NotRegexp(t, `^[^\w(]*$`, n.name, "%s: %s is named by a sign", view, n.role)
			}
		}
		assert.Positive(t, seen["link"], view)
		for _, role := range []string{"main", "banner", "navigation"} {
			assert.True(t, has(list, role, ""), "%s: no %s", view, role)
		}
		assert.Equal(t, 1, eval[int](k, "[...document.querySelectorAll('h1')].filter((e) => e.checkVisibility()).length"), "%s: one h1", view)
		levels := eval[[]int](k, "[...document.querySelectorAll('h1,h2,h3,h4')].filter((e) => e.checkVisibility()).map((e) => Number(e.tagName[1]))")
		assert.Equal(t, 1, levels[0], view)
		for i := 1; i < len(levels); i++ {
			assert.LessOrEqual(t, levels[i], levels[i-1]+1, "%s: a heading skips a level: %v", view, levels)
		}
		assert.Zero(t, eval[int](k, "(() => { const ids = [...document.querySelectorAll('[id]')].map((e) => e.id); return ids.length - new Set(ids).size; })()"), "%s: ids twice", view)
	}
	k.open(url)
	wants := []node{
		{"button", "First state"}, {"button", "Step back"}, {"button", "Step B exit"}, {"button", "Last step"}, {"button", "Run to a violation"}, {"button", "Predict"}, {"button", "Beside"}, {"button", "Play"}, {"combobox", "speed"}, {"button", "Tries"},
		{"button", "Source"}, {"button", "Link"}, {"button", "Save"}, {"button", "Keys"}, {"button", "just done"}, {"button", "A khugepaged: down_read(&f->i_mmap_rwsem)"}, {"button", "s0 softirq: spin_lock_bh"}, {"slider", "step"},
		{"combobox", "Scenario"}, {"combobox", "Variant"}, {"combobox", "Softirqs"}, {"combobox", "Grace periods"}, {"region", "threads"}, {"region", "memory"}, {"region", "what happened"}, {"heading", "mm1"}, {"heading", "page1"},
		{"StaticText", "mask P-|--|-A: P1, A0"}, {"StaticText", "upper half"}, {"StaticText", "pending"},
	}
	list := k.tree()
	lacks := func(want node) bool { return !has(list, want.role, want.name) }
	for end := time.Now().Add(time.Minute); slices.ContainsFunc(wants, lacks) && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		list = k.tree() // the source comes a moment later, and so does the tree of what has changed
	}
	for _, want := range wants {
		assert.True(t, has(list, want.role, want.name), "no %s %q", want.role, want.name)
	}
	assert.Equal(t, "polite", eval[string](k, "document.querySelector('[role=status]').getAttribute('aria-live')"))
}

// The keyboard alone: every control is reached by Tab and shows that it has the focus; the flaw, a link and a comparison
// without a mouse.
func TestBrowserKeyboardAlone(t *testing.T) {
	url := listen(t, web.Options{Start: flaw + "#9"})
	k := newTab(t)
	k.open(url)
	eval[bool](k, "document.activeElement.blur() || true")
	reached := map[string]bool{}
	type focused struct {
		Key     string
		Visible bool
		Body    bool
	}
	eval[bool](k, "document.body.setAttribute('tabindex', '-1') || document.body.focus() || document.body.removeAttribute('tabindex') || true")
	for range 160 {
		k.press("Tab")
		f := eval[focused](k, `(() => { const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
			return {Key: e.dataset.key || e.id || e.innerText, Body: e === document.body, Visible: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 && r.width > 0 && r.bottom > 0 && r.top < innerHeight}; })()`)
		if f.Body || reached[f.Key] {
			break
		}
		reached[f.Key] = true
		assert.True(t, f.Visible, "%s has the focus, and one cannot see it", f.Key)
	}
	for _, want := range eval[[]string](k, "[...document.querySelectorAll('button, select, input, summary, a[href]')].filter((e) => e.checkVisibility() && !e.disabled).map((e) => e.dataset.key || e.id || e.innerText)") {
		assert.True(t, reached[want], "%s is not reached by Tab: %v", want, reached)
	}

	// Letters are keys in the stepper only.
	eval[bool](k, "document.getElementById('nav-quiz').focus() || true")
	k.press("b", "n", "2", "Home")
	k.step(9)
	eval[bool](k, "document.getElementById('version').focus() || true")
	k.press("b")
	k.step(9)
	eval[bool](k, "document.activeElement.blur() || true")
	k.press("b", "n")
	k.step(9)
	k.press("Tab")
	k.focus()
	k.press("b")
	k.step(8)

	// A button that has the focus keeps it over a step, and Enter presses it.
	eval[bool](k, "document.querySelector('[data-key=back]').focus() || true")
	k.press("Enter")
	k.step(7)
	assert.Equal(t, "back", eval[string](k, "document.activeElement.dataset.key"))
	k.press("Enter", "Enter", "Enter", "Enter", "Enter", "Enter", "Enter")
	k.step(0)
	assert.Equal(t, "stepper", eval[string](k, "document.activeElement.id"), "at the first state there is nothing to press any more")
	k.press("?")
	k.until("document.getElementById('help').open")
	k.press("Escape")
	k.until("!document.getElementById('help').open")
	k.focus()
	k.press("End")
	k.step(16)
}

// Nothing is wider than the screen of a phone, on any view, in either scheme; what is wider scrolls by itself.
func TestBrowserFitsAPhone(t *testing.T) {
	sc := big(t)
	url := listen(t, web.Options{Start: flaw, Scenario: sc})
	long := sessionOf(t, sc, "rfc", 2)
	walk(t, long, 120)
	k := newTab(t)
	k.do(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile))
	for i, view := range []string{"/", "/" + hash(long.Link())[1:], "/#levels", "/#quiz", "/#course/2-the-mask-and-the-list", "/#course/6-the-flaw", "/#level/lost", "/#own", "/#course/plan", "/#docs/reference/primitives", "/#docs/glossary", "/#nothing"} {
		k.scheme([]string{"light", "dark"}[i%2])
		k.open(url + view)
		if view == "/" {
			k.press("c", "Enter")
			k.until("document.querySelector('.sides')")
		}
		if view == "/#quiz" {
			k.click("[data-key=draw]")
			k.until("document.querySelectorAll('.item').length === 5")
		}
		wide := eval[int](k, "document.documentElement.scrollWidth")
		assert.LessOrEqual(t, wide, 360, "%s: %s", view, eval[string](k, `[...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > 361 && !e.closest('.tl-scroll, .code, pre, .wide-table, table, .sr')).map((e) => e.tagName + '.' + e.className).slice(0, 8).join(', ')`))
		// What is chosen is read in full, but for the title of a long scenario; no mask breaks in a table, and no arrow of C in a sentence.
		cut := eval[string](k, `[...document.querySelectorAll('.pick select:not(#scenario)')].filter((e) => { const s = getComputedStyle(e), c = document.createElement('canvas').getContext('2d'); c.font = s.font; return e.checkVisibility() && e.selectedOptions[0] && c.measureText(e.selectedOptions[0].textContent).width + parseFloat(s.paddingLeft) + 18 > e.clientWidth; }).map((e) => e.id).join()`)
		assert.Empty(t, cut, "%s: a choice is cut", view)
		assert.Zero(t, eval[int](k, `[...document.querySelectorAll('td code')].filter((e) => /^[AHP|-]+$/.test(e.textContent) && e.getClientRects()[0]?.height > 1.9 * parseFloat(getComputedStyle(e).fontSize)).length`), "%s: a mask of two lines", view)
		assert.Zero(t, eval[int](k, `[...document.querySelectorAll('.sentence')].filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.includes('->'))).length`), view)
		want := []string{"rgb(251, 250, 246)", "rgb(21, 23, 27)"}[i%2]
		assert.Equal(t, want, eval[string](k, "getComputedStyle(document.body).backgroundColor"))
	}
}

// pack.js undoes what pack.go did.
func TestBrowserUnpacks(t *testing.T) {
	s, err := stepper.Open(flaw, scenario.Load)
	require.NoError(t, err)
	defer s.Close()
	var want []any
	for _, try := range s.Line() {
		want = append(want, plain(t, try.View))
	}
	p, err := web.PackOf(want...)
	require.NoError(t, err)
	text, err := json.Marshal(p)
	require.NoError(t, err)
	k := newTab(t)
	k.open(listen(t, web.Options{Start: first}))
	eval[bool](k, fmt.Sprintf("import('/assets/pack.js').then((m) => { window.unpacked = JSON.stringify(m.unpack(%s)); }) && true", text))
	k.until("window.unpacked")
	var got []any
	require.NoError(t, json.Unmarshal([]byte(eval[string](k, "window.unpacked")), &got))
	assert.Equal(t, want, got)
}
