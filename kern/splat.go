package kern

import (
	"cmp"
	"fmt"
	"strings"
)

// sentences say what each kind of violation is: %f is the function, %o the object, %p the part of it, %l both, %d the
// detail. Where the detail is a phrase that speaks of the object itself, it is the whole sentence behind the function.
var sentences = [numKinds]string{
	UseAfterFree:       "use after free: %f %d of freed %o",
	DoubleFree:         "double free: %f frees %o, which is free already",
	UnionOverlap:       "lru and rcu_head overlap: %f on %o: %d",
	ListCorruption:     "list corruption: %f on %o: %d",
	DoubleCallRCU:      "call_rcu twice: %f queues the rcu_head of %o, which is queued already",
	IllegalMask:        "illegal mask: %f leaves %o with %d",
	ListMismatch:       "list and mask disagree: %f leaves %o %d",
	BadHandout:         "bad hand-out: %f hands out a half of %o that %d",
	PageLost:           "page lost: %o is not free, and nothing leads to it any more: %d",
	MMCount:            "wrong mm_count: %o: %d",
	MMBusy:             "mm destroyed in use: %f frees %o while %d",
	SelfDeadlock:       "self-deadlock: %f takes %l, which this CPU holds already",
	SoftirqDeadlock:    "softirq deadlock: %f, in a softirq, takes %l, which the interrupted task holds without _bh",
	LockMisuse:         "lock misuse: %f %d",
	FinalDropInSoftirq: "final mmdrop in softirq context: %f frees %o in a softirq, which must be left to process context",
	ReaderUseAfterFree: "reader too late: %f reads %o inside rcu_read_lock after it was freed: %d",
	StaleTLB:           "stale TLB entry: %f reaches %o after it was freed: %d",
	DataRace:           "data race: %f %d",
	Deadlock:           "deadlock: nothing can move any more: %d",
	Warned:             "warning: %f: %d",
	Imbalance:          "the books do not balance: %d",
	Assertion:          "assertion failed: %f: %d",
	Livelock:           "livelock: nothing but spinning is left: %d",
	SleepInAtomic:      "sleep in atomic context: %f %d",
	ContextImbalance:   "context imbalance: %f %d",
	RefcountLeak:       "reference leak: %f %d",
	NullDeref:          "NULL pointer dereference: %f %d",
	WildPointer:        "wild pointer: %f %d",
	UninitRead:         "uninitialised read: %f %d",
	CacheBusy:          "slab cache destroyed in use: %f %d",
	CacheDestroyed:     "slab cache used after it was destroyed: %f %d",
	BugHit:             "kernel bug: %f: %d",
	PageLockNotHeld:    "page lock not held: %f changes %o, whose lock nobody holds",
	PreemptiblePerCPU:  "per-CPU data in preemptible code: %f %d",
}

// Sentence says in one plain sentence what happened.
func (v *Violation) Sentence() string {
	if v.Kind >= numKinds {
		return ""
	}
	text := sentences[v.Kind]
	if strings.Contains(v.Detail, "%o") || strings.Contains(v.Detail, "%l") {
		before, _, _ := strings.Cut(text, "%f")
		text = before + "%f %d"
	}
	text = strings.ReplaceAll(text, "%d", v.Detail)
	object := cmp.Or(v.Object, fmt.Sprintf("word %#x", uint32(v.Addr)))
	lock := object
	if v.Part != "" {
		lock = v.Part + " of " + object
	}
	return strings.NewReplacer("%f", cmp.Or(v.Func, "the kernel"), "%p", cmp.Or(v.Part, "a lock"), "%l", lock, "%o", object).Replace(text)
}

// headlines open a splat as the kernel's own checkers would.
var headlines = [numKinds]string{
	UseAfterFree:       "BUG: KASAN: slab-use-after-free in %s",
	DoubleFree:         "BUG: KASAN: double-free in %s",
	UnionOverlap:       "kernel BUG in %s: lru and rcu_head in use at once",
	ListCorruption:     "list corruption in %s",
	DoubleCallRCU:      "ODEBUG: activate active (active state 1) object type: rcu_head in %s",
	IllegalMask:        "WARNING: impossible mask in %s",
	ListMismatch:       "WARNING: list and mask disagree in %s",
	BadHandout:         "BUG: bad page table handed out by %s",
	PageLost:           "kmemleak: 1 new suspected memory leak (%s)",
	MMCount:            "WARNING: mm_count imbalance (%s)",
	MMBusy:             "BUG: mm freed with pgtable_list not empty in %s",
	SelfDeadlock:       "BUG: spinlock recursion in %s",
	SoftirqDeadlock:    "WARNING: inconsistent lock state: {SOFTIRQ-ON-W} -> {IN-SOFTIRQ-W} in %s",
	LockMisuse:         "BUG: bad unlock balance detected in %s",
	FinalDropInSoftirq: "BUG: sleeping function called from invalid context in %s",
	ReaderUseAfterFree: "BUG: KASAN: use-after-free in %s (RCU reader)",
	StaleTLB:           "BUG: KASAN: use-after-free in %s (through the TLB)",
	DataRace:           "BUG: KCSAN: data-race in %s",
	Deadlock:           "INFO: task blocked for ever (%s)",
	Warned:             "WARNING: at %s",
	Imbalance:          "WARNING: page table accounting (%s)",
	Assertion:          "kernel BUG in %s",
	Livelock:           "watchdog: BUG: soft lockup (%s)",
	SleepInAtomic:      "BUG: sleeping function called from invalid context at %s",
	ContextImbalance:   "WARNING: context imbalance in %s - wrong count at exit",
	RefcountLeak:       "refcount_t: saturated; leaking memory (%s)",
	NullDeref:          "BUG: kernel NULL pointer dereference in %s",
	WildPointer:        "general protection fault, probably for non-canonical address in %s",
	UninitRead:         "BUG: KMSAN: uninit-value in %s",
	CacheBusy:          "Slab cache still has objects when called from %s",
	CacheDestroyed:     "WARNING: slab cache is destroyed in %s",
	BugHit:             "kernel BUG: BUG_ON() in %s",
	PageLockNotHeld:    "page dumped because: VM_BUG_ON_PAGE(!PageLocked(page)) in %s",
	PreemptiblePerCPU:  "BUG: using this_cpu_ptr() in preemptible code: %s",
}

const splatRule = "=================================================================="

// Splat renders the violation as the kernel would on its console: headline, CPU, task, page and call trace.
func (v *Violation) Splat() string {
	var b strings.Builder
	fn := cmp.Or(v.Func, "checker")
	fmt.Fprintln(&b, splatRule)
	if v.Kind < numKinds && headlines[v.Kind] != "" {
		fmt.Fprintf(&b, headlines[v.Kind]+"\n", fn)
	}
	fmt.Fprintln(&b, v.Sentence())
	context := "task"
	if v.Softirq {
		context = "softirq"
	}
	fmt.Fprintf(&b, "CPU: %d Comm: %s Context: %s", v.CPU, cmp.Or(v.Task, "swapper"), context)
	if v.Step > 0 {
		fmt.Fprintf(&b, " Step: %d", v.Step)
	}
	b.WriteByte('\n')
	if v.Doing != "" {
		fmt.Fprintf(&b, "Op: %s\n", v.Doing)
	}
	if v.Picture != "" {
		fmt.Fprintf(&b, "page: %s\n", v.Picture)
	}
	if len(v.Trace) > 0 {
		fmt.Fprintln(&b, "Call Trace:")
		if v.Softirq {
			fmt.Fprintln(&b, " <IRQ>")
		}
		for _, f := range v.Trace {
			fmt.Fprintf(&b, "  %s\n", f)
		}
		if v.Softirq {
			fmt.Fprintln(&b, " </IRQ>")
		}
	}
	if len(v.History) > 0 {
		fmt.Fprintln(&b, "History:")
		for _, h := range v.History {
			fmt.Fprintf(&b, "  %s\n", h)
		}
	}
	fmt.Fprintln(&b, splatRule)
	return b.String()
}
