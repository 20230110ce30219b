package draw

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ptsim/internal/stepper"
)

// TestSaysWhatThereIs: whatever a view has is in the picture, in words.
func TestSaysWhatThereIs(t *testing.T) {
	for name, views := range all(t) {
		for _, o := range options()[1:] {
			s := NewSheet(views, o)
			for i, v := range views {
				var b strings.Builder
				texts := s.frame(&b, i, nil)
				words := map[string]bool{}
				var joined strings.Builder
				for _, k := range texts {
					words[k.text] = true
					joined.WriteString(k.text + " ")
				}
				changed := map[stepper.Change]bool{}
				for _, p := range v.Pages {
					if p.Freed && p.Change == stepper.Same {
						continue // may be left out when there are many
					}
					assert.True(t, words[p.Name], "%s step %d: %s", name, i, p.Name)
					changed[p.Change] = changed[p.Change] || !p.Freed
					for bit := range 6 {
						if on := p.Bits>>bit&1 != 0; on && !p.Freed {
							assert.True(t, words[fmt.Sprintf("%c%d", "AAHHPP"[bit], bit%2)])
						}
					}
				}
				for _, m := range v.MMs {
					assert.Contains(t, joined.String(), m.Name)
					if m.Freed {
						assert.True(t, words["freed"])
					} else {
						assert.Contains(t, joined.String(), fmt.Sprintf("mm_count %d", m.Count))
						changed[m.Change] = true
					}
				}
				for _, c := range v.RCU {
					assert.True(t, words[c.Name])
				}
				for _, l := range v.Lanes {
					if l.Moved {
						assert.True(t, words["moved"])
					}
				}
				for c, is := range changed {
					if c != stepper.Same && c != stepper.Gone && is {
						assert.True(t, words[string(c)], "%s step %d: no word says %s", name, i, c)
					}
				}
				if !o.Compact {
					if v.Violation != nil {
						assert.True(t, words["VIOLATION"])
					}
					if v.Did != nil {
						assert.Contains(t, joined.String(), strings.Fields(v.Did.Sentence.Text)[0])
					}
				}
			}
		}
	}
}

// TestHalves: what a half is doing can be told without colour and without its word.
func TestHalves(t *testing.T) {
	f := newFrame(&stepper.View{}, Options{}, contents{})
	f.ids = "pt-"
	text := regexp.MustCompile(`<text.*?</text>|class="[^"]*"`)
	seen := map[string]string{}
	for state := stepper.HalfFree; state <= stepper.HalfBroken; state++ {
		p := &pen{}
		f.half(p, &stepper.Half{State: state}, false, 0, 0, 200, 24)
		require.Len(t, p.texts, 1)
		assert.Equal(t, state.String(), p.texts[0].text)
		shape := text.ReplaceAllString(p.String(), "")
		if state == stepper.HalfAllocated {
			shape += "filled"
			assert.Contains(t, p.String(), `class="f-full"`)
		}
		shape = regexp.MustCompile(` (x|width)="[^"]*"`).ReplaceAllString(shape, "")
		assert.Empty(t, seen[shape], state)
		seen[shape] = state.String()
	}
}

func TestDescribe(t *testing.T) {
	views := schedule(t, "S1", "rfc", 2)
	text := Describe(views[len(views)-1])
	for _, want := range []string{"mm1 is freed.", "page1: mask PP|--|--, upper half pending t1, lower half pending t0, off the list.", "RCU has batch(batch2), which waits for s0 softirq", "VIOLATION: use after free"} {
		assert.Contains(t, text, want)
	}
	var b strings.Builder
	require.NoError(t, SVG(&b, views[len(views)-1], Options{Title: "S1"}))
	assert.Contains(t, b.String(), "<desc>"+clean(text)+"</desc>")
	assert.Contains(t, b.String(), "<title>S1, step 16: spin_lock_bh(&amp;mm1-&gt;context.lock)</title>")
}

// TestWrap: nothing is lost, no line is too wide, and words stay whole where they can.
func TestWrap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.SampledFrom([]kind{title, sentence, plain, strong, code, small, tiny}).Draw(t, "kind")
		s := rapid.StringOf(rapid.RuneFrom([]rune("abcW ,(-漢"))).Draw(t, "s")
		w := rapid.Float64Range(30, 600).Draw(t, "w")
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		lines := k.wrap(s, w, 0)
		assert.Equal(t, squeeze(s), squeeze(strings.Join(lines, "")))
		for _, l := range lines {
			assert.True(t, k.width(l) <= w || len([]rune(l)) == 1, l)
			assert.Equal(t, strings.TrimSpace(l), l)
		}
		few := k.wrap(s, w, 2)
		assert.LessOrEqual(t, len(few), 2)
		if len(lines) <= 2 {
			assert.Equal(t, lines, few)
		}
		assert.LessOrEqual(t, k.width(k.fit(s, w)), max(w, 0))
	})
	assert.Equal(t, []string{"spin_lock_bh(", "&mm1->context.lock)"}, code.wrap("spin_lock_bh(&mm1->context.lock)", 24*code.width("x"), 0))
}
