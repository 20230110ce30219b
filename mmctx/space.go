package mmctx

import (
	"fmt"
	"sync"

	"ptsim/kern"
)

// Config says how mms are made.
type Config struct {
	// TypesafeList puts context.lock and pgtable_list into an object of their own, from a SLAB_TYPESAFE_BY_RCU cache:
	// constructed once, never initialised again, and memory of that type until a grace period after the mm is gone.
	TypesafeList bool
	// Quarantine is how many freed mms are held back before their memory is used again.
	Quarantine int
	// OnDestroy is called by __mmdrop while the struct is still there: it frees the top-level table.
	OnDestroy func(c *kern.CPU, mm MM)
}

// Names of the slab caches.
const (
	Cache     = "mm_struct"
	ListCache = "mm_pgtable_list" // with Config.TypesafeList
)

// Space makes and unmakes the mms of a machine.
type Space struct {
	cfg     Config
	m       *kern.Machine
	mms     kern.Cache
	lists   kern.Cache
	destroy kern.Func

	mu  sync.Mutex
	ids map[MM]int // the number an mm has, or had: its own copy is gone once it is freed
}

// NewSpace gives the machine its caches for mms.
func NewSpace(m *kern.Machine, cfg Config) *Space {
	s := &Space{cfg: cfg, m: m, ids: map[MM]int{}}
	s.mms = m.NewCache(kern.CacheConfig{Name: Cache, Words: mmWords, Quarantine: cfg.Quarantine, CheckFree: s.checkFree})
	if cfg.TypesafeList {
		s.lists = m.NewCache(kern.CacheConfig{
			Name: ListCache, Words: pgtableListWords + kern.TypesafeWords,
			TypesafeByRCU: true, RCUHead: pgtableListWords,
			Ctor:      func(m *kern.Machine, obj kern.Addr) { initList(m, PgtableList(obj)) },
			CheckFree: func(c *kern.CPU, obj kern.Addr) { s.checkList(c, PgtableList(obj), obj) },
		})
	}
	s.destroy = m.RegisterFunc("mmdrop_async_fn", func(c *kern.CPU, work kern.Addr) {
		s.MMDestroy(c, MM(work-mmWork))
	})
	m.Describe(s.describe)
	return s
}

// OnDestroy sets Config.OnDestroy, for an owner that exists only after the Space.
func (s *Space) OnDestroy(f func(c *kern.CPU, mm MM)) { s.cfg.OnDestroy = f }

func initList(m *kern.Machine, l PgtableList) {
	m.Poke(l.Head(), uint32(l.Head()))
	m.Poke(l.Head()+1, uint32(l.Head()))
}

// Alloc is mm_alloc(): a new mm with one user, so mm_users and mm_count are both 1.
func (s *Space) Alloc(c *kern.CPU, id int) MM {
	mm := MM(s.mms.Alloc(c))
	a := kern.Addr(mm)
	list := mm.EmbeddedList()
	if s.cfg.TypesafeList {
		list = PgtableList(s.lists.Alloc(c))
	} else {
		kern.InitListHead(c, list.Head())
	}
	kern.Store(c, a+mmListAt, uint32(list))
	kern.Store(c, a+mmID, uint32(id))
	kern.Store(c, mm.Users(), 1)
	kern.Store(c, mm.Count(), 1)
	s.mu.Lock()
	s.ids[mm] = id
	s.mu.Unlock()
	return mm
}

// Live returns how many mms exist.
func (s *Space) Live() int { return s.mms.Live() }

// Get is mmget(): one more user of the address space, by somebody who is one already.
func (s *Space) Get(c *kern.CPU, mm MM) {
	kern.RefcountInc(c, mm.Users())
}

// GetNotZero is mmget_not_zero(): it becomes a user unless there is none any more.
func (s *Space) GetNotZero(c *kern.CPU, mm MM) bool {
	got := kern.AtomicAddUnless(c, mm.Users(), 1, 0)
	// What the count was is not known: others may have changed it since. That it is poison can be seen nevertheless.
	if got && c.Checks() && kern.PoisonedCount(s.m.Peek(mm.Users())) {
		c.Report(&kern.Violation{Kind: kern.UseAfterFree, Addr: mm.Users(), Detail: "takes a reference to %o, which was freed"})
	}
	return got
}

// Put is the first half of mmput(): it drops a user and tells whether that was the last, in which case the caller tears
// the address space down (exit_mmap) and then calls Drop for the reference that the users held.
func (s *Space) Put(c *kern.CPU, mm MM) (last bool) {
	return kern.RefcountDecAndTest(c, mm.Users())
}

// Grab is mmgrab(): a reference to the struct, not to the address space.
func (s *Space) Grab(c *kern.CPU, mm MM) {
	kern.RefcountInc(c, mm.Count())
}

// Drop is mmdrop(): the last reference frees the struct, which must not happen in a softirq.
func (s *Space) Drop(c *kern.CPU, mm MM) {
	if kern.RefcountDecAndTest(c, mm.Count()) {
		s.MMDestroy(c, mm)
	}
}

// DropAsync is mmdrop_async(): the last reference has the struct freed by a work item. It may be called anywhere.
func (s *Space) DropAsync(c *kern.CPU, mm MM) {
	if kern.RefcountDecAndTest(c, mm.Count()) {
		kern.QueueWork(c, kern.Addr(mm)+mmWork, s.destroy)
	}
}

// MMDestroy is __mmdrop(): process context only. The list must be empty by now.
func (s *Space) MMDestroy(c *kern.CPU, mm MM) {
	if c.InSoftirq() {
		c.Report(&kern.Violation{Kind: FinalDropInSoftirq, Addr: kern.Addr(mm)})
	}
	if s.cfg.OnDestroy != nil {
		s.cfg.OnDestroy(c, mm)
	}
	if s.cfg.TypesafeList {
		s.lists.Free(c, kern.Addr(mm.List(c)))
	}
	s.mms.Free(c, kern.Addr(mm))
}

// checkFree wants the list of an mm that is freed to be empty.
func (s *Space) checkFree(c *kern.CPU, obj kern.Addr) {
	if !s.cfg.TypesafeList {
		s.checkList(c, MM(obj).EmbeddedList(), obj)
	}
}

func (s *Space) checkList(c *kern.CPU, l PgtableList, obj kern.Addr) {
	if first := kern.Addr(s.m.Peek(l.Head())); first == l.Head() || !first.IsPlace() {
		return
	}
	c.Report(&kern.Violation{Kind: MMBusy, Addr: obj, Detail: "pages are still on its pgtable_list"})
	if s.cfg.TypesafeList {
		initList(s.m, l) // its memory stays a list
	}
}

// describe names the mm that a violation's address lies in, also when it has been freed.
func (s *Space) describe(v *kern.Violation) {
	if v.Object != "" || !v.Addr.IsPlace() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for mm, id := range s.ids {
		off := v.Addr - kern.Addr(mm)
		if off < mmWords || mm.PeekList(s.m) != 0 && v.Addr-kern.Addr(mm.PeekList(s.m)) < pgtableListWords {
			v.Object = fmt.Sprintf("mm%d", id)
			if off == mmList || off >= mmWords {
				v.Part = "context.lock"
			}
			return
		}
	}
}
