package explore

import (
	"fmt"
	"slices"

	"ptsim/kern"
)

// Several tasks on one CPU, as [Task].On has it. One that can be preempted may lose the CPU between any two primitives, or
// sleep, and then another goes on: which of them is current is no part of the state. One that cannot be preempted, since it
// holds a spin lock or has preemption or BH off, keeps the others off until it can.
//
// Two things can be told by the others of the CPU although no primitive is carried out, and are transitions:
//
//   - A task that could be preempted comes to a spin lock that is held, and begins to spin. Preemption is off from then on. If who
//     holds the lock waits for another task of the CPU that is a deadlock, and if it is one of them, which sleeps, too.
//   - A task that cannot be preempted sleeps all the same, which Options.Lax lets happen. It gives the CPU up until it is woken,
//     and the others are free to go on.
//
// A plain access of a task that can be preempted is a step: neither a lock nor preemption that is off keeps the others of its
// CPU from coming in between. What a task does between two such accesses may be folded as it is elsewhere. Right movers never let
// others on the CPU that were kept off. Between one and the step that it moves to the thread had the CPU at least at that step,
// so that no other kept it off there. Left movers are done by who has the CPU, and keep nobody off.
//
// In views, code that cannot be preempted is ordered with other such code of its CPU, as under a lock. Nothing else about a switch
// of tasks orders: a compiler may move a plain access past one. So what the tasks of one CPU do is ordered as far as
// preempt_disable, which is a barrier for compilers, and the locks say.

// placeTasks returns the CPU of each task.
//
// Those without a wish get the free CPUs in their order.
func placeTasks(tasks []Task) []int {
	cpus := make([]int, len(tasks))
	taken := make([]bool, len(tasks))
	for _, t := range tasks {
		if t.On < 0 || t.On > len(tasks) {
			panic(&ModelError{fmt.Sprintf("task %s is on CPU %d; expected 1 to %d, or 0 for a CPU of its own", t.Name, t.On, len(tasks))})
		}
		if t.On > 0 {
			taken[t.On-1] = true
		}
	}
	for i, t := range tasks {
		if cpus[i] = t.On - 1; t.On == 0 {
			cpus[i] = slices.Index(taken, false)
			taken[cpus[i]] = true
		}
	}
	return cpus
}

// shared tells of each task whether others are on its CPU.
func shared(cpus []int) []bool {
	list := make([]bool, len(cpus))
	for i, c := range cpus {
		list[i] = slices.Contains(cpus[:i], c) || slices.Contains(cpus[i+1:], c)
	}
	return list
}

// shares tells whether there are tasks that share a CPU.
func (a *automaton) shares() bool { return slices.Contains(a.share, true) }

// stack finds out which threads are on one CPU.
func (x *system) stack() {
	n := x.model.Tasks + x.opt.Workers // before the softirqs, of which each CPU has one if they are on these
	x.underneath = make([][]int, len(x.threads))
	for t := range x.threads {
		th := &x.threads[t]
		over, mates := -1, []int(nil)
		if x.opt.Softirqs == SoftirqsOnCPU && t < n {
			over = n + th.cpu
			x.underneath[over] = append(x.underneath[over], t)
		}
		for u := range x.model.Tasks {
			if u != t && th.role == task && x.threads[u].cpu == th.cpu {
				mates, x.shares = append(mates, u), true
			}
		}
		x.ontop, x.mates = append(x.ontop, over), append(x.mates, mates)
	}
}

// switched tells whether it is a switch if thread u moves after thread t: of the CPU, or of the task on it.
func (x *system) switched(t, u int) bool {
	a, b := &x.threads[t], &x.threads[u]
	return a.cpu != b.cpu || t != u && a.role == task && b.role == task
}

// keepsCPU tells whether a task that is about to carry op out cannot be preempted.
func keepsCPU(op kern.Op, d kern.Depths) bool {
	return !d.Preemptible() || op.Kind == kern.OpWriteLockWait
}

// spinsFor tells whether to wait at a primitive is to spin.
func spinsFor(k kern.OpKind) bool {
	p := kern.PrimitiveOf(k)
	return p.Waits.Spins() || p.Blocks && p.Tries.Spins()
}

// keepsOff tells whether a task keeps the others of its CPU off: it cannot be preempted, and does not sleep; or it spins.
//
// The two bits are exclusive or: a task that cannot be preempted and has begun to sleep (Lax) lets others
// in, and one that can be preempted and has begun to spin keeps them off.
func (s *state) keepsOff(t int) bool { return s.at[t].keeps != s.hasBegun(t) }

// hasBegun tells whether a task has begun to wait in one of the ways that are transitions.
func (s *state) hasBegun(t int) bool { return s.begun>>t&1 != 0 }

// keeper returns the task that keeps t off their CPU, -1 if none does.
func (s *state) keeper(t int) int {
	for _, u := range s.x.mates[t] {
		if s.keepsOff(u) {
			return u
		}
	}
	return -1
}

// bhOff tells whether a thread has BH off, so that no softirq can interrupt it.
func (s *state) bhOff(t int) bool {
	if s.hasBegun(t) { // it spins, or sleeps
		return s.at[t].op.Kind == kern.OpSpinLockBH
	}
	return s.at[t].depth.BH > 0
}

// mateHolds tells whether another task of its CPU holds the lock that a thread at n waits for.
func (s *state) mateHolds(t int, n *node) bool {
	for _, u := range s.x.mates[t] {
		if (s.alone[u]|s.shared[u])>>n.slot&1 != 0 {
			return true
		}
	}
	return false
}

// misused reports that a task that shares its CPU releases a lock that another one holds, or takes a local lock that another one
// sleeps with. The word of the lock names the CPU, and does not tell.
func (s *state) misused(t int, c *kern.CPU, n *node) bool {
	p := kern.PrimitiveOf(n.op.Kind)
	switch {
	case !s.mateHolds(t, n) || s.m.LockOwner(n.op.Addr) != s.x.threads[t].cpu || s.alone[t]>>n.slot&1 != 0:
	case p.Gives == kern.Spin || p.Gives == kern.WriteAlone || p.Gives == kern.CPULocal:
		c.Report(&kern.Violation{Kind: kern.LockMisuse, Addr: n.op.Addr, Detail: "releases %l, which another task of its CPU holds"})
		return true
	case p.Waits == kern.CPULocal:
		c.Report(&kern.Violation{Kind: kern.LockMisuse, Addr: n.op.Addr, Detail: "takes %l, which another task of its CPU holds"})
		return true
	}
	return false
}

// beginsToWait has a task that shares its CPU, and came from a place to n, where it has to wait, begin to do so if the others can
// tell, and tells whether it did.
//
// It is a transition of its own, without a primitive: the state changes in begun alone. Without it a task
// that spins and one that does not would be the same state, and the deadlock of two tasks on one CPU would
// not be found.
func (s *state) beginsToWait(t int, from, n *node) bool {
	if len(s.x.mates[t]) == 0 || s.hasBegun(t) {
		return false
	}
	if spinsFor(n.op.Kind) == n.keeps { // it waits as one that can be preempted would sleep, or as one that cannot would spin
		if !n.keeps || from.keeps {
			return false
		}
		s.at[t] = n
		return true
	}
	s.at[t], s.last = n, n.op
	s.ops++
	s.setBegun(t, true)
	if s.real != nil {
		s.real.waits(t, n)
	}
	return true
}

// begunHash is what a task that has begun to wait adds to its fingerprint.
const begunHash = 0x2545f4914f6cdd1d

// setBegun notes that a task begins to wait, or no longer does.
//
// Whether others of the CPU can move depends on it, so the step is dependent with everything.
func (s *state) setBegun(t int, begins bool) {
	s.dep.all()
	s.log = append(s.log, undo{what: undoBegun, i: uint32(t), v: uint64(s.begun)})
	s.begun ^= 1 << t
	s.rare[t] ^= begunHash
	s.stale |= 1 << t
	if s.views != nil {
		s.cpuView(t, begins != s.at[t].keeps)
	}
}

// cpuView passes views on where a task begins or ends to keep the others of its CPU off.
func (s *state) cpuView(t int, begins bool) {
	if !s.x.shares || len(s.x.mates[t]) == 0 {
		return
	}
	cpu := s.sync(kern.Addr(len(s.views.index) + len(s.env.objects) + s.x.threads[t].cpu))
	if begins {
		s.learn(knows+holder(t), cpu)
	} else {
		s.publish(cpu, t)
	}
}

// keptOff says why a task cannot go on that another keeps off their CPU.
func (s *state) keptOff(t int) string {
	u := s.keeper(t)
	why := s.at[u].depth.String()
	if s.hasBegun(u) || s.at[u].op.Kind == kern.OpWriteLockWait {
		why = "it spins"
	}
	return fmt.Sprintf("%s keeps it off CPU%d: %s", s.x.threads[u].name, s.x.threads[u].cpu, why)
}
