package draw_test

import (
	"fmt"
	"strings"

	"ptsim/internal/draw"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/pgalloc"
)

// One moment of a schedule as a picture, and what it says to those who do not see it.
func Example() {
	s1, err := scenario.Load("munmap")
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := stepper.New(stepper.Question{Scenario: s1, Version: question.Version(pgalloc.RFC), Setting: question.Setting{Softirqs: 1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	for range 2 {
		if err := s.Take("A"); err != nil {
			fmt.Println(err)
			return
		}
	}
	var svg strings.Builder
	if err := draw.SVG(&svg, s.View(), draw.Options{Title: "munmap on rfc"}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.Contains(svg.String(), ">P0</text>"))
	for _, line := range strings.SplitAfter(draw.Describe(s.View()), ". ")[:3] {
		fmt.Println(strings.TrimSpace(line))
	}
	// Output:
	// true
	// process on CPU0 did: xor page1 +P0 -A0: -P|--|A-.
	// Changed: page1's lower half: pending, was allocated; page1's mask: -P|--|A-, was --|--|AA.
	// mm1: mm_users 0, mm_count 1, list empty, context.lock held by A process on CPU0.
}
