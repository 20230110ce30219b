package explore_test

import (
	"encoding/binary"
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
	objs    []*rigObject // by each of their words
	pages   []*rigObject // page frames, by number
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
	workers  int  // kworkers, 1 if 0
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
	body  func()
	quit  bool // what runs must end

	alive   bool
	parked  kern.Op
	alt     uint32
	op      int
	at      uint32 // a frame's number, or an rcu_head or work item
	fn      uint32
	results []uint32
	ended   bool // the last step ended an operation
	due     bool // and the state is to be looked at

	bh, rcu, spins int
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
	r := &rig{cfg: cfg, objs: make([]*rigObject, 1<<16), stacks: map[any]*freeStack{}, frames: map[explore.Frame]uint32{}}
	r.seed = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
	workers := max(1, cfg.workers)
	servers := cfg.softirqs
	if servers == explore.SoftirqsOnCPU {
		servers = mo.Tasks + workers
	}
	r.in = mo.Build(mo.Tasks+workers+servers, r)
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
		for _, o := range r.pages {
			if o.life == inUse {
				f(kern.PFN(o.base / kern.FrameWords))
			}
		}
	}
	for i := range mo.Tasks + workers + servers {
		t := &rigThread{id: i, role: rigTask, name: "kworker", mem: map[int]*[]uint32{}}
		cpu := i
		switch {
		case i < mo.Tasks:
			t.name, t.mayFail = r.in.Tasks[i].Name, r.in.Tasks[i].MayFail
		case i < mo.Tasks+workers:
			t.role = rigWorker
		default:
			t.role, t.name = rigSoftirq, "softirq"
			if cfg.softirqs == explore.SoftirqsOnCPU {
				cpu = i - mo.Tasks - workers
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
		if cache < 0 {
			r.pages = append(r.pages, o)
		}
	}
	o.life = life
	return o
}

// halt ends what is running.
func (r *rig) halt() {
	for _, t := range r.threads {
		t.end()
	}
}

// close ends the coroutines, too.
func (r *rig) close() {
	for _, t := range r.threads {
		if t.stop != nil {
			t.stop()
			t.stop = nil
		}
	}
}

func (t *rigThread) end() {
	if t.alive {
		t.quit = true
		t.next()
		t.quit, t.alive = false, false
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

// begin has the thread's coroutine run body, up to its first primitive.
func (r *rig) begin(t *rigThread, body func()) {
	t.end()
	t.body, t.alive = body, true
	if t.stop == nil {
		t.next, t.stop = iter.Pull(func(yield func(struct{}) bool) {
			t.yield = yield
			for {
				t.run()
				t.alive = false
				if !yield(struct{}{}) {
					return
				}
			}
		})
	}
	r.cur = t
	t.next()
}

// run runs the body to its end, or until it is told to quit.
func (t *rigThread) run() {
	defer func() {
		if e := recover(); e != nil {
			if _, ok := e.(rigStop); !ok {
				panic(e)
			}
		}
	}()
	t.body()
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
	if !t.yield(struct{}{}) || t.quit {
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
