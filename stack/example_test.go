package stack_test

import (
	"fmt"

	"ptsim/kern"
	"ptsim/stack"
)

func Example() {
	m := kern.NewMachine(kern.Config{CPUs: 1, Frames: 16})
	c := m.CPU(0)
	k := stack.New(m, stack.Treiber)
	s := k.NewStack(c)
	a, b := k.NewNode(c), k.NewNode(c)
	k.Push(c, s, a)
	k.Push(c, s, b)
	fmt.Println(k.Pop(c, s) == b, k.Pop(c, s) == a, k.Pop(c, s))
	// Output: true true 0
}
