package s390sim

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/pgalloc"
)

// witness measures a run by looking at all frames whenever the machine says that something happened.
type witness struct {
	m         *Machine
	at        []int64 // times at which pages changed, and what they changed to
	pages     []int64
	peak      int64
	peakTab   int64
	tables    map[kern.Phys]bool
	wasteAt   int64
	last, sum int64 // up to when, page nanoseconds
	now       int64 // pages
}

func (w *witness) hear(e *Event) {
	switch e.Kind {
	case EventTableAlloc:
		w.tables[e.Table] = true
	case EventTableFree, EventRetract:
		delete(w.tables, e.Table)
	}
	w.look(e.Time)
}

func (w *witness) look(t int64) {
	pages, free := int64(0), int64(0)
	w.m.M.Frames(func(p kern.PFN, unused bool) {
		page := pgalloc.Page(p)
		if unused || !page.IsTable(w.m.M) {
			return
		}
		pages++
		mask := page.PeekMask(w.m.M)
		for half := range uint32(2) {
			if mask != 0 && !mask.Allocated(half) && !mask.Pending(half) { // 0: the page waits, as v6.6 has it
				free++
			}
		}
	})
	w.sum += w.now * (t - w.last)
	w.last = t
	if pages != w.now {
		w.at, w.pages = append(w.at, t), append(w.pages, pages)
		w.now = pages
	}
	if pages > w.peak {
		w.peak, w.wasteAt = pages, free
	}
	w.peakTab = max(w.peakTab, int64(len(w.tables)))
}

// workload makes and unmakes address spaces at random, the same for one seed.
func workload(m *Machine, steps int, each func()) {
	rnd := rand.New(rand.NewPCG(1, 2))
	f := m.NewFile()
	var all []*AddressSpace
	now := m.Now()
	for range steps {
		c := m.CPU(rnd.IntN(2))
		switch n := rnd.IntN(20); {
		case len(all) < 2 || n == 0 && len(all) < 8:
			as := m.NewMM(c)
			as.Mmap(c, Mapping{Start: base, Len: 64 * mib, File: f, Shared: true})
			as.Mmap(c, Mapping{Start: base + 64*mib, Len: 64 * mib})
			all = append(all, as)
		case n == 1:
			i := rnd.IntN(len(all))
			all[i].Put(c)
			all = append(all[:i], all[i+1:]...)
		case n == 2 && len(all) < 8:
			all = append(all, all[rnd.IntN(len(all))].Fork(c))
		case n < 5:
			as, at := all[rnd.IntN(len(all))], base+64*mib+uint64(rnd.IntN(64))*mib
			as.Munmap(c, at, mib)
			as.Mmap(c, Mapping{Start: at, Len: mib})
		case n == 5:
			m.Collapse(c, f, uint64(rnd.IntN(64))*mib, 2*mib)
		default:
			as := all[rnd.IntN(len(all))]
			as.Fault(c, base+uint64(rnd.IntN(128))*mib, true)
		}
		if each != nil {
			each()
		}
		now += int64(rnd.ExpFloat64() * 1e6)
		m.Advance(now)
		if each != nil {
			each()
		}
	}
	for _, as := range all {
		as.Put(m.CPU(0))
	}
}

func TestMeterAgainstFrames(t *testing.T) {
	for _, v := range sound() {
		t.Run(string(v), func(t *testing.T) {
			w := &witness{tables: map[kern.Phys]bool{}}
			w.m = newMachine(t, Config{Variant: v, CPUs: 2, Checks: true, Contents: true, Trace: w.hear})
			w.m.Advance(5000 * ms)
			w.last = 5000 * ms
			workload(w.m, 3000, func() { w.look(w.m.Now()) })
			w.look(w.m.Now())
			f := w.m.Figures()
			assert.Equal(t, w.peak, f.PeakPages)
			assert.Equal(t, w.peakTab, f.PeakTables)
			if v != pgalloc.FullPage { // its pages have no mask
				assert.Equal(t, w.wasteAt, f.WastedHalvesPeak)
			}
			assert.InEpsilon(t, float64(w.sum)/float64(f.End-f.Begin), f.MeanPages, 1e-9)
			assert.Equal(t, w.now, f.Alloc.Pages)
			assert.EqualValues(t, f.Alloc.Allocated(), f.Alloc.FreedNow+f.Alloc.FreedGather+f.Alloc.FreedDeferred+uint64(f.Alloc.Tables))
			checkCurve(t, w, w.m.Curve())
			requireQuiet(t, w.m)
		})
	}
}

// checkCurve compares the curve with all that the witness saw: it begins at nothing, every point of it is true, it has
// the peak, and it ends at the end.
func checkCurve(t *testing.T, w *witness, curve []Sample) {
	require.NotEmpty(t, curve)
	assert.LessOrEqual(t, len(curve), 3*maxCurve+1)
	assert.Equal(t, Sample{}, curve[0])
	begun := 5000 * ms
	values := map[int64]map[int64]bool{} // at one instant there may be several
	for i, at := range w.at {
		if values[at] == nil {
			values[at] = map[int64]bool{}
		}
		values[at][w.pages[i]] = true
	}
	high := int64(0)
	for i, s := range curve {
		high = max(high, s.Pages)
		if i == 0 {
			continue
		}
		require.GreaterOrEqual(t, s.Time, curve[i-1].Time, "the curve goes back in time at %d", i)
		require.True(t, values[begun+s.Time][s.Pages], "%d pages at %d: that never was", s.Pages, s.Time)
	}
	assert.Equal(t, w.peak, high)
	assert.Equal(t, w.now, curve[len(curve)-1].Pages)
}

func TestCurveIsBounded(t *testing.T) {
	for name, gap := range map[string]func(i int64) int64{
		"one apart":       func(i int64) int64 { return i },
		"microseconds":    func(i int64) int64 { return i * 1000 },
		"ever wider":      func(i int64) int64 { return i * i * i },
		"in two clusters": func(i int64) int64 { return i + i/5000*1e15 },
	} {
		t.Run(name, func(t *testing.T) {
			var k curve
			k.width = 1
			peak, last := int64(0), int64(0)
			for i := range int64(10_000) {
				last = i * 7919 % 1013
				if i == 6543 {
					last = 5000
				}
				k.set(gap(i), last)
				peak = max(peak, last)
				require.LessOrEqual(t, len(k.buckets), maxCurve)
			}
			s := k.samples()
			assert.Equal(t, Sample{gap(9999), last}, s[len(s)-1])
			high := Sample{}
			for i := range s {
				if s[i].Pages > high.Pages {
					high = s[i]
				}
				require.True(t, i == 0 || s[i].Time >= s[i-1].Time)
			}
			assert.Equal(t, Sample{gap(6543), peak}, high)
		})
	}
}

// Of each stretch of time the curve keeps the lowest value, the highest and the last.
func TestCurveKeepsExtremes(t *testing.T) {
	k := curve{width: 100}
	for at, v := range []int64{5, 7, 2, 4} {
		k.set(int64(at), v)
	}
	assert.Equal(t, []Sample{{0, 0}, {1, 7}, {2, 2}, {3, 4}}, k.samples())
}

// A peak that is over before time moves is in the curve, and what it falls back to is, too.
func TestPeakWithinAnInstant(t *testing.T) {
	m := newMachine(t, Config{Variant: pgalloc.FullPage, CPUs: 1, Checks: true})
	c := m.CPU(0)
	m.Advance(0)
	as := mapped(t, m, 2)
	m.Advance(ms)
	table := m.Sys.PT.PageTableAlloc(c, as.MM)
	m.meter.allocated(m, table)
	m.Sys.PT.PageTableFree(c, as.MM, table)
	m.Advance(2 * ms)
	assert.EqualValues(t, 3, m.Figures().PeakPages)
	assert.InDelta(t, 2, m.Figures().MeanPages, 1e-9)
	curve := m.Curve()
	assert.Contains(t, curve, Sample{ms, 3})
	assert.EqualValues(t, 2, curve[len(curve)-1].Pages)
}

func TestFiguresBeforeAnything(t *testing.T) {
	m := newMachine(t, Config{Variant: pgalloc.Active})
	assert.Equal(t, Figures{}, m.Figures())
	assert.Equal(t, []Sample{{}}, m.Curve())
	m.Advance(77)
	assert.Equal(t, Figures{Begin: 77, End: 77}, m.Figures())
}
