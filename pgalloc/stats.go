package pgalloc

import "ptsim/kern"

// Stats counts what the allocator did. Tables are PTE tables.
type Stats struct {
	Reused        uint64 // allocations from pgtable_list
	Fresh         uint64 // allocations of a fresh page
	Failed        uint64 // allocations that found no memory
	FreedNow      uint64 // tables given to page_table_free
	FreedGather   uint64 // tables given to page_table_free_rcu
	FreedDeferred uint64 // tables given to pte_free_defer
	IPIs          uint64 // rounds of interrupts to all other CPUs
	GmapUnlinks   uint64
	Use
}

// Use says what the allocator's pages are used for at a moment.
type Use struct {
	Pages         int64 // frames that hold tables, pending ones included
	Tables        int64 // tables that are allocated
	LiveHalves    int64 // halves that are allocated; a table with PGSTEs counts two
	PendingHalves int64 // halves that wait for a grace period
}

// Allocated returns how many tables were allocated.
func (s *Stats) Allocated() uint64 { return s.Reused + s.Fresh }

// TableOps returns how many tables were allocated and how many freed, together.
func (s *Stats) TableOps() uint64 {
	return s.Allocated() + s.FreedNow + s.FreedGather + s.FreedDeferred
}

// WastedHalves returns how many halves of the pages in use are neither allocated nor waiting for a grace period.
func (u Use) WastedHalves() int64 { return 2*u.Pages - u.LiveHalves - u.PendingHalves }

// cpuStats are the counts of one CPU, touched by it alone. What an allocation that hits the list or an immediate free
// comes to is one count; the rest of Use follows from the counts.
type cpuStats struct {
	counts  Stats // but for Use
	pages   int64
	pgste   int64 // tables with PGSTEs, which take up a second half
	pending int64
	_       [64]byte
}

func (b *base) stat(c *kern.CPU) *cpuStats { return &b.stats[c.ID()] }

func (s *cpuStats) fresh(halves int64) {
	s.counts.Fresh++
	s.second(halves, 1)
}

func (s *cpuStats) reused() { s.counts.Reused++ }

func (s *cpuStats) freedNow(halves int64) {
	s.counts.FreedNow++
	s.second(halves, -1)
}

func (s *cpuStats) freedGather(halves int64) {
	s.counts.FreedGather++
	s.second(halves, -1)
	s.pending += halves
}

// freedDeferred notes a table given to pte_free_defer, of which so many halves wait for a grace period of their own.
func (s *cpuStats) freedDeferred(halves, pending int64) {
	s.counts.FreedDeferred++
	s.second(halves, -1)
	s.pending += pending
}

// second counts a table that takes up a second half.
func (s *cpuStats) second(halves, d int64) {
	if halves > 1 {
		s.pgste += d
	}
}

// Use returns what the pages are used for. No CPU may be inside the allocator meanwhile.
func (s *System) Use() Use {
	var u Use
	for i := range s.base.stats {
		st := &s.base.stats[i]
		n := &st.counts
		tables := int64(n.Reused + n.Fresh - n.FreedNow - n.FreedGather - n.FreedDeferred)
		u.Pages += st.pages
		u.Tables += tables
		u.LiveHalves += tables + st.pgste
		u.PendingHalves += st.pending
	}
	return u
}

// Pages returns how many frames hold tables: Use's Pages alone, which is asked for at every fresh page.
func (s *System) Pages() int64 {
	n := int64(0)
	for i := range s.base.stats {
		n += s.base.stats[i].pages
	}
	return n
}

// Stats returns the counts of all CPUs together. No CPU may be inside the allocator meanwhile.
func (s *System) Stats() Stats {
	sum := Stats{Use: s.Use()}
	for i := range s.base.stats {
		st := &s.base.stats[i].counts
		sum.Reused += st.Reused
		sum.Fresh += st.Fresh
		sum.Failed += st.Failed
		sum.FreedNow += st.FreedNow
		sum.FreedGather += st.FreedGather
		sum.FreedDeferred += st.FreedDeferred
		sum.IPIs += st.IPIs
		sum.GmapUnlinks += st.GmapUnlinks
	}
	return sum
}
