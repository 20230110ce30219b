package shrinker

import "ptsim/kern"

// The variants of v6.7 that are broken, each by one thing. The comments name the row of the table in docs/labs/shrinker.md.

// noWait (H1b): shrinker_free() does not wait. The grace period keeps the shrinker, and nothing keeps the super_block.
type noWait struct{ merged }

func (v noWait) free(c *kern.CPU, sh Shrinker) { v.ShrinkerFree(c, sh) }

// ShrinkerFree is shrinker_free() without wait_for_completion().
func (v noWait) ShrinkerFree(c *kern.CPU, sh Shrinker) {
	v.ShrinkerPut(c, sh)
	v.unlink(c, sh)
	kern.CallRCU(c, sh.rcu(), v.freeRCU)
}

// lookAgain (H1c): the walker has a reference, takes the lock, which lies in memory that stays, and looks again. That is the right
// order, and not enough: what it saw holds while it holds the lock, and it must release that before the callback runs.
type lookAgain struct{ noWait }

func (v lookAgain) shrink(c *kern.CPU) uint32 { return v.ShrinkSlab(c) }

// ShrinkSlab is shrink_slab() that looks at SHRINKER_REGISTERED once more.
func (v lookAgain) ShrinkSlab(c *kern.CPU) uint32 {
	freed := uint32(0)
	kern.RCUReadLock(c)
	for node := kern.ListNextRCU(c, v.list); node != v.list; node = kern.ListNextRCU(c, node) {
		sh := shrinkerOf(node)
		v.pause(c, false)
		if !v.ShrinkerTryGet(c, sh) {
			continue
		}
		kern.RCUReadUnlock(c)
		kern.MutexLock(c, v.mutex)
		registered := v.get(c, kern.Addr(sh)+shFlags)&Registered != 0
		kern.MutexUnlock(c, v.mutex)
		if registered {
			ret := v.DoShrinkSlab(c, sh)
			if ret == shrinkEmpty {
				ret = 0
			}
			freed += ret
		}
		kern.RCUReadLock(c)
		v.ShrinkerPut(c, sh)
	}
	kern.RCUReadUnlock(c)
	return freed
}

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

// putFirst (H3): the walker puts its reference before it is in the reader again, and then reads next.
type putFirst struct{ merged }

func (v putFirst) shrink(c *kern.CPU) uint32 { return v.ShrinkSlab(c) }

// ShrinkSlab is shrink_slab() with shrinker_put() before rcu_read_lock().
func (v putFirst) ShrinkSlab(c *kern.CPU) uint32 {
	freed := uint32(0)
	kern.RCUReadLock(c)
	for node := kern.ListNextRCU(c, v.list); node != v.list; node = kern.ListNextRCU(c, node) {
		sh := shrinkerOf(node)
		v.pause(c, false)
		if !v.ShrinkerTryGet(c, sh) {
			continue
		}
		kern.RCUReadUnlock(c)
		ret := v.DoShrinkSlab(c, sh)
		if ret == shrinkEmpty {
			ret = 0
		}
		freed += ret
		v.ShrinkerPut(c, sh)
		v.pause(c, true)
		kern.RCUReadLock(c)
	}
	kern.RCUReadUnlock(c)
	return freed
}

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

// insideRCU (H7): do_shrink_slab() inside rcu_read_lock, where it must not sleep.
type insideRCU struct{ merged }

func (v insideRCU) shrink(c *kern.CPU) uint32 { return v.ShrinkSlab(c) }

// ShrinkSlab is shrink_slab() that does not leave the reader.
func (v insideRCU) ShrinkSlab(c *kern.CPU) uint32 {
	freed := uint32(0)
	kern.RCUReadLock(c)
	for node := kern.ListNextRCU(c, v.list); node != v.list; node = kern.ListNextRCU(c, node) {
		sh := shrinkerOf(node)
		v.pause(c, false)
		if !v.ShrinkerTryGet(c, sh) {
			continue
		}
		ret := v.DoShrinkSlab(c, sh)
		if ret == shrinkEmpty {
			ret = 0
		}
		freed += ret
		v.ShrinkerPut(c, sh)
	}
	kern.RCUReadUnlock(c)
	return freed
}

// barriers (H8, H8a, H8b) is v6.7 with what could order a registration for who walks a map: there the pointer is found before the
// fields are set, and refcount_set() is all that says when they are. Dave Chinner, 26 July 2023: "The only thing I think we may
// need is a write barrier before refcount_set()".
type barriers struct {
	merged
	wmb, rmb bool // smp_wmb() before refcount_set(), smp_rmb() behind refcount_inc_not_zero()
	acquire  bool // refcount_set_release(), and refcount_inc_not_zero_acquire()
}

func (v barriers) register(c *kern.CPU, sh Shrinker) { v.ShrinkerRegister(c, sh) }
func (v barriers) shrinkMemcg(c *kern.CPU) uint32    { return v.ShrinkSlabMemcg(c) }

// ShrinkerRegister is shrinker_register() with a barrier.
func (v barriers) ShrinkerRegister(c *kern.CPU, sh Shrinker) {
	v.link(c, sh)
	kern.InitCompletion(c, sh.done())
	switch {
	case v.acquire:
		kern.AtomicSetRelease(c, sh.refcount(), 1)
	case v.wmb:
		kern.SmpWMB(c)
		kern.RefcountSet(c, sh.refcount(), 1)
	default:
		kern.RefcountSet(c, sh.refcount(), 1)
	}
}

// ShrinkerTryGet is shrinker_try_get() with the other barrier.
func (v barriers) ShrinkerTryGet(c *kern.CPU, sh Shrinker) bool {
	if v.acquire {
		return kern.AtomicIncNotZero(c, sh.refcount())
	}
	got := kern.RefcountIncNotZero(c, sh.refcount())
	if v.rmb {
		kern.SmpRMB(c)
	}
	return got
}

// ShrinkSlabMemcg is shrink_slab_memcg() of v6.7 with that.
func (v barriers) ShrinkSlabMemcg(c *kern.CPU) uint32 {
	freed := uint32(0)
	for id := range kern.Addr(MaxIDs) {
		if !kern.TestBit(c, v.bits, uint(id)) {
			continue
		}
		kern.RCUReadLock(c)
		sh := v.IDRFind(c, id)
		if sh == 0 || !v.ShrinkerTryGet(c, sh) {
			kern.ClearBit(c, v.bits, uint(id))
			kern.RCUReadUnlock(c)
			continue
		}
		kern.RCUReadUnlock(c)
		freed += v.doShrinkMemcg(c, sh, id)
		v.ShrinkerPut(c, sh)
	}
	return freed
}
