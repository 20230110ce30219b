package conform

import (
	"fmt"

	"ptsim/kern"
	"ptsim/pgalloc"
)

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
