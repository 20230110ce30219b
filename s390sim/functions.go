package s390sim

import "ptsim/kern"

// The functions here are called as the kernel's are, in snake case, except these.
func init() {
	kern.NameFunctions("ptsim/s390sim", map[string]string{
		"Collapse": "collapse_file",
		"DoScan":   "khugepaged_do_scan",
		"Extend":   "sys_brk",
		"Fault":    "handle_mm_fault",
		"Fork":     "dup_mm",
		"Mmap":     "do_mmap",
		"Mremap":   "sys_mremap",
		"Munmap":   "do_munmap",
		"NewMM":    "mm_alloc",
		"Put":      "mmput",
		"ReadPTE":  "ptep_get",
		"Advance":  "",
		"Check":    "",
		"Close":    "",
		"Quiesce":  "",
		"Step":     "",
	})
}
