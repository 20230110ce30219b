package pagetable_test

import (
	"math/rand"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim"
	"ptsim/internal/scenario"
	"ptsim/kern"
	"ptsim/pgalloc"
)

var oneLine = regexp.MustCompile(`^[^\n]+; expected [^\n]+$`)

// accept parses a text that may be wrong. If it is right it must survive being written and read again, and run, with the
// tasks one after the other, without anything going wrong: what Parse lets pass is no mistake of the scenario's.
func accept(t *testing.T, text string) (ok bool) {
	s, err := scenario.Parse("f.scn", text)
	if err != nil {
		require.ErrorAs(t, err, new(*scenario.Error))
		require.Regexp(t, oneLine, err.Error())
		return false
	}
	roundTrip(t, s)
	for _, v := range []version{{pgalloc.Pinned, ""}, {pgalloc.FullPage, ""}} {
		r := start(t, s, v, rand.New(rand.NewSource(int64(len(text)))))
		// Two tasks that each are a user may both go, and a third one come too late: that is for the explorer to find.
		if got := r.straight(); got != nil {
			require.NotContains(t, []kern.Kind{pgalloc.IllegalMask, kern.LockMisuse, pgalloc.ListMismatch}, got.Kind, "%s\n%s", text, got.Splat())
		}
	}
	return true
}

// Every scenario with a line left out, doubled, or swapped with the next, and with each word replaced by another of it.
func TestMutatedTexts(t *testing.T) {
	right, wrong := 0, 0
	try := func(lines []string) {
		if accept(t, strings.Join(lines, "\n")) {
			right++
		} else {
			wrong++
		}
	}
	for _, name := range scenario.Names() {
		if name == "S3r4" || name == "S2f" {
			continue // as S3r and S2
		}
		text, err := ptsim.Scenarios.ReadFile("testdata/scenarios/" + name + ".scn")
		require.NoError(t, err)
		lines := strings.Split(scenario.Format(parse(t, string(text))), "\n")
		words := strings.Fields(string(text))
		rng := rand.New(rand.NewSource(int64(len(text))))
		for i := range lines {
			if strings.HasPrefix(lines[i], "about") || lines[i] == "" {
				continue
			}
			without := append(append([]string(nil), lines[:i]...), lines[i+1:]...)
			try(without)
			try(append(append(append([]string(nil), lines[:i+1]...), lines[i]), lines[i+1:]...))
			if i+1 < len(lines) {
				swapped := append([]string(nil), lines...)
				swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
				try(swapped)
			}
			fields := strings.Fields(lines[i])
			fields[rng.Intn(len(fields))] = words[rng.Intn(len(words))]
			other := append([]string(nil), lines...)
			other[i] = strings.Join(fields, " ")
			try(other)
		}
	}
	require.Greater(t, right, 100)
	require.Greater(t, wrong, 500)
}

func FuzzParse(f *testing.F) {
	for _, name := range scenario.Names() {
		text, err := ptsim.Scenarios.ReadFile("testdata/scenarios/" + name + ".scn")
		require.NoError(f, err)
		f.Add(string(text))
	}
	f.Add(whole)
	f.Add("title\x00task either or end")
	f.Fuzz(func(t *testing.T, text string) { accept(t, text) })
}
