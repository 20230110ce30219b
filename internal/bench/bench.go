// Package bench measures what a page table's life costs in each version of the allocator: processor time, natively, on an
// emulated machine that nobody watches. ptsim bench prints it, docs/perf/against-c races the same loops around the kernel's
// own functions.
//
// A [Bed] is a machine with a [Loop] for each of its CPUs, on an mm of its own. A [Path] is what a loop does:
//
//	list    page_table_alloc and page_table_free; a half of a page stays allocated, so both find it on pgtable_list
//	fresh   the same with nothing on the list: each table takes a page and gives it back
//	tlb     256 tables are allocated, freed through the gather, and removed after a grace period
//	defer   256 tables are allocated, freed by pte_free_defer, and removed after a grace period
//
// Grace periods are over at once, since nobody walks page tables here: what RCU itself would cost is not measured.
//
// [Race] takes turns between beds and paths, many short chunks each, and keeps the quickest chunk: what other processes do
// to caches and clocks makes chunks slower, never faster. With several CPUs, each is a thread, all do a chunk at the same
// time, and a chunk counts only if all did run then. Start with Race.
package bench

import (
	"fmt"

	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
	"ptsim/tlbgather"
)

const (
	// Block is how many tables share a flush and a grace period, as a munmap of 256 MiB would make them.
	Block = 256
	// Chunk is how many tables are measured at a time.
	Chunk = 16 * Block
)

// Path is one way through the allocator.
type Path struct {
	Name string
	hold bool // a table stays allocated meanwhile
	run  func(l *Loop, n int)
}

var paths = []Path{
	{"list", true, (*Loop).atOnce},
	{"fresh", false, (*Loop).atOnce},
	{"tlb", false, (*Loop).gathered},
	{"defer", false, (*Loop).deferred},
}

// Paths returns the paths.
func Paths() []Path { return append([]Path(nil), paths...) }

// In tells whether the version has the path at all.
func (p Path) In(v pgalloc.Variant) bool { return p.Name != "defer" || v != pgalloc.Classic }

// Config says what to measure.
type Config struct {
	Allocator pgalloc.Config
	Contents  bool // tables have contents: a fresh page is filled
	Threads   int  // how many CPUs; 0 is one
	SharedMM  bool // all on one mm
}

// Bed is a machine with a loop for each CPU.
type Bed struct {
	Loops []*Loop
	m     *kern.Machine
}

// NewBed builds one.
func NewBed(cfg Config) (*Bed, error) {
	m := kern.NewMachine(kern.Config{CPUs: cfg.Threads, Contents: cfg.Contents})
	s, err := pgalloc.New(m, cfg.Allocator)
	if err != nil {
		return nil, err
	}
	b := &Bed{m: m}
	for i := range m.NumCPU() {
		l := &Loop{s: s, c: m.CPU(i)}
		if i == 0 || !cfg.SharedMM {
			l.mm = s.MMs.Alloc(l.c, i+1)
		} else {
			l.mm = b.Loops[0].mm
		}
		l.softirq = func() {
			for l.ready.InvokeOne(l.c) {
			}
		}
		b.Loops = append(b.Loops, l)
	}
	return b, nil
}

// Err tells of the first violation, if there was one: what is measured must be right as well.
func (b *Bed) Err() error {
	list, n := b.m.Violations()
	if n == 0 {
		return nil
	}
	return fmt.Errorf("%d violations, the first: %s", n, list[0].Sentence())
}

// Loop is one CPU at work.
type Loop struct {
	s       *pgalloc.System
	c       *kern.CPU
	mm      mmctx.MM
	held    [Block]kern.Phys
	kept    kern.Phys
	tlb     tlbgather.Gather // here and not on a stack: it is passed through an interface
	ready   kern.CallbackQueue
	softirq func()
}

// Begin prepares a loop for a path, End takes that back.
func (l *Loop) Begin(p Path) {
	if p.hold {
		l.kept = l.alloc()
	}
}

// End ends what Begin began.
func (l *Loop) End(p Path) {
	if p.hold {
		l.s.PT.PageTableFree(l.c, l.mm, l.kept)
	}
	l.gracePeriod() // what callbacks queued
	l.gracePeriod()
}

// Stats returns what the allocator counted.
func (l *Loop) Stats() pgalloc.Stats { return l.s.Stats() }

// Run takes n tables through a path; n is a multiple of Block.
func (l *Loop) Run(p Path, n int) { p.run(l, n) }

func (l *Loop) alloc() kern.Phys {
	table := l.s.PT.PageTableAlloc(l.c, l.mm)
	if table == 0 {
		panic("bench: out of memory")
	}
	return table
}

func (l *Loop) gracePeriod() {
	l.ready.Append(l.c.Machine(), l.c.Callbacks())
	l.c.Softirq(l.softirq)
}

func (l *Loop) atOnce(n int) {
	for i := range n {
		l.s.PT.PageTableFree(l.c, l.mm, l.alloc())
		if i%Block == 0 {
			l.gracePeriod()
		}
	}
}

func (l *Loop) gathered(n int) {
	for ; n > 0; n -= Block {
		for i := range l.held {
			l.held[i] = l.alloc()
		}
		l.tlb = l.s.TLB.Gather(l.mm)
		for i := range l.held {
			l.s.PT.PageTableFreeRCU(l.c, &l.tlb, l.held[i], uint64(i)<<20)
		}
		l.tlb.Finish(l.c)
		l.gracePeriod()
	}
}

func (l *Loop) deferred(n int) {
	for ; n > 0; n -= Block {
		for i := range l.held {
			l.held[i] = l.alloc()
		}
		for i := range l.held {
			l.s.PT.PTEFreeDefer(l.c, l.mm, l.held[i])
		}
		l.gracePeriod()
	}
}
