package s390sim

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
)

// Figures are what a run came to.
type Figures struct {
	Stats
	Alloc pgalloc.Stats

	GracePeriods uint64 // those that ran a callback
	Callbacks    uint64
	Batches      uint64

	PeakPages         int64
	PeakTables        int64
	MeanPages         float64 // weighted by time
	WastedHalvesPeak  int64   // halves neither allocated nor pending when pages peaked first
	Begin, End        int64   // virtual time
	CallbacksInFlight int

	MeanWasted    float64 // halves wasted, weighted by time
	WasteBegan    uint64  // times that a half began to be wasted
	MeanLive      float64 // halves allocated, weighted by time; half of that many pages is the least there can be
	LongestQueue  int     // callbacks that waited at once
	ExtraLife     ExtraLife
	Steps         StepCounts
	BatchedTables uint64 // tables that went through batches

	Khugepaged KhugepagedCounts
}

// Figures returns the figures as of now.
func (m *Machine) Figures() Figures {
	f := Figures{Stats: m.Stats(), Alloc: m.Sys.Stats()}
	tlb := m.Sys.TLB.Counts()
	f.Batches, f.BatchedTables = tlb.Batches, tlb.Entries
	f.Steps = m.StepCounts()
	f.ExtraLife = m.lives.extra
	if m.khugepaged != nil {
		f.Khugepaged = m.khugepaged.counts
	}
	u := f.Alloc.Use
	// A half stops being wasted when it is handed out from the list, or goes with its page. Tables with PGSTEs waste none;
	// those that wait for a grace period now are taken for others.
	var pgste int64
	for i := range m.stats {
		pgste += m.stats[i].pgste
	}
	released := int64(f.Alloc.Fresh) - pgste - (u.Pages - (u.LiveHalves - u.Tables))
	f.WasteBegan = uint64(max(0, u.WastedHalves()+int64(f.Alloc.Reused)+released))
	if m.native != nil {
		f.GracePeriods, f.Callbacks = m.native.Counts()
		f.End = m.now()
		return f
	}
	f.GracePeriods, f.Callbacks = m.RCU.Counts()
	m.meter.advance(m, m.clock.now)
	f.PeakPages, f.PeakTables = m.meter.peakPages, m.meter.peakTables
	f.MeanPages, f.WastedHalvesPeak = m.meter.mean(), m.meter.wasteAt
	f.Begin, f.End = m.meter.begun, m.clock.now
	f.CallbacksInFlight = m.RCU.Pending()
	f.MeanWasted = m.meter.over(m.meter.wasteArea, float64(u.WastedHalves()))
	f.MeanLive = m.meter.over(m.meter.liveArea, float64(u.LiveHalves))
	f.LongestQueue = max(m.meter.longest, f.CallbacksInFlight)
	return f
}

// Curve returns the pages in use over time, from the start of the run: a step function of bounded length that keeps
// peaks.
func (m *Machine) Curve() []Sample {
	m.meter.advance(m, m.clock.now)
	return m.meter.curve.samples()
}

// Check lets the machine come to rest and then looks for pages that are lost, references that do not add up and tables
// that are mapped but not allocated. It returns how many violations it found.
func (m *Machine) Check() int {
	m.Quiesce()
	found := 0
	mms := make([]mmctx.MM, 0, len(m.live))
	mapped := map[kern.Phys]bool{}
	for _, as := range m.addressSpaces() {
		mms = append(mms, as.MM)
		pgste := as.MM.AllocPGSTE(m.CPU(0))
		as.Tables(func(addr uint64, table kern.Phys) {
			mapped[table] = true
			if pgste {
				mapped[table+kern.HalfSize] = true // the PGSTEs
			}
			page := pgalloc.PageOf(table)
			if mask := page.PeekMask(m.M); page.IsTable(m.M) && (mask == 0 && m.cfg.Variant == pgalloc.FullPage || mask.Allocated(table.Half())) {
				return
			}
			found++
			m.M.Report(&kern.Violation{Kind: kern.UseAfterFree, Addr: page.Refcount(), Detail: "is mapped"})
		})
	}
	found += m.lostTables(mapped)
	return found + m.Sys.Audit(mms, m.slotReferences())
}

// slotReferences returns how many references khugepaged has on an mm: one if it has a slot.
func (m *Machine) slotReferences() func(mm mmctx.MM) uint32 {
	if m.khugepaged == nil {
		return nil
	}
	slots := map[mmctx.MM]uint32{}
	for s := m.khugepaged.slots.head; s != nil; s = s.next {
		slots[s.as.MM]++
	}
	return func(mm mmctx.MM) uint32 { return slots[mm] }
}

// lostTables reports the tables that are allocated but that no address space has: nobody will ever free them.
func (m *Machine) lostTables(mapped map[kern.Phys]bool) int {
	found := 0
	lost := func(t kern.Phys) {
		if !mapped[t] {
			found++
			m.M.Report(&kern.Violation{Kind: kern.PageLost, Addr: pgalloc.PageOf(t).Refcount(), Detail: fmt.Sprintf("half %d is allocated and mapped nowhere", t.Half())})
		}
	}
	m.M.Frames(func(pfn kern.PFN, free bool) {
		page := pgalloc.Page(pfn)
		if free || !page.IsTable(m.M) {
			return
		}
		if m.cfg.Variant == pgalloc.FullPage {
			lost(page.Table(0))
			return
		}
		mask := page.PeekMask(m.M)
		for half := range uint32(2) {
			if mask.Allocated(half) {
				lost(page.Table(half))
			}
		}
	})
	return found
}

// addressSpaces returns what lives, in the order in which it was made.
func (m *Machine) addressSpaces() []*AddressSpace {
	return slices.SortedFunc(maps.Keys(m.live), func(a, b *AddressSpace) int { return cmp.Compare(a.ID, b.ID) })
}

// Close ends every address space that is left, as a shutdown would, and comes to rest. Nothing must be left then.
func (m *Machine) Close() {
	c := m.CPU(0)
	for _, as := range m.addressSpaces() {
		for !as.Put(c) { // once for each process that shares it; after the last the mm may be gone
		}
	}
	if m.khugepaged != nil {
		m.khugepaged.Stop(c)
	}
	m.Quiesce()
}
