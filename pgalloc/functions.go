package pgalloc

import "ptsim/kern"

// The functions here are called as the kernel's are, in snake case, except these.
func init() {
	kern.NameFunctions("ptsim/pgalloc", map[string]string{
		"CRSTAlloc":     "crst_table_alloc",
		"CRSTFree":      "crst_table_free",
		"CRSTFreeTLB":   "pmd_free_tlb",
		"FlushMMLazy":   "__tlb_flush_mm_lazy",
		"FreeRetracted": "",
		"RemoveTable":   "__tlb_remove_table",
		"pteFreeHalf":   "pte_free_half",
		"pteFreeNow":    "pte_free_now",
		"pteFreeNow0":   "pte_free_now0",
		"pteFreeNow1":   "pte_free_now1",
		"pteFreePGSTE":  "pte_free_pgste",
	})
	kern.NameAccessors("mask", "active", "set_active", "test_clear_active", "sync_ipi")
}
