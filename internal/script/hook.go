package script

import (
	"ptsim/kern"
)

// hooks is the machine's scheduler: it lets every primitive happen at once, but for one kind of place. Just before an
// RCU callback takes the context.lock of any mm, the other CPU runs all hooked operations that wait by then. What they
// queue with call_rcu joins the one queue behind what is there.
type hooks struct {
	r     *Runner
	queue []*Op

	running bool
	ran     []string
	failed  error
}

// Step is the scheduler's decision about one primitive.
func (h *hooks) Step(c *kern.CPU, op kern.Op) uint32 {
	switch op.Kind {
	case kern.OpSpinLock, kern.OpSpinLockBH:
		if len(h.queue) > 0 && c.InSoftirq() && !h.running && h.r.listAt[op.Addr] != nil {
			h.run()
		}
	}
	h.r.pause(c, op)
	queued := c.CallbacksQueued()
	result := c.Exec(op)
	h.r.note(op)
	if op.Kind == kern.OpCallRCU && c.CallbacksQueued() > queued {
		h.r.noteQueued(op)
	}
	if op.Kind == kern.OpPutPage && op.A > 0 && result != 0 {
		h.r.crstFreed(kern.PFN(op.Addr))
	}
	if h.r.opt.Observe != nil {
		h.r.opt.Observe(h.r.next, c, op, result)
	}
	return result
}

// run has the other CPU run the hooked operations while this one waits. That CPU is a goroutine of its own, so that the
// call traces of what goes wrong there begin there.
func (h *hooks) run() {
	r := h.r
	h.running = true
	done := make(chan struct{})
	go func() {
		defer close(done)
		other := r.m.CPU(hookCPU)
		for _, op := range h.queue {
			h.ran = append(h.ran, op.Text)
			if _, err := r.exec(other, op); err != nil && h.failed == nil {
				h.failed = err
			}
		}
		r.m.CPU(scriptCPU).Callbacks().Append(r.m, other.Callbacks())
	}()
	<-done
	h.queue, h.running = nil, false
}
