package pgalloc

import (
	"fmt"

	"ptsim/internal/quote"
	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/tlbgather"
)

// Version is one published version of the allocator. All its functions may be called on several CPUs at once. A table
// is given by the physical address of its half, without a tag, unless said otherwise.
type Version interface {
	// PageTableAlloc is page_table_alloc(): a page table for mm, all entries invalid, or 0 when there is no memory. It
	// takes context.lock and must be called without it.
	PageTableAlloc(c *kern.CPU, mm mmctx.MM) kern.Phys

	// PageTableFree is page_table_free(): it frees a table that no CPU can be walking, at once. It takes context.lock.
	PageTableFree(c *kern.CPU, mm mmctx.MM, table kern.Phys)

	// PageTableFreeRCU is page_table_free_rcu(): it frees a table that mapped vmaddr through the gather, after a grace
	// period. It takes context.lock.
	PageTableFreeRCU(c *kern.CPU, tlb *tlbgather.Gather, table kern.Phys, vmaddr uint64)

	// RemoveTable is __tlb_remove_table(): it frees a table whose tagged pointer came out of a batch. It is called in
	// softirq context, or by a task when there was no page for a batch.
	RemoveTable(c *kern.CPU, table kern.Phys)

	// PTEFreeDefer is pte_free_defer(): it frees a table after a grace period and needs no memory to do so. It takes
	// context.lock. It tells whether this version has it at all.
	PTEFreeDefer(c *kern.CPU, mm mmctx.MM, table kern.Phys) bool

	// ListRule tells whether a page with this mask, and PageActive set or not, is on its mm's pgtable_list whenever
	// nobody holds the lock. Only active ever sets PageActive.
	ListRule(m Mask, active bool) bool
	// Legal tells whether any CPU may ever see this mask.
	Legal(m Mask) bool
	// LazyFlushBH tells whether __tlb_flush_mm_lazy takes context.lock with BH off.
	LazyFlushBH() bool
}

// Variant names a version.
type Variant string

// The versions, in the order of their publication.
const (
	Classic     Variant = "classic"
	RFCAsPosted Variant = "rfc-as-posted"
	RFC         Variant = "rfc"
	Pinned      Variant = "pinned"
	Typesafe    Variant = "typesafe"
	Active      Variant = "active"
	FullPage    Variant = "fullpage"
)

// Info says what a variant is.
type Info struct {
	Variant Variant
	Kernel  string // where it was published
	About   string
	Flawed  string // what is known to be wrong with it, "" if nothing is
}

var infos = []Info{
	{Classic, "v5.17 to v6.5", "two 2K tables per page, freed at once or through the gather; no pte_free_defer", ""},
	{RFCAsPosted, "mail of 12 June 2023", "pte_free_defer through the page's rcu_head, only its compile errors mended", "loses pages when both halves are deferred, and uses freed mms"},
	{RFC, "mail of 12 June 2023", "the same with the missing shift put right", "uses freed mms: nothing keeps the mm alive until its lock is taken"},
	{Pinned, "not published", "rfc with a reference on the mm while a callback may need it (--pin)", ""},
	{Typesafe, "mail of 22 June 2023", "rfc with the list and its lock in a type-stable object that RCU frees", ""},
	{Active, "v6.6", "PageActive: a page with a deferred half waits for its other half, then for a grace period", ""},
	{FullPage, "v6.7 on", "one 4K page per table", ""},
}

// Variants returns what there is, in the order of publication.
func Variants() []Info { return append([]Info(nil), infos...) }

// Info returns what the variant is.
func (v Variant) Info() Info {
	for _, i := range infos {
		if i.Variant == v {
			return i
		}
	}
	return Info{Variant: v}
}

// ParseVariant returns the variant of that name.
func ParseVariant(name string) (Variant, error) {
	var names []string
	for _, i := range infos {
		if string(i.Variant) == name {
			return i.Variant, nil
		}
		names = append(names, string(i.Variant))
	}
	return "", fmt.Errorf("unknown variant %s; %s", quote.Short(name), quote.Expected(name, names))
}

// Config says which allocator to build on a machine.
type Config struct {
	Variant Variant
	Pin     Pin // for Pinned; the zero Pin is PinHalf, the default

	MaxBatch   int // tables in a batch; 0 is the kernel's 509
	Quarantine int // freed mms held back before their memory is used again

	// SkipLazyFlush leaves __tlb_flush_mm_lazy out: FlushMMLazy does nothing. It is for small models, which would take
	// context.lock for no other purpose: S1 to S3r leave it out.
	SkipLazyFlush bool

	// SyncIPI interrupts every other CPU and waits for them; nil if there is nothing to do.
	SyncIPI func(c *kern.CPU)
	// FlushTLB flushes the mm's entries from the TLBs of all CPUs; nil if there are none.
	FlushTLB func(c *kern.CPU, mm mmctx.MM)
	// GmapUnlink drops the guest mapping that leads to vmaddr; nil if there are no guests.
	GmapUnlink func(c *kern.CPU, mm mmctx.MM, vmaddr uint64)
	// PageEvent is told of every page that starts to hold tables, and of every one that is released.
	PageEvent func(c *kern.CPU, p Page, allocated bool)
}

// System is the allocator of a machine, with the mms and the gathers that it needs.
type System struct {
	M   *kern.Machine
	MMs *mmctx.Space
	TLB *tlbgather.Tables
	PT  Version
	CRST

	Variant Variant
	Pin     Pin
	base    *base
}

// New builds an allocator on a machine. A machine has one.
func New(m *kern.Machine, cfg Config) (*System, error) {
	if cfg.Pin == "" {
		cfg.Pin = PinHalf
	}
	b := &base{m: m, cfg: cfg, stats: make([]cpuStats, m.NumCPU())}
	b.mms = mmctx.NewSpace(m, mmctx.Config{TypesafeList: cfg.Variant == Typesafe, Quarantine: cfg.Quarantine})
	switch cfg.Variant {
	case Classic:
		b.self = newClassic(b)
	case RFCAsPosted, RFC:
		b.self = newRFC(b, cfg.Variant == RFCAsPosted)
	case Pinned:
		if !cfg.Pin.valid() {
			return nil, fmt.Errorf("unknown pin %s; %s", quote.Short(cfg.Pin), quote.Expected(string(cfg.Pin), pinNames()))
		}
		b.self = newPinned(b, cfg.Pin)
	case Typesafe:
		b.self = newTypesafe(b)
	case Active:
		b.self = newActive(b)
	case FullPage:
		b.self = newFullPage(b)
	default:
		return nil, fmt.Errorf("unknown variant %s", quote.Short(cfg.Variant))
	}
	b.tlb = tlbgather.New(m, cfg.MaxBatch, tlbgather.Ops{
		RemoveTable: b.self.RemoveTable,
		FlushMMLazy: b.FlushMMLazy,
		SyncIPI:     b.syncIPI,
	})
	m.Describe(b.describe)
	s := &System{M: m, MMs: b.mms, TLB: b.tlb, PT: b.self, CRST: CRST{b}, Variant: cfg.Variant, base: b}
	if cfg.Variant == Pinned {
		s.Pin = cfg.Pin
	}
	return s, nil
}

// Name is the variant, with its pin behind a slash if that is not the default.
func (s *System) Name() string { return Name(s.Variant, s.Pin) }

// Name is what System.Name returns of a version that is not built yet.
func Name(v Variant, p Pin) string {
	if p != "" && p != PinHalf {
		return string(v) + "/" + string(p)
	}
	return string(v)
}

// FreeRetracted frees a table that khugepaged took out of an mm, whose pmd is clear: by pte_free_defer(), or, in classic, which has none,
// by a round of interrupts and page_table_free(), as collapse_and_free_pmd() of v6.4 did. It is what "defer" means in a scenario and
// what a collapse does in s390sim. The caller holds no lock of the allocator.
func (s *System) FreeRetracted(c *kern.CPU, mm mmctx.MM, table kern.Phys) {
	if s.PT.PTEFreeDefer(c, mm, table) {
		return
	}
	s.SyncIPI(c) // every walk with interrupts off is over once every CPU has taken one
	s.PT.PageTableFree(c, mm, table)
}

// FlushMMLazy is __tlb_flush_mm_lazy(), which a task also runs when it is switched to the mm.
func (s *System) FlushMMLazy(c *kern.CPU, mm mmctx.MM) { s.base.FlushMMLazy(c, mm) }

// SyncIPI interrupts every other CPU and waits for them, as khugepaged did before there was pte_free_defer.
func (s *System) SyncIPI(c *kern.CPU) { s.base.syncIPI(c) }
