package shrinker_test

import (
	"fmt"

	"ptsim/explore"
	"ptsim/internal/labs/shrinker"
	"ptsim/lab"
)

// A walk against an umount, on the second version of the series and on what was merged.
func Example() {
	l := shrinker.Lab()
	line := func(form string, words ...string) lab.Line {
		args, err := l.Match(form, nil, words)
		if err != nil {
			panic(err)
		}
		return lab.Line{Word: lab.Word(form), Form: form, Args: args}
	}
	s := &lab.Scenario{
		Name: "walk", Lab: l,
		Things: []lab.Line{line(l.Noun("super").Form, "a")},
		Tasks: []lab.Task{
			{Name: "kswapd", Ops: []lab.Op{{Line: line("shrink")}}},
			{Name: "umount", Ops: []lab.Op{{Line: line("umount SUPER", "a")}}},
		},
	}
	for _, v := range []string{"v2", "v6.7"} {
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
		fmt.Println(v, r.Verdict)
	}
	// Output:
	// v2 violated
	// v6.7 safe
}
