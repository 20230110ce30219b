package web_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/internal/stepper"
	"ptsim/internal/web"
)

// A step on 16 pages and 8 CPUs, as the page asks for it: with the session at hand, and with all steps before to be run
// again. The first is to be well below 50 ms, and so is the second for a schedule of some length.
func BenchmarkStep(b *testing.B) {
	sc := big(b)
	s := newServer(b, web.Options{Start: flaw, Scenario: sc})
	own := sessionOf(b, sc, "rfc", 8)
	walk(b, own, 100)
	line := own.Line()
	step := func(i int) {
		v := answer[stepper.View](b, s, "POST", "/api/step", web.Step{Place: web.Place{Link: line[i-1].View.Path}, Move: line[i].View.Did.Move})
		require.Equal(b, i, v.Step)
	}
	b.Run("next", func(b *testing.B) {
		for n := 0; b.Loop(); n++ {
			if n%100 == 0 {
				b.StopTimer()
				fresh := newServer(b, web.Options{Start: flaw, Scenario: sc})
				s = fresh
				step(1)
				b.StartTimer()
			}
			step(1 + n%100)
		}
	})
	b.Run("fork", func(b *testing.B) {
		var forks []web.Step
		for i := 50; i < 100; i++ {
			v := line[i-1].View
			for k := range v.Lanes {
				for _, m := range v.Lanes[k].Moves {
					if m.Text != line[i].View.Did.Move {
						forks = append(forks, web.Step{Place: web.Place{Link: v.Path}, Move: m.Text})
					}
				}
			}
		}
		require.Greater(b, len(forks), 100)
		for n := 0; b.Loop(); n++ {
			if n%len(forks) == 0 {
				b.StopTimer()
				s = newServer(b, web.Options{Start: flaw, Scenario: sc})
				step(100)
				b.StartTimer()
			}
			w := send(s, http.MethodPost, "/api/step", forks[n%len(forks)])
			if w.Code != 200 {
				b.Fatal(w.Body.String())
			}
		}
	})
	b.Run("anew", func(b *testing.B) {
		web.ShrinkPool(s, 1)
		for b.Loop() {
			step(100)
		}
	})
}

// What a step costs grows with what there is to see, and not with the steps that were taken before.
func TestAStepCostsAStep(t *testing.T) {
	sc := big(t)
	s := newServer(t, web.Options{Start: flaw, Scenario: sc})
	own := sessionOf(t, sc, "rfc", 2)
	walk(t, own, 150)
	line := own.Line()
	allocs := func(i int) float64 {
		return testing.AllocsPerRun(1, func() {
			_ = answer[stepper.View](t, s, "POST", "/api/step", web.Step{Place: web.Place{Link: line[i].View.Path}, Move: line[i+1].View.Did.Move})
			i++
		})
	}
	early := allocs(1)
	for i := 3; i < 140; i++ {
		_ = answer[stepper.View](t, s, "POST", "/api/step", web.Step{Place: web.Place{Link: line[i].View.Path}, Move: line[i+1].View.Did.Move})
	}
	late := allocs(140)
	require.Less(t, late, 3*early, "a step does not run those before it again")
}
