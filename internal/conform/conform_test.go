package conform_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/conform"
	"ptsim/pgalloc"
)

func read(t testing.TB, text string) *conform.Log {
	t.Helper()
	l, err := conform.Read("f", strings.NewReader(text))
	require.NoError(t, err)
	return l
}

func replay(t testing.TB, l *conform.Log, v pgalloc.Variant) *conform.Result {
	t.Helper()
	r, err := conform.Replay(context.Background(), l, conform.Options{Variant: v})
	require.NoError(t, err)
	assert.Equal(t, r.Decisions, r.Agree+r.Disagree)
	assert.Equal(t, r.Disagree > 0, r.First != nil)
	return r
}

// TestRealKernel holds classic against what the allocator of a 6.1 kernel did, recorded on s390 with two CPUs.
func TestRealKernel(t *testing.T) {
	files, err := filepath.Glob("../../testdata/real/*.gz")
	require.NoError(t, err)
	require.Len(t, files, 8)
	allocations := map[string]int{}
	unrecorded := 0
	for _, file := range files {
		l, err := conform.Open(file)
		require.NoError(t, err)
		r := replay(t, l, "")
		assert.Equal(t, "classic", r.Variant)
		if r.First != nil {
			t.Errorf("%s: %d of %d decisions differ, first %+v", file, r.Disagree, r.Decisions, *r.First)
		}
		assert.Greater(t, r.Decisions, 4*r.Allocations())
		allocations[strings.TrimSuffix(filepath.Base(file), ".gz")] = r.Allocations()
		unrecorded += r.Unrecorded
	}
	assert.Equal(t, map[string]int{
		"big": 3317, "forks": 485, "owns": 2749, "races": 5234, "rand": 1138, "segs": 65, "sh": 278, "shm": 201,
	}, allocations)
	assert.Equal(t, 2, unrecorded)
}

// TestOtherVersions holds the other versions against it: active decides as classic where nothing is deferred, those of
// the RFC list no page with a pending half, and fullpage has no halves.
func TestOtherVersions(t *testing.T) {
	l, err := conform.Open("../../testdata/real/segs.gz")
	require.NoError(t, err)
	assert.Zero(t, replay(t, l, pgalloc.Active).Disagree)
	for _, v := range []pgalloc.Variant{pgalloc.RFC, pgalloc.RFCAsPosted, pgalloc.Pinned, pgalloc.Typesafe} {
		r := replay(t, l, v)
		require.NotNil(t, r.First, v)
		assert.Equal(t, "the list is empty", r.First.Model, v)
		assert.Equal(t, "look 1 p2 12", r.First.Record, v)
		assert.Zero(t, r.Unrecorded)
	}
	_, err = conform.Replay(context.Background(), l, conform.Options{Variant: pgalloc.FullPage})
	assert.EqualError(t, err, "../../testdata/real/segs.gz: a log of pages with two tables; expected --variant classic or another variant that has them, not fullpage")
}

// TestRandomKernels holds classic against logs that another allocator writes, of CPUs that interleave and, in half of
// them, of probes that are late.
func TestRandomKernels(t *testing.T) {
	n := 400
	if testing.Short() {
		n = 60
	}
	moved, right, lost, free, split := 0, 0, 0, 0, 0
	for seed := range uint64(n) {
		k := newKernel(seed, seed%2 == 1)
		text := k.run(200 + int(seed%400)*10)
		r := replay(t, read(t, text), "")
		if r.First != nil {
			t.Fatalf("seed %d: %+v\n%s", seed, *r.First, around(text, r.First.Line))
		}
		if seed%2 == 0 {
			assert.Zero(t, r.PutRight)
		}
		lost += r.Unrecorded
		moved += k.moved
		right += r.PutRight
		free += strings.Count(text, "free ")
		split += strings.Count(text, "add ")
	}
	assert.Positive(t, moved)
	assert.Greater(t, right, n/10, "late probes that have to be put right")
	assert.Less(t, lost, n/20, "records that the end of the log cuts off")
	assert.Greater(t, free, n)
	assert.Greater(t, split, n)
}

func around(text string, line int) string {
	lines := strings.Split(text, "\n")
	var b strings.Builder
	for i := max(0, line-40); i < min(len(lines), line+20); i++ {
		fmt.Fprintf(&b, "%5d %s\n", i+1, lines[i])
	}
	return b.String()
}

// TestLies changes one thing in a log: no lie may pass as the truth. What is late may not be told from a lie, and a
// removal that nobody looks at again can be left out; such lies are few, and are counted.
func TestLies(t *testing.T) {
	kinds, passed, told := map[string]int{}, 0, 0
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		lines := strings.Split(newKernel(seed, false).run(1500), "\n")
		i := rnd.IntN(len(lines) - 1)
		words := strings.Fields(lines[i])
		last := len(words) - 1
		switch words[0] {
		case "look", "hit", "free", "rcu", "remove":
			if words[last] == "-" {
				lines[i] = "look " + words[1] + " p0 01"
			} else {
				words[last] = fmt.Sprintf("%02x", lie(rnd, words[last]))
				lines[i] = strings.Join(words, " ")
			}
		default:
			continue
		}
		kinds[words[0]]++
		told++
		l, err := conform.Read("f", strings.NewReader(strings.Join(lines, "\n")))
		if err != nil {
			continue // the log contradicts itself
		}
		if replay(t, l, "").Disagree == 0 {
			passed++
			t.Logf("seed %d, line %d: %s passes", seed, i+1, lines[i])
		}
	}
	assert.Len(t, kinds, 5)
	assert.Greater(t, told, 150)
	assert.Zero(t, passed)
}

// TestTornLogs takes lines out of a log, doubles them and swaps them. What is left is refused in one line, or replayed to
// an end, on any version.
func TestTornLogs(t *testing.T) {
	refused, replayed := 0, 0
	for seed := range uint64(250) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		lines := strings.Split(strings.TrimSpace(newKernel(seed, true).run(1200)), "\n")
		for range 1 + rnd.IntN(3) {
			i, j := rnd.IntN(len(lines)), rnd.IntN(len(lines))
			switch rnd.IntN(3) {
			case 0:
				lines = slices.Delete(lines, i, i+1)
			case 1:
				lines = slices.Insert(lines, i, lines[j])
			case 2:
				lines[i], lines[j] = lines[j], lines[i]
			}
		}
		l, err := conform.Read("f", strings.NewReader(strings.Join(lines, "\n")))
		if err != nil {
			assert.NotContains(t, err.Error(), "\n")
			refused++
			continue
		}
		for _, v := range []pgalloc.Variant{pgalloc.Classic, pgalloc.RFC, pgalloc.RFCAsPosted, pgalloc.Pinned, pgalloc.Typesafe, pgalloc.Active} {
			replay(t, l, v)
			replayed++
		}
	}
	assert.Greater(t, refused, 50)
	assert.Greater(t, replayed, 200)
}

func lie(rnd *rand.Rand, mask string) int {
	legal := []int{0x00, 0x01, 0x02, 0x03, 0x10, 0x12, 0x20, 0x21, 0x30}
	for {
		if m := legal[rnd.IntN(len(legal))]; fmt.Sprintf("%02x", m) != mask {
			return m
		}
	}
}

// TestLateProbes are the ways in which records come in the wrong order, one by one.
func TestLateProbes(t *testing.T) {
	const start = "mm 1\nlook 1 -\nadd 1 p0\nlook 1 p0 01\nhit 1 p0.1 03\n"
	const half0 = "rcu 1 p0.0 12\nflush 1\nbatch 1\n"
	for name, c := range map[string]struct {
		text              string
		right, unrecorded int
	}{
		"in order":                       {start + half0 + "remove p0.0 02\nrcu 1 p0.1 20\n", 0, 0},
		"removed, then freed":            {start + half0 + "rcu 1 p0.1 20\nremove p0.0 02\n", 1, 0},
		"freed, then removed":            {start + half0 + "remove p0.0 20\nrcu 1 p0.1 30\n", 1, 0},
		"two removals":                   {start + half0 + "rcu 1 p0.1 30\nflush 1\nbatch 1\nremove p0.0 00\nremove p0.1 10\n", 1, 0},
		"seen by the list":               {start + half0 + "look 1 p0 02\nremove p0.0 02\nhit 1 p0.0 03\n", 1, 0},
		"long after":                     {start + half0 + "look 1 p0 02\nhit 1 p0.0 03\nlook 1 -\nadd 1 p1\nremove p0.0 02\n", 1, 0},
		"never":                          {start + half0 + "look 1 p0 02\nhit 1 p0.0 03\nrcu 1 p0.0 12\nflush 1\nbatch 1\nremove p0.0 02\n", 0, 1},
		"the callback is late, too":      {start + "rcu 1 p0.0 12\nflush 1\nlook 1 p0 02\nbatch 1\nhit 1 p0.0 03\nrcu 1 p0.0 12\n", 0, 1},
		"between the look and the hit":   {start + half0 + "look 1 p0 12\nremove p0.0 02\nhit 1 p0.0 03\n", 0, 0},
		"the mark of a free is seen":     {start + "free 1 p0.0 12\nlook 1 p0 12\nadd 1 p1\nlook 1 p1 01\nhit 1 p1.1 03\nlook 1 p0 02\nhit 1 p0.0 03\n", 0, 0},
		"the mark of a free is not seen": {start + "free 1 p0.0 12\nlook 1 p0 02\nhit 1 p0.0 03\n", 0, 0},
		"another thread in between":      {start + "look 1 -\nfree 1 p0.0 12\nadd 1 p1\nlook 1 p1 01\nhit 1 p1.1 03\nlook 1 p0 02\nhit 1 p0.0 03\n", 0, 0},
		"two fresh pages at once":        {start + "look 1 -\nlook 1 -\nadd 1 p1\nadd 1 p2\nlook 1 p2 01\nhit 1 p2.1 03\nlook 1 p1 01\nhit 1 p1.1 03\n", 0, 0},
		"the rest of a batch waits": {start + "look 1 -\nadd 1 p1\nrcu 1 p0.0 12\nrcu 1 p1.0 10\nflush 1\nbatch 2\n" +
			"remove p0.0 20\nremove p1.0 00\nrcu 1 p0.1 30\nflush 1\nbatch 3\nremove p0.1 00\n", 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := replay(t, read(t, c.text), "")
			if r.First != nil {
				t.Errorf("%+v", *r.First)
			}
			assert.Equal(t, c.right, r.PutRight, "put right")
			assert.Equal(t, c.unrecorded, r.Unrecorded, "without a record")
		})
	}
	for name, text := range map[string]string{
		"no grace period yet":  start + "rcu 1 p0.0 12\nflush 1\nlook 1 p0 02\nhit 1 p0.0 03\n",
		"still in the gather":  start + "rcu 1 p0.0 12\nlook 1 p0 02\nhit 1 p0.0 03\nflush 1\n",
		"a page too many":      start + "look 1 p0 01\nhit 1 p0.1 03\n",
		"the other half":       start[:len(start)-len("hit 1 p0.1 03\n")] + "hit 1 p0.0 03\n",
		"passed over":          "mm 1\nlook 1 -\nadd 1 p0\nlook 1 p0 01\nadd 1 p1\n",
		"not passed over":      start + "rcu 1 p0.0 12\nflush 1\nlook 1 p0 12\nhit 1 p0.0 03\n",
		"a small callback":     start + "rcu 1 p0.0 12\nrcu 1 p0.1 30\nflush 1\nbatch 1\nremove p0.0 20\nremove p0.1 00\n",
		"no callback":          start + "rcu 1 p0.0 12\nflush 1\nremove p0.0 02\n",
		"pages are left":       "mm 1\nlook 1 -\nadd 1 p0\ndrop 1\n",
		"freed twice":          start + "free 1 p0.0 12\nfree 1 p0.0 12\n",
		"removed twice":        start + half0 + "remove p0.0 02\nremove p0.0 12\n",
		"removed, never freed": start + "batch 1\nremove p0.0 02\n",
	} {
		t.Run(name, func(t *testing.T) { assert.Positive(t, replay(t, read(t, text), "").Disagree) })
	}
}

// TestDisagreement wants a disagreement to be shown with the list and what led to it, in the log's names.
func TestDisagreement(t *testing.T) {
	text := "mm 4\n# a page and a half\nlook 4 -\nadd 4 p7\nlook 4 p7 01\nhit 4 p7.1 03\nlook 4 -\nadd 4 p9\nrcu 4 p7.0 12\nlook 4 p7 12\nadd 4 p10\n"
	r := replay(t, read(t, text), "")
	require.NotNil(t, r.First)
	assert.Equal(t, &conform.Disagreement{
		Line: 10, Record: "look 4 p7 12", MM: 4,
		Kernel: "the first page of the list is p7, mask 12 (-P|--|A-), and it takes a fresh page",
		Model:  "the first page of the list is p9, mask 01 (--|--|-A), and it takes p9.1",
		List:   "p7 12",
		Last: []conform.Done{
			{1, "mm 4"}, {3, "look 4 -"}, {4, "add 4 p7"}, {5, "look 4 p7 01"}, {6, "hit 4 p7.1 03"}, {7, "look 4 -"},
			{8, "add 4 p9"}, {9, "rcu 4 p7.0 12"}, {10, "look 4 p7 12"},
		},
	}, r.First)
}

// TestWholePages reads a log of v6.7 on.
func TestWholePages(t *testing.T) {
	const text = "mm 1\nalloc 1 p0\nalloc 1 p1 400 0\nrcu 1 p0\nflush 1\nfree 1 p1\nbatch 2\nremove p0\nalloc 1 p2\nrcu 1 p2\nflush 1\ndrop 1\n"
	r := replay(t, read(t, text), "")
	assert.Equal(t, "fullpage", r.Variant)
	if r.First != nil {
		t.Errorf("%+v", *r.First)
	}
	assert.Equal(t, 9, r.Decisions)
	assert.Equal(t, 3, r.Allocations())
	assert.Equal(t, 1, replay(t, read(t, strings.Replace(text, "400 0", "400 400", 1)), "").Disagree)
	assert.Positive(t, replay(t, read(t, strings.Replace(text, "batch 2\n", "", 1)), "").Disagree)
	_, err := conform.Replay(context.Background(), read(t, text), conform.Options{Variant: pgalloc.Classic})
	assert.EqualError(t, err, "f: a log of v6.7 on, in which each table has a page to itself; expected --variant fullpage, not classic")
}

func TestReadErrors(t *testing.T) {
	const one = "mm 1\nlook 1 -\nadd 1 p0\n"
	for text, want := range map[string]string{
		"":                                  `f: no record in it; expected a log of what a kernel's allocator did`,
		"# nothing\n\n":                     `f: no record in it; expected a log`,
		"frob 1":                            `f:1: unknown record "frob"; expected one of mm, look, hit, add, alloc, free, rcu, flush, batch, remove, drop`,
		"mm":                                `f:1: 1 word; expected "mm N"`,
		"mm -1":                             `f:1: "-1"; expected the number of an mm, 0 to 1073741824 in "mm N"`,
		"mm 1\nmm 1":                        `f:2: mm 1 a second time; expected a number that no mm has had`,
		"look 1 -":                          `f:1: no mm 1; expected "mm 1" before it`,
		"mm 1\nlook 1":                      `f:2: 2 words; expected "look N pP MASK, or look N -"`,
		"mm 1\nlook 1 p0":                   `f:2: "p0"; expected "-" or a page and its mask in`,
		"mm 1\nlook 1 p0 1":                 `f:2: "1"; expected a mask of two hex digits in`,
		"mm 1\nlook 1 p0 0g":                `f:2: "0g"; expected a mask of two hex digits in`,
		"mm 1\nlook 1 p0 01":                `f:2: no page p0; expected the record of its birth before it, such as "add 1 p0"`,
		"mm 1\nadd 1 p0":                    `f:2: an add of mm 1 without a look; expected "look 1" before it`,
		one + "add 1 p1":                    `f:4: an add of mm 1 without a look`,
		one + "hit 1 p0.1 03":               `f:4: a hit of mm 1 without a look`,
		one + "hit 1 p0.2 03":               `f:4: "p0.2"; expected a half of a page, such as p7.0 or p7.1 in "hit N pP.H MASK"`,
		one + "hit 1 0.1 03":                `f:4: "0.1"; expected a half of a page`,
		one + "look 1 -\nadd 1 p0":          `f:5: p0 a second time; expected a number that no page has had`,
		one + "mm 2\nrcu 2 p0.0 10":         `f:5: p0 in mm 2; expected mm 1, whose page it is`,
		one + "batch 0":                     `f:4: "0"; expected a number of tables, 1 to 509 in "batch NR"`,
		one + "batch 510":                   `f:4: "510"; expected a number of tables`,
		one + "rcu 1 p0.0 10\ndrop 1":       `f:5: mm 1 is dropped with a table in its gather; expected a flush after the rcu in line 4`,
		one + "look 1 -\ndrop 1":            `f:5: mm 1 is dropped in the middle of an allocation; expected a hit or an add for the look in line 4`,
		"mm 1\ndrop 1\nlook 1 -":            `f:3: mm 1 was dropped in line 2; expected an mm that is there`,
		one + "alloc 1 p1":                  `f:4: a table with a page to itself; expected halves of pages, as in line 2`,
		one + "free 1 p0":                   `f:4: a table with a page to itself; expected halves of pages`,
		"mm 1\nalloc 1 p0\nrcu 1 p0.0 10":   `f:3: a half of a page, or a list; expected tables with a page to themselves, as in line 2`,
		"mm 1\nalloc 1 p0 400":              `f:2: 4 words; expected "alloc N pP, or alloc N pP WORD WORD"`,
		"mm 1\nalloc 1 p0 0x400 0":          `f:2: "0x400"; expected a word in hex, without 0x in`,
		"mm 1\n" + strings.Repeat("x", 201): `f:2: line too long; expected at most 200 bytes`,
		"\x1f\x8b\x08":                      `f: the gzip stream ends early; expected a log`,
		"\x1f\x8b\x07\x00\x00\x00\x00\x00\x00\x00": `f: the gzip stream is damaged; expected a log`,
	} {
		_, err := conform.Read("f", strings.NewReader(text))
		if assert.Error(t, err, "%.60q", text) {
			assert.Contains(t, err.Error(), want)
			assert.NotContains(t, err.Error(), "\n")
			assert.ErrorAs(t, err, new(*conform.Error))
		}
	}
	many := "mm 1\n" + strings.Repeat("look 1 -\n", 60)
	for p := range 60 {
		many += fmt.Sprintf("add 1 p%d\n", p)
	}
	_, err := conform.Replay(context.Background(), read(t, many), conform.Options{})
	assert.EqualError(t, err, "f:50: more than 48 operations under way at once; expected a hit or an add after each look")
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	_, err := conform.Open(filepath.Join(dir, "none"))
	assert.EqualError(t, err, filepath.Join(dir, "none")+": no such file or directory; expected a log of what a kernel's allocator did")
	_, err = conform.Open(dir)
	assert.EqualError(t, err, dir+": is a directory; expected a log of what a kernel's allocator did")
	gz, err := os.ReadFile("../../testdata/real/sh.gz")
	require.NoError(t, err)
	torn := filepath.Join(dir, "torn.gz")
	require.NoError(t, os.WriteFile(torn, gz[:len(gz)/2], 0o600))
	_, err = conform.Open(torn)
	assert.ErrorContains(t, err, ": the gzip stream ends early; expected a log")

	padded := filepath.Join(dir, "padded.gz") // as by tapes and block devices; gzip takes it
	require.NoError(t, os.WriteFile(padded, append(gz, make([]byte, 1536)...), 0o600))
	log, err := conform.Open(padded)
	require.NoError(t, err)
	plain, err := conform.Open("../../testdata/real/sh.gz")
	require.NoError(t, err)
	assert.Equal(t, plain.Records, log.Records)
}
