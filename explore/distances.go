package explore

import "unsafe"

// distances remembers, by fingerprint, by how few switches and steps a state was reached, and whether it has been expanded.
//
// It is a hash table with open addressing and linear probing by cache lines, for one thread. Keys are random, so their low bits
// are the hash.
type distances struct {
	lines []distanceLine
	n     int // keys
}

// distanceLine is a line of the cache. It holds a key and its distance together, so that a probe of a large table costs one cache
// miss. Slots are taken from the first on, and a key 0 is a free one.
type distanceLine struct {
	keys [distancesOfLine]uint64
	// at has the distance of each key: switches<<17 | steps<<1 | expanded. Distances compare as numbers in
	// the order of length. The last bit is set when the state was expanded by that distance.
	at [distancesOfLine]uint32
	_  uint32
}

const distancesOfLine = 5

// maxDistance is that of a state which was never reached. It is greater than any other.
const maxDistance = 1<<32 - 1

func newDistances() *distances { return &distances{lines: make([]distanceLine, 256)} }

// distance packs a length into a number that compares like it. More than 65,535 steps count as that many:
// paths of one number of switches are then no longer told apart by their steps, and the schedule may be
// longer than need be.
func distance(switches, steps int) uint32 {
	return uint32(switches)<<17 | uint32(min(steps, 0xffff))<<1
}

// slot returns the place of a key, a new one if it is not there.
//
// The place may move with the next call, when the table grows.
func (d *distances) slot(key uint64) *uint32 {
	if key == 0 {
		key = 1
	}
	if d.n > d.room(0) {
		d.grow()
	}
	mask := uint64(len(d.lines) - 1)
	for i := key & mask; ; i = (i + 1) & mask {
		l := &d.lines[i]
		for j := range l.keys {
			switch l.keys[j] {
			case 0:
				l.keys[j], l.at[j] = key, maxDistance
				d.n++
				return &l.at[j]
			case key:
				return &l.at[j]
			}
		}
	}
}

// room is how many keys the table holds before it grows, less so many.
func (d *distances) room(more int) int { return len(d.lines)*distancesOfLine*3/4 - more }

// expect says that a key will be looked for soon.
func (d *distances) expect(key uint64) {
	prefetch((*line)(unsafe.Pointer(&d.lines[key&uint64(len(d.lines)-1)])))
}

// grow doubles the table and puts every key into its new place.
func (d *distances) grow() {
	was := *d
	d.lines, d.n = make([]distanceLine, 2*len(was.lines)), 0
	was.each(func(key, at uint64) { *d.slot(key) = uint32(at) })
}

// closer tells whether a distance is shorter than any by which the state was reached so far, and takes note of it.
//
// A shorter path clears the bit that says the state was expanded: it has to be expanded again.
func (d *distances) closer(key uint64, dist uint32) bool {
	s := d.slot(key)
	if dist >= *s&^1 {
		return false
	}
	*s = dist
	return true
}

// expand tells whether a state that was reached by this distance is to be expanded: there is none shorter, and it has not
// been.
//
// It is true once for each distance, whoever asks.
func (d *distances) expand(key uint64, dist uint32) bool {
	s := d.slot(key)
	if *s != dist {
		return false
	}
	*s = dist | 1
	return true
}

func (d *distances) bytes() uint64 { return uint64(len(d.lines)) * lineBytes }

// growth is how much more memory is needed if the table will soon grow.
func (d *distances) growth() uint64 {
	const soon = 1 << 14
	if d.n <= d.room(soon) {
		return 0
	}
	return 2 * d.bytes()
}

// each calls f for each state with its distance.
func (d *distances) each(f func(key, at uint64)) {
	for i := range d.lines {
		l := &d.lines[i]
		for j := 0; j < distancesOfLine && l.keys[j] != 0; j++ {
			f(l.keys[j], uint64(l.at[j]))
		}
	}
}
