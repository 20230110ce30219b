package script

import (
	"fmt"
	"math/bits"

	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
)

// report takes every violation as it happens.
func (r *Runner) report(v *kern.Violation) {
	v.Step = r.next
	switch v.Kind {
	case kern.ListCorruption, kern.UnionOverlap:
		r.corrupt = true
	case kern.UseAfterFree, kern.DoubleFree, kern.SelfDeadlock, kern.SoftirqDeadlock:
		if r.err == "" {
			r.err = v.Sentence()
		}
	}
	r.fresh = append(r.fresh, v)
	if r.found++; len(r.violations) < keptViolations {
		r.violations = append(r.violations, v)
	}
}

// describe calls a page by its id, not by its frame.
func (r *Runner) describe(v *kern.Violation) {
	if id := r.pageID(r.m.PageOf(v.Addr)); id >= 0 && v.Object == "" {
		v.Object = fmt.Sprintf("page p%d", id)
	}
}

// checkLost looks for pages that will never be freed: no table in them is allocated, nobody holds a reference, and
// neither the callback queue nor an open batch leads to them. Between two operations nothing else can. A page becomes one
// in an operation that touches it, or that takes away what led to it.
func (r *Runner) checkLost() {
	for _, p := range r.touchedPages {
		if p.gone || p.reached > 0 || p.refs > 0 || p.lost || p.hasLive() {
			continue
		}
		p.lost = true
		r.m.Report(&kern.Violation{
			Kind: kern.PageLost, Addr: p.page.LRU(), Task: "kmemleak", Doing: r.ch.Op,
			Detail: fmt.Sprintf("no callback or open batch is left for mask %s", p.page.PeekMask(r.m)),
		})
	}
}

func (p *page) hasLive() bool {
	for _, t := range p.tables {
		if t != nil && t.state == live {
			return true
		}
	}
	return false
}

// checkCounts compares the mm_counts of what was touched with the references that there are: one for all users together,
// the script's mmgrabs, and what the pinned version holds. Between two operations there are no others.
func (r *Runner) checkCounts() {
	for _, sp := range r.touchedSpaces {
		if sp.counted || sp.mm.Freed(r.m) {
			continue
		}
		users := r.peekCount(sp.mm.Users())
		want := b2i(users > 0) + int(sp.grabs) + int(sp.pins)
		if have := r.peekCount(sp.mm.Count()); have != want {
			sp.counted = true
			r.m.Report(&kern.Violation{
				Kind: mmctx.MMCount, Addr: kern.Addr(sp.mm), Task: "checker", Doing: r.ch.Op,
				Detail: fmt.Sprintf("it is %d, but there are %d references: %d for users, %d of mmgrab, %d pins",
					have, want, b2i(users > 0), sp.grabs, sp.pins),
			})
		}
	}
}

// changePins counts what the pages that were touched hold of the pinned version's references.
func (r *Runner) changePins() {
	if r.sys.Variant != pgalloc.Pinned {
		return
	}
	for _, p := range r.touchedPages {
		pins := int32(0)
		if p.sp == nil {
			continue
		}
		if !p.gone && !p.whole {
			pins = int32(r.pins(p.page.PeekMask(r.m)))
		}
		if pins != p.pinned {
			p.sp.pins += pins - p.pinned
			p.pinned = pins
			r.touchSpace(p.sp)
		}
	}
}

// pins returns how many references the pinned version holds on the mm of a page with this mask.
func (r *Runner) pins(m pgalloc.Mask) int {
	allocated, pending := bits.OnesCount32(m.AA()), bits.OnesCount32(m.PP())
	switch r.sys.Pin {
	case pgalloc.PinHalf:
		return pending
	case pgalloc.PinTable:
		return allocated + pending
	case pgalloc.PinPage, pgalloc.PinPageLocked:
		return b2i(pending > 0)
	}
	return b2i(m != 0) // PinPageLife
}
