package explore

import (
	"math/bits"

	"ptsim/kern"
)

// States are told apart by fingerprints of 64 bits. Steps bring up to date what they are made of: a hash of memory, after Zobrist,
// and one of each thread.

// mix scrambles the bits of a word: each bit of the result depends on each of x. It is a bijection, so it
// loses nothing.
func mix(x uint64) uint64 {
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	return x ^ x>>32
}

// zobrist is the part of a word in the hash of a state, after Zobrist: the hash is the xor of all parts, so a change of one
// word costs two calls. A word with its first value has part 0. A held spin lock has one part whoever owns it: the owner is in
// the threads' hashes, where interchangeable servers count as one.
func (s *state) zobrist(a kern.Addr, v uint32) uint64 {
	if int(a) < len(s.init) && s.init[a] == v {
		return 0
	}
	if kern.IsLockOwner(v) {
		v = kern.AnyLockOwner
	}
	return mix(uint64(a)<<32 | uint64(v))
}

func lifeHash(o uint32, l uint8) uint64 { return mix(1<<63 | uint64(o)<<8 | uint64(l)) }

// key is the fingerprint of the state: of its memory, of the life of each object, of where each thread stands with the locks
// that it holds and the callbacks that wait for it, and of what is queued. Threads of one class are summed up, so that states
// which differ only in which of them does what have the same.
//
// It must count everything that a later step can depend on; what state says of each field is where it is
// counted. The parts are summed up and mixed once more: a sum alone would let parts cancel out that are
// related.
func (s *state) key() uint64 {
	s.refresh()
	sum := s.hash + s.sum + mix(s.queued^0x5851f42d4c957f2d) + mix(s.work^0x14057b7ef767814f)
	if s.x.opt.Softirqs == SoftirqsOnCPU {
		for q := s.queued; q != 0; q &= q - 1 {
			h := lowest(q)
			sum += mix(3<<61 | uint64(h)<<8 | uint64(s.by[h]))
		}
	}
	if s.queues != nil {
		sum += s.queues.hash()
	}
	if s.weak != nil {
		sum += s.weak.hash()
	}
	return mix(sum)
}

// fullKey is the fingerprint of the state with its views.
func (s *state) fullKey() uint64 {
	if s.views == nil {
		return s.key()
	}
	return mix(s.key() ^ s.viewHash())
}

// print is the fingerprint of where a thread stands, with what it holds and who waits for it. A step changes that of few
// threads, so each state keeps all of them, and works out anew those that are stale.
//
// The class is in it and the thread's number is not, so threads of one class that stand alike have one
// print.
func (s *state) print(t int) uint64 {
	return mix(s.x.threads[t].class ^ uint64(s.at[t].id)<<8 ^ s.wait[t]*0x9e3779b97f4a7c15 ^
		s.alone[t]*0xc2b2ae3d27d4eb4f ^ s.shared[t]*0x165667b19e3779f9 ^ s.rare[t])
}

// refresh brings the prints of all threads up to date.
func (s *state) refresh() {
	for d := s.stale; d != 0; d &= d - 1 {
		t := bits.TrailingZeros32(d)
		now := s.print(t)
		s.sum += now - s.prints[t]
		s.prints[t] = now
	}
	s.stale = 0
}
