package masks

import (
	"fmt"
	"strings"

	"ptsim/kern"
	"ptsim/pgalloc"
)

// Sentences that hold for a whole version.
const (
	whyNoMask  = "this variant has no mask: a table is a whole page"
	whyNoHeads = "this variant has no H bits"
	whyNoDefer = "this variant has no pte_free_defer"
	whyNoList  = "this variant has no list: every table is a fresh page"
	whyPageNow = "the callback is about the page, and queued only when the page is released, with mask 00"
	whyNoHalf1 = "a table is a whole page, there is no upper half"
)

// general returns those of them that hold for this one.
func (t *Table) general() []string {
	var s []string
	for _, g := range []struct {
		holds bool
		why   string
	}{
		{!t.Fragments, whyNoMask},
		{!t.Fragments, whyNoHalf1},
		{!t.Fragments, whyNoList},
		{t.Fragments && !t.Heads, whyNoHeads},
		{!t.Defers, whyNoDefer},
		{t.Fragments && t.Defers && !t.Heads, whyPageNow},
	} {
		if g.holds {
			s = append(s, g.why)
		}
	}
	return s
}

// whyIllegal says what is wrong with a mask that the version does not allow.
func (l *lab) whyIllegal(m pgalloc.Mask) string {
	switch {
	case !l.fragments:
		return whyNoMask
	case !l.heads && m.HH() != 0:
		return whyNoHeads
	}
	var why []string
	for half := range uint32(2) {
		switch a, h, p := m.Allocated(half), m.PendingHead(half), m.Pending(half); {
		case h && !p:
			why = append(why, fmt.Sprintf("the %s half has H without P", place(half)))
		case a && p:
			why = append(why, fmt.Sprintf("the %s half is allocated and pending at once", place(half)))
		}
	}
	return strings.Join(why, ", ")
}

// whyNot says what the callers' contract has against an operation, "" if nothing.
func (l *lab) whyNot(s State, op Op, half uint32) string {
	switch {
	case op == Now && !l.defers, op == Defer && !l.defers:
		return whyNoDefer
	case !s.Legal:
		return "such a page cannot be: " + s.Why
	case !l.fragments:
		return l.whyNotPage(op, half)
	}
	state := s.Halves[half]
	switch op {
	case Alloc:
		if !s.Listed {
			return "the page is not on the list"
		}
		return ""
	case Free, FreeRCU, Defer:
		if state == pgalloc.HalfAllocated {
			return ""
		}
	case Remove:
		if state == pgalloc.HalfPending {
			return ""
		}
	case Now:
		switch {
		case l.heads && state == pgalloc.HalfPendingHead:
			return ""
		case l.heads && state == pgalloc.HalfPending:
			return fmt.Sprintf("the %s half is pending, but not on the rcu_head", place(half))
		case !l.heads && (s.Mask != 0 || s.Active || half == 1):
			return whyPageNow
		case !l.heads:
			return ""
		}
	}
	return fmt.Sprintf("the %s half is %s", place(half), state)
}

// whyNotPage is whyNot where there are no halves.
func (l *lab) whyNotPage(op Op, half uint32) string {
	switch {
	case half == 1:
		return whyNoHalf1
	case op == Alloc:
		return whyNoList
	}
	return ""
}

// whyPassed says why an allocation did not hand out the half of the page that was first on the list, "" if it did.
func whyPassed(s State, table kern.Phys, page pgalloc.Page, half uint32) string {
	switch {
	case table == page.Table(half):
		return ""
	case s.Halves[half] == pgalloc.HalfPending:
		return fmt.Sprintf("the %s half is pending, so the page is passed over", place(half))
	}
	return fmt.Sprintf("the %s half is %s", place(half), s.Halves[half])
}

// place is which half it is, in words that need no count.
func place(half uint32) string { return [...]string{"lower", "upper"}[half&1] }
