package explore_test

import (
	"maps"

	"ptsim/kern"
)

// canceled is what a work item holds that somebody cancels: no function has that address.
func (l *brutePlaces) canceled() uint32 { return uint32(l.funcs[bruteWork]) + 0x123 }

// runner returns the kworker that runs a work item, or -1.
func (r *bruteRun) runner(item kern.Addr) int {
	for u := range r.roles {
		if th := &r.m.threads[u]; r.roles[u] == bruteWorker && th.busy && th.seen.self == item {
			return u
		}
	}
	return -1
}

// cancel is a half of cancel_work_sync.
func (r *bruteRun) cancel(t int, op kern.Op) uint32 {
	n := int(op.Addr-r.shared-bruteItems) / 2
	if !r.touch(t, op.Addr, true, false) || !r.touch(t, op.Addr+1, true, false) {
		return 0
	}
	if op.Kind == kern.OpCancelWorkEnd {
		r.c.cancels(t)
		r.put(op.Addr+1, 0)
		return 0
	}
	runner, was := r.runner(op.Addr), uint32(1)
	if runner == t {
		r.report(kern.SelfDeadlock)
		return 0
	}
	if runner >= 0 {
		r.m.runs[t] |= 1 << runner
	}
	if r.m.work[n] {
		r.m.work[n], was = false, 2
		r.c.beginsWork(t, n)
		for u := range r.m.flushes {
			r.m.flushes[u] &^= 1 << n
		}
	}
	r.c.idle(t, n)
	r.c.cancels(t)
	r.put(op.Addr, 0)
	r.put(op.Addr+1, r.canceled())
	return was
}

// cancels is either half: test_and_set_bit at the beginning, smp_mb at the end.
func (c *bruteClocks) cancels(t int) {
	if c != nil {
		c.barrier(t)
	}
}

// bruteCanceled are programs on purpose for cancel_work_sync.
var bruteCanceled = map[string]*bruteProgram{
	"a work item that is canceled, pending or not": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpQueueWork}, {kind: kern.OpCancelWork}, {kind: kern.OpRead, x: 1}}}},
		{{code: []bruteInstr{{kind: kern.OpAdd, x: 2, y: 1}}}},
	}, fns: [bruteFns][]bruteInstr{bruteWork: {{kind: kern.OpAdd, x: 1, y: 1}, {kind: kern.OpAdd, x: 1, y: 1}}}},
	"a work item that queues itself is canceled": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpQueueWork}, {kind: kern.OpCancelWork}, {kind: kern.OpStore, x: 3, y: 1}}}},
	}, fns: [bruteFns][]bruteInstr{bruteWork: {{kind: kern.OpStore, x: 3, y: 2}, {kind: kern.OpAddUnless, x: 1, y: 1}, {kind: kern.OpQueueWork, when: ifNot}}}},
	"two cancel an item that runs": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpQueueWork}, {kind: kern.OpCancelWork}, {kind: kern.OpQueueWork}}}},
		{{code: []bruteInstr{{kind: kern.OpCancelWork}, {kind: kern.OpRead, x: 1}}}},
	}, fns: [bruteFns][]bruteInstr{bruteWork: {{kind: kern.OpAdd, x: 1, y: 1}}}},
	"an item is canceled that another flushes": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpQueueWork}, {kind: kern.OpFlushWork}, {kind: kern.OpRead, x: 1}}}},
		{{code: []bruteInstr{{kind: kern.OpCancelWork}, {kind: kern.OpQueueWork}}}},
	}, fns: [bruteFns][]bruteInstr{bruteWork: {{kind: kern.OpAdd, x: 1, y: 1}}}},
	"a work item that cancels itself, or another": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpQueueWork}, {kind: kern.OpQueueWork, x: 1}, {kind: kern.OpCancelWork, x: 1}}}},
	}, fns: [bruteFns][]bruteInstr{bruteWork: {{kind: kern.OpAdd, x: 1}, {kind: kern.OpCancelWork}}}},
	"what was queued is not done any more": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpStore, x: 3, y: 1}, {kind: kern.OpQueueWork}}}},
		{{code: []bruteInstr{{kind: kern.OpCancelWork}, {kind: kern.OpLoad, x: 3, when: ifNot}}}},
	}},
}

func init() { maps.Copy(bruteDirected, bruteCanceled) }
