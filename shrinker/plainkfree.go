package shrinker

import "ptsim/kern"

// plainKfree (H2): the kfree() of patch 03/47 under walkers that hold no semaphore. One whose shrinker_try_get() is about to fail still
// stands on the node. Peter Zijlstra's rcu_barrier() would not help them: it waits for callbacks. A grace period does.
type plainKfree struct {
	merged
	barrier, sync bool // rcu_barrier() or synchronize_rcu() before the kfree()
}

func (v plainKfree) free(c *kern.CPU, sh Shrinker) { v.ShrinkerFree(c, sh) }

// ShrinkerFree is shrinker_free() with kfree() in place of call_rcu().
func (v plainKfree) ShrinkerFree(c *kern.CPU, sh Shrinker) {
	v.ShrinkerPut(c, sh)
	kern.WaitForCompletion(c, sh.done())
	v.unlink(c, sh)
	if v.barrier {
		kern.RCUBarrier(c)
	}
	if v.sync {
		kern.SynchronizeRCU(c)
	}
	v.ShrinkerFreeRCUCb(c, sh.rcu())
}
