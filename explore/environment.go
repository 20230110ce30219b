package explore

import (
	"strconv"

	"ptsim/kern"
)

// What an object of memory can be. Memory that was freed is never handed out again within a schedule, so that whoever
// comes too late is found out; only a type-stable object may be, since that is its point.
const (
	unborn       uint8 = iota // nobody has it yet
	live                      // in use
	dead                      // freed
	idleTypesafe              // a type-stable object that is free: still one of its kind until a grace period has passed
	idleAgain                 // the same, freed once more since the grace period was asked for
	unwritten                 // in use, from kmalloc: some of its words may be such as nobody has written
)

// object is a struct page or an object of a slab cache.
type object struct {
	base  kern.Addr
	words uint32
	cache int // that it is from, -1 for a struct page
	page  int // its place among the pages, from 1; 0 for another object
}

// cacheInfo is a slab cache.
type cacheInfo struct {
	cfg      kern.CacheConfig
	name     string
	typesafe bool
	reclaim  kern.Func
	pools    [][]uint32 // whose objects are whose to allocate, in order
	all      []uint32
	self     uint32 // stands for the cache itself, if that may be destroyed: an object without words
}

// environment is what stands in for the machine's allocators: which objects there are, and whose they are to allocate.
// Every task has memory of its own, so that it does not matter to one what another allocates.
type environment struct {
	cpus    []*kern.CPU // by thread
	objects []object    // from 1
	life    []uint8     // as it is at first
	at      []uint16    // the object at an address
	words   int
	slabs   kern.Addr // where the struct pages end
	caches  []cacheInfo
	frames  [][]uint32
	pages   []kern.PFN // all frames
}

// object returns the number of the object that the word at a belongs to, 0 if it is in none.
func (e *environment) object(a kern.Addr) uint32 {
	if int(a) < len(e.at) {
		return uint32(e.at[a])
	}
	return 0
}

// setup watches a model put its machine together.
type setup struct{ ops []setupOp }

type setupOp struct {
	op     kern.Op
	result uint32
}

func (s *setup) Step(c *kern.CPU, op kern.Op) uint32 {
	r := c.Exec(op)
	switch op.Kind {
	case kern.OpSlabAlloc, kern.OpKmalloc, kern.OpSlabFree, kern.OpAllocPages, kern.OpFreePages, kern.OpPutPage:
		s.ops = append(s.ops, setupOp{op, r})
	}
	return r
}

// build makes an instance of the model and its environment.
func build(x *system) (*Instance, environment) {
	watch := &setup{}
	inst := x.model.Build(x.cpus, watch)
	m := inst.M
	m.Attach(nil)
	e := environment{objects: []object{{cache: -1}}, life: make([]uint8, 1)}
	for m.PageOf(e.slabs) != 0 || e.slabs == 0 {
		e.slabs += kern.FrameWords
	}
	for i := range m.Caches() {
		cfg, reclaim := m.CacheConfig(i)
		e.caches = append(e.caches, cacheInfo{cfg: cfg, name: cfg.Name, typesafe: cfg.TypesafeByRCU, reclaim: reclaim})
	}
	for _, o := range watch.ops {
		switch o.op.Kind {
		case kern.OpKmalloc:
			if o.result != 0 {
				e.note(int(o.op.A), kern.Addr(o.result), unwritten)
			}
		case kern.OpSlabAlloc:
			if o.result != 0 {
				e.note(int(o.op.A), kern.Addr(o.result), live)
			}
		case kern.OpAllocPages:
			if o.result != 0 {
				e.addObject(kern.PFN(o.result).Page(), kern.FrameWords, live)
			}
		case kern.OpSlabFree:
			e.forget(o.op.Addr)
		case kern.OpFreePages:
			e.forget(kern.PFN(o.op.Addr).Page())
		case kern.OpPutPage:
			if o.result != 0 {
				e.forget(kern.PFN(o.op.Addr).Page())
			}
		}
	}
	c := m.CPU(0)
	for range x.pools {
		for id := range e.caches {
			k := &e.caches[id]
			var pool []uint32
			for range x.opt.Objects {
				a := kern.Addr(c.Exec(kern.Op{Kind: kern.OpSlabAlloc, A: uint32(id)}))
				pool = append(pool, e.note(id, a, unborn))
			}
			k.pools = append(k.pools, pool)
		}
		var frames []uint32
		for range x.opt.Objects {
			if p := kern.PFN(c.Exec(kern.Op{Kind: kern.OpAllocPages})); p != 0 {
				frames = append(frames, e.addObject(p.Page(), kern.FrameWords, unborn))
			}
		}
		e.frames = append(e.frames, frames)
	}
	for id := range e.caches {
		if k := &e.caches[id]; k.cfg.Destroyable {
			k.self = uint32(len(e.objects))
			e.objects = append(e.objects, object{cache: -1})
			e.life = append(e.life, live)
		}
	}
	for _, t := range x.threads {
		c := m.Context(t.cpu, t.role == softirq, nil)
		c.Task = t.name
		c.SetTask(len(e.cpus))
		c.SetLax(true) // the explorer keeps the depths, and looks at them
		e.cpus = append(e.cpus, c)
	}
	return inst, e
}

// note adds an object of a cache.
func (e *environment) note(cache int, a kern.Addr, life uint8) uint32 {
	k := &e.caches[cache]
	o := e.addObject(a, k.cfg.Words, life)
	e.objects[o].cache = cache
	if k.typesafe {
		k.all = append(k.all, o)
	}
	return o
}

func (e *environment) addObject(a kern.Addr, words uint32, life uint8) uint32 {
	if o := e.object(a); o != 0 { // what set-up had freed
		e.life[o] = life
		return o
	}
	o := uint32(len(e.objects))
	page := 0
	if a < e.slabs {
		e.pages = append(e.pages, kern.PFN(a/kern.FrameWords))
		page = len(e.pages)
	}
	e.objects = append(e.objects, object{a, words, -1, page})
	e.life = append(e.life, life)
	if end := int(a) + int(words); end > len(e.at) {
		e.at = append(e.at, make([]uint16, end-len(e.at))...)
		e.words = end
	}
	for i := range words {
		e.at[a+kern.Addr(i)] = uint16(o)
	}
	return o
}

func (e *environment) forget(a kern.Addr) {
	if o := e.object(a); o != 0 {
		e.life[o] = dead
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
