package prose_test

import (
	"fmt"

	"ptsim/internal/prose"
)

// A paragraph with a number before it, as narrow as a column.
func ExampleHang() {
	fmt.Print(prose.Hang("12. ", "    ", "exit takes context.lock of mm1, and nobody else gets it until exit gives it back.", 40))
	// Output:
	// 12. exit takes context.lock of mm1, and
	//     nobody else gets it until exit gives
	//     it back.
}

func ExampleList() {
	threads := []string{"exit", "khugepaged", "softirq on CPU1"}
	fmt.Println(prose.Capital("the grace period waits for "+prose.List(threads, "and")) + ": " + prose.Count(len(threads), "thread", "threads") + ".")
	// Output:
	// The grace period waits for exit, khugepaged and softirq on CPU1: 3 threads.
}
