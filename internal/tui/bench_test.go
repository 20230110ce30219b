package tui

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
)

// large is a scenario of 16 pages and 8 tasks.
func large(t testing.TB) *scenario.Scenario {
	text := "title sixteen pages, eight CPUs\n"
	for mm := 1; mm <= 8; mm++ {
		text += fmt.Sprintf("mm %d\npage %d t%da t%db\npage %d u%da u%db\n", mm, mm, mm, mm, mm, mm, mm)
	}
	for mm := 1; mm <= 8; mm++ {
		text += fmt.Sprintf("task exit%d\n  tlbfree t%da\n  tlbfree t%db\n  defer u%da\n  free u%db\n  flush\n  mmput %d\n", mm, mm, mm, mm, mm, mm)
	}
	return parse(t, text)
}

func largeSession(t testing.TB) *stepper.Session { return sessionOf(t, large(t), "rfc") }

// A large scenario fits the smallest screen, and what changed is in sight.
func TestLargeScenario(t *testing.T) {
	m := model(t, Options{Session: largeSession(t), NoColour: true}, 80, 24)
	for i := range 120 {
		press(t, m, string(rune('A'+i%8)))
		press(t, m, "space")
		requireFits(t, m, 80, 24)
		text := plainScreen(m)
		for _, p := range m.view.Pages {
			if p.Change != stepper.Same && !p.Freed {
				require.Contains(t, text, "● "+p.Name)
			}
		}
		for _, mm := range m.view.MMs {
			if mm.Change != stepper.Same && !mm.Freed {
				require.Contains(t, text, "● "+mm.Name)
			}
		}
	}
	require.Equal(t, 120, m.view.Step)
	resize(m, 200, 60)
	requireFits(t, m, 200, 60)
}

// BenchmarkStep is a key and the screen that it leads to: a step of a scenario of 16 pages and 8 CPUs.
func BenchmarkStep(b *testing.B) {
	m := model(b, Options{Session: largeSession(b)}, 200, 60)
	for b.Loop() {
		if m.view.Ended || m.view.Step > 150 {
			require.NoError(b, m.opt.Session.Seek(0))
			m.refresh()
		}
		m.Update(named["space"])
		_ = m.Screen()
	}
}

// BenchmarkScreen is the drawing alone.
func BenchmarkScreen(b *testing.B) {
	m := model(b, Options{Session: flaw(b)}, 80, 24)
	for b.Loop() {
		_ = m.Screen()
	}
}
