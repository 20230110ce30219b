package shrinker

import "ptsim/kern"

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
		if v.kmemOff(c, sh) {
			continue
		}
		freed += v.doShrinkMemcg(c, sh, id)
		v.ShrinkerPut(c, sh)
	}
	return freed
}
