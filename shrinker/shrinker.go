package shrinker

import "ptsim/kern"

// Shrinker is a struct shrinker: an address in the shared memory.
type Shrinker kern.Addr

// The words of a struct shrinker.
const (
	shCount      = 0 // count_objects: a kern.Func
	shScan       = 1 // scan_objects: a kern.Func
	shFlags      = 2
	shRegistered = 3 // of v2 alone
	shRefcount   = 4
	shDone       = 5 // a completion
	shPrivate    = 6 // private_data: the super_block
	shDeferred   = 7 // nr_deferred: where the count is
	shID         = 8 // id, in shrinker_idr
	shList       = 9
	shRCU        = shList + kern.ListHeadWords
)

// The caches, by name.
const (
	ShrinkerCache = "shrinker"
	SuperCache    = "super_block"
	DeferredCache = "nr_deferred"
)

var shFields = []kern.Field{
	{Name: "count_objects"}, {Name: "scan_objects"},
	{Name: "flags", Kind: kern.FieldBits, Bits: []string{"registered", "numa_aware", "memcg_aware", "nonslab"}},
	{Name: "registered"}, {Name: "refcount", Kind: kern.FieldRefcount}, {Name: "done", Kind: kern.FieldWait},
	{Name: "private_data", Kind: kern.FieldPointer, To: SuperCache}, {Name: "nr_deferred", Kind: kern.FieldPointer, To: DeferredCache}, {Name: "id"},
	{Name: "list", Kind: kern.FieldList}, {Name: "rcu", Kind: kern.FieldRCUHead},
}

// The flags of a shrinker.
const (
	Registered = 1 << 0 // SHRINKER_REGISTERED
	MemcgAware = 1 << 2 // SHRINKER_MEMCG_AWARE
	NonSlab    = 1 << 3 // SHRINKER_NONSLAB
)

func (sh Shrinker) refcount() kern.Addr { return kern.Addr(sh) + shRefcount }
func (sh Shrinker) done() kern.Addr     { return kern.Addr(sh) + shDone }
func (sh Shrinker) list() kern.Addr     { return kern.Addr(sh) + shList }
func (sh Shrinker) rcu() kern.Addr      { return kern.Addr(sh) + shRCU }

// shrinkerOf is container_of(): the shrinker that a node of shrinker_list belongs to.
func shrinkerOf(node kern.Addr) Shrinker { return Shrinker(node - shList) }

// What a callback returns besides a number of objects.
const (
	shrinkStop  = ^uint32(0)     // SHRINK_STOP
	shrinkEmpty = ^uint32(0) - 1 // SHRINK_EMPTY
)

// MaxIDs is how many shrinkers shrinker_idr has room for: as many as one shrinker_info_unit has bits here.
const MaxIDs = 4

// The words of the global variables.
const (
	gList  = 0                          // shrinker_list
	gMutex = gList + kern.ListHeadWords // shrinker_rwsem before v6.7, and in v1 and v6.7 shrinker_mutex
	gLock  = gMutex + 1                 // shrinker_lock of v2
	gMap   = gLock + 1                  // the map of the memcg's shrinker_info_unit
	gDefer = gMap + 1                   // its nr_deferred[]
	gIDR   = gDefer + MaxIDs            // shrinker_idr
)

var globalFields = []kern.Field{
	{Name: "shrinker_list", Kind: kern.FieldList}, {Name: "shrinker_mutex", Kind: kern.FieldLock}, {Name: "shrinker_lock", Kind: kern.FieldLock},
	{Name: "shrinker_info_unit->map"}, {Name: "shrinker_info_unit->nr_deferred", Words: MaxIDs}, {Name: "shrinker_idr", Kind: kern.FieldPointer, Words: MaxIDs, To: ShrinkerCache},
}

// Config says what to build on a machine.
type Config struct {
	Variant Variant
	// Memcg has shrinkers be SHRINKER_MEMCG_AWARE. The bits of all ids are set in the map of the memcg that
	// ShrinkSlabMemcg is about, as previous owners of the ids may have left them.
	Memcg bool
	// KmemOff is cgroup.memory=nokmem: memcg_kmem_online() is false.
	KmemOff bool
	// NonSlab has shrinkers be SHRINKER_NONSLAB, which are called though kmem is off.
	NonSlab bool
	// Marked has what walkers read of a shrinker be accessed by READ_ONCE() and WRITE_ONCE(). The kernel's accesses are plain,
	// and in a shrinker that is being registered they race: see the package comment.
	Marked bool
	// Pause is called where a walker may lose its CPU: outside any reader if asleep says so. It is for native runs, and may be nil.
	Pause func(c *kern.CPU, asleep bool)
}

// System is the shrinkers of a machine.
type System struct {
	m       *kern.Machine
	cfg     Config
	version version

	shrinkers, supers, deferred kern.Cache

	list, rwsem, mutex, lock kern.Addr
	bits, defers, idr        kern.Addr

	count, scan kern.Func // super_cache_count, super_cache_scan
	freeRCU     kern.Func // the callback that frees a shrinker
}

// New puts shrinkers on a machine. It is called while that is put together.
func New(m *kern.Machine, cfg Config) (*System, error) {
	s := &System{m: m, cfg: cfg}
	s.shrinkers = m.NewCache(kern.CacheConfig{Name: ShrinkerCache, Fields: shFields})
	s.supers = m.NewCache(kern.CacheConfig{Name: SuperCache, Fields: sbFields})
	s.deferred = m.NewCache(kern.CacheConfig{Name: DeferredCache, Fields: []kern.Field{{Name: "nr_deferred"}}})
	g := m.NewCache(kern.CacheConfig{Name: "mm/shrinker.c", Fields: globalFields}).Alloc(m.CPU(0))
	s.list, s.rwsem, s.mutex, s.lock = g+gList, g+gMutex, g+gMutex, g+gLock
	s.bits, s.defers, s.idr = g+gMap, g+gDefer, g+gIDR
	kern.InitListHead(m.CPU(0), s.list)
	if cfg.Memcg {
		m.Poke(s.bits, 1<<MaxIDs-1)
	}
	s.count = m.RegisterFunc("super_cache_count", nil) // it is called by its address, for what it returns
	s.scan = m.RegisterFunc("super_cache_scan", nil)
	v, err := newVersion(s)
	if err != nil {
		return nil, err
	}
	s.version = v
	return s, nil
}

// ShrinkSlab is shrink_slab() of the root memcg: it walks shrinker_list and returns how many objects went. It may sleep.
func (s *System) ShrinkSlab(c *kern.CPU) uint32 { return s.version.shrink(c) }

// ShrinkSlabMemcg is shrink_slab_memcg(): it walks the map of a memcg, which the caller holds. It may sleep.
func (s *System) ShrinkSlabMemcg(c *kern.CPU) uint32 { return s.version.shrinkMemcg(c) }

// get reads a word of a shrinker that another CPU may be about to set up.
func (s *System) get(c *kern.CPU, a kern.Addr) uint32 {
	if s.cfg.Marked {
		return kern.ReadOnce(c, a)
	}
	return kern.Load(c, a)
}

// set is the other side of get.
func (s *System) set(c *kern.CPU, a kern.Addr, v uint32) {
	if s.cfg.Marked {
		kern.WriteOnce(c, a, v)
		return
	}
	kern.Store(c, a, v)
}

// pause lets others go on, in native runs.
func (s *System) pause(c *kern.CPU, asleep bool) {
	if s.cfg.Pause != nil {
		s.cfg.Pause(c, asleep)
	}
}

// List returns the address of shrinker_list.
func (s *System) List() kern.Addr { return s.list }

// Live returns how many shrinkers and how many super_blocks there are.
func (s *System) Live() (shrinkers, supers int) { return s.shrinkers.Live(), s.supers.Live() }

// Keeps tells whether the version keeps what Check asks in every state.
func (s *System) Keeps() bool {
	switch s.cfg.Variant {
	case V1, Merged, KmemPut, LookAfter, Sync, WMB, RMB, BothMB, Acquire:
		return true
	}
	return false
}

// Check says what is wrong with the shrinker of a super_block that was mounted, "" if nothing is, as a debugger would see it. One that
// somebody may get a reference to is on the list, has its callbacks, and has an owner that is alive, as alive tells.
func (s *System) Check(sb Super, alive func(a kern.Addr) bool) string {
	sh := s.PeekShrinker(sb)
	if !alive(kern.Addr(sh)) || s.Refcount(sh) == 0 {
		return ""
	}
	switch word := func(w kern.Addr) uint32 { return s.m.Peek(kern.Addr(sh) + w) }; {
	case !s.Listed(sh):
		return "has references, and is on no list"
	case word(shCount) == 0 || word(shScan) == 0:
		return "has references, and no callbacks"
	case !alive(kern.Addr(sb)):
		return "has references, and its owner is gone"
	}
	return ""
}

// Unseen tells whether a super_block has objects that no walk of its memcg would find, as a debugger would.
func (s *System) Unseen(sb Super) bool {
	id := s.m.Peek(kern.Addr(s.PeekShrinker(sb)) + shID)
	return s.cfg.Memcg && s.m.Peek(sb.lru()) > 0 && s.m.Peek(s.bits)>>id&1 == 0
}

// OwnsDeferred tells whether a shrinker has a count of its own in nr_deferred, as a debugger would.
func (s *System) OwnsDeferred(sh Shrinker) bool { return s.m.Peek(kern.Addr(sh)+shDeferred) != 0 }

// Owner returns the super_block that a shrinker belongs to, as a debugger would.
func (s *System) Owner(sh Shrinker) Super { return Super(s.m.Peek(kern.Addr(sh) + shPrivate)) }

// PeekShrinker is Super.Shrinker as a debugger would read it.
func (s *System) PeekShrinker(sb Super) Shrinker { return Shrinker(s.m.Peek(kern.Addr(sb) + sbShrink)) }

// Refcount returns the count of a shrinker's references, as a debugger would.
func (s *System) Refcount(sh Shrinker) uint32 { return s.m.Peek(sh.refcount()) }

// Listed tells whether a shrinker is on shrinker_list, as a debugger would.
func (s *System) Listed(sh Shrinker) bool {
	found := false
	s.m.Walk(s.list, func(node kern.Addr) bool {
		found = found || shrinkerOf(node) == sh
		return !found
	})
	return found
}
