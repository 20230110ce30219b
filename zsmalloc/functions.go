package zsmalloc

import "ptsim/kern"

// The functions here are called as the kernel's are, in snake case, except these.
func init() {
	kern.NameFunctions("ptsim/zsmalloc", map[string]string{
		"ClearMovable":            "__ClearPageMovable",
		"FreeZspagePages":         "__free_zspage",
		"KfreePool":               "zs_destroy_pool",
		"LockDestination":         "migrate_folio_unmap",
		"PageMovable":             "PageMovable",
		"PutbackMovablePage":      "putback_movable_pages",
		"SetMovable":              "__SetPageMovable",
		"SetZsPageMovable":        "SetZsPageMovable",
		"TakeEmpty":               "list_splice_init",
		"UnlockDestination":       "migrate_folio_move",
		"v617.IsolateMovablePage": "isolate_movable_ops_page",
		"v617.MoveToNewFolio":     "migrate_movable_ops_page",
		"v617.PutbackMovablePage": "putback_movable_ops_page",
		"v617.ResetPage":          "reset_zpdesc",
		"v617.SetMovable":         "SetPageMovableOps",
		"v617.ZsMapObject":        "zs_obj_read_begin",
		"v617.ZsUnmapObject":      "zs_obj_read_end",
		"LockPoolOfPage":          "",
		"MoveObjects":             "",
		"Populate":                "",
		"UnmapAndMove":            "",
	})
}
