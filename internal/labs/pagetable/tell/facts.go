package tell

import "ptsim/pgalloc"

// Around is what the stepper's part of this lab adds to the facts of a step, as their Own.
type Around struct {
	Page   *PageFacts // if the step is about a struct page
	List   []string   // of a step on a pgtable_list or its head: the pages that are on the list now
	Tables []string   // of a batch: what is in it, "page1.lower"
	Table  string     // of a walk that reads a table: which, "page1.lower"
}

// PageFacts are a page before and after a step.
type PageFacts struct {
	Name                string
	Before, After       pgalloc.Mask
	WasListed, Listed   bool
	WasQueued, Queued   bool // its rcu_head
	WasActive, Active   bool // PageActive
	References          uint32
	Freed, Whole        bool      // given back; one table takes the whole page
	Tables              [2]string // what is, or was, in its halves
	MM                  string    // whose page it is
	WasPresent, Present bool      // in use as a page of tables
}
