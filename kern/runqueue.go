package kern

import "runtime"

// RunQueue is the tasks of one CPU where CPUs are goroutines: each task has its own, and one at a time has the CPU. A task that
// can be preempted may lose it between any two primitives, and one that sleeps gives it up until it is woken. One that cannot be
// preempted, since it has preemption or BH off, holds a spin lock or is in a softirq, keeps the others off, and so does one that
// spins for a lock. It is a Scheduler: no primitive costs more where a CPU has one task.
//
// Where the CPU changes hands Go's race detector sees an order, which a kernel does not promise for plain accesses: a race between
// two tasks of one CPU it does not find. An explorer does.
type RunQueue struct {
	cpu  *CPU
	free chan struct{} // holds something while no task has the CPU; who waits gets it in turn
	Tick func() bool   // tells whether the task that runs is to be preempted now, if it can be; nil: each time
}

// NewRunQueue returns a run queue for CPU i, with no tasks. CPU(i) is not to be used meanwhile.
func (m *Machine) NewRunQueue(i int) *RunQueue {
	q := &RunQueue{cpu: m.cpus[i], free: make(chan struct{}, 1)}
	q.free <- struct{}{}
	return q
}

// Task adds a task. What it returns is the CPU as the task has it: with depths, callbacks and free frames of its own. id is less than
// the number of CPUs, and no other task of the machine has it: mutexes tell tasks apart by it, and RCU.
func (q *RunQueue) Task(id int, name string) *CPU {
	c := q.cpu.m.Context(int(q.cpu.id), false, q)
	c.SetTask(id)
	c.Task, c.mates = name, q
	return c
}

// Run runs a task from beginning to end, as soon as it gets the CPU: c is from Task. Each is run on a goroutine of its own. What it
// leaves off or held is reported, see TaskExit.
func (q *RunQueue) Run(c *CPU, task func(c *CPU)) {
	<-q.free
	defer func() { q.free <- struct{}{} }()
	task(c)
	TaskExit(c)
}

// Step has other tasks go first, if c's can be preempted, and carries op out.
func (q *RunQueue) Step(c *CPU, op Op) uint32 {
	if c.preemptible() && op.Kind != OpWriteLockWait && (q.Tick == nil || q.Tick()) {
		q.yield()
	}
	return c.Exec(op)
}

// yield gives the CPU to the next task that waits for it, and waits until it is this one's turn again.
func (q *RunQueue) yield() {
	q.free <- struct{}{}
	<-q.free
}

// preemptible tells whether c's task may lose the CPU.
func (c *CPU) preemptible() bool { return !c.inSoftirq && c.Depths().Preemptible() }

// Yield is schedule(), for a task that sleeps: other tasks of the CPU run. Who loops until something has happened calls it each time
// around.
func (c *CPU) Yield() {
	if c.mates != nil {
		c.mates.yield()
	}
	runtime.Gosched()
}

// nap is what a task does that sleeps, each time that it has looked in vain whether to go on.
func (c *CPU) nap() {
	if r := c.m.rcu; r != nil && !c.inAtomic() {
		r.Idle(c)
	}
	c.Yield()
}
