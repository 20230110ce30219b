package zsmalloc

import "ptsim/kern"

// Page is the address of a struct page, 0 for NULL: a pointer as the kernel has it, so that following one that is NULL or stale
// is found where it happens.
type Page kern.Addr

// PageOf returns the struct page of a page frame.
func PageOf(p kern.PFN) Page { return Page(p.Page()) }

// PFN is page_to_pfn().
func (p Page) PFN() kern.PFN { return kern.PFN(kern.Addr(p) / kern.FrameWords) }

func (p Page) flags() kern.Addr   { return kern.Addr(p) + kern.PageFlags }
func (p Page) mapping() kern.Addr { return kern.Addr(p) + kern.PageMapping }
func (p Page) typ() kern.Addr     { return kern.Addr(p) + kern.PageType }
func (p Page) refs() kern.Addr    { return kern.Addr(p) + kern.PageRefcount }

// index is page->index: the next page of the zspage.
func (p Page) index() kern.Addr { return kern.Addr(p) + kern.PageIndex }

// private is page->private: the zspage.
func (p Page) private() kern.Addr { return kern.Addr(p) + kern.PagePrivate }

// Flags of a struct page.
const (
	pgPrivate    = 0 // PG_private: the first page of its zspage
	pgIsolated   = 1 // PG_isolated; PG_movable_ops_isolated from 6.17 on
	pgMovableOps = 2 // PG_movable_ops, from 6.17 on
)

// mappingMovable is PAGE_MAPPING_MOVABLE: in page->mapping, beside the address of the movable_operations.
const mappingMovable = 1

// typeZsmalloc is what page_type says of a page of a zspage from 6.17 on: PGTY_zsmalloc.
const typeZsmalloc = 0xf7

// What is in a page: objects of two words. The first is a struct link_free, the second the user's.
const (
	objWords     = 2
	objHeader    = 0
	objData      = 1
	maxPerPage   = kern.PageMemoryWords / objWords
	objAllocated = 1          // OBJ_ALLOCATED_TAG
	endOfList    = ^uint32(1) // -1 << OBJ_TAG_BITS: no free object follows
	tagBits      = 1          // OBJ_TAG_BITS
)

// memory is what kmap_atomic() maps: the words of the page itself.
func (p Page) memory() kern.Addr { return kern.Addr(p) + kern.PageMemory }

// Zspage is the address of a struct zspage: some pages that hold objects of one size.
type Zspage kern.Addr

const (
	zspageMagic    = 0
	zspageFullness = 1
	zspageInuse    = 2
	zspageFreeobj  = 3
	zspageFirst    = 4
	zspageList     = 5
	zspagePool     = zspageList + kern.ListHeadWords
	zspageLock     = zspagePool + 1
	zspageReaders  = zspageLock + 1 // of the lock that 6.17 has: a spin lock and a count
	zspageHead     = zspageReaders + 1
)

// Magic is ZSPAGE_MAGIC.
const Magic = 0x58

func (z Zspage) magic() kern.Addr    { return kern.Addr(z) + zspageMagic }
func (z Zspage) fullness() kern.Addr { return kern.Addr(z) + zspageFullness }
func (z Zspage) inuse() kern.Addr    { return kern.Addr(z) + zspageInuse }
func (z Zspage) freeobj() kern.Addr  { return kern.Addr(z) + zspageFreeobj }
func (z Zspage) first() kern.Addr    { return kern.Addr(z) + zspageFirst }
func (z Zspage) list() kern.Addr     { return kern.Addr(z) + zspageList }
func (z Zspage) pool() kern.Addr     { return kern.Addr(z) + zspagePool }
func (z Zspage) lock() kern.Addr     { return kern.Addr(z) + zspageLock }
func (z Zspage) readers() kern.Addr  { return kern.Addr(z) + zspageReaders }
func (z Zspage) head() kern.Addr     { return kern.Addr(z) + zspageHead }

func zspageOfList(node kern.Addr) Zspage { return Zspage(node - zspageList) }
func zspageOfHead(head kern.Addr) Zspage { return Zspage(head - zspageHead) }

// Pool is the address of a struct zs_pool, which here has one size class; that is part of it.
type Pool kern.Addr

const (
	poolLock       = 0
	poolClassLock  = 1 // class->lock, from 6.17 on
	poolFreeWork   = 2
	poolLists      = poolFreeWork + kern.WorkWords // class->fullness_list
	poolCachep     = poolLists + kern.Addr(fullnessGroups)*kern.ListHeadWords
	poolDestroying = poolCachep + 1 // v5.3 to v5.16, see Drain
	poolIsolated   = poolDestroying + 1
	poolWait       = poolIsolated + 1 // migration_wait
)

func (p Pool) lock() kern.Addr      { return kern.Addr(p) + poolLock }
func (p Pool) classLock() kern.Addr { return kern.Addr(p) + poolClassLock }
func (p Pool) freeWork() kern.Addr  { return kern.Addr(p) + poolFreeWork }

// cachep is zspage_cachep, which the callback of the RCU versions reads.
func (p Pool) cachep() kern.Addr { return kern.Addr(p) + poolCachep }

// list is class->fullness_list[f].
func (p Pool) list(f Fullness) kern.Addr {
	return kern.Addr(p) + poolLists + kern.Addr(f)*kern.ListHeadWords
}

func poolOfWork(work kern.Addr) Pool { return Pool(work - poolFreeWork) }

// Fullness is enum fullness_group, with three of its groups.
type Fullness uint32

// A zspage of each group has no object in use, some, or all.
const (
	InuseRatio0   Fullness = iota // ZS_INUSE_RATIO_0
	InuseRatio99                  // ZS_INUSE_RATIO_10 to ZS_INUSE_RATIO_99
	InuseRatio100                 // ZS_INUSE_RATIO_100
	fullnessGroups
)

// Handle is the address of a handle: a word that says where the object is, and that migration rewrites.
type Handle kern.Addr

const handleWords = 8 // one is used; so many, as it then has an even address for OBJ_ALLOCATED_TAG

// toObj is location_to_obj(): the page that the object is in, and the object's number in its zspage, in one word.
func toObj(p Page, idx uint32) uint32 { return uint32(p) | idx }

// location is obj_to_location().
func location(obj uint32) (p Page, idx uint32) {
	return Page(obj &^ (kern.FrameWords - 1)), obj & (kern.FrameWords - 1)
}

// Errno is what a kernel function returns: 0 or a negative error.
type Errno int

// What a migration comes to.
const (
	Success Errno = 0   // MIGRATEPAGE_SUCCESS
	ENOMEM  Errno = -12 // there is no page to move to
	EINVAL  Errno = -22 // the owner does not move it
)

// The words of a struct movable_operations.
const (
	mopsIsolate = 0
	mopsMigrate = 1
	mopsPutback = 2
	mopsWords   = 8 // so many, as it then has an even address for PAGE_MAPPING_MOVABLE
)
