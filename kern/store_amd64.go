//go:build amd64 && !race

package kern

// storeRelease is smp_store_release(): every access before it is seen before it. A plain store is one on amd64, and the
// compiler keeps the order of stores and of the loads before them. sync/atomic offers only a sequentially consistent
// store, a locked exchange here, which would make each spin_unlock as dear as a spin_lock.
func storeRelease(p *uint32, v uint32) { *p = v }

func storeRelease64(p *uint64, v uint64) { *p = v }
