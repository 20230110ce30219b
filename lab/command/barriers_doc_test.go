package command

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/barriers"
	"ptsim/internal/labs"
	"ptsim/internal/prose"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/lab"
	"ptsim/memory"
)

// ordersSection is a lab's part of docs/reference/barriers.md. It is made anew when one of its sources changes: the code whose orders it is
// about, and the scenarios. The explorer is none of them: how a question is searched does not change its answer.
type ordersSection struct {
	lab     string
	sources []string
	quick   bool // it is made again by each run of the test
	states  int  // that one search may meet
	pin     string
}

var ordersSections = []ordersSection{
	{lab: "swap", sources: []string{"swap", "percpuref", "testdata/scenarios/swap"}, states: 12_000},
	{lab: "stack", sources: []string{"stack", "testdata/scenarios/stack"}, states: 3_000, quick: true},
	{lab: "pagetable", sources: []string{"pgalloc", "rcuhead", "mmctx", "tlbgather", "internal/labs/pagetable/task*.go", "testdata/scenarios/*.scn"}, states: 5_000, pin: "half"},
}

// variants are those of the lab that nothing is known to be wrong with, or that some row has safe under the kernel's model.
func (s *ordersSection) variants(l *lab.Lab) (list []string) {
	for _, v := range l.Versions {
		weak := slices.ContainsFunc(l.Rows, func(r lab.Row) bool { return r.Version == v.Name && r.Memory != "" && r.Expect == "safe" })
		if _, pin, pinned := strings.Cut(v.Name, "/"); v.Flawed == "" && (!pinned || pin == s.pin) || weak {
			list = append(list, v.Name)
		}
	}
	return list
}

// ask runs ptsim barriers.
func ask(t *testing.T, args ...string) (ans barriersJSON) {
	t.Helper()
	out, errs, code := runCommand(t.Context(), "", append([]string{"barriers", "--format", "json"}, args...)...)
	require.NotEqual(t, exitBadInput, code, "%s: %s", args, errs)
	require.NoError(t, json.Unmarshal([]byte(out), &ans), args)
	return ans
}

// text makes the section.
func (s *ordersSection) text(t *testing.T) string {
	l, err := labs.Get(s.lab)
	require.NoError(t, err)
	variants := s.variants(l)
	answers := make([]barriersJSON, len(variants))
	lines := map[string]*orderJSON{}
	cell := map[[2]string]string{} // by line and variant
	var b strings.Builder
	for i, v := range variants {
		answers[i] = ask(t, "--lab", s.lab, "--variant", v, "--states", fmt.Sprint(s.states))
		for n := range answers[i].Orders {
			o := &answers[i].Orders[n]
			where := fmt.Sprintf("%s:%06d", o.File, o.Line)
			if at := lines[where]; at == nil || at.Without == nil {
				lines[where] = o
			}
			cell[[2]string{where, v}] = *o.Answer
		}
	}
	fmt.Fprintf(&b, "| order | line | %s |\n|---|---|%s\n", strings.Join(variants, " | "), strings.Repeat("---|", len(variants)))
	keys := []string{}
	for k := range lines {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		o := lines[k]
		fmt.Fprintf(&b, "| `%s` | %s:%d |", strings.Join(o.Primitives, "`, `"), o.File, o.Line)
		for _, v := range variants {
			fmt.Fprintf(&b, " %s |", cmp.Or(cell[[2]string{k, v}], "-"))
		}
		b.WriteByte('\n')
	}
	first := true
	for _, k := range keys {
		if o := lines[k]; o.Without != nil {
			if first {
				b.WriteString("\nWithout them:\n\n")
				first = false
			}
			fmt.Fprintf(&b, "- `%s` at %s:%d: %s on `%s`: %s.\n", strings.Join(o.Primitives, "`, `"), o.File, o.Line, o.Without.Scenario, variantOf(o.Without.Schedule, o.Without.Scenario), o.Without.Sentence)
		}
	}
	for i, v := range variants {
		asked, cut, broken := 0, []string{}, []string{}
		for _, c := range answers[i].Scenarios {
			short := strings.TrimPrefix(c.Scenario, s.lab+"/")
			switch valueOf(c.Verdict) {
			case "safe":
				asked++
			case "violated":
				broken = append(broken, short)
			default:
				cut = append(cut, short)
			}
		}
		fmt.Fprintf(&b, "\n`%s`: %d scenarios are safe and were asked", v, asked)
		if len(broken) > 0 {
			fmt.Fprintf(&b, "; %s broken as it is", strings.Join(broken, ", "))
		}
		if len(cut) > 0 {
			fmt.Fprintf(&b, "; too large, or refused: %s", strings.Join(cut, ", "))
		}
		b.WriteString(".\n")
	}
	return b.String() + s.mended(t, l)
}

// variantOf is the variant that a schedule names.
func variantOf(schedule, scenario string) string {
	v, _, _ := strings.Cut(strings.TrimPrefix(schedule, scenario+"/"), "@")
	return v
}

// mended asks what mends a variant that is broken under the kernel's model alone: in its smallest such scenario, and then whether that is
// enough in the others.
func (s *ordersSection) mended(t *testing.T, l *lab.Lab) string {
	t.Helper()
	var texts []string
	of := map[string][]string{} // the variants that a text is about
	for _, v := range l.Versions {
		if _, pin, pinned := strings.Cut(v.Name, "/"); pinned && pin != s.pin {
			continue
		}
		var broken []weakly
		for _, name := range scenario.NamesOf(l) {
			if w, is := s.weakOnly(t, name, v.Name); is {
				broken = append(broken, w)
			}
		}
		if len(broken) == 0 {
			continue
		}
		slices.SortStableFunc(broken, func(a, b weakly) int { return cmp.Compare(a.states, b.states) })
		ans := ask(t, broken[0].Name, "--variant", v.Name, "--states", fmt.Sprint(s.states))
		require.Len(t, ans.Mended, 1)
		m := ans.Mended[0]
		var b strings.Builder
		fmt.Fprintf(&b, "`%s`: %s.\n", broken[0].Name, m.Broken.Sentence)
		for _, set := range m.Sets {
			words, edits := []string{}, []string{}
			for _, barrier := range set {
				words = append(words, fmt.Sprintf("`%s` before `%s` at %s:%d", barrier.Primitives[0], barrier.Before, barrier.File, barrier.Line))
				edits = append(edits, barrier.Edit)
			}
			fmt.Fprintf(&b, "\n- %s%s", strings.Join(words, ", and "), also(t, broken[1:], strings.Join(edits, ",")))
		}
		if len(m.Sets) == 0 {
			b.WriteString("\n- no barrier, and no two")
		}
		if m.Unknown > 0 {
			fmt.Fprintf(&b, "\n- (%d sets have no answer: their searches are too large)", m.Unknown)
		}
		b.WriteByte('\n')
		if of[b.String()] == nil {
			texts = append(texts, b.String())
		}
		of[b.String()] = append(of[b.String()], "`"+v.Name+"`")
	}
	if len(texts) == 0 {
		return "\nNothing that is safe under `sc` is broken under `lkmm`.\n"
	}
	all := "\nSafe under `sc`, broken under `lkmm`, and what mends it:\n"
	for _, text := range texts {
		all += fmt.Sprintf("\n**%s**, %s", prose.List(of[text], "and"), text)
	}
	return all
}

// also says what a set of barriers does in other scenarios.
func also(t *testing.T, others []weakly, edits string) string {
	t.Helper()
	list, err := explore.ParseEdits(edits)
	require.NoError(t, err)
	var enough, not []string
	for _, w := range others {
		w.Opt.Edits = list
		r, err := explore.Exhaustive(w.Model, w.Opt)
		short := "`" + w.Name + "`"
		switch {
		case err != nil: // the edited line is not in it
			not = append(not, short)
		case r.Verdict == explore.Safe:
			enough = append(enough, short)
		default:
			not = append(not, short)
		}
	}
	text := ""
	if len(enough) > 0 {
		text += "; enough in " + prose.List(enough, "and") + ", too"
	}
	if len(not) > 0 {
		text += "; not enough in " + prose.List(not, "and")
	}
	return text
}

// weakly is a scenario that the kernel's model breaks, and sequential consistency does not.
type weakly struct {
	barriers.Question
	states uint64 // until it was broken
}

// weakOnly tells whether a scenario is safe under sequential consistency and broken under the kernel's model.
func (s *ordersSection) weakOnly(t *testing.T, name, variant string) (w weakly, is bool) {
	t.Helper()
	sc, err := scenario.Load(name)
	require.NoError(t, err)
	v, err := question.VersionOf(sc.Lab, variant)
	require.NoError(t, err)
	m, err := question.Model(sc, v)
	require.NoError(t, err)
	for _, want := range []struct {
		model   memory.Model
		verdict explore.Verdict
	}{{memory.SC, explore.Safe}, {memory.LKMM, explore.Violated}} {
		opt := explore.Defaults()
		opt.Model = want.model
		q := barriers.Question{Name: name, Model: m, Opt: opt, Limit: uint64(s.states)}
		f := &barriers.Finder{Questions: []barriers.Question{q}}
		r, _, err := f.AsIs(0)
		if err != nil || r.Verdict != want.verdict { // an error: the model refuses it
			return w, false
		}
		w = weakly{q, r.States}
	}
	return w, true
}

func (s *ordersSection) hash(t *testing.T, root string) string {
	h := sha256.New()
	for _, source := range s.sources {
		files := []string{filepath.Join(root, source)}
		if !strings.Contains(source, "*") {
			files[0] = filepath.Join(root, source, "*")
		}
		list, err := filepath.Glob(files[0])
		require.NoError(t, err)
		require.NotEmpty(t, list, source)
		for _, file := range list {
			if name := filepath.Base(file); strings.HasSuffix(name, "_test.go") || !strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, ".scn") {
				continue
			}
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			fmt.Fprintf(h, "%s/%s %d\n", source, filepath.Base(file), len(text))
			h.Write(text)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}

// TestBarriersAreFresh wants docs/reference/barriers.md to be what ptsim barriers says, a section for each lab. A section is of the sources
// whose hash it has, and a small one is made again. With -update what is stale is made anew: the whole takes minutes.
func TestBarriersAreFresh(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	page := filepath.Join(root, "docs/reference/barriers.md")
	for _, s := range ordersSections {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		begin, end := "<!-- orders of "+s.lab+" ", "<!-- end of "+s.lab+" -->\n"
		inside, _ := between(t, string(text), begin, end, "")
		made, have, ok := strings.Cut(inside, " -->\n")
		require.True(t, ok)
		hash := s.hash(t, root)
		if *update && made != hash {
			have, made = "\n"+s.text(t)+"\n", hash
			_, changed := between(t, string(text), begin, end, hash+" -->\n"+have)
			require.NoError(t, os.WriteFile(page, []byte(changed), 0o600))
		}
		assert.Equal(t, hash, made, "docs/reference/barriers.md: %s is of other sources; go test ./lab/command -run BarriersAreFresh -update makes it anew", s.lab)
		if s.quick && !testing.Short() {
			assert.Equal(t, "\n"+s.text(t)+"\n", have, s.lab)
		}
	}
}
