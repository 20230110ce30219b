package zswap

import (
	"fmt"

	"ptsim/kern"
)

// Entry is a struct zswap_entry: a compressed page, by its address in the shared memory.
type Entry kern.Addr

// Handle is what zs_malloc() returns: the address of a word that says where the object is. Compaction changes it.
type Handle kern.Addr

// The words of an entry.
const (
	entRef    = 0 // refcount, protected by tree->lock
	entLength = 1
	entHandle = 2
	entOffset = 3 // of the swap entry, which names it in the tree
	entPage   = 4 // what the page held, to tell whether it comes back
)

// The bits of a handle's word: the pin below, the number of the slot above.
const (
	pinBit    = 0 // HANDLE_PIN_BIT
	slotShift = 1
)

// Slots is how many objects the zspage of a machine has room for, Offsets how many swap entries there are, and CPUs how many CPUs have
// an acomp_ctx.
const (
	Slots   = 3
	Offsets = 3
	CPUs    = 2
)

// The words of a slot: an object of a zspage, and its header.
const (
	slotHead = 0 // the handle it belongs to, 0 if it is free
	slotData = 1

	slotWords = 2
)

// The words of a crypto_acomp_ctx.
const (
	ctxMutex = 0
	ctxReq   = 1 // the acomp_req, NULL once the CPU is dead
	ctxWait  = 2 // a completion: the request is done
	ctxWork  = 3 // what the compressor does, as a work item: two words

	ctxBuffer = 5 // what is copied before anything sleeps, since v6.8
	ctxWords  = 6
)

// The words of the global variables: the tree, the zs_pool with its one zspage, the contexts, the swap cache, and the CPU hotplug lock.
const (
	gTree    = 0                        // tree->lock
	gRoot    = gTree + 1                // the tree: the entry of each offset
	gPool    = gRoot + Offsets          // pool->lock
	gZspage  = gPool + 1                // zspage->lock
	gReaders = gZspage + 1              // how many readers zspage->lock has, in v6.15
	gSlots   = gReaders + 1             // the objects
	gCtx     = gSlots + Slots*slotWords // acomp_ctx of each CPU
	gHere    = gCtx + CPUs*ctxWords     // the CPU that tasks run on: raw_cpu_ptr()
	gCache   = gHere + 1                // the swap cache: 1 if the page of that offset is in it
	gHotplug = gCache + Offsets         // cpu_hotplug_lock
)

// The caches, by name.
const (
	EntryCache  = "zswap_entry"
	HandleCache = "zs_handle"
	ReqCache    = "acomp_req"
	BufferCache = "kmalloc"
	CopyCache   = "acomp_buffer"
)

var entryFields = []kern.Field{
	{Name: "refcount", Kind: kern.FieldRefcount}, {Name: "length"}, {Name: "handle", Kind: kern.FieldPointer, To: HandleCache}, {Name: "offset"}, {Name: "page"},
}

// globalFields are their names, one for each place that a face may show.
var globalFields = func() []kern.Field {
	list := []kern.Field{{Name: "tree->lock", Kind: kern.FieldLock}}
	for i := range Offsets {
		list = append(list, kern.Field{Name: fmt.Sprintf("tree->rbroot[%d]", i), Kind: kern.FieldPointer, To: EntryCache})
	}
	list = append(list, kern.Field{Name: "pool->lock", Kind: kern.FieldLock}, kern.Field{Name: "zspage->lock", Kind: kern.FieldLock}, kern.Field{Name: "zspage->readers"})
	for i := range Slots {
		list = append(list, kern.Field{Name: fmt.Sprintf("object%d.handle", i), Kind: kern.FieldPointer, To: HandleCache}, kern.Field{Name: fmt.Sprintf("object%d.data", i)})
	}
	for i := range CPUs {
		ctx := fmt.Sprintf("acomp_ctx[%d].", i)
		list = append(list, kern.Field{Name: ctx + "mutex", Kind: kern.FieldLock}, kern.Field{Name: ctx + "req", Kind: kern.FieldPointer, To: ReqCache},
			kern.Field{Name: ctx + "wait", Kind: kern.FieldWait}, kern.Field{Name: ctx + "work", Words: kern.WorkWords},
			kern.Field{Name: ctx + "buffer", Kind: kern.FieldPointer, To: CopyCache})
	}
	list = append(list, kern.Field{Name: "this_cpu"})
	for i := range Offsets {
		list = append(list, kern.Field{Name: fmt.Sprintf("swap cache[%d]", i)})
	}
	return append(list, kern.Field{Name: "cpu_hotplug_lock", Kind: kern.FieldLock})
}()

// Config says what to build on a machine.
type Config struct {
	Variant Variant
	// SleepMapped is zpool_can_sleep_mapped(): the backend is zbud, whose objects stay where they are while they are mapped, with no
	// lock held. Compaction is not for it.
	SleepMapped bool
	// Pause is called before a task sleeps in crypto_wait_req(). It is for native runs, and may be nil.
	Pause func(c *kern.CPU)
}

// System is the zswap of a machine: one tree, one pool with one zspage.
type System struct {
	m       *kern.Machine
	cfg     Config
	version version

	entries, handles, reqs, buffers, copies, frames kern.Cache

	tree, root, pool, zspage, readers   kern.Addr
	slots, ctxs, here, swapped, hotplug kern.Addr

	done    kern.Func // crypto_req_done
	booting bool      // nothing runs yet, and nothing waits
}

// New puts zswap on a machine. It is called while that is put together.
func New(m *kern.Machine, cfg Config) (*System, error) {
	s := &System{m: m, cfg: cfg}
	s.entries = m.NewCache(kern.CacheConfig{Name: EntryCache, Fields: entryFields})
	s.handles = m.NewCache(kern.CacheConfig{Name: HandleCache, Fields: []kern.Field{{Name: "obj"}}})
	s.reqs = m.NewCache(kern.CacheConfig{Name: ReqCache, Fields: []kern.Field{{Name: "acomp_req"}}})
	s.buffers = m.NewCache(kern.CacheConfig{Name: BufferCache, Fields: []kern.Field{{Name: "buffer"}}})
	s.copies = m.NewCache(kern.CacheConfig{Name: CopyCache, Fields: []kern.Field{{Name: "buffer"}}})
	s.frames = m.NewCache(kern.CacheConfig{Name: "stack", Fields: stackFields})
	c := m.CPU(0)
	g := m.NewCache(kern.CacheConfig{Name: "mm/zswap.c", Fields: globalFields}).Alloc(c)
	s.tree, s.root, s.pool, s.zspage, s.readers = g+gTree, g+gRoot, g+gPool, g+gZspage, g+gReaders
	s.slots, s.ctxs, s.here, s.swapped, s.hotplug = g+gSlots, g+gCtx, g+gHere, g+gCache, g+gHotplug
	s.done = m.RegisterFunc("crypto_req_done", func(c *kern.CPU, work kern.Addr) { kern.Complete(c, work-ctxWork+ctxWait) })
	for cpu := range CPUs {
		m.Poke(s.ctx(cpu)+ctxReq, uint32(s.reqs.Alloc(c)))
		m.Poke(s.ctx(cpu)+ctxBuffer, uint32(s.copies.Alloc(c)))
	}
	v, err := newVersion(s)
	if err != nil {
		return nil, err
	}
	s.version = v
	return s, nil
}

// ctx returns the acomp_ctx of a CPU.
func (s *System) ctx(cpu int) kern.Addr { return s.ctxs + kern.Addr(cpu*ctxWords) }

// slot returns the address of an object.
func (s *System) slot(n uint32) kern.Addr { return s.slots + kern.Addr(n*slotWords) }

// Globals returns the address of the global variables.
func (s *System) Globals() kern.Addr { return s.tree }

// Pages is what a page holds whose offset is that, compressed or not.
func Pages(offset uint32) uint32 { return 0x900 + offset }

// Live returns how many entries, handles, buffers and requests there are.
func (s *System) Live() (entries, handles, buffers, reqs int) {
	return s.entries.Live(), s.handles.Live(), s.buffers.Live(), s.reqs.Live()
}

// Audit says what is wrong when all is quiet, as a debugger would see it; "" if nothing is. Each entry in the tree has one reference,
// and a handle that leads to an object whose header leads back; nobody holds a lock, or has anything mapped.
func (s *System) Audit() string {
	objects := 0
	for n := range uint32(Slots) {
		if s.m.Peek(s.slot(n)+slotHead) != 0 {
			objects++
		}
	}
	for offset := range kern.Addr(Offsets) {
		e := Entry(s.m.Peek(s.root + offset))
		if e == 0 {
			continue
		}
		objects--
		h := Handle(s.m.Peek(kern.Addr(e) + entHandle))
		obj := s.m.Peek(kern.Addr(h))
		switch slot := s.slot(obj >> slotShift); {
		case s.m.Peek(kern.Addr(e)+entRef) != 1:
			return "an entry in the tree has references that nobody will put"
		case obj&(1<<pinBit) != 0:
			return "a handle stays pinned"
		case obj>>slotShift >= Slots || Handle(s.m.Peek(slot+slotHead)) != h:
			return "a handle leads to an object that is not its own"
		case s.m.Peek(slot+slotData) != s.m.Peek(kern.Addr(e)+entPage):
			return "an object does not hold what was stored"
		}
	}
	switch {
	case objects != 0:
		return "an object belongs to no entry"
	case s.m.Peek(s.readers) != 0 || s.m.Peek(s.zspage) != 0:
		return "somebody has the zspage mapped"
	case s.m.Peek(s.pool) != 0 || s.m.Peek(s.tree) != 0 || s.m.Peek(s.hotplug) != 0 || s.m.Peek(s.ctx(0)) != 0 || s.m.Peek(s.ctx(1)) != 0:
		return "a lock is held"
	}
	return ""
}

// Stored stores the page of an offset before anything runs, and returns its entry.
func (s *System) Stored(c *kern.CPU, offset uint32) Entry {
	s.booting = true
	s.Store(c, offset)
	s.booting = false
	return Entry(s.m.Peek(s.root + kern.Addr(offset)))
}

// In tells whether the page of an offset is in zswap, as a debugger would.
func (s *System) In(offset uint32) bool { return s.m.Peek(s.root+kern.Addr(offset)) != 0 }
