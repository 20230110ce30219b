//go:build amd64 && !race

package kern

// storeRelease is smp_store_release(): every access before it is seen before it. sync/atomic offers only a
// sequentially consistent store, a locked exchange here, which would make each spin_unlock as dear as a spin_lock.
//
//go:noescape
func storeRelease(p *uint32, v uint32)
