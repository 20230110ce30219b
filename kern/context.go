package kern

import (
	"fmt"
	"strings"
)

// Depths are how deep a CPU is in what keeps its task from sleeping, and for the first three from being preempted.
type Depths struct {
	Spins   int8 // spin locks that it holds, of any kind
	Preempt int8 // preempt_disable()
	BH      int8 // local_bh_disable()
	RCU     int8 // rcu_read_lock()
}

// Plus returns the depths after a primitive that returned result.
func (d Depths) Plus(p *Primitive, result uint32) Depths {
	switch {
	case p.Waits.Spins() || p.Tries.Spins() && result != 0:
		d.Spins++
	case p.Gives.Spins():
		d.Spins--
	}
	d.Preempt += p.Preempt
	d.BH += p.BH
	d.RCU += p.RCU
	return d
}

// Preemptible tells whether another task may run on the CPU meanwhile.
func (d Depths) Preemptible() bool { return d.Spins <= 0 && d.Preempt <= 0 && d.BH <= 0 }

// String lists what the CPU is in: "1 spin lock held, in rcu_read_lock", or "" if in nothing.
func (d Depths) String() string {
	var list []string
	add := func(n int8, one, more string) {
		switch {
		case n == 1:
			list = append(list, one)
		case n > 1:
			list = append(list, fmt.Sprintf(more, n))
		}
	}
	add(d.Spins, "1 spin lock held", "%d spin locks held")
	add(d.Preempt, "preemption off", "preemption off %d times")
	add(d.BH, "BH off", "BH off %d times")
	add(d.RCU, "in rcu_read_lock", "in rcu_read_lock %d times")
	return strings.Join(list, ", ")
}

// Atomic says why a task must not sleep, "" if it may: "in a softirq, 1 spin lock held".
func (d Depths) Atomic(softirq bool) string {
	why := d.String()
	switch {
	case !softirq:
		return why
	case why == "":
		return "in a softirq"
	}
	return "in a softirq, " + why
}

// Spins tells whether waiting for such a lock is spinning: then it turns preemption off, and who holds it must not sleep.
func (l Lock) Spins() bool {
	switch l {
	case Spin, ReadShared, WriteAlone, BitSpin:
		return true
	}
	return false
}

// Shared tells whether several may hold such a lock.
func (l Lock) Shared() bool { return l == SemShared || l == ReadShared }

// Depths returns how deep the CPU is in what keeps its task from sleeping. A softirq counts from its own beginning.
func (c *CPU) Depths() Depths {
	d := Depths{Spins: int8(c.spins), Preempt: int8(c.preemptOff), BH: int8(c.bhOff), RCU: int8(c.rcuDepth)}
	if c.inSoftirq && d.BH > 0 {
		d.BH-- // the softirq itself
	}
	return d
}

// SetLax has a broken rule of the context happen on c, and not be reported: a task that sleeps where it must not, or ends with
// something held. What comes of it shows whether it can hang.
func (c *CPU) SetLax(lax bool) { c.lax = lax }

// PreemptDisable is preempt_disable(): no other task runs on this CPU until PreemptEnable.
func PreemptDisable(c *CPU) {
	if c.sched != nil {
		c.slow(OpPreemptDisable, 0, 0, 0)
		return
	}
	c.preemptOff++
}

// PreemptEnable is preempt_enable(): it leaves such a region.
func PreemptEnable(c *CPU) {
	if c.sched != nil {
		c.slow(OpPreemptEnable, 0, 0, 0)
		return
	}
	c.preemptEnable()
}

func (c *CPU) preemptEnable() {
	if c.preemptOff == 0 {
		c.Report(&Violation{Kind: LockMisuse, Detail: "enables preemption, which is on"})
		return
	}
	c.preemptOff--
}

// MightSleep is might_sleep(): it reports that the task must not sleep here, if it must not. It touches no memory.
func MightSleep(c *CPU) {
	if c.sched != nil {
		c.slow(OpMightSleep, 0, 0, 0)
		return
	}
	c.mightSleep(0)
}

// inAtomic tells whether the CPU's task must not sleep.
func (c *CPU) inAtomic() bool {
	return c.bhOff|c.rcuDepth|c.preemptOff != 0 || c.spins > 0 || c.inSoftirq
}

// mightSleep tells whether the CPU may sleep, for the object at a. That it must not is reported.
func (c *CPU) mightSleep(a Addr) bool {
	if c.lax || !c.inAtomic() {
		return true
	}
	c.Report(SleepViolation(a, c.Depths().Atomic(c.inSoftirq)))
	return false
}

// SleepViolation is what is reported of who sleeps where it must not: why is what Depths.Atomic says.
func SleepViolation(a Addr, why string) *Violation {
	detail := "may sleep where it must not: " + why
	if a != 0 {
		detail = "may sleep for %l where it must not: " + why
	}
	return &Violation{Kind: SleepInAtomic, Addr: a, Detail: detail}
}

// TaskExit is what do_exit() checks: it reports what the task on c leaves behind, and has c begin anew.
func TaskExit(c *CPU) {
	if why := c.Depths().String(); why != "" && !c.lax {
		c.Report(&Violation{Kind: ContextImbalance, Detail: "ends with " + why})
	}
	c.bhOff, c.rcuDepth, c.preemptOff, c.spins = 0, 0, 0, 0
}

// returns reports that a function which the kernel called, a work item's or a softirq's, leaves other depths than it found.
func (c *CPU) returns(what string, before Depths) {
	after := c.Depths()
	if before == after || c.lax {
		return
	}
	c.Report(&Violation{Kind: ContextImbalance, Detail: fmt.Sprintf("%s was entered with %s and left with %s", what, orNothing(before), orNothing(after))})
	c.bhOff += int32(before.BH - after.BH)
	c.rcuDepth += int32(before.RCU - after.RCU)
	c.preemptOff += int32(before.Preempt - after.Preempt)
	c.spins += int32(before.Spins - after.Spins)
}

func orNothing(d Depths) string {
	if s := d.String(); s != "" {
		return s
	}
	return "nothing"
}
