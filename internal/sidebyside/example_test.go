package sidebyside_test

import (
	"context"
	"fmt"

	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/sidebyside"
	"ptsim/internal/stepper"
	"ptsim/pgalloc"
)

// The schedule by which the RFC uses a freed mm, and what the version with pins does meanwhile.
func Example() {
	s1, err := scenario.Load("S1")
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := stepper.New(stepper.Question{Scenario: s1, Version: question.Version(pgalloc.RFC), Setting: question.Setting{Softirqs: 2}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	if _, err := s.Run(context.Background(), 100_000); err != nil {
		fmt.Println(err)
		return
	}
	c, err := sidebyside.Compare(s, question.Version("pinned/half"))
	if err != nil {
		fmt.Println(err)
		return
	}
	row := c.Rows[c.First]
	fmt.Println("row", c.First, "is the right's own:", row.Left == nil)
	fmt.Println(row.Right.Did.Text)
	fmt.Println(row.What[0])
	fmt.Println(c.LeftName+":", c.LeftEnd)
	fmt.Println(c.RightName+":", c.RightEnd)
	// Output:
	// row 2 is the right's own: true
	// mmgrab: mm1->mm_count 1 -> 2
	// mm1's mm_count: 1 in rfc, 2 in pinned/half
	// rfc: after 16 steps: use after free: __tlb_remove_table takes context.lock of freed mm1
	// pinned/half: after 32 steps all is quiet, and nothing is wrong
}
