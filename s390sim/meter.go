package s390sim

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

	curve curve
}

func (t *meter) init() { t.curve.width = 1 }

func (t *meter) start(now int64) {
	t.begun, t.last = now, now
	t.curve.begun = now
}

// allocated looks for peaks. Use rises only where a table is allocated.
func (t *meter) allocated(m *Machine) {
	u := m.Sys.Use()
	t.peakTables = max(t.peakTables, u.Tables)
	if u.Pages > t.peakPages {
		t.peakPages = u.Pages
		t.wasteAt = u.WastedHalves()
		t.pages = u.Pages
		t.curve.set(t.last, u.Pages)
	}
}

// advance accounts for the time up to now, in which nothing happened.
func (t *meter) advance(m *Machine, now int64) {
	pages := m.Sys.Use().Pages
	if pages != t.pages {
		t.pages = pages
		t.curve.set(t.last, pages)
	}
	t.area += float64(pages) * float64(now-t.last)
	t.last = now
}

// mean returns the pages in use, weighted by time.
func (t *meter) mean() float64 {
	if t.last == t.begun {
		return float64(t.pages)
	}
	return t.area / float64(t.last-t.begun)
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
