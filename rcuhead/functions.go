package rcuhead

import "ptsim/kern"

// The functions here are called as the kernel's are, in snake case, except these.
func init() {
	kern.NameFunctions("ptsim/rcuhead", map[string]string{
		"Barrier":     "rcu_barrier",
		"Begin":       "",
		"Call":        "",
		"End":         "",
		"GracePeriod": "",
		"Quiescent":   "",
	})
}
