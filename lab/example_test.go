package lab_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/lab"
)

// counters is a lab of counters that tasks add to, in one step or in two.
func counters() *lab.Lab {
	return &lab.Lab{
		Name: "counter", Title: "a counter",
		Versions: []lab.Version{{Name: "torn", About: "reads, and writes one more"}, {Name: "atomic", About: "atomic_inc()"}},
		Params:   []lab.Param{{Name: "N", Lo: 0, Hi: 99}},
		Nouns: []lab.Noun{{Form: "counter NAME [is N]", About: "a counter", Make: func(w *lab.World, c *kern.CPU, l *lab.Line) uint32 {
			a := w.Protocol.(kern.Cache).Alloc(c)
			kern.WriteOnce(c, a, uint32(l.Int("N", 0)))
			return uint32(a)
		}}},
		Verbs: []lab.Verb{{Form: "add COUNTER", About: "adds one", Do: func(c *lab.Call) {
			if a := c.Addr("COUNTER"); c.Version == "atomic" {
				kern.AtomicAddReturn(c.CPU, a, 1)
			} else {
				kern.WriteOnce(c.CPU, a, kern.ReadOnce(c.CPU, a)+1)
			}
		}}},
		Ends: []lab.End{{Form: "reads COUNTER N", About: "what it is in the end", Holds: func(w *lab.World, l *lab.Line) *kern.Violation {
			if n := w.M.Peek(kern.Addr(w.Of(l, "COUNTER"))); int(n) != l.Int("N", 0) {
				return &kern.Violation{Kind: kern.Assertion, Detail: fmt.Sprintf("%s is %d", l.Get("COUNTER"), n)}
			}
			return nil
		}}},
		Setup: func(w *lab.World) {
			w.Protocol = w.M.NewCache(kern.CacheConfig{Name: "counter", Fields: []kern.Field{{Name: "value"}}})
		},
	}
}

// line reads a line of the lab, as package scenario does.
func line(l *lab.Lab, form string, words ...string) lab.Line {
	args, err := l.Match(form, nil, words)
	if err != nil {
		panic(err)
	}
	return lab.Line{Word: lab.Word(form), Form: form, Args: args}
}

func Example() {
	l := counters()
	add := lab.Op{Line: line(l, "add COUNTER", "n")}
	s := &lab.Scenario{
		Name: "twice", Lab: l,
		Things: []lab.Line{line(l, "counter NAME [is N]", "n", "is", "5")},
		Tasks:  []lab.Task{{Name: "one", Ops: []lab.Op{add}}, {Name: "two", Ops: []lab.Op{add}}},
		Ends:   []lab.Line{line(l, "reads COUNTER N", "n", "7")},
	}
	fmt.Println(lab.Sensible(s))
	for _, v := range l.Versions {
		m, err := lab.Build(s, v.Name)
		if err != nil {
			fmt.Println(err)
			return
		}
		r, err := explore.Exhaustive(m, explore.Defaults())
		fmt.Println(v.Name, r.Verdict, err)
	}
	// Output:
	// <nil>
	// torn violated <nil>
	// atomic safe <nil>
}

// TestForms wants lines to be read by forms, and others to be told.
func TestForms(t *testing.T) {
	l := counters()
	for _, c := range []struct {
		form  string
		words []string
		want  string // the line as it is written again, or the error
	}{
		{"counter NAME [is N]", []string{"n"}, "counter n"},
		{"counter NAME [is N]", []string{"n", "is", "7"}, "counter n is 7"},
		{"counter NAME [is N]", []string{"n", "is"}, `"counter n is"; expected "counter NAME [is N]"`},
		{"counter NAME [is N]", []string{"n", "is", "100"}, `"100" is no N; expected 0 to 99`},
		{"counter NAME [is N]", nil, `"counter"; expected "counter NAME [is N]"`},
		{"add COUNTER", []string{"7"}, `"7" is no name; expected letters, digits and _, not digits alone, such as t1`},
		{"mm N [users N] [pgste]", []string{"1", "pgste", "users", "2"}, "mm 1 pgste users 2"},
		{"mm N [users N] [pgste]", []string{"1", "pgste", "pgste"}, `"mm 1 pgste pgste"; expected "mm N [users N] [pgste]"`},
		{"page N TABLE|- [TABLE|-]", []string{"1", "-", "t"}, "page 1 - t"},
		{"pop COUNTER -> NODE", []string{"n", "=>", "x"}, `"pop n => x"; expected "pop COUNTER -> NODE"`},
	} {
		args, err := l.Match(c.form, nil, c.words)
		have := (&lab.Line{Word: lab.Word(c.form), Form: c.form, Args: args}).String()
		if err != nil {
			have = err.Error()
		}
		assert.Equal(t, c.want, have)
	}
}

// TestFaultsAreFound wants a table that speaks of what there is not to be told.
func TestFaultsAreFound(t *testing.T) {
	assert.Empty(t, counters().Faults())
	l := counters()
	l.Default, l.Verbs[0].Form, l.Nouns[0].About = "best", "add THING", ""
	l.Rows = []lab.Row{{Version: "best"}}
	l.Rules = []lab.Rule{{ID: "r", Verbs: []string{"take"}, Versions: []string{"best"}}}
	assert.Equal(t, []string{
		`"add THING": nothing stands for THING: no noun of that word, no verb that gives one, no parameter`,
		`"counter NAME [is N]": nothing says what it does`,
		`row "": no ID, or one that another has`,
		"row : best is no version",
		"rule r: best is no version",
		"rule r: take is no verb",
		"the default, best, is no version",
	}, l.Faults())
}
