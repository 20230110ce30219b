package explain

import (
	"ptsim/explore"
	"ptsim/internal/labs/pagetable"
	"ptsim/internal/question"
	"ptsim/kern"
)

// Facts are what is known of one step of a schedule: what was done, by whom, in which version, and what it changed.
type Facts struct {
	Version question.Version
	Who     string // "exit", "khugepaged", "softirq on CPU3"
	Kind    explore.ThreadKind
	CPU     int
	Doing   string        // the operation, callback or work item that it is part of: "tlbfree t1", "batch"
	Step    *explore.Step // the primitive, what it returned, the kernel functions around it; or the beginning of a callback
	Text    string        // the step as package phrase writes it
	Does    string        // and what it did, as a sentence without its subject
	Thing   string        // the object that it is about: "page1", "mm1", "batch1", "f"; "" if none
	Word    string        // the word of it: "mm1->mm_count"
	Func    string        // the callback or work function that it queued or began
	Count   uint32        // of a reference count: what it is now
	Page    *PageFacts    // if the step is about a struct page
	Queued  bool          // an rcu_head of the thing is queued now
	Readers []string      // of a call_rcu: the readers that its grace period has to wait for
	Alive   bool          // of a step on an mm, a list or a lock: the object is still there
	Bad     *kern.Violation

	Plain   []Past   // the plain steps right before this one, of which nobody else takes note
	Earlier []Past   // all that the thread did before in the same operation, callback or work item, oldest first
	List    []string // of a step on a pgtable_list or its head: the pages that are on the list now
	Tables  []string // of a batch: what is in it, "page1.lower"
	Table   string   // of a walk that reads a table: which, "page1.lower"
	Holder  string   // of a lock that somebody else has, or of an mm that is freed with its lock taken: who has it, "A munmap on CPU0"
	FreedAt int      // of a thing that is not Alive: the step that freed it, from 1; 0 if that is not known
	FreedBy string   // and who that was, as Who
}

// Past is a step that a thread took before the one that is explained.
type Past struct {
	Op     kern.Op
	Result uint32
	Func   string // the kernel function that it was in
	Thing  string // as in Facts
	Word   string
	Text   string
}

// PageFacts are a page before and after a step.
type PageFacts struct {
	Name                string
	Before, After       pagetable.Mask
	WasListed, Listed   bool
	WasQueued, Queued   bool // its rcu_head
	WasActive, Active   bool // PageActive
	References          uint32
	Freed, Whole        bool      // given back; one table takes the whole page
	Tables              [2]string // what is, or was, in its halves
	MM                  string    // whose page it is
	WasPresent, Present bool      // in use as a page of tables
}

// Sentence says what happened, on which rule that rests, and where the rule is from.
type Sentence struct {
	Text  string `json:"text"`  // one sentence
	Rule  string `json:"rule"`  // the rule, one sentence
	ID    string `json:"id"`    // the rule's name in the catalogue
	Cites []Cite `json:"cites"` // at least one
}

// Cite is where a rule is from.
type Cite struct {
	Kind  string `json:"kind"`  // "kernel", "mail" or "docs"
	Where string `json:"where"` // "page_table_free_rcu(), v6.6", "docs/life-of-a-page.md#death"
}
