package workload

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

// This file computes the figures of a run a second time, from its log alone: which table came when, and which went how.
// It knows what a grace period is and how long each version keeps a half, and shares nothing with the allocator.

// A half, as the log tells it.
type halfState uint8

const (
	free halfState = iota
	live
	waiting
)

type page struct {
	half   [2]halfState
	head   int64 // rfc: when the callback on the page's rcu_head is due, 0 if none is queued
	active bool  // a half was deferred
	whole  bool  // active: the page itself waits
}

func (p *page) used() bool { return p.half[0] != free || p.half[1] != free }

type due struct {
	at   int64
	page kern.PFN
	half int // -1: the page
}

type recount struct {
	v     pgalloc.Variant
	grace int64
	pages map[kern.PFN]*page
	due   []due // by time: everything waits equally long, or is put where it belongs

	last                               int64
	nPages, nLive, nWait, nTables      int64
	areaPages, areaLive, areaWaste     float64
	peakPages, peakTables, wastedTimes int64
}

// pass lets time pass, and what waits be over.
func (r *recount) pass(t int64) {
	for len(r.due) > 0 && r.due[0].at <= t {
		d := r.due[0]
		r.due = r.due[1:]
		r.area(d.at)
		r.over(d)
	}
	r.area(t)
}

func (r *recount) area(t int64) {
	dt := float64(t - r.last)
	r.areaPages += float64(r.nPages) * dt
	r.areaLive += float64(r.nLive) * dt
	r.areaWaste += float64(2*r.nPages-r.nLive-r.nWait) * dt
	r.last = t
}

// after returns when a callback that is queued at t runs: a grace period begins at every multiple of its length, and the
// one that begins next serves it.
func (r *recount) after(t int64) int64 { return (t/r.grace + 2) * r.grace }

func (r *recount) wait(d due) {
	i := len(r.due)
	for i > 0 && r.due[i-1].at > d.at {
		i--
	}
	r.due = append(r.due, due{})
	copy(r.due[i+1:], r.due[i:])
	r.due[i] = d
}

func (r *recount) over(d due) {
	p := r.pages[d.page]
	if d.half < 0 {
		p.half = [2]halfState{}
		p.whole = false
		r.nWait -= 2
		r.release(d.page)
		return
	}
	p.half[d.half] = free
	r.nWait--
	r.settle(d.page, d.at, true)
}

// settle sees what becomes of a page when one of its halves became free.
func (r *recount) settle(pfn kern.PFN, t int64, inCallback bool) {
	p := r.pages[pfn]
	switch {
	case p.used():
		r.wastedTimes++
	case r.v == pgalloc.Active && p.active && !p.whole:
		p.whole, p.active = true, false
		p.half = [2]halfState{waiting, waiting}
		r.nWait += 2
		at := r.after(t)
		if inCallback { // the next period begins when this one ends
			at = t + r.grace
		}
		r.wait(due{at, pfn, -1})
	default:
		r.release(pfn)
	}
}

func (r *recount) release(pfn kern.PFN) {
	delete(r.pages, pfn)
	r.nPages--
}

func (r *recount) event(t *testing.T, e *s390sim.Event) {
	switch e.Kind {
	case s390sim.EventTableAlloc, s390sim.EventTableFree, s390sim.EventRetract:
	default:
		return
	}
	r.pass(e.Time)
	pfn, half := e.Table.PFN(), int(e.Table.Half())
	p := r.pages[pfn]
	if e.Kind == s390sim.EventTableAlloc {
		if p == nil {
			p = &page{}
			r.pages[pfn] = p
			r.nPages++
			r.wastedTimes++
		}
		require.Equal(t, free, p.half[half], "handed out twice, or too early")
		p.half[half] = live
		r.nLive++
		r.nTables++
		r.peakPages, r.peakTables = max(r.peakPages, r.nPages), max(r.peakTables, r.nTables)
		return
	}
	require.NotNil(t, p)
	require.Equal(t, live, p.half[half])
	r.nLive--
	r.nTables--
	if e.Kind == s390sim.EventTableFree || r.v == pgalloc.FullPage {
		p.half[half] = waiting
		r.nWait++
		r.wait(due{r.after(e.Time), pfn, half})
		return
	}
	switch r.v {
	case pgalloc.Classic: // freed at once, after an IPI
		p.half[half] = free
		r.settle(pfn, e.Time, false)
	case pgalloc.Active:
		p.half[half], p.active = free, true
		r.settle(pfn, e.Time, false)
	default: // the family of the RFC: one rcu_head for two halves
		p.half[half] = waiting
		r.nWait++
		at := r.after(e.Time)
		if p.head > e.Time {
			at = p.head + r.grace
		}
		p.head = at
		r.wait(due{at, pfn, half})
	}
}

// The figures of a run, from its log.
func TestFiguresFromTheLog(t *testing.T) {
	for _, name := range []string{"containers", "database", "fork-server", "jvm", "build-farm"} {
		for _, i := range pgalloc.Variants() {
			if i.Variant == pgalloc.RFCAsPosted {
				continue // loses pages
			}
			t.Run(name+"/"+string(i.Variant), func(t *testing.T) {
				s, o := smallPreset(t, name)
				s.Scale(0.5)
				r := &recount{v: i.Variant, grace: int64(s.GracePeriod), pages: map[kern.PFN]*page{}}
				end := int64(o.Duration)
				o.Machine = s390sim.Config{Variant: i.Variant, Checks: true, Trace: func(e *s390sim.Event) {
					if e.Time < end {
						r.event(t, e)
					}
				}}
				f := run(t, s, o).Figures
				r.pass(end)
				all := float64(end)
				assert.Positive(t, f.Alloc.Tables)
				assert.InEpsilon(t, r.areaPages/all, f.MeanPages, 1e-9)
				assert.InEpsilon(t, r.areaLive/all, f.MeanLive, 1e-9)
				assert.InEpsilon(t, r.areaWaste/all, f.MeanWasted, 1e-9)
				assert.Equal(t, r.peakPages, f.PeakPages)
				assert.Equal(t, r.peakTables, f.PeakTables)
				assert.Equal(t, r.nTables, f.Alloc.Tables)
				assert.Equal(t, r.nWait, f.Alloc.PendingHalves)
				assert.EqualValues(t, r.wastedTimes, f.WasteBegan)
				if name == "containers" || name == "jvm" {
					assert.Positive(t, f.Retracts)
				}
			})
		}
	}
}
