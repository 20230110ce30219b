package explore

import (
	"runtime"
	"sync/atomic"
)

const visitedShards = 64

// visited is the set of states that were met, by fingerprint. Two states with the same fingerprint are taken for one: of n
// states that happens with a probability of n*n/2^65. Threads add to it without locks, so that one which is held up holds up
// nobody; only while a shard grows do others who come to it wait.
type visited struct {
	shards [visitedShards]shard
	bytes  atomic.Int64
}

// shard is a part of the set. What is written all the time lies apart from what is only read.
type shard struct {
	slots   atomic.Pointer[[]uint64]
	_       [120]byte
	n       atomic.Int64 // about how many keys there are
	growing atomic.Bool
	_       [112]byte
}

// countEvery is how many keys are counted at once, so that threads do not wait for each other's counts.
const countEvery = 16

// shut is what a slot of an outgrown table holds that was empty: look in the new one.
const shut = ^uint64(0)

func newVisited() *visited {
	v := &visited{}
	for i := range v.shards {
		slots := make([]uint64, 64)
		v.shards[i].slots.Store(&slots)
	}
	v.bytes.Store(visitedShards * 64 * 8)
	return v
}

// add adds a fingerprint and tells whether it was not there.
func (v *visited) add(key uint64) bool {
	if key == 0 || key == shut {
		key = 1
	}
	sh := &v.shards[key>>58]
	for {
		slots := sh.slots.Load()
		isNew, ok := insert(*slots, key)
		if !ok {
			for sh.slots.Load() == slots {
				v.grow(sh, slots) // unless somebody does already
				runtime.Gosched()
			}
			continue
		}
		if isNew && key>>52%countEvery == 0 && int(sh.n.Add(countEvery))*4 > len(*slots)*3 {
			v.grow(sh, slots)
		}
		return isNew
	}
}

// insert puts a key into a table unless it is there. It is not ok if the table has been outgrown, or is full: others may
// fill it up while the one who is to make it grow is held up.
func insert(slots []uint64, key uint64) (isNew, ok bool) {
	mask := uint64(len(slots) - 1)
	for n, i := 0, key&mask; n < len(slots); n, i = n+1, (i+1)&mask {
		have := atomic.LoadUint64(&slots[i])
		if have == 0 {
			if atomic.CompareAndSwapUint64(&slots[i], 0, key) {
				return true, true
			}
			have = atomic.LoadUint64(&slots[i])
		}
		switch have {
		case key:
			return false, true
		case shut:
			return false, false
		}
	}
	return false, false
}

// grow moves a shard to a table of twice the size. Slots that are empty are shut first, so that nothing can be added behind
// the mover's back: who meets one waits for the new table.
func (v *visited) grow(sh *shard, slots *[]uint64) {
	if !sh.growing.CompareAndSwap(false, true) {
		return
	}
	defer sh.growing.Store(false)
	if sh.slots.Load() != slots {
		return
	}
	more := make([]uint64, 2*len(*slots))
	for i := range *slots {
		if !atomic.CompareAndSwapUint64(&(*slots)[i], 0, shut) {
			insert(more, atomic.LoadUint64(&(*slots)[i]))
		}
	}
	v.bytes.Add(int64(len(*slots)) * 8)
	sh.slots.Store(&more)
}

// len returns how many fingerprints there are. No search may be under way.
func (v *visited) len() int {
	n := 0
	for i := range v.shards {
		for _, key := range *v.shards[i].slots.Load() {
			if key != 0 {
				n++
			}
		}
	}
	return n
}
