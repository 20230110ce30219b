package shrinker

import "ptsim/kern"

// lookAfterClear is kmemPut that does after clearing a bit what v6.7 does for a shrinker that says that it is empty: it looks once more.
// A walker that gets no reference clears the bit of the id, and that is not one step with its look. A file system that is mounted in
// between has its shrinker registered and its first object announced, and the walker clears the bit of that. The next object does not
// set it again: list_lru_add() sets the bit when a list was empty.
type lookAfterClear struct{ kmemPut }

func (v lookAfterClear) shrinkMemcg(c *kern.CPU) uint32 { return v.ShrinkSlabMemcg(c) }

// ShrinkSlabMemcg is shrink_slab_memcg() with that. A shrinker that is there after all is left to the next walk.
func (v lookAfterClear) ShrinkSlabMemcg(c *kern.CPU) uint32 {
	freed := uint32(0)
	for id := range kern.Addr(MaxIDs) {
		if !kern.TestBit(c, v.bits, uint(id)) {
			continue
		}
		kern.RCUReadLock(c)
		sh := v.IDRFind(c, id)
		if sh == 0 || !v.ShrinkerTryGet(c, sh) {
			kern.ClearBit(c, v.bits, uint(id))
			kern.SmpMBAfterAtomic(c) // pairs with set_shrinker_bit()
			sh = v.IDRFind(c, id)
			there := sh != 0 && v.ShrinkerTryGet(c, sh)
			kern.RCUReadUnlock(c)
			if there {
				v.SetShrinkerBit(c, id)
				v.ShrinkerPut(c, sh)
			}
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
