package kern

import (
	"fmt"
	"sync"
)

const (
	objectAlign = 32      // words: large objects keep to two cache lines, which processors fetch in pairs
	maxObject   = 1 << 14 // words
)

// CacheConfig describes the objects of a slab cache.
type CacheConfig struct {
	Name  string
	Words uint32 // size of an object; 0 is that of its Fields
	// Fields are what its words are called and hold, the first field at the object's address. Words behind the last have no name.
	Fields []Field
	// Quarantine holds back that many freed objects before the oldest may be handed out again, so that late users find
	// poison instead of a stranger. It is KASAN's quarantine; 0 is SLUB's behaviour.
	Quarantine int
	// Raw leaves the words of objects alone, but for the first, which is poisoned by Free: the owner sets what it reads.
	Raw bool
	// Ctor makes an object out of fresh memory, once. A cache with a Ctor is type-stable: freeing an object leaves its
	// words as they are, see TypesafeByRCU.
	Ctor func(m *Machine, obj Addr)
	// CheckFree reports what must not be so when an object is freed. It reads memory as a debugger, in the same step.
	CheckFree func(c *CPU, obj Addr)
	// TypesafeByRCU is SLAB_TYPESAFE_BY_RCU: a freed object may at once serve again as an object of this cache, but its
	// memory stays what it is until a grace period has passed. It needs a Ctor, and RCUHead, the offset of
	// TypesafeWords words of the object that are the cache's own.
	TypesafeByRCU bool
	RCUHead       Addr
	// Destroyable says that the code may call Destroy. What it allocates and frees is then looked at by that, and is a step that
	// does not move.
	Destroyable bool
}

// Cache is a slab cache (kmem_cache) of a Machine.
type Cache struct {
	m  *Machine
	id int
}

type cache struct {
	CacheConfig
	mu      sync.Mutex
	free    []Addr // last in, first out; first in, first out behind a quarantine
	head    int    // where the free list starts, for the quarantine
	live    int
	reclaim Func

	destroyed bool
}

type slabAllocator struct {
	mu     *sync.Mutex // protects next and the growth of memory for objects
	next   Addr
	caches []*cache
}

// TypesafeWords is how many words at RCUHead a type-stable object leaves to its cache: an rcu_head, how the object
// stands with the grace period that will take its memory, and whether the rcu_head is queued.
const TypesafeWords = RCUHeadWords + 2

const (
	slabState  = RCUHeadWords
	slabQueued = RCUHeadWords + 1

	slabLive      = 0 // in use
	slabFree      = 1 // free for reuse, its memory still the object's
	slabFreeAgain = 2 // the same, but freed once more since the grace period was asked for
	slabReclaimed = 3 // free, its memory given back
)

// NewCache is kmem_cache_create(). It is called while a machine is put together.
func (m *Machine) NewCache(cfg CacheConfig) Cache {
	c := &cache{CacheConfig: cfg}
	if c.Words == 0 {
		for i := range c.Fields {
			c.Words += c.Fields[i].Size()
		}
	}
	if c.Words == 0 || c.Words > maxObject {
		panic(fmt.Sprintf("kern: cache %s: objects of %d words", cfg.Name, cfg.Words))
	}
	if c.Words > 4 {
		c.Words = alignUp(c.Words, objectAlign)
	}
	k := Cache{m, len(m.slab.caches)}
	if c.TypesafeByRCU {
		c.reclaim = m.RegisterFunc("slab_reclaim", func(cpu *CPU, head Addr) { k.reclaim(cpu, head-c.RCUHead) })
	}
	m.slab.caches = append(m.slab.caches, c)
	return k
}

// Alloc is kmem_cache_alloc(): the address of an object, its words zero or, in a type-stable cache, constructed.
func (k Cache) Alloc(c *CPU) Addr {
	if c.sched != nil {
		return Addr(c.slow(OpSlabAlloc, 0, uint32(k.id), uint32(GFPKernel)))
	}
	if c.inAtomic() {
		c.mightSleep(0)
	}
	return k.m.slab.alloc(c, k.id)
}

// AllocNowait is kmem_cache_alloc() with GFP_NOWAIT: it gives 0 while such allocations fail, see Machine.FailPages.
// Whether they do is part of the step.
func (k Cache) AllocNowait(c *CPU) Addr {
	if c.sched != nil {
		return Addr(c.slow(OpSlabAlloc, 0, uint32(k.id), uint32(GFPNowait)))
	}
	return c.slabAlloc(k.id, GFPNowait)
}

// AllocAtomic is kmem_cache_alloc() with GFP_ATOMIC: it never sleeps, and is served from the reserves if need be.
func (k Cache) AllocAtomic(c *CPU) Addr {
	if c.sched != nil {
		return Addr(c.slow(OpSlabAlloc, 0, uint32(k.id), uint32(GFPAtomic)))
	}
	return k.m.slab.alloc(c, k.id)
}

// slabAlloc is an allocation by a cache's number. One that may wait is always served: memory for objects is never short.
func (c *CPU) slabAlloc(id int, gfp GFP) Addr {
	if gfp == GFPNowait && c.m.Failing(GFPNowait) {
		return 0
	}
	if gfp == GFPKernel && c.inAtomic() {
		c.mightSleep(0)
	}
	return c.m.slab.alloc(c, id)
}

// Kmalloc is kmalloc(), and kmem_cache_alloc() without __GFP_ZERO: the address of an object whose words nobody has written. To read
// one before it is written is a violation, which an explorer finds, or a [Sanitizer]. A type-stable object is constructed all the
// same. Alloc is what kzalloc() and kmem_cache_zalloc() are. It is by GFP_KERNEL, which may sleep.
func (k Cache) Kmalloc(c *CPU) Addr {
	if c.sched != nil {
		return Addr(c.slow(OpKmalloc, 0, uint32(k.id), uint32(GFPKernel)))
	}
	return c.kmalloc(k.id)
}

func (c *CPU) kmalloc(id int) Addr {
	c.mightSleep(0)
	obj := c.m.slab.alloc(c, id)
	if k := c.m.slab.caches[id]; obj != 0 && k.Ctor == nil {
		c.m.fill(obj, k.Words, uint32(UninitPoison))
	}
	return obj
}

// Destroy is kmem_cache_destroy(): the cache must not be used any more. It has no objects in use, or it stays and that is reported.
// It may sleep.
func (k Cache) Destroy(c *CPU) {
	if !k.m.slab.caches[k.id].Destroyable {
		panic(fmt.Sprintf("kern: cache %s is destroyed; expected CacheConfig.Destroyable of one that is", k.m.slab.caches[k.id].Name))
	}
	if c.sched != nil {
		c.slow(OpSlabDestroy, 0, uint32(k.id), 0)
		return
	}
	c.slabDestroy(k.id)
}

func (c *CPU) slabDestroy(id int) {
	if !c.mightSleep(0) {
		return
	}
	k := c.m.slab.caches[id]
	k.mu.Lock()
	live, gone := k.live, k.destroyed
	k.destroyed = live == 0
	k.mu.Unlock()
	if v := DestroyViolation(k.Name, live, gone); v != nil {
		c.Report(v)
	}
}

// DestroyViolation is what is reported of who destroys a slab cache that has so many objects in use, or was destroyed; nil if there
// is nothing to report.
func DestroyViolation(cache string, live int, destroyed bool) *Violation {
	switch {
	case destroyed:
		return &Violation{Kind: CacheDestroyed, Detail: "destroys slab cache " + cache + " again"}
	case live == 1:
		return &Violation{Kind: CacheBusy, Detail: "destroys slab cache " + cache + " while 1 object of it is in use"}
	case live > 0:
		return &Violation{Kind: CacheBusy, Detail: fmt.Sprintf("destroys slab cache %s while %d objects of it are in use", cache, live)}
	}
	return nil
}

// LateCacheUse is what is reported of who allocates from a slab cache that was destroyed, or frees the object at obj into it.
func LateCacheUse(cache string, obj Addr) *Violation {
	if obj == 0 {
		return &Violation{Kind: CacheDestroyed, Detail: "allocates from slab cache " + cache + ", which was destroyed"}
	}
	return &Violation{Kind: CacheDestroyed, Addr: obj, Detail: "frees %o into slab cache " + cache + ", which was destroyed"}
}

// Free is kmem_cache_free(): it gives an object back. The words of the object are poisoned, except in a type-stable cache.
func (k Cache) Free(c *CPU, obj Addr) {
	if c.sched != nil {
		c.slow(OpSlabFree, obj, uint32(k.id), 0)
		return
	}
	k.m.slab.free(c, k.id, obj)
}

// Caches returns how many slab caches the machine has; they are numbered from 0.
func (m *Machine) Caches() int { return len(m.slab.caches) }

// CacheConfig returns what the cache of that number was made with, and the function that its rcu_heads hold, if it is
// type-stable.
func (m *Machine) CacheConfig(id int) (cfg CacheConfig, reclaim Func) {
	c := m.slab.caches[id]
	return c.CacheConfig, c.reclaim
}

// Live returns how many objects are allocated.
func (k Cache) Live() int {
	c := k.m.slab.caches[k.id]
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.live
}
