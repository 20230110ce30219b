package explain

import (
	"slices"
	"sync"

	"ptsim/internal/verdicts"
	"ptsim/pgalloc"
)

// Rule is one of the rules that steps rest on.
type Rule struct {
	ID       string
	Text     string // one sentence
	Variants []pgalloc.Variant
	Pins     []pgalloc.Pin // of the pinned version: the pins that it is a rule of; nil is all

	kernel []string // functions
	mails  []string // headings of docs/thread.md
	docs   []string
}

// Rules returns the catalogue, in the order of a page's life.
func Rules() []Rule { return slices.Clone(rules) }

// Cites returns where the rule is from, as far as goes a version that it is a rule of.
func (r *Rule) Cites(v verdicts.Version) []Cite { return citations(r, v.Variant) }

// Holds tells whether it is a rule of that version.
func (r *Rule) Holds(v verdicts.Version) bool {
	return slices.Contains(r.Variants, v.Variant) && (v.Variant != pgalloc.Pinned || r.Pins == nil || slices.Contains(r.Pins, pinOf(v)))
}

// Lookup returns the rule of that name.
func Lookup(id string) (Rule, bool) {
	if r := known()[id]; r != nil {
		return r.Rule, true
	}
	return Rule{}, false
}

func pinOf(v verdicts.Version) pgalloc.Pin {
	if v.Pin == "" {
		return pgalloc.PinHalf
	}
	return v.Pin
}

// entry is a rule with its citations, by variant, made once.
type entry struct {
	Rule
	from map[pgalloc.Variant]*ordered
}

// ordered are the citations of a rule in one variant; a function that the step is in is to be cited first.
type ordered struct {
	cites []Cite
	first map[string][]Cite // by the model's name of the function
}

var known = sync.OnceValue(func() map[string]*entry {
	m := map[string]*entry{}
	for i := range rules {
		e := &entry{Rule: rules[i], from: map[pgalloc.Variant]*ordered{}}
		for _, v := range e.Variants {
			o := &ordered{cites: citations(&e.Rule, v), first: map[string][]Cite{}}
			for _, name := range e.kernel {
				if f := function(name, v); f != nil {
					o.first[f.model()] = lead(o.cites, Cite{kernelSource, f.Where()})
				}
			}
			e.from[v] = o
		}
		m[e.ID] = e
	}
	return m
})

// lead puts a citation in front of the others.
func lead(cites []Cite, c Cite) []Cite {
	list := []Cite{c}
	for _, d := range cites {
		if d != c {
			list = append(list, d)
		}
	}
	return list
}

// cites returns the rule's citations for a step with these functions around it, innermost first.
func (e *entry) cites(v pgalloc.Variant, trace []string) []Cite {
	o := e.from[v]
	if o == nil {
		return nil
	}
	for _, fn := range trace {
		if list := o.first[fn]; list != nil {
			return list
		}
	}
	return o.cites
}

// Kinds of citation.
const (
	kernelSource = "kernel"
	mail         = "mail"
	section      = "docs"
)

func citations(r *Rule, v pgalloc.Variant) []Cite {
	var list []Cite
	for _, name := range r.kernel {
		if f := function(name, v); f != nil {
			list = append(list, Cite{kernelSource, f.Where()})
		}
	}
	for _, heading := range r.mails {
		list = append(list, Cite{mail, heading})
	}
	for _, s := range r.docs {
		list = append(list, Cite{section, s})
	}
	return list
}

// Sections of the docs, and headings of docs/thread.md.
const (
	docState     = "docs/life-of-a-page.md#where-the-state-is-kept"
	docBirth     = "docs/life-of-a-page.md#birth"
	docAlloc     = "docs/life-of-a-page.md#allocation-from-the-list"
	docFreeing   = "docs/life-of-a-page.md#freeing-a-half"
	docWho       = "docs/life-of-a-page.md#who-puts-the-page-where"
	docDeath     = "docs/life-of-a-page.md#death"
	docFlaw      = "docs/life-of-a-page.md#the-flaw"
	docWaysOut   = "docs/life-of-a-page.md#ways-out"
	docRealWorld = "docs/life-of-a-page.md#real-world"
	docLost      = "docs/broken.md#the-page-is-lost-rfc-as-posted"
	docSoftirq   = "docs/broken.md#the-softirq-waits-for-the-task-below-it-rfc-rfc-as-posted"
	docPinGoes   = "docs/broken.md#the-pin-goes-while-the-lock-is-held-pinnedpage-pinnedpage-life"
	docReader    = "docs/broken.md#the-reader-is-too-late-classic-in-walk"
	docSteps     = "docs/explorer.md#steps"

	mailV1       = "29 May 2023: v1, mmgrab for every defer"
	mailOneHead  = "Answers to v1: one rcu_head for two halves"
	mailWhyList  = "7 June 2023: why should it be on any list?"
	mailNotList  = "8 June 2023: it need not be on the list"
	mailRFC      = "12 June 2023: the RFC"
	mailUnstable = "14 June 2023: an mm that may be gone"
	mailLTP      = "15 June 2023: on the order of RCU, and a first test"
	mailTypesafe = "22 June 2023: 13/12, a list that outlives its mm"
	mailActive   = "1 July 2023: PageActive"
	mailMerged   = "11 July 2023: v3, which was merged"
	mailFullPage = "v6.7: a page for each table"
	mailTwoSteps = "c2c224932fd0: an older race"
)

// looking are the pins with which a callback looks before it takes the lock.
var looking = []pgalloc.Pin{pgalloc.PinHalf, pgalloc.PinTable, pgalloc.PinPage, pgalloc.PinPageLife}

// rules is the catalogue. Every rule is one that some step of some scenario rests on, in each version that it names.
var rules = []Rule{
	// Birth, and allocation from the list.
	{ID: "fresh-page", Variants: fragments, kernel: []string{"page_table_alloc"}, docs: []string{docBirth},
		Text: "A fresh page is filled whole with invalid entries and its lower half allocated before anybody else can reach it; then it goes on the list under the lock."},
	{ID: "pgste-page", Variants: fragments, kernel: []string{"page_table_alloc", "page_table_free", "pte_free_pgste", "__tlb_remove_table"}, docs: []string{docBirth},
		Text: "A table with PGSTEs is a whole page: both A bits are set together and cleared together, and the page is never on a list."},
	{ID: "full-page", Variants: fullpage, kernel: []string{"page_table_alloc", "page_table_free"}, mails: []string{mailFullPage}, docs: []string{docWho},
		Text: "A table is a page of its own: there is no list, no mask and no lock, and whoever frees the table frees the page."},
	{ID: "first-page", Variants: twoSteps, kernel: []string{"page_table_alloc"}, docs: []string{docAlloc},
		Text: "An allocation looks at the first page of the list only; if that page's other half is still pending the list counts as empty."},
	{ID: "first-page-fits", Variants: relinking, kernel: []string{"page_table_alloc"}, mails: []string{mailNotList}, docs: []string{docAlloc},
		Text: "A page on the list has no pending half, so an allocation takes the free half of the first page there, whichever it is."},

	// The list and its lock.
	{ID: "lock", Variants: twoSteps, kernel: []string{"page_table_alloc", "page_table_free", "page_table_free_rcu", "pte_free_defer"}, docs: []string{docState},
		Text: "Once a page was listed, its A bits and the list change only under context.lock; P bits come off without it, and no callback takes it."},
	{ID: "lock-bh", Variants: relinking, kernel: []string{"page_table_alloc", "page_table_free", "page_table_free_rcu", "pte_free_defer"}, mails: []string{mailLTP}, docs: []string{docState},
		Text: "Once a page was listed, its A bits and the list change only under context.lock, which a callback in a softirq takes as well: so a task must turn BH off while it holds it."},
	{ID: "listed-classic", Variants: classic, kernel: []string{"page_table_alloc", "page_table_free", "page_table_free_rcu"}, docs: []string{docWho},
		Text: "A page is on the list exactly while one of its halves is allocated, also while the other is pending."},
	{ID: "listed-active", Variants: active, kernel: []string{"page_table_alloc", "page_table_free", "page_table_free_rcu", "pte_free_defer"}, mails: []string{mailActive}, docs: []string{docWho},
		Text: "A page is on the list exactly while one of its halves is allocated and PageActive is clear; list_del_init leaves a page alone that is on none."},
	{ID: "listed-rfc", Variants: relinking, kernel: []string{"page_table_alloc", "page_table_free", "page_table_free_rcu", "pte_free_defer"}, mails: []string{mailRFC, mailWhyList}, docs: []string{docWho},
		Text: "A page is on the list only while one half is allocated and the other free: never while a half is pending by any method."},

	// Ways to free a half.
	{ID: "free-in-two-steps", Variants: twoSteps, kernel: []string{"page_table_free"}, mails: []string{mailTwoSteps}, docs: []string{docWho},
		Text: "page_table_free turns P on with A off under the lock, and P off after it: else the other half's callback could free the page while it is still to leave the list."},
	{ID: "free-in-one-step", Variants: relinking, kernel: []string{"page_table_free"}, docs: []string{docWho},
		Text: "page_table_free needs one step: a page whose other half is pending is off the list already, and is not touched after the xor."},
	{ID: "gather", Variants: fragments, kernel: []string{"page_table_free_rcu", "tlb_remove_table"}, docs: []string{docFreeing},
		Text: "A walk without locks may still be in a table that munmap or exit takes away, so its half stays pending until a grace period is over."},
	{ID: "gather-full-page", Variants: fullpage, kernel: []string{"pte_free_tlb", "tlb_remove_table"}, docs: []string{docFreeing},
		Text: "A walk without locks may still be in a table that munmap or exit takes away, so its page goes to a batch, by a pointer without a tag, and waits there for a grace period."},
	{ID: "defer", Variants: relinking, kernel: []string{"pte_free_defer"}, mails: []string{mailRFC}, docs: []string{docFreeing},
		Text: "pte_free_defer can get no memory, so the half waits on the page's own rcu_head; H says so, and P that it is pending at all."},
	{ID: "one-head", Variants: relinking, kernel: []string{"pte_free_defer", "pte_free_half"}, mails: []string{mailOneHead, mailRFC}, docs: []string{docFreeing},
		Text: "A page has one rcu_head for two halves: the half that is deferred while the head is in use is not queued, and the callback of the first queues it afterwards."},
	{ID: "union", Variants: relinking, kernel: []string{"pte_free_defer"}, mails: []string{mailOneHead}, docs: []string{docState},
		Text: "rcu_head lies in the words of lru: a page is on the list or queued on its rcu_head, and never both."},
	{ID: "defer-full-page", Variants: fullpage, kernel: []string{"pte_free_defer", "pte_free_now"}, mails: []string{mailFullPage}, docs: []string{docWho},
		Text: "pte_free_defer queues the rcu_head of the page, which holds the one table and is on no list, and the callback frees the page."},
	{ID: "page-active", Variants: active, kernel: []string{"pte_free_defer"}, mails: []string{mailActive, mailMerged}, docs: []string{docWho},
		Text: "PageActive says that some half was freed by pte_free_defer: such a page is not listed again, and is given back only after a grace period that begins when both halves are free."},
	{ID: "no-guest", Variants: active, kernel: []string{"pte_free_defer"}, docs: []string{docWho},
		Text: "THP is off in an mm with a KVM guest, so khugepaged should never come to one; pte_free_defer of v6.6 warns if it does."},
	{ID: "khugepaged-ipi", Variants: classic, kernel: []string{"page_table_free"}, docs: []string{docReader},
		Text: "Before pte_free_defer, khugepaged cleared the pmd, interrupted every CPU and freed the table at once: that waits for walks with interrupts off, and for no rcu_read_lock."},

	// The gather.
	{ID: "hand-over", Variants: all, kernel: []string{"tlb_table_flush", "call_rcu"}, docs: []string{docFreeing},
		Text: "A batch goes to call_rcu when it is full or the gather ends, and its tables are removed once every reader that is inside by then has left."},
	{ID: "batch", Variants: all, kernel: []string{"tlb_remove_table_rcu"}, docs: []string{docFreeing},
		Text: "The callback of a batch calls __tlb_remove_table for each of its tables, in their order, and then frees the batch itself."},
	{ID: "flush-first", Variants: unlocked, kernel: []string{"__tlb_flush_mm_lazy", "tlb_table_flush"}, docs: []string{docRealWorld},
		Text: "TLB entries that lead to tables are flushed before those go to RCU; the flush takes context.lock plainly, which is well as long as no softirq takes it."},
	{ID: "flush-with-bh-on", Variants: plainRFC, kernel: []string{"__tlb_flush_mm_lazy", "__tlb_remove_table"}, mails: []string{mailLTP}, docs: []string{docSoftirq},
		Text: "A lock that a softirq takes must never be held with softirqs on: __tlb_flush_mm_lazy does not turn them off, and so breaks the rule of context.lock."},
	{ID: "flush-with-bh-off", Variants: guarded, kernel: []string{"__tlb_flush_mm_lazy", "tlb_table_flush"}, mails: []string{mailLTP}, docs: []string{docRealWorld},
		Text: "TLB entries that lead to tables are flushed before those go to RCU; since callbacks take context.lock, this flush turns BH off while it holds it."},
	{ID: "no-batch", Variants: all, kernel: []string{"tlb_remove_table_one", "tlb_remove_table"}, docs: []string{docFreeing},
		Text: "With no page for a batch the task interrupts every CPU and removes the table itself: that waits for walks with interrupts off, and is no grace period."},

	// Callbacks.
	{ID: "grace-period", Variants: all, kernel: []string{"call_rcu"}, docs: []string{docSteps},
		Text: "A callback runs when every reader that was inside at its call_rcu has left: sections of rcu_read_lock, regions with BH off, and softirqs that were running."},
	{ID: "head-at-rest", Variants: relinking, kernel: []string{"pte_free_half", "call_rcu"}, mails: []string{mailRFC}, docs: []string{docFreeing},
		Text: "RCU is done with an rcu_head before it calls the callback, so the callback turns H off first, and the head can serve the other half at once."},
	{ID: "chain", Variants: mended, kernel: []string{"pte_free_half", "pte_free_defer"}, mails: []string{mailRFC}, docs: []string{docFreeing},
		Text: "The callback queues the rcu_head for the other half if H of that was set in what its own xor left: who came before the xor is chained, who comes after it queues the head himself."},
	{ID: "chain-as-posted", Variants: posted, kernel: []string{"pte_free_half"}, mails: []string{mailRFC}, docs: []string{docLost},
		Text: "The callback should chain the other half if its H is set in what the xor left, but as posted it does not shift that down, and tests two bits of the reference count."},
	{ID: "mark-off", Variants: twoSteps, kernel: []string{"__tlb_remove_table"}, docs: []string{docWho},
		Text: "__tlb_remove_table turns its own P off with one atomic xor, takes no lock and never looks at the mm: whoever leaves the mask empty frees the page."},
	{ID: "unlocked-look", Variants: plainRFC, kernel: []string{"__tlb_remove_table"}, mails: []string{mailRFC}, docs: []string{docFlaw},
		Text: "While its own P keeps the page off the list no A can come on: to see none is final, and to see one says that the mm is alive at that instant and no longer."},
	{ID: "pinned-look", Variants: pinned, Pins: looking, kernel: []string{"__tlb_remove_table"}, docs: []string{docWaysOut},
		Text: "While its own P keeps the page off the list no A can come on, so to see none is final; to see one is judged again under the lock, in an mm that a pin holds."},
	{ID: "typesafe-look", Variants: typesafe, kernel: []string{"__tlb_remove_table"}, mails: []string{mailTypesafe}, docs: []string{docWaysOut},
		Text: "From the look at the other half to the unlock is one RCU reader, in which the lock of the list stays a lock, and the mask is looked at again once it is held."},
	{ID: "relink", Variants: relinking, kernel: []string{"__tlb_remove_table"}, mails: []string{mailWhyList, mailRFC}, docs: []string{docWho},
		Text: "A callback that took context.lock turns P off under it; if the other half is allocated then, it puts the page back on the list, so that its own half can be used again."},
	{ID: "callback-is-no-reference", Variants: plainRFC, kernel: []string{"__tlb_remove_table"}, mails: []string{mailRFC, mailUnstable}, docs: []string{docFlaw},
		Text: "A queued or running callback is no reference on the mm: that the other half was allocated at the look does not keep the mm until its lock is taken."},
	{ID: "crst-order", Variants: fullpage, kernel: []string{"__tlb_remove_table"}, docs: []string{docWho},
		Text: "Without tags __tlb_remove_table tells a segment or region table by its block of four pages from a page table, which has one."},

	// Death of a page.
	{ID: "last-bit", Variants: fragments, kernel: []string{"page_table_free", "__tlb_remove_table"}, docs: []string{docDeath},
		Text: "Whoever turns off the last bit of the mask releases the page, and nobody else touches it any more."},
	{ID: "release-active", Variants: active, kernel: []string{"page_table_free", "__tlb_remove_table", "pte_free_now"}, mails: []string{mailActive}, docs: []string{docDeath},
		Text: "Release asks PageActive and clears it: a page that had it goes to call_rcu with an empty mask and is freed by pte_free_now, any other is freed at once."},

	// The mm.
	{ID: "users", Variants: all, kernel: []string{"mmput"},
		Text: "mm_users counts who uses the address space; all users together hold one mm_count, and the last of them tears the address space down and drops it."},
	{ID: "count", Variants: all, kernel: []string{"mmgrab", "mmdrop"},
		Text: "mm_count keeps the mm_struct and nothing else; whoever drops it to zero frees the struct, which must not happen in a softirq."},
	{ID: "mm-free", Variants: embedded, kernel: []string{"__mmdrop"}, docs: []string{docFlaw},
		Text: "__mmdrop frees the mm_struct with its list and lock, whatever callbacks are still to come: whoever needs it later must have held a reference."},
	{ID: "mm-born", Variants: embedded, kernel: []string{"dup_mm"},
		Text: "A new mm has one user and one reference, and a pgtable_list that is empty: no page is shared between two mms."},
	{ID: "pin-half", Variants: pinned, Pins: []pgalloc.Pin{pgalloc.PinHalf}, kernel: []string{"mmgrab", "mmdrop", "mmdrop_async"}, mails: []string{mailV1}, docs: []string{docWaysOut},
		Text: "Every pending half holds a reference on the mm: taken under the lock before the mark, dropped by its own callback when the mark is off and the lock released."},
	{ID: "pin-table", Variants: pinned, Pins: []pgalloc.Pin{pgalloc.PinTable}, kernel: []string{"mmgrab", "mmdrop", "mmdrop_async"}, mails: []string{mailRFC}, docs: []string{docWaysOut},
		Text: "Every table holds a reference on the mm, from its allocation until it is freed at once or its mark is off: safe, and what the RFC did not want to pay."},
	{ID: "pin-page", Variants: pinned, Pins: []pgalloc.Pin{pgalloc.PinPage}, kernel: []string{"mmgrab", "mmdrop", "mmdrop_async"}, docs: []string{docPinGoes},
		Text: "A page holds one reference while a half of it is pending; who takes the last mark off drops it, while another callback of the page may still hold the lock."},
	{ID: "pin-page-locked", Variants: pinned, Pins: []pgalloc.Pin{pgalloc.PinPageLocked}, kernel: []string{"mmgrab", "mmdrop", "mmdrop_async"}, docs: []string{docPinGoes},
		Text: "A page holds one reference while a half of it is pending, and every callback takes the lock: so nobody takes the last mark off while another holds the lock."},
	{ID: "pin-page-life", Variants: pinned, Pins: []pgalloc.Pin{pgalloc.PinPageLife}, kernel: []string{"mmgrab", "mmdrop", "mmdrop_async"}, docs: []string{docPinGoes},
		Text: "A page holds one reference for its life; who releases the page drops it, while another callback of the page may still hold the lock."},
	{ID: "drop-async", Variants: pinned, kernel: []string{"mmdrop_async", "__mmdrop"}, mails: []string{mailV1}, docs: []string{docWaysOut},
		Text: "__mmdrop is for process context, so a callback drops its reference by mmdrop_async: if that was the last, a work item frees the mm."},
	{ID: "type-stable", Variants: typesafe, mails: []string{mailTypesafe}, docs: []string{docWaysOut},
		Text: "The list and its lock are an object whose memory stays such an object until a grace period after its mm is gone; another mm may use it meanwhile, as it is."},

	// Mappings.
	{ID: "i-mmap", Variants: all, kernel: []string{"retract_page_tables"},
		Text: "khugepaged holds i_mmap_rwsem and no reference: a vma in the tree keeps its mm alive, and exit must take the semaphore to write before a vma leaves the tree."},
	{ID: "one-taker", Variants: all, kernel: []string{"retract_page_tables"},
		Text: "A table belongs to whoever empties its pmd, and that is one: khugepaged or exit, not both."},
	{ID: "lost-race", Variants: all, kernel: []string{"page_table_free"}, docs: []string{docFreeing},
		Text: "A table goes under a pmd only if that is empty; who comes second frees its own at once, since no walk was ever in it."},
	{ID: "reader", Variants: all, kernel: []string{"call_rcu", "retract_page_tables"}, docs: []string{docFreeing},
		Text: "What a reader finds inside rcu_read_lock is not freed before rcu_read_unlock, as long as it is freed through a grace period."},
	{ID: "own", Variants: all, docs: []string{docSteps},
		Text: "A step that no other CPU can notice is no step of its own: it is taken together with the next one that others can see."},
}
