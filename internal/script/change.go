package script

import "ptsim/kern"

// Change is what one operation changed: it costs as much as the operation did, however large the machine is. Changes, put
// together from the first on, are the State; see the package doc for their form in JSON.
//
// Once a list or an rcu_head is corrupt, nothing that was noted about them can be relied on: everything is read from
// memory again, and lists and queue come whole.
type Change struct {
	I      int    // the operation, from 0
	Op     string // as written
	Source *Op
	Ret    Ret

	Pages []PageChange // pages that are new, or not what they were, by id
	Freed []int        // pages that were freed, in order, those that came in the same operation included
	Lists []ListChange // by number of the mm
	TLB   []BatchChange
	MM    []MMState // mms that are new, or whose counts are not what they were, by number
	MMNew []bool    // which of MM are new
	MMs   []int     // the mms that were freed, by number

	Ran    []Callback // callbacks that left the queue: the oldest, or the one at RanAt
	RanAt  int
	Queued []Callback // callbacks that came, behind those that were left

	CRSTNew, CRSTGone []int
	Warn              []string // WARN_ON_ONCE sites that fired

	Hooks      []string // the hooked operations that ran in it
	Violations []*kern.Violation
	Err        string // the fatal error that ended the script

	Counters          // as they are now
	Before   Counters // as they were before the operation
}

// Counters are the numbers that a Change tells: those of the recorded lines, and how much there is of what.
type Counters struct {
	IPI, Gmap uint64
	Work      int  // mmdrop_async items that wait
	Waiting   int  // hooked operations that wait for a lock to be taken
	Corrupt   bool // a list, or an lru that was also an rcu_head, is corrupt by now

	NumFreed, NumPages, NumCRSTs, NumCallbacks, NumMMs int
}

// PageChange is a page as it is now.
type PageChange struct {
	PageState
	New       bool
	FoundLost bool // it was there before, and nothing leads to it any more
}

// ListChange is what happened to the pgtable_list of an mm.
type ListChange struct {
	MM    int
	Steps []ListStep // in order; nil if Whole
	Whole bool       // Front is the whole list
	Front []int      // the first pages of it, at most frontPages
	Len   int        // how many pages are on it
}

// frontPages is how many pages of a list a Change names.
const frontPages = 8

// ListStep is one operation on a list.
type ListStep struct {
	Op   string // list_add, list_add_tail or list_del
	Page int
}

// BatchChange is what happened to the open batch of an mm's gather.
type BatchChange struct {
	MM      int
	New     bool    // the batch was opened in this operation
	Closed  bool    // there is none any more
	Entries []Entry // the tables in it
	Added   int     // so many of them are new
}
