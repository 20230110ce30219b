package script

import (
	"maps"
	"slices"

	"ptsim/kern"
	"ptsim/pgalloc"
)

// State is the machine after one operation: what the corpus records, and some more for people to look at.
type State struct {
	I     int    // the operation, from 0
	Op    string // as written
	Ret   Ret
	Pages []PageState // the pages of page_table_alloc that are not free yet, by id
	Lists []ListState // the pgtable_list of every mm that exists, by its number
	TLB   []BatchState
	RCU   []Callback // the callback queue, oldest first
	Freed []int      // the pages that were freed so far, in order; shared with other States
	CRST  []int      // the segment and region tables that are not free yet
	MM    []MMState  // the mms that exist, by their number
	IPI   uint64     // rounds of interrupts so far
	Gmap  uint64     // gmap_unlink calls so far
	Warn  []string   // WARN_ON_ONCE sites that fired so far, in order
	Work  int        // mmdrop_async items that wait

	Corrupt bool   // a list, or an lru that was also an rcu_head, is corrupt by now
	Err     string // the fatal error that ended the script

	// What follows is not part of the recorded lines.

	Source     *Op               // the operation
	Hooks      []string          // the hooked operations that ran in it
	Waiting    int               // the hooked operations that still wait for a lock to be taken
	Violations []*kern.Violation // what was found wrong in it
}

// RetKind tells what an operation answered.
type RetKind uint8

// The answers. Most operations have none.
const (
	NoRet          RetKind = iota
	RetTable               // a page table: Name, the page's ID and the Half
	RetCRST                // a segment or region table: Name and ID
	RetNull                // out of memory
	RetSkip                // nothing done: the allocation of what it names had failed
	RetUnsupported         // nothing done: this version has no such function
	RetMiss                // look found nothing to take: a fresh page is to come
	RetDone                // nothing done: look had found the table already
)

// Ret is what an operation answered.
type Ret struct {
	Kind  RetKind
	Name  string
	ID    int
	Half  int // 0, 1, or WholePage
	Fresh bool
}

// WholePage stands in place of a half for a table that takes up its page.
const WholePage = 3

// PageState is a page.
type PageState struct {
	ID     int
	Mask   pgalloc.Mask
	OnList bool
	Active bool

	// What follows is not part of the recorded lines.

	Whole  bool      // one table takes up the page
	Tables [2]string // the names last given to its halves, the first alone if Whole
	Live   [2]bool   // whether these are allocated
	Refs   int       // speculative references
	Mine   bool      // the allocator has not let go of it
	Queued bool      // its rcu_head is queued
	Lost   bool      // nothing leads to it any more
	ListOf int       // the mm on whose list it is, if OnList
}

// ListState is the pgtable_list of an mm: the ids of its pages, front first.
type ListState struct {
	MM    int
	Pages []int
}

// BatchState is the open batch of an mm's gather.
type BatchState struct {
	MM      int
	Entries []Entry
}

// Entry is one table in a batch.
type Entry struct {
	CRST bool
	ID   int // of the page, or the CRST
	Half int // 0, 1 or WholePage; not for a CRST
}

// Callback is one entry of the RCU callback queue.
type Callback struct {
	Func    string  // "now0", "now1", "now", "pgste" or "batch"
	Page    int     // the page whose rcu_head it is, if Func is not "batch"
	Entries []Entry // the tables of a batch
}

// MMState is an mm that exists.
type MMState struct {
	ID           int
	Users, Count int
}

// State reads the machine as a debugger would, from the words that are in memory, after the last operation. Nil before
// the first.
func (r *Runner) State() *State {
	if r.ch.Source == nil {
		return nil
	}
	st := r.sys.Stats()
	s := &State{
		I: r.ch.I, Op: r.ch.Op, Source: r.ch.Source, Ret: r.ch.Ret,
		Freed: r.freed[:len(r.freed):len(r.freed)],
		IPI:   st.IPIs, Gmap: st.GmapUnlinks,
		Warn: r.m.Warnings(), Work: r.m.PendingWork(),
		Hooks: r.ch.Hooks, Waiting: r.ch.Waiting, Violations: r.ch.Violations, Corrupt: r.corrupt, Err: r.err,
	}
	r.crsts.each(func(id int) { s.CRST = append(s.CRST, id) })
	owners := r.snapshotMMs(s)
	r.rcu.Each(func(head kern.Addr, fn kern.Func) {
		if cb, ok := r.callback(head, fn); ok {
			s.RCU = append(s.RCU, cb)
		}
	})
	s.Pages = make([]PageState, 0, r.live.n)
	r.live.each(func(id int) {
		ps := r.pageState(r.pages[id])
		ps.ListOf, ps.OnList = owners[id]
		s.Pages = append(s.Pages, ps)
	})
	return s
}

// callback describes a callback that is queued. It tells whether it is the allocator's.
func (r *Runner) callback(head kern.Addr, fn kern.Func) (cb Callback, ours bool) {
	switch name := r.m.FuncName(fn); {
	case name == reclaimFunc:
		return cb, false
	case fn == r.sys.TLB.Callback():
		cb.Func = name
		r.sys.TLB.EachInBatch(head, func(t kern.Phys) { cb.Entries = append(cb.Entries, r.entry(t)) })
		return cb, true
	default:
		return Callback{Func: name, Page: r.pageID(r.m.PageOf(head))}, true
	}
}

// reclaimFunc is the callback that a type-stable cache queues for itself. It is no table's business.
const reclaimFunc = "slab_reclaim"

// snapshotMMs reads the mms that exist, by number. It returns on whose list which page is.
func (r *Runner) snapshotMMs(s *State) map[int]int {
	owners := map[int]int{}
	for _, id := range slices.Sorted(maps.Keys(r.spaces)) {
		sp := r.spaces[id]
		if sp.mm.Freed(r.m) {
			continue
		}
		l := ListState{MM: id, Pages: r.walk(sp, r.live.n+1)}
		for _, page := range l.Pages {
			owners[page] = id
		}
		s.Lists = append(s.Lists, l)
		s.MM = append(s.MM, MMState{id, r.peekCount(sp.mm.Users()), r.peekCount(sp.mm.Count())})
		b := BatchState{MM: id}
		if sp.tables != nil && sp.gather.Open(func(t kern.Phys) { b.Entries = append(b.Entries, r.entry(t)) }) {
			s.TLB = append(s.TLB, b)
		}
	}
	return owners
}

// walk returns the first pages on the list of an mm, at most that many: a corrupt list may go round in circles.
func (r *Runner) walk(sp *space, most int) []int {
	var pages []int
	r.m.Walk(sp.mm.PeekList(r.m).Head(), func(node kern.Addr) bool {
		id := r.pageID(r.m.PageOf(node))
		if id < 0 || len(pages) == most {
			return false // no page of ours, or enough
		}
		pages = append(pages, id)
		return true
	})
	return pages
}

func (r *Runner) peekCount(a kern.Addr) int { return int(int32(r.m.Peek(a))) }

// pageState describes a page, but for the list it is on.
func (r *Runner) pageState(p *page) PageState {
	ps := PageState{
		ID: int(p.id), Mask: p.page.PeekMask(r.m), Active: p.page.PeekActive(r.m),
		Whole: p.whole, Refs: int(p.refs), Lost: p.lost,
		Mine:   p.page.IsTable(r.m),
		Queued: p.page.Union().State(r.m) == kern.Queued,
	}
	for half, t := range p.tables {
		if t != nil {
			ps.Tables[half], ps.Live[half] = t.name, t.state == live
		}
	}
	return ps
}

// PageID returns the id of the page in a frame, -1 if it holds no page tables.
func (r *Runner) PageID(p kern.PFN) int { return r.pageID(p) }

// pageID returns the id of the page that is, or last was, in the frame; -1 if it never held page tables.
func (r *Runner) pageID(p kern.PFN) int {
	if int(p) < len(r.byPFN) {
		return int(r.byPFN[p]) - 1
	}
	return -1
}

func (r *Runner) entry(t kern.Phys) Entry {
	if t.Tag() == kern.TagCRST {
		if id, ok := r.crstByPFN[t.PFN()]; ok {
			return Entry{CRST: true, ID: id}
		}
	}
	e := Entry{ID: r.pageID(t.PFN()), Half: int(t.Half())}
	if t.Tag() == kern.TagPGSTE || t.Tag() == kern.TagCRST {
		e.Half = WholePage
	}
	return e
}
