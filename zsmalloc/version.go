package zsmalloc

import (
	"fmt"
	"strings"

	"ptsim/kern"
)

// Variant names a version.
type Variant string

// The versions.
const (
	V68  Variant = "v6.8"
	V617 Variant = "v6.17"

	Seed     Variant = "rcu-as-posted"
	KeepOps  Variant = "rcu-keep-ops"
	Repaired Variant = "rcu-repaired"
	Ordered  Variant = "rcu-ordered"

	NoPageLock     Variant = "no-page-lock"
	LockPage       Variant = "lock-page"
	OldWorker      Variant = "v5.16-worker"
	NoIsolateCheck Variant = "no-isolate-check"
	OpenTarget     Variant = "open-destination"
	NoZspageCheck  Variant = "v6.17-no-check"

	NoReadLock   Variant = "rcu-no-read-lock"
	EarlyUnread  Variant = "rcu-early-unlock"
	NoListCheck  Variant = "rcu-no-list-check"
	NestedRead   Variant = "rcu-nested"
	LateGet      Variant = "rcu-late-get"
	GraceDestroy Variant = "rcu-grace-destroy"
	HastyDestroy Variant = "rcu-hasty-destroy"
)

// Info says what a variant is.
type Info struct {
	Variant Variant
	Year    int     // of its publication; 0 if it was not published
	Source  string  // where it was published
	About   string  // in one sentence
	Flawed  string  // what is wrong with it, "" if nothing is
	Right   Variant // of a flawed one: what differs from it in the flaw alone, and is right
}

const patch = "mail of 26 February 2024, 20240226-zsmalloc-zspage-rcu-v1-1-456b0ef1a89d@bytedance.com"

var infos = []Info{
	{V68, 2024, "mm/zsmalloc.c and mm/migrate.c of v6.8",
		"whoever frees a zspage holds the locks of all its pages, or leaves it to a worker", "", ""},
	{V617, 2025, "mm/zsmalloc.c and mm/migrate.c of v6.17",
		"a page stays movable until it is free, and zs_page_migrate() checks whether it still has a zspage", "", ""},
	{Seed, 2024, patch,
		"zs_free() frees at once and without page locks; RCU frees the struct, and migration checks the list under pool->lock",
		"asserts page locks that nobody takes, walks a chain that is not there yet, and clears the movable operations while somebody else holds the page lock", Repaired},
	{KeepOps, 0, "", "the patch with its reviewers' findings mended, and the movable operations kept as in v6.17",
		"takes the new page's reference when zs_free() may already have freed the page", Repaired},
	{Repaired, 0, "", "the patch with everything that it lacked: the operations stay, the reference comes before the unlock, destroying waits for callbacks", "", ""},
	{Ordered, 0, "", "rcu-repaired with the zspage's lock released before pool->lock, so that its holder need not be an RCU reader", "", ""},
	{NoPageLock, 0, "", "v6.8 without the page locks of free_zspage()", "frees the zspage under a migration", V68},
	{LockPage, 0, "", "v6.8 with lock_page() where zs_free() has trylock_page()", "sleeps under a spin lock, and takes two locks in both orders", V68},
	{OldWorker, 2022, "lock_zspage() of v5.16, before commit 2505a981114d; the rest is v6.8",
		"the worker locks the pages without the zspage's lock", "locks pages that migration has taken out, and misses others", V68},
	{NoIsolateCheck, 0, "", "v6.8 under a migration core that does not check again once it holds the page lock", "moves a page that has no owner", V68},
	{OpenTarget, 0, "", "v6.8 under a migration core that does not lock the destination page", "lets zs_free() free that page before the reference to it is taken", V68},
	{NoZspageCheck, 0, "", "v6.17 without the check for a zspage in zs_page_migrate()", "moves a page that has no zspage", V617},
	{NoReadLock, 0, "", "rcu-repaired without rcu_read_lock()", "reads zspage->pool of a freed zspage", Repaired},
	{EarlyUnread, 0, "", "rcu-repaired with rcu_read_unlock() before pool->lock", "reads the list of a freed zspage", Repaired},
	{NoListCheck, 0, "", "rcu-repaired without list_empty()", "walks a zspage that is being freed", Repaired},
	{NestedRead, 0, "", "rcu-repaired inside another RCU reader", "", ""},
	{LateGet, 0, "", "rcu-repaired with get_page(newpage) after the locks, as in v6.8", "lets zs_free() free that page before the reference to it is taken", Repaired},
	{GraceDestroy, 2024, "destroy_cache() of the patch; the rest is rcu-repaired",
		"destroying waits for a grace period instead of callbacks", "destroys a cache whose last object waits for its callback", Repaired},
	{HastyDestroy, 0, "", "rcu-repaired whose destroy_cache() waits for nothing", "destroys a cache whose last object waits for its callback", Repaired},
}

// Variants returns all variants: kernels first, then the patch and its repairs, then those that leave one thing out.
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
	return "", fmt.Errorf("unknown version %.40q of zsmalloc; expected one of %s", name, strings.Join(names, ", "))
}

// Config says which zsmalloc to build on a machine.
type Config struct {
	Variant        Variant
	PagesPerZspage int // 1 to 4; 0 is 1
	ObjectsPerPage int // 1 to 3; 0 is 2

	// DebugVM is CONFIG_DEBUG_VM: VM_BUG_ON() looks. Without it those assertions are no code at all.
	DebugVM bool
	// PlainLinks has zspage->first_page and page->index be read and written by plain accesses, as in the kernel: two that nothing
	// orders are a data race. Without it they are marked, so that what comes of a race can be seen.
	PlainLinks bool
	// Destroys says that somebody may call ZsDestroyPool.
	Destroys bool
}

// Errors of New.
var (
	errPages   = fmt.Errorf("a zspage has 1 to %d pages", maxPagesPerZspage)
	errObjects = fmt.Errorf("a page has 1 to %d objects", maxPerPage)
)

// System is zsmalloc on a machine, with one pool, and the migration core that asks it for its pages. All its functions may be called
// on several CPUs at once.
type System struct {
	M    *kern.Machine
	Pool Pool

	Variant Variant
	base    *base
	sound   version // what set-up uses, whatever the version
}

// New puts zsmalloc on a machine, and creates its pool. It is called while the machine is put together, once.
func New(m *kern.Machine, cfg Config) (*System, error) {
	if cfg.PagesPerZspage == 0 {
		cfg.PagesPerZspage = 1
	}
	if cfg.ObjectsPerPage == 0 {
		cfg.ObjectsPerPage = 2
	}
	if cfg.PagesPerZspage < 1 || cfg.PagesPerZspage > maxPagesPerZspage {
		return nil, fmt.Errorf("%d pages in a zspage: %w", cfg.PagesPerZspage, errPages)
	}
	if cfg.ObjectsPerPage < 1 || cfg.ObjectsPerPage > maxPerPage {
		return nil, fmt.Errorf("%d objects in a page: %w", cfg.ObjectsPerPage, errObjects)
	}
	if _, err := ParseVariant(string(cfg.Variant)); err != nil {
		return nil, err
	}
	b := newBase(m, cfg)
	b.self = b.of(cfg.Variant)
	s := &System{M: m, Pool: b.pool, Variant: cfg.Variant, base: b, sound: &v68{b}}
	if cfg.Variant == V617 || cfg.Variant == NoZspageCheck {
		s.sound = &v617{&v68{b}}
	}
	return s, nil
}

// of builds a version.
func (b *base) of(v Variant) version {
	old := &v68{b}
	now := &v617{old}
	rcu := &seed{old}
	fixed := &repaired{rcu}
	return map[Variant]version{
		V68: old, V617: now, Seed: rcu, KeepOps: &keepOps{rcu}, Repaired: fixed, Ordered: &ordered{fixed},
		NoPageLock: &noPageLock{old}, LockPage: &lockPage{old}, OldWorker: &oldWorker{old}, NoIsolateCheck: &noIsolateCheck{old},
		OpenTarget: &openDestination{old}, NoZspageCheck: &noZspageCheck{now},
		NoReadLock: &noReadLock{fixed}, EarlyUnread: &earlyUnread{fixed}, NoListCheck: &noListCheck{fixed}, NestedRead: &nestedRead{fixed},
		LateGet: &lateGet{fixed}, GraceDestroy: &graceDestroy{fixed}, HastyDestroy: &hastyDestroy{fixed},
	}[v]
}

// ZsMalloc is zs_malloc(): an object, and the handle that leads to it, 0 if there is no memory. It takes pool->lock and may sleep.
func (s *System) ZsMalloc(c *kern.CPU) Handle { return s.base.self.ZsMalloc(c) }

// ZsFree is zs_free(). It takes pool->lock and must not sleep. The handle is gone afterwards.
func (s *System) ZsFree(c *kern.CPU, h Handle) { s.base.self.ZsFree(c, h) }

// ZsMapObject is zs_map_object(): the address of the object's word, which stays there until ZsUnmapObject. Nothing may sleep in between,
// and the caller keeps others from the object.
func (s *System) ZsMapObject(c *kern.CPU, h Handle) kern.Addr { return s.base.self.ZsMapObject(c, h) }

// ZsUnmapObject is zs_unmap_object().
func (s *System) ZsUnmapObject(c *kern.CPU, h Handle) { s.base.self.ZsUnmapObject(c, h) }

// MigratePages is compaction of one page, whoever has it by now. It sleeps.
func (s *System) MigratePages(c *kern.CPU, page Page) { s.base.MigratePages(c, page) }

// ZsDestroyPool is zs_destroy_pool(): all objects have been freed, and nobody allocates any more. It sleeps.
func (s *System) ZsDestroyPool(c *kern.CPU) { s.base.self.ZsDestroyPool(c) }

// Drain returns the pool as v5.3 waits for its pages.
func (s *System) Drain(k DrainKind) *Drain { return &Drain{s.base, k} }

// Populate allocates n objects, while the machine is put together. It does so as the kernel that the version follows does, so that
// what is wrong with the version shows only in what runs later.
func (s *System) Populate(c *kern.CPU, n int) []Handle {
	was := s.base.self
	s.base.self = s.sound
	defer func() { s.base.self = was }()
	var list []Handle
	for range n {
		list = append(list, s.ZsMalloc(c))
	}
	return list
}

// ZspageOf returns the zspage that a handle's object is in, as a debugger would.
func (s *System) ZspageOf(h Handle) Zspage {
	page, _ := location(s.M.Peek(kern.Addr(h)))
	return Zspage(s.M.Peek(page.private()))
}

// PagesOf returns the pages of a zspage, as a debugger would.
func (s *System) PagesOf(zspage Zspage) []Page {
	var list []Page
	page := Page(s.M.Peek(zspage.first()))
	for page != 0 && len(list) <= maxPagesPerZspage {
		list = append(list, page)
		page = Page(s.M.Peek(page.index()))
	}
	return list
}

// ObjectOf returns where the user's word of an object is, as a debugger would.
func (s *System) ObjectOf(h Handle) kern.Addr {
	page, idx := location(s.M.Peek(kern.Addr(h)))
	return s.base.object(page, idx) + objData
}

// ZsFlushMigration is zs_flush_migration(): it waits until the worker has freed what zs_free() left to it. It sleeps.
func (s *System) ZsFlushMigration(c *kern.CPU) { s.base.ZsFlushMigration(c) }

// Zspages returns how many struct zspages there are, on a machine without an explorer.
func (s *System) Zspages() int { return s.base.zspages.Live() }

// Handles returns how many handles there are, on a machine without an explorer.
func (s *System) Handles() int { return s.base.handles.Live() }
