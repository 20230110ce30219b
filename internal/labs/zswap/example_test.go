package zswap_test

import (
	"fmt"

	"ptsim/explore"
	"ptsim/internal/labs/zswap"
	"ptsim/lab"
)

// One load, on v5.11 and on v5.12: what sleeps where it must not needs no second task.
func Example() {
	l := zswap.Lab()
	line := func(form string, words ...string) lab.Line {
		args, err := l.Match(form, nil, words)
		if err != nil {
			panic(err)
		}
		return lab.Line{Word: lab.Word(form), Form: form, Args: args}
	}
	s := &lab.Scenario{
		Name: "load", Lab: l,
		Things: []lab.Line{line("entry NAME at OFFSET", "e", "at", "0")},
		Tasks:  []lab.Task{{Name: "fault", Ops: []lab.Op{{Line: line("load OFFSET", "0")}}}},
	}
	for _, v := range []string{"v5.11", "v5.12"} {
		m, err := lab.Build(s, v)
		if err != nil {
			fmt.Println(err)
			return
		}
		r, err := explore.Exhaustive(m, explore.Defaults())
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Print(v, " ", r.Verdict)
		if r.Violation != nil {
			fmt.Print(" ", r.Violation.Kind)
		}
		fmt.Println()
	}
	// Output:
	// v5.11 violated sleep-in-atomic
	// v5.12 safe
}
