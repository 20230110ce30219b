package conform

import (
	"iter"
	"math"

	"ptsim/kern"
	"ptsim/pgalloc"
)

// lanes is how many operations can be under way at once, each on a CPU of its own.
const lanes = 48

// mainCPU does what needs no other to come in between.
const mainCPU = 0

// machine is the model's machine: the allocator on CPUs whose operations stop in the middle, where the log says that
// another CPU came first. It is the machine's Scheduler, and stands in for the RCU core: the log says which callback runs.
type machine struct {
	m    *kern.Machine
	sys  *pgalloc.System
	runs [1 + lanes]*run // by CPU, nil where nothing is under way

	queued func(head kern.Addr) // hears of a batch that is given to call_rcu
	over   bool                 // the replay has ended: what is under way goes on to its end
}

// run is an operation under way on a CPU of its own.
type run struct {
	mc    *machine
	cpu   int
	yield func(struct{}) bool
	stop  func(op kern.Op, done bool) bool // asked before and after each primitive whether to stop there
	next  func() (struct{}, bool)
	end   func()
	ended bool
}

// newMachine builds a machine with an allocator on it.
func newMachine(v pgalloc.Variant, pin pgalloc.Pin, report func(*kern.Violation), event func(p pgalloc.Page, allocated bool)) (*machine, error) {
	mc := &machine{}
	mc.m = kern.NewMachine(kern.Config{CPUs: len(mc.runs), Checks: true, Contents: v == pgalloc.FullPage, Scheduler: mc, Report: report})
	var err error
	mc.sys, err = pgalloc.New(mc.m, pgalloc.Config{
		Variant: v, Pin: pin,
		Quarantine: math.MaxInt32, // a freed mm stays one, so that its late users are found
		PageEvent:  func(_ *kern.CPU, p pgalloc.Page, allocated bool) { event(p, allocated) },
	})
	return mc, err
}

// stuck is the panic of an operation that waits for a lock for ever: nobody else moves.
type stuck struct{ lock kern.Addr }

// Step carries a primitive out at once, and stops behind it or in front of it if its operation is to stop there.
func (mc *machine) Step(c *kern.CPU, op kern.Op) uint32 {
	r := mc.runs[c.ID()]
	if r != nil {
		r.pause(op, false)
	}
	result := mc.exec(c, op)
	if r != nil {
		r.pause(op, true)
	}
	return result
}

func (mc *machine) exec(c *kern.CPU, op kern.Op) uint32 {
	switch op.Kind {
	case kern.OpCallRCU:
		if c.ArmHead(op.Addr, kern.Func(op.A)) && kern.Func(op.A) == mc.sys.TLB.Callback() {
			mc.queued(op.Addr)
		}
		return 0
	case kern.OpSpinLock, kern.OpSpinLockBH:
		if !mc.m.LockFree(op.Addr) {
			panic(stuck{op.Addr})
		}
	}
	return c.Exec(op)
}

func (r *run) pause(op kern.Op, done bool) {
	if r.stop(op, done) && !r.mc.over && !r.yield(struct{}{}) {
		r.mc.over = true
	}
}

// start begins an operation on a CPU of its own. It returns nil if there is none left.
func (mc *machine) start(stop func(op kern.Op, done bool) bool, f func(c *kern.CPU)) *run {
	for i := mainCPU + 1; i < len(mc.runs); i++ {
		if mc.runs[i] != nil {
			continue
		}
		r := &run{mc: mc, cpu: i, stop: stop}
		mc.runs[i] = r
		r.next, r.end = iter.Pull(func(yield func(struct{}) bool) {
			r.yield = yield
			f(mc.m.CPU(i))
			r.ended = true
		})
		r.resume()
		return r
	}
	return nil
}

// resume has the operation go on to where it stops next, or to its end.
func (r *run) resume() {
	if r.ended {
		return
	}
	if r.next(); r.ended {
		r.mc.runs[r.cpu] = nil
	}
}

// finish has the operation go on to its end.
func (r *run) finish() {
	for !r.ended {
		r.resume()
	}
}

// close lets go of what is under way.
func (mc *machine) close() {
	mc.over = true
	for _, r := range mc.runs {
		if r != nil {
			r.end()
		}
	}
}

// passedOver is where a page_table_alloc stops that found nothing on the list: it has no lock, and no page yet.
func passedOver(op kern.Op, done bool) bool { return !done && op.Kind == kern.OpAllocPages }

// unlocked is where page_table_free stops: it has released the lock, and not yet taken its pending mark back.
func unlocked() func(op kern.Op, done bool) bool {
	first := true
	return func(op kern.Op, done bool) bool {
		if done && first && op.Kind == kern.OpSpinUnlockBH {
			first = false
			return true
		}
		return false
	}
}

// between is where a batch's callback stops: before it reads which table is next.
func (mc *machine) between(head kern.Addr, nr int) func(op kern.Op, done bool) bool {
	return func(op kern.Op, done bool) bool {
		return !done && op.Kind == kern.OpLoad && mc.sys.TLB.IsEntry(head, nr, op.Addr)
	}
}

// call runs a callback in softirq context.
func (mc *machine) call(c *kern.CPU, head kern.Addr) {
	c.Softirq(func() { mc.m.Call(c, mc.m.Disarm(head), head) })
}

// peek returns the mask of a page.
func (mc *machine) peek(p pgalloc.Page) pgalloc.Mask { return p.PeekMask(mc.m) }
