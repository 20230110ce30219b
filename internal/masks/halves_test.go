package masks_test

import (
	"fmt"
	"strconv"
	"strings"
)

// set is a set of halves, written as digits: "", "0", "1" or "01".
type set string

func (s set) has(half string) bool    { return strings.Contains(string(s), half) }
func (s set) empty() bool             { return s == "" }
func (s set) without(half string) set { return set(strings.ReplaceAll(string(s), half, "")) }
func (s set) with(half string) set {
	switch {
	case s.has(half):
		return s
	case half == "0":
		return set(half) + s
	}
	return s + set(half)
}
func (s set) within(o set) bool {
	for _, half := range s {
		if !o.has(string(half)) {
			return false
		}
	}
	return true
}
func (s set) meets(o set) bool {
	for _, half := range s {
		if o.has(string(half)) {
			return true
		}
	}
	return false
}

// page is a page as the oracle sees it.
type page struct {
	alloc, pending, head set
	active               bool
}

func (p page) unused() bool { return p.alloc.empty() && p.pending.empty() && p.head.empty() }

// decode reads a mask from its binary digits, the lowest last: PP, HH, AA, in each pair half 1 before half 0.
func decode(mask uint8, active bool) page {
	digits := fmt.Sprintf("%06s", strconv.FormatUint(uint64(mask), 2))
	pick := func(at int) (s set) {
		if digits[at+1] == '1' {
			s += "0"
		}
		if digits[at] == '1' {
			s += "1"
		}
		return s
	}
	return page{alloc: pick(4), head: pick(2), pending: pick(0), active: active}
}

func (p page) String() string {
	s := fmt.Sprintf("allocated {%s} pending {%s} on the rcu_head {%s}", p.alloc, p.pending, p.head)
	if p.active {
		s += " PageActive"
	}
	return s
}
