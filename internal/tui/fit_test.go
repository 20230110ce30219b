package tui

import (
	"context"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ptsim/internal/levels"
	_ "ptsim/internal/nofiles"
)

// Whatever size a terminal has, the screen fits it, in each state of a schedule and with everything that can lie on top.
func TestEverySizeFits(t *testing.T) {
	s := flaw(t)
	for _, keys := range []string{"", "?", "t", "l", "c", "c 2", "left p left right", "tab tab"} {
		m := model(t, Options{Session: s}, 80, 24)
		press(t, m, "end "+keys)
		for w := 1; w <= 230; w += 1 + w/3 {
			for h := 1; h <= 70; h += 1 + h/2 {
				resize(m, w, h)
				requireFits(t, m, w, h)
			}
		}
	}
}

// A primitive that does not fit behind its lane stands below it, whole.
func TestPrimitivesStayWhole(t *testing.T) {
	for _, size := range [][2]int{{200, 60}, {120, 40}, {80, 24}, {70, 24}} {
		s := session(t, "S1", "rfc")
		m := model(t, Options{Session: s, NoColour: true}, size[0], size[1])
		for _, k := range []string{"3", "space", "space", "space", "space", "space", "space"} {
			press(t, m, k)
			lane := m.view.Lanes[1]
			require.NotEmpty(t, lane.Moves)
			if strings.HasPrefix(lane.Moves[0].Label, "way ") {
				continue
			}
			for _, word := range strings.Fields(lane.Moves[0].Label) {
				assert.Contains(t, plainScreen(m), word, "%v, after step %d", size, m.view.Step)
			}
		}
	}
}

// On the smallest screen that is promised to be of use, everything that changed and every lane is in sight.
func TestAllInSightAt80x24(t *testing.T) {
	s := flaw(t)
	m := model(t, Options{Session: s, NoColour: true}, 80, 24)
	for _, try := range s.Line() {
		require.NoError(t, s.Seek(try.View.Step))
		m.refresh()
		text := plainScreen(m)
		for _, l := range try.View.Lanes {
			assert.Contains(t, text, l.Letter, "step %d", try.View.Step)
		}
		for _, p := range try.View.Pages {
			assert.Contains(t, text, p.Mask, "step %d", try.View.Step)
		}
		if d := try.View.Did; d != nil {
			assert.Contains(t, text, d.Letter+" CPU")
			for _, mm := range try.View.MMs {
				if mm.Change != "" {
					_, sign := m.ink.sign(mm.Change)
					if m.accused(mm.Name) {
						sign = m.ink.bad
					}
					assert.Contains(t, text, sign+" "+mm.Name, "step %d", try.View.Step)
				}
			}
		}
	}
}

// keyNames are all keys that do something, and some that do not.
func keyNames() []string {
	list := strings.Fields("1 2 3 4 5 6 7 8 9 0 A B C a d e f h x i z j k o")
	for _, b := range bindings() {
		for _, k := range b.keys {
			if k != "q" && k != "ctrl+c" && k != "v" {
				list = append(list, k)
			}
		}
	}
	return list
}

func keyMsg(k string) tea.KeyPressMsg {
	if msg, ok := named[k]; ok {
		return msg
	}
	return tea.KeyPressMsg{Code: rune(k[0]), Text: k}
}

// Random keys and sizes: nothing panics, and the screen fits.
func TestRandomKeys(t *testing.T) {
	keys := keyNames()
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom([]string{"S1", "defer2", "pgste", "B4", "fork"}).Draw(rt, "scenario")
		version := rapid.SampledFrom([]string{"rfc", "fullpage", "typesafe", "pinned/half", "active"}).Draw(rt, "version")
		m := New(context.Background(), Options{Session: session(t, name, version), Predict: rapid.Bool().Draw(rt, "predict")})
		for range rapid.IntRange(1, 12).Draw(rt, "keys") {
			if rapid.IntRange(0, 5).Draw(rt, "resize") == 0 {
				resize(m, rapid.IntRange(1, 220).Draw(rt, "w"), rapid.IntRange(1, 70).Draw(rt, "h"))
			}
			m.Update(keyMsg(rapid.SampledFrom(keys).Draw(rt, "key")))
			requireFits(rt, m, m.w, m.h)
		}
	})
}

// FuzzKeys is the same with bytes: a key each, and a size behind a zero.
func FuzzKeys(f *testing.F) {
	f.Add([]byte("33  \x00\x50\x18t\x03"), "S1")
	f.Add([]byte("A   b2 [l?"), "defer2")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		if len(data) > 60 {
			return
		}
		switch name {
		case "S1", "defer2", "pgste", "fork":
		default:
			name = "page"
		}
		keys := keyNames()
		l, err := levels.Get("munmap")
		require.NoError(t, err)
		opt := Options{Session: session(t, name, "rfc"), ASCII: len(data)%2 == 0}
		if len(data)%3 == 0 {
			opt.Level = l
		}
		m := New(t.Context(), opt)
		for i := 0; i < len(data); i++ {
			if data[i] == 0 && i+2 < len(data) {
				resize(m, int(data[i+1]), int(data[i+2])%80)
				i += 2
			} else {
				m.Update(keyMsg(keys[int(data[i])%len(keys)]))
			}
			requireFits(t, m, m.w, m.h)
		}
	})
}

// Text of a scenario is made harmless and measured right, whatever is in it: wide characters, marks that join, directions,
// escape sequences.
func TestHostileScenario(t *testing.T) {
	for _, text := range []string{
		"漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字",
		"e\u0301\u0301\u0301 a\u200d\u200db \u202eevil\u202c 👩‍👩‍👧‍👦 🇩🇪 ﷽ \u00ad\ufeff",
		strings.Repeat("x", 5000),
		"ＦＵＬＬ ｗｉｄｔｈ ﾊﾝｶｸ ★ ① Ω ½ …",
	} {
		sc, err := sessionText("title " + text + "\nabout " + text + "\nmm 1\ntask a\n  mmput 1\n")
		if err != nil {
			continue // the language has none of it
		}
		m := model(t, Options{Session: sessionOf(t, sc, "rfc")}, 80, 24)
		for _, w := range []int{1, 2, 3, 7, 20, 79, 80, 120, 200} {
			resize(m, w, 24)
			requireFits(t, m, w, 24)
		}
	}
}

// wrap loses nothing but blanks, and no line is too wide.
func TestWrap(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "bc", "def", "●", "漢字", "a-long-word-that-does-not-fit", " "}), 0, 20).Draw(rt, "words")
		n, indent := rapid.IntRange(2, 40).Draw(rt, "n"), rapid.IntRange(0, 8).Draw(rt, "indent")
		var l line
		for i, w := range words {
			l.add(style(i%3), w).add(plain, " ")
		}
		var got strings.Builder
		for _, part := range l.wrap(n, indent) {
			// Two columns for a wide character, where an indent has left one.
			require.LessOrEqual(rt, ansi.StringWidth(strings.TrimRight(part.plain(), " ")), n+b2i(indent == n-1), "%q", part.plain())
			got.WriteString(part.plain())
		}
		squeeze := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		require.Equal(rt, squeeze(l.plain()), squeeze(got.String()))
	})
}

// cut is measured by other code than it measures with.
func TestCut(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.String().Draw(rt, "s")
		n := rapid.IntRange(0, 30).Draw(rt, "n")
		l := text(plain, s)
		got := l.cut(n)
		require.LessOrEqual(rt, ansi.StringWidth(got.plain()), n)
		if ansi.StringWidth(l.plain()) <= n {
			require.Equal(rt, l.plain(), got.plain())
		} else if n > 0 {
			require.True(rt, strings.HasSuffix(got.plain(), "~"))
		}
		require.Equal(rt, ansi.StringWidth(l.plain()), l.width())
	})
}

func TestASCIIOfLocale(t *testing.T) {
	for env, want := range map[string]bool{
		"": false, "LANG=de_DE.UTF-8": false, "LANG=C": true, "LANG=en_US.ISO-8859-1": true, "LANG=ja_JP.UTF-8": true, "LANG=C.utf8": false,
		"LC_ALL=C LANG=de_DE.UTF-8": true, "LC_ALL=C.UTF-8 LANG=C": false, "LC_CTYPE=zh_CN.UTF-8 LANG=C.UTF-8": true,
	} {
		vars := map[string]string{}
		for _, f := range strings.Fields(env) {
			k, v, _ := strings.Cut(f, "=")
			vars[k] = v
		}
		assert.Equal(t, want, ASCII(func(k string) string { return vars[k] }), env)
	}
}
