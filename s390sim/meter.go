package s390sim

import (
	"fmt"

	"ptsim/kern"
	"ptsim/pgalloc"
)

// Sample is the machine's page use from a moment on.
type Sample struct {
	Time  int64 // ns since the start
	Pages int64
}

// meter measures use over time: peaks exactly, means weighted by time, and a curve of bounded length.
type meter struct {
	begun, last int64
	pages       int64 // as of last

	peakPages  int64
	peakTables int64
	wasteAt    int64   // halves wasted when pages peaked first
	area       float64 // page nanoseconds
	wasteArea  float64 // the same of halves wasted,
	liveArea   float64 // of halves allocated,
	longest    int     // callback queue
	unbalanced bool

	allocations uint64 // of tables

	since  progress    // what had been done when
	use    pgalloc.Use // this was so
	looked bool

	curve curve
}

// progress is what has been done: while it is the same, so is what the allocator's pages are used for. Most moments of most
// traces change nothing. A table is freed when its mapping goes, or right after it was allocated.
type progress struct {
	allocations, callbacks uint64
	mapped, mms, ended     int64
}

func (m *Machine) progress() progress {
	_, ran := m.RCU.Counts()
	return progress{m.meter.allocations, ran, m.mapped, m.mms.Load(), m.lives.destroys}
}

// moved tells whether something was done since. It looks at one count after the other: to make a progress and compare that costs a
// processor three times as much.
func (t *meter) moved(m *Machine) bool {
	s := &t.since
	_, ran := m.RCU.Counts()
	return s.allocations != t.allocations || s.callbacks != ran || s.mapped != m.mapped || s.mms != m.mms.Load() || s.ended != m.lives.destroys
}

func (t *meter) init() { t.curve.width = 1 }

func (t *meter) start(now int64) {
	t.begun, t.last = now, now
	t.curve.begun = now
}

// allocated looks for peaks, when a table has been allocated and not yet mapped. Pages rise only then, and not for an upper
// half, whose page is there already.
func (t *meter) allocated(m *Machine, table kern.Phys) {
	t.allocations++
	t.peakTables = max(t.peakTables, m.mapped+1)
	if table.Half() != 0 {
		return
	}
	if m.Sys.Pages() > t.peakPages {
		u := m.Sys.Use()
		t.peakPages = u.Pages
		t.wasteAt = u.WastedHalves()
		t.pages = u.Pages
		t.curve.set(t.last, u.Pages)
	}
}

// advance accounts for the time up to now, in which nothing happened.
func (t *meter) advance(m *Machine, now int64) {
	if now == t.last && !m.cfg.Checks {
		return
	}
	if t.moved(m) || !t.looked {
		t.since, t.use, t.looked = m.progress(), m.Sys.Use(), true
		if m.cfg.Checks {
			t.balance(m, &t.use)
		}
	}
	u := &t.use
	if u.Pages != t.pages {
		t.pages = u.Pages
		t.curve.set(t.last, u.Pages)
	}
	passed := float64(now - t.last)
	t.area += float64(u.Pages) * passed
	t.wasteArea += float64(u.WastedHalves()) * passed
	t.liveArea += float64(u.LiveHalves) * passed
	t.last = now
}

// balance looks whether what the allocator counted adds up with what others counted. It is looked at when time moves and
// something was done since.
func (t *meter) balance(m *Machine, u *pgalloc.Use) {
	var mapped int64
	for i := range m.stats {
		mapped += m.stats[i].mapped
	}
	var queued uint64
	for i := range m.M.NumCPU() {
		queued += m.M.CPU(i).CallbacksQueued()
	}
	_, ran := m.RCU.Counts()
	why := ""
	switch pending := m.RCU.Pending(); {
	case u.Tables != mapped:
		why = fmt.Sprintf("%d tables are allocated and not freed, %d are mapped", u.Tables, mapped)
	case queued != ran+uint64(pending):
		why = fmt.Sprintf("%d callbacks were queued, %d ran and %d wait", queued, ran, pending)
	case u.WastedHalves() < 0 || u.PendingHalves < 0 || u.Pages < 0:
		why = fmt.Sprintf("%d pages hold %d allocated and %d pending halves", u.Pages, u.LiveHalves, u.PendingHalves)
	case m.mms.Load()-m.lives.destroys != int64(m.Sys.MMs.Live()):
		why = fmt.Sprintf("%d mms were made and %d destroyed, %d are there", m.mms.Load(), m.lives.destroys, m.Sys.MMs.Live())
	}
	if why != "" && !t.unbalanced {
		t.unbalanced = true // once is enough
		m.M.Report(&kern.Violation{Kind: kern.Imbalance, Detail: why})
	}
}

// queue notes how many callbacks wait. Their number rises until a grace period ends.
func (t *meter) queue(n int) { t.longest = max(t.longest, n) }

// over returns an area as a mean over time.
func (t *meter) over(area float64, now float64) float64 {
	if t.last == t.begun {
		return now
	}
	return area / float64(t.last-t.begun)
}

// mean returns the pages in use, weighted by time.
func (t *meter) mean() float64 {
	return t.over(t.area, float64(t.pages))
}

// maxCurve is how many buckets a curve may have before neighbours are merged.
const maxCurve = 1024

// curve is a step function in buckets of equal width, of which it keeps the lowest, the highest and the last value. Its
// memory does not grow with time.
type curve struct {
	begun   int64
	width   int64
	value   int64 // the newest
	buckets []bucket
}

type bucket struct {
	index         int64
	low, high     int64
	lowAt, highAt int64
	last, lastAt  int64
}

func (k *curve) set(now, v int64) {
	k.peak(now, v)
	b := &k.buckets[len(k.buckets)-1]
	b.last, b.lastAt = v, now
	if v < b.low {
		b.low, b.lowAt = v, now
	}
	k.value = v
}

// peak notes a value that may be gone before anyone looks again.
func (k *curve) peak(now, v int64) {
	i := (now - k.begun) / k.width
	if n := len(k.buckets); n == 0 || k.buckets[n-1].index != i {
		for n >= maxCurve { // buckets far apart need more than one merge
			k.merge()
			i = (now - k.begun) / k.width
			n = len(k.buckets)
		}
		if n == 0 || k.buckets[n-1].index != i {
			k.buckets = append(k.buckets, bucket{i, v, v, now, now, v, now})
		}
	}
	if b := &k.buckets[len(k.buckets)-1]; v > b.high {
		b.high, b.highAt = v, now
	}
}

func (k *curve) merge() {
	k.width *= 2
	out := k.buckets[:0]
	for _, b := range k.buckets {
		b.index = (b.lastAt - k.begun) / k.width
		if n := len(out); n > 0 && out[n-1].index == b.index {
			a := &out[n-1]
			if b.low < a.low {
				a.low, a.lowAt = b.low, b.lowAt
			}
			if b.high > a.high {
				a.high, a.highAt = b.high, b.highAt
			}
			a.last, a.lastAt = b.last, b.lastAt
			continue
		}
		out = append(out, b)
	}
	k.buckets = out
}

// samples returns the curve in time order, times counted from its beginning.
func (k *curve) samples() []Sample {
	out := []Sample{{0, 0}}
	add := func(at, v int64) { out = append(out, Sample{at - k.begun, v}) }
	for _, b := range k.buckets {
		switch {
		case b.lowAt < b.highAt:
			add(b.lowAt, b.low)
			add(b.highAt, b.high)
		case b.highAt < b.lowAt:
			add(b.highAt, b.high)
			add(b.lowAt, b.low)
		default:
			add(b.highAt, b.high)
		}
		if last := out[len(out)-1]; last.Pages != b.last || last.Time != b.lastAt-k.begun {
			add(b.lastAt, b.last)
		}
	}
	return out
}
