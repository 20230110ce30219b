package tui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/levels"
	"ptsim/internal/stepper"
)

// stories are keys, and the screens that they lead to.
var stories = []struct {
	name    string
	session func(testing.TB) *stepper.Session
	level   string
	w, h    int
	ascii   bool
	colour  bool
	keys    string
}{
	{name: "start-80x24", w: 80, h: 24},
	{name: "step-80x24", w: 80, h: 24, keys: "3 space"},
	{name: "step-colour-80x24", w: 80, h: 24, colour: true, keys: "3 space"},
	{name: "step-ascii-80x24", w: 80, h: 24, ascii: true, keys: "3 space"},
	{name: "blocked-80x24", w: 80, h: 24, keys: "A right right right B"},
	{name: "flaw-80x24", w: 80, h: 24, keys: "v"},
	{name: "flaw-120x40", w: 120, h: 40, keys: "v"},
	{name: "flaw-200x60", w: 200, h: 60, keys: "v"},
	{name: "flaw-colour-200x60", w: 200, h: 60, colour: true, keys: "v"},
	{name: "tries-120x40", w: 120, h: 40, keys: "v left left left left A space space space"},
	{name: "tree-80x24", w: 80, h: 24, keys: "v left left left left A space left left 1 t"},
	{name: "beside-80x24", w: 80, h: 24, keys: "v c 9"},
	{name: "predict-80x24", w: 80, h: 24, keys: "3 p space 1 6 enter"},
	{name: "help-80x24", w: 80, h: 24, keys: "?"},
	{name: "link-80x24", w: 80, h: 24, keys: "v l"},
	{name: "level-80x24", level: "munmap", w: 80, h: 24},
	{name: "level-solved-80x24", level: "munmap", w: 80, h: 24, keys: "A space space space space down right right right right right right right right right right right"},
}

func story(t testing.TB, i int, colour bool) *Model {
	k := stories[i]
	opt := Options{ASCII: k.ascii, NoColour: !colour}
	if k.level != "" {
		l, err := levels.Get(k.level)
		require.NoError(t, err)
		s, err := l.Open()
		require.NoError(t, err)
		t.Cleanup(s.Close)
		opt.Level, opt.Session = l, s
	} else {
		opt.Session = session(t, "S1", "rfc")
	}
	m := model(t, opt, k.w, k.h)
	press(t, m, k.keys)
	return m
}

func TestScreens(t *testing.T) {
	for i, k := range stories {
		t.Run(k.name, func(t *testing.T) {
			m := story(t, i, k.colour)
			requireFits(t, m, k.w, k.h)
			text := m.Screen()
			if k.colour {
				text = visible(text)
			}
			var b strings.Builder
			fmt.Fprintf(&b, "keys: %s\n", k.keys)
			for _, l := range strings.Split(visible(text), "\n") {
				b.WriteString(strings.TrimRight(l, " ") + "\n")
			}
			golden(t, k.name, b.String())
		})
	}
}

// Nothing is told by colour alone: without colours the screen is the same text, and attributes are no colours.
func TestNoColour(t *testing.T) {
	for i, k := range stories {
		with, without := story(t, i, true), story(t, i, false)
		assert.Equal(t, plainScreen(with), plainScreen(without), k.name)
		for _, code := range strings.Split(without.Screen(), "\x1b[")[1:] {
			code, _, _ = strings.Cut(code, "m")
			assert.Contains(t, []string{"", "1", "2", "7"}, code, "%s: bold, faint, reverse or none", k.name)
		}
		assert.Regexp(t, `\x1b\[(1;)?3[0-7]m`, with.Screen(), k.name)
	}
}

// What is drawn with plain characters is ASCII, and says the same.
func TestASCII(t *testing.T) {
	for i, k := range stories {
		if k.ascii {
			continue
		}
		m := story(t, i, false)
		m.ink = newInk(true, false)
		for _, r := range plainScreen(m) {
			require.Less(t, r, rune(0x80), "%s: %q", k.name, r)
		}
	}
}

// Every change that the view marks has its sign on the screen, on the line of the thing that changed.
func TestMarks(t *testing.T) {
	s := flaw(t)
	m := model(t, Options{Session: s, NoColour: true}, 200, 60)
	for _, try := range s.Line() {
		require.NoError(t, s.Seek(try.View.Step))
		m.refresh()
		marked := map[string]string{}
		for _, l := range strings.Split(plainScreen(m), "\n") {
			f := strings.Fields(l)
			if len(f) > 1 && strings.Contains("● + − !", f[0]) {
				marked[f[1]] = f[0]
			}
		}
		want := map[string]stepper.Change{}
		for _, p := range try.View.Pages {
			want[p.Name] = p.Change
		}
		for _, mm := range try.View.MMs {
			want[mm.Name] = mm.Change
		}
		for _, b := range try.View.Batches {
			want[b.Name] = b.Change
		}
		for _, f := range try.View.Files {
			want[f.Name] = f.Change
		}
		for _, v := range try.View.VMAs {
			want[v.Name] = v.Change
		}
		signs := map[stepper.Change]string{stepper.Changed: "●", stepper.Appeared: "+", stepper.Gone: "−"}
		for name, c := range want {
			sign := signs[c]
			if try.View.Violation != nil && name == "mm1" {
				sign = "!"
			}
			assert.Equal(t, sign, marked[name], "step %d: %s", try.View.Step, name)
		}
	}
}

// A lane that cannot move says why, and the one whose step is shown is the one that the cursor is on.
func TestLanesSayWhy(t *testing.T) {
	s := session(t, "S1", "rfc")
	m := model(t, Options{Session: s, NoColour: true}, 200, 60)
	for _, mv := range []string{"A", "A", "A"} {
		require.NoError(t, s.Take(mv))
	}
	m.refresh()
	press(t, m, "B")
	text := plainScreen(m)
	for _, l := range s.View().Lanes {
		if l.Why != "" {
			assert.Contains(t, text, l.Why[:20], l.Letter)
		}
		for _, mv := range l.Moves {
			assert.Contains(t, text, mv.Label)
		}
	}
}
