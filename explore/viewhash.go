package explore

import (
	"math/bits"
	"slices"
)

// viewHash is what the views add to the fingerprint of a state. Servers of one class are numbered by what else tells them
// apart, so that states which differ only in their order have the same.
func (s *state) viewHash() uint64 {
	v := s.views
	if v.dirty == 0 {
		return 0
	}
	place, sorted := s.places()
	sum := uint64(0)
	n := len(v.words)
	for h, row := range v.rows {
		if row == 0 || holder(h) >= fixed && row == v.rows[untouched] { // a holder that knows no more is as none
			continue
		}
		id := v.ids[h]
		if !sorted {
			if holder(h) < callbacks {
				id = v.ids[h-h%maxThreads+place[h%maxThreads]]
			}
			row = 0
			for w, m := range v.unknown[h*n:][:n] {
				row ^= entryHash(w, permute(m, &place))
			}
		}
		sum += mix(id + row)
	}
	return sum
}

// alike tells whether two threads know the same of the others' accesses, and the others of theirs, so that they can stand for
// each other.
func (v *views) alike(t, u int) bool {
	if v.dirty == 0 {
		return true
	}
	n := len(v.words)
	swap := func(i int) int {
		switch i % maxThreads {
		case t:
			return i - t + u
		case u:
			return i - u + t
		}
		return i
	}
	var place [maxThreads]int
	for i := range place {
		place[i] = swap(i)
	}
	for h := range v.rows {
		like := h
		if holder(h) < callbacks {
			like = swap(h)
		}
		for w := range n {
			if v.unknown[like*n+w] != permute(v.unknown[h*n+w], &place) {
				return false
			}
		}
	}
	return true
}

// places returns a number for each thread that does not depend on the order of interchangeable ones, and whether it is the
// thread's own for all.
func (s *state) places() (place [maxThreads]int, sorted bool) {
	sorted = true
	first := len(s.x.threads)
	for t := range s.x.threads {
		place[t] = t
		if s.x.threads[t].role == softirq && s.x.symmetric(softirq) {
			first = min(first, t)
		}
	}
	if len(s.x.threads)-first < 2 {
		return place, true
	}
	var order [maxThreads]int
	group := order[:0]
	for t := first; t < len(s.x.threads); t++ {
		group = append(group, t)
	}
	slices.SortStableFunc(group, func(a, b int) int {
		switch x, y := s.print(a), s.print(b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	for i, t := range group {
		place[t] = first + i
		sorted = sorted && t == first+i
	}
	return place, sorted
}

// permute moves the bits of threads in a mask.
func permute(m uint64, place *[maxThreads]int) uint64 {
	out := m & plainWrite
	for rest := m &^ plainWrite; rest != 0; rest &= rest - 1 {
		b := bits.TrailingZeros64(rest)
		out |= 1 << (b - b%maxThreads + place[b%maxThreads])
	}
	return out
}
