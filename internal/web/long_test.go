package web_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/internal/web"
)

// Whatever part of a link is long, what is wrong with it is told in a line that is not.
func TestALongLinkHasAShortError(t *testing.T) {
	s := newServer(t, web.Options{Start: flaw})
	model, rest, _ := strings.Cut(flaw, "@")
	world, tail, _ := strings.Cut(rest, ":")
	form, tail, _ := strings.Cut(tail, ":")
	sum, steps, _ := strings.Cut(tail, ":")
	scenario, version, _ := strings.Cut(model, "/")
	softirqs, grace, _ := strings.Cut(world, ",")
	parts := []string{scenario, "/", version, "@", softirqs, ",", grace, ":", form, ":", sum, ":", steps}
	for _, long := range []string{strings.Repeat("x", 6000), strings.Repeat("9", 6000), strings.Repeat("A-", 3000), strings.Repeat("é ", 2000), strings.Repeat("\x00\xff", 2000)} {
		for i := range parts {
			for _, link := range []string{
				strings.Join(parts[:i], "") + long + strings.Join(parts[i+1:], ""),
				strings.Join(parts[:i], "") + parts[i] + long + strings.Join(parts[i+1:], ""),
				strings.Join(parts[:i], "") + long + parts[i] + strings.Join(parts[i+1:], ""),
			} {
				w := send(s, "POST", "/api/line", web.Place{Link: link})
				if assert.Contains(t, []int{200, 400, 413, 422}, w.Code); w.Code != 200 {
					errorOf(t, w)
				}
			}
		}
		for _, move := range []string{long, "A" + long, "s0!" + long, "A?" + long, "A-B" + long, "Ax" + long} {
			w := send(s, "POST", "/api/step", web.Step{Place: web.Place{Link: first}, Move: move})
			if assert.Contains(t, []int{200, 400, 413, 422}, w.Code); w.Code != 200 {
				errorOf(t, w)
			}
		}
	}
}
