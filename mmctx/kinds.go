package mmctx

import "ptsim/kern"

// The kinds of violation of an mm.
var (
	// MMCount: mm_count is not what the references add up to.
	MMCount = kern.NewKind(kern.KindInfo{
		Name:     "mm-count",
		AtEnd:    true,
		Sentence: "wrong mm_count: %o: %d",
		Headline: "WARNING: mm_count imbalance (%s)",
	})
	// MMBusy: an mm destroyed while its pgtable_list is not empty.
	MMBusy = kern.NewKind(kern.KindInfo{
		Name:     "mm-busy",
		Sentence: "mm destroyed in use: %f frees %o while %d",
		Headline: "BUG: mm freed with pgtable_list not empty in %s",
	})
	// FinalDropInSoftirq: the last mmdrop runs __mmdrop in softirq context.
	FinalDropInSoftirq = kern.NewKind(kern.KindInfo{
		Name:     "final-drop-in-softirq",
		Sentence: "final mmdrop in softirq context: %f frees %o in a softirq, which must be left to process context",
		Headline: "BUG: sleeping function called from invalid context in %s",
	})
)
