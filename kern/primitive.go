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
)

var orderNames = [...]string{"none", "relaxed", "address dependency", "acquire", "release", "full", "full if it succeeds",
	"release; acquire at zero", "acquire if it succeeds", "reads", "writes"}

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

// primitives is the table. A new primitive is an entry here, one in run, and its function: whoever shows, explains or asks
// about steps reads its words here.
var primitives = [numOps]Primitive{
	OpNone: {Name: "none"},
	OpRead: {Name: "read", Func: "ReadOnce", Kernel: "READ_ONCE", Shape: OneWord, Reads: true, Order: Relaxed,
		Forms: []Form{{Dependent, "rcu_dereference", "RCUDereference"}, {Acquire, "smp_load_acquire", "SmpLoadAcquire"}},
		Call:  "READ_ONCE({word})", Returns: "{ret}", Does: "reads {word}, which is {ret}",
	},
	OpWrite: {Name: "write", Func: "WriteOnce", Kernel: "WRITE_ONCE", Shape: OneWord, Writes: true, Order: Relaxed,
		Forms: []Form{{Release, "smp_store_release", "SmpStoreRelease"}, {Full, "smp_store_mb", "SmpStoreMB"}},
		Call:  "WRITE_ONCE({word}, {A})", Does: "writes {A} to {word}",
	},
	OpLoad: {Name: "load", Func: "Load", Kernel: "a plain read", Shape: OneWord, Reads: true, Plain: true, Mover: Local,
		Call: "{word}", Returns: "{ret}", Does: "reads {word}, which is {ret}, by a plain access",
	},
	OpStore: {Name: "store", Func: "Store", Kernel: "a plain write", Shape: OneWord, Writes: true, Plain: true, Mover: Local,
		Call: "{word} = {A}", Does: "writes {A} to {word} by a plain access",
	},

	OpAdd: {Name: "add", Func: "AtomicAddReturn", Kernel: "atomic_add_return", Shape: OneWord, Reads: true, Writes: true, Order: Full, Forms: suffixed("atomic_add_return", "AtomicAddReturn"),
		Call: "atomic_add_return({int A}, {word})", Returns: "{int ret}", Does: "adds {int A} to {word}, which makes {int ret}",
	},
	OpXor: {Name: "xor", Func: "AtomicXorBits", Kernel: "atomic_xor_bits", Shape: OneWord, Reads: true, Writes: true, Order: Full, Forms: suffixed("atomic_fetch_xor", "AtomicFetchXor"),
		Call: "atomic_xor_bits({hex A}, {word})", Returns: "{ret}", Does: "flips the bits {hex A} of {word}, which makes {ret}",
	},
	OpCmpXchg: {Name: "cmpxchg", Func: "CmpXchg", Shape: OneWord, Reads: true, Writes: true, Order: FullIfDone, Forms: suffixed("cmpxchg", "CmpXchg"),
		Call: "cmpxchg({word}, {A}, {B})", Returns: "{ret}", Does: "writes {B} to {word} if that is {A}, and finds {ret}",
	},
	OpXchg: {Name: "xchg", Func: "Xchg", Shape: OneWord, Reads: true, Writes: true, Order: Full, Forms: suffixed("xchg", "Xchg"),
		Call: "xchg({word}, {A})", Returns: "{ret}", Does: "writes {A} to {word}, which was {ret}",
	},
	OpAddUnless: {Name: "add_unless", Func: "AtomicAddUnless", Kernel: "atomic_add_unless", Shape: OneWord, Reads: true, Writes: true, Order: FullIfDone, Counts: 1,
		Forms: []Form{{Relaxed, "refcount_inc_not_zero", "RefcountIncNotZero"}},
		Call:  "atomic_add_unless({word}, {int A}, {int B})", Returns: "{int ret}", Does: "adds {int A} to {word}, unless that is {int B}: {done ret}",
	},
	OpOr: {Name: "or", Func: "AtomicFetchOr", Kernel: "atomic_fetch_or", Shape: OneWord, Reads: true, Writes: true, Order: Full, Forms: suffixed("atomic_fetch_or", "AtomicFetchOr"),
		Call: "atomic_fetch_or({hex A}, {word})", Returns: "{ret}", Does: "turns on the bits {hex A} of {word}, which was {ret}",
	},
	OpAndNot: {Name: "and_not", Func: "AtomicFetchAndNot", Kernel: "atomic_fetch_andnot", Shape: OneWord, Reads: true, Writes: true, Order: Full, Forms: suffixed("atomic_fetch_andnot", "AtomicFetchAndNot"),
		Call: "atomic_fetch_andnot({hex A}, {word})", Returns: "{ret}", Does: "turns off the bits {hex A} of {word}, which was {ret}",
	},

	OpRefInc: {Name: "refcount_inc", Void: true, Func: "RefcountInc", Shape: OneWord, Writes: true, Order: Relaxed, Counts: 1, Mover: RightMover,
		Call: "refcount_inc(&{word})", Does: "takes a reference: {word} is {int now} now",
	},
	OpRefDecTest: {Name: "refcount_dec_and_test", Func: "RefcountDecAndTest", Shape: OneWord, Reads: true, Writes: true, Order: ReleaseAcquire0, Counts: -1,
		Call: "refcount_dec_and_test(&{word})", Returns: "{int ret}", Does: "drops a reference: {word} is {int now} now",
	},

	OpDownRead: {Name: "down_read", Func: "DownRead", Shape: OneWord, Reads: true, Writes: true, Order: Acquire, Waits: SemShared, Sleeps: true, Mover: RightMover,
		Call: "down_read(&{word})", Does: "takes {word} to read",
	},
	OpUpRead: {Name: "up_read", Func: "UpRead", Shape: OneWord, Reads: true, Writes: true, Order: Release, Gives: SemShared,
		Call: "up_read(&{word})", Does: "releases {word}, which it had to read",
	},
	OpDownWrite: {Name: "down_write", Func: "DownWrite", Shape: OneWord, Reads: true, Writes: true, Order: Acquire, Waits: SemAlone, Sleeps: true, Mover: RightMover,
		Call: "down_write(&{word})", Does: "takes {word} to write",
	},
	OpUpWrite: {Name: "up_write", Func: "UpWrite", Shape: OneWord, Reads: true, Writes: true, Order: Release, Gives: SemAlone,
		Call: "up_write(&{word})", Does: "releases {word}, which it had to write",
	},

	OpSpinLock: {Name: "spin_lock", Func: "SpinLock", Shape: OneWord, Reads: true, Writes: true, Order: Acquire, Waits: Spin, Mover: RightMover,
		Call: "spin_lock(&{word})", Does: "takes {word}",
	},
	OpSpinUnlock: {Name: "spin_unlock", Func: "SpinUnlock", Shape: OneWord, Reads: true, Writes: true, Order: Release, Gives: Spin,
		Call: "spin_unlock(&{word})", Does: "releases {word}",
	},
	OpSpinLockBH: {Name: "spin_lock_bh", Func: "SpinLockBH", Shape: OneWord, Reads: true, Writes: true, Order: Acquire, Waits: Spin, BH: 1, Mover: RightMover, Shares: Callbacks,
		Call: "spin_lock_bh(&{word})", Does: "turns BH off and takes {word}",
	},
	OpSpinUnlockBH: {Name: "spin_unlock_bh", Func: "SpinUnlockBH", Shape: OneWord, Reads: true, Writes: true, Order: Release, Gives: Spin, BH: -1, Shares: Callbacks,
		Call: "spin_unlock_bh(&{word})", Does: "releases {word} and turns BH on again",
	},
	OpSpinTrylock: {Name: "spin_trylock", Func: "SpinTrylock", Shape: OneWord, Reads: true, Writes: true, Order: AcquireIfDone, Tries: Spin,
		Call: "spin_trylock(&{word})", Returns: "{int ret}", Does: "takes {word} if that is free: {done ret}",
	},
	OpSpinIsLocked: {Name: "spin_is_locked", Func: "SpinIsLocked", Shape: OneWord, Reads: true, Order: Relaxed,
		Call: "spin_is_locked(&{word})", Returns: "{int ret}", Does: "looks whether anybody holds {word}: {yes ret}",
	},
	OpBHDisable: {Name: "bh_disable", Func: "LocalBHDisable", Kernel: "local_bh_disable", BH: 1, Mover: RightMover, Shares: Callbacks,
		Call: "local_bh_disable()", Does: "turns BH off",
	},
	OpBHEnable: {Name: "bh_enable", Func: "LocalBHEnable", Kernel: "local_bh_enable", BH: -1, Mover: LeftMover, Shares: Callbacks,
		Call: "local_bh_enable()", Does: "turns BH on again",
	},

	OpDownReadTrylock: {Name: "down_read_trylock", Func: "DownReadTrylock", Shape: OneWord, Reads: true, Writes: true, Order: AcquireIfDone, Tries: SemShared,
		Call: "down_read_trylock(&{word})", Returns: "{int ret}", Does: "takes {word} to read, if no writer has it: {done ret}",
	},
	OpDownWriteTrylock: {Name: "down_write_trylock", Func: "DownWriteTrylock", Shape: OneWord, Reads: true, Writes: true, Order: AcquireIfDone, Tries: SemAlone,
		Call: "down_write_trylock(&{word})", Returns: "{int ret}", Does: "takes {word} to write, if nobody has it: {done ret}",
	},

	OpReadLock: {Name: "read_lock", Func: "ReadLock", Shape: OneWord, Reads: true, Writes: true, Order: Acquire, Waits: ReadShared,
		Call: "read_lock(&{word})", Does: "takes {word} to read",
	},
	OpReadUnlock: {Name: "read_unlock", Func: "ReadUnlock", Shape: OneWord, Reads: true, Writes: true, Order: Release, Gives: ReadShared,
		Call: "read_unlock(&{word})", Does: "releases {word}, which it had to read",
	},
	OpWriteLock: {Name: "write_lock", Func: "WriteLock", Shape: OneWord, Reads: true, Writes: true, Order: AcquireIfDone, Tries: WriteAlone, Blocks: true,
		Call: "write_lock(&{word})", Returns: "{int ret}", Does: "takes {word} to write, or has new readers wait: {done ret}",
	},
	OpWriteLockWait: {Name: "write_lock_wait", Shape: OneWord, Reads: true, Writes: true, Order: Acquire, Kernel: "queued_write_lock_slowpath", Waits: WriteAlone,
		Call: "write_lock(&{word}) goes on", Does: "takes {word} to write, now that its readers have left",
	},
	OpWriteUnlock: {Name: "write_unlock", Func: "WriteUnlock", Shape: OneWord, Reads: true, Writes: true, Order: Release, Gives: WriteAlone,
		Call: "write_unlock(&{word})", Does: "releases {word}, which it had to write",
	},

	OpMutexLock: {Name: "mutex_lock", Func: "MutexLock", Shape: OneWord, Reads: true, Writes: true, Order: Acquire, Waits: Mutex, Sleeps: true, Mover: RightMover,
		Call: "mutex_lock(&{word})", Does: "takes {word}",
	},
	OpMutexTrylock: {Name: "mutex_trylock", Func: "MutexTrylock", Shape: OneWord, Reads: true, Writes: true, Order: AcquireIfDone, Tries: Mutex,
		Call: "mutex_trylock(&{word})", Returns: "{int ret}", Does: "takes {word} if that is free: {done ret}",
	},
	OpMutexUnlock: {Name: "mutex_unlock", Func: "MutexUnlock", Shape: OneWord, Reads: true, Writes: true, Order: Release, Gives: Mutex,
		Call: "mutex_unlock(&{word})", Does: "releases {word}",
	},
	OpMutexIsLocked: {Name: "mutex_is_locked", Func: "MutexIsLocked", Shape: OneWord, Reads: true, Order: Relaxed,
		Call: "mutex_is_locked(&{word})", Returns: "{int ret}", Does: "looks whether anybody holds {word}: {yes ret}",
	},

	OpBitSpinLock: {Name: "bit_spin_lock", Func: "BitSpinLock", Shape: OneWord, Reads: true, Writes: true, Order: Acquire, Waits: BitSpin, Mover: RightMover,
		Call: "bit_spin_lock({int A}, &{word})", Does: "takes the lock in bit {int A} of {word}",
	},
	OpBitSpinTrylock: {Name: "bit_spin_trylock", Func: "BitSpinTrylock", Shape: OneWord, Reads: true, Writes: true, Order: AcquireIfDone, Tries: BitSpin,
		Call: "bit_spin_trylock({int A}, &{word})", Returns: "{int ret}", Does: "takes the lock in bit {int A} of {word} if that is free: {done ret}",
	},
	OpBitSpinUnlock: {Name: "bit_spin_unlock", Func: "BitSpinUnlock", Shape: OneWord, Reads: true, Writes: true, Order: Release, Gives: BitSpin,
		Call: "bit_spin_unlock({int A}, &{word})", Does: "releases the lock in bit {int A} of {word}",
	},
	OpBitSpinIsLocked: {Name: "bit_spin_is_locked", Func: "BitSpinIsLocked", Shape: OneWord, Reads: true, Order: Relaxed,
		Call: "bit_spin_is_locked({int A}, &{word})", Returns: "{int ret}", Does: "looks whether anybody holds the lock in bit {int A} of {word}: {yes ret}",
	},
	OpLockPage: {Name: "lock_page", Func: "LockPage", Shape: OneWord, Reads: true, Writes: true, Order: Acquire, Waits: PageLock, Sleeps: true, Mover: RightMover,
		Call: "lock_page({object})", Does: "takes the lock of {object}",
	},
	OpTrylockPage: {Name: "trylock_page", Func: "TrylockPage", Shape: OneWord, Reads: true, Writes: true, Order: AcquireIfDone, Tries: PageLock,
		Call: "trylock_page({object})", Returns: "{int ret}", Does: "takes the lock of {object} if that is free: {done ret}",
	},
	OpUnlockPage: {Name: "unlock_page", Func: "UnlockPage", Shape: OneWord, Reads: true, Writes: true, Order: Release, Gives: PageLock,
		Call: "unlock_page({object})", Does: "releases the lock of {object}",
	},
	OpPageLocked: {Name: "page_locked", Func: "PageLocked", Shape: OneWord, Reads: true, Order: Relaxed, Kernel: "PageLocked",
		Call: "PageLocked({object})", Returns: "{int ret}", Does: "looks whether anybody holds the lock of {object}: {yes ret}",
	},
	OpWaitOnPageLocked: {Name: "wait_on_page_locked", Func: "WaitOnPageLocked", Shape: OneWord, Reads: true, Order: Relaxed, Blocks: true, Sleeps: true,
		Call: "wait_on_page_locked({object})", Does: "waits until nobody holds the lock of {object}",
	},

	OpLocalLock: {Name: "local_lock", Func: "LocalLock", Shape: OneWord, Reads: true, Writes: true, Order: Acquire, Waits: CPULocal, Preempt: 1, Shares: Callbacks,
		Call: "local_lock(&{word})", Does: "turns preemption off and takes {word}",
	},
	OpLocalUnlock: {Name: "local_unlock", Func: "LocalUnlock", Shape: OneWord, Reads: true, Writes: true, Order: Release, Gives: CPULocal, Preempt: -1, Shares: Callbacks,
		Call: "local_unlock(&{word})", Does: "releases {word} and turns preemption on again",
	},

	OpInitCompletion: {Name: "init_completion", Func: "InitCompletion", Shape: OneWord, Writes: true, Plain: true,
		Call: "init_completion(&{word})", Does: "makes {word} incomplete",
	},
	OpComplete: {Name: "complete", Func: "Complete", Shape: OneWord, Reads: true, Writes: true, Order: Release,
		Call: "complete(&{word})", Does: "completes {word} for one that waits",
	},
	OpCompleteAll: {Name: "complete_all", Func: "CompleteAll", Shape: OneWord, Reads: true, Writes: true, Order: Release,
		Call: "complete_all(&{word})", Does: "completes {word} for all that wait",
	},
	OpWaitForCompletion: {Name: "wait_for_completion", Func: "WaitForCompletion", Shape: OneWord, Reads: true, Writes: true, Order: Acquire, Blocks: true, Sleeps: true,
		Call: "wait_for_completion(&{word})", Does: "goes on, since {word} is complete",
	},
	OpPrepareToWait: {Name: "prepare_to_wait", Func: "PrepareToWait", Shape: OneWord, Reads: true, Writes: true, Order: Full,
		Call: "prepare_to_wait(&{word})", Returns: "{int ret}", Does: "goes on the wait queue {word}",
	},
	OpSchedule: {Name: "schedule", Func: "Schedule", Shape: OneWord, Reads: true, Order: Acquire, Blocks: true, Sleeps: true,
		Call: "schedule()", Does: "goes on, since it was woken from {word}",
	},
	OpFinishWait: {Name: "finish_wait", Func: "FinishWait", Shape: OneWord, Reads: true, Writes: true, Order: Relaxed,
		Call: "finish_wait(&{word})", Does: "leaves the wait queue {word}",
	},
	OpWakeUp: {Name: "wake_up", Func: "WakeUp", Shape: OneWord, Reads: true, Writes: true, Order: Release,
		Call: "wake_up(&{word})", Does: "wakes whoever is on the wait queue {word}",
	},

	OpPreemptDisable: {Name: "preempt_disable", Func: "PreemptDisable", Preempt: 1, Mover: RightMover, Shares: Callbacks,
		Call: "preempt_disable()", Does: "turns preemption off",
	},
	OpPreemptEnable: {Name: "preempt_enable", Func: "PreemptEnable", Preempt: -1, Mover: LeftMover, Shares: Callbacks,
		Call: "preempt_enable()", Does: "turns preemption on again",
	},
	OpMightSleep: {Name: "might_sleep", Func: "MightSleep", Sleeps: true, Mover: Local,
		Call: "might_sleep()", Does: "claims that it may sleep here",
	},

	OpListInit: {Name: "list_init", Func: "InitListHead", Kernel: "INIT_LIST_HEAD", Shape: TwoWords, Writes: true, Plain: true, Mover: RightMover,
		Call: "INIT_LIST_HEAD({word})", Does: "makes {word} an empty list",
	},
	OpListAdd: {Name: "list_add", Func: "ListAdd", Shape: ListInsert, Reads: true, Writes: true, Plain: true, Mover: RightMover,
		Call: "list_add({object}, {word A})", Does: "puts {object} at the front of {word A}",
	},
	OpListAddTail: {Name: "list_add_tail", Func: "ListAddTail", Shape: ListInsert, Reads: true, Writes: true, Plain: true, Mover: RightMover,
		Call: "list_add_tail({object}, {word A})", Does: "puts {object} at the end of {word A}",
	},
	OpListDel: {Name: "list_del", Func: "ListDel", Shape: ListRemove, Reads: true, Writes: true, Plain: true, Mover: RightMover,
		Call: "list_del({object})", Does: "takes {object} off its list",
	},
	OpListDelInit: {Name: "list_del_init", Func: "ListDelInit", Shape: ListRemove, Reads: true, Writes: true, Plain: true, Mover: RightMover,
		Call: "list_del_init({object})", Does: "takes {object} off its list, if it is on one, and leaves it an empty one",
	},
	OpListEmpty: {Name: "list_empty", Func: "ListEmpty", Shape: OneWord, Reads: true, Order: Relaxed,
		Call: "list_empty({word})", Returns: "{int ret}", Does: "looks whether {word} is empty: {yes ret}",
	},
	OpListFirst: {Name: "list_first", Func: "ListFirstOrNull", Kernel: "list_first_entry_or_null", Shape: OneWord, Reads: true, Plain: true, Mover: RightMover,
		Call: "first of {word}", Returns: "{object ret}", Does: "looks for the first of {word}, and finds {object ret}",
	},

	OpRCUReadLock: {Name: "rcu_read_lock", Func: "RCUReadLock", RCU: 1, Mover: RightMover, Shares: Callbacks,
		Call: "rcu_read_lock()", Does: "begins to read under RCU",
	},
	OpRCUReadUnlock: {Name: "rcu_read_unlock", Func: "RCUReadUnlock", RCU: -1, Mover: LeftMover, Shares: Callbacks,
		Call: "rcu_read_unlock()", Does: "ends to read under RCU",
	},
	OpCallRCU: {Name: "call_rcu", Func: "CallRCU", Shape: TwoWords, Reads: true, Writes: true, Order: Release, Shares: Callbacks,
		Call: "call_rcu({object}, {func A})", Does: "has {func A} called for {object} after a grace period",
	},
	OpQueueWork: {Name: "queue_work", Func: "QueueWork", Shape: TwoWords, Reads: true, Writes: true, Order: Full, Shares: Works,
		Call: "queue_work({object}, {func A})", Does: "has a kworker call {func A} for {object}: {done ret}",
	},
	OpTakeWork: {Name: "take_work", Func: "RunWork", Kernel: "process_one_work", Order: Acquire, Shares: Works,
		Call: "process_one_work()", Does: "runs the next work item",
	},

	OpSlabAlloc: {Name: "slab_alloc", Func: "Cache.Alloc", Kernel: "kmem_cache_alloc", Shares: Objects,
		Call: "kmem_cache_alloc({cache A})", Returns: "{object ret}", Does: "allocates an object of {cache A}, and gets {object ret}",
	},
	OpSlabFree: {Name: "slab_free", Func: "Cache.Free", Kernel: "kmem_cache_free", Shares: Objects | Callbacks,
		Call: "kmem_cache_free({object})", Does: "frees {object}",
	},
	OpSlabReclaim: {Name: "slab_reclaim", Kernel: "rcu_free_slab", Shares: Objects | Callbacks,
		Call: "the memory of {object} is given back", Does: "gives the memory of {object} back",
	},
	OpAllocPages: {Name: "alloc_pages", Func: "AllocPages", Mover: Local, Shares: Objects,
		Call: "alloc_page()", Returns: "{page ret}", Does: "allocates a page, and gets {page ret}",
	},
	OpFreePages: {Name: "free_pages", Func: "FreePages", Kernel: "__free_pages", Frame: true, Shares: Objects,
		Call: "__free_page({page})", Does: "frees {page}",
	},
	OpPutPage: {Name: "put_page", Func: "PutPage", Shape: PageCount, Frame: true, Reads: true, Writes: true, Order: Full, Counts: -1, Shares: Objects,
		Call: "put_page({page})", Returns: "{int ret}", Does: "drops a reference to {page}, and frees it if that was the last: {done ret}",
	},

	OpMark: {Name: "mark", Func: "Mark", Kernel: "a point in the code", Mover: Local,
		Call: "mark {int A}", Does: "comes to mark {int A}",
	},
	OpChoose: {Name: "choose", Func: "Choose", Kernel: "a decision that the model leaves open", Mover: Local,
		Call: "one of {int A} ways", Does: "goes the way number {int ret} of {int A}, from 0",
	},
}

// suffixed are the forms of an atomic that returns a value.
func suffixed(kernel, fn string) []Form {
	return []Form{{Relaxed, kernel + "_relaxed", fn + "Relaxed"}, {Acquire, kernel + "_acquire", fn + "Acquire"}, {Release, kernel + "_release", fn + "Release"}}
}
