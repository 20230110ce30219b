package kern

import "sync/atomic"

// CPU is one processor of a Machine, and what the kernel calls current: every primitive takes it first. Its fields are
// its own; other CPUs see it only through the few marked atomic.
type CPU struct {
	watched bool      // by a Scheduler: primitives are its steps. What sched != nil says, for less
	mem     *memory   // that of m
	sched   Scheduler // nil: primitives act at once
	m       *Machine
	id      uint32
	owner   uint32    // what this CPU writes into a lock that it takes, see lockOwners
	taskID  uint32    // its task, which owns mutexes: the CPU's number, as long as it has one task
	mates   *RunQueue // the tasks that it is one of, if several share the CPU

	bhOff      int32 // depth of local_bh_disable, a running softirq included
	preemptOff int32 // depth of preempt_disable
	spins      int32 // spin locks that it holds
	inSoftirq  bool
	kworker    bool // it runs a work item, as a task that keeps to its CPU
	lax        bool // a broken rule of the context is not reported
	rcuDepth   int32
	rcuExits   uint32 // outermost rcu_read_unlocks so far
	checks     bool
	bits       []bitLock // the bit locks that it holds
	broken     Addr      // a lock this CPU could not take; its unlock is then nothing

	softirqPending atomic.Bool // raised by this CPU or by the end of a grace period

	callbacks CallbackQueue
	queued    uint64 // callbacks ever queued here
	pcp       []PFN  // this CPU's free frames

	// Task and Doing name the task that runs here and what it was asked to do, for reports.
	Task  string
	Doing string

	_ [64]byte // keeps two CPUs off one cache line
}

// ID returns the CPU's number.
func (c *CPU) ID() int { return int(c.id) }

// Machine returns the machine the CPU belongs to.
func (c *CPU) Machine() *Machine { return c.m }

// Checks tells whether violations are looked for; code that only checks asks it first. Such code reads memory as a debugger
// does, outside any step, so a Scheduler that replays recorded results must run with checks off and look at states itself.
func (c *CPU) Checks() bool { return c.checks }

// InSoftirq is in_serving_softirq(): the CPU runs a softirq handler, here always an RCU callback.
func (c *CPU) InSoftirq() bool { return c.inSoftirq }

// BHDisabled tells whether no softirq can run on this CPU now, which RCU counts as being inside a reader.
func (c *CPU) BHDisabled() bool { return c.bhOff != 0 }

// RCUReading tells whether the CPU is inside rcu_read_lock.
func (c *CPU) RCUReading() bool { return c.rcuDepth != 0 }

// ReaderEpoch counts the outermost rcu_read_unlocks, so that two looks at a CPU that is RCUReading tell whether it has
// been inside one section all along.
func (c *CPU) ReaderEpoch() uint32 { return c.rcuExits }

// Context returns another view of CPU i: one that a Scheduler acts in while the CPU's task is in the middle of something,
// such as the softirq that interrupts it. It has its own context and its own scheduler, nil for none.
func (m *Machine) Context(i int, softirq bool, s Scheduler) *CPU {
	c := &CPU{m: m, mem: &m.memory, sched: s, watched: s != nil, id: uint32(i), taskID: uint32(i), checks: m.checks, Task: m.cpus[i].Task}
	c.SetContext(0, softirq)
	return c
}

// SetContext puts c, which is between two tasks, into a context: BH off so many times, in a softirq or not, holding
// nothing. Schedulers that stop code in the middle, or run it again, put their CPUs in order with it.
func (c *CPU) SetContext(bhOff int, softirq bool) {
	c.bhOff, c.inSoftirq, c.rcuDepth, c.broken = int32(bhOff), softirq, 0, 0
	c.preemptOff, c.spins, c.bits = 0, 0, c.bits[:0]
	c.owner = uint32(lockOwners) + c.id
	if softirq {
		c.owner |= softirqOwner
	}
	c.softirqPending.Store(false)
}

// LocalBHDisable is local_bh_disable(): no softirq runs on this CPU until LocalBHEnable.
func LocalBHDisable(c *CPU) {
	if c.sched != nil {
		c.slow(OpBHDisable, 0, 0, 0)
		return
	}
	c.bhOff++
}

// LocalBHEnable is local_bh_enable(): leaving the outermost such region runs the softirqs that came up meanwhile.
func LocalBHEnable(c *CPU) {
	if c.sched != nil {
		c.slow(OpBHEnable, 0, 0, 0)
		return
	}
	c.bhEnable()
}

func (c *CPU) bhEnable() {
	if c.bhOff--; c.bhOff <= 0 {
		c.bhLast()
	}
}

// bhLast is what leaving the outermost region with BH off leads to.
func (c *CPU) bhLast() {
	if c.bhOff < 0 {
		c.bhOff = 0
		c.Report(&Violation{Kind: LockMisuse, Detail: "enables BH, which is on"})
		return
	}
	if c.softirqPending.Load() {
		c.doSoftirq()
	}
}

// RaiseSoftirq is raise_softirq(RCU_SOFTIRQ): the RCU core will run on c when it next enables BH or is interrupted.
func (c *CPU) RaiseSoftirq() { c.softirqPending.Store(true) }

// Interrupt lets a pending softirq run on c now, as the end of an interrupt does, unless BH is off. It tells whether one
// ran. A softirq that arrives in the middle of a plain spin_lock section is what makes kernel bugs of that kind show.
func (c *CPU) Interrupt() bool {
	if c.bhOff != 0 || !c.softirqPending.Load() || c.m.softirq == nil {
		return false
	}
	c.doSoftirq()
	return true
}

func (c *CPU) doSoftirq() {
	if c.m.softirq == nil {
		return
	}
	c.softirqPending.Store(false)
	c.Softirq(func() { c.m.softirq(c) })
}

// Softirq runs fn on c in softirq context: BH is off, and whatever fn does knows that it must not sleep.
func (c *CPU) Softirq(fn func()) {
	was, owner, before := c.inSoftirq, c.owner, c.Depths()
	c.bhOff++
	c.inSoftirq = true
	c.owner |= softirqOwner
	fn()
	c.inSoftirq, c.owner = was, owner
	c.bhOff--
	c.returns("a softirq", before)
}

// OpenSoftirq is open_softirq(RCU_SOFTIRQ, fn): fn is run on a CPU for which RaiseSoftirq was called.
func (m *Machine) OpenSoftirq(fn func(c *CPU)) { m.softirq = fn }
