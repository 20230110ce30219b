package explore_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/pgalloc"
)

var big = flag.Bool("big", false, "count the traces of S2 with two batches and of S3a, too, and run natively more often; takes a minute")

// scenarioText returns a scenario with each either ... or ... end replaced by one of its two ways.
func scenarioText(t testing.TB, name string, ways ...int) string {
	raw, err := os.ReadFile("../testdata/scenarios/" + name + ".scn")
	require.NoError(t, err)
	text := string(raw)
	for _, w := range ways {
		before, rest, ok := strings.Cut(text, "  either")
		require.True(t, ok)
		_, rest, _ = strings.Cut(rest, "\n")
		first, rest, _ := strings.Cut(rest, "  or\n")
		second, after, _ := strings.Cut(rest, "  end\n")
		text = before + []string{first, second}[w] + after
	}
	require.NotContains(t, text, "either")
	return text
}

// traces counts the traces of a model on one softirq CPU, which takes callbacks one at a time as soon as they are queued,
// and looks whether each was run once. Work items have a kworker each, so that their order is no matter.
func traces(t testing.TB, mo *explore.Model, backwards bool) *dpor {
	seen := map[string]bool{}
	var d *dpor
	d = newDPOR(newRig(mo, rigConfig{softirqs: 1, workers: 2, grace: explore.GraceAny, own: true}), func() { seen[d.traceOf()] = true })
	d.backwards = backwards
	d.search(1 << 30)
	if len(d.kinds) == 0 {
		require.Len(t, seen, d.executions, "no trace twice")
	}
	return d
}

var pinnedHalf = version{pgalloc.Pinned, pgalloc.PinHalf}

// The numbers of executions that GenMC has for a rendition in C of S1, S2 and S3a with the pin on every pending half, by
// how each exit frees half 1: at once (0) or through a batch (1). Its primitives are those of ours whose order matters. Two
// things are as they are there: callbacks run on one CPU, one at a time, and as soon as they are queued; and the last
// mmdrop of a callback frees the mm at once, for which our work items, whose order on a kworker would matter in S2, run on
// kworkers of their own.
//
// S2 is the one place where we differ. GenMC's number is said to be 2,245 for either exit with a batch. Here it is 2,325
// for the second: khugepaged comes to the first mm first, so the callback of its table in the first may be over, and so may
// the batch of the second exit after it, before khugepaged takes the lock of the second mm. The other way round that
// cannot be. When khugepaged visits the mms in the other order the two numbers change places.
func TestTracesAreAsManyAsGenMCs(t *testing.T) {
	count := func(name, text string) int {
		d := traces(t, modelOf(t, name, text, pinnedHalf), false)
		assert.Empty(t, d.kinds, name)
		return d.executions
	}
	assert.Equal(t, 12, count("S1", scenarioText(t, "S1", 0)))
	assert.Equal(t, 45, count("S1", scenarioText(t, "S1", 1)))
	assert.Equal(t, 436, count("S2", scenarioText(t, "S2", 0, 0)))
	if testing.Short() {
		return
	}
	assert.Equal(t, 2245, count("S2", scenarioText(t, "S2", 1, 0)))
	assert.Equal(t, 2325, count("S2", scenarioText(t, "S2", 0, 1)))
	if !*big {
		return
	}
	turned := strings.NewReplacer("retract v -> x", "retract w -> x", "retract w -> y", "retract v -> y")
	assert.Equal(t, 2325, count("S2", turned.Replace(scenarioText(t, "S2", 1, 0))))
	assert.Equal(t, 2245, count("S2", turned.Replace(scenarioText(t, "S2", 0, 1))))
	assert.Equal(t, 16224, count("S2", scenarioText(t, "S2", 1, 1)))
	assert.Equal(t, 108744, count("S3a", scenarioText(t, "S3a")))
}

// The number does not depend on the order in which the search goes, and is what counting every trace by making shorter
// ones longer comes to. The third scenario has a schedule that is given up while a callback waits for the softirq CPU.
func TestTracesAreAllThereAre(t *testing.T) {
	const two = "title T\nwithout lazy-flush\nmm 1 users 2\npage 1 t0 t1\ntask a\n%s\nmmput 1\ntask b\n%s\nmmput 1\n"
	const three = "title T\nwithout lazy-flush\nmm 1\npage 1 t0 t1\npage 1 t2 t3\ntask a\ndefer t0\ntask b\n%s\ntask c\ndefer t3\nfinally\nalive 1\n%s\n"
	type scn struct {
		text string
		v    version
		n    int
	}
	scns := []scn{
		{fmt.Sprintf(two, "defer t0", "defer t1"), pinnedHalf, 56},
		{fmt.Sprintf(two, "defer t0", "free t1"), version{pgalloc.Active, ""}, 0},
		{fmt.Sprintf(three, "free t1", "kept t2"), pinnedHalf, 55},
	}
	if !testing.Short() {
		scns = append(scns, scn{fmt.Sprintf(three, "tlbfree t2\nflush", "kept t1"), pinnedHalf, 204})
	}
	for i, s := range scns {
		mo := modelOf(t, "T", s.text, s.v)
		n := traces(t, mo, false).executions
		assert.Equal(t, n, traces(t, mo, true).executions, i)
		if s.n != 0 {
			assert.Equal(t, s.n, n, i)
		}
		if n < 100 {
			assert.Equal(t, n, allTraces(newDPOR(newRig(mo, rigConfig{softirqs: 1, workers: 2, grace: explore.GraceAny, own: true}), nil)), i)
		}
	}
}

// The stateless search and the explorer come to the same verdict, kinds of violation and ends.
func TestTracesAgree(t *testing.T) {
	models := map[string]string{"S1": scenarioText(t, "S1", 1), "defer2": scenarioText(t, "defer2"), "relink": scenarioText(t, "relink"),
		"lists": fmt.Sprintf(lists, "defer t0", "tlbfree t2\nflush")}
	broken := 0
	for name, text := range models {
		for i, v := range versions() {
			if v.variant == pgalloc.Typesafe || testing.Short() && i%2 != 0 {
				continue // the memory of its lists is shared: which one an allocation gets depends on the order
			}
			mo := modelOf(t, name, text, v)
			var f finals
			watched := f.watching(mo, picture)
			d := newDPOR(newRig(watched, rigConfig{softirqs: 1, workers: 2, grace: explore.GraceAny, own: true}), func() {})
			d.search(3000)
			if d.executions == 3000 {
				continue
			}
			e := byExplorer(t, mo, picture, options(1, explore.GraceAny))
			kinds := map[string]bool{}
			for k := range d.kinds {
				kinds[k] = true
			}
			what := name + " " + v.String()
			assert.Equal(t, names(e.kinds), names(kinds), what)
			assert.Equal(t, e.finals, f.all(), what)
			if len(kinds) > 0 {
				broken++
			}
		}
	}
	assert.Positive(t, broken)
}
