package swap

import "ptsim/kern"

// The functions here are called as the kernel's are, in snake case.
func init() {
	kern.NameFunctions("ptsim/swap", nil)
}
