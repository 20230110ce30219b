package shrinker

import "ptsim/kern"

// kmemPut is merged with "mm/shrinker: fix refcount leak in shrink_slab_memcg()".
type kmemPut struct{ merged }

func (v kmemPut) shrinkMemcg(c *kern.CPU) uint32 { return v.ShrinkSlabMemcg(c) }

// ShrinkSlabMemcg is shrink_slab_memcg() with that fix: the bit is cleared, too.
func (v kmemPut) ShrinkSlabMemcg(c *kern.CPU) uint32 {
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
			kern.ClearBit(c, v.bits, uint(id))
			v.ShrinkerPut(c, sh)
			continue
		}
		freed += v.doShrinkMemcg(c, sh, id)
		v.ShrinkerPut(c, sh)
	}
	return freed
}
