package mutants_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/mutants"
)

// The test binary stands in for a probe that behaves as the environment says.
func TestMain(m *testing.M) {
	end := func(verdict string) { fmt.Printf("end a,b,1,precise\t%s\t-\t12\t0.5\tso it is\n", verdict) }
	switch os.Getenv("PTSIM_FAKE_PROBE") {
	case "":
		os.Exit(m.Run())
	case "good":
		fmt.Println("begin a,b,1,precise")
		end("safe")
	case "panics":
		fmt.Println("begin a,b,1,precise")
		end("safe")
		fmt.Println("begin c,b,1,precise")
		panic("out of range")
	case "hangs":
		fmt.Println("begin a,b,1,precise")
		time.Sleep(time.Hour)
	case "refuses":
		fmt.Fprintln(os.Stderr, "probe: no such job")
		os.Exit(2)
	}
}

func fake(t *testing.T, how string) ([]mutants.Outcome, error) {
	t.Setenv("PTSIM_FAKE_PROBE", how)
	lab := mutants.NewLab(root, t.TempDir())
	if how == "hangs" {
		lab.Patience, lab.Seconds = 300*time.Millisecond, 0
	}
	return lab.Run(context.Background(), os.Args[0], true, "a,b,1,precise", "c,b,1,precise")
}

func TestProbesThatDoNotSurvive(t *testing.T) {
	found, err := fake(t, "good")
	require.NoError(t, err)
	want := mutants.Outcome{Job: "a,b,1,precise", Verdict: "safe", Kind: "-", States: 12, Seconds: 0.5, Sentence: "so it is"}
	assert.Equal(t, []mutants.Outcome{want}, found)
	assert.False(t, want.Kills())

	found, err = fake(t, "panics")
	require.NoError(t, err)
	require.Len(t, found, 2)
	assert.Equal(t, mutants.Outcome{Job: "c,b,1,precise", Verdict: "panic", Kind: "panic", Sentence: "panic: out of range"}, found[1])
	assert.True(t, found[1].Kills())

	found, err = fake(t, "hangs")
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.Equal(t, "hang", found[0].Kind)
	assert.True(t, found[0].Kills())

	_, err = fake(t, "refuses")
	assert.EqualError(t, err, "the probe failed: exit status 2: probe: no such job")
}

const source = `package p

func (v *x) one(c int) {
	a()
	b()
	a()
}

func two() { a() }
`

func TestApply(t *testing.T) {
	edit := func(old, new string) mutants.Edit {
		return mutants.Edit{Old: strings.Fields(old), New: strings.Fields(new)}
	}
	part := func(old, new string) mutants.Edit {
		return mutants.Edit{Old: []string{old}, New: []string{new}, Part: true}
	}
	for _, c := range []struct {
		fn    string
		edits []mutants.Edit
		want  string // what takes the place of the three calls, or the end of the error
	}{
		{"one", []mutants.Edit{edit("b()", "c()")}, "a() c() a()"},
		{"one", []mutants.Edit{edit("b()", "")}, "a() a()"},
		{"one", []mutants.Edit{edit("a() b()", "b() a()")}, "b() a() a()"},
		{"one", []mutants.Edit{edit("b()", "c() d()"), edit("a()", "")}, "a() c() d()"},
		{"", []mutants.Edit{edit("b()", "c()")}, "a() c() a()"},
		{"one", []mutants.Edit{edit("a()", "c()")}, `"a()" is there twice`},
		{"one", []mutants.Edit{edit("c()", "d()")}, `"c()" is not there`},
		{"two", []mutants.Edit{edit("b()", "c()")}, `"b()" is not there`},
		{"one", []mutants.Edit{edit("b()", "c()"), edit("c()", "d()")}, `"c()" is not there`},
		{"three", []mutants.Edit{edit("b()", "c()")}, "there is no function three"},
		{"one", []mutants.Edit{part("b(", "c(d, ")}, "a() c(d, ) a()"},
		{"one", []mutants.Edit{part("b", "c"), part("a(", "d(")}, "a() c() d()"},
		{"one", []mutants.Edit{part("b()", "c()"), edit("a()", "")}, "a() c()"},
		{"one", []mutants.Edit{part("a(", "c(")}, `"a(" is there twice`},
		{"one", []mutants.Edit{part("d(", "c(")}, `"d(" is not there`},
	} {
		m := &mutants.Mutant{Name: "p/m", At: "list/p.mut:3", File: "p.go", Func: c.fn, Edits: c.edits}
		got, err := m.Apply(source)
		if err != nil {
			assert.EqualError(t, err, "list/p.mut:3: mutant p/m does not fit p.go any more: "+c.want)
			continue
		}
		middle := strings.TrimSuffix(strings.TrimPrefix(got, "package p\n\nfunc (v *x) one(c int) {\n"), "}\n\nfunc two() { a() }\n")
		assert.Equal(t, c.want, strings.Join(strings.Fields(middle), " "))
	}
}

func TestParseErrors(t *testing.T) {
	const head = "file p.go\non classic\nmutant m in f\nwhat it does\n"
	const tested = "file p.go\ntests ./p\nmutant m in f\nwhat it does\n"
	for text, want := range map[string]string{
		"mutant m":                          `l:1: a mutant; expected "file PATH", and "on VERSION..." or "tests PACKAGE", before it`,
		"hello":                             `l:1: "hello"; expected file, on, tests or mutant`,
		head + "- a":                        "l:3: mutant p/m changes nothing; expected lines with - and then with +, or < and >",
		head + "+ a":                        "l:5: a line to put in; expected one to take out before it",
		head + "< a\n+ a":                   "l:6: a line to put in; expected one to take out before it",
		head + "- a\n> a":                   "l:6: a part of a line to put in; expected one to take out before it",
		head + "< a":                        "l:3: mutant p/m changes nothing; expected lines with - and then with +, or < and >",
		head + "why":                        `l:5: "why"; expected what, on, -, +, <, >, killed, equal, blind, test, mutant, tests or file`,
		head + "killed":                     `l:5: killed ; expected "killed JOB KIND"`,
		head + "test ./":                    `l:5: test ./; expected "test PACKAGE NAME"`,
		head + "- a\n+\nequal so\nblind so": "l:3: mutant p/m has 2 answers; expected one of killed, equal, blind",
		head + "- a\n+\ntest ./p TestP":     `l:3: mutant p/m names a test; expected a line "blind", too`,
		"file p.go\non classic\nmutant m":   `l:3: mutant p/m does not say what it does; expected a line "what"`,
		tested + "- a\n+\nblind so\ntest T": "l:3: mutant p/m is judged by tests; expected test or equal, and no on, killed or blind",
		tested + "- a\n+\nequal so\ntest T": "l:3: mutant p/m has 2 answers; expected one of test, equal",
		tested + "tests ./q":                `l:5: tests ./q; expected it behind "file" and before the first mutant`,
		tested + "test":                     `l:5: test ; expected "test PACKAGE NAME"`,
		"file p.go\non classic\nmutant m f": `l:3: mutant m f; expected "mutant NAME [in FUNCTION]"`,
	} {
		_, err := mutants.Parse("l", text)
		assert.EqualError(t, err, want, text)
	}
}

func TestParseAndRewrite(t *testing.T) {
	const text = "# no list\nfile a/p.go\non classic rfc\n\nmutant m in f\nwhat it does\nwhat this\non active\n- a\n- b\n+ c\n- d\n+\nkilled x,active,1,any hang\n\nmutant n\nwhat else\n- a\n+ b\n"
	ms, err := mutants.Parse("l", text)
	require.NoError(t, err)
	require.Len(t, ms, 2)
	assert.Equal(t, &mutants.Mutant{
		Name: "p/m", At: "l:5", What: "it does this", File: "a/p.go", Func: "f", On: []string{"active"},
		Edits:  []mutants.Edit{{Old: []string{"a", "b"}, New: []string{"c"}}, {Old: []string{"d"}, New: []string{}}},
		Killed: mutants.Kill{Job: "x,active,1,any", Kind: "hang"},
	}, ms[0])
	assert.Equal(t, []string{"classic", "rfc"}, ms[1].On)

	same, err := mutants.Rewrite("l", text, nil)
	require.NoError(t, err)
	assert.Equal(t, text, same)
	other, err := mutants.Rewrite("l", text, map[string]string{"p/m": "killed y,active,2,precise panic", "p/n": "killed z,rfc,1,any deadlock"})
	require.NoError(t, err)
	want := strings.Replace(text, "killed x,active,1,any hang", "killed y,active,2,precise panic", 1) + "killed z,rfc,1,any deadlock\n"
	assert.Equal(t, want, other)
}

func TestParseAndRewriteTests(t *testing.T) {
	const text = "file a/p.go\ntests ./a\n\nmutant m in f\nwhat it does\n- a\n+\ntest TestA\n\nmutant n\nwhat else\n< b\n> c\n\nfile a/q.go\non rfc\nmutant o\nwhat else\n- b\n+ c\n"
	ms, err := mutants.Parse("l", text)
	require.NoError(t, err)
	require.Len(t, ms, 3)
	assert.Equal(t, &mutants.Mutant{
		Name: "p/m", At: "l:4", What: "it does", File: "a/p.go", Func: "f", Tests: "./a",
		Edits: []mutants.Edit{{Old: []string{"a"}, New: []string{}}}, Test: mutants.Test{Package: "./a", Name: "TestA"},
	}, ms[0])
	assert.Empty(t, ms[1].Test)
	assert.Equal(t, [2]string{"", "rfc"}, [2]string{ms[2].Tests, ms[2].On[0]})
	other, err := mutants.Rewrite("l", text, map[string]string{"p/m": "test TestB", "p/n": "test TestC"})
	require.NoError(t, err)
	want := strings.Replace(strings.Replace(text, "test TestA", "test TestB", 1), "> c\n", "> c\ntest TestC\n", 1)
	assert.Equal(t, want, other)
}

func TestJobs(t *testing.T) {
	jobs := mutants.Jobs([]string{"S1", "S3r4", "new"}, "rfc")
	assert.Equal(t, "page,rfc,1,precise", jobs[0])
	assert.Contains(t, jobs, "new,rfc,cpu,any")
	assert.Contains(t, jobs, "S3r,rfc,1,precise")
	assert.NotContains(t, strings.Join(jobs, " "), "S3r4")
	assert.Less(t, strings.Index(strings.Join(jobs, " "), "new,rfc,1,precise"), strings.Index(strings.Join(jobs, " "), "S1,rfc,1,any"))
}
