package zsmalloc

import "ptsim/kern"

// hastyDestroy is repaired with the destroy_cache() of v6.8, which waits for nothing.
type hastyDestroy struct{ *repaired }

// DestroyCache is that of v6.8.
func (v *hastyDestroy) DestroyCache(c *kern.CPU) { v.v68.DestroyCache(c) }
