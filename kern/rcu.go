package kern

// Func is the address of a function that was registered with a Machine: what an rcu_head or a work item holds, and what
// cannot be mistaken for a pointer to data.
type Func uint32

type function struct {
	name string
	fn   func(c *CPU, obj Addr)
}

// RegisterFunc gives fn an address. It is called while a machine is put together, before its CPUs run.
func (m *Machine) RegisterFunc(name string, fn func(c *CPU, obj Addr)) Func {
	if len(m.funcs) >= int(textEnd-textBase)-1 { // the last one is canceling
		panic("kern: too many functions")
	}
	m.funcs = append(m.funcs, function{name, fn})
	return Func(textBase) + Func(len(m.funcs)-1)
}

// FuncName returns the name f was registered under.
func (m *Machine) FuncName(f Func) string {
	if i := f - Func(textBase); int(i) < len(m.funcs) {
		return m.funcs[i].name
	}
	if uint32(f) == canceling {
		return "cancel_work_sync"
	}
	return "?"
}

// Call calls the function at f, as an RCU core or a kworker does.
func (m *Machine) Call(c *CPU, f Func, obj Addr) { m.funcs[f-Func(textBase)].fn(c, obj) }

// RCUReadLock is rcu_read_lock(): a callback that is queued from now on waits until the section is over. The section is this CPU's own business until a grace period asks.
func RCUReadLock(c *CPU) {
	if c.sched != nil {
		c.slow(OpRCUReadLock, 0, 0, 0)
		return
	}
	c.rcuDepth++
}

// RCUReadUnlock is rcu_read_unlock(): it leaves the section.
func RCUReadUnlock(c *CPU) {
	if c.sched != nil {
		c.slow(OpRCUReadUnlock, 0, 0, 0)
		return
	}
	c.rcuUnlock()
}

func (c *CPU) rcuUnlock() {
	if c.rcuDepth == 0 {
		c.Report(&Violation{Kind: LockMisuse, Detail: "is called outside rcu_read_lock"})
		return
	}
	if c.rcuDepth--; c.rcuDepth == 0 {
		c.rcuExits++
	}
}

// An rcu_head is two words: next, which links it into a callback queue, then func, the address of the callback. func is
// what tells a queued head from one at rest.
const (
	headNext = 0
	headFunc = 1

	// RCUHeadWords is how many words an rcu_head takes.
	RCUHeadWords = 2
)

// CallRCU is call_rcu(): once every reader that is inside a read-side section now has left it, fn is called in softirq
// context with the address of head.
func CallRCU(c *CPU, head Addr, fn Func) {
	if c.sched != nil {
		c.slow(OpCallRCU, head, uint32(fn), 0)
		return
	}
	c.callRCU(head, fn)
}

func (c *CPU) callRCU(head Addr, fn Func) {
	if c.ArmHead(head, fn) {
		c.callbacks.push(c.m, head)
		c.queued++
	}
}

// ArmHead is what call_rcu does to the rcu_head itself: its function says that it is queued. It tells whether it was not
// queued before. Whoever stands in for the RCU core keeps the queue.
func (c *CPU) ArmHead(head Addr, fn Func) bool {
	switch was := Addr(*c.m.word(head + headFunc)); {
	case was.IsFunc():
		c.Report(&Violation{Kind: DoubleCallRCU, Addr: head, Detail: "queues the rcu_head of %o, which is queued already"})
		return false
	case was == FreePoison:
		c.Report(&Violation{Kind: UseAfterFree, Addr: head, Detail: "queues the rcu_head of %o, which was freed"})
	case was.IsPlace() && was != head:
		c.Report(&Violation{Kind: UnionOverlap, Addr: head, Detail: "call_rcu while the lru in the same words is on a list"})
	}
	storeRelease(c.m.word(head+headFunc), uint32(fn)) // no lock: a check of the other half may look at it
	return true
}

// Disarm puts an rcu_head or a work item at rest again and returns the function it held. It is what happens to one just
// before its function is called.
func (m *Machine) Disarm(a Addr) Func {
	next, fn := m.word(a+headNext), m.word(a+headFunc)
	f := Func(*fn)
	*next = 0
	storeRelease(fn, 0)
	return f
}

// CallbackQueue is a first-in-first-out queue of rcu_heads, linked through their own words. Only the CPU it belongs to
// touches it.
type CallbackQueue struct {
	head, tail Addr
	n          int
}

// Len returns how many callbacks are queued.
func (q *CallbackQueue) Len() int { return q.n }

func (q *CallbackQueue) push(m *Machine, h Addr) {
	*m.word(h + headNext) = 0
	if q.tail == 0 {
		q.head = h
	} else {
		*m.word(q.tail + headNext) = uint32(h)
	}
	q.tail = h
	q.n++
}

// Append moves all of from to the end of q.
func (q *CallbackQueue) Append(m *Machine, from *CallbackQueue) {
	if from.n == 0 {
		return
	}
	if q.tail == 0 {
		q.head = from.head
	} else {
		*m.word(q.tail + headNext) = uint32(from.head)
	}
	q.tail = from.tail
	q.n += from.n
	*from = CallbackQueue{}
}

// Each calls f for every callback in the queue, oldest first, reading as a debugger would.
func (q *CallbackQueue) Each(m *Machine, f func(head Addr, fn Func)) {
	for h, i := q.head, 0; i < q.n && h.IsPlace(); i++ {
		f(h, Func(m.Peek(h+headFunc)))
		h = Addr(m.Peek(h + headNext))
	}
}

// Callbacks is the queue that call_rcu on c puts callbacks into. The RCU core takes them from there.
func (c *CPU) Callbacks() *CallbackQueue { return &c.callbacks }

// CallbacksQueued returns how many callbacks call_rcu ever queued on c. Only the CPU's own goroutine may ask.
func (c *CPU) CallbacksQueued() uint64 { return c.queued }

// Take takes a callback out of the middle of q, into a queue of its own. It tells whether q had it.
func (q *CallbackQueue) Take(m *Machine, head Addr) (one CallbackQueue, ok bool) {
	prev, h := Addr(0), q.head
	for i := 0; i < q.n && h.IsPlace(); i++ {
		next := Addr(*m.word(h + headNext))
		if h != head {
			prev, h = h, next
			continue
		}
		switch {
		case prev != 0:
			*m.word(prev + headNext) = uint32(next)
		default:
			q.head = next
		}
		if q.tail == h {
			q.tail = prev
		}
		if q.n--; q.n == 0 {
			*q = CallbackQueue{}
		}
		one.push(m, h)
		return one, true
	}
	return one, false
}

// InvokeOne takes the oldest callback off q and runs it on c, which must be in softirq context. The head is at rest
// again when its callback starts, so that the callback may queue it anew.
func (q *CallbackQueue) InvokeOne(c *CPU) bool {
	if q.n == 0 {
		return false
	}
	h := q.head
	q.head = Addr(*c.m.word(h + headNext))
	q.n--
	if q.n == 0 {
		*q = CallbackQueue{}
	}
	if !Addr(*c.m.word(h + headFunc)).IsFunc() {
		c.Report(&Violation{Kind: UnionOverlap, Addr: h, Detail: "the words of a queued rcu_head were overwritten"})
		*q = CallbackQueue{} // what followed it can no longer be reached
		return true
	}
	c.m.Call(c, c.m.Disarm(h), h)
	return true
}
