package s390sim

import (
	"math"

	"ptsim/kern"
)

// clock is the machine's virtual time. Grace periods follow each other without a gap: each serves the callbacks that
// were queued when it began, and runs them when it ends.
type clock struct {
	started bool
	now     int64
	tick    int64 // when the grace period under way ends
}

// Advance moves virtual time forward to t, in nanoseconds, through the ends of the grace
// periods and khugepaged's wakeups on the way. The first
// call sets the time at which the machine starts. Time never goes back: an earlier t is taken for now.
func (m *Machine) Advance(t int64) {
	ck := &m.clock
	if !ck.started {
		t = min(t, math.MaxInt64-m.cfg.GracePeriod)
		ck.started, ck.now, ck.tick = true, t, t+m.cfg.GracePeriod
		m.meter.start(t)
		m.RCU.Begin()
		return
	}
	if m.khugepaged != nil {
		m.khugepaged.runDue(t)
	}
	m.advance(t)
}

// advance moves time forward to t, khugepaged asleep.
func (m *Machine) advance(t int64) {
	ck := &m.clock
	t = min(t, math.MaxInt64-m.cfg.GracePeriod) // so that the next end is a time
	for t >= ck.tick {
		if m.RCU.Pending() == 0 && m.M.PendingWork() == 0 {
			if m.cfg.GraceJitter == nil {
				ck.tick += (t - ck.tick) / m.cfg.GracePeriod * m.cfg.GracePeriod
			} else {
				ck.tick = t // uneven periods have no phase: one that nobody waited for ends when somebody looks
			}
			m.meter.advance(m, ck.tick)
			ck.now = ck.tick
			ck.tick += m.graceLength()
			break
		}
		m.meter.advance(m, ck.tick)
		ck.now = ck.tick
		m.gracePeriod()
		ck.tick += m.graceLength()
	}
	if t > ck.now {
		m.meter.advance(m, t)
		ck.now = t
	}
}

// traceCallbacks tells of the callbacks that the grace period which is about to end will run.
func (m *Machine) traceCallbacks() {
	if m.RCU.Blocker() >= 0 {
		return
	}
	m.RCU.EachReady(func(cpu int, head kern.Addr, fn kern.Func) {
		m.emit(Event{Kind: EventCallback, Time: m.clock.now, CPU: cpu, Head: head, Name: m.M.FuncName(fn)})
	})
}

// Now returns the virtual time.
func (m *Machine) Now() int64 { return m.clock.now }

// graceLength returns how long the next grace period lasts.
func (m *Machine) graceLength() int64 {
	length := m.cfg.GracePeriod
	if m.cfg.GraceJitter != nil {
		length = max(1, m.cfg.GraceJitter(length))
	}
	return min(length, math.MaxInt64-m.clock.tick)
}

// gracePeriod ends the grace period that is under way, lets the kworker run what the callbacks left to it, and begins
// the next.
func (m *Machine) gracePeriod() {
	m.meter.queue(m.RCU.Pending())
	if m.cfg.TraceSteps {
		m.traceCallbacks()
	}
	n := m.RCU.End()
	m.runWork()
	m.RCU.Begin()
	if n > 0 && m.cfg.Trace != nil {
		m.emit(Event{Kind: EventGracePeriod, Time: m.clock.now, Count: n})
	}
}

func (m *Machine) runWork() {
	if m.M.PendingWork() > 0 {
		c := m.CPU(0)
		task, doing := c.Task, c.Doing
		c.Task, c.Doing = "kworker", "mmdrop_async"
		kern.RunWork(c)
		c.Task, c.Doing = task, doing
	}
}

// Quiesce lets grace periods pass, without time passing, until no callback and no work item is left.
func (m *Machine) Quiesce() {
	if m.native != nil {
		c := m.CPU(0)
		m.native.Online(c)
		m.native.Barrier(c)
		m.native.Offline(c)
		return
	}
	for m.RCU.Pending() > 0 || m.M.PendingWork() > 0 {
		if m.cfg.TraceSteps {
			m.traceCallbacks()
		}
		if m.RCU.End() == 0 && m.RCU.Blocker() >= 0 {
			return
		}
		m.runWork()
		m.RCU.Begin()
	}
}
