package s390sim

import (
	"fmt"
	"sync/atomic"
	"time"

	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
	"ptsim/rcuhead"
)

const pteInvalid = pgalloc.PTEInvalid

// Config says what machine to build.
type Config struct {
	Variant pgalloc.Variant
	Pin     pgalloc.Pin
	CPUs    int // 1 if 0

	Checks   bool // look for violations
	Contents bool // page tables have real contents

	// GracePeriod is how long a grace period lasts, in nanoseconds; DefaultGracePeriod if 0.
	GracePeriod int64
	// Grace, if it was set, goes before it: a length or a distribution of lengths.
	Grace GraceLengths

	// Khugepaged are the settings of the daemon; nil: there is none, and collapses are the caller's alone.
	Khugepaged *KhugepagedConfig

	// GraceJitter, if not nil, makes the length of a grace period out of GracePeriod.
	GraceJitter func(length int64) int64

	Report func(*kern.Violation) // hears of every violation; they are kept as well
	Trace  func(*Event)          // nil: nobody listens
	// Started is called with the machine when it has been built, before anything happens on it.
	Started func(*Machine)
	// TraceSteps has Trace told of pages, callbacks and khugepaged's wakeups as well.
	TraceSteps bool
	// History is how many events each CPU remembers, to tell what led to a violation; 0: none.
	History int

	// Count has the steps of the code counted: locks and atomics.
	Count bool
	// Disturb makes steps fail or stall.
	Disturb Disturb
	// DuringRetract is called for each mm that a retract is about to take a table of, between the unlocked look at its users
	// and the locks.
	DuringRetract func(c *kern.CPU, as *AddressSpace)

	// Native has RCU run in real time, for CPUs that are goroutines: see Machine.Native. There is no virtual time, and figures
	// are counts alone.
	Native bool
}

// DefaultGracePeriod is 10 ms.
const DefaultGracePeriod = 10_000_000

// Machine is a simulated s390 machine that one goroutine drives in virtual time.
type Machine struct {
	M     *kern.Machine
	Sys   *pgalloc.System
	RCU   *rcuhead.Stepped // nil on a native machine
	cfg   Config
	pmds  kern.Cache
	heads kern.Cache // of Flood
	flood kern.Func
	tlbs  []tlb
	rooms []room // by CPU

	mms    atomic.Int64 // made so far
	files  atomic.Int64
	stats  []cpuStats
	mapped int64 // pmds that hold a table, in virtual time
	meter  meter
	clock  clock

	khugepaged *Khugepaged
	native     *rcuhead.Native // nil in virtual time
	began      time.Time       // of a native machine
	steps      *Steps
	rings      []ring
	lives      lives
}

// New builds a machine at time 0.
func New(cfg Config) (*Machine, error) {
	if cfg.CPUs < 1 {
		cfg.CPUs = 1
	}
	if cfg.Grace.text != "" {
		cfg.GracePeriod = cfg.Grace.Median().Nanoseconds()
		if draw := cfg.Grace.draw(); draw != nil {
			cfg.GraceJitter = draw
		}
	}
	if cfg.GracePeriod < 0 {
		return nil, fmt.Errorf("grace period of %d ns; expected a positive length", cfg.GracePeriod)
	}
	if cfg.GracePeriod == 0 {
		cfg.GracePeriod = DefaultGracePeriod
	}
	m := &Machine{cfg: cfg, began: time.Now(), stats: make([]cpuStats, cfg.CPUs), rooms: make([]room, cfg.CPUs)}
	kcfg := kern.Config{CPUs: cfg.CPUs, Checks: cfg.Checks, Contents: cfg.Contents, Report: m.report}
	if cfg.Count || cfg.Disturb != (Disturb{}) || cfg.TraceSteps {
		m.steps = newSteps(m)
		kcfg.Scheduler = m.steps
	}
	km := kern.NewMachine(kcfg)
	m.M = km
	if cfg.Native {
		m.native = rcuhead.NewNative(km)
	} else {
		m.RCU = rcuhead.NewStepped(km)
	}
	if cfg.History > 0 {
		m.rings = newRings(cfg.CPUs, cfg.History, cfg.Native)
	}
	sys, err := pgalloc.New(km, pgalloc.Config{
		Variant: cfg.Variant, Pin: cfg.Pin, Quarantine: quarantine(cfg.Native),
		FlushTLB: m.flushMM, PageEvent: m.pageEvent(),
	})
	if err != nil {
		return nil, err
	}
	m.Sys = sys
	m.pmds = km.NewCache(kern.CacheConfig{Name: "pmd", Words: pmdBlock})
	sys.MMs.OnDestroy(m.destroyed)
	tlbs := km.NewCache(kern.CacheConfig{Name: "tlb", Words: tlbEntries * tlbWords})
	for i := range cfg.CPUs {
		m.tlbs = append(m.tlbs, tlb{tlbs.Alloc(km.CPU(i))})
	}
	m.meter.init()
	m.makeFlood()
	if cfg.Khugepaged != nil {
		m.khugepaged = newKhugepaged(m, *cfg.Khugepaged)
	}
	if cfg.Started != nil {
		cfg.Started(m)
	}
	return m, nil
}

// quarantine is how many freed mms are held back. Natively a CPU may be away for as long as its host likes, while others
// go on: what it meets when it comes back should still be the mm that it knew.
func quarantine(native bool) int {
	if native {
		return 4096
	}
	return 64
}

// CPU returns a CPU of the machine; numbers beyond the last wrap around.
func (m *Machine) CPU(i int) *kern.CPU {
	n := m.M.NumCPU()
	if uint(i) >= uint(n) {
		i = int(uint32(i) % uint32(n)) // a division costs as much as the rest of a look-up
	}
	return m.M.CPU(i)
}

// NewFile makes a file to map.
func (m *Machine) NewFile() *File {
	return &File{ID: int(m.files.Add(1))}
}

// Stats counts what the machine did, beyond what its allocator counts.
type Stats struct {
	MMs          int    // address spaces made
	Faults       uint64 // page faults
	HugeFaults   uint64 // faults that mapped a huge page where khugepaged had taken the table away
	NoMemory     uint64 // faults and forks that got no page table
	Forks        uint64
	Retracts     uint64 // tables taken by a retract
	SkippedAnon  uint64 // mappings that a retract left alone: anonymous memory in them,
	SkippedAlign uint64 // not aligned to or not covering a segment,
	SkippedExit  uint64 // their mm has no user any more,
	SkippedEmpty uint64 // or no table there
	SkippedUFFD  uint64
}

// Stats returns the counts of all CPUs so far. No CPU may be inside the machine meanwhile.
func (m *Machine) Stats() Stats {
	s := Stats{MMs: int(m.mms.Load())}
	for i := range m.stats {
		s.add(&m.stats[i].Stats)
	}
	return s
}

// cpuStats are the counts of one CPU, touched by it alone.
type cpuStats struct {
	Stats
	mapped int64 // pmds that hold a table, less those that others cleared
	pgste  int64 // tables with PGSTEs allocated
	_      [64]byte
}

// countMapped counts pmds that hold a table: by CPU, and in virtual time all together.
func (m *Machine) countMapped(c *kern.CPU, d int64) {
	m.stats[c.ID()].mapped += d
	if m.native == nil {
		m.mapped += d
	}
}

func (m *Machine) stat(c *kern.CPU) *Stats { return &m.stats[c.ID()].Stats }

func (s *Stats) add(o *Stats) {
	s.Faults += o.Faults
	s.HugeFaults += o.HugeFaults
	s.NoMemory += o.NoMemory
	s.Forks += o.Forks
	s.Retracts += o.Retracts
	s.SkippedAnon += o.SkippedAnon
	s.SkippedAlign += o.SkippedAlign
	s.SkippedExit += o.SkippedExit
	s.SkippedEmpty += o.SkippedEmpty
	s.SkippedUFFD += o.SkippedUFFD
}

// EventKind is a kind of event.
type EventKind uint8

// What a Trace function hears of.
const (
	EventTableAlloc  EventKind = iota // a table was allocated for an address
	EventTableFree                    // a table was given to the gather
	EventRetract                      // a table was taken by a retract
	EventMMCreate                     // an address space was made
	EventMMExit                       // the last user of an address space left it
	EventGracePeriod                  // a grace period ended and ran callbacks; Count says how many

	// With Config.TraceSteps, or for a history:
	EventPageAlloc // a page begins to hold tables
	EventPageFree  // a page no longer holds any
	EventMMDestroy // __mmdrop
	EventCallRCU   // call_rcu; Head says of what, Name of which callback
	EventCallback  // a callback is about to run
	EventScan      // khugepaged woke up; Count is how many segments it has collapsed so far
)

var eventNames = [...]string{"table_alloc", "table_free", "retract", "mm_create", "mm_exit", "grace_period",
	"page_alloc", "page_free", "mm_destroy", "call_rcu", "callback", "khugepaged"}

func (k EventKind) String() string { return eventNames[k] }

// Event is one thing that happened on the machine.
type Event struct {
	Kind  EventKind
	Time  int64
	CPU   int
	MM    int
	Addr  uint64
	Table kern.Phys
	Page  pgalloc.Page
	Mask  pgalloc.Mask
	Count int
	Head  kern.Addr
	Name  string
}

func (m *Machine) trace(c *kern.CPU, as *AddressSpace, k EventKind, addr uint64, table kern.Phys) {
	if m.cfg.Trace != nil || m.rings != nil {
		m.traced(c, as, k, addr, table)
	}
}

func (m *Machine) traced(c *kern.CPU, as *AddressSpace, k EventKind, addr uint64, table kern.Phys) {
	e := Event{Kind: k, Time: m.now(), CPU: c.ID(), Addr: addr, Table: table}
	if as != nil {
		e.MM = as.ID
	}
	if table != 0 {
		e.Page = pgalloc.PageOf(table)
		e.Mask = e.Page.PeekMask(m.M)
	}
	m.emit(e)
}

// emit hands an event to the history and to whoever listens.
func (m *Machine) emit(e Event) {
	if m.rings != nil {
		m.remember(&e, 0)
	}
	if m.cfg.Trace != nil {
		m.tell(e)
	}
}

// tell hands an event to whoever listens. It is kept out of line, so that an event that nobody listens for is not put on
// the heap.
//
//go:noinline
func (m *Machine) tell(e Event) {
	if m.cfg.Trace != nil && (e.Kind < EventPageAlloc || m.cfg.TraceSteps) {
		m.cfg.Trace(&e)
	}
}

// now is the time of events: virtual, or since a native machine began.
func (m *Machine) now() int64 {
	if m.native != nil {
		return int64(time.Since(m.began))
	}
	return m.clock.now
}

// pageEvent returns what the allocator tells of pages, nil if nobody listens.
func (m *Machine) pageEvent() func(c *kern.CPU, p pgalloc.Page, allocated bool) {
	if m.rings == nil && !m.cfg.TraceSteps {
		return nil
	}
	return func(c *kern.CPU, p pgalloc.Page, allocated bool) {
		k := EventPageFree
		if allocated {
			k = EventPageAlloc
		}
		m.emit(Event{Kind: k, Time: m.now(), CPU: c.ID(), Page: p})
	}
}

// destroyed is what __mmdrop does beyond the struct itself: it frees the top-level table.
func (m *Machine) destroyed(c *kern.CPU, mm mmctx.MM) {
	if pgd := kern.ReadOnce(c, mm.PGD()); pgd != 0 {
		m.Sys.CRSTFree(c, kern.Unpack(pgd))
		kern.WriteOnce(c, mm.PGD(), 0)
	}
	m.lives.destroyed(m, c, mm)
}
