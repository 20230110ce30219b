package pgalloc

import (
	"fmt"

	"ptsim/kern"
	"ptsim/mmctx"
)

// Audit looks at a machine on which all is quiet: no CPU is inside the allocator, no callback and no work item is left,
// no gather is open. It reports every page that is lost, and every mm whose mm_count is not what its references add up
// to; extra says how many an mm has beyond its users' and the pins'. It returns how many violations it found.
func (s *System) Audit(mms []mmctx.MM, extra func(mm mmctx.MM) uint32) int {
	found := 0
	tables, pages := map[mmctx.MM]uint32{}, map[mmctx.MM]uint32{}
	s.M.Frames(func(p kern.PFN, free bool) {
		page := Page(p)
		if free || !page.IsTable(s.M) {
			return
		}
		mask := page.PeekMask(s.M)
		owner := mmctx.MM(s.M.Peek(page.ptMM()))
		pages[owner]++
		for half := range uint32(2) {
			if mask.Allocated(half) {
				tables[owner]++
			}
		}
		if mask.AA() == 0 && s.Variant != FullPage {
			found++
			s.M.Report(&kern.Violation{Kind: kern.PageLost, Addr: page.Refcount(), Task: "kmemleak", Detail: "mask " + mask.String()})
		}
	})
	for _, mm := range mms {
		want := uint32(0)
		if s.M.Peek(mm.Users()) > 0 {
			want = 1
		}
		if extra != nil {
			want += extra(mm)
		}
		if !mm.PeekAllocPGSTE(s.M) { // pages with PGSTEs never lead back to their mm, and are not pinned
			switch s.Pin {
			case PinTable:
				want += tables[mm]
			case PinPageLife:
				want += pages[mm]
			}
		}
		if have := s.M.Peek(mm.Count()); have != want {
			found++
			s.M.Report(&kern.Violation{Kind: mmctx.MMCount, Addr: mm.Count(), Detail: fmt.Sprintf("it is %d, the references add up to %d", have, want)})
		}
	}
	return found
}
