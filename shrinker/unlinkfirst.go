package shrinker

import "ptsim/kern"

// unlinkFirst (H4): the natural order, unlink and then wait. The walker that holds the node keeps the node; what its next leads to is
// kept by nobody once both are off the list: the next of an unlinked node is not told when the one behind it goes.
type unlinkFirst struct{ merged }

func (v unlinkFirst) free(c *kern.CPU, sh Shrinker) { v.ShrinkerFree(c, sh) }

// ShrinkerFree is shrinker_free() with list_del_rcu() first.
func (v unlinkFirst) ShrinkerFree(c *kern.CPU, sh Shrinker) {
	v.unlink(c, sh)
	v.ShrinkerPut(c, sh)
	kern.WaitForCompletion(c, sh.done())
	kern.CallRCU(c, sh.rcu(), v.freeRCU)
}
