package mmctx

import "ptsim/kern"

// The functions here are called as the kernel's are, in snake case, except these.
func init() {
	kern.NameFunctions("ptsim/mmctx", map[string]string{
		"Alloc":      "mm_alloc",
		"Drop":       "mmdrop",
		"DropAsync":  "mmdrop_async",
		"Get":        "mmget",
		"GetNotZero": "mmget_not_zero",
		"Grab":       "mmgrab",
		"MMDestroy":  "__mmdrop",
		"Put":        "mmput",
	})
}
