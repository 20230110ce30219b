package zsmalloc

import "ptsim/kern"

// openDestination is v6.8 under a migration core that does not lock the page it moves to: nobody keeps zs_free() from freeing the zspage,
// and that page with it, before it has its reference. No kernel does so; a model that leaves the lock out finds fault with v6.8.
type openDestination struct{ *v68 }

// LockDestination locks nothing.
func (v *openDestination) LockDestination(*kern.CPU, Page) {}

// UnlockDestination unlocks nothing.
func (v *openDestination) UnlockDestination(*kern.CPU, Page) {}
