package tell_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/internal/stepper"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// play takes steps by a short script: "Ax5" five of A, "A*" as many as A can take, "A?1" or "A" one; whatever is left at the
// end goes in the order of the lanes. A softirq or kworker begins what comes first.
func play(t *testing.T, ses *stepper.Session, script string) {
	step := func(letter string) bool {
		for _, l := range ses.View().Lanes {
			if l.Letter == letter && len(l.Moves) > 0 {
				require.NoError(t, ses.Take(l.Moves[0].Text))
				return true
			}
		}
		return false
	}
	for _, word := range strings.Fields(script) {
		letter := word[:1]
		if strings.HasPrefix(word, "s") || strings.HasPrefix(word, "w") {
			letter = word[:2]
		}
		switch count := strings.TrimPrefix(word, letter); {
		case strings.Contains(word, "?"):
			require.NoError(t, ses.Take(word))
		case count == "*":
			for step(letter) {
			}
		default:
			n := 1
			if count != "" {
				var err error
				n, err = strconv.Atoi(strings.TrimPrefix(count, "x"))
				require.NoError(t, err)
			}
			for range n {
				require.Truef(t, step(letter), "%s of %q", word, script)
			}
		}
	}
	for !ses.View().Ended {
		for _, l := range ses.View().Lanes {
			if step(l.Letter) {
				break
			}
		}
	}
}

// The sentences of some schedules, to be read: the files are what a student gets to see.
func TestGoldens(t *testing.T) {
	u := &used{by: map[string]map[string]int{}}
	for _, c := range []struct {
		scenario, version string
		softirqs          int
		script            string // "" is the shortest way to a violation
	}{
		{"S1", "rfc", 1, ""},
		{"defer2", "rfc-as-posted", 1, ""},
		{"B4", "rfc", explore.SoftirqsOnCPU, ""},
		{"S1f", "pinned/page", 1, ""},
		{"walk", "classic", 1, ""},
		{"page", "classic", 1, "A*"},
		{"relink", "classic", 1, "Ax4 Bx3"},
		{"defer2", "rfc", 1, "A* B* s0*"},
		{"munmap", "pinned/half", 1, "Ax6 s0x2 A* s0*"},
		{"reuse", "pinned/table", 1, "A* B*"},
		{"recycle", "typesafe", 1, "Ax4 s0x3 A* s0x3 B* s0*"},
		{"S1", "active", 1, "A* B?1 B* s0*"},
		{"ipi", "rfc", 1, "A* Bx3 B?1 B*"},
		{"full", "fullpage", 1, ""},
		{"pgste", "rfc", 1, "A* B*"},
	} {
		name := c.scenario + "-" + strings.ReplaceAll(c.version, "/", "-")
		t.Run(name, func(t *testing.T) {
			v, err := question.ParseVersion(c.version)
			require.NoError(t, err)
			ses := open(t, c.scenario, v, c.softirqs, explore.GracePrecise)
			defer ses.Close()
			if c.script == "" {
				_, err := ses.Run(context.Background(), 100_000)
				require.NoError(t, err)
			}
			play(t, ses, c.script)
			var b strings.Builder
			line := ses.Line()
			fmt.Fprintln(&b, line[len(line)-1].View.Path)
			for i := range line[1:] {
				inspect(t, ses, line[i].View, line[i+1].View, u)
				s := line[i+1].View.Did.Sentence
				fmt.Fprintf(&b, "\n%d %s\n   [%s] %s\n", i+1, s.Text, s.ID, s.Cites[0].Where)
			}
			path := "testdata/" + name + ".txt"
			if flag.Lookup("update").Value.String() == "true" {
				require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
			}
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, string(text), b.String(), "go test ./internal/explain -update")
		})
	}
}
