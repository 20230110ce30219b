package workload

import (
	"math"
	"math/rand/v2"
	"time"
)

// Spec is a workload: what a text says.
type Spec struct {
	Name     string
	About    string
	Duration time.Duration
	CPUs     int

	GracePeriod time.Duration
	GraceJitter float64 // a grace period is longer or shorter by up to this share

	Khugepaged *Khugepaged
	Faults     Faults
	Split      float64 // huge pages that reclaim splits, a second

	Files   []File
	Classes []*Class
}

// Khugepaged are the daemon's settings.
type Khugepaged struct {
	PagesToScan, MaxPtesNone int
	ScanSleep                time.Duration
}

// Faults are what goes wrong on purpose.
type Faults struct {
	PageFail, BatchFail float64 // shares of allocations
	Flood               int     // callbacks at once,
	FloodEvery          time.Duration
	ExitInRetract       float64 // share of the mms that a retract meets and that exit at that moment
	Refs                float64 // speculative page references taken, a second
	RefHold             time.Duration
}

// File is a file or shared memory that processes map.
type File struct {
	Name   string
	Size   uint64
	Filled bool // all of it is in memory from the beginning
}

// Class is a kind of process.
type Class struct {
	Name     string
	Count    int     // there from the beginning
	Arrive   float64 // that come later, a second
	Lifetime Dist
	Fork     *Class // each is a fork of a live one of this class; nil: it starts from nothing
	Exec     bool   // it drops what it inherited, at once
	Threads  int
	PGSTE    bool
	Maps     []Mapping

	Fault    float64 // page faults at random places of its mappings, a second
	Churn    float64 // times a second that it unmaps a piece of a mapping and maps it anew
	ChurnOf  float64 // how much of the mapping
	Grow     float64 // times a second that its last anonymous mapping grows,
	GrowBy   uint64  // by so much,
	GrowTo   uint64  // up to this, from where it shrinks to its first size
	Collapse float64 // calls of MADV_COLLAPSE a second

	line   int
	layout []placed // of a process of this class: what it inherits, then its own
}

// Mapping is a mapping of a class of processes.
type Mapping struct {
	File   int // index in Spec.Files, -1 anonymous
	Shared bool
	Size   uint64
	Offset uint64
	Touch  float64 // share of its segments that are used at once
	Write  float64 // share of accesses that write
	Skew   uint64  // how far it is off the alignment that a huge page wants
}

// Dist is a distribution of durations.
type Dist struct {
	Kind DistKind
	A, B time.Duration // mean; or fixed value; or lowest and highest
}

// DistKind is a kind of distribution.
type DistKind uint8

// The distributions.
const (
	Forever DistKind = iota
	Fixed
	Exponential
	Uniform
	Pareto // shape 1.5, lowest A: most are short, a few very long
)

// sample draws from the distribution; ok is false for what never ends.
func (d Dist) sample(r *rand.Rand) (t int64, ok bool) {
	switch d.Kind {
	case Fixed:
		return int64(d.A), true
	case Exponential:
		return clampTime(r.ExpFloat64() * float64(d.A)), true
	case Uniform:
		return int64(d.A) + r.Int64N(int64(d.B-d.A)+1), true
	case Pareto:
		return clampTime(float64(d.A) * math.Pow(1-r.Float64(), -1/1.5)), true
	}
	return 0, false
}

func clampTime(t float64) int64 { return int64(min(max(t, 1), 1<<60)) }

// Scale multiplies the numbers of processes, and what comes a second, by f. A class that has any keeps one.
func (s *Spec) Scale(f float64) {
	for _, c := range s.Classes {
		if c.Count > 0 {
			c.Count = max(1, int(math.Round(float64(c.Count)*f)))
		}
		c.Arrive *= f
	}
	s.Faults.Refs *= f
	s.Split *= f
}

// placed is a mapping at its address.
type placed struct {
	Mapping
	start uint64
	grows bool
}

const (
	segment   = 1 << 20
	firstAddr = 0x4000_0000
	taskSize  = 1 << 52
)

// place gives every class its layout: what it inherits, then its own mappings, each at a segment of its own with one
// segment free behind it, so that none grows into the next. It says what does not fit.
func (s *Spec) place(c *Class) bool {
	at := uint64(firstAddr)
	if c.Fork != nil && !c.Exec {
		c.layout = append(c.layout, c.Fork.layout...)
		if n := len(c.layout); n > 0 {
			last := c.layout[n-1]
			at = last.end(c.Fork.GrowTo) + segment
		}
	}
	last := -1
	for _, m := range c.Maps {
		c.layout = append(c.layout, placed{Mapping: m, start: at + m.Skew})
		if m.File < 0 {
			last = len(c.layout) - 1
		}
		at = c.layout[len(c.layout)-1].end(0) + segment
	}
	if c.Grow > 0 && last >= 0 {
		// What grows comes last.
		p := c.layout[last]
		c.layout = append(append(c.layout[:last:last], c.layout[last+1:]...), p)
		g := &c.layout[len(c.layout)-1]
		g.start, g.grows = at, true
		at = g.end(c.GrowTo)
	}
	return at < taskSize
}

func (p *placed) end(growTo uint64) uint64 {
	size := p.Size
	if p.grows {
		size = max(size, growTo)
	}
	return (p.start + size + segment - 1) &^ (segment - 1)
}
