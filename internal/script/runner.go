package script

import (
	"io"
	"math"

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

	spaces map[int]*space // by number, freed ones included
	names  map[string]*object

	pages []*page // by id
	live  idList  // the pages that are not free
	byPFN []int32 // the id of the page in a frame and 1, 0 if it never was one of ours
	freed []int

	crsts     idList
	crstByPFN map[kern.PFN]int

	tracker

	violations []*kern.Violation // the first keptViolations
	fresh      []*kern.Violation // of the operation that runs
	found      int
	corrupt    bool
	err        string
}

// keptViolations is how many violations a Runner keeps.
const keptViolations = 256

// space is an mm of the script.
type space struct {
	id    int
	mm    mmctx.MM
	lock  kern.Addr // context.lock
	grabs int32     // mmgrabs that no mmdrop took back

	pgste   bool
	exited  bool
	counted bool // its mm_count was found wrong

	*tables // nil until there is one: very many mms may be made that have none
	seenSpace
}

// tables are the tables of an mm.
type tables struct {
	gather  tlbgather.Gather // the one that tlbfree, crsttlb and flush use
	objects []*object        // all that was allocated, in order
	pages   int              // page tables that were ever asked for
	listed  int              // pages on the list
	steps   []ListStep       // what happened to the list in this operation
	batch   kern.Addr        // the open batch as the last Change had it
	entries []Entry          // the tables in it
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
	sp    *space
	page  *page  // of a page table
	lane  *lane  // of one that is begun
	seg   uint64 // the segment the table would map
	addr  kern.Phys
	line  int32
	crst  bool
	state objectState
}

// page is a page that page_table_alloc took, from then until the page allocator has it back.
type page struct {
	id     int32
	page   pgalloc.Page
	sp     *space
	tables [2]*object // the last table in each half
	refs   int32      // speculative references of the script
	whole  bool
	gone   bool
	lost   bool

	seenPage
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
		spaces: map[int]*space{}, names: map[string]*object{}, crstByPFN: map[kern.PFN]int{},
		tracker: newTracker(),
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

// Violations returns what was found wrong so far, the first 256 if it is more. A Violation's Step is the operation it
// happened in, from 1.
func (r *Runner) Violations() []*kern.Violation { return r.violations }

// Found returns how many violations there were.
func (r *Runner) Found() int { return r.found }

// Stats returns the allocator's counts.
func (r *Runner) Stats() pgalloc.Stats { return r.sys.Stats() }

// LiveMMs returns how many mms exist.
func (r *Runner) LiveMMs() int { return r.sys.MMs.Live() }

// Run runs the script to its end and calls f, if it is not nil, with the state after each operation. A state costs as
// much as the machine is large: Each is for long scripts.
func (r *Runner) Run(f func(*State) error) error {
	return r.Each(func(ch *Change) error {
		if f == nil {
			return nil
		}
		return f(r.State())
	})
}

// Each runs the script to its end and calls f with what each operation changed.
func (r *Runner) Each(f func(*Change) error) error {
	for {
		ch, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := f(ch); err != nil {
			return err
		}
	}
}

// Step is Next for those who want the whole State.
func (r *Runner) Step() (*State, error) {
	if _, err := r.Next(); err != nil {
		return nil, err
	}
	return r.State(), nil
}

// Next runs one operation and returns what it changed, valid until the next. It returns io.EOF at the end of the script,
// which a fatal error brings early, and an *Error if the operation names what is not there; the script cannot go on then.
func (r *Runner) Next() (*Change, error) {
	if r.failed != nil {
		return nil, r.failed
	}
	if r.next == len(r.script.Ops) || r.err != "" {
		r.closeLanes()
		return nil, io.EOF
	}
	op := &r.script.Ops[r.next]
	r.next++
	r.hooks.ran = nil
	r.begin()
	ret, err := r.exec(r.m.CPU(scriptCPU), op)
	if err == nil && r.hooks.failed != nil {
		err = r.hooks.failed
	}
	if err != nil {
		r.failed = err
		r.closeLanes()
		return nil, err
	}
	r.change(op, ret)
	return &r.ch, nil
}

// pageEvent gives a page its id when page_table_alloc takes it, and notes its end.
func (r *Runner) pageEvent(_ *kern.CPU, p pgalloc.Page, allocated bool) {
	if allocated {
		id := r.live.add()
		r.pages = append(r.pages, &page{id: int32(id), page: p})
		for len(r.byPFN) <= int(p.PFN()) {
			r.byPFN = append(r.byPFN, 0)
		}
		r.byPFN[p.PFN()] = int32(id) + 1
		r.touchPage(r.pages[id])
		return
	}
	id := r.pageID(p.PFN())
	if id < 0 || r.pages[id].gone {
		return
	}
	r.live.remove(id)
	r.pages[id].gone = true
	r.freed = append(r.freed, id)
	r.touchPage(r.pages[id])
}

// crstFreed notes that the page allocator got a block of four frames back.
func (r *Runner) crstFreed(p kern.PFN) {
	id, ok := r.crstByPFN[p]
	if !ok {
		return
	}
	delete(r.crstByPFN, p)
	r.crsts.remove(id)
	r.ch.CRSTGone = append(r.ch.CRSTGone, id)
}
