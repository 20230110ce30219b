package conform

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
	"ptsim/tlbgather"
)

// Options say which version of the allocator a log is held against.
type Options struct {
	Variant pgalloc.Variant // "" is the one that the log is of
	Pin     pgalloc.Pin     // for pgalloc.Pinned; "" is pgalloc.PinHalf
}

// half is a page table as the log names it.
type half struct{ page, half int }

// replay is a log on its way through the model.
type replay struct {
	*machine
	log *Log
	res *Result
	at  int // the record under way

	mms    map[int]*space
	pages  map[int]pgalloc.Page // the model's page for each of the kernel's, until it is released
	names  map[pgalloc.Page]int // and back; a page that the model alone has is in none
	tables map[half]kern.Phys   // allocated
	gone   map[half]kern.Phys   // in a gather, a batch or on its way out of one

	batches map[kern.Phys]*batch     // by table, as long as it is in one
	begun   []int                    // the sizes of the callbacks that began, and that no batch was found for yet
	called  map[kern.Phys]half       // what the log calls a table that is pending
	ahead   map[half]removal         // tables removed before their record came
	owed    map[half][]pgalloc.Mask  // what removals without a record left, oldest first
	freeing map[pgalloc.Page][]*free // page_table_free that has yet to take its pending mark back
	waiting map[int][]*batch         // by record, the batches that wait for it
	taken   map[int]bool             // records to come that are done already, because others saw what they did

	fresh   bool // the operation under way took a fresh page
	stopped bool
}

// space is an mm.
type space struct {
	id     int
	mm     mmctx.MM
	gather tlbgather.Gather
	misses []*allocation // page_table_alloc between its two locks, oldest first
	last   []int         // its last records
}

// allocation is a page_table_alloc that found nothing on the list, or should have.
type allocation struct {
	run   *run
	table kern.Phys // once it has returned
}

// free is a page_table_free that has released the lock.
type free struct {
	of   *space
	run  *run
	half int
}

// removal is what __tlb_remove_table left.
type removal struct {
	page     pgalloc.Page
	name     int // the page in the log, -1 for one that the model alone has
	mask     pgalloc.Mask
	released bool
}

// Replay does what the log says on the model and compares each decision. It fails if the version cannot be held against
// such a log at all; what the model decides otherwise is in the Result. If ctx ends, the Result is of the records so far, and comes with
// the error of ctx.
func Replay(ctx context.Context, l *Log, opt Options) (*Result, error) {
	if opt.Variant == "" {
		opt.Variant = pgalloc.Classic
		if l.Whole {
			opt.Variant = pgalloc.FullPage
		}
	}
	if err := l.fits(opt.Variant); err != nil {
		return nil, err
	}
	r := &replay{
		log: l, mms: map[int]*space{}, pages: map[int]pgalloc.Page{}, names: map[pgalloc.Page]int{},
		tables: map[half]kern.Phys{}, gone: map[half]kern.Phys{}, batches: map[kern.Phys]*batch{},
		called: map[kern.Phys]half{}, ahead: map[half]removal{}, owed: map[half][]pgalloc.Mask{}, freeing: map[pgalloc.Page][]*free{},
		waiting: map[int][]*batch{}, taken: map[int]bool{},
	}
	var err error
	if r.machine, err = newMachine(opt.Variant, opt.Pin, r.violation, r.pageEvent); err != nil {
		return nil, err
	}
	r.queued = r.newBatch
	r.m.Describe(func(v *kern.Violation) {
		if n, ok := r.names[pgalloc.Page(r.m.PageOf(v.Addr))]; ok {
			v.Object = fmt.Sprintf("p%d", n)
		}
	})
	r.res = &Result{File: l.Name, Variant: r.sys.Name()}
	defer r.close()
	err = r.run(ctx)
	r.res.sort()
	return r.res, err
}

// fits tells why a version cannot have made such a log.
func (l *Log) fits(v pgalloc.Variant) error {
	switch {
	case l.Whole && v != pgalloc.FullPage:
		return fmt.Errorf("%s: a log of v6.7 on, in which each table has a page to itself; expected --variant fullpage, not %s", l.Name, v)
	case !l.Whole && v == pgalloc.FullPage:
		return fmt.Errorf("%s: a log of pages with two tables; expected --variant classic or another variant that has them, not fullpage", l.Name)
	}
	return nil
}

// run goes through the records.
func (r *replay) run(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s, ok := p.(stuck)
			if !ok {
				panic(p)
			}
			r.over = true
			r.disagree("goes on", fmt.Sprintf("waits for ever for the lock at %#x", uint32(s.lock)))
		}
	}()
	for i := range r.log.Records {
		if i%4096 == 0 && ctx.Err() != nil {
			r.res.Interrupted = r.log.Records[i].Line
			return ctx.Err()
		}
		if r.taken[i] {
			delete(r.taken, i)
			continue
		}
		if err := r.record(i); err != nil {
			return err
		}
		if r.stopped {
			r.res.Stopped = r.log.Records[i].Line
			return nil
		}
	}
	return nil
}

// errLanes ends a replay in which more allocations are under way than any machine has CPUs.
var errLanes = errors.New("too many operations under way")

// record does one record.
func (r *replay) record(i int) error {
	r.at = i
	rec := &r.log.Records[i]
	if rec.Kind == MM {
		c := r.cpu()
		sp := &space{id: rec.MM, mm: r.sys.MMs.Alloc(c, rec.MM)}
		sp.gather = r.sys.TLB.Gather(sp.mm)
		r.mms[rec.MM] = sp
	}
	if rec.Kind != Batch {
		sp := r.mms[rec.MM]
		if sp.last = append(sp.last, i); len(sp.last) > 2*lastRecords {
			sp.last = slices.Delete(sp.last, 0, lastRecords)
		}
	}
	if r.overdue(rec) {
		r.judge(true, "", "")
		return nil
	}
	if rec.Page >= 0 && !r.log.Whole {
		if err := r.settle(rec); err != nil {
			return err
		}
	}
	err := r.do(rec)
	if err != nil {
		return &Error{
			File: r.log.Name, Line: rec.Line, What: fmt.Sprintf("more than %d operations under way at once", lanes),
			Expected: "a hit or an add after each look",
		}
	}
	return r.letGo(i)
}

func (r *replay) cpu() *kern.CPU { return r.m.CPU(mainCPU) }

func (r *replay) do(rec *Record) error {
	sp := r.mms[rec.MM]
	switch rec.Kind {
	case Look:
		return r.look(sp, rec)
	case Hit:
		r.hit(sp, rec)
	case Add:
		r.add(sp, rec)
	case Alloc:
		r.alloc(sp, rec)
	case Free:
		return r.free(sp, rec)
	case RCU:
		r.freeRCU(sp, rec)
	case Flush:
		sp.gather.Finish(r.cpu())
	case Batch:
		if r.begun = append(r.begun, rec.NR); len(r.begun) > 2*lanes {
			r.begun = slices.Delete(r.begun, 0, lanes)
		}
	case Remove:
		return r.remove(rec)
	case Drop:
		r.drop(sp)
	}
	return nil
}

// pageEvent hears of the model's pages.
func (r *replay) pageEvent(p pgalloc.Page, allocated bool) {
	if allocated {
		r.fresh = true
		return
	}
	if n, ok := r.names[p]; ok {
		delete(r.names, p)
		delete(r.pages, n)
	}
}

// violation hears of what the model itself finds wrong.
func (r *replay) violation(v *kern.Violation) {
	if r.over {
		return
	}
	r.disagree("goes on", v.Sentence())
	switch v.Kind {
	case pgalloc.IllegalMask, pgalloc.ListMismatch, pgalloc.BadHandout, kern.Warned:
	default:
		r.stopped = true
	}
}
