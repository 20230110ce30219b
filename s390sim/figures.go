package s390sim

import (
	"fmt"

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
	// A half stops being wasted when it is handed out from the list, or goes with its page. Pages that are not shared waste
	// none: those with PGSTEs, and those that wait for RCU whole.
	var pgste int64
	for i := range m.stats {
		pgste += m.stats[i].pgste
	}
	if m.cfg.Variant == pgalloc.FullPage {
		f.WasteBegan = f.Alloc.Fresh - uint64(pgste) // half of each
	} else {
		gone, whole := m.waiting()
		released := int64(f.Alloc.Fresh) - pgste - (u.Pages - (u.LiveHalves - u.Tables) - gone - whole)
		f.WasteBegan = uint64(max(0, u.WastedHalves()+int64(f.Alloc.Reused)+released))
	}
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

// waiting returns how many pages with PGSTEs wait for a grace period, and how many others do so with both halves, as v6.6
// has them. It looks into the batches. On a native machine nothing waits when figures are taken.
func (m *Machine) waiting() (pgste, whole int64) {
	if m.RCU == nil {
		return 0, 0
	}
	m.RCU.Each(func(head kern.Addr, fn kern.Func) {
		switch {
		case fn == m.Sys.TLB.Callback():
			m.Sys.TLB.EachInBatch(head, func(t kern.Phys) {
				if t.Tag() == kern.TagPGSTE {
					pgste++
				}
			})
		case m.M.PageOf(head) != 0 && m.M.FuncName(fn) == "pgste":
			pgste++
		case m.M.PageOf(head) != 0 && m.cfg.Variant == pgalloc.Active:
			whole++
		}
	})
	return pgste, whole
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
	running := m.lives.running()
	mms := make([]mmctx.MM, 0, len(running))
	mapped := map[kern.Phys]bool{}
	for _, as := range running {
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

// closeBacklog is how many callbacks wait at most while everything exits: a shutdown takes time, too, in which grace periods
// pass, and need not hold all batches there ever were at once.
const closeBacklog = 256

// Close ends every address space that is left, as a shutdown would, and comes to rest. Nothing must be left then.
func (m *Machine) Close() {
	c := m.CPU(0)
	for _, as := range m.lives.running() {
		for !as.Put(c) { // once for each process that shares it; after the last the mm may be gone
		}
		if m.RCU != nil && c.Callbacks().Len() >= closeBacklog {
			m.Quiesce()
		}
	}
	if m.khugepaged != nil {
		m.khugepaged.Stop(c)
	}
	m.Quiesce()
}

// NothingLeft looks at a machine after Close: no table, no page of one and no mm may be left. It returns how many
// violations it found.
func (m *Machine) NothingLeft() int {
	found := 0
	m.M.Frames(func(pfn kern.PFN, free bool) {
		if page := pgalloc.Page(pfn); !free && page.IsTable(m.M) {
			found++
			m.M.Report(&kern.Violation{Kind: kern.PageLost, Addr: page.Refcount(), Detail: "mask " + page.PeekMask(m.M).String()})
		}
	})
	imbalance := func(format string, args ...any) {
		found++
		m.M.Report(&kern.Violation{Kind: kern.Imbalance, Detail: fmt.Sprintf(format, args...)})
	}
	if n := m.Sys.MMs.Live(); n != 0 {
		imbalance("%d mms are left after the last exit", n)
	}
	if u := m.Sys.Use(); u != (pgalloc.Use{}) && found == 0 {
		imbalance("%d pages, %d tables and %d pending halves are counted after the last exit", u.Pages, u.Tables, u.PendingHalves)
	}
	return found
}
