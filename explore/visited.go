package explore

import (
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"
)

// visitedShards is how many parts the table of a search by several threads has.
//
// A shard grows on its own. Eight of them keep the time for which a growing shard stops others short, and
// few enough that a small search does not pay for empty tables.
const visitedShards = 1 << shardBits

const shardBits = 3

// visited is the set of states that were met, by fingerprint, and, if it is one with sets, for each the transitions that were
// made from it, by their bits. Of two visits of a state one sees what the other made. Two states with the same fingerprint are
// taken for one: of n states that happens with a probability of n*n/2^65.
//
// Threads add to it without locks, so that one which is held up holds up nobody; only while a shard grows do others who come
// to it sleep.
//
// It is a hash table with open addressing and linear probing by cache lines. A fingerprint that is there
// is never removed, and no set ever loses a member, so the only change that a reader can miss is one that
// happens after it read. That makes the two operations linearizable with plain compare-and-swap: an
// insertion takes effect when its slot changes from 0 to the key, an addition to a set when its word is
// exchanged. The proof in sleep.go needs exactly this, for each state by itself.
type visited struct {
	shards []shard
	keys   int     // that a line holds
	shift  uint8   // of a key, to its shard
	region *region // where the table is, if there is one thread and it is large
	bytes  atomic.Int64
	room   func(more uint64) bool // whether there is memory for so much more; nil: any
	full   atomic.Bool            // there was not
}

// shard is a part of the set. What is written all the time lies apart from what is only read.
type shard struct {
	lines atomic.Pointer[[]line]
	_     [120]byte
	// n estimates how many keys there are: one of countEvery keys, chosen by its low bits, adds
	// countEvery. Fingerprints are random, so the estimate is good where it matters, in large tables.
	n atomic.Int64
	// grows is held while the shard moves to a larger table. Whoever needs the new table waits for it
	// here.
	grows sync.Mutex
	_     [112]byte
}

// line is a line of the cache: eight fingerprints, or six, and then six sets of 21 bits. A set is only ever added to.
//
// So a probe that hits costs one cache miss, and the set of a state lies in the line of its key. Three
// sets of 21 bits fill a word but for one bit, which says that the word has moved (shutSets).
type line [8]uint64

// How many states a line holds, with sets and without.
const (
	withSets = 6
	noSets   = 8
)

const lineBytes = 64

// countEvery is how many keys are counted at once, so that threads do not wait for each other's counts.
const countEvery = 16

// shut is what a slot of an outgrown table holds that was empty: look in the new one. shutSets, in a word of sets, says the same
// of those.
const (
	// Together they freeze an outgrown table. A slot or set that is shut never changes again, so the one
	// who copies it loses nothing.
	shut     = ^uint64(0)
	shutSets = 1 << 63
)

// firstLines is how many lines a shard has at first.
const firstLines = 64

// newVisited returns an empty set. One thread needs no shards, and so has a table that is in one piece, on huge pages sooner.
func newVisited(threads int, sets bool) *visited {
	v := &visited{shards: make([]shard, 1), keys: noSets, shift: 64}
	if sets {
		v.keys = withSets
	}
	if threads > 1 {
		v.shards, v.shift = make([]shard, visitedShards), 64-shardBits
	}
	for i := range v.shards {
		lines := make([]line, firstLines)
		v.shards[i].lines.Store(&lines)
	}
	v.bytes.Store(int64(len(v.shards)) * firstLines * lineBytes)
	return v
}

// add adds a fingerprint and tells whether it was not there.
func (v *visited) add(key uint64) bool {
	isNew, _ := v.visit(key, 0)
	return isNew
}

// visit adds a fingerprint, and to the transitions made from that state these. It tells whether the state was not there, and
// which of the transitions had been made before.
//
// Keys 0 and ^0 mark slots, so states with these fingerprints are taken for the one with fingerprint 1.
// That is one more way for two fingerprints to coincide, and adds nothing to the probability that counts.
//
// The table grows when it is seven eighths full. If insert fails after it had added the key, the key has
// moved along, so that the second attempt finds it there: added remembers that it was new.
func (v *visited) visit(key uint64, made uint32) (isNew bool, had uint32) {
	if key == 0 || key == shut {
		key = 1
	}
	if len(v.shards) == 1 {
		return v.visitAlone(key, made)
	}
	sh := &v.shards[key>>v.shift]
	for added := false; ; {
		lines := sh.lines.Load()
		isNew, had, ok := v.insert(*lines, key, made)
		isNew = isNew || added
		if !ok {
			added = isNew
			v.grow(sh, lines)
			continue
		}
		if isNew && key%countEvery == 0 && int(sh.n.Add(countEvery))*8 > len(*lines)*v.keys*7 && v.fits(2*len(*lines)) {
			v.grow(sh, lines)
		}
		return isNew, had
	}
}

// visitAlone is visit where there is one thread: without atomics, which would wait for a line that is not in the cache.
//
// It does what visit does. A loop over lines would be enough; the two differ only in that no other thread
// can come between a look and a write.
func (v *visited) visitAlone(key uint64, made uint32) (isNew bool, had uint32) {
	sh := &v.shards[0]
	lines := *sh.lines.Load()
	for n, i := 0, place(key, len(lines)); n < len(lines); n, i = n+1, i+1 {
		if i == len(lines) {
			i = 0
		}
		l := &lines[i]
		for j := range v.keys {
			switch l[j] {
			case key:
				if v.keys == noSets {
					return false, 0
				}
				had = l.set(j)
				l.addSet(j, made)
				return false, had
			case 0:
				l[j] = key
				if v.keys == withSets {
					l.addSet(j, made)
				}
				if key%countEvery == 0 && int(sh.n.Add(countEvery))*8 > len(lines)*v.keys*7 && v.fits(v.more(len(lines))) {
					v.double()
				}
				return true, 0
			}
		}
	}
	v.double()
	return v.visitAlone(key, made)
}

// regionFrom is the number of lines from which a table of one thread lies in a region.
//
// Smaller tables come from the heap, since a region costs system calls.
const regionFrom = 1 << 15

// double has the table of one thread become one of twice the size.
//
// In a region the table grows where it is (spread). Elsewhere all is copied into a new table, and both
// take memory for that time, which more and fits count.
func (v *visited) double() {
	sh := &v.shards[0]
	old := *sh.lines.Load()
	n := 2 * len(old)
	isThere := v.region != nil
	lines, there := v.table(n)
	switch {
	case isThere && there:
		v.spread(lines, len(old))
	default:
		for i := range old {
			v.copyLine(lines, &old[i])
		}
		if isThere { // it has outgrown the region
			v.region.close()
		}
	}
	v.bytes.Add(int64(len(old)) * lineBytes)
	sh.lines.Store(&lines)
}

// table returns so many lines for the table of one thread, in the region if they are many and there is one.
func (v *visited) table(n int) (lines []line, there bool) {
	if v.region == nil && n >= regionFrom {
		if v.region = newRegion(); v.region != nil {
			runtime.AddCleanup(v, (*region).close, v.region)
		}
	}
	if v.region != nil {
		if lines = v.region.grow(n); lines != nil {
			return lines, true
		}
	}
	return newLines(n), false
}

// close gives up the set, and its memory.
func (v *visited) close() {
	for i := range v.shards {
		lines := make([]line, firstLines)
		v.shards[i].lines.Store(&lines)
	}
	v.region.close()
	v.region = nil
}

// more is how many lines it takes to double a table of so many.
func (v *visited) more(lines int) int {
	if v.region != nil {
		return lines
	}
	return 2 * lines
}

// fits tells whether there is memory for so many lines. If not, the search ends soon, and what it meets until then
// goes into what is free of the old tables; one that is full grows all the same.
func (v *visited) fits(lines int) bool {
	if v.room == nil || v.room(uint64(lines)*lineBytes) {
		return true
	}
	v.full.Store(true)
	return false
}

func (v *visited) isFull() bool { return v.full.Load() }

// expect says that a key will be looked for soon.
//
// It prefetches the line. A large table misses the cache at nearly every visit, and between this call and
// that visit the worker compares the transition with its siblings, which takes about as long as memory
// does.
func (v *visited) expect(key uint64) {
	lines := *v.shards[key>>v.shift].lines.Load()
	prefetch(&lines[place(key, len(lines))])
}

// place is the line where a key belongs, of so many. Keys lie in their order, so that a table that grows is read and written
// from one end to the other. The bits of the shard do not count.
//
// It is a hash that preserves order: the quotient of key and lines. Fingerprints are uniform, so it
// spreads as well as any. Its use is that place(key, 2n) is 2*place(key, n) or one more, on which spread
// rests.
func place(key uint64, lines int) int {
	hi, _ := bits.Mul64(key<<shardBits, uint64(lines))
	return int(hi)
}

// insert puts a key into a table unless it is there, and adds to its set. It is not ok if the table has been outgrown, maybe
// between the two, or is full: others may fill it up while the one who is to make it grow is held up.
//
// A key is put into the first slot of its probe that is empty. Two threads that insert one key probe the
// same slots in the same order, so both try the same one: one swap succeeds, and the other thread finds
// the key there.
func (v *visited) insert(lines []line, key uint64, made uint32) (isNew bool, had uint32, ok bool) {
	for n, i := 0, place(key, len(lines)); n < len(lines); n, i = n+1, i+1 {
		if i == len(lines) {
			i = 0
		}
		l := &lines[i]
		for j := range v.keys {
			have := atomic.LoadUint64(&l[j])
			if have == 0 {
				if atomic.CompareAndSwapUint64(&l[j], 0, key) {
					had, ok = v.mark(l, j, made)
					return true, had, ok
				}
				have = atomic.LoadUint64(&l[j])
			}
			switch have {
			case key:
				had, ok = v.mark(l, j, made)
				return false, had, ok
			case shut:
				return false, 0, false
			}
		}
	}
	return false, 0, false
}

// mark adds to the set of a key and returns what it was. It is not ok if the table has been outgrown.
func (v *visited) mark(l *line, j int, made uint32) (had uint32, ok bool) {
	if v.keys == noSets {
		return 0, true
	}
	word, shift := &l[withSets+j/3], j%3*maskBits
	for {
		old := atomic.LoadUint64(word)
		if old&shutSets != 0 {
			return 0, false
		}
		had := uint32(old>>shift) & everyBit
		if made&^had == 0 || atomic.CompareAndSwapUint64(word, old, old|uint64(made)<<shift) {
			return had, true
		}
	}
}

// grow moves a shard from a table to one of twice the size, unless somebody has. Slots that are empty are shut first, and then
// the sets, so that nothing can be added behind the mover's back: who meets such a slot or set waits for the new table.
//
// Whoever inserts meets an empty slot before the mover shuts it, and then the mover copies the key, or
// after, and then it starts again in the new table. So no key is lost, and none is in two tables as new
// twice.
func (v *visited) grow(sh *shard, lines *[]line) {
	sh.grows.Lock()
	defer sh.grows.Unlock()
	if sh.lines.Load() != lines {
		return
	}
	more := newLines(2 * len(*lines))
	for i := range *lines {
		l, was := &(*lines)[i], line{}
		for j := range v.keys {
			if !atomic.CompareAndSwapUint64(&l[j], 0, shut) {
				was[j] = atomic.LoadUint64(&l[j])
			}
		}
		for j := v.keys; j < len(l); j++ {
			was[j] = atomic.OrUint64(&l[j], shutSets)
		}
		v.copyLine(more, &was)
	}
	v.bytes.Add(int64(len(*lines)) * lineBytes)
	sh.lines.Store(&more)
}

// each calls f for each fingerprint, with the transitions made from its state. No search may be under way.
func (v *visited) each(f func(key, made uint64)) {
	for i := range v.shards {
		lines := *v.shards[i].lines.Load()
		for n := range lines {
			l := &lines[n]
			for j, key := range l[:v.keys] {
				switch {
				case key == 0:
				case v.keys == withSets:
					f(key, uint64(l.set(j)))
				default:
					f(key, 0)
				}
			}
		}
	}
}

// reserve makes an empty set as large as so many fingerprints want it. They may then come in their order, in which a small table
// would have to put all of them into its first lines.
//
// A checkpoint is read with its keys in their order.
func (v *visited) reserve(keys int) {
	lines := firstLines
	for lines*v.keys*7*len(v.shards) < keys*8 {
		lines *= 2
	}
	for i := range v.shards {
		var more []line
		if len(v.shards) == 1 {
			more, _ = v.table(lines)
		} else {
			more = newLines(lines)
		}
		v.shards[i].lines.Store(&more)
	}
	v.bytes.Store(int64(len(v.shards)*lines) * lineBytes)
}

// len returns how many fingerprints there are. No search may be under way.
func (v *visited) len() int {
	n := 0
	v.each(func(uint64, uint64) { n++ })
	return n
}
