package quiz

import (
	"ptsim/internal/labs/pagetable"
	"ptsim/internal/question"
)

// outcome is what was seen when the allocator's own code did what a quiz asks about. What is zero was not seen, or cannot
// be asked.
type outcome struct {
	version question.Version
	lead    string // what is about to happen, sentences
	apart   bool   // the lead stands before the questions, not in each
	verb    string // the operation, or the callback: alloc, tlbfree, batch, now0
	page    string // that it is about
	label   string // what the questions call it
	mm      string // whose page that is, or that it is about
	salt    string // tells the outcome from any other, for shuffling

	masked  bool // there is a next mask
	next    pagetable.Mask
	list    listAction
	rcu     rcuAction
	free    freeing
	mmNow   string // what the mm is afterwards
	mmNot   []string
	because map[string]string // by topic: what happened, sentences
}

// listAction is what happens to a page's place on pgtable_list.
type listAction uint8

const (
	listUnseen listAction = iota
	listStays
	listHead
	listTail
	listOff
)

var listTexts = map[listAction]string{
	listStays: "nothing: it stays on the list, or off it, as it is",
	listHead:  "it is put at the head of the list",
	listTail:  "it is put at the tail of the list",
	listOff:   "it is taken off the list",
}

// rcuAction is what is left to RCU.
type rcuAction uint8

const (
	rcuUnseen rcuAction = iota
	rcuNothing
	rcuBatch // a table is put into a batch
	rcuHead  // a page's rcu_head is queued
	rcuWait  // the other half's callback is to queue it
	rcuFlush // a batch is queued
)

// rcuTexts are what there is to choose from where an operation is about a page.
var rcuTexts = map[rcuAction]string{
	rcuNothing: "nothing",
	rcuBatch:   "the table is put into the gather's batch, which goes to call_rcu later",
	rcuHead:    "the page's own rcu_head is queued with call_rcu",
	rcuWait:    "nothing now: the other half's callback has to queue the page's rcu_head again",
}

// flushTexts are what there is to choose from where a gather ends.
var flushTexts = map[rcuAction]string{
	rcuNothing: "nothing: no batch is open",
	rcuFlush:   "the batch with all its tables, in one call_rcu",
	rcuHead:    "the rcu_head of each page that has a table in the batch",
	rcuBatch:   "nothing yet: the batch stays open until it is full",
}

// freeing is who gives a page back.
type freeing uint8

const (
	freeUnseen freeing = iota
	freeNobody
	freeNow
	freeCallback
	freeNever
)

var freeTexts = map[freeing]string{
	freeNobody:   "nobody yet: there is still an allocated table in it",
	freeNow:      "this operation itself, before it is done",
	freeCallback: "a callback that is still to come",
	freeNever:    "nobody, ever: no callback is left to do it",
}
