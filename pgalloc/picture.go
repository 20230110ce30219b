package pgalloc

import (
	"fmt"

	"ptsim/kern"
	"ptsim/rcuhead"
)

// Picture draws a page: its two halves in the order of the mask, the six bits and what its lru words are in use for.
//
//	[upper: allocated | lower: pending] -P|--|A-  off the list
func Picture(m *kern.Machine, p Page) string {
	mask := p.PeekMask(m)
	where := "off the list"
	switch rcuhead.UnionOf(p.PFN()).State(m) {
	case kern.Listed:
		where = "on the list"
	case kern.Queued:
		where = "rcu_head queued"
	}
	if p.PeekActive(m) {
		where += ", PageActive"
	}
	if refs := p.PeekReferences(m); refs != 1 {
		where += fmt.Sprintf(", refcount %d", refs)
	}
	return fmt.Sprintf("[upper: %s | lower: %s] %s  %s", mask.Half(1), mask.Half(0), mask, where)
}
