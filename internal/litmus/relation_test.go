package litmus_test

import "math/bits"

// maxEvents is how many events, fences and initial stores included, an execution may have.
const maxEvents = 32

// events is how many the execution at hand has: relations are computed that far.
var events = maxEvents

// A relation is a set of pairs of events: relation[a] has bit b for the pair (a, b).
type relation [maxEvents]uint32

// identity is the relation of each event in a set with itself: [set] in cat.
func identity(set uint32) (r relation) {
	for ; set != 0; set &= set - 1 {
		r[bits.TrailingZeros32(set)] = set & -set
	}
	return r
}

func (r relation) or(others ...relation) relation {
	for k := range others {
		for i := range events {
			r[i] |= others[k][i]
		}
	}
	return r
}

func (r relation) and(o relation) relation {
	for i := range r {
		r[i] &= o[i]
	}
	return r
}

func (r relation) minus(o relation) relation {
	for i := range r {
		r[i] &^= o[i]
	}
	return r
}

// then is sequential composition: r ; next in cat.
func (r relation) then(nexts ...relation) relation {
	for k := range nexts {
		next := &nexts[k]
		var s relation
		for i := range events {
			for set := r[i]; set != 0; set &= set - 1 {
				s[i] |= next[bits.TrailingZeros32(set)]
			}
		}
		r = s
	}
	return r
}

func (r relation) inverse() (s relation) {
	for i := range r {
		for set := r[i]; set != 0; set &= set - 1 {
			s[bits.TrailingZeros32(set)] |= 1 << i
		}
	}
	return s
}

func everything() uint32 { return uint32(1)<<events - 1 }

// maybe is r? in cat.
func (r relation) maybe() relation { return r.or(identity(everything())) }

// plus is r+ in cat: Warshall's transitive closure.
func (r relation) plus() relation {
	for k := range events {
		for i := range events {
			if r[i]>>k&1 != 0 {
				r[i] |= r[k]
			}
		}
	}
	return r
}

// star is r* in cat.
func (r relation) star() relation { return r.plus().maybe() }

func (r relation) irreflexive() bool {
	for i := range r {
		if r[i]>>i&1 != 0 {
			return false
		}
	}
	return true
}

func (r relation) acyclic() bool { return r.plus().irreflexive() }

func (r relation) empty() bool { return r == relation{} }
