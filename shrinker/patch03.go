package shrinker

import "ptsim/kern"

// patch03 is v6.6 with shrinkers that are allocated by themselves, before anything else of the series: patch 03/47 of v2. "Should
// there not be an rcu_barrier() right about here?" Peter Zijlstra asked of its kfree(), on 24 July 2023. There need not: whoever
// walks holds shrinker_rwsem.
type patch03 struct{ rwsem }

func (v patch03) free(c *kern.CPU, sh Shrinker) { v.ShrinkerUnregister(c, sh) }

// ShrinkerUnregister is shrinker_unregister() of patch 03/47.
func (v patch03) ShrinkerUnregister(c *kern.CPU, sh Shrinker) {
	flags := v.get(c, kern.Addr(sh)+shFlags)
	if flags&Registered == 0 {
		return
	}
	kern.DownWrite(c, v.rwsem.rwsem)
	kern.ListDel(c, sh.list())
	v.set(c, kern.Addr(sh)+shFlags, flags&^Registered)
	if flags&MemcgAware != 0 {
		v.ShrinkerMemcgRemove(c, sh) // unregister_memcg_shrinker()
	}
	kern.UpWrite(c, v.rwsem.rwsem)
	// Should there not be an rcu_barrier() right about here?
	if flags&MemcgAware == 0 {
		v.deferred.Free(c, kern.Addr(kern.Load(c, kern.Addr(sh)+shDeferred)))
	}
	v.shrinkers.Free(c, kern.Addr(sh))
}
