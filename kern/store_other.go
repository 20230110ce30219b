//go:build !amd64 || race

package kern

import "sync/atomic"

// storeRelease is smp_store_release(): every access before it is seen before it.
func storeRelease(p *uint32, v uint32) { atomic.StoreUint32(p, v) }

func storeRelease64(p *uint64, v uint64) { atomic.StoreUint64(p, v) }
