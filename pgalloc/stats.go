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

	Pages         int64 // frames that hold tables now, pending ones included
	LiveHalves    int64 // halves that are allocated; a table with PGSTEs counts two
	PendingHalves int64 // halves that wait for a grace period
}

// Allocated returns how many tables were allocated.
func (s *Stats) Allocated() uint64 { return s.Reused + s.Fresh }

// Live returns how many tables are allocated now.
func (s *Stats) Live() int64 {
	return int64(s.Allocated()) - int64(s.FreedNow) - int64(s.FreedGather) - int64(s.FreedDeferred)
}

// WastedHalves returns how many halves of the pages in use are neither allocated nor waiting for a grace period.
func (s *Stats) WastedHalves() int64 { return 2*s.Pages - s.LiveHalves - s.PendingHalves }

// cpuStats are the counts of one CPU, touched by it alone.
type cpuStats struct {
	Stats
	pages   int64
	live    int64
	pending int64
	_       [40]byte
}

func (b *base) stat(c *kern.CPU) *cpuStats { return &b.stats[c.ID()] }

func (s *cpuStats) fresh(halves int64) {
	s.Fresh++
	s.live += halves
}

func (s *cpuStats) reused() {
	s.Reused++
	s.live++
}

func (s *cpuStats) freedNow(halves int64) {
	s.FreedNow++
	s.live -= halves
}

func (s *cpuStats) freedGather(halves int64) {
	s.FreedGather++
	s.live -= halves
	s.pending += halves
}

func (s *cpuStats) freedDeferred(halves int64) {
	s.FreedDeferred++
	s.live -= halves
	s.pending += halves
}

// Stats returns the counts of all CPUs together. While CPUs run, gauges are approximate.
func (s *System) Stats() Stats {
	var sum Stats
	for i := range s.base.stats {
		st := &s.base.stats[i]
		sum.Reused += st.Reused
		sum.Fresh += st.Fresh
		sum.Failed += st.Failed
		sum.FreedNow += st.FreedNow
		sum.FreedGather += st.FreedGather
		sum.FreedDeferred += st.FreedDeferred
		sum.IPIs += st.IPIs
		sum.GmapUnlinks += st.GmapUnlinks
		sum.Pages += st.pages
		sum.LiveHalves += st.live
		sum.PendingHalves += st.pending
	}
	return sum
}
