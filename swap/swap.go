package swap

import (
	"slices"

	"ptsim/kern"
	"ptsim/percpuref"
)

// Info is the address of a struct swap_info_struct.
type Info kern.Addr

// The words of a struct swap_info_struct.
const (
	siFlags = 0
	siMax   = 1 // how many pages the area has
	siMap   = 2 // swap_map
	siUsers = 3 // users, a percpu_ref
	siComp  = siUsers + percpuref.RefWords
	siRCU   = siComp + 1 // an rcu_head, of version replaced alone
)

// The flags of a swap_info_struct.
const (
	Used    = 1 << 0 // SWP_USED: it is taken
	WriteOK = 1 << 1 // SWP_WRITEOK: the device is on
	Valid   = 1 << 2 // SWP_VALID of v5.3: users may look at the fields
)

var infoFields = slices.Concat(
	[]kern.Field{{Name: "flags"}, {Name: "max"}, {Name: "swap_map", Kind: kern.FieldPointer, To: MapCache}},
	percpuref.Fields("users"),
	[]kern.Field{{Name: "comp"}, {Name: "rcu", Words: kern.RCUHeadWords}},
)

// The caches, by name.
const (
	InfoCache  = "swap_info_struct"
	MapCache   = "swap_map"
	SpaceCache = "swapper_space"
	CountCache = percpuref.CountCache // of si->users
)

// Pages is how many pages an area has. Page 0 is its header, and entries are of page 1.
const (
	Pages      = 2
	Offset     = 1
	swapMapBad = 0x3f // SWAP_MAP_BAD
)

// The words of the global variables.
const (
	gLock   = 0 // swap_lock
	gInfo   = 1 // swap_info[0]
	gSpaces = 2 // swapper_spaces[0]
)

var globalFields = []kern.Field{
	{Name: "swap_lock", Kind: kern.FieldLock}, {Name: "swap_info", Kind: kern.FieldPointer, To: InfoCache},
	{Name: "swapper_spaces", Kind: kern.FieldPointer, To: SpaceCache},
}

// Config says what to build on a machine.
type Config struct {
	Variant Variant
	// SwapCache has swapon allocate a swap cache as well, which swapoff frees and who looks a page up reads under RCU alone.
	SwapCache bool
	// Atomic has si->users begin, and stay, in atomic mode.
	Atomic bool
	// Pause is called where a user may lose its CPU: outside any reader if asleep says so. It is for native runs, and may be nil.
	Pause func(c *kern.CPU, asleep bool)
}

// System is the swap devices of a machine: one, at most.
type System struct {
	m       *kern.Machine
	cfg     Config
	version version
	refs    *percpuref.Lib

	infos, maps, spaces kern.Cache

	lock, info, space kern.Addr

	usersFree kern.Func // swap_users_ref_free
	freeRCU   kern.Func // what frees a replaced swap_info_struct
}

// New puts swapping on a machine. It is called while that is put together.
func New(m *kern.Machine, cfg Config) (*System, error) {
	s := &System{m: m, cfg: cfg, refs: percpuref.New(m)}
	s.infos = m.NewCache(kern.CacheConfig{Name: InfoCache, Fields: infoFields})
	s.maps = m.NewCache(kern.CacheConfig{Name: MapCache, Fields: []kern.Field{{Name: "swap_map", Words: Pages}}})
	s.spaces = m.NewCache(kern.CacheConfig{Name: SpaceCache, Fields: []kern.Field{{Name: "address_space"}}})
	g := m.NewCache(kern.CacheConfig{Name: "mm/swapfile.c", Fields: globalFields}).Alloc(m.CPU(0))
	s.lock, s.info, s.space = g+gLock, g+gInfo, g+gSpaces
	v, err := newVersion(s)
	if err != nil {
		return nil, err
	}
	s.version = v
	return s, nil
}

// flags, max, swapMap, users and comp are the fields of a swap_info_struct.
func (si Info) flags() kern.Addr     { return kern.Addr(si) + siFlags }
func (si Info) max() kern.Addr       { return kern.Addr(si) + siMax }
func (si Info) swapMap() kern.Addr   { return kern.Addr(si) + siMap }
func (si Info) comp() kern.Addr      { return kern.Addr(si) + siComp }
func (si Info) rcu() kern.Addr       { return kern.Addr(si) + siRCU }
func (si Info) users() percpuref.Ref { return percpuref.Ref(si) + siUsers }
func infoOf(ref kern.Addr) Info      { return Info(ref - siUsers) } // container_of()

// typeToSwapInfo is swap_type_to_swap_info().
func (s *System) typeToSwapInfo(c *kern.CPU) Info { return Info(kern.RCUDereference(c, s.info)) }

// pause lets others go on, in native runs.
func (s *System) pause(c *kern.CPU, asleep bool) {
	if s.cfg.Pause != nil {
		s.cfg.Pause(c, asleep)
	}
}

// Globals returns the address of the global variables.
func (s *System) Globals() kern.Addr { return s.lock }

// Live returns how many swap_info_structs, swap_maps and swap caches there are.
func (s *System) Live() (infos, maps, spaces int) {
	return s.infos.Live(), s.maps.Live(), s.spaces.Live()
}

// Boot turns the device on before anything runs, and returns its swap_info_struct.
func (s *System) Boot(c *kern.CPU) Info {
	s.Swapon(c)
	return Info(s.m.Peek(s.info))
}

// On tells whether the device is on, as a debugger would.
func (s *System) On() bool {
	si := Info(s.m.Peek(s.info))
	return si != 0 && s.m.Peek(si.flags())&WriteOK != 0
}

// Audit says what is wrong when all is quiet, as a debugger would see it; "" if nothing is: a device that is on has its map, and one
// that is off has none.
func (s *System) Audit() string {
	if s.m.Peek(s.lock) != 0 {
		return "swap_lock is held"
	}
	si := Info(s.m.Peek(s.info))
	if si == 0 {
		return ""
	}
	there := s.m.Peek(si.swapMap()) != 0
	switch on := s.On(); {
	case on && !there:
		return "a device that is on has no swap_map"
	case !on && there:
		return "a device that is off has a swap_map"
	case there != (s.m.Peek(si.max()) != 0):
		return "max and swap_map are of two lives"
	}
	return ""
}
