package explore

// distances remembers, by fingerprint, by how few switches and steps a state was reached, and whether it has been expanded.
//
// It is a hash table with open addressing, for one thread. Keys are random, so their low bits are the
// hash.
type distances struct {
	keys []uint64
	// at has the distance of each key: switches<<17 | steps<<1 | expanded. Distances compare as numbers in
	// the order of length. The last bit is set when the state was expanded by that distance.
	at []uint32
	n  int
}

// maxDistance is that of a state which was never reached. It is greater than any other.
const maxDistance = 1<<32 - 1

func newDistances() *distances {
	return &distances{keys: make([]uint64, 1024), at: make([]uint32, 1024)}
}

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
	if d.n*4 > len(d.keys)*3 {
		d.grow()
	}
	mask := uint64(len(d.keys) - 1)
	for i := key & mask; ; i = (i + 1) & mask {
		switch d.keys[i] {
		case 0:
			d.keys[i], d.at[i] = key, maxDistance
			d.n++
			return &d.at[i]
		case key:
			return &d.at[i]
		}
	}
}

// grow doubles the table and puts every key into its new place.
func (d *distances) grow() {
	keys, at := d.keys, d.at
	d.keys, d.at, d.n = make([]uint64, 2*len(keys)), make([]uint32, 2*len(keys)), 0
	for i, key := range keys {
		if key != 0 {
			*d.slot(key) = at[i]
		}
	}
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

func (d *distances) bytes() uint64 { return uint64(len(d.keys)) * 12 }

// growth is how much more memory is needed if the table will soon grow.
func (d *distances) growth() uint64 {
	const soon = 1 << 14
	if (d.n+soon)*4 <= len(d.keys)*3 {
		return 0
	}
	return 2 * d.bytes()
}

// each calls f for each state with its distance.
func (d *distances) each(f func(key, at uint64)) {
	for i, key := range d.keys {
		if key != 0 {
			f(key, uint64(d.at[i]))
		}
	}
}
