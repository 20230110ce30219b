package explore

import (
	"ptsim/kern"
	weakmem "ptsim/memory"
)

// What the machine of a weak memory model must be told of beside accesses and barriers: grace periods, callbacks and work items that
// begin and end, readers, and words that the emulator itself changes.

// grace tells the machine of what orders by waiting: a grace period, or the end of callbacks and work items.
func (w *weak) grace(t int, n *node, k kern.OpKind) {
	op := weakmem.Op{}
	switch k {
	case kern.OpSyncRCU:
		op.Kind = weakmem.GraceStart
	case kern.OpSyncRCUEnd:
		op.Kind = weakmem.GraceEnd
	case kern.OpRCUBarrierEnd:
		op.Kind = weakmem.Await
	case kern.OpFlushWorkEnd, kern.OpCancelWorkEnd:
		op.Kind, op.Word = weakmem.Await, 1
	case kern.OpCallRCU:
		op.Kind, op.Word = weakmem.CallRCU, int(n.slot)
	case kern.OpQueueWork:
		op.Kind, op.Word = weakmem.QueueWork, maxSlots+int(n.slot)
	}
	w.machine.Do(t, &op, weakmem.Way{})
}

// begin has a server begin a callback or a work item.
func (w *weak) begin(t, slot int) {
	w.save()
	if w.s.x.threads[t].role == kworker {
		slot += maxSlots
	}
	w.machine.Do(t, &weakmem.Op{Kind: weakmem.Begin, Word: slot}, weakmem.Way{})
	w.threads[t] = weakThread{}
}

// moved notes that a thread has come from one place to another: it may have become a reader or be none any more, or have ended.
func (w *weak) moved(t int, from, to *node) {
	if from.reader == to.reader && !to.over() {
		return
	}
	w.save()
	switch {
	case !from.reader && to.reader:
		w.machine.Do(t, &weakmem.Op{Kind: weakmem.ReadLock}, weakmem.Way{})
	case from.reader && !to.reader:
		w.machine.Do(t, &weakmem.Op{Kind: weakmem.ReadUnlock}, weakmem.Way{})
	}
	if to.over() {
		switch w.s.x.threads[t].role {
		case task:
			w.machine.Finish(t)
		case softirq:
			w.machine.End(t, 0)
		case kworker:
			w.machine.End(t, 1)
		}
		w.threads[t] = weakThread{}
	}
}

// buries notes that a word is one of memory that is free.
func (w *weak) buries(a kern.Addr) {
	if w == nil {
		return
	}
	w.table.mu.Lock()
	n, ok := w.table.words[a]
	w.table.mu.Unlock()
	if ok && len(w.machine.Stores(n)) > 1 {
		w.save()
		w.lapses(n)
		w.machine.Reset(n, w.relative(a, w.s.m.Peek(a)))
	}
}

// wrote notes that a word was changed by other means than a primitive that touches it: by an allocator, or by RCU.
func (w *weak) wrote(a kern.Addr) {
	if w.within || int(a) >= len(w.s.init) {
		return
	}
	w.save()
	w.lapses(w.word(a))
	w.machine.Reset(w.word(a), w.relative(a, w.s.m.Peek(a)))
}
