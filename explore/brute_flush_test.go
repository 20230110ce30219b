package explore_test

import (
	"maps"

	"ptsim/kern"
)

// flush is a half of flush_work. Who waits has seen to it before that nothing is left to wait for.
func (r *bruteRun) flush(t int, op kern.Op) uint32 {
	n := int(op.Addr-r.shared-bruteItems) / 2
	if op.Kind == kern.OpFlushWorkEnd {
		r.c.flushed(t)
		return 0
	}
	if !r.touch(t, op.Addr, false, false) || !r.touch(t, op.Addr+1, false, false) {
		return 0
	}
	runner := r.runner(op.Addr)
	switch {
	case runner == t:
		r.report(kern.SelfDeadlock)
	case r.m.work[n]:
		r.m.flushes[t] |= 1 << n
	case runner >= 0:
		r.m.runs[t] |= 1 << runner
	default:
		r.c.idle(t, n)
		return 0
	}
	return 1
}

// begins has those who flush a pending item wait for the kworker that begins it.
func (r *bruteRun) begins(t, item int) {
	for u := range r.m.flushes {
		if r.m.flushes[u]&(1<<item) != 0 {
			r.m.flushes[u] = 0
			r.m.runs[u] |= 1 << t
		}
	}
}

// workOver is the end of a work item that t has run.
func (c *bruteClocks) workOver(t int, item kern.Addr) {
	if c != nil && c.w.roles[t] == bruteWorker {
		c.publish(&c.done[(item-c.w.shared-bruteItems)/2], t)
	}
}

// idle is flush_work of an item that has run: the lock of the worker pool has passed on what it did.
func (c *bruteClocks) idle(t, item int) {
	if c != nil {
		c.know[t].join(&c.done[item])
	}
}

// flushed is the end of flush_work: it takes a lock, behind the one of the worker pool that it has released.
func (c *bruteClocks) flushed(t int) {
	if c != nil {
		c.know[t].join(&c.promised[t])
	}
}

// bruteFlushed are programs on purpose for flush_work.
var bruteFlushed = map[string]*bruteProgram{
	"a work item that is flushed while it runs and is pending": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpQueueWork}, {kind: kern.OpQueueWork}, {kind: kern.OpFlushWork}, {kind: kern.OpRead, x: 1}}}},
		{{code: []bruteInstr{{kind: kern.OpFlushWork}, {kind: kern.OpRead, x: 1}}}},
	}, fns: [bruteFns][]bruteInstr{bruteWork: {{kind: kern.OpAdd, x: 1, y: 1}, {kind: kern.OpAdd, x: 1, y: 1}}}},
	"a work item that takes what is held where it is flushed": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpMutexLock}, {kind: kern.OpQueueWork}, {kind: kern.OpFlushWork}, {kind: kern.OpMutexUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpFlushWork, x: 1}, {kind: kern.OpQueueWork, x: 1}}}},
	}, fns: [bruteFns][]bruteInstr{bruteWork: {{kind: kern.OpMutexLock}, {kind: kern.OpMutexUnlock}}}},
	"a work item that flushes itself, or another": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpQueueWork}, {kind: kern.OpQueueWork, x: 1}, {kind: kern.OpFlushWork, x: 1}}}},
	}, fns: [bruteFns][]bruteInstr{bruteWork: {{kind: kern.OpAdd, x: 1}, {kind: kern.OpFlushWork}}}},
	"what a work item did is seen where it is flushed": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpQueueWork}, {kind: kern.OpFlushWork}, {kind: kern.OpLoad, x: 3}}}},
		{{code: []bruteInstr{{kind: kern.OpFlushWork}}}},
	}, fns: [bruteFns][]bruteInstr{bruteWork: {{kind: kern.OpStore, x: 3, y: 1}}}},
}

func init() { maps.Copy(bruteDirected, bruteFlushed) }
