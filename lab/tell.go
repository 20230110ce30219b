package lab

import (
	"ptsim/explore"
	"ptsim/kern"
)

// Facts are what is known of one step of a schedule: what was done, by whom, on which version, and what it changed. The stepper gathers
// them, and a lab's Tell makes a sentence of them.
type Facts struct {
	Version string
	Who     string // "exit", "khugepaged", "softirq on CPU3"
	Kind    explore.ThreadKind
	CPU     int
	Doing   string        // the operation, callback or work item that it is part of: "tlbfree t1", "batch"
	Verb    string        // the verb of that, or the callback's function: "tlbfree", "batch"
	Step    *explore.Step // the primitive, what it returned, the kernel functions around it; or the beginning of a callback
	Text    string        // the step in the kernel's words
	Does    string        // and what it did, as a sentence without its subject
	Thing   string        // the object that it is about: "page1", "mm1", "f"; "" if none
	Cache   string        // the slab cache that the thing is from: "mm_struct"; "" of a page
	Object  string        // what the word is named by: "mm1" of mm1->mm_count, also where mm1 leads to an object of its own
	Field   string        // and the word in that: "mm_count"; "" if the object is the word
	Value   string        // what it found in the word, or left there
	Func    string        // the callback or work function that it queued or began
	Count   uint32        // of a reference count: what it is now
	Queued  bool          // an rcu_head of the thing is queued now
	Readers []string      // of a call_rcu: the readers that its grace period has to wait for
	Alive   bool          // of a step on an object: it is still there
	Bad     *kern.Violation

	Plain   []Past // the plain steps right before this one, of which nobody else takes note
	Earlier []Past // all that the thread did before in the same operation, callback or work item, oldest first
	Holder  string // of a lock that somebody else has, or of an object that is freed with its lock taken: who has it, "A munmap on CPU0"
	FreedAt int    // of a thing that is not Alive: the step that freed it, from 1; 0 if that is not known
	FreedBy string // and who that was, as Who

	Own any // what the lab's own part of the stepper adds, for its Tell alone
}

// Past is a step that a thread took before the one that is explained.
type Past struct {
	Op     kern.Op
	Result uint32
	Func   string // the kernel function that it was in
	Thing  string // as in Facts
	Object string
	Field  string
	Value  string // what a load found or a store left in the word
}

// Sentence says what happened, on which rule that rests, and where the rule is from.
type Sentence struct {
	Text  string `json:"text"`  // one sentence
	Rule  string `json:"rule"`  // the rule, one sentence
	ID    string `json:"id"`    // the rule's name in the catalogue
	Cites []Cite `json:"cites"` // at least one
}

// Cite is where a rule is from. Values are compared.
type Cite struct {
	Kind  string `json:"kind"`          // one of the kinds below
	Where string `json:"where"`         // "page_table_free_rcu(), v6.6", "docs/life-of-a-page.md#death"
	URL   string `json:"url,omitempty"` // where to read it on the web, "" for a section of the docs
}

// The kinds of citations.
const (
	CiteKernel = "kernel" // a function of the kernel, with the versions that have it so
	CiteMail   = "mail"   // a mail, by its heading in the docs
	CiteDocs   = "docs"   // a section of the docs
	CiteSource = "source" // what a lab's own Rule says of itself
)
