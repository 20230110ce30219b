package tell

import (
	"ptsim/lab"
	"ptsim/pgalloc"
)

// Around is what the stepper's part of this lab adds to the facts of a step, as their Own.
type Around struct {
	Page   *PageFacts    // if the step is about a struct page
	List   []string      // of a step on a pgtable_list or its head: the pages that are on the list now
	Tables []lab.TableAt // of a batch: what is in it
	Table  lab.TableAt   // of a walk that reads a table: which
	Names  string        // the table that the scenario's operation names, "" if it names none
	Value  Table         // of a pmd: what was found in it
	Put    []Table       // beside Facts.Plain: the table that each store put in a batch, zero of others
	ListOf string        // of an mm's list object that is used again: the mm that had it; "" of a new one
	Left   pgalloc.Mask  // the mask of a page that is lost
}

// Table is a page table that a word leads to. The zero Table is none.
type Table struct {
	Name string // the scenario's, "" if it gave none
	lab.TableAt
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
