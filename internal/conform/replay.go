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

// look compares the list before an allocation, and takes the decision if it is to pass the list over. One that is to
// take a half does so when its hit comes: the mask may change under it until then, and a mark may go.
func (r *replay) look(sp *space, rec *Record) error {
	have, kernel := r.head(sp), "the list is empty"
	if rec.Page >= 0 {
		kernel = fmt.Sprintf("the first page of the list is p%d, %s", rec.Page, maskText(rec.Mask))
	}
	model := have.first()
	same := kernel == model
	if !rec.hit && !rec.open {
		a := &allocation{}
		a.run = r.start(passedOver, func(c *kern.CPU) { a.table = r.sys.PT.PageTableAlloc(c, sp.mm) })
		if a.run == nil {
			return errLanes
		}
		sp.misses = append(sp.misses, a)
		if a.run.ended {
			kernel, model, same = kernel+", and it takes a fresh page", model+", and it takes "+r.name(a.table), false
		}
	}
	r.judge(same, kernel, model)
	return nil
}

// hit takes a half of the first page of the list.
func (r *replay) hit(sp *space, rec *Record) {
	r.fresh = false
	t := r.sys.PT.PageTableAlloc(r.cpu(), sp.mm)
	r.tables[half{rec.Page, rec.Half}] = t
	r.compare(rec, t, r.peek(pgalloc.PageOf(t)), !r.fresh, "takes")
}

// add brings an allocation that passed the list over to its end.
func (r *replay) add(sp *space, rec *Record) {
	a := sp.misses[0]
	sp.misses = sp.misses[1:]
	r.fresh = false
	a.run.finish()
	p := pgalloc.PageOf(a.table)
	r.tables[half{rec.Page, 0}] = a.table
	kernel := fmt.Sprintf("takes a fresh page, p%d, and puts it at the head of the list", rec.Page)
	if !r.fresh {
		r.judge(false, kernel, "takes "+r.name(a.table))
		return
	}
	r.pages[rec.Page], r.names[p] = p, rec.Page
	ok := a.table.Half() == 0 && r.peek(p) == pgalloc.A && r.head(sp).page == p
	r.judge(ok, kernel, fmt.Sprintf("takes %s, %s, and the list is %s", r.name(a.table), maskText(r.peek(p)), r.list(sp)))
}

// alloc takes a page for one table.
func (r *replay) alloc(sp *space, rec *Record) {
	r.fresh = false
	t := r.sys.PT.PageTableAlloc(r.cpu(), sp.mm)
	p := pgalloc.PageOf(t)
	r.tables[half{rec.Page, -1}] = t
	r.pages[rec.Page], r.names[p] = p, rec.Page
	var words [2]uint64
	for i := range words {
		words[i] = r.cpu().ReadEntry(p.PFN(), i*kern.PTRSPerPTE)
	}
	kernel, model := "takes a fresh page", "takes a page that is not fresh"
	if r.fresh {
		model = kernel
	}
	if rec.Words {
		kernel += fmt.Sprintf(", with %#x and %#x in it", rec.Word[0], rec.Word[1])
		model += fmt.Sprintf(", with %#x and %#x in it", words[0], words[1])
	}
	r.judge(kernel == model, kernel, model)
}

// free is page_table_free. It stops between its two steps for as long as the next record about the page shows the
// pending mark yet.
func (r *replay) free(sp *space, rec *Record) error {
	t, ok := r.take(rec)
	if !ok {
		return nil
	}
	p := pgalloc.PageOf(t)
	f := &free{of: sp, half: int(t.Half())}
	f.run = r.start(unlocked(), func(c *kern.CPU) { r.sys.PT.PageTableFree(c, sp.mm, t) })
	if f.run == nil {
		return errLanes
	}
	if r.log.Whole {
		r.released(rec, p)
		return nil
	}
	r.compare(rec, t, r.peek(p), true, "leaves")
	shown := rec.next != 0 && r.log.Records[rec.next].before().Pending(f.half32())
	if !shown && len(r.waiting[r.at]) == 0 { // else a removal that waits for this one says when
		f.run.finish()
		return nil
	}
	r.freeing[p] = append(r.freeing[p], f)
	return nil
}

func (f *free) half32() uint32 { return uint32(f.half) }

// freeRCU is page_table_free_rcu.
func (r *replay) freeRCU(sp *space, rec *Record) {
	t, ok := r.take(rec)
	if !ok {
		return
	}
	k := half{rec.Page, rec.Half}
	if _, done := r.ahead[k]; done { // its last removal has no record
		delete(r.ahead, k)
		r.res.Unrecorded++
	}
	r.gone[k], r.called[t] = t, k
	r.sys.PT.PageTableFreeRCU(r.cpu(), &sp.gather, t, 0)
	if r.log.Whole {
		r.judge(r.named(rec, t), fmt.Sprintf("frees p%d", rec.Page), "frees "+r.name(t))
		return
	}
	r.compare(rec, t, r.peek(pgalloc.PageOf(t)), true, "leaves")
}

// take returns the table that a record frees.
func (r *replay) take(rec *Record) (kern.Phys, bool) {
	k := half{rec.Page, rec.Half}
	t, ok := r.tables[k]
	if !ok {
		r.judge(false, "frees "+k.String(), "has no such table allocated")
		return 0, false
	}
	delete(r.tables, k)
	return t, true
}

// drop is __mmdrop.
func (r *replay) drop(sp *space) {
	for p, list := range r.freeing {
		if list[0].of != sp {
			continue
		}
		for _, f := range list {
			f.run.finish()
		}
		delete(r.freeing, p)
	}
	h := r.head(sp)
	if r.judge(h.page == 0, "the list is empty", "the list is "+r.list(sp)); h.page != 0 {
		return // it would be used after it is freed
	}
	c := r.cpu()
	if r.sys.MMs.Put(c, sp.mm) {
		r.sys.MMs.Drop(c, sp.mm)
	}
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
