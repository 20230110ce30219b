package translate_test

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/script"
	"ptsim/internal/stepper"
	"ptsim/internal/translate"
	"ptsim/pgalloc"
)

var two = question.Setting{Softirqs: 2, Grace: explore.GracePrecise}

func parse(t testing.TB, name, text string) *script.Script {
	s, err := script.Parse(name, strings.NewReader(text))
	require.NoError(t, err)
	return s
}

func open(t testing.TB, r *translate.Result) *stepper.Session {
	s, err := stepper.Open(r.Schedule, func(name string) (*scenario.Scenario, error) {
		require.Equal(t, r.Scenario.Name, name)
		return r.Scenario, nil
	})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// states runs a script with package script.
func states(t testing.TB, s *script.Script, v question.Version) []*script.State {
	r, err := script.New(s, script.Options{Variant: pgalloc.Variant(v.Variant()), Pin: pgalloc.Pin(v.Pin())})
	require.NoError(t, err)
	var list []*script.State
	require.NoError(t, r.Run(func(st *script.State) error { list = append(list, st); return nil }))
	return list
}

// ofScript and ofView say of both machines what there is to compare: each page by what is in it, its mask, its place; each
// mm by its counts and how many pages are on its list; how much is queued.
func ofScript(s *script.State) []string {
	var out []string
	for _, p := range s.Pages {
		tables := p.Tables
		words := "off"
		switch {
		case p.OnList:
			words = "on"
		case p.Queued:
			words = "queued"
		}
		for h := range tables {
			if p.Mask.Half(uint32(h)) == pgalloc.HalfFree && !p.Whole {
				tables[h] = ""
			}
		}
		if p.Whole {
			tables[1] = tables[0]
		}
		out = append(out, fmt.Sprintf("%q %s %s %v", tables, p.Mask, words, p.Active))
	}
	for _, mm := range s.MM {
		n := 0
		for _, l := range s.Lists {
			if l.MM == mm.ID {
				n = len(l.Pages)
			}
		}
		out = append(out, fmt.Sprintf("mm%d users %d count %d listed %d", mm.ID, mm.Users, mm.Count, n))
	}
	sort.Strings(out)
	return append(out, fmt.Sprintf("%d queued, work %v", len(s.RCU), s.Work > 0))
}

func ofView(v *stepper.View) []string {
	var out []string
	for _, p := range v.Pages {
		if p.Freed {
			continue
		}
		words := [...]string{stepper.OnList: "on", stepper.OffList: "off", stepper.HeadQueued: "queued"}[p.Words]
		out = append(out, fmt.Sprintf("%q %s %s %v", [2]string{p.Halves[0].Table, p.Halves[1].Table}, p.Mask, words, p.Active))
	}
	for _, mm := range v.MMs {
		if !mm.Freed {
			out = append(out, fmt.Sprintf("%s users %d count %d listed %d", mm.Name, mm.Users, mm.Count, len(mm.List)))
		}
	}
	sort.Strings(out)
	queued := 0
	for _, c := range v.RCU {
		if !strings.Contains(c.Func, "reclaim") {
			queued++
		}
	}
	return append(out, fmt.Sprintf("%d queued, work %v", queued, len(v.Work) > 0))
}

// compare holds the two machines against each other after each operation of the script that the schedule does.
func compare(t *testing.T, name, text string, v question.Version) (compared int, err error) {
	s := parse(t, name, text)
	r, err := translate.Script(s, translate.About(text), v, two)
	if err != nil {
		return 0, err
	}
	want := states(t, s, v)
	session := open(t, r)
	last := len(session.Line()) - 1
	broken := session.View().Violation != nil
	// What is there at the start is there at once.
	from := 0
	for from < len(want)-1 && r.Ends[from+1] == 0 {
		from++
	}
	for i := from; i < len(want); i++ {
		if r.Ends[i] < 0 || broken && r.Ends[i] == last {
			break
		}
		if r.Rest[i] {
			continue
		}
		require.NoError(t, session.Seek(r.Ends[i]))
		if !assert.Equal(t, ofScript(want[i]), ofView(session.View()), "%s on %s, operation %d: %s\n%s", name, v, i, want[i].Op, r.Scenario.Source) {
			return compared, nil
		}
		compared++
	}
	if broken {
		found := slices.ContainsFunc(want, func(s *script.State) bool { return len(s.Violations) > 0 || s.Err != "" || len(s.Warn) > 0 })
		assert.True(t, found, "%s on %s: %s; the script says nothing", name, v, r.Note)
	}
	return compared, nil
}

func version(v pgalloc.Variant) question.Version {
	if v == pgalloc.Pinned {
		return "pinned/half"
	}
	return question.Version(v)
}

func TestScriptsOfTheRepository(t *testing.T) {
	for _, name := range []string{"flaw.txt", "lost.txt"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "scripts", name))
		require.NoError(t, err)
		for _, v := range pgalloc.Variants() {
			n, err := compare(t, name, string(text), version(v.Variant))
			require.NoError(t, err)
			assert.Positive(t, n)
		}
	}
}

// corpus are the scripts of the conformance corpus.
func corpus(t testing.TB) map[string]string {
	f, err := os.Open(filepath.Join("..", "..", "testdata", "conformance", "rfc.jsonl.gz"))
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	list := map[string]string{}
	for d := json.NewDecoder(z); d.More(); {
		var r struct {
			Script string
			Ops    []string
		}
		require.NoError(t, d.Decode(&r))
		list[r.Script] = strings.Join(r.Ops, "\n")
	}
	return list
}

// TestConformance: what can be translated comes to what the script comes to, operation by operation; what cannot says why,
// in a line of the script.
func TestConformance(t *testing.T) {
	scripts := corpus(t)
	require.Len(t, scripts, 85)
	names := slices.Sorted(maps.Keys(scripts))
	for k, v := range pgalloc.Variants() {
		t.Run(string(v.Variant), func(t *testing.T) {
			done, compared := 0, 0
			for i, name := range names {
				if (i+k)%4 != 0 { // a quarter of them with each version, another quarter with the next
					continue
				}
				n, err := compare(t, name, scripts[name], version(v.Variant))
				var wrong *script.Error
				if errors.As(err, &wrong) {
					assert.Positive(t, wrong.Line, "%v", err)
					continue
				}
				if assert.NoError(t, err, name) {
					done++
					compared += n
				}
			}
			assert.Greater(t, done, 6)
			assert.Greater(t, compared, 5*done)
		})
	}
}
