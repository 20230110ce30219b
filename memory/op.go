package memory

// A Kind says what an operation does.
type Kind uint8

// The kinds of operations. GraceStart and GraceEnd are the two halves of synchronize_rcu and synchronize_srcu.
const (
	Load Kind = iota
	Store
	RMW
	Fence
	Lock     // spin_lock: waits while the lock is held
	TryLock  // spin_trylock: returns 1 when it has taken the lock, else 0
	Unlock   // spin_unlock
	IsLocked // spin_is_locked
	ReadLock // rcu_read_lock, srcu_read_lock
	ReadUnlock
	GraceStart
	GraceEnd // waits for the sections that were open at the start

	// Messages: what a callback of RCU or a work item knows when it begins. Word is the number of the message.
	CallRCU   // call_rcu: the callback will know what the caller does, and what the sections that are open now bring
	QueueWork // queue_work, which is fully ordered
	Begin     // the CPU, which has finished or has not begun, begins what the message asks for: it is fully ordered
	Await     // the CPU has waited for all that has finished: rcu_barrier, flush_work; Word is 0 for callbacks, 1 for work
)

// An Order is the ordering of an access, as in READ_ONCE, smp_load_acquire and smp_store_release.
type Order uint8

// The orders. A fully ordered RMW is a Relaxed one between two fences of kind Mb. NoReturn is the order of an RMW whose
// caller gets no value (atomic_inc): its load is not ordered by smp_rmb. Plain is an access without READ_ONCE or
// WRITE_ONCE: it is coherent with the CPU's other accesses to the word, and nothing more.
const (
	Relaxed Order = iota
	Acquire
	StoreRelease
	NoReturn
	Plain
)

// A Barrier is the kind of a fence.
type Barrier uint8

// The barriers. AfterUnlockLock is smp_mb__after_unlock_lock; the other conditional ones are Mb where they apply.
const (
	Mb Barrier = iota
	Rmb
	Wmb
	AfterUnlockLock
)

// Deps is a set of a CPU's open loads on which a value depends.
type Deps uint64

// An Op is one operation of one CPU.
type Op struct {
	Kind    Kind
	Order   Order
	Barrier Barrier
	Word    int   // the word of an access or a lock; the domain of RCU and SRCU operations, 0 being RCU itself
	Value   int64 // what a Store writes

	Addr Deps // what the address depends on
	Data Deps // what the value depends on

	// Modify is what an RMW does with the value that it reads: what it writes, and false if it writes nothing.
	Modify func(old int64) (int64, bool)
	// Expect restricts an RMW to the ways in which it writes (1) or does not write (-1).
	Expect int8
	// Stamp is kept with the store or load, for people: a machine does nothing with it.
	Stamp int
	// Uses says that what an RMW writes depends on what it reads.
	Uses bool
	// Tests says that an RMW loads first and gives up when it need not write, as atomic_add_unless does. A cmpxchg writes in one
	// locked operation, also when it fails.
	Tests bool
}

// A Way is one way that an operation may go: the place in the word's history of the store that a load reads, or behind
// which a store goes. Ways are listed newest first; an operation with no way has to wait.
type Way struct {
	Place int
	Fails bool // an RMW writes nothing, a TryLock does not get the lock
}

// A Machine is the memory of some CPUs under one model.
type Machine interface {
	// Clone returns a copy that shares nothing that changes.
	Clone() Machine
	// Assign makes the machine, a copy of the same first one, equal to another: without garbage, if it can.
	Assign(from Machine)
	// Ways appends the ways that the operation of a CPU may go now.
	Ways(cpu int, op *Op, ways []Way) []Way
	// Do does the operation in one of its ways. It returns the value of a load, the old value of an RMW, 1 or 0 of a TryLock,
	// and on which open load that value depends.
	Do(cpu int, op *Op, way Way) (int64, Deps)
	// Deps returns what the CPU's register depends on, and SetDeps sets it; the machine renumbers them as loads close.
	Deps(cpu, register int) Deps
	SetDeps(cpu, register int, d Deps)
	// Quiet says whether a strong fence of the CPU would change nothing.
	Quiet(cpu int) bool
	// Tells says whether a strong fence of the CPU would make anything known to those that others run later.
	Tells(cpu int) bool
	// Queued says whether the CPU has stores in its queue, and Drain writes the oldest of them to memory.
	Queued(cpu int) bool
	Drain(cpu int)
	// Finish says that the CPU has run its last operation.
	Finish(cpu int)
	// End ends a callback (kind 0) or a work item (1) on a CPU, which may Begin another.
	End(cpu, kind int)
	// Settle forgets what no longer matters. It is called when the caller has set the registers after Do.
	Settle()
	// Prune is Settle for who knows what may still come: of each CPU, and behind them of each message, or nil for anything. It
	// leaves a machine that has the same future, if that is as these say.
	Prune(futures []*Future)
	// Final returns the word's newest value.
	Final(word int) int64
	// Raced says whether a plain access has raced.
	Raced() bool
	// Key appends the canonical state.
	Key(key []byte) []byte
	// Stores returns the values in the word's history with the CPUs that stored them (-1: the initial value), oldest first.
	Stores(word int) []Stored
	// Sight, Letters and Forbids are for people; see Sight. The place of Forbids is that of a store that the CPU may read.
	Sight(word int) Sight
	Letters(cpu int) []Letter
	Forbids(cpu, word, place int) Reason
	// Reset makes a value the only one of a word: its memory was freed, and nobody may look at it.
	Reset(word int, value int64)
}

// Stored is a store in a word's history.
type Stored struct {
	Value int64
	CPU   int
	Stamp int // of its Op
}

// Config is the shape of a machine.
type Config struct {
	CPUs      int
	Registers int     // for each CPU
	Words     []int64 // initial values
	Domains   int     // 1 for RCU, and one for each srcu_struct
	Release   Release

	Messages    int  // callbacks and work items
	NewestLocks bool // nobody looks at a lock but by taking it, so that only its newest store matters

	AfterUnlockLock bool // some CPU uses smp_mb__after_unlock_lock
}

// New returns a machine of the model in its initial state.
func New(m Model, c Config) Machine {
	switch m {
	case TSO:
		return newTSO(c)
	case LKMM:
		return newLKMM(c)
	}
	return newSC(c)
}
