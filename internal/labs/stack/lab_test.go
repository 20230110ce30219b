package stack_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/labs/stack"
	"ptsim/kern"
	"ptsim/lab"
)

// aba is the scenario of the flaw, line by line.
func aba(l *lab.Lab) *lab.Scenario {
	s := &lab.Scenario{Name: "aba", Lab: l}
	line := func(form, word string, args ...string) lab.Line {
		list, err := l.Match(form, nil, args)
		if err != nil {
			panic(err)
		}
		return lab.Line{Word: word, Form: form, Args: list}
	}
	noun := func(args ...string) lab.Line { return line(l.Noun(args[0]).Form, args[0], args[1:]...) }
	verb := func(args ...string) lab.Op {
		return lab.Op{Line: line(l.Verb(args[0]).Form, args[0], args[1:]...)}
	}
	s.Things = []lab.Line{noun("stack", "s"), noun("node", "b", "on", "s"), noun("node", "a", "on", "s")}
	s.Tasks = []lab.Task{
		{Name: "one", Ops: []lab.Op{verb("pop", "s", "->", "x")}},
		{Name: "two", Ops: []lab.Op{
			verb("pop", "s", "->", "x"), verb("pop", "s", "->", "y"), verb("push", "s", "x"), verb("pop", "s", "->", "z"),
		}},
	}
	return s
}

func Example() {
	s := aba(stack.Lab())
	if err := lab.Sensible(s); err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range s.Lab.Versions {
		m, err := lab.Build(s, v.Name)
		if err != nil {
			fmt.Println(err)
			return
		}
		r, err := explore.Exhaustive(m, explore.Defaults())
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Print(v.Name, " ", r.Verdict)
		if r.Violation != nil {
			fmt.Print(" ", r.Violation.Kind)
		}
		fmt.Println()
	}
	// Output:
	// treiber violated assertion
	// counted safe
	// llist safe
}

// TestNamesThatMakeNoSense wants such names to be told, with what was expected.
func TestNamesThatMakeNoSense(t *testing.T) {
	for _, c := range []struct{ want, what string }{
		{`no stack t; expected one of a line "stack NAME"`, "t"},
		{`a is a node; expected one of a line "stack NAME"`, "a"},
	} {
		s := aba(stack.Lab())
		s.Tasks[0].Ops[0].Args[0].Text = c.what
		err := lab.Sensible(s)
		require.Error(t, err)
		assert.Contains(t, err.Error(), c.want)
	}
}

// TestSchedulesHaveNames wants the words of the lab's objects to be called by the scenario's names.
func TestSchedulesHaveNames(t *testing.T) {
	m, err := lab.Build(aba(stack.Lab()), "treiber")
	require.NoError(t, err)
	in := m.Build(2, nil)
	names := map[string]bool{}
	for a := range kern.Addr(4096) {
		if name := in.Named(a); name != "" {
			names[name] = true
		}
	}
	assert.Equal(t, map[string]bool{"s": true, "a": true, "b": true}, names)
}
