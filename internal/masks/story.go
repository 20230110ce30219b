package masks

import (
	"fmt"
	"slices"
	"strings"

	"ptsim/kern"
	"ptsim/pgalloc"
)

// Story is one page's life from birth to release in one version, looked at between operations: what its two halves are
// doing and which words of its struct page are in use.
type Story struct {
	Names   []string `json:"names"`   // the versions that tell it word for word
	Moments []Moment `json:"moments"` // one for each of Chapters
	Note    string   `json:"note"`    // where it departs from the chapters
}

// Moment is a page as a debugger sees it.
type Moment struct {
	Here     bool         `json:"here"` // the page is not back with the page allocator
	Mask     pgalloc.Mask `json:"mask"`
	Whole    bool         `json:"whole"`    // the page is one table, and has no mask
	Doing    string       `json:"doing"`    // what that table is doing: allocated, pending, deferred
	Active   bool         `json:"active"`   // flags: PageActive
	Union    string       `json:"union"`    // words 1 and 2: lru, rcu_head or "" if they are neither
	Callback string       `json:"callback"` // of the rcu_head
	PtMM     string       `json:"pt_mm"`    // word 4: mm, list or "" if nobody reads it
	Table    bool         `json:"table"`    // page_type: PG_table
	Refs     uint32       `json:"refs"`     // _refcount, lower 24 bits
}

// Chapter is a moment at which the page is looked at, and what has just happened.
type Chapter struct {
	Title string `json:"title"`
	Op    string `json:"op"`
}

// Chapters returns the chapters of every story. In a version without pte_free_defer khugepaged interrupts all CPUs and
// frees at once. Where a page is one table, either the gather or pte_free_defer takes it: that is two lives.
func Chapters() []Chapter {
	return []Chapter{
		{"birth", "alloc_page"},
		{"one half used", "list_add"},
		{"both used", "alloc"},
		{"one gathered", "free_rcu 0"},
		{"other deferred", "defer 1"},
		{"batch done", "remove 0"},
		{"callback done", "now"},
	}
}

// Stories lets every version tell its story, and returns those that differ, with the versions that tell each.
func Stories() ([]Story, error) {
	var all []Story
	for _, i := range pgalloc.Variants() {
		pins := []pgalloc.Pin{""}
		if i.Variant == pgalloc.Pinned {
			pins = pgalloc.Pins()
		}
		for _, pin := range pins {
			s, err := Tell(i.Variant, pin)
			if err != nil {
				return nil, err
			}
			same := func(o Story) bool { return slices.Equal(o.Moments, s.Moments) }
			if at := slices.IndexFunc(all, same); at < 0 {
				all = append(all, s)
			} else if name := s.Names[0]; !slices.Contains(all[at].Names, name) {
				all[at].Names = append(all[at].Names, name)
			}
		}
	}
	return all, nil
}

// Tell lets one version tell its story, by running it.
func Tell(variant pgalloc.Variant, pin pgalloc.Pin) (Story, error) {
	l, err := newLab(variant, pin)
	if err != nil {
		return Story{}, err
	}
	s := Story{Names: []string{string(variant)}}
	if !l.fragments {
		s.Moments, err = l.wholePage()
		s.Note = "the page is one table, and goes to the gather or is deferred"
	} else {
		s.Moments, err = l.twoHalves()
	}
	if !l.defers {
		s.Note = "no pte_free_defer: khugepaged interrupts all CPUs and frees at once"
	}
	if err != nil {
		return Story{}, fmt.Errorf("the life of a page in %s: %w", variant, err)
	}
	return s, nil
}

// born allocates a page and returns it at birth, before it is on any list, and after.
func (b *bench) born() (birth, now Moment) {
	b.w.start(b.m, 0, b.mm)
	b.w.each = func() {
		if b.w.page != 0 && b.lab.fragments == (b.w.page.PeekMask(b.m) != 0) && !b.w.page.Listed(b.m) {
			b.page = b.w.page
			birth = b.moment()
		}
	}
	b.alloc()
	b.w.stop()
	b.w.each = nil
	return birth, b.moment()
}

// twoHalves is the life of a page of which both halves are used, half 0 goes to the gather and half 1 is deferred while
// the batch's grace period is under way.
func (l *lab) twoHalves() ([]Moment, error) {
	b, err := l.bench()
	if err != nil {
		return nil, err
	}
	pt := b.sys.PT
	birth, listed := b.born()
	told := []Moment{birth, listed}
	if t := b.alloc(); t != b.page.Table(1) {
		return nil, fmt.Errorf("the second table of a page is at %v, expected %v", t, b.page.Table(1))
	}
	told = append(told, b.moment())
	g := b.sys.TLB.Gather(b.mm)
	pt.PageTableFreeRCU(b.c, &g, b.page.Table(0), 0)
	g.Finish(b.c)
	b.rcu.Begin()
	told = append(told, b.moment())
	if !pt.PTEFreeDefer(b.c, b.mm, b.page.Table(1)) {
		pt.PageTableFree(b.c, b.mm, b.page.Table(1)) // after an IPI to all CPUs
	}
	told = append(told, b.moment())
	b.rcu.End()
	told = append(told, b.moment())
	b.rcu.Begin()
	b.rcu.End()
	return append(told, b.moment()), nil
}

// wholePage is the lives of two pages that are a table each: one goes to the gather, the other is deferred.
func (l *lab) wholePage() ([]Moment, error) {
	b, err := l.bench()
	if err != nil {
		return nil, err
	}
	say := func(m Moment, doing string) Moment {
		if m.Here {
			m.Doing = doing
		}
		return m
	}
	birth, used := b.born()
	told := []Moment{say(birth, "allocated"), say(used, "allocated"), say(b.moment(), "allocated")}
	g := b.sys.TLB.Gather(b.mm)
	b.sys.PT.PageTableFreeRCU(b.c, &g, b.page.Table(0), 0)
	g.Finish(b.c)
	told = append(told, say(b.moment(), "pending"))
	b.rcu.Begin()
	b.rcu.End()
	gathered := b.moment()
	b.page = pgalloc.PageOf(b.alloc())
	b.sys.PT.PTEFreeDefer(b.c, b.mm, b.page.Table(0))
	told = append(told, say(b.moment(), "deferred"), gathered)
	b.rcu.Begin()
	b.rcu.End()
	return append(told, b.moment()), nil
}

// moment looks at the page.
func (b *bench) moment() Moment {
	if !b.page.IsTable(b.m) {
		return Moment{}
	}
	m := Moment{
		Here: true, Whole: !b.lab.fragments, Mask: b.page.PeekMask(b.m), Active: b.page.PeekActive(b.m), Table: true,
		Refs: b.page.PeekReferences(b.m),
	}
	switch b.page.Union().State(b.m) {
	case kern.Listed:
		m.Union = "lru"
	case kern.Queued:
		m.Union, m.Callback = "rcu_head", b.queued()
	}
	switch b.m.Peek(b.page.PFN().Page() + kern.PageIndex) {
	case uint32(b.mm):
		m.PtMM = "mm"
	case uint32(b.mm.PeekList(b.m)):
		m.PtMM = "list"
	}
	return m
}

// halves says what each half is doing, half 1 first; one word for a page that is one table.
func (m Moment) halves() []string {
	switch {
	case !m.Here:
		return nil
	case m.Whole:
		return []string{m.Doing}
	}
	words := func(half uint32) string {
		if s := m.Mask.Half(half); s != pgalloc.HalfPendingHead {
			return s.String()
		}
		return "deferred"
	}
	return []string{words(1), words(0)}
}

// words says what stands in the words of struct page, in the order of storyWords; "" where a word is not in use.
func (m Moment) words() []string {
	if !m.Here {
		return make([]string, len(storyWords))
	}
	mask := m.Mask.String()
	if m.Whole {
		mask = ""
	}
	active, union := "", m.Union
	if m.Active {
		active = "PageActive"
	}
	switch m.Union {
	case "lru":
		union = "lru: listed"
	case "rcu_head":
		union = "rcu_head: " + m.Callback
	}
	return []string{active, union, m.PtMM, mask}
}

// storyWords are the words of struct page that the versions use differently.
var storyWords = [...]string{"flags", "lru | rcu_head", "index: pt_mm", "_refcount, top"}

// title is the names of the versions that tell the story.
func (s Story) title() string { return strings.Join(s.Names, ", ") }
