package rcuhead

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"ptsim/kern"
)

// Native is RCU for CPUs that are goroutines. Readers cost nothing: as in a kernel without preemption, whatever a CPU
// does between two calls of Quiescent is inside one reader, so sections under rcu_read_lock, with BH off and in softirq
// handlers are all waited for. A grace period is over when every online CPU has been through Quiescent since it began.
// Callbacks run on the CPU that queued them, in softirq context, on all CPUs at once.
type Native struct {
	m    *kern.Machine
	cpus []nativeCPU

	started  atomic.Uint64 // number of the newest grace period that began
	ended    atomic.Uint64 // number of the newest that ended
	barriers atomic.Uint64 // rcu_barriers so far
	wanted   atomic.Uint64 // somebody waits for this one to end
	wake     chan struct{}

	orphans struct { // callbacks of CPUs that went offline
		mu    sync.Mutex
		queue kern.CallbackQueue
		some  atomic.Bool // the queue is not empty
	}

	graces    atomic.Uint64
	callbacks atomic.Uint64

	cancel context.CancelFunc
	done   chan struct{}
}

type nativeCPU struct {
	seen    atomic.Uint64 // the newest grace period this CPU has been quiescent in
	online  atomic.Bool
	cleared atomic.Uint64 // the newest rcu_barrier for which this CPU has run its callbacks

	// The rest belongs to the CPU's goroutine.
	waiting kern.CallbackQueue // ready when grace period number is over
	number  uint64
	ran     uint64 // callbacks that ran here
	asked   uint64 // the newest rcu_barrier that this CPU knows of, and how many callbacks must have run for it
	until   uint64

	_ [64]byte
}

// NewNative gives the machine an RCU core of this kind and starts its grace-period thread. All CPUs are offline. Close
// ends the thread.
func NewNative(m *kern.Machine) *Native {
	ctx, cancel := context.WithCancel(context.Background())
	r := &Native{m: m, cpus: make([]nativeCPU, m.NumCPU()), wake: make(chan struct{}, 1), cancel: cancel, done: make(chan struct{})}
	m.OpenSoftirq(r.core)
	m.OpenRCU(r)
	go r.gpThread(ctx)
	return r
}

// Close stops the grace-period thread. No CPU may be online.
func (r *Native) Close() {
	r.cancel()
	<-r.done
}

// All runs f on so many CPUs at the same time, each in a goroutine of its own, and returns when all are done and every callback has
// run. After it the Native is closed.
func (r *Native) All(cpus int, f func(c *kern.CPU)) {
	var wg sync.WaitGroup
	for i := range cpus {
		c := r.m.CPU(i)
		r.Online(c)
		wg.Go(func() {
			f(c)
			r.Offline(c)
		})
	}
	wg.Wait()
	c := r.m.CPU(0)
	r.Online(c)
	r.Barrier(c)
	r.Offline(c)
	r.Close()
}

// Online tells RCU that a goroutine acts as c from now on: grace periods wait for it.
func (r *Native) Online(c *kern.CPU) {
	me := r.of(c)
	me.asked, me.until = r.barriers.Load(), 0
	me.cleared.Store(me.asked)
	me.online.Store(true)
	me.seen.Store(r.started.Load())
}

// Offline tells RCU that c is idle for good: its callbacks go to whichever CPU calls Quiescent next.
func (r *Native) Offline(c *kern.CPU) {
	me := r.of(c)
	r.orphans.mu.Lock()
	r.orphans.queue.Append(r.m, &me.waiting)
	r.orphans.queue.Append(r.m, c.Callbacks())
	r.orphans.some.Store(r.orphans.queue.Len() > 0)
	r.orphans.mu.Unlock()
	me.online.Store(false)
}

// of returns what belongs to c's task: a task that shares its CPU is a reader of its own.
func (r *Native) of(c *kern.CPU) *nativeCPU { return &r.cpus[c.TaskID()] }

// Quiescent is where c holds no reference it got under RCU: between two operations, as in user mode or in the scheduler.
// Callbacks whose grace period is over run here, and work items too.
func (r *Native) Quiescent(c *kern.CPU) {
	r.rest(c)
	if r.m.PendingWork() > 0 {
		kern.RunWork(c)
	}
}

// Idle is where c's task sleeps, which is a quiescent state, too: who waits for a grace period may hold what it sleeps for.
// Callbacks run, as softirqs that interrupt the idle task; work items do not, since they may want what c's task holds.
func (r *Native) Idle(c *kern.CPU) {
	if r.of(c).online.Load() {
		r.rest(c)
	}
}

// rest is a quiescent state of c.
func (r *Native) rest(c *kern.CPU) {
	me := r.of(c)
	if s := r.started.Load(); me.seen.Load() != s {
		me.seen.Store(s)
	}
	if r.orphans.some.Load() {
		r.adopt(c)
	}
	if me.waiting.Len() > 0 {
		if r.ended.Load() >= me.number {
			c.RaiseSoftirq()
			c.Interrupt()
		}
	} else if c.Callbacks().Len() > 0 {
		r.assign(c, me)
	}
	if me.asked != r.barriers.Load() || me.ran < me.until || me.cleared.Load() != me.asked {
		r.clear(c, me)
	}
}

// adopt takes over the callbacks of CPUs that went offline.
func (r *Native) adopt(c *kern.CPU) {
	r.orphans.mu.Lock()
	c.Callbacks().Append(r.m, &r.orphans.queue)
	r.orphans.some.Store(false)
	r.orphans.mu.Unlock()
}

// assign gives the callbacks queued on c the number of a grace period that has not begun yet.
func (r *Native) assign(c *kern.CPU, me *nativeCPU) {
	me.waiting.Append(r.m, c.Callbacks())
	me.number = r.started.Load() + 1
	r.want(me.number)
}

// core is the RCU_SOFTIRQ handler: it runs the callbacks whose grace period is over.
func (r *Native) core(c *kern.CPU) {
	me := r.of(c)
	if me.waiting.Len() == 0 || r.ended.Load() < me.number {
		return
	}
	ready := me.waiting
	me.waiting = kern.CallbackQueue{}
	n := uint64(0)
	for ready.InvokeOne(c) {
		n++
	}
	me.ran += n
	r.callbacks.Add(n)
}

func (r *Native) gpThread(ctx context.Context) {
	defer close(r.done)
	for {
		if r.started.Load() >= r.wanted.Load() {
			select {
			case <-ctx.Done():
				return
			case <-r.wake:
				continue
			}
		}
		gp := r.started.Add(1)
		for i := range r.cpus {
			for wait := 10 * time.Microsecond; r.cpus[i].online.Load() && r.cpus[i].seen.Load() < gp; wait = min(2*wait, time.Millisecond) {
				select {
				case <-ctx.Done():
					return
				case <-time.After(wait):
				}
			}
		}
		r.ended.Store(gp)
		r.graces.Add(1)
	}
}

// Barrier is rcu_barrier() for a machine at rest: c, which must be the only CPU online, runs every callback that is
// left, those of CPUs that went offline and those that callbacks queue included.
func (r *Native) Barrier(c *kern.CPU) {
	me := r.of(c)
	for {
		r.adopt(c)
		if me.waiting.Len() == 0 && c.Callbacks().Len() == 0 && r.m.PendingWork() == 0 {
			return
		}
		r.Quiescent(c)
		time.Sleep(20 * time.Microsecond)
	}
}

// Counts returns how many grace periods ended, and how many callbacks ran.
func (r *Native) Counts() (graces, callbacks uint64) { return r.graces.Load(), r.callbacks.Load() }
