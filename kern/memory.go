package kern

import (
	"fmt"
	"sync"
)

// Addr names one 32-bit word of a Machine's memory. The zero Addr is NULL. Words of objects follow each other, so the
// word i of an object at a is a+i. The highest words are special values that are no place at all; see IsPlace.
type Addr uint32

// Special values that a word can hold where a pointer is expected. The words that they would be the addresses of exist,
// are nobody's and hold poison, so that code which follows one by mistake stays inside the machine and is found out.
const (
	special Addr = 0xF0000000

	// ListPoison1 and ListPoison2 are what list_del leaves in next and prev (LIST_POISON1, LIST_POISON2).
	ListPoison1 = special + 1
	ListPoison2 = special + 2
	// FreePoison fills every word of an object that was freed, as SLUB's POISON_FREE does.
	FreePoison = special + 0xB6B
	// UninitPoison fills every word of an object from Kmalloc, as SLUB's POISON_INUSE does: nobody has written it yet.
	UninitPoison = special + 0x3A5A5

	textBase = special + 0x2000 // function addresses: what an rcu_head's or work item's func holds
	textEnd  = textBase + 0x1000

	specialWords = textEnd - special + 0x1000 // so many words from special on hold poison
)

// IsPlace tells whether a is the address of a word, and not NULL, poison or a function.
func (a Addr) IsPlace() bool { return a != 0 && a < special }

// IsFunc tells whether a is the address of a function registered with a Machine, which a live rcu_head holds.
func (a Addr) IsFunc() bool { return a >= textBase && a < textEnd }

const (
	chunkShift = 18 // a chunk is 1 MiB, of which only what is used is touched
	chunkWords = 1 << chunkShift
	chunkMask  = chunkWords - 1
	maxChunks  = 1 << (32 - chunkShift)

	// MaxFrames is the largest number of page frames a Machine can have: 64 GiB of emulated memory.
	MaxFrames = 1 << 24
)

type chunk [chunkWords]uint32

// memory is what the words of a machine lie in: chunks, nil where nothing was used yet.
type memory struct{ chunks [maxChunks]*chunk }

// word returns the word at a. It is small, so that primitives can be inlined where they are used: see ReadOnce.
func (mem *memory) word(a Addr) *uint32 { return &mem.chunks[a>>chunkShift][a&chunkMask] }

// Config says what a Machine is made of. The zero Config is one CPU, all the memory there can be, checks and table
// contents off.
type Config struct {
	CPUs      int  // how many CPUs; at least 1
	Frames    int  // page frames of 4 KiB, 0 for MaxFrames; memory is taken as it is first used.
	Checks    bool // look for violations beyond those that cost nothing
	Contents  bool // give every frame that is filled 4 KiB of real contents
	Scheduler Scheduler
	Report    func(*Violation) // hears of every violation; they are kept as well, see Machine.Violations
}

// Machine is the emulated computer: CPUs and the flat memory they share. Memory is an array of 32-bit words that grows
// in chunks: first the struct pages, indexed by PFN, then the objects of the slab caches.
type Machine struct {
	memory
	parts
}

// parts are what a machine has besides its memory, whose index of chunks is large: who makes the one anew leaves the other alone.
type parts struct {
	spare   []*chunk // all zero, from an earlier life; see Release
	spareMu sync.Mutex
	objects Addr // where the struct pages end and the objects of the slab caches begin

	cpus   []*CPU
	checks bool
	pages  pageAllocator
	slab   slabAllocator
	funcs  []function
	work   workQueue
	warned warnings

	softirq func(c *CPU) // the RCU core: what raise_softirq(RCU_SOFTIRQ) leads to
	rcu     RCUCore      // who waits for grace periods; nil if nobody does

	report     func(*Violation)
	violations violationLog

	pageFields map[Addr]Field // what shows memory calls the words of a struct page
}

// NewMachine builds a machine whose CPUs, numbered from 0, are idle and whose memory is free.
func NewMachine(cfg Config) *Machine {
	cfg.CPUs = min(max(cfg.CPUs, 1), maxCPUs)
	if cfg.Frames <= 0 || cfg.Frames > MaxFrames-1 {
		cfg.Frames = MaxFrames - 1
	}
	m := machines.Get().(*Machine)
	m.checks, m.report, m.pageFields = cfg.Checks, cfg.Report, nil
	m.pages.limit = PFN(cfg.Frames)
	m.pages.contents = cfg.Contents
	// PFN 0 is never handed out: its words are the ones behind NULL and behind the special values.
	m.pages.next = 1
	m.objects = Addr(alignUp(uint32(cfg.Frames+1)*FrameWords, objectAlign))
	m.slab.next = m.objects
	m.slab.mu = &sync.Mutex{}
	m.back(0, FrameWords)
	m.back(m.slab.next, 1) // struct pages and objects may meet in this chunk: neither allocator should have to make it
	if m.chunks[special>>chunkShift] == nil {
		m.chunks[special>>chunkShift] = new(chunk)
	}
	m.fill(special, uint32(specialWords), uint32(FreePoison))
	for i := range cfg.CPUs {
		m.cpus = append(m.cpus, &CPU{m: m, mem: &m.memory, sched: cfg.Scheduler, watched: cfg.Scheduler != nil, id: uint32(i), taskID: uint32(i), owner: uint32(lockOwners) + uint32(i), checks: cfg.Checks})
	}
	return m
}

// machines are machines that were released: their chunks are zero.
var machines = sync.Pool{New: func() any { return new(Machine) }}

// maxSpare is how many chunks a machine may have whose memory is worth keeping.
const maxSpare = 4

// Release gives the machine's memory to the next NewMachine. Nobody may use the machine, its CPUs or its caches any more, and
// no word may have been written but those of frames and objects that the allocators ever had, and the special ones. To clear
// those costs a hundredth of getting new chunks from the runtime: it makes small searches, which build several machines,
// cheap.
func (m *Machine) Release() {
	spare := m.spare
	pages, objects, last := m.pages.next.Page()>>chunkShift, m.objects>>chunkShift, m.slab.next>>chunkShift
	for i := Addr(0); i <= last; i++ {
		if i > pages && i < objects { // struct pages that nobody used: to look at the index costs more than a small search
			i = objects
		}
		c := m.chunks[i]
		if c == nil {
			continue
		}
		if len(spare) == maxSpare {
			return
		}
		first, n := i<<chunkShift, Addr(chunkWords)
		for _, end := range [2]Addr{m.pages.next.Page(), m.slab.next} { // frames and objects may share a chunk
			if end > first && end-first < n {
				n = end - first
			}
		}
		if objects == i {
			n = m.slab.next - first
		}
		clear(c[:min(n, chunkWords)])
		m.chunks[i] = nil
		spare = append(spare, c)
	}
	m.parts = parts{spare: spare}
	machines.Put(m) // with the chunk of the special values, which NewMachine fills
}

func (m *Machine) takeSpare() *chunk {
	m.spareMu.Lock()
	defer m.spareMu.Unlock()
	n := len(m.spare)
	if n == 0 {
		return nil
	}
	c := m.spare[n-1]
	m.spare = m.spare[:n-1]
	return c
}

// CPU returns CPU i. One goroutine at a time may act as a CPU.
func (m *Machine) CPU(i int) *CPU { return m.cpus[i] }

// Attach gives all CPUs a scheduler, or with nil takes theirs away. Nothing may run on the machine meanwhile.
func (m *Machine) Attach(s Scheduler) {
	for _, c := range m.cpus {
		c.sched, c.watched = s, s != nil
	}
}

// NumCPU returns how many CPUs the machine has.
func (m *Machine) NumCPU() int { return len(m.cpus) }

// Checks tells whether the machine was built with checks on.
func (m *Machine) Checks() bool { return m.checks }

// back makes sure that n words from a on have memory behind them. The caller holds the lock of the allocator that hands
// these words out, which also is what publishes the chunk to other CPUs.
func (m *Machine) back(a Addr, n uint32) {
	for i := uint32(a) >> chunkShift; i <= (uint32(a)+n-1)>>chunkShift; i++ {
		if i >= uint32(special)>>chunkShift {
			panic(fmt.Sprintf("kern: word %#x is beyond the machine's memory", uint32(a)))
		}
		if m.chunks[i] == nil {
			m.grow(i)
		}
	}
}

// Chunks are made one by one as long as there are few, so that a small machine is cheap; then many at once, in memory that
// the kernel is asked to back with huge pages.
const (
	fewChunks  = 16
	manyChunks = 16
)

// grow makes chunk i, and once the machine is large those behind it that belong to the same allocator: the other may make
// its own at the same time.
func (m *Machine) grow(i uint32) {
	from, end := uint32(0), uint32(m.objects)>>chunkShift
	if i >= end {
		from, end = end, uint32(special)>>chunkShift
	}
	if c := m.takeSpare(); c != nil {
		m.chunks[i] = c
		return
	}
	if i-from < fewChunks {
		m.chunks[i] = new(chunk)
		return
	}
	block := new([manyChunks]chunk)
	adviseHuge(block)
	for k := range min(manyChunks, end-i) {
		if m.chunks[i+k] == nil {
			m.chunks[i+k] = &block[k]
		}
	}
}

// Peek reads the word at a as a debugger would: outside the machine's time, no step of any CPU. Words nobody has
// touched yet read 0. It is for rendering, checking and tests, never for code that is part of the model.
func (m *Machine) Peek(a Addr) uint32 {
	ch := m.chunks[a>>chunkShift]
	if ch == nil {
		return 0
	}
	return loadAcquire(&ch[a&chunkMask])
}

// Poke writes the word at a as a debugger would. Tests use it to put a page into a state.
func (m *Machine) Poke(a Addr, v uint32) { storeRelease(m.word(a), v) }

// fill sets n words from a on. Objects never cross a chunk.
func (m *Machine) fill(a Addr, n uint32, v uint32) {
	ws := m.chunks[a>>chunkShift][a&chunkMask:][:n]
	for i := range ws {
		ws[i] = v
	}
}

func alignUp(v, to uint32) uint32 { return (v + to - 1) &^ (to - 1) }
