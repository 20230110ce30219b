package pagetable

import (
	"math"
	"slices"
	"sync"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/lab"
	"ptsim/mmctx"
	"ptsim/pgalloc"
)

// Build makes what the explorer explores out of a scenario: on each machine the given version of the allocator, with all
// the scenario speaks of put into its first state by that version itself. pin is for the pinned version, and "" its
// default.
func Build(s *lab.Scenario, variant pgalloc.Variant, pin pgalloc.Pin) (*explore.Model, error) {
	if _, err := pgalloc.ParseVariant(string(variant)); err != nil {
		return nil, err
	}
	if pin != "" {
		if _, err := pgalloc.ParsePin(string(pin)); err != nil {
			return nil, err
		}
	}
	mo := &model{s: Of(s), variant: variant, pin: pin}
	return &explore.Model{Name: s.Name, Tasks: len(s.Tasks), Build: mo.build}, nil
}

// model is what the machines of a scenario share.
type model struct {
	s       *Program
	variant pgalloc.Variant
	pin     pgalloc.Pin
	forked  registry
}

// registry holds the addresses that mms made by tasks were ever seen at. Which they are does not depend on the machine,
// and a task is seen to make an mm before any state with it can be reached.
type registry struct {
	mu  sync.Mutex
	mms []mmctx.MM
}

func (r *registry) add(mm mmctx.MM) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.mms, mm) {
		r.mms = append(slices.Clone(r.mms), mm)
	}
}

func (r *registry) all() []mmctx.MM {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.mms
}

// frames is how many page frames a machine has: more than any scenario needs, since an explorer gives every task some of
// its own.
const frames = 256

// space is a scenario on one machine.
type space struct {
	*model
	in  *explore.Instance
	m   *kern.Machine
	sys *pgalloc.System

	mms    []mmctx.MM // those that were there at the start, as in the scenario
	byID   map[int]mmctx.MM
	tables map[string]table
	files  map[string]kern.Addr // the i_mmap_rwsem
	vmas   map[string]mapping
}

// table is a page table and the mm it is of. The zero table is none. It fits into a task's frame.
type table struct {
	addr uint32 // packed
	mm   mmctx.MM
}

func (t table) phys() kern.Phys { return kern.Unpack(t.addr) }

// mapping is a vma, as the words of its object: whether it is linked in the file's i_mmap tree, vm_mm, and the pmd that
// it covers, which holds a packed address.
type mapping kern.Addr

func (v mapping) linked() kern.Addr { return kern.Addr(v) }
func (v mapping) vmMM() kern.Addr   { return kern.Addr(v) + 1 }
func (v mapping) pmd() kern.Addr    { return kern.Addr(v) + 2 }

const (
	fileWords = 1
	vmaWords  = 3
)

// build puts a machine together. What it does on the machine it does on CPU 0, through sched.
func (mo *model) build(cpus int, sched kern.Scheduler) *explore.Instance {
	sp := &space{
		model: mo, in: &explore.Instance{},
		m:    kern.NewMachine(kern.Config{CPUs: max(cpus, len(mo.s.Tasks)), Frames: frames, Scheduler: sched}),
		byID: map[int]mmctx.MM{}, tables: map[string]table{}, files: map[string]kern.Addr{}, vmas: map[string]mapping{},
	}
	var err error
	sp.sys, err = pgalloc.New(sp.m, pgalloc.Config{
		Variant: mo.variant, Pin: mo.pin, MaxBatch: orDefault(mo.s.Batch, DefaultBatch), SkipLazyFlush: mo.s.NoLazyFlush,
		Quarantine: math.MaxInt32, // without an explorer, a freed mm stays one, so that late users find it
	})
	if err != nil {
		panic("scenario: " + err.Error()) // Build has looked at variant and pin
	}
	c := sp.m.CPU(0)
	sp.makeMMs(c)
	sp.makePages(c)
	sp.makeFiles(c)
	sp.in.M = sp.m
	for i := range mo.s.Tasks {
		sp.in.Tasks = append(sp.in.Tasks, sp.compile(&mo.s.Tasks[i]))
	}
	chk := newChecker(sp)
	sp.in.Check, sp.in.Final = chk.check, chk.final
	return sp.in
}

func (sp *space) makeMMs(c *kern.CPU) {
	for _, mm := range sp.s.MMs {
		a := sp.sys.MMs.Alloc(c, mm.ID)
		if mm.PGSTE {
			a.SetAllocPGSTE(c)
		}
		for range mm.Users - 1 {
			sp.sys.MMs.Get(c, a)
		}
		if mm.Users == 0 {
			sp.sys.MMs.Put(c, a) // exit_mmap goes on in some task, and mmdrop after it
		}
		sp.mms = append(sp.mms, a)
		sp.byID[mm.ID] = a
	}
}

// makePages allocates the tables as the version does it. A half that is to be free is allocated, so that the table after
// it comes to lie in a page of its own, and freed in the end.
func (sp *space) makePages(c *kern.CPU) {
	var spare []table
	for i, p := range sp.s.Pages {
		mm := sp.byID[p.MM]
		whole := sp.variant == pgalloc.FullPage || mm.PeekAllocPGSTE(sp.m)
		for half, name := range p.Tables {
			if name == "" && (whole || half == 1 && sp.lastOf(p.MM, i)) {
				continue
			}
			t := table{sp.alloc(c, mm), mm}
			if name == "" {
				spare = append(spare, t)
			} else {
				sp.tables[name] = t
			}
		}
	}
	for _, t := range spare {
		sp.sys.PT.PageTableFree(c, t.mm, t.phys())
	}
}

// The caches of what is the scenario's own and stays.
const (
	fileCache = "address_space"
	vmaCache  = "vm_area_struct"
)

// lastOf tells whether page i is the last of its mm.
func (sp *space) lastOf(mm, i int) bool {
	return !slices.ContainsFunc(sp.s.Pages[i+1:], func(p Page) bool { return p.MM == mm })
}

func (sp *space) alloc(c *kern.CPU, mm mmctx.MM) uint32 {
	t := sp.sys.PT.PageTableAlloc(c, mm)
	if t == 0 {
		return 0
	}
	return t.Pack()
}

func (sp *space) makeFiles(c *kern.CPU) {
	files := sp.m.NewCache(kern.CacheConfig{Name: fileCache, Words: fileWords})
	vmas := sp.m.NewCache(kern.CacheConfig{Name: vmaCache, Words: vmaWords})
	for _, f := range sp.s.Files {
		sp.files[f.Name] = files.Alloc(c)
	}
	sp.m.Describe(sp.describeFile)
	for _, v := range sp.s.VMAs {
		a := mapping(vmas.Alloc(c))
		sp.vmas[v.Name] = a
		mm := sp.byID[v.MM]
		if mm == 0 {
			continue // of an mm to come
		}
		kern.Store(c, a.linked(), 1)
		kern.Store(c, a.vmMM(), uint32(mm))
		kern.Store(c, a.pmd(), sp.tables[v.Table].addr)
	}
}

// describeFile names the i_mmap_rwsem of a file.
func (sp *space) describeFile(v *kern.Violation) {
	if v.Object != "" {
		return
	}
	for name, sem := range sp.files {
		if sem == v.Addr {
			v.Object, v.Part = name, "i_mmap_rwsem"
		}
	}
}
