package rcuhead

import (
	"time"

	"ptsim/kern"
)

// Synchronize is synchronize_rcu(): it returns when a grace period that had not begun yet is over. c itself waits, which is a
// quiescent state: its task holds nothing that it found under RCU.
func (r *Native) Synchronize(c *kern.CPU) {
	me := r.of(c)
	number := r.started.Load() + 1
	r.want(number)
	for r.ended.Load() < number {
		me.seen.Store(r.started.Load())
		pause(c)
	}
}

// want has the grace period with that number begin.
func (r *Native) want(number uint64) {
	for {
		w := r.wanted.Load()
		if w >= number || r.wanted.CompareAndSwap(w, number) {
			break
		}
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// RCUBarrier is rcu_barrier(): it returns when the callbacks have run that are queued now, on every CPU. A CPU learns at its
// next Quiescent that it is asked, and runs its callbacks in order, so that all is done when as many have run as it had then.
// What CPUs left behind that went offline is c's to run. Who waits, here and in Synchronize, is taken to be in no reader, which must be
// so: kern.CPU.SetLax lets code pass that breaks the rule, but no grace period can tell such a reader.
func (r *Native) RCUBarrier(c *kern.CPU) {
	asked := r.barriers.Add(1)
	for {
		done := true
		for i := range r.cpus {
			if n := &r.cpus[i]; n.online.Load() && n.cleared.Load() < asked {
				done = false
			}
		}
		if done && !r.orphans.some.Load() {
			return
		}
		r.rest(c) // and no work items, which may want what c's task holds
		pause(c)
	}
}

// clear takes note of what a CPU has to run for rcu_barrier, and of having run it.
func (r *Native) clear(c *kern.CPU, me *nativeCPU) {
	if asked := r.barriers.Load(); me.asked != asked {
		me.asked, me.until = asked, me.ran+uint64(me.waiting.Len()+c.Callbacks().Len())
	}
	if me.ran >= me.until {
		me.cleared.Store(me.asked)
	}
}

func pause(c *kern.CPU) {
	c.Yield()
	time.Sleep(10 * time.Microsecond)
}

// Synchronize is synchronize_rcu() for a machine that one goroutine drives: a grace period of its own, from beginning to end. A
// reader on another CPU would never leave meanwhile; that is reported as a deadlock.
func (r *Stepped) Synchronize(c *kern.CPU) {
	for range 2 { // the one that is under way, and one that begins now
		r.Begin()
		if !r.over(c, "synchronize_rcu waits for a reader on another CPU") {
			return
		}
		r.End()
	}
}

// RCUBarrier is rcu_barrier() for a machine that one goroutine drives: what is queued runs, and what that queues.
func (r *Stepped) RCUBarrier(c *kern.CPU) {
	if !r.Barrier() {
		r.over(c, "rcu_barrier waits for a reader on another CPU")
	}
}

// Idle is nothing: who drives the machine says when a grace period ends.
func (r *Stepped) Idle(*kern.CPU) {}

// over tells whether no reader keeps the grace period from ending.
func (r *Stepped) over(c *kern.CPU, what string) bool {
	if r.Blocker() < 0 {
		return true
	}
	c.Report(&kern.Violation{Kind: kern.Deadlock, Detail: what})
	return false
}
