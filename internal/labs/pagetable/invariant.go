package pagetable

import (
	"fmt"
	"slices"

	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
)

// checker looks at the states of one machine.
type checker struct {
	*space
	owner []int // by frame, the index of the only mm whose page it can ever be, or none

	// What a walk over the frames keeps, so that it allocates nothing.
	visit   func(p kern.PFN)
	allFree bool
	found   *kern.Violation
}

func newChecker(sp *space) *checker {
	k := &checker{space: sp, owner: make([]int, frames+1)}
	forks := slices.ContainsFunc(sp.s.Tasks, func(t Task) bool { return hasOp(t.Ops, Fork) })
	for i := range k.owner {
		k.owner[i] = none
		if len(sp.mms) == 1 && !forks {
			k.owner[i] = 0
		}
	}
	if !slices.ContainsFunc(sp.s.Tasks, func(t Task) bool { return hasOp(t.Ops, Alloc) }) {
		for _, t := range sp.tables { // a frame belongs to whom it belonged at the start
			k.owner[t.phys().PFN()] = slices.Index(sp.mms, t.mm)
		}
	}
	k.visit = k.visitFrame
	return k
}

func hasOp(ops []Op, kind OpKind) bool {
	return slices.ContainsFunc(ops, func(op Op) bool {
		return op.Kind == kind || slices.ContainsFunc(op.Branches, func(b []Op) bool { return hasOp(b, kind) })
	})
}

// eachFrame calls f for every page frame that is in use.
func (k *checker) eachFrame(f func(p kern.PFN)) {
	if k.in.Frames != nil {
		k.in.Frames(f)
		return
	}
	k.m.Frames(func(p kern.PFN, free bool) {
		if !free && k.alive(p.Page()) {
			f(p)
		}
	})
}

// alive tells whether the object at an address is live. Without an explorer, freed memory is poisoned.
func (k *checker) alive(a kern.Addr) bool {
	if k.in.Alive != nil {
		return k.in.Alive(a)
	}
	if p := k.m.PageOf(a); p != 0 {
		return k.m.Peek(p.Page()+kern.PageFlags)&kern.PGBuddy == 0 && k.m.Peek(p.Page()+kern.PageRefcount) != 0
	}
	return !mmctx.MM(a).Freed(k.m)
}

// free tells whether nobody is changing the mm's list or the A bits of its pages: its context.lock is free.
func (k *checker) free(mm mmctx.MM) bool {
	l := mm.PeekList(k.m)
	return l == 0 || k.m.Peek(l.Lock()) == 0
}

// check is the invariant: what must be so whenever context.lock is free. The masks are legal, the lists are sound, and a
// page is on its list or off it as the version's rule wants. It may not allocate.
func (k *checker) check() *kern.Violation {
	k.allFree, k.found = true, nil
	k.checkMMs(k.mms)
	k.checkMMs(k.forked.all())
	if k.found == nil {
		k.eachFrame(k.visit)
	}
	return k.found
}

func (k *checker) checkMMs(mms []mmctx.MM) {
	for _, mm := range mms {
		switch {
		case k.found != nil || !k.alive(kern.Addr(mm)):
		case !k.free(mm):
			k.allFree = false
		default:
			k.found = k.checkList(mm)
		}
	}
}

// visitFrame looks at a frame that is in use.
func (k *checker) visitFrame(p kern.PFN) {
	page := pgalloc.Page(p)
	if k.found != nil || !page.IsTable(k.m) {
		return
	}
	settled := k.allFree
	if i := k.owner[p]; i != none {
		settled = !k.alive(kern.Addr(k.mms[i])) || k.free(k.mms[i])
	}
	k.found = k.checkPage(page, settled)
}

func (k *checker) checkPage(page pgalloc.Page, settled bool) *kern.Violation {
	mask := page.PeekMask(k.m)
	if !k.sys.PT.Legal(mask) {
		return k.onPage(pgalloc.IllegalMask, page, fmt.Sprintf("%s (%#02x)", mask, uint8(mask)))
	}
	on, want := page.Listed(k.m), k.sys.PT.ListRule(mask, false)
	switch {
	case !settled || on == want:
		return nil
	case on:
		return k.onPage(pgalloc.ListMismatch, page, "on the list with mask "+mask.String())
	case page.PeekActive(k.m):
		return nil // kept off the list; one that is on it may have got the flag since, without the lock
	case mask == pgalloc.A && k.m.Peek(page.LRU()) == 0 && k.m.Peek(page.LRU()+1) == 0:
		return nil // fresh: its first table is allocated, and it will be listed next
	}
	return k.onPage(pgalloc.ListMismatch, page, "off the list with mask "+mask.String())
}

// checkList walks the mm's list, whose lock is free.
func (k *checker) checkList(mm mmctx.MM) *kern.Violation {
	l := mm.PeekList(k.m)
	if l == 0 || !k.alive(kern.Addr(l)) {
		return nil // not made yet, or gone already, as the mm will be next
	}
	var stranger kern.Addr
	sound := k.m.Walk(l.Head(), func(node kern.Addr) bool {
		p := k.m.PageOf(node)
		if p == 0 || node != pgalloc.Page(p).LRU() || !k.alive(p.Page()) || !pgalloc.Page(p).IsTable(k.m) {
			stranger = node
			return false
		}
		return true
	})
	switch p := k.m.PageOf(stranger); {
	case p != 0 && !k.alive(p.Page()):
		return k.onPage(kern.ListCorruption, pgalloc.Page(p), "freed while on a list")
	case stranger != 0:
		return k.onMM(kern.ListCorruption, mm, "a node that is no page table's")
	case !sound:
		return k.onMM(kern.ListCorruption, mm, "the neighbours do not point at each other")
	}
	return nil
}

// onPage makes a violation of a page, which no CPU reports.
func (k *checker) onPage(kind kern.Kind, page pgalloc.Page, detail string) *kern.Violation {
	v := &kern.Violation{
		Kind: kind, Addr: page.Refcount(), Detail: detail, Task: "kmemleak",
		Page: page.PFN(), Object: fmt.Sprintf("page %d", page.PFN()),
	}
	if k.alive(page.PFN().Page()) {
		v.Picture = pgalloc.Picture(k.m, page)
	}
	return v
}

// onMM makes a violation of an mm.
func (k *checker) onMM(kind kern.Kind, mm mmctx.MM, detail string) *kern.Violation {
	return &kern.Violation{
		Kind: kind, Addr: mm.Count(), Detail: detail, Task: "kmemleak",
		Object: fmt.Sprintf("mm%d", k.idOf(mm)),
	}
}

func (k *checker) idOf(mm mmctx.MM) int {
	if i := slices.Index(k.mms, mm); i >= 0 {
		return k.s.MMs[i].ID
	}
	return mm.ID(k.m)
}
