package scenario_test

import (
	"fmt"

	"ptsim/internal/scenario"
	"ptsim/kern"
	"ptsim/lab"
	"ptsim/pgalloc"
	"ptsim/rcuhead"
)

// atOnce lets every primitive happen at once.
type atOnce struct{}

func (atOnce) Step(c *kern.CPU, op kern.Op) uint32 { return c.Exec(op) }

// A scenario needs no explorer: run one task after the other, it is a program. What the RFC as posted does to a page
// whose halves are both deferred shows in any order.
func Example() {
	s, err := scenario.Load("defer2")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Title)
	for _, v := range []pgalloc.Variant{pgalloc.RFCAsPosted, pgalloc.Active} {
		model, err := lab.Build(s, string(v))
		if err != nil {
			fmt.Println(err)
			return
		}
		in := model.Build(model.Tasks, atOnce{})
		rcu := rcuhead.NewStepped(in.M)
		for i, task := range in.Tasks {
			f := task.Start
			for _, op := range task.Ops {
				f = op.Run(in.M.CPU(i), f)
			}
		}
		rcu.Barrier()
		if found := in.Final(); found != nil {
			fmt.Printf("%s: %s\n", v, found.Sentence())
		} else {
			fmt.Printf("%s: all freed\n", v)
		}
	}
	// Output:
	// Both halves of a page are deferred
	// rfc-as-posted: page lost: page 1 is not free, and nothing leads to it any more: no callback is left for mask P-|H-|--
	// active: all freed
}

func ExampleParse() {
	_, err := scenario.Parse("mine.scn", `
title Too often
mm 1 users 0
page 1 t0 t1
task exit
  free t0
  tlbfree t0
  flush
  mmdrop 1
`)
	fmt.Println(err)
	// Output:
	// mine.scn:7: t0, which the task has no more; expected a table that it has
}

func ExampleFormat() {
	s, err := scenario.Parse("mine.scn", "title Kept\nmm 1 # an mm\npage 1 t0 -\ntask exit\nipi\nfinally\nalive 1\nkept t0")
	if err != nil {
		fmt.Println(err)
		return
	}
	s.Run = scenario.Run{Variant: "rfc", Softirqs: "2", Grace: "any", Expect: "safe"}
	fmt.Print(scenario.Format(s))
	// Output:
	// title Kept
	//
	// variant rfc
	// softirqs 2
	// grace any
	// expect safe
	//
	// mm 1
	// page 1 t0 -
	//
	// task exit
	//   ipi
	//
	// finally
	//   alive 1
	//   kept t0
}

func ExampleLoad() {
	s, err := scenario.Load("page")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, task := range s.Tasks {
		for _, op := range task.Ops {
			fmt.Printf("%s: %s\n", task.Name, op.String())
		}
	}
	_, err = scenario.Load("pages")
	fmt.Println(err != nil)
	// Output:
	// process: alloc 1 -> a
	// process: alloc 1 -> b
	// process: free a
	// process: free b
	// process: mmdrop 1
	// true
}
