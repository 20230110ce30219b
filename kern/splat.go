package kern

import (
	"fmt"
	"strings"
)

// sentences say what each kind of violation is. %o is the object, %f the function, %d the detail.
var sentences = [numKinds]string{
	UseAfterFree:       "use after free: %f %d of freed %o",
	DoubleFree:         "double free: %f frees %o a second time: %d",
	UnionOverlap:       "lru and rcu_head overlap: %f on %o: %d",
	ListCorruption:     "list corruption: %f on %o: %d",
	DoubleCallRCU:      "call_rcu twice: %f queues the rcu_head of %o, which is queued already",
	IllegalMask:        "illegal mask: %f leaves %o with %d",
	ListMismatch:       "list and mask disagree: %f leaves %o %d",
	BadHandout:         "bad hand-out: %f hands out a half of %o that %d",
	PageLost:           "page lost: %o is not free, and nothing leads to it any more: %d",
	MMCount:            "wrong mm_count: %o: %d",
	MMBusy:             "mm destroyed in use: %f frees %o while %d",
	SelfDeadlock:       "self-deadlock: %f takes a lock of %o that this CPU holds already",
	SoftirqDeadlock:    "softirq deadlock: %f, in a softirq, takes a lock of %o that the interrupted task holds without _bh",
	LockMisuse:         "lock misuse: %f %d (%o)",
	FinalDropInSoftirq: "final mmdrop in softirq context: %f drops the last reference to %o, so __mmdrop would run where it must not",
	ReaderUseAfterFree: "reader too late: %f reads %o inside rcu_read_lock after it was freed: %d",
	StaleTLB:           "stale TLB entry: %f reaches %o after it was freed: %d",
}

// Sentence says in one plain sentence what happened.
func (v *Violation) Sentence() string {
	text := ""
	if v.Kind < numKinds {
		text = sentences[v.Kind]
	}
	if v.Kind == UseAfterFree && v.Detail == "takes the lock" {
		text = "use after free: %f takes %o"
	}
	fn := v.Func
	if fn == "" {
		fn = "the kernel"
	}
	object := v.Object
	if object == "" {
		object = fmt.Sprintf("word %#x", uint32(v.Addr))
	}
	if v.Kind == UseAfterFree && v.Detail == "takes the lock" {
		if name, rest, ok := strings.Cut(object, " "); ok && strings.HasPrefix(name, "mm") {
			object = rest + " of freed " + name
		} else {
			object = "a lock of freed " + object
		}
	}
	return strings.NewReplacer("%f", fn, "%o", object, "%d", v.Detail).Replace(text)
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
}

const splatRule = "=================================================================="

// Splat renders the violation as the kernel would on its console: headline, CPU, task, page and call trace.
func (v *Violation) Splat() string {
	var b strings.Builder
	fn := v.Func
	if fn == "" {
		fn = "checker"
	}
	fmt.Fprintln(&b, splatRule)
	if v.Kind < numKinds && headlines[v.Kind] != "" {
		fmt.Fprintf(&b, headlines[v.Kind]+"\n", fn)
	}
	fmt.Fprintln(&b, v.Sentence())
	context := "task"
	if v.Softirq {
		context = "softirq"
	}
	task := v.Task
	if task == "" {
		task = "swapper"
	}
	fmt.Fprintf(&b, "CPU: %d Comm: %s Context: %s", v.CPU, task, context)
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
	fmt.Fprintln(&b, splatRule)
	return b.String()
}
