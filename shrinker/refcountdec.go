package shrinker

import "ptsim/kern"

// refcountDec (H5): the slip in Dave Chinner's sketch of 26 July 2023, which he took back: refcount_dec() in place of shrinker_put().
// If no walker holds a reference nobody completes. The kernel's refcount_dec() also warns of that, and saturates the count, which is
// what happens first; to see what comes of it without, the reference is dropped by atomic_dec().
type refcountDec struct {
	merged
	warns bool
}

func (v refcountDec) free(c *kern.CPU, sh Shrinker) { v.ShrinkerFree(c, sh) }

// ShrinkerFree is shrinker_free() of that sketch.
func (v refcountDec) ShrinkerFree(c *kern.CPU, sh Shrinker) {
	if v.warns {
		kern.RefcountDec(c, sh.refcount())
	} else {
		kern.AtomicDec(c, sh.refcount())
	}
	kern.WaitForCompletion(c, sh.done())
	v.unlink(c, sh)
	kern.CallRCU(c, sh.rcu(), v.freeRCU)
}
