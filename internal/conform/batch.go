package conform

import (
	"fmt"

	"ptsim/kern"
	"ptsim/pgalloc"
)

// batch is a batch of the model's that was given to call_rcu. Its callback runs table by table, as the log says: two
// CPUs may be in two of them at once.
type batch struct {
	head   kern.Addr
	tables []kern.Phys
	names  []half // what the log calls them
	done   int    // how many were removed
	run    *run   // nil before it begins

	held  int   // the record that must come before its next one, 0 if none
	queue []int // records that wait for that
}

// newBatch hears of a batch that is given to call_rcu.
func (r *replay) newBatch(head kern.Addr) {
	b := &batch{head: head}
	r.sys.TLB.EachInBatch(head, func(t kern.Phys) {
		b.tables = append(b.tables, t.Untag())
		b.names = append(b.names, r.called[t.Untag()])
		r.batches[t.Untag()] = b
	})
}

// Where the record of a callback was found.
const (
	nobody  = -1
	soon    = 16      // how many records a batch's own may come after another CPU saw what it did
	further = 1 << 30 // from here on, the place of a record that is still to come
)

// begunFor returns which of the callbacks that the kernel began is one of so many tables, or of more, because segment and
// region tables, which the log is silent about, go through the same batches. It may be about to begin.
func (r *replay) begunFor(n int) int {
	if i := r.underWay(n); i >= 0 {
		return i
	}
	for i := r.at + 1; i < min(r.at+1+soon, len(r.log.Records)); i++ {
		if rec := &r.log.Records[i]; rec.Kind == Batch && rec.NR >= n && !r.taken[i] {
			return further + i
		}
	}
	return nobody
}

// underWay is begunFor without those that are about to begin. It returns the smallest that will do: a larger one does for
// whatever this one does.
func (r *replay) underWay(n int) int {
	found := nobody
	for i, nr := range r.begun {
		if nr >= n && (found < 0 || nr < r.begun[found]) {
			found = i
		}
	}
	return found
}

// begin begins the callback of a batch.
func (r *replay) begin(b *batch) bool {
	n := len(b.tables)
	kernel, found := "runs no callback of as many tables", r.begunFor(n)
	switch {
	case found >= further:
		r.taken[found-further] = true
		kernel = fmt.Sprintf("runs a batch of %d", r.log.Records[found-further].NR)
	case found >= 0:
		kernel = fmt.Sprintf("runs a batch of %d", r.begun[found])
		r.begun = append(r.begun[:found], r.begun[found+1:]...)
	}
	r.judgeKind(Batch, found != nobody, kernel, fmt.Sprintf("runs a batch of %d", n))
	b.run = r.start(r.between(b.head, n), func(c *kern.CPU) { r.call(c, b.head) })
	return b.run != nil
}

// remove is one __tlb_remove_table.
func (r *replay) remove(rec *Record) error {
	k := half{rec.Page, rec.Half}
	t, ok := r.gone[k]
	if !ok {
		r.judge(false, "removes "+k.String(), "has no such table pending")
		return nil
	}
	if b := r.batches[t]; b != nil && b.held > 0 {
		b.queue = append(b.queue, r.at)
		return nil
	}
	was, early := r.ahead[k]
	if !early {
		b := r.batches[t]
		if b == nil { // the kernel's batch was full before the model's, with tables that the log is silent about
			r.mms[rec.MM].gather.TLBTableFlush(r.cpu())
			b = r.batches[t]
		}
		if b == nil {
			r.judge(false, "removes "+k.String(), "has it in no batch")
			return nil
		}
		if !r.removeUpTo(b, t) {
			return errLanes
		}
		was = r.ahead[k]
	}
	delete(r.ahead, k)
	delete(r.gone, k)
	if r.log.Whole {
		r.released(rec, was.page)
		return nil
	}
	kernel, model := "leaves "+maskText(rec.Mask), "leaves "+maskText(was.mask)
	r.judge(was.name == rec.Page && was.mask == rec.Mask && was.released == (rec.Mask == 0), kernel, model)
	return nil
}

// removeUpTo has the callback of a batch go on until a table is removed, and notes what became of each.
func (r *replay) removeUpTo(b *batch, t kern.Phys) bool {
	if b.run == nil && !r.begin(b) {
		return false
	}
	for {
		next, name := b.tables[b.done], b.names[b.done]
		b.done++
		was := removal{page: pgalloc.PageOf(next), name: -1}
		if n, ok := r.names[was.page]; ok {
			was.name = n
		}
		b.run.resume()
		delete(r.batches, next)
		_, there := r.names[was.page]
		was.mask, was.released = r.peek(was.page), was.name >= 0 && !there
		r.ahead[name] = was
		if next == t {
			return true
		}
	}
}

// released compares whether a page of a log of whole pages is released.
func (r *replay) released(rec *Record, p pgalloc.Page) {
	_, there := r.pages[rec.Page]
	model := "releases it"
	if there {
		model = fmt.Sprintf("releases frame %d", p)
	}
	r.judge(!there, fmt.Sprintf("releases p%d", rec.Page), model)
}
