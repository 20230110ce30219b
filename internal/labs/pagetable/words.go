package pagetable

import (
	"ptsim/mmctx"
	"ptsim/pgalloc"
	"ptsim/tlbgather"
)

// What the faces that explain, phrase, ask and draw know of the allocator, they know from here: its masks, what a half can be, its
// versions, and where to look in memory. They do not import the allocator.
type (
	Mask      = pgalloc.Mask
	Variant   = pgalloc.Variant
	Pin       = pgalloc.Pin
	TablePage = pgalloc.Page // the struct page of a page of tables; Page is one of a scenario
	MMStruct  = mmctx.MM     // an mm_struct; MM is one of a scenario
)

// The bits of a mask, as those of the lower half, and where in a word a mask begins.
const (
	A         = pgalloc.A
	H         = pgalloc.H
	P         = pgalloc.P
	MaskShift = pgalloc.MaskShift
	PGActive  = pgalloc.PGActive
)

// What a half can be.
const (
	HalfFree        = pgalloc.HalfFree
	HalfAllocated   = pgalloc.HalfAllocated
	HalfPending     = pgalloc.HalfPending
	HalfPendingHead = pgalloc.HalfPendingHead
	HalfBroken      = pgalloc.HalfBroken
)

// The versions, and what the pinned one can pin.
const (
	Classic       = pgalloc.Classic
	RFCAsPosted   = pgalloc.RFCAsPosted
	RFC           = pgalloc.RFC
	Pinned        = pgalloc.Pinned
	Typesafe      = pgalloc.Typesafe
	Active        = pgalloc.Active
	FullPage      = pgalloc.FullPage
	PinHalf       = pgalloc.PinHalf
	PinTable      = pgalloc.PinTable
	PinPage       = pgalloc.PinPage
	PinPageLocked = pgalloc.PinPageLocked
	PinPageLife   = pgalloc.PinPageLife
)

// The marks that the allocator's callers leave in a trace.
const (
	MarkIPI        = pgalloc.MarkIPI
	MarkGmapUnlink = pgalloc.MarkGmapUnlink
)

// BatchCache is the cache of the batches of tables that a gather collects.
const BatchCache = tlbgather.BatchCache

// Variants returns the versions in the order of publication.
func Variants() []pgalloc.Info { return pgalloc.Variants() }

// TablePageOf returns the page that a table is in.
var TablePageOf = pgalloc.PageOf
