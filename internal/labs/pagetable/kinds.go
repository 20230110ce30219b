package pagetable

import (
	"ptsim/mmctx"
	"ptsim/pgalloc"
)

// The kinds of violation that are the allocator's own, for the faces that say more about some of them.
var (
	MMCount            = mmctx.MMCount
	MMBusy             = mmctx.MMBusy
	FinalDropInSoftirq = mmctx.FinalDropInSoftirq
	IllegalMask        = pgalloc.IllegalMask
	ListMismatch       = pgalloc.ListMismatch
	BadHandout         = pgalloc.BadHandout
	ReaderUseAfterFree = pgalloc.ReaderUseAfterFree
	StaleTLB           = pgalloc.StaleTLB
)
