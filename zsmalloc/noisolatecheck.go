package zsmalloc

import "ptsim/kern"

// noIsolateCheck is v6.8 with a migration core that does not look again, with the page lock held, whether the page that it isolated is
// movable yet.
type noIsolateCheck struct{ *v68 }

// MoveToNewFolio is move_to_new_folio() without its check.
func (v *noIsolateCheck) MoveToNewFolio(c *kern.CPU, dst, src Page) Errno {
	return v.moveFolio(c, dst, src)
}
