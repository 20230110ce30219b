package command_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"ptsim/internal/labs/stack"
	"ptsim/lab/command"
)

// A lab of one's own, here the stack under another name, is known to all faces.
func Example() {
	own := *stack.Lab()
	own.Name, own.Title, own.Levels, own.Lessons, own.Rows = "pile", "a pile", nil, nil, nil
	explore := func(version string) int {
		return command.Run(context.Background(), []string{"explore", "-", "--variant", version}, strings.NewReader(`lab pile
title One pop meets two pops and a push
stack s
node b on s
node a on s
task one
  pop s -> x
task two
  pop s -> y
  pop s -> z
  push s y
`), io.Discard, os.Stdout, &own)
	}
	fmt.Println("a violation:", explore("treiber"))
	fmt.Println("safe:", explore("llist"))
	// Output:
	// a violation: 1
	// safe: 0
}
