package explore

import (
	"cmp"
	"fmt"
	"ptsim/kern"
	"slices"
)

// Wait says why a thread cannot move.
type Wait uint8

// What a thread can wait for. Ready is nothing.
const (
	Ready       Wait = iota
	Over             // a task that has done all it had to do
	Idle             // a softirq or kworker for which nothing is queued
	ForReaders       // a softirq: callbacks are queued, and all wait for readers
	ForOtherCPU      // a softirq: what is queued, another CPU queued; see SoftirqsOnCPU
	ForLock          // a lock or semaphore that others hold
	Interrupted      // a softirq runs on top of it
	BHOff            // a softirq: what runs on its CPU has turned BH off
	AllEnded         // the schedule has ended
	KeptOff          // another task of its CPU cannot be preempted
	ForQueue         // under total store order: it orders, and its CPU's queue is not empty
)

var waitNames = [...]string{"ready", "over", "idle", "readers", "other-cpu", "lock", "interrupted", "bh-off", "ended", "kept-off", "queue"}

func (w Wait) String() string { return waitNames[w] }

// MarshalText writes the name.
func (w Wait) MarshalText() ([]byte, error) { return []byte(waitNames[w]), nil }

// UnmarshalText reads what MarshalText wrote.
func (w *Wait) UnmarshalText(text []byte) error { return named(w, text, waitNames[:]) }

// ThreadKind is what kind of thread one is.
type ThreadKind uint8

// The kinds of threads.
const (
	TaskThread ThreadKind = iota
	KworkerThread
	SoftirqThread
)

var threadKindNames = [...]string{"task", "kworker", "softirq"}

func (k ThreadKind) String() string { return threadKindNames[k] }

// MarshalText writes the name.
func (k ThreadKind) MarshalText() ([]byte, error) { return []byte(threadKindNames[k]), nil }

// UnmarshalText reads what MarshalText wrote.
func (k *ThreadKind) UnmarshalText(text []byte) error { return named(k, text, threadKindNames[:]) }

// named looks a name up in the names of a type.
func named[T ~uint8](to *T, text []byte, names []string) error {
	i := slices.Index(names, string(text))
	if i < 0 {
		return fmt.Errorf("unknown name %q", text)
	}
	*to = T(i)
	return nil
}

// Thread is a thread as it stands now.
type Thread struct {
	Number int
	Letter string // as schedules have it: A, w0, s0
	Kind   ThreadKind
	CPU    int
	Name   string // of the task; kworker or softirq
	Doing  string // the operation, callback or work item that it is in the middle of, or about to begin
	Pos    int    // which of the task's operations that is; -1 of a callback or work item
	BH     int    // how many times it has turned BH off
	RCU    int    // how deep it is inside rcu_read_lock

	Wait    Wait
	Lock    kern.Addr // with ForLock: what it waits for
	Holders []int     // and the threads that hold that; with KeptOff: who has the CPU
	Moves   []Option  // with Ready: what it can do; with ForLock and ForQueue: what it would do; those that drain its queue come last
}

// Option is what a thread can do next.
type Option struct {
	Move
	Op     kern.Op // the primitive; OpNone if it begins a callback or work item, or ends without another
	Begins bool
	Reads  *Reading // under a weak memory model: which store this way reads, where there are several
	Drains bool     // the oldest store in the queue of its CPU goes to memory: possible whatever the thread waits for
	Func   string   // with Begins: the callback's name
	Where  []Place  // where in the code it stands before it, innermost first
	Ways   int      // how many ways there are from here; 1 is no choice
	Choice kern.Op  // with Ways > 1: the primitive that can go several ways
	Shared bool     // there is a step that others can see; else only the rest of the thread's own
	Waits  bool     // it begins to wait there: to spin, or to sleep where it must not; see share.go
}

// Callback is a queued rcu_head, or a pending work item.
type Callback struct {
	Item    kern.Addr
	Func    string
	CPU     int      // with SoftirqsOnCPU the CPU whose queue it is in, else -1
	Readers []Reader // whom it waits for; if nobody, it is ready
}

// Reader is a thread that a grace period waits for, and why.
type Reader struct {
	Thread int
	Why    string // "rcu_read_lock", "BH off" or "softirq"
}

// Threads returns all threads as they stand now.
func (p *Stepper) Threads() []Thread {
	list := make([]Thread, 0, len(p.x.threads))
	for t := range p.x.threads {
		list = append(list, p.thread(t))
	}
	return list
}

// Thread returns one thread as it stands now. The number must be that of a thread.
func (p *Stepper) Thread(t int) Thread { return p.thread(t) }

func (p *Stepper) thread(t int) Thread {
	th, n := &p.x.threads[t], p.s.at[t]
	k := Thread{
		Number: t, Letter: p.x.nameOf(t).String(), Kind: ThreadKind(th.role), CPU: th.cpu, Name: th.name,
		Pos: -1, BH: int(n.depth.BH), RCU: int(n.depth.RCU),
	}
	if th.role == kworker {
		k.Kind = KworkerThread
	} else if th.role == softirq {
		k.Kind = SoftirqThread
	}
	if !n.over() {
		k.Doing = p.x.auto.doing(n.start)
		if th.role == task {
			k.Pos = n.start.pos
		}
	}
	switch {
	case p.ended && n.over() && th.role == task:
		k.Wait = Over
	case p.ended:
		k.Wait = AllEnded
	case p.s.interrupted(t):
		k.Wait = Interrupted
	case !n.over() && p.s.keeper(t) >= 0:
		k.Wait, k.Holders = KeptOff, []int{p.s.keeper(t)}
	case !n.over():
		p.next(&k)
	case th.role == task:
		k.Wait = Over
	default:
		p.idle(&k)
	}
	if q := p.s.queues; q != nil && len(q.of[t]) > 0 && !p.ended {
		k.Moves = append(k.Moves, Option{Move: Move{Thread: t, Item: Drain}, Drains: true, Shared: true, Ways: 1})
	}
	return k
}

// next finds what a thread in the middle of something can do.
func (p *Stepper) next(k *Thread) {
	for way, ways := uint32(0), uint32(1); way < ways; way++ {
		o := Option{Move: Move{Thread: k.Number, Way: int(way)}}
		mark := p.s.mark()
		p.s.seen = p.s.seen[:0]
		p.s.peeking = true
		st := p.s.take(trans{t: uint8(k.Number), alt: uint8(way)}, stepwise)
		p.s.peeking = false
		ways = p.s.alts
		o.Shared = p.s.ops > 0 || st == blocked
		o.Waits = p.s.hasBegun(k.Number) && st == moved
		seen := p.s.seen
		p.s.back(mark)
		o.Ways = int(ways)
		for _, n := range seen {
			o.Op, o.Where = n.op, Places(n.where)
			if p.s.ways(k.Number, n.op) > 1 {
				o.Choice = n.op
			}
		}
		if n := len(seen); n > 0 && ways > 1 && p.s.weak != nil {
			if list := p.s.weak.readings(k.Number, seen[n-1].op); way < uint32(len(list)) {
				o.Reads = list[way]
			}
		}
		if st == blocked && p.s.queues != nil && len(seen) > 0 && p.s.queues.waits(k.Number, seen[len(seen)-1]) {
			k.Wait = ForQueue
		} else if st == blocked {
			k.Wait, k.Lock = ForLock, o.Op.Addr
			k.Holders = append([]int(nil), p.held[k.Lock]...)
		}
		k.Moves = append(k.Moves, o)
	}
}

// idle finds what an idle softirq or kworker can begin.
func (p *Stepper) idle(k *Thread) {
	s := p.s
	table := p.x.table(k.Number)
	for r := s.ready(k.Number); r != 0; r &= r - 1 {
		a := table.addrs[lowest(r)]
		k.Moves = append(k.Moves, Option{
			Move: Move{Thread: k.Number, Item: a}, Begins: true, Func: s.m.FuncName(kern.Func(s.m.Peek(a + 1))), Ways: 1, Shared: true,
		})
	}
	if len(k.Moves) > 0 {
		slices.SortFunc(k.Moves, func(a, b Option) int { return cmp.Compare(a.Item, b.Item) })
		return
	}
	switch {
	case k.Kind == KworkerThread || s.queued == 0:
		k.Wait = Idle
	case s.queued&^s.waiting() == 0:
		k.Wait = ForReaders
	default:
		k.Wait = ForOtherCPU
		for _, under := range p.x.underneath[k.Number] {
			if s.bhOff(under) {
				k.Wait = BHOff
			}
		}
	}
}

// Callbacks returns the rcu_heads that are queued, in the order of their addresses: that of their slots is the one in which
// this Stepper came to know them, whatever it was made to try.
func (p *Stepper) Callbacks() []Callback {
	s := p.s
	var list []Callback
	for q := s.queued; q != 0; q &= q - 1 {
		slot := lowest(q)
		c := p.callback(p.x.auto.slots[0].addrs[slot])
		if p.x.opt.Softirqs == SoftirqsOnCPU {
			c.CPU = int(s.by[slot])
		}
		for t := range p.x.threads {
			if s.wait[t]&(1<<slot) != 0 {
				c.Readers = append(c.Readers, Reader{t, p.reads(t)})
			}
		}
		list = append(list, c)
	}
	return byItem(list)
}

// Works returns the work items that are pending, in the order of their addresses.
func (p *Stepper) Works() []Callback {
	var list []Callback
	for w := p.s.work; w != 0; w &= w - 1 {
		list = append(list, p.callback(p.x.auto.slots[1].addrs[lowest(w)]))
	}
	return byItem(list)
}

func byItem(list []Callback) []Callback {
	slices.SortFunc(list, func(a, b Callback) int { return cmp.Compare(a.Item, b.Item) })
	return list
}

func (p *Stepper) callback(a kern.Addr) Callback {
	return Callback{Item: a, Func: p.s.m.FuncName(kern.Func(p.s.m.Peek(a + 1))), CPU: -1}
}

// reads says by what a thread is a reader that grace periods wait for.
func (p *Stepper) reads(t int) string {
	n := p.s.at[t]
	switch {
	case p.s.queues != nil && !n.reader:
		return "stores in its queue"
	case p.x.threads[t].role == softirq && p.x.opt.Grace == GracePrecise:
		return "softirq"
	case n.depth.RCU > 0:
		return "rcu_read_lock"
	case n.depth.BH > 0:
		return "BH off"
	case n.depth.Preempt > 0:
		return "preemption off"
	}
	return "spin lock held"
}

// Held returns the threads that hold a lock or semaphore.
func (p *Stepper) Held(a kern.Addr) []int { return p.held[a] }
