package rcuhead

import "ptsim/kern"

// Stepped is an RCU whose grace periods begin and end on request, for machines that one goroutine drives: scripts, trace
// replay in virtual time, tests.
type Stepped struct {
	m       *kern.Machine
	waiting []kern.CallbackQueue // by CPU: what the grace period under way is for
	readers []reader             // who was inside when it began
	busy    bool

	graces    uint64
	callbacks uint64
}

type reader struct {
	cpu   int
	epoch uint32
}

// NewStepped gives the machine an RCU core of this kind.
func NewStepped(m *kern.Machine) *Stepped {
	r := &Stepped{m: m, waiting: make([]kern.CallbackQueue, m.NumCPU())}
	m.OpenRCU(r)
	return r
}

// Begin starts a grace period for all callbacks queued so far. If one is under way it does nothing.
func (r *Stepped) Begin() {
	if r.busy {
		return
	}
	r.busy = true
	r.readers = r.readers[:0]
	for i := range r.waiting {
		c := r.m.CPU(i)
		r.waiting[i].Append(r.m, c.Callbacks())
		if c.RCUReading() {
			r.readers = append(r.readers, reader{i, c.ReaderEpoch()})
		}
	}
}

// Blocker returns a CPU that has been inside rcu_read_lock since the grace period began, or -1.
func (r *Stepped) Blocker() int {
	for _, rd := range r.readers {
		if c := r.m.CPU(rd.cpu); c.RCUReading() && c.ReaderEpoch() == rd.epoch {
			return rd.cpu
		}
	}
	return -1
}

// End ends the grace period that is under way and runs its callbacks, each on the CPU that queued it, in softirq
// context, in order. It returns how many ran. While a reader blocks the grace period nothing happens.
func (r *Stepped) End() int {
	if !r.busy || r.Blocker() >= 0 {
		return 0
	}
	r.busy = false
	n := 0
	for i := range r.waiting {
		c := r.m.CPU(i)
		if r.waiting[i].Len() == 0 {
			continue
		}
		c.Softirq(func() {
			for r.waiting[i].InvokeOne(c) {
				n++
			}
		})
	}
	if n > 0 {
		r.graces++
		r.callbacks += uint64(n)
	}
	return n
}

// GracePeriod is one whole grace period: it runs exactly the callbacks that are queued now. What they queue waits for
// the next.
func (r *Stepped) GracePeriod() int {
	r.Begin()
	return r.End()
}

// Run runs one callback, whatever waits before it: its grace period is over, and another CPU's callbacks are behind. It
// runs on the given CPU. It tells whether the callback was queued, and no reader was in the way.
func (r *Stepped) Run(cpu int, head kern.Addr) bool {
	if !r.busy { // a grace period of its own, which the others have no part in
		r.Begin()
		defer r.putBack()
	}
	if r.Blocker() >= 0 {
		return false
	}
	c := r.m.CPU(cpu)
	for i := range r.waiting {
		one, ok := r.waiting[i].Take(r.m, head)
		if !ok {
			one, ok = r.m.CPU(i).Callbacks().Take(r.m, head)
		}
		if ok {
			c.Softirq(func() { one.InvokeOne(c) })
			r.callbacks++
			return true
		}
	}
	return false
}

// putBack takes a grace period back: what waits for it waits for the next.
func (r *Stepped) putBack() {
	r.busy = false
	for i := range r.waiting {
		queue := r.m.CPU(i).Callbacks()
		r.waiting[i].Append(r.m, queue)
		*queue, r.waiting[i] = r.waiting[i], kern.CallbackQueue{}
	}
}

// Barrier is rcu_barrier(): grace periods until no callback is left, those that callbacks queue included. It gives up
// when a reader blocks it and tells whether the queue is empty.
func (r *Stepped) Barrier() bool {
	for r.Pending() > 0 {
		r.Begin() // or one that is under way, with nothing to run perhaps
		if r.Blocker() >= 0 {
			return false
		}
		r.End()
	}
	return true
}

// Pending returns how many callbacks wait, for the grace period under way or a later one.
func (r *Stepped) Pending() int {
	n := 0
	for i := range r.waiting {
		n += r.waiting[i].Len() + r.m.CPU(i).Callbacks().Len()
	}
	return n
}

// Each calls f for every callback that waits, CPU by CPU, oldest first.
func (r *Stepped) Each(f func(head kern.Addr, fn kern.Func)) {
	for i := range r.waiting {
		r.waiting[i].Each(r.m, f)
		r.m.CPU(i).Callbacks().Each(r.m, f)
	}
}

// EachReady calls f for every callback that the grace period under way is for, CPU by CPU, oldest first.
func (r *Stepped) EachReady(f func(cpu int, head kern.Addr, fn kern.Func)) {
	if !r.busy {
		return
	}
	for i := range r.waiting {
		r.waiting[i].Each(r.m, func(head kern.Addr, fn kern.Func) { f(i, head, fn) })
	}
}

// Counts returns how many grace periods ran a callback, and how many callbacks ran.
func (r *Stepped) Counts() (graces, callbacks uint64) { return r.graces, r.callbacks }
