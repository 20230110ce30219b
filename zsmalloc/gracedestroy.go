package zsmalloc

import "ptsim/kern"

// graceDestroy is repaired with the destroy_cache() of the patch: a grace period is over, and the callback that frees the zspage has not
// run yet.
type graceDestroy struct{ *repaired }

// DestroyCache is that of the patch.
func (v *graceDestroy) DestroyCache(c *kern.CPU) { v.seed.DestroyCache(c) }
