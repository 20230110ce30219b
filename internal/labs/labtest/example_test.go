package labtest_test

import (
	"fmt"

	"ptsim/internal/labs/labtest"
	"ptsim/lab"
)

// A row says in which setting it is explored.
func ExampleOptions() {
	opt := labtest.Options(&lab.Row{ID: "W1", Softirqs: "1", Grace: "any", Lax: true})
	fmt.Println(opt.Softirqs, opt.Grace, opt.Lax)
	// Output: 1 any true
}
