package tell

import (
	"slices"
	"strings"
	"sync"

	"ptsim/lab"
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
func (r *Rule) Cites(v string) []lab.Cite { return citations(r, variantOf(v)) }

// Holds tells whether it is a rule of that version.
func (r *Rule) Holds(v string) bool {
	return slices.Contains(r.Variants, variantOf(v)) && (r.Pins == nil || slices.Contains(r.Pins, pinOf(v)))
}

// Lookup returns the rule of that name.
func Lookup(id string) (Rule, bool) {
	if r := known()[id]; r != nil {
		return r.Rule, true
	}
	return Rule{}, false
}

// variantOf is the variant of a version: what stands before the pin in its name.
func variantOf(version string) pgalloc.Variant {
	variant, _, _ := strings.Cut(version, "/")
	return pgalloc.Variant(variant)
}

// pinOf is the pin of a version, "" if it has none.
func pinOf(version string) pgalloc.Pin {
	_, pin, _ := strings.Cut(version, "/")
	return pgalloc.Pin(pin)
}

// entry is a rule with its citations, by variant, made once.
type entry struct {
	Rule
	from map[pgalloc.Variant]*ordered
}

// ordered are the citations of a rule in one variant; a function that the step is in is to be cited first.
type ordered struct {
	cites []lab.Cite
	first map[string][]lab.Cite // by the model's name of the function
}

var known = sync.OnceValue(func() map[string]*entry {
	m := map[string]*entry{}
	for i := range rules {
		e := &entry{Rule: rules[i], from: map[pgalloc.Variant]*ordered{}}
		for _, v := range e.Variants {
			o := &ordered{cites: citations(&e.Rule, v), first: map[string][]lab.Cite{}}
			for _, name := range e.kernel {
				if f := function(name, v); f != nil {
					o.first[f.model()] = lead(o.cites, cite(lab.CiteKernel, f.Where()))
				}
			}
			e.from[v] = o
		}
		m[e.ID] = e
	}
	return m
})

// lead puts a citation in front of the others.
func lead(cites []lab.Cite, c lab.Cite) []lab.Cite {
	list := []lab.Cite{c}
	for _, d := range cites {
		if d != c {
			list = append(list, d)
		}
	}
	return list
}

// cites returns the rule's citations for a step with these functions around it, innermost first.
func (e *entry) cites(v pgalloc.Variant, trace []string) []lab.Cite {
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

func citations(r *Rule, v pgalloc.Variant) []lab.Cite {
	var list []lab.Cite
	for _, name := range r.kernel {
		if f := function(name, v); f != nil {
			list = append(list, cite(lab.CiteKernel, f.Where()))
		}
	}
	for _, heading := range r.mails {
		list = append(list, cite(lab.CiteMail, heading))
	}
	for _, s := range r.docs {
		list = append(list, cite(lab.CiteDocs, s))
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
		Text: "A fresh page is filled with invalid entries, and its lower half is allocated, before anyone else can reach it. Then it goes on the list, under the lock."},
	{ID: "pgste-page", Variants: fragments, kernel: []string{"page_table_alloc", "page_table_free", "pte_free_pgste", "__tlb_remove_table"}, docs: []string{docBirth},
		Text: "A table with PGSTEs is a whole page: both A bits are set together and cleared together, and the page is never on a list."},
	{ID: "full-page", Variants: fullpage, kernel: []string{"page_table_alloc", "page_table_free"}, mails: []string{mailFullPage}, docs: []string{docWho},
		Text: "Each table has its own page: there is no list, no mask and no lock. Whoever frees the table frees the page."},
	{ID: "first-page", Variants: twoSteps, kernel: []string{"page_table_alloc"}, docs: []string{docAlloc},
		Text: "An allocation looks only at the first page of the list. If the other half of that page is still pending, the list counts as empty."},
	{ID: "first-page-fits", Variants: relinking, kernel: []string{"page_table_alloc"}, mails: []string{mailNotList}, docs: []string{docAlloc},
		Text: "A page on the list has no pending half, so an allocation takes the free half of the first page, lower or upper."},

	// The list and its lock.
	{ID: "lock", Variants: twoSteps, kernel: []string{"page_table_alloc", "page_table_free", "page_table_free_rcu", "pte_free_defer"}, docs: []string{docState},
		Text: "Once a page has been on the list, its A bits and the list change only under context.lock. P bits are cleared without the lock, and no callback takes it."},
	{ID: "lock-bh", Variants: relinking, kernel: []string{"page_table_alloc", "page_table_free", "page_table_free_rcu", "pte_free_defer"}, mails: []string{mailLTP}, docs: []string{docState},
		Text: "Once a page has been on the list, its A bits and the list change only under context.lock. A callback in a softirq also takes this lock, so a task must turn BH off while it holds it."},
	{ID: "listed-classic", Variants: classic, kernel: []string{"page_table_alloc", "page_table_free", "page_table_free_rcu"}, docs: []string{docWho},
		Text: "A page is on the list exactly while one of its halves is allocated, even while the other is pending."},
	{ID: "listed-active", Variants: active, kernel: []string{"page_table_alloc", "page_table_free", "page_table_free_rcu", "pte_free_defer"}, mails: []string{mailActive}, docs: []string{docWho},
		Text: "A page is on the list exactly while one of its halves is allocated and PageActive is clear. list_del_init does nothing to a page that is on no list."},
	{ID: "listed-rfc", Variants: relinking, kernel: []string{"page_table_alloc", "page_table_free", "page_table_free_rcu", "pte_free_defer"}, mails: []string{mailRFC, mailWhyList}, docs: []string{docWho},
		Text: "A page is on the list only while one half is allocated and the other is free, never while a half is pending by any method."},

	// Ways to free a half.
	{ID: "free-in-two-steps", Variants: twoSteps, kernel: []string{"page_table_free"}, mails: []string{mailTwoSteps}, docs: []string{docWho},
		Text: "page_table_free clears A and sets P under the lock, and clears P after it. Without P, the other half's callback could free the page before it has left the list."},
	{ID: "free-in-one-step", Variants: relinking, kernel: []string{"page_table_free"}, docs: []string{docWho},
		Text: "page_table_free needs only one step: a page with a pending half is already off the list, and page_table_free does not touch the page after the xor."},
	{ID: "gather", Variants: fragments, kernel: []string{"page_table_free_rcu", "tlb_remove_table"}, docs: []string{docFreeing},
		Text: "A walk without locks may still be in a table that munmap or exit removes, so its half stays pending until a grace period is over."},
	{ID: "gather-full-page", Variants: fullpage, kernel: []string{"pte_free_tlb", "tlb_remove_table"}, docs: []string{docFreeing},
		Text: "A walk without locks may still be in a table that munmap or exit removes, so its page goes into a batch, as a pointer without a tag, and waits there for a grace period."},
	{ID: "defer", Variants: relinking, kernel: []string{"pte_free_defer"}, mails: []string{mailRFC}, docs: []string{docFreeing},
		Text: "pte_free_defer must not allocate memory, so the half waits on the page's own rcu_head. H says that it waits there; P says that it is pending."},
	{ID: "one-head", Variants: relinking, kernel: []string{"pte_free_defer", "pte_free_half"}, mails: []string{mailOneHead, mailRFC}, docs: []string{docFreeing},
		Text: "A page has one rcu_head for two halves. A half that is deferred while the head is in use is not queued; the callback of the first half queues it later."},
	{ID: "union", Variants: relinking, kernel: []string{"pte_free_defer"}, mails: []string{mailOneHead}, docs: []string{docState},
		Text: "rcu_head uses the same words as lru, so a page is on the list or queued on its rcu_head, never both."},
	{ID: "defer-full-page", Variants: fullpage, kernel: []string{"pte_free_defer", "pte_free_now"}, mails: []string{mailFullPage}, docs: []string{docWho},
		Text: "pte_free_defer queues the rcu_head of the page, which holds one table and is on no list. The callback frees the page."},
	{ID: "page-active", Variants: active, kernel: []string{"pte_free_defer"}, mails: []string{mailActive, mailMerged}, docs: []string{docWho},
		Text: "PageActive says that pte_free_defer freed some half of the page. Such a page does not go back on the list. It is released only after a grace period that begins when both halves are free."},
	{ID: "no-guest", Variants: active, kernel: []string{"pte_free_defer"}, docs: []string{docWho},
		Text: "THP is off in an mm with a KVM guest, so khugepaged should never touch one. pte_free_defer of v6.6 warns if it does."},
	{ID: "khugepaged-ipi", Variants: classic, kernel: []string{"page_table_free"}, docs: []string{docReader},
		Text: "Before pte_free_defer, khugepaged cleared the pmd, interrupted every CPU and freed the table at once. An interrupt waits for walks with interrupts off, but not for rcu_read_lock."},

	// The gather.
	{ID: "hand-over", Variants: all, kernel: []string{"tlb_table_flush", "call_rcu"}, docs: []string{docFreeing},
		Text: "A batch goes to call_rcu when it is full or when the gather ends. Its tables are removed after every reader that was inside at that time has left."},
	{ID: "batch", Variants: all, kernel: []string{"tlb_remove_table_rcu"}, docs: []string{docFreeing},
		Text: "The callback of a batch calls __tlb_remove_table for each of its tables, in order, and then frees the batch."},
	{ID: "flush-first", Variants: unlocked, kernel: []string{"__tlb_flush_mm_lazy", "tlb_table_flush"}, docs: []string{docRealWorld},
		Text: "TLB entries that lead to tables are flushed before the tables go to RCU. The flush takes context.lock and leaves BH on, which is correct as long as no softirq takes the lock."},
	{ID: "flush-with-bh-on", Variants: plainRFC, kernel: []string{"__tlb_flush_mm_lazy", "__tlb_remove_table"}, mails: []string{mailLTP}, docs: []string{docSoftirq},
		Text: "A lock that a softirq takes must never be held with softirqs on. __tlb_flush_mm_lazy does not turn them off, so it breaks the rule of context.lock."},
	{ID: "flush-with-bh-off", Variants: guarded, kernel: []string{"__tlb_flush_mm_lazy", "tlb_table_flush"}, mails: []string{mailLTP}, docs: []string{docRealWorld},
		Text: "TLB entries that lead to tables are flushed before the tables go to RCU. Since callbacks take context.lock, the flush turns BH off while it holds the lock."},
	{ID: "no-batch", Variants: all, kernel: []string{"tlb_remove_table_one", "tlb_remove_table"}, docs: []string{docFreeing},
		Text: "If there is no page for a batch, the task interrupts every CPU and removes the table itself. That waits for walks with interrupts off; it is not a grace period."},

	// Callbacks.
	{ID: "grace-period", Variants: all, kernel: []string{"call_rcu"}, docs: []string{docSteps},
		Text: "A callback runs after every reader that was inside at its call_rcu has left. Readers are sections of rcu_read_lock, regions with BH or preemption off, held spin locks, and running softirqs."},
	{ID: "head-at-rest", Variants: relinking, kernel: []string{"pte_free_half", "call_rcu"}, mails: []string{mailRFC}, docs: []string{docFreeing},
		Text: "RCU is done with an rcu_head before it calls the callback. So the callback clears H first, and the other half can use the head at once."},
	{ID: "chain", Variants: mended, kernel: []string{"pte_free_half", "pte_free_defer"}, mails: []string{mailRFC}, docs: []string{docFreeing},
		Text: "The callback queues the rcu_head for the other half if H of that half is set after the callback's own xor. A half that was deferred before the xor is chained by the callback; one that is deferred later queues the head itself."},
	{ID: "chain-as-posted", Variants: posted, kernel: []string{"pte_free_half"}, mails: []string{mailRFC}, docs: []string{docLost},
		Text: "The callback should chain the other half if its H is set after the xor. As posted, the code forgets to shift the mask down, and tests two bits of the reference count instead."},
	{ID: "mark-off", Variants: twoSteps, kernel: []string{"__tlb_remove_table"}, docs: []string{docWho},
		Text: "__tlb_remove_table clears its own P with one atomic xor. It takes no lock and never looks at the mm. Whoever leaves the mask empty frees the page."},
	{ID: "unlocked-look", Variants: plainRFC, kernel: []string{"__tlb_remove_table"}, mails: []string{mailRFC}, docs: []string{docFlaw},
		Text: "While the callback's own P keeps the page off the list, no A bit can be set. If it sees no A bit, that is final. If it sees one, the mm is alive at that moment, and perhaps no longer."},
	{ID: "pinned-look", Variants: pinned, Pins: looking, kernel: []string{"__tlb_remove_table"}, docs: []string{docWaysOut},
		Text: "While the callback's own P keeps the page off the list, no A bit can be set. If it sees no A bit, that is final. If it sees one, it looks again under the lock, in an mm that a pin keeps alive."},
	{ID: "typesafe-look", Variants: typesafe, kernel: []string{"__tlb_remove_table"}, mails: []string{mailTypesafe}, docs: []string{docWaysOut},
		Text: "One RCU reader covers everything from the first look at the other half to the unlock. Within it the memory of the lock stays a lock. The callback looks at the mask again once it holds the lock."},
	{ID: "relink", Variants: relinking, kernel: []string{"__tlb_remove_table"}, mails: []string{mailWhyList, mailRFC}, docs: []string{docWho},
		Text: "A callback that took context.lock clears P under it. If the other half is allocated then, the callback puts the page back on the list, so that its own half can be used again."},
	{ID: "callback-is-no-reference", Variants: plainRFC, kernel: []string{"__tlb_remove_table"}, mails: []string{mailRFC, mailUnstable}, docs: []string{docFlaw},
		Text: "A queued or running callback is not a reference on the mm. An other half that was allocated at the first look does not keep the mm alive until its lock is taken."},
	{ID: "crst-order", Variants: fullpage, kernel: []string{"__tlb_remove_table"}, docs: []string{docWho},
		Text: "Without tags, __tlb_remove_table recognizes a segment or region table by its block of four pages; a page table has one."},

	// Death of a page.
	{ID: "last-bit", Variants: fragments, kernel: []string{"page_table_free", "__tlb_remove_table"}, docs: []string{docDeath},
		Text: "Whoever clears the last bit of the mask releases the page, and no one else touches the page after that."},
	{ID: "release-active", Variants: active, kernel: []string{"page_table_free", "__tlb_remove_table", "pte_free_now"}, mails: []string{mailActive}, docs: []string{docDeath},
		Text: "The release tests PageActive and clears it. A page that had it goes to call_rcu with an empty mask, and pte_free_now frees it. Any other page is freed at once."},

	// The mm.
	{ID: "users", Variants: all, kernel: []string{"mmput"},
		Text: "mm_users counts the users of the address space. All users together hold one mm_count. The last user tears the address space down and drops it."},
	{ID: "count", Variants: all, kernel: []string{"mmgrab", "mmdrop"},
		Text: "mm_count keeps the mm_struct and nothing else. Whoever drops it to zero frees the struct, which must not happen in a softirq."},
	{ID: "mm-free", Variants: embedded, kernel: []string{"__mmdrop"}, docs: []string{docFlaw},
		Text: "__mmdrop frees the mm_struct with its list and lock, even if callbacks are still to come. Code that needs the struct later must hold a reference."},
	{ID: "mm-born", Variants: embedded, kernel: []string{"dup_mm"},
		Text: "A new mm has one user, one reference, and an empty pgtable_list: two mms never share a page."},
	{ID: "pin-half", Variants: pinned, Pins: []pgalloc.Pin{pgalloc.PinHalf}, kernel: []string{"mmgrab", "mmdrop", "mmdrop_async"}, mails: []string{mailV1}, docs: []string{docWaysOut},
		Text: "Every pending half holds a reference on the mm. It is taken under the lock before the mark is set. The half's own callback drops it when the mark is clear and the lock is released."},
	{ID: "pin-table", Variants: pinned, Pins: []pgalloc.Pin{pgalloc.PinTable}, kernel: []string{"mmgrab", "mmdrop", "mmdrop_async"}, mails: []string{mailRFC}, docs: []string{docWaysOut},
		Text: "Every table holds a reference on the mm, from its allocation until it is freed or its mark is clear. This is safe, but it is the cost that the RFC wanted to avoid."},
	{ID: "pin-page", Variants: pinned, Pins: []pgalloc.Pin{pgalloc.PinPage}, kernel: []string{"mmgrab", "mmdrop", "mmdrop_async"}, docs: []string{docPinGoes},
		Text: "A page holds one reference while one of its halves is pending. Whoever clears the last mark drops it, and another callback of the page may still hold the lock then."},
	{ID: "pin-page-locked", Variants: pinned, Pins: []pgalloc.Pin{pgalloc.PinPageLocked}, kernel: []string{"mmgrab", "mmdrop", "mmdrop_async"}, docs: []string{docPinGoes},
		Text: "A page holds one reference while one of its halves is pending, and every callback takes the lock. So no one clears the last mark while another callback holds the lock."},
	{ID: "pin-page-life", Variants: pinned, Pins: []pgalloc.Pin{pgalloc.PinPageLife}, kernel: []string{"mmgrab", "mmdrop", "mmdrop_async"}, docs: []string{docPinGoes},
		Text: "A page holds one reference for its whole life. Whoever releases the page drops it, and another callback of the page may still hold the lock then."},
	{ID: "drop-async", Variants: pinned, kernel: []string{"mmdrop_async", "__mmdrop"}, mails: []string{mailV1}, docs: []string{docWaysOut},
		Text: "__mmdrop needs process context, so a callback drops its reference with mmdrop_async. If that was the last reference, a work item frees the mm."},
	{ID: "type-stable", Variants: typesafe, mails: []string{mailTypesafe}, docs: []string{docWaysOut},
		Text: "The list and its lock are an object of their own. Its memory stays such an object until a grace period after its mm is gone. Meanwhile another mm may reuse it."},

	// Mappings.
	{ID: "i-mmap", Variants: all, kernel: []string{"retract_page_tables"},
		Text: "khugepaged holds i_mmap_rwsem and no reference. A vma in the tree keeps its mm alive, because exit must take the semaphore for writing before a vma leaves the tree."},
	{ID: "one-taker", Variants: all, kernel: []string{"retract_page_tables"},
		Text: "A table belongs to whoever clears its pmd, and only one can do that: khugepaged or exit."},
	{ID: "lost-race", Variants: all, kernel: []string{"page_table_free"}, docs: []string{docFreeing},
		Text: "A table goes into a pmd only if the pmd is empty. Whoever comes second frees its own table at once, since no walk was ever in it."},
	{ID: "reader", Variants: all, kernel: []string{"call_rcu", "retract_page_tables"}, docs: []string{docFreeing},
		Text: "What a reader finds inside rcu_read_lock is not freed before rcu_read_unlock, if it is freed through a grace period."},
	{ID: "own", Variants: all, docs: []string{docSteps},
		Text: "A step that no other CPU can notice is not a step of its own: it is taken together with the next one that others can see."},
}
