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
	kern.NameAccessors("mmgrab", "mmdrop", "mmdrop_async", "mmget", "mmput", "mmget_not_zero",
		"alloc_pgste", "has_pgste", "set_has_pgste", "set_flush_mm", "test_clear_flush_mm", "list")
}
