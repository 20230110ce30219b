package course_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/course"
	"ptsim/internal/masks"
	"ptsim/internal/mutants"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/verdicts"
	"ptsim/kern"
)

var update = flag.Bool("update", false, "draw the runs in the lessons anew")

const root = "../.."

func itoa(n int) string { return strconv.Itoa(n) }

func pageNumber(t testing.TB, name string) kern.PFN {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimPrefix(name, "page"))
	require.NoErrorf(t, err, "page %q; expected something like page1", name)
	return kern.PFN(n)
}

func lessons(t testing.TB) []*course.Lesson {
	t.Helper()
	var list []*course.Lesson
	for _, name := range course.Names() {
		// From the file, not from the binary: -update changes it under the test.
		file := "docs/course/" + name + ".md"
		text, err := os.ReadFile(filepath.Join(root, file))
		require.NoError(t, err)
		l, err := course.Parse(file, string(text))
		require.NoError(t, err)
		list = append(list, l)
	}
	return list
}

func each[B course.Block](l *course.Lesson) (list []B) {
	for _, b := range l.Blocks {
		if b, ok := b.(B); ok {
			list = append(list, b)
		}
	}
	return list
}

// TestRunsReplay wants every run of a lesson to do what it did, and the drawing to be of that.
func TestRunsReplay(t *testing.T) {
	for _, l := range lessons(t) {
		path := filepath.Join(root, l.File)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		fresh := string(text)
		assert.NotEmptyf(t, each[*course.Run](l), "%s shows no run", l.File)
		for _, r := range each[*course.Run](l) {
			c := setStage(t, r).replay(t)
			want := drawing(t, c)
			if *update {
				old := fmt.Sprintf("%s '%s'\n\n%s```\n", course.RunCommand, r.Schedule, r.Drawing)
				if r.Drawing == "" {
					old = fmt.Sprintf("%s '%s'\n```\n", course.RunCommand, r.Schedule)
				}
				require.Equalf(t, 1, strings.Count(fresh, old), "%s:%d", l.File, r.Line)
				fresh = strings.Replace(fresh, old, fmt.Sprintf("%s '%s'\n\n%s```\n", course.RunCommand, c.Text, want), 1)
				continue
			}
			assert.Equalf(t, want, r.Drawing, "%s:%d is stale: go test ./internal/course -update", l.File, r.Line)
			assert.Equalf(t, c.Text, r.Schedule, "%s:%d: a schedule without its checksum", l.File, r.Line)
		}
		if *update && fresh != string(text) {
			require.NoError(t, os.WriteFile(path, []byte(fresh), 0o644))
		}
	}
}

// asked is a verdict that was looked up, so that no cell is searched twice.
var asked = map[string]string{}

func verdict(t testing.TB, name, version, softirqs, grace string) string {
	t.Helper()
	key := strings.Join([]string{name, version, softirqs, grace}, " ")
	if asked[key] == "" {
		v, err := question.ParseVersion(version)
		require.NoError(t, err)
		set := setting(t, softirqs, grace)
		out, err := verdicts.Run([]verdicts.Cell{{Scenario: name, Version: v, Setting: set}}, verdicts.Options{})
		require.NoError(t, err)
		asked[key] = out[0].Text()
	}
	return asked[key]
}

func setting(t testing.TB, softirqs, grace string) question.Setting {
	t.Helper()
	n, err := explore.ParseSoftirqs(softirqs)
	require.NoError(t, err)
	g, err := explore.ParseGrace(grace)
	require.NoError(t, err)
	return question.Setting{Softirqs: n, Grace: g}
}

// explores answers for a scenario that is only in a lesson, as verdict does for one that comes with ptsim.
func explores(t testing.TB, text, version, softirqs, grace string) string {
	t.Helper()
	s, err := scenario.Parse("answer.scn", text)
	require.NoError(t, err)
	v, err := question.ParseVersion(version)
	require.NoError(t, err)
	m, err := question.Model(s, v)
	require.NoError(t, err)
	set := setting(t, softirqs, grace)
	opt := explore.Defaults()
	opt.Softirqs, opt.Grace = set.Softirqs, set.Grace
	r, err := explore.Exhaustive(m, opt)
	require.NoError(t, err)
	if r.Verdict != explore.Violated {
		return fmt.Sprintf("%s %d", r.Verdict, r.States)
	}
	return fmt.Sprintf("%s %s", r.Verdict, r.Violation.Kind)
}

// value finds out what a check says. run is the run that it is about, if it is about one.
func value(t testing.TB, c course.Check, run *course.Run, scenarios []string) string {
	t.Helper()
	switch c.What {
	case "ends":
		if v := setStage(t, run).replay(t).Violation; v != nil {
			return v.Kind.String()
		}
		return "well"
	case "verdict":
		return verdict(t, c.Args[0], c.Args[1], c.Args[2], c.Args[3])
	case "explores":
		require.Lenf(t, scenarios, 1, "line %d: one scenario in the answer", c.Line)
		return explores(t, scenarios[0], c.Args[0], c.Args[1], c.Args[2])
	case "holds":
		return holds(t, c.Args[0])
	case "mutant":
		m := mutant(t, c.Args[0])
		if m.Survives() {
			return "survives"
		}
		name, _, _ := strings.Cut(m.Killed.Job, ",")
		return name + " " + m.Killed.Kind
	case "legal":
		return legalMasks(maskTable(t, c.Args[0]))
	case "alloc":
		table, mask := maskTable(t, c.Args[0]), parseMask(t, c.Args[1])
		for half := range uint32(2) {
			if r, ok := table.Find(mask, false, half, masks.Alloc); ok && r.Possible {
				return itoa(int(half))
			}
		}
		return "none"
	case "lists":
		r, ok := maskTable(t, c.Args[0]).Find(parseMask(t, c.Args[1]), false, uint32(parseMask(t, c.Args[3])), parseOp(t, c.Args[2]))
		require.Truef(t, ok && r.Possible, "line %d: %v", c.Line, c.Args)
		return r.List.String()
	case "waits":
		return waits(t, c.Args[0], c.Args[1])
	}
	return setStage(t, run).observe(t, c)
}

func mutant(t testing.TB, name string) *mutants.Mutant {
	t.Helper()
	all, err := mutants.All()
	require.NoError(t, err)
	i := slices.IndexFunc(all, func(m *mutants.Mutant) bool { return m.Name == name })
	require.GreaterOrEqualf(t, i, 0, "there is no mutant %s", name)
	return all[i]
}

// runBefore returns the last run in front of each block.
func runBefore(l *course.Lesson) []*course.Run {
	var runs []*course.Run
	var last *course.Run
	for _, b := range l.Blocks {
		runs = append(runs, last)
		if r, ok := b.(*course.Run); ok {
			last = r
		}
	}
	return runs
}

var number = regexp.MustCompile(`\d[\d,]*`)

// TestClaims wants what the prose and the exercises say to be so, and to be said by them.
func TestClaims(t *testing.T) {
	for _, l := range lessons(t) {
		before := runBefore(l)
		for i, b := range l.Blocks {
			var checks []course.Check
			var text string
			var scenarios []string
			switch b := b.(type) {
			case *course.Prose:
				checks, text = b.Checks, b.Text
			case *course.Exercise:
				checks, text, scenarios = b.Checks, b.Answer, b.Scenarios
				assert.NotEmptyf(t, checks, "%s:%d: nothing shows that the answer is right", l.File, b.Line)
			default:
				continue
			}
			for _, c := range checks {
				at := fmt.Sprintf("%s:%d", l.File, c.Line)
				if !assert.NotEmptyf(t, c.Want, "%s: a check without a value", at) {
					continue
				}
				assert.Equalf(t, c.Want, value(t, c, before[i], scenarios), "%s: %s %v", at, c.What, c.Args)
				for _, w := range said(c) {
					assert.Containsf(t, words(text), w, "%s: the text does not say it", at)
				}
			}
		}
	}
}

// words makes of a text a line.
func words(text string) string { return strings.Join(strings.Fields(text), " ") }

// said is what a text has to say of the value of a check.
func said(c course.Check) []string {
	switch c.What {
	case "verdict", "explores":
		return number.FindAllString(c.Want, -1)
	case "mutant":
		name, kind, killed := strings.Cut(c.Want, " ")
		if !killed {
			return nil
		}
		return []string{"`" + name + "`", strings.ReplaceAll(kind, "-", " ")}
	case "legal":
		return strings.Fields(c.Want)
	}
	return nil
}

// claim finds numbers that only the explorer can know.
var claim = regexp.MustCompile(`(\d[\d,]*) (?:states|switches|steps)\b`)

// TestFiguresAreChecked wants no number of states, switches or steps in a lesson that nothing checks.
func TestFiguresAreChecked(t *testing.T) {
	for _, l := range lessons(t) {
		known := map[string]bool{}
		for _, b := range l.Blocks {
			var checks []course.Check
			switch b := b.(type) {
			case *course.Prose:
				checks = b.Checks
			case *course.Exercise:
				checks = b.Checks
			case *course.Question:
				checks = b.Checks
			}
			for _, c := range checks {
				for _, n := range number.FindAllString(c.Want, -1) {
					known[n] = true
				}
			}
		}
		for _, b := range l.Blocks {
			text := ""
			switch b := b.(type) {
			case *course.Prose:
				text = b.Text
			case *course.Exercise:
				text = b.Text + " " + b.Answer
			case *course.Question:
				text = b.Prompt + " " + strings.Join(b.Choices, " ") + " " + b.Why
			}
			for _, m := range claim.FindAllStringSubmatch(words(text), -1) {
				assert.Truef(t, known[m[1]], "%s:%d: %s: no check has that number", l.File, course.Line(b), m[0])
			}
		}
	}
}

// TestQuestions wants each answer to be what running the code says, in each lesson enough of them, and of every kind.
func TestQuestions(t *testing.T) {
	ran := 0
	for _, l := range lessons(t) {
		questions := 0
		for _, b := range l.Blocks {
			q, ok := b.(*course.Question)
			if !ok {
				continue
			}
			questions++
			at := fmt.Sprintf("%s:%d", l.File, q.Line)
			assert.NotEmptyf(t, q.Cite, "%s: no source", at)
			assert.Greaterf(t, len(q.Why), 40, "%s: it does not say why", at)
			assert.NotEmptyf(t, q.Checks, "%s: nothing shows that the answer is right", at)
			var run *course.Run
			if q.Run >= 0 {
				run = l.Blocks[q.Run].(*course.Run)
			}
			for _, c := range q.Checks {
				ran++
				got := value(t, c, run, nil)
				if c.Want != "" {
					assert.Equalf(t, c.Want, got, "%s: %s %v", at, c.What, c.Args)
					continue
				}
				answered(t, at, q, got)
			}
		}
		assert.GreaterOrEqualf(t, questions, 3, "%s: questions", l.File)
		assert.NotEmptyf(t, each[*course.Exercise](l), "%s has no exercise", l.File)
	}
	assert.GreaterOrEqual(t, ran, 25, "answers that were found out by running the code")
}

// answered wants the value to be the mask that is asked for, or what the right choice says and no other does.
func answered(t *testing.T, at string, q *course.Question, got string) {
	t.Helper()
	if q.Mask != "" {
		assert.Equalf(t, got, q.Mask, at)
		return
	}
	says := regexp.MustCompile(`(^|[^\w])` + regexp.QuoteMeta(got) + `($|[^\w])`)
	for i, choice := range q.Choices {
		assert.Equalf(t, slices.Contains(q.Answer, i), says.MatchString(choice), "%s: it is %s, and choice %d is %s", at, got, i+1, choice)
	}
}
