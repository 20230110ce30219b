package explore_test

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"iter"
	"slices"

	"ptsim/explore"
	"ptsim/kern"
)

// rig runs a model without the explorer: on a machine with kern's own primitives, slab and page allocator, which hand out
// again what was freed; each thread a coroutine that stops before every primitive; with an RCU core of its own. There is no
// going back: whoever wants another schedule starts afresh. Building a machine takes long, so the rig puts the one it has
// into its first state again, by way of the allocators' own functions.
type rig struct {
	in      *explore.Instance
	m       *kern.Machine
	cfg     rigConfig
	threads []*rigThread
	objs    map[kern.Addr]*rigObject // by each of their words
	setup   []*rigObject             // what the model made at the start, in order
	caches  []kern.CacheConfig
	stacks  map[any]*freeStack // free memory that will be handed out next, by *kern.CPU for frames and by cache number
	ranges  [][2]kern.Addr     // the words that matter
	image   []uint32           // what they hold at first

	started bool
	cur     *rigThread
	queued  []rigItem // callbacks
	work    []kern.Addr
	viol    *kern.Violation
	frames  map[explore.Frame]uint32
	seed    [2]maphash.Seed
	buf     []byte
}

type rigConfig struct {
	softirqs int // or explore.SoftirqsOnCPU
	grace    explore.Grace
	own      bool // memory of its own for every thread, and never again what was freed: addresses do not depend on the schedule
}

// rigObject is a page frame or a slab object.
type rigObject struct {
	base  kern.Addr
	words kern.Addr
	cache int // -1 for a frame
	was   rigLife
	life  rigLife
}

type rigLife uint8

const (
	free rigLife = iota
	inUse
	idle // a type-stable one that is free
)

// rigItem is a queued callback and the threads it waits for.
type rigItem struct {
	head kern.Addr
	wait uint64
	cpu  int
}

// freeStack is the end of an allocator's stack of free memory.
type freeStack struct {
	first, now []uint32
	pop        func() uint32
	push       func(v uint32)
}

type rigThread struct {
	id, role int
	name     string
	c        *kern.CPU
	mayFail  bool
	on       *rigThread // the task that this softirq interrupts
	irq      *rigThread // and the other way round
	mem      map[int]*[]uint32

	next  func() (struct{}, bool)
	stop  func()
	yield func(struct{}) bool

	alive   bool
	parked  kern.Op
	alt     uint32
	op      int
	at      uint32 // a frame's number, or an rcu_head or work item
	fn      uint32
	results []uint32
	ended   bool // the last step ended an operation
	bh, rcu int
}

const (
	rigTask = iota
	rigWorker
	rigSoftirq
)

// choice is what can be done next: a thread goes on, by its first way or another, or a server begins something.
type choice struct {
	thread uint8
	alt    uint8
	item   kern.Addr
}

type rigStop struct{}

// spares is how many frames of every CPU, and objects of every cache, a run can take from a stack.
const spares = 7

func newRig(mo *explore.Model, cfg rigConfig) *rig {
	r := &rig{cfg: cfg, objs: map[kern.Addr]*rigObject{}, stacks: map[any]*freeStack{}, frames: map[explore.Frame]uint32{}}
	r.seed = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
	servers := cfg.softirqs
	if servers == explore.SoftirqsOnCPU {
		servers = mo.Tasks + 1
	}
	r.in = mo.Build(mo.Tasks+1+servers, r)
	r.m = r.in.M
	r.m.WarningsAreViolations()
	r.m.OnReport(func(v *kern.Violation) {
		if r.viol == nil {
			r.viol = v
		}
	})
	for i := range r.m.Caches() {
		k, _ := r.m.CacheConfig(i)
		r.caches = append(r.caches, k)
	}
	r.in.Alive = func(a kern.Addr) bool { o := r.objs[a]; return o == nil || o.life != free }
	r.in.Frames = func(f func(p kern.PFN)) {
		for p := kern.PFN(1); p < 256; p++ {
			if o := r.objs[p.Page()]; o != nil && o.cache < 0 && o.life == inUse {
				f(p)
			}
		}
	}
	for i := range mo.Tasks + 1 + servers {
		t := &rigThread{id: i, role: rigTask, name: "kworker", mem: map[int]*[]uint32{}}
		cpu := i
		switch {
		case i < mo.Tasks:
			t.name, t.mayFail = r.in.Tasks[i].Name, r.in.Tasks[i].MayFail
		case i == mo.Tasks:
			t.role = rigWorker
		default:
			t.role, t.name = rigSoftirq, "softirq"
			if cfg.softirqs == explore.SoftirqsOnCPU {
				cpu = i - mo.Tasks - 1
				t.on = r.threads[cpu]
				t.on.irq = t
			}
		}
		t.c = r.m.Context(cpu, t.role == rigSoftirq, r)
		r.threads = append(r.threads, t)
	}
	r.stock()
	r.started = true
	return r
}

// object notes an object of memory, and makes it live or not.
func (r *rig) object(a kern.Addr, words kern.Addr, cache int, life rigLife) *rigObject {
	o := r.objs[a]
	if o == nil {
		o = &rigObject{base: a, words: words, cache: cache}
		for i := range words {
			r.objs[a+i] = o
		}
	}
	o.life = life
	return o
}

// stock looks at what the allocators will hand out, so that it can be put back in the same order.
func (r *rig) stock() {
	for _, o := range r.objs {
		o.was = o.life
	}
	for _, t := range r.threads {
		c := t.c
		r.fill(c, func() uint32 { return c.Exec(kern.Op{Kind: kern.OpAllocPages}) }, func(v uint32) {
			p := kern.PFN(v)
			r.m.Poke(p.Page()+kern.PageFlags, 0)
			r.m.Poke(p.Page()+kern.PageLRU+1, 0)
			c.Exec(kern.Op{Kind: kern.OpFreePages, Addr: kern.Addr(p)})
		}, func(v uint32) { r.object(kern.PFN(v).Page(), kern.FrameWords, -1, free) })
	}
	c := r.m.Context(0, false, nil)
	for id, k := range r.caches {
		if k.Quarantine > 0 {
			continue // never handed out again
		}
		r.fill(id, func() uint32 { return c.Exec(kern.Op{Kind: kern.OpSlabAlloc, A: uint32(id)}) }, func(v uint32) {
			last := kern.Addr(v) + kern.Addr(k.Words) - 1
			r.m.Poke(kern.Addr(v), 0)
			r.m.Poke(last, 0)
			c.Exec(kern.Op{Kind: kern.OpSlabFree, Addr: kern.Addr(v), A: uint32(id)})
			for c.Callbacks().InvokeOne(c) { // so that it is made anew
			}
		}, func(v uint32) { r.object(kern.Addr(v), kern.Addr(k.Words), id, free) })
	}
	var bases []kern.Addr
	for a, o := range r.objs {
		if a == o.base {
			bases = append(bases, a)
		}
	}
	slices.Sort(bases)
	for _, a := range bases {
		words := r.objs[a].words
		if r.objs[a].cache < 0 {
			words = kern.PageRefcount + 1
		}
		r.ranges = append(r.ranges, [2]kern.Addr{a, a + words})
		for i := range words {
			r.image = append(r.image, r.m.Peek(a+i))
		}
		if r.objs[a].was == inUse {
			r.setup = append(r.setup, r.objs[a])
		}
	}
}

func (r *rig) fill(key any, pop func() uint32, push func(uint32), note func(uint32)) {
	s := &freeStack{pop: pop, push: push}
	for range spares {
		v := pop()
		if v == 0 {
			panic("the machine is too small")
		}
		note(v)
		s.first = append(s.first, v)
	}
	slices.Reverse(s.first)
	for _, v := range s.first {
		push(v)
	}
	s.now = slices.Clone(s.first)
	r.stacks[key] = s
}

// rewind puts the machine into its first state and lets every task come to its first primitive.
func (r *rig) rewind() {
	r.halt()
	for _, s := range r.stacks {
		n := 0
		for n < len(s.now) && n < len(s.first) && s.now[n] == s.first[n] {
			n++
		}
		for len(s.now) > n {
			if got := s.pop(); got != s.now[len(s.now)-1] {
				panic(fmt.Sprintf("the allocator hands out %#x, not %#x: it is no stack", got, s.now[len(s.now)-1]))
			}
			s.now = s.now[:len(s.now)-1]
		}
	}
	for _, s := range r.stacks {
		for len(s.now) < len(s.first) {
			v := s.first[len(s.now)]
			s.push(v)
			s.now = append(s.now, v)
		}
	}
	n := 0
	for _, rg := range r.ranges {
		if o := r.objs[rg[0]]; o.life != o.was {
			o.life = o.was
		}
		for a := rg[0]; a < rg[1]; a++ {
			if r.m.Peek(a) != r.image[n] {
				r.m.Poke(a, r.image[n])
			}
			n++
		}
	}
	r.queued, r.work, r.viol = r.queued[:0], r.work[:0], nil
	for _, t := range r.threads {
		t.c.SetContext(0, t.role == rigSoftirq)
		t.alive, t.op, t.at, t.fn, t.results, t.bh, t.rcu, t.parked = false, 0, 0, 0, t.results[:0], 0, 0, kern.Op{}
		clear(t.mem)
		if t.role == rigTask {
			r.begin(t, func() {
				task := &r.in.Tasks[t.id]
				f := task.Start
				for i := range task.Ops {
					t.op, t.at = i, r.frame(f)
					f = task.Ops[i].Run(t.c, f)
					t.ended, t.results = true, t.results[:0]
				}
				t.op, t.at = len(task.Ops), 0
			})
		}
	}
}

// halt ends what is running.
func (r *rig) halt() {
	for _, t := range r.threads {
		if t.stop != nil {
			t.stop()
			t.stop = nil
		}
	}
}

func (r *rig) frame(f explore.Frame) uint32 {
	n, ok := r.frames[f]
	if !ok {
		n = uint32(len(r.frames)) + 1
		r.frames[f] = n
	}
	return n
}

// begin starts body as a coroutine and lets it come to its first primitive.
func (r *rig) begin(t *rigThread, body func()) {
	t.next, t.stop = iter.Pull(func(yield func(struct{}) bool) {
		t.yield = yield
		defer func() {
			if e := recover(); e != nil {
				if _, ok := e.(rigStop); !ok {
					panic(e)
				}
			}
		}()
		body()
	})
	r.cur = t
	_, t.alive = t.next()
}

// Step parks the thread until it is its turn, and carries the primitive out then.
func (r *rig) Step(c *kern.CPU, op kern.Op) uint32 {
	if !r.started {
		v := c.Exec(op)
		r.note(c, op, v)
		return v
	}
	t := r.cur
	t.parked = op
	if !t.yield(struct{}{}) {
		panic(rigStop{})
	}
	t.ended = false
	v := r.carryOut(t, op)
	t.results = append(t.results, v)
	return v
}

// digestBytes appends the whole state: memory, what is free, where the threads are and what RCU and the work queue hold.
func (r *rig) digestBytes() []byte {
	b := r.buf[:0]
	for _, rg := range r.ranges {
		o := r.objs[rg[0]]
		b = append(b, byte(o.life))
		if o.life == free {
			continue
		}
		for a := rg[0]; a < rg[1]; a++ {
			b = binary.LittleEndian.AppendUint32(b, r.m.Peek(a))
		}
	}
	for _, t := range r.threads {
		for _, v := range [...]uint32{uint32(t.op), t.at, t.fn, uint32(len(t.results))} {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
		for _, v := range t.results {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
		if s := r.stacks[t.c]; s != nil {
			b = appendAll(b, s.now)
		}
	}
	for id := range r.caches {
		if s := r.stacks[id]; s != nil {
			b = appendAll(b, s.now)
		}
	}
	slices.SortFunc(r.queued, func(x, y rigItem) int { return int(x.head) - int(y.head) })
	for _, q := range r.queued {
		b = binary.LittleEndian.AppendUint32(b, uint32(q.head))
		b = binary.LittleEndian.AppendUint64(b, q.wait<<8|uint64(q.cpu))
	}
	b = append(b, '|')
	for _, w := range r.work {
		b = binary.LittleEndian.AppendUint32(b, uint32(w))
	}
	r.buf = b
	return b
}

func appendAll(b []byte, vs []uint32) []byte {
	for _, v := range vs {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return append(b, '/')
}

// key is a fingerprint of 128 bits of the state.
func (r *rig) key() [2]uint64 {
	b := r.digestBytes()
	return [2]uint64{maphash.Bytes(r.seed[0], b), maphash.Bytes(r.seed[1], b)}
}
