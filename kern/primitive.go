package kern

import (
	"cmp"
	"strings"
)

// Primitive describes a primitive to whoever has to know what it does without carrying it out: an explorer that reorders
// steps, a reader of schedules, a table in the documentation. There is one for each OpKind; see PrimitiveOf.
type Primitive struct {
	Name      string // as schedules and reports have it
	Kernel    string // what the kernel calls it, where that is not Name
	Func      string // what it is here: a function of this package, or a method; "" if it comes of another
	Shape     Shape  // which words it may touch
	Frame     bool   // Addr is the number of a page frame
	Reads     bool   // its result, or what it does, depends on those words
	Writes    bool   // it may change them
	Void      bool   // it reads its word only to change it, and returns nothing
	Atomic    bool   // it is an atomic read-modify-write, which smp_mb__before_atomic and smp_mb__after_atomic go with
	Plain     bool   // its accesses are plain C accesses: the code's claim that nobody conflicts with them
	Publishes bool   // it changes a list that RCU readers walk: see Access
	Order     Order  // what it orders, by the kernel's memory model
	Forms     []Form // the other orders that it comes in
	Waits     Lock   // the kind of lock that it waits for, and takes
	Tries     Lock   // the kind of lock that it takes if that is free, which its result tells
	Gives     Lock   // the kind of lock that it releases
	Counts    int8   // it takes a reference, 1, or drops one, -1
	Blocks    bool   // it may wait, whether for a lock or not; see MayWait
	Sleeps    bool   // it may sleep: process context only
	Pinned    bool   // only where the task cannot be preempted
	BH        int8   // what it adds to the depth of local_bh_disable
	RCU       int8   // what it adds to the depth of rcu_read_lock
	Preempt   int8   // what it adds to the depth of preempt_disable
	Mover     Mover  // where it may be moved to in a schedule
	Shares    Shared // what it has to do with beside its words: steps that share something need not commute

	// What readers are told, with the parts that Fill puts in.
	Call    string // the call as the kernel's code has it: "atomic_add({int A}, {word})"
	Returns string // its result: "{int ret}"; "" if callers make nothing of it
	Does    string // what it did, as a sentence without its subject: "adds {int A} to {word}, which makes {int ret}"
}

// Shape says which words a primitive may touch; Machine.Footprint lists them.
type Shape uint8

// The shapes of footprints.
const (
	NoWords    Shape = iota
	OneWord          // the word at Addr
	TwoWords         // a list_head, an rcu_head or a work item at Addr
	ListInsert       // the node at Addr, the head at A and the neighbour there
	ListRemove       // the node at Addr and its neighbours
	PageCount        // the refcount of the frame Addr
	ThreeWords       // an srcu_struct at Addr
	PerCPUWord       // of the per-CPU variable at Addr the word of the CPU that does it
)

// Form is a primitive in an order that is not its usual one: an Op says so by its Order.
type Form struct {
	Order  Order
	Kernel string // what the kernel calls it: atomic_add_return_relaxed
	Func   string // the function of this package that it is by: AtomicAddReturnRelaxed
}

// Order is what a primitive orders besides itself: the kernel's Documentation/memory-barriers.txt and atomic_t.txt. A
// compare-and-exchange that fails orders nothing, whatever its order is.
type Order uint8

// The orders. A primitive without one is no access to shared memory, or a plain one.
const (
	Unordered       Order = iota
	Relaxed               // READ_ONCE, WRITE_ONCE, atomics that return nothing
	Dependent             // rcu_dereference: what is reached through the pointer stays behind it
	Acquire               // what follows stays behind it
	Release               // what precedes stays before it
	Full                  // both, as smp_mb() on either side: atomics that return a value
	FullIfDone            // Full where it changes the word, Relaxed where it does not: cmpxchg, atomic_add_unless
	ReleaseAcquire0       // refcount_dec_and_test: Release, and Acquire too where the count comes to zero
	AcquireIfDone         // Acquire where it gets the lock, nothing where it does not: trylocks
	ReadsOnly             // smp_rmb: reads stay on their side of it
	WritesOnly            // smp_wmb: writes do
	BeforeAtomic          // smp_mb__before_atomic: what precedes it stays before the next atomic, and all that follows that
	AfterAtomic           // smp_mb__after_atomic: the last atomic, and all that precedes that, stays before what follows
	AfterSpinlock         // smp_mb__after_spinlock: the last spin_lock, and all that precedes that, does
	AfterUnlockLock       // smp_mb__after_unlock_lock: what precedes an unlock that comes before the last spin_lock does
)

var orderNames = [...]string{"none", "relaxed", "address dependency", "acquire", "release", "full", "full if it succeeds",
	"release; acquire at zero", "acquire if it succeeds", "reads", "writes", "full, with an atomic behind it", "full, with an atomic before it",
	"full, with a spin_lock before it", "full, with an unlock and a lock before it"}

func (o Order) String() string { return orderNames[o] }

// Ordering returns the order of an op: that of its form, or the usual one of its primitive.
func (o Op) Ordering() Order {
	if o.Order != Unordered {
		return o.Order
	}
	return primitives[o.Kind].Order
}

// Name returns what the kernel calls the op, in the order that it has.
func (o Op) Name() string {
	p := &primitives[o.Kind]
	for _, f := range p.Forms {
		if f.Order == o.Order {
			return f.Kernel
		}
	}
	return cmp.Or(p.Kernel, p.Name)
}

// Call returns the Call of the op's primitive, under the name that its form has.
func (o Op) Call() string {
	p := &primitives[o.Kind]
	for _, f := range p.Forms {
		if _, arguments, ok := strings.Cut(p.Call, "("); ok && f.Order == o.Order {
			return f.Kernel + "(" + arguments
		}
	}
	return p.Call
}

// Lock is a kind of lock, and how it is held.
type Lock uint8

// The kinds of locks.
const (
	NoLock     Lock = iota
	Spin            // a spin lock
	SemShared       // a rw_semaphore, by a reader
	SemAlone        // a rw_semaphore, by a writer
	ReadShared      // a rwlock, by a reader
	WriteAlone      // a rwlock, by a writer
	Mutex           // a mutex
	BitSpin         // a spin lock that is one bit of a word
	PageLock        // the lock of a page frame, which is one bit of its flags
	CPULocal        // a local lock, which one CPU alone takes
)

// Mover says how a primitive may be moved against those of other threads without any schedule being lost that matters,
// after Lipton. A search that folds makes one transition of a primitive that does not move, the right movers before it and
// the left movers after it.
type Mover uint8

const (
	// NonMover: what it does and what it sees depends on when it is done.
	NonMover Mover = iota
	// Local: it touches nothing that others may touch meanwhile, or it is a plain access, and that is checked. No search
	// makes it a transition of its own.
	Local
	// RightMover: done later it does the same, or there is a schedule that is worse. Taking a lock, taking a reference,
	// entering a reader; list operations, which are plain accesses.
	RightMover
	// LeftMover: done earlier it does the same, or there is a schedule that is worse. Freeing, leaving a reader.
	LeftMover
	// BothMover: it touches nothing that others see, and orders what its thread does. It is carried out with the primitive
	// before it, so that it costs no transition and no state.
	BothMover
)

// Silent tells whether a primitive that moves so is no step: nobody else can tell when it is carried out.
func (m Mover) Silent() bool { return m == Local || m == BothMover }

// Shared is a set of things beside memory that primitives have to do with.
type Shared uint8

// What primitives share besides words.
const (
	Callbacks Shared = 1 << iota // the queue of RCU callbacks, and the readers that they wait for
	Works                        // the queue of work items
	Objects                      // which objects and frames are in use
)

// Looks tells whether what it leaves in its words depends on what they were, or what it returns does.
func (p *Primitive) Looks() bool { return p.Reads || p.Void }

// MayWait tells whether it may have to wait, for a lock or for something else; see Machine.Ready.
func (p *Primitive) MayWait() bool { return p.Waits != NoLock || p.Blocks }

// Changes tells whether an op that returned result changed its word as it was asked to: a compare-and-exchange that fails, or an
// add_unless, does not, and orders nothing.
func (o Op) Changes(result uint32) bool {
	switch o.Kind {
	case OpCmpXchg, OpThisCPUCmpXchg:
		return result == o.A
	case OpAddUnless:
		return result != 0
	}
	return primitives[o.Kind].Writes
}

// PrimitiveOf returns the description of a primitive.
func PrimitiveOf(k OpKind) *Primitive { return &primitives[k] }

// Took returns the kind of lock that it took when it returned result, NoLock if it took none.
func (p *Primitive) Took(result uint32) Lock {
	if p.Tries != NoLock && result != 0 {
		return p.Tries
	}
	return p.Waits
}

// Primitives returns all kinds of primitives, in order.
func Primitives() []OpKind {
	ks := make([]OpKind, 0, numOps-1)
	for k := OpNone + 1; k < numOps; k++ {
		ks = append(ks, k)
	}
	return ks
}
