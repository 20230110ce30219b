package conform

import "ptsim/pgalloc"

// settle brings the page of a record to the state that the kernel found it in. Two steps take no lock, so another CPU's record
// can stand on the wrong side of theirs. The masks tell.
//
//   - page_table_free takes its pending mark back, and no record says when: at the latest when one shows the mark gone.
//   - __tlb_remove_table turns the mark off, and its probe fires a moment later. Another CPU may have seen the new mask
//     by then: the removal is done ahead of its record. Or it may have changed the mask before the removal did, with its
//     own probe late: the removal waits for that record.
func (r *replay) settle(rec *Record) error {
	p, ok := r.pages[rec.Page]
	if !ok {
		return nil
	}
	want := rec.before()
	list := r.freeing[p]
	for len(list) > 0 && !want.Pending(list[0].half32()) {
		list[0].run.finish()
		list = list[1:]
		r.freeing[p] = list
	}
	if len(list) == 0 {
		delete(r.freeing, p)
	}
	have := r.peek(p)
	if have == want {
		return nil
	}
	if did, err := r.unblock(rec, have, want); did || err != nil {
		return err
	}
	if !r.removeAhead(rec, have, want) {
		r.holdBack(rec, have, want)
	}
	return nil
}

// unblock lets a batch go on that waits for a record to come, because this one has seen what the batch did since. So the
// record that it waits for was late by more than this one: it is done now, and not again.
func (r *replay) unblock(rec *Record, have, want pgalloc.Mask) (did bool, err error) {
	for h := range 2 {
		t, pending := r.gone[half{rec.Page, h}]
		if !pending || have^pgalloc.P<<h != want {
			continue
		}
		if b := r.batches[t]; b != nil && b.held > 0 {
			at, first := r.at, b.held
			r.taken[first] = true
			err = r.record(first)
			r.at = at
			return true, err
		}
	}
	return false, nil
}

// removeAhead does a removal that was done before the record, and reported after it or never: its mark is gone. It must be
// in a batch whose callback has begun, or begins at once: a probe reads a mask a moment after its record got its time.
func (r *replay) removeAhead(rec *Record, have, want pgalloc.Mask) bool {
	for h := range 2 {
		k := half{rec.Page, h}
		t, pending := r.gone[k]
		if !pending || have^pgalloc.P<<h != want {
			continue
		}
		if _, done := r.ahead[k]; done {
			continue
		}
		b := r.batches[t]
		if b == nil || b.held > 0 || b.run == nil && r.begunFor(len(b.tables)) == nobody {
			continue
		}
		late := r.lateRemoval(rec, h)
		if late == nil && r.res.Disagree > 0 {
			continue // masks prove nothing any more
		}
		if late != nil && late.Mask != want || !r.removeUpTo(b, t) {
			continue
		}
		if late != nil {
			r.res.PutRight++
			return true
		}
		delete(r.ahead, k)
		delete(r.gone, k)
		r.owed[k] = append(r.owed[k], want)
		r.res.Unrecorded++
		return true
	}
	return false
}

// overdue tells whether the record is that of a removal done long ago: the half has been handed out and freed since, and
// neither its mask nor a callback is that of the next removal.
func (r *replay) overdue(rec *Record) bool {
	k := half{rec.Page, rec.Half}
	if rec.Kind != Remove || len(r.owed[k]) == 0 || r.owed[k][0] != rec.Mask {
		return false
	}
	if p, ok := r.pages[rec.Page]; ok && r.peek(p) == rec.before() {
		if b := r.batches[r.gone[k]]; b != nil && (b.run != nil || r.underWay(len(b.tables)) >= 0) {
			return false
		}
	}
	r.owed[k] = r.owed[k][1:]
	r.res.Unrecorded--
	r.res.PutRight++
	return true
}

// lateRemoval returns the record of the removal of a half that comes after another one about the page, nil if there is
// none before the half is freed again.
func (r *replay) lateRemoval(rec *Record, h int) *Record {
	for d := rec; d.next != 0; {
		d = &r.log.Records[d.next]
		if d.Half != h {
			continue
		}
		switch d.Kind {
		case Remove:
			return d
		case Free, RCU:
			return nil
		}
	}
	return nil
}

// holdBack has a removal wait for a record after it that was done before it. The rest of its batch waits, too: it is on
// the same CPU.
func (r *replay) holdBack(rec *Record, have, want pgalloc.Mask) {
	if rec.Kind != Remove || rec.next == 0 {
		return
	}
	d := &r.log.Records[rec.next]
	t, pending := r.gone[half{rec.Page, rec.Half}]
	if !d.locked() || d.before() != have || d.Mask != want || !pending {
		return
	}
	if b := r.batches[t]; b != nil && b.held == 0 {
		b.held = rec.next
		r.waiting[rec.next] = append(r.waiting[rec.next], b)
		r.res.PutRight++
	}
}

// letGo does the removals that waited for a record.
func (r *replay) letGo(i int) error {
	list := r.waiting[i]
	delete(r.waiting, i)
	for _, b := range list {
		b.held = 0
		queue := b.queue
		b.queue = nil
		for _, j := range queue {
			if err := r.record(j); err != nil {
				return err
			}
		}
	}
	return nil
}
