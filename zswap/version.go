package zswap

import (
	"fmt"
	"slices"

	"ptsim/kern"
)

// pinning is what keeps an object where it is while it is mapped.
type pinning interface {
	mapHandle(c *kern.CPU, h Handle) kern.Addr // returns the object
	unmapHandle(c *kern.CPU, h Handle)
	// pinToFree keeps the object from being mapped while zs_free(), which holds pool->lock, frees it. Since v5.17 nothing does:
	// who frees an object knows that nobody has it mapped, and does not wait for the readers of others in the zspage.
	pinToFree(c *kern.CPU, h Handle)
	unpinFreed(c *kern.CPU, h Handle)
	// writeLock keeps the object from being mapped while compaction, which holds pool->lock, moves it; false if somebody has it mapped.
	writeLock(c *kern.CPU, h Handle) bool
	writeUnlock(c *kern.CPU, h Handle)
}

// contexts is who keeps the acomp_ctx of a CPU.
type contexts interface {
	ctxLock(c *kern.CPU) kern.Addr
	ctxUnlock(c *kern.CPU, ctx kern.Addr)
	cpuDead(c *kern.CPU, cpu int)
}

type loading interface {
	load(c *kern.CPU, offset uint32) uint32
}

type writingBack interface {
	writeback(c *kern.CPU, offset uint32)
}

// version is one version of the protocol: what it does about each of the four.
type version struct {
	pinning
	contexts
	loading
	writingBack
	s *System
}

func (v version) setObj(c *kern.CPU, h Handle, to uint32) { v.s.setObj(c, h, to) }

// Variant names a version, or what is broken about one.
type Variant string

// The versions, in the order of their publication, and the variants.
const (
	Mapped         Variant = "v5.11"
	BitFlag        Variant = "bit-flag"
	Draft          Variant = "draft"
	DraftAssigned  Variant = "draft-assigned"
	DraftOneLock   Variant = "draft-one-lock"
	DraftSrc       Variant = "draft-src"
	MutexFirst     Variant = "mutex-first"
	UnmapFirst     Variant = "unmap-first"
	LateBuffer     Variant = "late-buffer"
	Copying        Variant = "v5.12"
	CopyFirst      Variant = "v5.14"
	NoRef          Variant = "no-ref"
	RWLock         Variant = "v5.17"
	Rechecked      Variant = "v6.13"
	CPUsReadLock   Variant = "cpus-read-lock"
	DeadWaits      Variant = "dead-waits"
	KeepContexts   Variant = "keep-contexts"
	Sleeping       Variant = "v6.15"
	BlockingWriter Variant = "blocking-writer"
)

// Info says what a variant is.
type Info struct {
	Variant Variant
	Year    int
	Source  string // where it was published
	About   string
	Flawed  string // what is known to be wrong with it, "it" left out: "sleeps in a reader"; "" if nothing is
}

var infos = []Info{
	{Mapped, 2021, "v5.11, 1ec3b5fe6eec", "waits for the decompressor with the object mapped", "sleeps in atomic context, where mapping an object takes a spin lock"},
	{BitFlag, 2020, "Vitaly Wool, zsmalloc: do not use bit_spin_lock, 19 December 2020", "the pin is a bit: whoever waits for it spins with preemption off, whoever holds it may sleep", "has the waiter spin, which on one CPU keeps the sleeper from waking up"},
	{Draft, 2020, "Tian Tao, Re: [PATCH] zsmalloc: do not use bit_spin_lock, 23 December 2020", "copies if the mutex is not free, literally as mailed", "reads acomp_ctx before it is assigned"},
	{DraftAssigned, 2020, "the same", "the draft with acomp_ctx assigned first", "takes the mutex again after a successful trylock, with the object mapped"},
	{DraftOneLock, 2020, "the same", "the draft that does not take the mutex twice", "decompresses from a tmp that was never set"},
	{DraftSrc, 2020, "the same", "the draft that uses the object itself where it did not copy", "sleeps with the object mapped, and never unmaps it"},
	{MutexFirst, 0, "", "v5.11 that takes the mutex before it maps the object", "waits for the decompressor in atomic context"},
	{UnmapFirst, 0, "", "v5.12 that unmaps and goes on with the pointer, since the page stays", "decompresses the bytes of another object once its own has moved"},
	{LateBuffer, 0, "", "v5.12 that allocates the buffer with GFP_KERNEL while the object is mapped", "may sleep in the allocation, with the object mapped"},
	{Copying, 2021, "v5.12, fc6697a89f56", "if a mapping forbids sleeping, copies and unmaps the object first", "keeps the object mapped in writeback while it allocates the page, and for good if there was one; and it uses a context that goes away with its CPU"},
	{CopyFirst, 2021, "v5.14, 46b76f2e09dc", "v5.12 whose writeback copies first as well", "uses a context that goes away with its CPU"},
	{NoRef, 0, "", "v5.12 whose load takes no reference to the entry", "uses an entry that is freed when it is invalidated"},
	{RWLock, 2022, "v5.17, mm/zsmalloc.c", "objects are pinned by zspage->lock, a rwlock", "uses a context that goes away with its CPU"},
	{Rechecked, 2025, "v6.13, 12dcb0ef5406", "takes the context's mutex, and checks whether its CPU is still there", ""},
	{CPUsReadLock, 2024, "mm: zswap: fix race between [de]compression and CPU hotunplug, December 2024, reverted in January 2025", "cpus_read_lock() around the use of a context", "has a task that brings a CPU up, and reclaims, wait for itself"},
	{DeadWaits, 0, "", "v6.12 that frees a request with the context's mutex held", "has a task that waited for the mutex find no request"},
	{KeepContexts, 2025, "Kanchana P Sridhar, [PATCH v9 15/19] mm: zswap: Per-CPU acomp_ctx resources exist from pool creation to deletion, 30 April 2025", "a context keeps its request when its CPU goes offline", ""},
	{Sleeping, 2025, "v6.15, mm/zsmalloc.c", "a task may sleep with an object mapped; compaction only tries to move it", ""},
	{BlockingWriter, 0, "", "v6.15 with a writer that waits for the readers", "has the writer spin, which on one CPU keeps the sleeper from waking up"},
}

// Variants returns what there is, in the order of publication.
func Variants() []Info { return slices.Clone(infos) }

// newVersion puts a version together.
func newVersion(s *System) (version, error) {
	if !slices.ContainsFunc(infos, func(i Info) bool { return i.Variant == s.cfg.Variant }) {
		return version{}, fmt.Errorf("zswap: unknown version %q", s.cfg.Variant)
	}
	v := version{bitSpin{s}, unlocked{s}, copying{s}, copyFirst{s}, s}
	old := version{bitSpin{s}, unlocked{s}, mapped{s}, mappedThroughout{s}, s} // v5.11, which the drafts are about, too
	switch s.cfg.Variant {
	case Mapped:
		v = old
	case BitFlag:
		v = old
		v.pinning = bitFlag{s}
	case Draft:
		v = old
		v.loading = draft{s, 0}
	case DraftAssigned:
		v = old
		v.loading = draft{s, 1}
	case DraftOneLock:
		v = old
		v.loading = draft{s, 2}
	case DraftSrc:
		v = old
		v.loading = draft{s, 3}
	case MutexFirst:
		v = old
		v.loading = readBegin{s}
	case UnmapFirst:
		v.loading, v.writingBack = unmapFirst{s}, mappedAcross{s}
	case LateBuffer:
		v.loading, v.writingBack = lateBuffer{s}, mappedAcross{s}
	case Copying:
		v.writingBack = mappedAcross{s}
	case NoRef:
		v.loading, v.writingBack = noRef{s}, mappedAcross{s}
	case RWLock:
		v.pinning = rwlock{s}
	case Rechecked:
		v = version{rwlock{s}, rechecked{s}, buffered{s}, pageFirst{s, buffered{s}.ZswapDecompress}, s}
	case CPUsReadLock:
		v = version{rwlock{s}, cpusRead{unlocked{s}}, buffered{s}, pageFirst{s, buffered{s}.ZswapDecompress}, s}
	case DeadWaits:
		v = version{rwlock{s}, deadWaits{unlocked{s}}, buffered{s}, pageFirst{s, buffered{s}.ZswapDecompress}, s}
	case KeepContexts:
		v = version{rwlock{s}, keepContexts{unlocked{s}}, buffered{s}, pageFirst{s, buffered{s}.ZswapDecompress}, s}
	case Sleeping:
		v = version{sleeping{s}, rechecked{s}, readBegin{s}, pageFirst{s, readBegin{s}.ZswapDecompress}, s}
	case BlockingWriter:
		v = version{blockingWriter{sleeping{s}}, rechecked{s}, readBegin{s}, pageFirst{s, readBegin{s}.ZswapDecompress}, s}
	}
	if s.cfg.SleepMapped {
		v.pinning = still{s}
	}
	return v, nil
}
