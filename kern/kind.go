package kern

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// Kind is a kind of violation. Those below are of the kernel at large, and found by the primitives and by the explorer. A protocol adds
// its own with [NewKind].
type Kind uint8

// What can go wrong. Each is found where it happens, but PageLost, which shows only when all is quiet.
const (
	NoViolation       Kind = iota
	UseAfterFree           // a freed object or page is used
	DoubleFree             // something free is freed
	UnionOverlap           // lru is used while rcu_head is live in the same words, or the other way round
	ListCorruption         // a list that does not hold together
	DoubleCallRCU          // call_rcu on a queued head
	PageLost               // a page nobody can reach any more, and that is not free
	SelfDeadlock           // a CPU waits for a lock that it holds
	SoftirqDeadlock        // a softirq waits for a lock that the task it interrupted holds
	LockMisuse             // a lock released by who does not hold it, and the like
	DataRace               // two CPUs reach a word at once, one of them writes, and one of the accesses is a plain one
	Deadlock               // nothing can move any more, and not all is done
	Warned                 // the modelled code's own WARN_ON_ONCE fired
	Imbalance              // counts that must add up do not
	Assertion              // an assertion of the model's own does not hold, see Assert
	Livelock               // nothing but spinning on a word that nobody is left to change
	SleepInAtomic          // a task may sleep where it must not: holding a spin lock, with preemption or BH off, in a reader, in a softirq
	ContextImbalance       // a task ends, or a callback returns, with a lock held or in a region that it did not leave
	RefcountLeak           // a count of references is saturated, or was dropped to zero by who frees nothing: the object leaks
	PreemptiblePerCPU      // a task takes the address of its CPU's word where it may be preempted
	NullDeref              // a word behind NULL is used
	WildPointer            // a word is used where nothing is
	UninitRead             // a word of an object from Kmalloc is read that nobody has written
	CacheBusy              // a slab cache is destroyed while objects of it are in use
	CacheDestroyed         // a slab cache is used that was destroyed
	BugHit                 // the modelled code's own BUG_ON() fired: a kernel would stop there
	PageLockNotHeld        // a page is changed whose lock nobody holds, and the code asserts that somebody does
	ownKinds               // the first that a package adds
)

// KindInfo says what a kind is called, and what is said of one that was found.
type KindInfo struct {
	Name string // "use-after-free": small letters and dashes, as flags and JSON have it

	// Sentence says in one plain sentence what happened: %f is the function, %o the object, %p the part of it, %l both, %d the
	// detail. Where the detail is a phrase that speaks of the object itself, it is the whole sentence behind the function.
	Sentence string
	// Headline opens a splat as the kernel's own checkers would. %s is the function.
	Headline string

	Short string // the name where there is little room, "" if that is Name
	AtEnd bool   // it shows only when all is quiet: no step is to blame
	Page  bool   // it is about what becomes of a page, which its count and its list decide
}

// kernKinds are the kinds of this package.
var kernKinds = [ownKinds]KindInfo{
	NoViolation: {Name: "none"},
	UseAfterFree: {
		Short:    "UAF",
		Name:     "use-after-free",
		Sentence: "use after free: %f %d of freed %o",
		Headline: "BUG: KASAN: slab-use-after-free in %s",
	},
	DoubleFree: {
		Page:     true,
		Name:     "double-free",
		Sentence: "double free: %f frees %o, which is free already",
		Headline: "BUG: KASAN: double-free in %s",
	},
	UnionOverlap: {
		Page:     true,
		Name:     "union-overlap",
		Sentence: "lru and rcu_head overlap: %f on %o: %d",
		Headline: "kernel BUG in %s: lru and rcu_head in use at once",
	},
	ListCorruption: {
		Page:     true,
		Name:     "list-corruption",
		Sentence: "list corruption: %f on %o: %d",
		Headline: "list corruption in %s",
	},
	DoubleCallRCU: {
		Name:     "double-call-rcu",
		Sentence: "call_rcu twice: %f queues the rcu_head of %o, which is queued already",
		Headline: "ODEBUG: activate active (active state 1) object type: rcu_head in %s",
	},
	PageLost: {
		Short: "lost", AtEnd: true, Page: true,
		Name:     "page-lost",
		Sentence: "page lost: %o is not free, and nothing leads to it any more: %d",
		Headline: "kmemleak: 1 new suspected memory leak (%s)",
	},
	SelfDeadlock: {
		Name:     "self-deadlock",
		Sentence: "self-deadlock: %f takes %l, which this CPU holds already",
		Headline: "BUG: spinlock recursion in %s",
	},
	SoftirqDeadlock: {
		Short:    "deadlock",
		Name:     "softirq-deadlock",
		Sentence: "softirq deadlock: %f, in a softirq, takes %l, which the interrupted task holds without _bh",
		Headline: "WARNING: inconsistent lock state: {SOFTIRQ-ON-W} -> {IN-SOFTIRQ-W} in %s",
	},
	LockMisuse: {
		Name:     "lock-misuse",
		Sentence: "lock misuse: %f %d",
		Headline: "BUG: bad unlock balance detected in %s",
	},
	DataRace: {
		Name:     "data-race",
		Sentence: "data race: %f %d",
		Headline: "BUG: KCSAN: data-race in %s",
	},
	Deadlock: {
		AtEnd:    true,
		Name:     "deadlock",
		Sentence: "deadlock: nothing can move any more: %d",
		Headline: "INFO: task blocked for ever (%s)",
	},
	Warned: {
		Name:     "warning",
		Sentence: "warning: %f: %d",
		Headline: "WARNING: at %s",
	},
	Imbalance: {
		Name:     "imbalance",
		Sentence: "the books do not balance: %d",
		Headline: "WARNING: the books do not balance (%s)",
	},
	Assertion: {
		Name:     "assertion",
		Sentence: "assertion failed: %f: %d",
		Headline: "kernel BUG in %s",
	},
	Livelock: {
		Name:     "livelock",
		Sentence: "livelock: nothing but spinning is left: %d",
		Headline: "watchdog: BUG: soft lockup (%s)",
	},
	SleepInAtomic: {
		Name:     "sleep-in-atomic",
		Sentence: "sleep in atomic context: %f %d",
		Headline: "BUG: sleeping function called from invalid context at %s",
	},
	ContextImbalance: {
		Name:     "context-imbalance",
		Sentence: "context imbalance: %f %d",
		Headline: "WARNING: context imbalance in %s - wrong count at exit",
	},
	RefcountLeak: {
		Name:     "refcount-leak",
		Sentence: "reference leak: %f %d",
		Headline: "refcount_t: saturated; leaking memory (%s)",
	},
	PreemptiblePerCPU: {
		Name:     "preemptible-per-cpu",
		Sentence: "per-CPU data in preemptible code: %f %d",
		Headline: "BUG: using this_cpu_ptr() in preemptible code: %s",
	},
	NullDeref: {
		Name:     "null-deref",
		Sentence: "NULL pointer dereference: %f %d",
		Headline: "BUG: kernel NULL pointer dereference in %s",
	},
	WildPointer: {
		Name:     "wild-pointer",
		Sentence: "wild pointer: %f %d",
		Headline: "general protection fault, probably for non-canonical address in %s",
	},
	UninitRead: {
		Name:     "uninitialised-read",
		Sentence: "uninitialised read: %f %d",
		Headline: "BUG: KMSAN: uninit-value in %s",
	},
	CacheBusy: {
		Name:     "cache-busy",
		Sentence: "slab cache destroyed in use: %f %d",
		Headline: "Slab cache still has objects when called from %s",
	},
	CacheDestroyed: {
		Name:     "cache-destroyed",
		Sentence: "slab cache used after it was destroyed: %f %d",
		Headline: "WARNING: slab cache is destroyed in %s",
	},
	BugHit: {
		Name:     "bug-on",
		Sentence: "kernel bug: %f: %d",
		Headline: "kernel BUG: BUG_ON() in %s",
	},
	PageLockNotHeld: {
		Name:     "page-lock-not-held",
		Sentence: "page lock not held: %f changes %o, whose lock nobody holds",
		Headline: "page dumped because: VM_BUG_ON_PAGE(!PageLocked(page)) in %s",
	},
}

// addKinds keeps two packages from adding a kind at once.
var addKinds sync.Mutex

// addedKinds are the kinds that packages added. The list is replaced, not changed.
var addedKinds atomic.Pointer[[]KindInfo]

// NewKind adds a kind of violation. It is for variables of packages: the kinds of a program are those of the packages that are linked
// into it, in the order in which they were initialised. A name that is no name, or taken, or one kind too many is a mistake in the
// program, and panics.
func NewKind(k KindInfo) Kind {
	addKinds.Lock()
	defer addKinds.Unlock()
	var list []KindInfo
	if old := addedKinds.Load(); old != nil {
		list = slices.Clone(*old)
	}
	if !validKind(k.Name) || kindTaken(k.Name, list) || len(list)+int(ownKinds) >= 255 {
		panic(fmt.Sprintf("kern: a kind of violation %q; expected small letters and dashes, a name that is free, and less than 255 kinds", k.Name))
	}
	k.Sentence = cmp.Or(k.Sentence, k.Name+": %f %d")
	k.Headline = cmp.Or(k.Headline, "BUG: "+k.Name+" in %s")
	list = append(list, k)
	addedKinds.Store(&list)
	return ownKinds + Kind(len(list)-1)
}

// kindTaken tells whether a kind of this package, or of those that were added, is called that. It makes no list: every start of a
// program comes here for each kind.
func kindTaken(name string, added []KindInfo) bool {
	for k := range ownKinds {
		if k.String() == name {
			return true
		}
	}
	return slices.ContainsFunc(added, func(k KindInfo) bool { return k.Name == name })
}

// validKind tells whether a kind can be called that.
func validKind(name string) bool {
	for _, ch := range name {
		if ch != '-' && (ch < 'a' || ch > 'z') {
			return false
		}
	}
	return name != "" && name != NoViolation.String()
}

// Kinds returns all kinds of violation but NoViolation: those of this package, then those of others.
func Kinds() []Kind {
	n := int(ownKinds)
	if added := addedKinds.Load(); added != nil {
		n += len(*added)
	}
	var list []Kind
	for k := 1; k < n; k++ {
		list = append(list, Kind(k))
	}
	return list
}

// KindNames returns their names.
func KindNames() []string {
	var names []string
	for _, k := range Kinds() {
		names = append(names, k.String())
	}
	return names
}

// Info says what the kind is called, and what is said of it; of a number that is no kind, nothing.
func (k Kind) Info() KindInfo {
	if k < ownKinds {
		return kernKinds[k]
	}
	if added := addedKinds.Load(); added != nil && int(k-ownKinds) < len(*added) {
		return (*added)[k-ownKinds]
	}
	return KindInfo{}
}

func (k Kind) String() string {
	if name := k.Info().Name; name != "" {
		return name
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// MarshalText writes the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (k *Kind) UnmarshalText(text []byte) error {
	if string(text) == NoViolation.String() {
		*k = NoViolation
		return nil
	}
	all := Kinds()
	i := slices.IndexFunc(all, func(k Kind) bool { return k.String() == string(text) })
	if i < 0 {
		return fmt.Errorf("unknown kind of violation %q", text)
	}
	*k = all[i]
	return nil
}
