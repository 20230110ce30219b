package levels_test

import (
	"fmt"
	"strings"

	"ptsim/internal/levels"
)

// A page is lost: both halves are deferred before the first callback runs.
func Example() {
	l, err := levels.Get("lost")
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := l.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	for _, mv := range strings.Fields("A A A A A B B B B B B s0!11 s0 s0 s0") {
		if err := s.Take(mv); err != nil {
			fmt.Println(err)
			return
		}
	}
	j := l.Judge(s)
	fmt.Println(j.Sentence)
	fmt.Println(j.Switches, "switches,", j.Steps, "steps:", j.Against)
	fmt.Println(l.Claim().Sentence)
	// Output:
	// page lost: page 1 is not free, and nothing leads to it any more: no callback is left for mask P-|H-|--
	// 2 switches, 15 steps: at par
	// it is possible to lose the page
}
