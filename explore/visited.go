package explore

import (
	"runtime"
	"sync/atomic"
)

const visitedShards = 64

// visited is the set of states that were met, by fingerprint. Two states with the same fingerprint are taken for one: of n
// states that happens with a probability of n*n/2^65.
type visited struct {
	shards [visitedShards]shard
	bytes  atomic.Int64
}

type shard struct {
	mu    atomic.Bool
	n     int
	table []uint64
	_     [64]byte
}

func newVisited() *visited {
	v := &visited{}
	for i := range v.shards {
		v.shards[i].table = make([]uint64, 64)
	}
	v.bytes.Store(visitedShards * 64 * 8)
	return v
}

// add adds a fingerprint and tells whether it was not there.
func (v *visited) add(key uint64) bool {
	if key == 0 {
		key = 1
	}
	sh := &v.shards[key>>58]
	for !sh.mu.CompareAndSwap(false, true) {
		runtime.Gosched()
	}
	isNew := sh.insert(key)
	if isNew {
		sh.n++
		if sh.n*4 > len(sh.table)*3 {
			v.grow(sh)
		}
	}
	sh.mu.Store(false)
	return isNew
}

func (sh *shard) insert(key uint64) bool {
	mask := uint64(len(sh.table) - 1)
	for i := key & mask; ; i = (i + 1) & mask {
		switch sh.table[i] {
		case 0:
			sh.table[i] = key
			return true
		case key:
			return false
		}
	}
}

func (v *visited) grow(sh *shard) {
	old := sh.table
	sh.table = make([]uint64, 2*len(old))
	v.bytes.Add(int64(len(old)) * 8)
	for _, key := range old {
		if key != 0 {
			sh.insert(key)
		}
	}
}

// len returns how many fingerprints there are. No search may be under way.
func (v *visited) len() int {
	n := 0
	for i := range v.shards {
		n += v.shards[i].n
	}
	return n
}
