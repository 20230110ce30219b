package command

import (
	"bytes"
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// atWidth runs ptsim at the top of the module, with that many columns, and returns what it wrote.
func atWidth(t *testing.T, columns, stdin string, args ...string) string {
	t.Helper()
	t.Setenv("COLUMNS", columns)
	var out bytes.Buffer
	code := run(context.Background(), args, streams{strings.NewReader(stdin), &out, &out})
	require.Contains(t, []int{exitOK, exitFinding}, code, out.String())
	return out.String()
}

// plot is a line of a picture, which is drawn anew for each width.
var plot = regexp.MustCompile(`[│┤┬┴⠀-⣿┃─]|^-+$|^ +[\d ]+$`)

// time is a figure of the clock, which no two runs share.
var clock = regexp.MustCompile(`^\d+\.\d+$`)

// link is a schedule, which no blank parts and which is to be copied whole.
var link = regexp.MustCompile(`@\w+,\w+:[fs]:`)

// TestReportsFit wants every report to fit 80 columns, to use more where there is more, and to break nowhere inside a word or
// a number: every word of the narrow report is one of the wide report.
func TestReportsFit(t *testing.T) {
	t.Chdir("../..")
	for _, k := range []struct {
		args, stdin string
		same        bool // no wider where there is room: its lines are short as they are
	}{
		{args: ""},
		{args: "retract --variant rfc-as-posted"},
		{args: "compare"},
		{args: "quiz -n 6 --answers"},
		{args: "quiz --lab zsmalloc -n 4 --answers"},
		{args: "quiz --lab zswap -n 4 --answers"},
		{args: "quiz --lab shrinker -n 4 --answers"},
		{args: "quiz --lab swap -n 4 --answers"},
		{args: "quiz --lab stack -n 4 --answers"},
		{args: "quiz --ask -n 2", stdin: strings.Repeat("hint\nhint\nhint\nskip\n", 8)},
		{args: "play"},
		{args: "play pin-page --plain", stdin: "A\nlanes\nstate\nhelp\n"},
		{args: "play one-cpu --claim-impossible"},
		{args: "play munmap --solution"},
		{args: "beside S1 --with active"},
		{args: "beside defer2 --variant rfc-as-posted --with rfc"},
		{args: "verdicts docs/scenarios/mine.scn"},
		{args: "verdicts --scenario B4,S1"},
		{args: "explore S1 --variant pinned"},
		{args: "explore S1"},
		{args: "learn 1 --plain"},
		{args: "step --plain", stdin: "A\nrun\n"},
		{args: "learn hour"},
		{args: "variants"},
		{args: "workloads"},
		{args: "conform testdata/real/races.gz", same: true},
		{args: "scenarios"},
		{args: "masks --variant active", same: true},
		{args: "masks --variant rfc", same: true},
		{args: "masks --life", same: true},
	} {
		t.Run(k.args, func(t *testing.T) {
			narrow, wide := atWidth(t, "80", k.stdin, strings.Fields(k.args)...), atWidth(t, "160", k.stdin, strings.Fields(k.args)...)
			words := strings.Fields(wide)
			for _, line := range strings.Split(narrow, "\n") {
				if link.MatchString(line) {
					continue
				}
				assert.LessOrEqual(t, utf8.RuneCountInString(line), 80, line)
				if plot.MatchString(line) {
					continue
				}
				for _, word := range strings.Fields(line) {
					if !clock.MatchString(word) && !slices.Contains(words, word) {
						assert.Failf(t, "a word is broken", "%q in %q", word, line)
					}
				}
			}
			longest := 0
			for _, line := range strings.Split(wide, "\n") {
				if !link.MatchString(line) {
					longest = max(longest, utf8.RuneCountInString(line))
				}
			}
			assert.Equal(t, k.same, longest <= 80, "the longest line of 160 has %d", longest)
		})
	}
}
