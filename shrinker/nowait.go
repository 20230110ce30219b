package shrinker

import "ptsim/kern"

// noWait (H1b): shrinker_free() does not wait. The grace period keeps the shrinker, and nothing keeps the super_block.
type noWait struct{ merged }

func (v noWait) free(c *kern.CPU, sh Shrinker) { v.ShrinkerFree(c, sh) }

// ShrinkerFree is shrinker_free() without wait_for_completion().
func (v noWait) ShrinkerFree(c *kern.CPU, sh Shrinker) {
	v.ShrinkerPut(c, sh)
	v.unlink(c, sh)
	kern.CallRCU(c, sh.rcu(), v.freeRCU)
}
