package swap_test

import (
	"fmt"

	"ptsim/kern"
	"ptsim/swap"
)

// The device is turned on, used, and turned off, on one CPU.
func Example() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	s, err := swap.New(m, swap.Config{Variant: swap.Validated})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("used:", s.SwapCount(c))
	fmt.Println("turned on:", s.Swapon(c), "and again:", s.Swapon(c))
	fmt.Println("used:", s.SwapCount(c))
	fmt.Println("turned off:", s.Swapoff(c), "and again:", s.Swapoff(c))
	infos, maps, _ := s.Live()
	fmt.Println("maps:", maps, "swap_info_structs, which stay:", infos)
	// Output:
	// used: 0
	// turned on: true and again: false
	// used: 1
	// turned off: true and again: false
	// maps: 0 swap_info_structs, which stay: 1
}
