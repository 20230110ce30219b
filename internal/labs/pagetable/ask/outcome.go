package ask

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"ptsim/lab"
	"ptsim/pgalloc"
)

// outcome is what was seen when the allocator's own code did what a quiz asks about. What is zero was not seen, or cannot
// be asked.
type outcome struct {
	version string
	lead    string // what is about to happen, sentences
	verb    string // the operation, or the callback: alloc, tlbfree, batch, now0
	page    string // that it is about
	label   string // what the questions call it
	mm      string // whose page that is, or that it is about

	masked  bool // there is a next mask
	next    pgalloc.Mask
	list    listAction
	rcu     rcuAction
	free    freeing
	mmNow   string // what the mm is afterwards
	mmNot   []string
	because map[string]string // by topic: what happened, sentences
}

// bitNames are the bits of a mask as everything here writes them, left to right.
var bitNames = []string{"P1", "P0", "H1", "H0", "A1", "A0"}

// bitsOf takes a mask apart.
func bitsOf(m pgalloc.Mask) []bool {
	var bits []bool
	for _, b := range []pgalloc.Mask{pgalloc.P << 1, pgalloc.P, pgalloc.H << 1, pgalloc.H, pgalloc.A << 1, pgalloc.A} {
		bits = append(bits, m&b != 0)
	}
	return bits
}

// inquiry asks everything for which something was seen.
func (o *outcome) inquiry() *lab.Inquiry {
	q := &lab.Inquiry{Lead: o.lead, Difficulty: o.difficulty()}
	ask := func(topic, prompt, right string, choices []string) {
		a := lab.Asked{Topic: topic, Prompt: prompt, Right: right, Choices: choices, Why: o.because[topic]}
		a.Hint, a.Cites = o.hint(topic)
		q.Asked = append(q.Asked, a)
	}
	if o.masked {
		ask(topicMask, "What is the mask of "+o.label+" then? Say for each bit whether it is set.", "the mask is "+o.next.String(), nil)
		q.Asked[0].Bits, q.Asked[0].Set = bitNames, bitsOf(o.next)
	}
	if o.list != listUnseen {
		ask(topicList, "What happens to the place of "+o.label+" on pgtable_list?", listTexts[o.list], texts(listTexts))
	}
	switch o.rcu {
	case rcuUnseen:
	case rcuFlush:
		ask(topicRCU, "What is given to RCU?", flushTexts[o.rcu], texts(flushTexts))
	default:
		ask(topicRCU, "What is given to RCU?", rcuTexts[o.rcu], texts(rcuTexts))
	}
	if o.free != freeUnseen {
		ask(topicFree, "Who will free "+o.label+" then?", freeTexts[o.free], texts(freeTexts))
	}
	if o.mmNow != "" {
		ask(topicMM, "What about "+o.mm+" then?", o.mmNow, append([]string{o.mmNow}, o.mmNot...))
	}
	return q
}

// texts returns the values of a map in the order of its keys.
func texts[K cmp.Ordered](m map[K]string) []string {
	var list []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		list = append(list, m[k])
	}
	return list
}

// difficulty grows with what is to be known of the operation, and with the version.
func (o *outcome) difficulty() int {
	d := map[string]int{"alloc": 1, "free": 1, "flush": 1, "tlbfree": 2, "defer": 2, "batch": 3, "now0": 3, "now1": 3, "now": 3}[o.verb]
	return max(d, 1) + hard(o.version)
}

// hard is what a version adds to the difficulty.
func hard(version string) int {
	switch variantOf(version) {
	case pgalloc.Pinned, pgalloc.Typesafe, pgalloc.RFCAsPosted:
		return 1
	}
	return 0
}

// variantOf is the variant of a version: what stands before the pin in its name.
func variantOf(version string) pgalloc.Variant {
	variant, _, _ := strings.Cut(version, "/")
	return pgalloc.Variant(variant)
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
