package script

import (
	"io"
	"math"
	"slices"

	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
	"ptsim/rcuhead"
	"ptsim/tlbgather"
)

// Options say what a script runs on. The zero Options are the default version with all checks.
type Options struct {
	Variant  pgalloc.Variant // "" is pgalloc.Pinned
	Pin      pgalloc.Pin     // for pgalloc.Pinned; "" is pgalloc.PinHalf
	NoChecks bool            // look for no more than what stops a script
	MaxBatch int             // tables in a batch; 0 is the kernel's 509

	// Observe, if not nil, hears of every primitive after it happened: the operation it belongs to, from 1, and what it
	// returned.
	Observe func(step int, c *kern.CPU, op kern.Op, result uint32)
}

// Runner runs a script on a machine of its own.
type Runner struct {
	script *Script
	opt    Options
	next   int
	failed error // what ended the script, but for a fatal error of the kernel

	m     *kern.Machine
	sys   *pgalloc.System
	rcu   *rcuhead.Stepped
	hooks hooks
	lanes [MaxBegun]*lane

	spaces []*space // by number, freed ones included
	names  map[string]*object

	pages []*page // by id
	live  []int   // the ids of the pages that are not free, ascending
	byPFN map[kern.PFN]int
	freed []int

	crsts     int
	liveCRSTs []int
	crstByPFN map[kern.PFN]int

	violations []*kern.Violation
	reported   int // how many of them belong to earlier operations
	corrupt    bool
	err        string
}

// space is an mm of the script.
type space struct {
	id     int
	mm     mmctx.MM
	gather tlbgather.Gather // the one that tlbfree, crsttlb and flush use
	lock   kern.Addr        // context.lock

	objects []*object // all that was allocated for it, in order
	grabs   int       // mmgrabs that no mmdrop took back
	tables  int       // page tables that were ever asked for
	pgste   bool
	exited  bool
	counted bool // its mm_count was found wrong
}

type objectState uint8

const (
	live  objectState = iota
	begun             // page_table_alloc is between its two locks
	freed             // by the script; it may still be pending
	never             // the allocation failed
)

// object is what a name stands for: a page table, or a segment or region table.
type object struct {
	name  string
	line  int
	crst  bool
	state objectState
	sp    *space
	addr  kern.Phys
	seg   uint64 // the segment the table would map
	page  *page  // of a page table
	lane  *lane  // of one that is begun
}

// page is a page that page_table_alloc took, from then until the page allocator has it back.
type page struct {
	id      int
	page    pgalloc.Page
	sp      *space
	whole   bool
	tables  [2]*object // the last table in each half
	refs    int        // speculative references of the script
	gone    bool
	listed  bool
	reached bool // a callback or an open batch leads to it
	lost    bool
}

// The machine's CPUs: one for the script and its callbacks, one for what hooks run meanwhile.
const (
	scriptCPU = iota
	hookCPU
	laneCPU // the first of those for allocations that are under way
	numCPU  = laneCPU + MaxBegun
)

// New puts together the machine for a script.
func New(s *Script, opt Options) (*Runner, error) {
	if opt.Variant == "" {
		opt.Variant = pgalloc.Pinned
	}
	r := &Runner{
		script: s, opt: opt,
		names: map[string]*object{}, byPFN: map[kern.PFN]int{}, crstByPFN: map[kern.PFN]int{},
	}
	r.hooks.r = r
	r.m = kern.NewMachine(kern.Config{
		CPUs: numCPU, Checks: !opt.NoChecks, Contents: true, Scheduler: &r.hooks, Report: r.report,
	})
	r.m.Describe(r.describe)
	var err error
	r.sys, err = pgalloc.New(r.m, pgalloc.Config{
		Variant: opt.Variant, Pin: opt.Pin, MaxBatch: opt.MaxBatch,
		Quarantine: math.MaxInt32, // a freed mm stays one, so that its late users are found
		PageEvent:  r.pageEvent,
	})
	if err != nil {
		return nil, err
	}
	r.rcu = rcuhead.NewStepped(r.m)
	for i := range numCPU {
		r.m.CPU(i).Task = "script"
	}
	r.m.CPU(hookCPU).Task = "hook"
	return r, nil
}

// Name is the variant the script runs on, with a pin that is not the default behind a slash.
func (r *Runner) Name() string { return r.sys.Name() }

// Script returns the script.
func (r *Runner) Script() *Script { return r.script }

// Violations returns what was found wrong so far. A Violation's Step is the operation it happened in, from 1.
func (r *Runner) Violations() []*kern.Violation { return r.violations }

// Stats returns the allocator's counts.
func (r *Runner) Stats() pgalloc.Stats { return r.sys.Stats() }

// LiveMMs returns how many mms exist.
func (r *Runner) LiveMMs() int { return r.sys.MMs.Live() }

// Run runs the script to its end and calls f, if it is not nil, with the state after each operation.
func (r *Runner) Run(f func(*State) error) error {
	for {
		s, err := r.Step()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if f != nil {
			if err := f(s); err != nil {
				return err
			}
		}
	}
}

// Step runs one operation. It returns io.EOF at the end of the script, which a fatal error brings early, and an *Error
// if the operation names what is not there; the script cannot go on then.
func (r *Runner) Step() (*State, error) {
	if r.failed != nil {
		return nil, r.failed
	}
	if r.next == len(r.script.Ops) || r.err != "" {
		r.closeLanes()
		return nil, io.EOF
	}
	i := r.next
	op := &r.script.Ops[i]
	r.next++
	r.hooks.ran = nil
	ret, err := r.exec(r.m.CPU(scriptCPU), op)
	if err == nil && r.hooks.failed != nil {
		err = r.hooks.failed
	}
	if err != nil {
		r.failed = err
		r.closeLanes()
		return nil, err
	}
	s := r.snapshot(i, op, ret)
	if !r.opt.NoChecks && r.err == "" {
		r.checkLost(s)
		r.checkCounts(s.Op)
	}
	s.Hooks, s.Waiting = r.hooks.ran, len(r.hooks.queue)
	s.Violations = r.violations[r.reported:len(r.violations):len(r.violations)]
	r.reported = len(r.violations)
	s.Corrupt, s.Err = r.corrupt, r.err
	return s, nil
}

// pageEvent gives a page its id when page_table_alloc takes it, and notes its end.
func (r *Runner) pageEvent(_ *kern.CPU, p pgalloc.Page, allocated bool) {
	if allocated {
		id := len(r.pages)
		r.pages = append(r.pages, &page{id: id, page: p})
		r.live = append(r.live, id)
		r.byPFN[p.PFN()] = id
		return
	}
	id := r.pageID(p.PFN())
	if i, ok := slices.BinarySearch(r.live, id); ok {
		r.live = slices.Delete(r.live, i, i+1)
	}
	r.pages[id].gone, r.pages[id].listed = true, false
	r.freed = append(r.freed, id)
}

// crstFreed notes that the page allocator got a block of four frames back.
func (r *Runner) crstFreed(p kern.PFN) {
	id, ok := r.crstByPFN[p]
	if !ok {
		return
	}
	delete(r.crstByPFN, p)
	if i, ok := slices.BinarySearch(r.liveCRSTs, id); ok {
		r.liveCRSTs = slices.Delete(r.liveCRSTs, i, i+1)
	}
}
