package pgalloc

import "ptsim/kern"

// The kinds of violation of the allocator.
var (
	// IllegalMask: a combination of bits that the version does not allow.
	IllegalMask = kern.NewKind(kern.KindInfo{
		Name:     "illegal-mask",
		Sentence: "illegal mask: %f leaves %o with %d",
		Headline: "WARNING: impossible mask in %s",
	})
	// ListMismatch: a page on the list, or off it, against what its mask says.
	ListMismatch = kern.NewKind(kern.KindInfo{
		Name:     "list-mismatch",
		Page:     true,
		Sentence: "list and mask disagree: %f leaves %o %d",
		Headline: "WARNING: list and mask disagree in %s",
	})
	// BadHandout: a half handed out that is in use, pending or not all-invalid.
	BadHandout = kern.NewKind(kern.KindInfo{
		Name:     "bad-handout",
		Sentence: "bad hand-out: %f hands out a half of %o that %d",
		Headline: "BUG: bad page table handed out by %s",
	})
	// ReaderUseAfterFree: an RCU reader reads a table after it was freed.
	ReaderUseAfterFree = kern.NewKind(kern.KindInfo{
		Name:     "reader-use-after-free",
		Short:    "reader UAF",
		Sentence: "reader too late: %f reads %o inside rcu_read_lock after it was freed: %d",
		Headline: "BUG: KASAN: use-after-free in %s (RCU reader)",
	})
	// StaleTLB: a TLB entry leads to a table after it was freed.
	StaleTLB = kern.NewKind(kern.KindInfo{
		Name:     "stale-tlb",
		Sentence: "stale TLB entry: %f reaches %o after it was freed: %d",
		Headline: "BUG: KASAN: use-after-free in %s (through the TLB)",
	})
)
