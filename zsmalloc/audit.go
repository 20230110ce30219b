package zsmalloc

import (
	"fmt"

	"ptsim/kern"
)

// Rest is what Audit needs to know of a machine at rest: nothing runs, no callback and no work item is left.
type Rest struct {
	Frames    func(f func(p kern.PFN)) // calls f for each page frame in use
	Zspages   int                      // in use
	Handles   int                      // in use
	Destroyed bool                     // the pool
}

// Audit looks at a machine at rest, as a debugger does: every page in use is one of a zspage that is on the list where it belongs, whose
// handles and free objects add up, and that nobody has isolated or locked; and every handle in use has an object. It returns what is
// wrong, nil if nothing is.
func (s *System) Audit(r Rest) *kern.Violation {
	m := s.M
	owned := map[kern.PFN]bool{}
	found, objects := 0, 0
	var bad *kern.Violation
	wrong := func(a kern.Addr, format string, args ...any) bool {
		bad = &kern.Violation{Kind: kern.Imbalance, Addr: a, Detail: fmt.Sprintf(format, args...)}
		return false
	}
	if !r.Destroyed {
		for f := range fullnessGroups {
			head := s.Pool.list(f)
			sound := m.Walk(head, func(node kern.Addr) bool {
				zspage := zspageOfList(node)
				found++
				objects += int(m.Peek(zspage.inuse()))
				for _, page := range s.PagesOf(zspage) {
					owned[page.PFN()] = true
				}
				if why := s.auditZspage(zspage, f); why != "" {
					return wrong(kern.Addr(zspage), "%s", why)
				}
				return true
			})
			if !sound && bad == nil {
				bad = &kern.Violation{Kind: kern.ListCorruption, Addr: head, Detail: "a fullness list is torn"}
			}
		}
	}
	if bad != nil {
		return bad
	}
	switch {
	case found != r.Zspages:
		wrong(kern.Addr(s.Pool), "%d zspages are in use, and %d are on a list", r.Zspages, found)
		return bad
	case objects != r.Handles:
		wrong(kern.Addr(s.Pool), "%d handles are in use, and %d objects", r.Handles, objects)
		return bad
	}
	r.Frames(func(p kern.PFN) {
		if !owned[p] && bad == nil {
			bad = &kern.Violation{Kind: kern.PageLost, Addr: p.Page(), Detail: "no zspage has it"}
		}
	})
	return bad
}

// auditZspage tells what is wrong with a zspage at rest that is on the list of group f, "" if nothing is.
func (s *System) auditZspage(zspage Zspage, f Fullness) string {
	m, b := s.M, s.base
	if m.Peek(zspage.magic()) != Magic {
		return "what is on a list is no zspage"
	}
	if m.Peek(zspage.lock()) != 0 || m.Peek(zspage.readers()) != 0 {
		return "a zspage is locked, and nobody is there"
	}
	pages := s.PagesOf(zspage)
	if len(pages) != b.cfg.PagesPerZspage {
		return fmt.Sprintf("a zspage has %d pages, and should have %d", len(pages), b.cfg.PagesPerZspage)
	}
	used := map[uint32]bool{}
	for n, page := range pages {
		flags := m.Peek(page.flags())
		switch {
		case Zspage(m.Peek(page.private())) != zspage:
			return fmt.Sprintf("page->private of page %d leads elsewhere", page.PFN())
		case !b.movable(page):
			return fmt.Sprintf("page %d is not movable", page.PFN())
		case flags>>pgIsolated&1 != 0:
			return fmt.Sprintf("page %d is isolated, and nobody has it", page.PFN())
		case flags&kern.PGLocked != 0:
			return fmt.Sprintf("page %d is locked, and nobody has it", page.PFN())
		case m.Peek(page.refs()) != 1:
			return fmt.Sprintf("page %d has %d references, and one owner", page.PFN(), m.Peek(page.refs()))
		}
		for i := range b.perPage {
			idx := uint32(n)*b.perPage + i
			header := m.Peek(b.object(page, idx) + objHeader)
			if header&objAllocated == 0 {
				continue
			}
			used[idx] = true
			if at, nr := location(m.Peek(kern.Addr(header &^ objAllocated))); at != page || nr != idx {
				return fmt.Sprintf("the handle of object %d in page %d leads elsewhere", i, page.PFN())
			}
		}
	}
	n := m.Peek(zspage.inuse())
	switch {
	case int(n) != len(used):
		return fmt.Sprintf("a zspage counts %d objects in use, and has %d", n, len(used))
	case n == 0:
		return "an empty zspage is left, and no worker comes for it"
	case (n == b.objsPerZspage()) != (f == InuseRatio100):
		return fmt.Sprintf("a zspage with %d objects in use is on fullness list %d", n, f)
	}
	return s.auditFree(zspage, pages, used)
}

// auditFree tells what is wrong with the list of free objects.
func (s *System) auditFree(zspage Zspage, pages []Page, used map[uint32]bool) string {
	b := s.base
	free := map[uint32]bool{}
	obj := s.M.Peek(zspage.freeobj())
	for range int(b.objsPerZspage()) - len(used) {
		if obj >= b.objsPerZspage() || used[obj] || free[obj] {
			return fmt.Sprintf("the list of free objects has number %d, which is not free, or twice", obj)
		}
		free[obj] = true
		obj = s.M.Peek(b.object(pages[obj/b.perPage], obj)+objHeader) >> tagBits
	}
	return ""
}

// movable tells whether compaction may have the page, as a debugger would.
func (b *base) movable(page Page) bool {
	if _, now := b.self.(interface {
		PageHasMovableOps(c *kern.CPU, page Page) bool
	}); now {
		return b.m.Peek(page.flags())>>pgMovableOps&1 != 0
	}
	return b.m.Peek(page.mapping())&^mappingMovable != 0
}

// Pinned is what the page lock promises in v6.8 at every moment: a page with movable operations is one of a zspage that is there. alive
// tells whether an object is. It returns what breaks the promise, nil if nothing does. The versions with RCU do not make it, nor does
// v6.17.
func (s *System) Pinned(frames func(f func(p kern.PFN)), alive func(a kern.Addr) bool) (bad *kern.Violation) {
	frames(func(p kern.PFN) {
		page := PageOf(p)
		if s.M.Peek(page.mapping())&^mappingMovable == 0 || bad != nil {
			return
		}
		zspage := kern.Addr(s.M.Peek(page.private()))
		if zspage == 0 || !alive(zspage) {
			bad = &kern.Violation{Kind: kern.Imbalance, Addr: page.private(), Detail: fmt.Sprintf("page %d is movable and has no zspage", p)}
		}
	})
	return bad
}
