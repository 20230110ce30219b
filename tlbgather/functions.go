package tlbgather

import "ptsim/kern"

// The functions here are called as the kernel's are, in snake case, except these.
func init() {
	kern.NameFunctions("ptsim/tlbgather", map[string]string{
		"Finish": "tlb_finish_mmu",
		"Gather": "tlb_gather_mmu",
	})
}
