package kern

// Primitive describes a primitive to whoever has to know what it does without carrying it out: an explorer that reorders
// steps, a reader of schedules, a table in the documentation. There is one for each OpKind; see PrimitiveOf.
type Primitive struct {
	Name   string // as schedules and reports have it
	Kernel string // what the kernel calls it, where that is not Name
	Shape  Shape  // which words it may touch
	Reads  bool   // its result, or what it does, depends on those words
	Writes bool   // it may change them
	Plain  bool   // its accesses are plain C accesses: the code's claim that nobody conflicts with them
	Order  Order  // what it orders, by the kernel's memory model
	Waits  Lock   // the kind of lock that it waits for, and takes
	Gives  Lock   // the kind of lock that it releases
	Sleeps bool   // it may sleep: process context only
	BH     int8   // what it adds to the depth of local_bh_disable
	RCU    int8   // what it adds to the depth of rcu_read_lock
	Mover  Mover  // where it may be moved to in a schedule
	Shares Shared // what it has to do with beside its words: steps that share something need not commute
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
)

// Order is what a primitive orders besides itself: the kernel's Documentation/memory-barriers.txt and atomic_t.txt.
type Order uint8

// The orders. A primitive without one is no access to shared memory, or a plain one.
const (
	Unordered       Order = iota
	Relaxed               // READ_ONCE, WRITE_ONCE, atomics that return nothing
	Acquire               // what follows stays behind it
	Release               // what precedes stays before it
	Full                  // both, as smp_mb() on either side: atomics that return a value
	FullIfDone            // Full where it changes the word, Relaxed where it does not: cmpxchg, atomic_add_unless
	ReleaseAcquire0       // refcount_dec_and_test: Release, and Acquire too where the count comes to zero
)

var orderNames = [...]string{"none", "relaxed", "acquire", "release", "full", "full if it succeeds", "release; acquire at zero"}

func (o Order) String() string { return orderNames[o] }

// Lock is a kind of lock, and how it is held.
type Lock uint8

// The kinds of locks.
const (
	NoLock    Lock = iota
	Spin           // a spin lock
	SemShared      // a rw_semaphore, by a reader
	SemAlone       // a rw_semaphore, by a writer
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
)

// Shared is a set of things beside memory that primitives have to do with.
type Shared uint8

// What primitives share besides words.
const (
	Callbacks Shared = 1 << iota // the queue of RCU callbacks, and the readers that they wait for
	Works                        // the queue of work items
	Objects                      // which objects and frames are in use
)

// PrimitiveOf returns the description of a primitive.
func PrimitiveOf(k OpKind) *Primitive { return &primitives[k] }

// Primitives returns all kinds of primitives, in order.
func Primitives() []OpKind {
	ks := make([]OpKind, 0, numOps-1)
	for k := OpNone + 1; k < numOps; k++ {
		ks = append(ks, k)
	}
	return ks
}

// primitives is the table. A new primitive is an entry here, one in run, and its function.
var primitives = [numOps]Primitive{
	OpNone:  {Name: "none"},
	OpRead:  {Name: "read", Kernel: "READ_ONCE", Shape: OneWord, Reads: true, Order: Relaxed},
	OpWrite: {Name: "write", Kernel: "WRITE_ONCE", Shape: OneWord, Writes: true, Order: Relaxed},
	OpLoad:  {Name: "load", Kernel: "a plain read", Shape: OneWord, Reads: true, Plain: true, Mover: Local},
	OpStore: {Name: "store", Kernel: "a plain write", Shape: OneWord, Writes: true, Plain: true, Mover: Local},

	OpAdd:       {Name: "add", Kernel: "atomic_add_return", Shape: OneWord, Reads: true, Writes: true, Order: Full},
	OpXor:       {Name: "xor", Kernel: "atomic_xor_bits", Shape: OneWord, Reads: true, Writes: true, Order: Full},
	OpCmpXchg:   {Name: "cmpxchg", Shape: OneWord, Reads: true, Writes: true, Order: FullIfDone},
	OpXchg:      {Name: "xchg", Shape: OneWord, Reads: true, Writes: true, Order: Full},
	OpAddUnless: {Name: "add_unless", Kernel: "atomic_add_unless", Shape: OneWord, Reads: true, Writes: true, Order: FullIfDone},
	OpOr:        {Name: "or", Kernel: "atomic_fetch_or", Shape: OneWord, Reads: true, Writes: true, Order: Full},
	OpAndNot:    {Name: "and_not", Kernel: "atomic_fetch_andnot", Shape: OneWord, Reads: true, Writes: true, Order: Full},

	OpRefInc:     {Name: "refcount_inc", Shape: OneWord, Writes: true, Order: Relaxed, Mover: RightMover},
	OpRefDecTest: {Name: "refcount_dec_and_test", Shape: OneWord, Reads: true, Writes: true, Order: ReleaseAcquire0},

	OpDownRead:  {Name: "down_read", Shape: OneWord, Reads: true, Writes: true, Order: Acquire, Waits: SemShared, Sleeps: true, Mover: RightMover},
	OpUpRead:    {Name: "up_read", Shape: OneWord, Reads: true, Writes: true, Order: Release, Gives: SemShared},
	OpDownWrite: {Name: "down_write", Shape: OneWord, Reads: true, Writes: true, Order: Acquire, Waits: SemAlone, Sleeps: true, Mover: RightMover},
	OpUpWrite:   {Name: "up_write", Shape: OneWord, Reads: true, Writes: true, Order: Release, Gives: SemAlone},

	OpSpinLock:     {Name: "spin_lock", Shape: OneWord, Reads: true, Writes: true, Order: Acquire, Waits: Spin, Mover: RightMover},
	OpSpinUnlock:   {Name: "spin_unlock", Shape: OneWord, Reads: true, Writes: true, Order: Release, Gives: Spin},
	OpSpinLockBH:   {Name: "spin_lock_bh", Shape: OneWord, Reads: true, Writes: true, Order: Acquire, Waits: Spin, BH: 1, Mover: RightMover, Shares: Callbacks},
	OpSpinUnlockBH: {Name: "spin_unlock_bh", Shape: OneWord, Reads: true, Writes: true, Order: Release, Gives: Spin, BH: -1, Shares: Callbacks},
	OpBHDisable:    {Name: "bh_disable", Kernel: "local_bh_disable", BH: 1, Mover: RightMover, Shares: Callbacks},
	OpBHEnable:     {Name: "bh_enable", Kernel: "local_bh_enable", BH: -1, Mover: LeftMover, Shares: Callbacks},

	OpListInit:    {Name: "list_init", Kernel: "INIT_LIST_HEAD", Shape: TwoWords, Writes: true, Plain: true, Mover: RightMover},
	OpListAdd:     {Name: "list_add", Shape: ListInsert, Reads: true, Writes: true, Plain: true, Mover: RightMover},
	OpListAddTail: {Name: "list_add_tail", Shape: ListInsert, Reads: true, Writes: true, Plain: true, Mover: RightMover},
	OpListDel:     {Name: "list_del", Shape: ListRemove, Reads: true, Writes: true, Plain: true, Mover: RightMover},
	OpListDelInit: {Name: "list_del_init", Shape: ListRemove, Reads: true, Writes: true, Plain: true, Mover: RightMover},
	OpListEmpty:   {Name: "list_empty", Shape: OneWord, Reads: true, Order: Relaxed},
	OpListFirst:   {Name: "list_first", Kernel: "list_first_entry_or_null", Shape: OneWord, Reads: true, Plain: true, Mover: RightMover},

	OpRCUReadLock:   {Name: "rcu_read_lock", RCU: 1, Mover: RightMover, Shares: Callbacks},
	OpRCUReadUnlock: {Name: "rcu_read_unlock", RCU: -1, Mover: LeftMover, Shares: Callbacks},
	OpCallRCU:       {Name: "call_rcu", Shape: TwoWords, Reads: true, Writes: true, Order: Release, Shares: Callbacks},
	OpQueueWork:     {Name: "queue_work", Shape: TwoWords, Reads: true, Writes: true, Order: Full, Shares: Works},
	OpTakeWork:      {Name: "take_work", Kernel: "process_one_work", Order: Acquire, Shares: Works},

	OpSlabAlloc:   {Name: "slab_alloc", Kernel: "kmem_cache_alloc", Shares: Objects},
	OpSlabFree:    {Name: "slab_free", Kernel: "kmem_cache_free", Shares: Objects | Callbacks},
	OpSlabReclaim: {Name: "slab_reclaim", Kernel: "rcu_free_slab", Shares: Objects | Callbacks},
	OpAllocPages:  {Name: "alloc_pages", Mover: Local, Shares: Objects},
	OpFreePages:   {Name: "free_pages", Kernel: "__free_pages", Shares: Objects},
	OpPutPage:     {Name: "put_page", Shape: PageCount, Reads: true, Writes: true, Order: Full, Shares: Objects},

	OpMark:   {Name: "mark", Kernel: "a point in the code", Mover: Local},
	OpChoose: {Name: "choose", Kernel: "a decision that the model leaves open", Mover: Local},
}
