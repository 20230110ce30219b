package s390sim

import (
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
}

// Figures returns the figures as of now.
func (m *Machine) Figures() Figures {
	f := Figures{Stats: m.Stats(), Alloc: m.Sys.Stats()}
	f.GracePeriods, f.Callbacks = m.RCU.Counts()
	f.Batches = m.Sys.TLB.Counts().Batches
	m.meter.advance(m, m.clock.now)
	f.PeakPages, f.PeakTables = m.meter.peakPages, m.meter.peakTables
	f.MeanPages, f.WastedHalvesPeak = m.meter.mean(), m.meter.wasteAt
	f.Begin, f.End = m.meter.begun, m.clock.now
	f.CallbacksInFlight = m.RCU.Pending()
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
	mapped := int64(0)
	for as := range m.live {
		mms = append(mms, as.MM)
		as.Tables(func(addr uint64, table kern.Phys) {
			mapped++
			page := pgalloc.PageOf(table)
			if mask := page.PeekMask(m.M); page.IsTable(m.M) && (mask == 0 && m.cfg.Variant == pgalloc.FullPage || mask.Allocated(table.Half())) {
				return
			}
			found++
			m.M.Report(&kern.Violation{Kind: kern.UseAfterFree, Addr: page.Refcount(), Detail: "is mapped"})
		})
	}
	if have := m.Sys.Use().Tables; have != mapped && found == 0 {
		panic("s390sim: the allocator's count of tables is not the number of tables that are mapped")
	}
	return found + m.Sys.Audit(mms, nil)
}

// Close ends every address space that is left, as a shutdown would, and comes to rest. Nothing must be left then.
func (m *Machine) Close() {
	c := m.CPU(0)
	for as := range m.live {
		for kern.ReadOnce(c, as.MM.Users()) > 0 {
			as.Put(c)
		}
	}
	m.Quiesce()
}
