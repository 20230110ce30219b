package kern

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// Kind is a kind of violation.
type Kind uint8

// What can go wrong. Each is found where it happens, but PageLost and MMCount, which show only when all is quiet.
const (
	NoViolation        Kind = iota
	UseAfterFree            // a freed mm, page or table is used
	DoubleFree              // something free is freed
	UnionOverlap            // lru is used while rcu_head is live in the same words, or the other way round
	ListCorruption          // a list that does not hold together
	DoubleCallRCU           // call_rcu on a queued head
	IllegalMask             // a combination of bits that the version does not allow
	ListMismatch            // a page on the list, or off it, against what its mask says
	BadHandout              // a half handed out that is in use, pending or not all-invalid
	PageLost                // a page nobody can reach any more, and that is not free
	MMCount                 // mm_count is not what the references add up to
	MMBusy                  // an mm destroyed while its pgtable_list is not empty
	SelfDeadlock            // a CPU waits for a lock that it holds
	SoftirqDeadlock         // a softirq waits for a lock that the task it interrupted holds
	LockMisuse              // a lock released by who does not hold it, and the like
	FinalDropInSoftirq      // the last mmdrop runs __mmdrop in softirq context
	ReaderUseAfterFree      // an RCU reader reads a table after it was freed
	StaleTLB                // a TLB entry leads to a table after it was freed
	DataRace                // two CPUs reach a word at once, one of them writes, and one of the accesses is a plain one
	Deadlock                // nothing can move any more, and not all is done
	Warned                  // the modelled code's own WARN_ON_ONCE fired
	Imbalance               // counts that must add up do not
	Assertion               // an assertion of the model's own does not hold, see Assert
	Livelock                // nothing but spinning on a word that nobody is left to change
	SleepInAtomic           // a task may sleep where it must not: holding a spin lock, with preemption or BH off, in a reader, in a softirq
	ContextImbalance        // a task ends, or a callback returns, with a lock held or in a region that it did not leave
	RefcountLeak            // a count of references is saturated, or was dropped to zero by who frees nothing: the object leaks
	PreemptiblePerCPU       // a task takes the address of its CPU's word where it may be preempted
	NullDeref               // a word behind NULL is used
	WildPointer             // a word is used where nothing is
	UninitRead              // a word of an object from Kmalloc is read that nobody has written
	CacheBusy               // a slab cache is destroyed while objects of it are in use
	CacheDestroyed          // a slab cache is used that was destroyed
	BugHit                  // the modelled code's own BUG_ON() fired: a kernel would stop there
	PageLockNotHeld         // a page is changed whose lock nobody holds, and the code asserts that somebody does
	numKinds
)

var kindNames = [numKinds]string{
	"none", "use-after-free", "double-free", "union-overlap", "list-corruption", "double-call-rcu", "illegal-mask",
	"list-mismatch", "bad-handout", "page-lost", "mm-count", "mm-busy", "self-deadlock", "softirq-deadlock", "lock-misuse",
	"final-drop-in-softirq", "reader-use-after-free", "stale-tlb", "data-race", "deadlock", "warning", "imbalance",
	"assertion", "livelock", "sleep-in-atomic", "context-imbalance", "refcount-leak", "preemptible-per-cpu", "null-deref", "wild-pointer",
	"uninitialised-read", "cache-busy", "cache-destroyed", "bug-on", "page-lock-not-held",
}

func (k Kind) String() string {
	if k < numKinds {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Kinds returns all kinds of violation.
func Kinds() []Kind {
	list := make([]Kind, 0, numKinds)
	for k := NoViolation + 1; k < numKinds; k++ {
		list = append(list, k)
	}
	return list
}

// MarshalText writes the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (k *Kind) UnmarshalText(text []byte) error {
	i := slices.Index(kindNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("unknown kind of violation %q", text)
	}
	*k = Kind(i)
	return nil
}

// Violation is one thing that went wrong: a typed event. Report fills in where it happened.
type Violation struct {
	Kind   Kind
	Addr   Addr   // the word, object or struct page concerned
	Detail string // what was done to it; a phrase that says %o speaks of the object itself

	CPU     int
	Softirq bool   // in softirq context
	Task    string // the task on the CPU, and what it was asked to do
	Doing   string
	Func    string   // the kernel function that did it
	Trace   []string // the kernel functions that led there, innermost first

	Object  string   // "mm1", "page 3": what Addr belongs to
	Part    string   // "context.lock": what of it
	Page    PFN      // the page concerned, 0 if none
	Picture string   // the page's two halves
	History []string // what last happened to the page and the mm, oldest first, if somebody keeps that
	Step    int      // the operation of the script or trace, if the caller counts them
}

// violationLog keeps what was found when nobody takes it.
type violationLog struct {
	mu         sync.Mutex
	list       []*Violation
	total      int
	describers []func(*Violation)
}

const keptViolations = 256

// OnReport sets the function that hears of every violation, see Config.Report.
func (m *Machine) OnReport(f func(*Violation)) { m.report = f }

// Describe registers a function that can tell more about a violation from its Addr. The packages that own the objects
// do so.
func (m *Machine) Describe(f func(*Violation)) {
	m.violations.describers = append(m.violations.describers, f)
}

// NameOf names the word at a as those who own it do: "mm1->context.lock", or "word 0x40" if nobody knows it.
func (m *Machine) NameOf(a Addr) string {
	v := Violation{Addr: a}
	m.violations.mu.Lock()
	for _, f := range m.violations.describers {
		f(&v)
	}
	m.violations.mu.Unlock()
	switch {
	case v.Object == "":
		return fmt.Sprintf("word %#x", uint32(a))
	case v.Part == "":
		return v.Object
	}
	return v.Object + "->" + v.Part
}

// Violations returns the violations reported so far, the first of them if there were very many, and how many there were.
func (m *Machine) Violations() ([]*Violation, int) {
	m.violations.mu.Lock()
	defer m.violations.mu.Unlock()
	return append([]*Violation(nil), m.violations.list...), m.violations.total
}

// Report files a violation that happened on c. It never stops the code that met it.
func (c *CPU) Report(v *Violation) {
	v.CPU, v.Softirq, v.Task, v.Doing = int(c.id), c.inSoftirq, c.Task, c.Doing
	fn := ""
	if v.Trace, fn = kernelTrace(); v.Func == "" {
		v.Func = fn
	}
	c.m.Report(v)
}

// Report files a violation that is no CPU's doing, such as a page found lost.
func (m *Machine) Report(v *Violation) {
	log := &m.violations
	log.mu.Lock()
	for _, f := range log.describers {
		f(v)
	}
	log.total++
	if len(log.list) < keptViolations {
		log.list = append(log.list, v)
	}
	log.mu.Unlock()
	if m.report != nil {
		m.report(v)
	}
}

// KernelTrace returns the kernel functions that led to its caller, innermost first, and the one to name as the one that
// does it: the innermost that is no primitive.
func KernelTrace() (trace []string, fn string) { return kernelTrace() }

// kernelTrace turns the Go stack into the kernel's: functions and methods of this module's packages, by their kernel
// names. The function to name in a sentence is the innermost that is no primitive of this package, if there is one.
func kernelTrace() (trace []string, fn string) {
	var pcs [48]uintptr
	n := runtime.Callers(3, pcs[:])
	frames := runtime.CallersFrames(pcs[:n])
	for {
		f, more := frames.Next()
		if name := kernelName(f.Function); name != "" && (len(trace) == 0 || trace[len(trace)-1] != name) {
			trace = append(trace, name)
			if fn == "" && !strings.HasPrefix(f.Function, "ptsim/kern.") {
				fn = name
			}
		}
		if !more || len(trace) == 16 {
			if fn == "" && len(trace) > 0 {
				fn = trace[0]
			}
			return trace, fn
		}
	}
}

// KernelName returns the kernel's name of one of the model's functions, given as the runtime calls it; "" if it has none.
func KernelName(fn string) string { return kernelName(fn) }

// kernelName translates "ptsim/pgalloc.(*classic).PageTableFreeRCU" to "page_table_free_rcu". Functions that have no
// counterpart are left out: those of this package that are not exported, and closures.
func kernelName(fn string) string {
	slash := strings.LastIndexByte(fn, '/')
	pkg, rest, ok := strings.Cut(fn[slash+1:], ".")
	if !ok || !strings.HasPrefix(fn, "ptsim/") || strings.HasSuffix(pkg, "_test") || strings.HasPrefix(fn, "ptsim/internal") ||
		strings.HasPrefix(fn, "ptsim/cmd") {
		return ""
	}
	if pkg == "explore" || strings.Contains(rest, ".func") || strings.Contains(rest, "-range") {
		return ""
	}
	name := rest[strings.LastIndexByte(rest, '.')+1:]
	method := pkg + "." + receivers.Replace(rest) // one type's, if several have a method of that name
	for _, key := range [...]string{method, pkg + "." + name, name} {
		if special, ok := kernelNames[key]; ok {
			return special
		}
	}
	if name == "" || name[0] < 'A' || name[0] > 'Z' {
		return ""
	}
	return snake(name)
}

// receivers takes the marks of a receiver away: "(*v617).Free" is v617.Free.
var receivers = strings.NewReplacer("(*", "", ")", "")

// kernelNames are the functions whose kernel name does not follow from the Go one, by package and name, or package, type and
// name; "" leaves one out.
var kernelNames = map[string]string{
	"kern.Alloc":                   "kmem_cache_alloc",
	"kern.AllocNowait":             "kmem_cache_alloc",
	"kern.Destroy":                 "kmem_cache_destroy",
	"kern.Free":                    "kmem_cache_free",
	"mmctx.Alloc":                  "mm_alloc",
	"mmctx.Get":                    "mmget",
	"mmctx.GetNotZero":             "mmget_not_zero",
	"mmctx.Put":                    "mmput",
	"mmctx.Grab":                   "mmgrab",
	"mmctx.Drop":                   "mmdrop",
	"mmctx.DropAsync":              "mmdrop_async",
	"tlbgather.Gather":             "tlb_gather_mmu",
	"tlbgather.Finish":             "tlb_finish_mmu",
	"pgalloc.CRSTAlloc":            "crst_table_alloc",
	"pgalloc.CRSTFree":             "crst_table_free",
	"pgalloc.CRSTFreeTLB":          "pmd_free_tlb",
	"s390sim.Fault":                "handle_mm_fault",
	"s390sim.Fork":                 "dup_mm",
	"s390sim.Mmap":                 "do_mmap",
	"s390sim.Munmap":               "do_munmap",
	"s390sim.Mremap":               "sys_mremap",
	"s390sim.Extend":               "sys_brk",
	"s390sim.Put":                  "mmput",
	"s390sim.NewMM":                "mm_alloc",
	"s390sim.Collapse":             "collapse_file",
	"s390sim.DoScan":               "khugepaged_do_scan",
	"s390sim.Advance":              "",
	"s390sim.Check":                "",
	"s390sim.Close":                "",
	"s390sim.Quiesce":              "",
	"s390sim.ReadPTE":              "ptep_get",
	"percpuref.Init":               "percpu_ref_init",
	"percpuref.Exit":               "percpu_ref_exit",
	"percpuref.Get":                "percpu_ref_get",
	"percpuref.TryGet":             "percpu_ref_tryget",
	"percpuref.TryGetLive":         "percpu_ref_tryget_live",
	"percpuref.TryGetLiveRCU":      "percpu_ref_tryget_live_rcu",
	"percpuref.Put":                "percpu_ref_put",
	"percpuref.Kill":               "percpu_ref_kill",
	"percpuref.KillAndConfirm":     "percpu_ref_kill_and_confirm",
	"percpuref.SwitchToAtomic":     "percpu_ref_switch_to_atomic",
	"percpuref.SwitchToAtomicSync": "percpu_ref_switch_to_atomic_sync",
	"percpuref.SwitchToPerCPU":     "percpu_ref_switch_to_percpu",
	"percpuref.Resurrect":          "percpu_ref_resurrect",
	"percpuref.Reinit":             "percpu_ref_reinit",
	"percpuref.IsZero":             "percpu_ref_is_zero",
	"percpuref.IsDying":            "percpu_ref_is_dying",
	"percpuref.switchToAtomicRCU":  "percpu_ref_switch_to_atomic_rcu",
	"percpuref.callConfirmRCU":     "percpu_ref_call_confirm_rcu",
	"percpuref.freeCounts":         "__percpu_ref_exit",
	"percpuref.switchMode":         "__percpu_ref_switch_mode",
	"percpuref.toAtomic":           "__percpu_ref_switch_to_atomic",
	"percpuref.toPerCPU":           "__percpu_ref_switch_to_percpu",
	"zsmalloc.FreeZspagePages":     "__free_zspage",
	"zsmalloc.LockPoolOfPage":      "",
	"zsmalloc.MoveObjects":         "",
	"zsmalloc.TakeEmpty":           "list_splice_init",
	"zsmalloc.PageMovable":         "PageMovable",
	"zsmalloc.SetMovable":          "__SetPageMovable",
	"zsmalloc.ClearMovable":        "__ClearPageMovable",
	"zsmalloc.SetZsPageMovable":    "SetZsPageMovable",
	"zsmalloc.UnmapAndMove":        "",
	"zsmalloc.LockDestination":     "migrate_folio_unmap",
	"zsmalloc.UnlockDestination":   "migrate_folio_move",
	"zsmalloc.PutbackMovablePage":  "putback_movable_pages",
	"zsmalloc.KfreePool":           "zs_destroy_pool",
	"zsmalloc.Populate":            "",

	"zsmalloc.v617.SetMovable":         "SetPageMovableOps",
	"zsmalloc.v617.IsolateMovablePage": "isolate_movable_ops_page",
	"zsmalloc.v617.MoveToNewFolio":     "migrate_movable_ops_page",
	"zsmalloc.v617.PutbackMovablePage": "putback_movable_ops_page",
	"zsmalloc.v617.ResetPage":          "reset_zpdesc",
	"zsmalloc.v617.ZsMapObject":        "zs_obj_read_begin",
	"zsmalloc.v617.ZsUnmapObject":      "zs_obj_read_end",
	"TLBRemoveTableRCU":                "tlb_remove_table_rcu",
	"RemoveTable":                      "__tlb_remove_table",
	"FlushMMLazy":                      "__tlb_flush_mm_lazy",
	"MMDestroy":                        "__mmdrop",
	"pteFreeHalf":                      "pte_free_half",
	"pteFreeNow0":                      "pte_free_now0",
	"pteFreeNow1":                      "pte_free_now1",
	"pteFreeNow":                       "pte_free_now",
	"pteFreePGSTE":                     "pte_free_pgste",
	"Report":                           "",
	"CheckPageFree":                    "",
	"DropPage":                         "",
	"ArmHead":                          "",
	"Exec":                             "",
	"Assert":                           "",
	"BugOn":                            "",
	"BugOnUnlockedPage":                "",
	"Begin":                            "",
	"Call":                             "",
	"End":                              "",
	"GracePeriod":                      "",
	"Barrier":                          "rcu_barrier",
	"Step":                             "",
	"RunWork":                          "process_one_work",
	"InvokeOne":                        "rcu_do_batch",
	"Softirq":                          "__do_softirq",
	"Interrupt":                        "irq_exit_rcu",
	"Quiescent":                        "",
	"TaskExit":                         "do_exit",
}

func snake(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		ch := name[i]
		upper := ch >= 'A' && ch <= 'Z'
		if upper && i > 0 {
			prevUpper := name[i-1] >= 'A' && name[i-1] <= 'Z'
			nextLower := i+1 < len(name) && name[i+1] >= 'a' && name[i+1] <= 'z'
			if !prevUpper || nextLower {
				b.WriteByte('_')
			}
		}
		if upper {
			ch += 'a' - 'A'
		}
		b.WriteByte(ch)
	}
	return b.String()
}
