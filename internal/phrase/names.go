package phrase

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ptsim/explore"
	"ptsim/internal/labs/pagetable"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/kern"
)

// object is one object of a slab cache.
type object struct {
	base   kern.Addr
	words  kern.Addr
	kind   string       // the cache
	fields []kern.Field // as the cache declares them
	name   string
}

// Names knows what to call the things of a model. One is for one run.
type Names struct {
	masks   bool                     // the lab is the page tables: a page's refcount holds a mask
	named   func(a kern.Addr) string // what the model itself calls what is there at the start
	m       *kern.Machine            // built like the one that the schedule runs on: what is there at the start has the same address
	objects []object
	count   map[string]int // objects so far, by cache
	tables  map[kern.Phys]string
	mmWords map[kern.Addr]string // the words of an mm_struct, by their place in it
	lists   map[kern.Addr]string // pgtable_lists of their own, by address: the mm's name
}

// allocations is a Scheduler that watches what a model allocates when it is built.
type allocations struct {
	slab  func(cache int, a kern.Addr)
	page  func(p kern.PFN)
	words []kern.Addr
}

func (w *allocations) Step(c *kern.CPU, op kern.Op) uint32 {
	r := c.Exec(op)
	switch {
	case op.Kind == kern.OpSlabAlloc && r != 0 && w.slab != nil:
		w.slab(int(op.A), kern.Addr(r))
	case op.Kind == kern.OpAllocPages && r != 0 && w.page != nil:
		w.page(kern.PFN(r))
	}
	w.words = append(w.words, op.Addr)
	return r
}

// New returns the names of what a model has at the start. s is the scenario that the model was built from on that version; it
// may be nil, and then things have plainer names.
func New(m *explore.Model, s *scenario.Scenario, v question.Version) *Names {
	n := &Names{masks: s == nil || s.Lab.Name == pagetable.Name, count: map[string]int{}, tables: map[kern.Phys]string{}, lists: map[kern.Addr]string{}}
	type slab struct {
		cache int
		a     kern.Addr
	}
	var slabs []slab
	var pages []kern.PFN
	in := m.Build(m.Tasks+1, &allocations{
		slab: func(cache int, a kern.Addr) { slabs = append(slabs, slab{cache, a}) },
		page: func(p kern.PFN) { pages = append(pages, p) },
	})
	n.m, n.named = in.M, in.Named
	for _, a := range slabs {
		n.allocated(a.cache, a.a)
	}
	n.learnMM()
	if s != nil && n.masks {
		n.fromScenario(pagetable.Of(s), pages, pagetable.Variant(v.Variant()))
	}
	n.Settle(n.m)
	return n
}

// Clone returns names for another run of the same model, if they are those of its start.
func (n *Names) Clone() *Names {
	c := *n
	c.objects, c.count, c.lists = slices.Clone(n.objects), maps.Clone(n.count), maps.Clone(n.lists)
	return &c
}

// Note is what can be seen right after a step only: what Observe returns, and Text finds in the step's Note.
type Note struct {
	After uint32 // the word that it was about, as it left it
	Fn    string // the function that its argument names, "" if that is none
}

// Observe looks at a step that was just taken. It must be called for each, in their order.
func (n *Names) Observe(in *explore.Instance, d *explore.Step) Note {
	var k Note
	if kern.Addr(d.Op.A).IsFunc() {
		k.Fn = in.M.FuncName(kern.Func(d.Op.A))
	}
	if d.Op.Kind == kern.OpSlabAlloc && d.Result != 0 {
		n.allocated(int(d.Op.A), kern.Addr(d.Result))
	}
	switch p := kern.PrimitiveOf(d.Op.Kind); {
	case p.Frame:
		k.After = in.M.Peek(kern.PFN(d.Op.Addr).Page() + kern.PageRefcount)
	case d.Op.Addr.IsPlace():
		k.After = in.M.Peek(d.Op.Addr)
	}
	return k
}

// allocated notes an object.
func (n *Names) allocated(cache int, a kern.Addr) {
	cfg, _ := n.m.CacheConfig(cache)
	for i := range n.objects {
		if n.objects[i].base == a {
			return // a type-stable one, used again
		}
	}
	n.count[cfg.Name]++
	name := cfg.Name
	switch name {
	case "mm_struct":
		name = "mm"
	case "mmu_table_batch":
		name = "batch"
	case "vm_area_struct":
		name = "vma"
	case "address_space":
		name = "file"
	}
	name = fmt.Sprintf("%s%d", name, n.count[cfg.Name])
	if n.named != nil && n.named(a) != "" {
		name = n.named(a)
	}
	n.objects = append(n.objects, object{a, kern.Addr(cfg.Words), cfg.Name, cfg.Fields, name})
}

// Settle gives mms their numbers, which are in them by the time a schedule has ended.
func (n *Names) Settle(m *kern.Machine) {
	for i := range n.objects {
		o := &n.objects[i]
		if !n.masks || o.kind != "mm_struct" {
			continue
		}
		mm := pagetable.MMStruct(o.base)
		if id := mm.ID(m); id > 0 && !mm.Freed(m) {
			o.name = fmt.Sprintf("mm%d", id)
		}
		if l := mm.PeekList(m); l != 0 && l != mm.EmbeddedList() {
			n.lists[kern.Addr(l)] = o.name
		}
	}
}

// learnMM learns which words of an mm_struct its accessors touch.
func (n *Names) learnMM() {
	n.mmWords = map[kern.Addr]string{}
	for _, o := range n.objects {
		if !n.masks || o.kind != "mm_struct" {
			continue
		}
		mm := pagetable.MMStruct(o.base)
		w := &allocations{}
		n.m.Attach(w)
		mm.HasPGSTE(n.m.CPU(0))
		mm.AllocPGSTE(n.m.CPU(0))
		mm.List(n.m.CPU(0))
		mm.TestClearFlushMM(n.m.CPU(0))
		n.m.Attach(nil)
		for i, name := range []string{"context.has_pgste", "context.alloc_pgste", "context.list", "context.flush_mm"} {
			n.mmWords[w.words[i]-o.base] = name
		}
		n.mmWords[mm.Users()-o.base] = "mm_users"
		n.mmWords[mm.Count()-o.base] = "mm_count"
		n.mmWords[mm.PGD()-o.base] = "pgd"
		n.mmWords[mm.PageTableLock()-o.base] = "page_table_lock"
		n.mmWords[mm.EmbeddedList().Lock()-o.base] = "context.lock"
		n.mmWords[mm.EmbeddedList().Head()-o.base] = "context.pgtable_list"
		return
	}
}

// fromScenario takes the names that a scenario gives: files and vmas in their order, and tables by the pages that were
// allocated for them, in theirs. A table shares its page unless the version or the mm wants a page for each.
func (n *Names) fromScenario(s *pagetable.Program, pages []kern.PFN, v pagetable.Variant) {
	files, vmas := 0, 0
	for i := range n.objects {
		switch o := &n.objects[i]; {
		case o.kind == "address_space" && files < len(s.Files):
			o.name = s.Files[files].Name
			files++
		case o.kind == "vm_area_struct" && vmas < len(s.VMAs):
			o.name = s.VMAs[vmas].Name
			vmas++
		}
	}
	next := func() (p kern.PFN) {
		if len(pages) > 0 {
			p, pages = pages[0], pages[1:]
		}
		return p
	}
	for _, p := range s.Pages {
		whole := v == pagetable.FullPage
		for _, mm := range s.MMs {
			whole = whole || mm.ID == p.MM && mm.PGSTE
		}
		if !whole {
			pfn := next()
			for half, name := range p.Tables {
				n.tables[pagetable.TablePage(pfn).Table(uint32(half))] = name
			}
			continue
		}
		for _, name := range p.Tables {
			if name != "" {
				n.tables[pagetable.TablePage(next()).Table(0)] = name
			}
		}
	}
}

// PageOf returns the page frame whose struct page the word at a is in, 0 if it is in none.
func (n *Names) PageOf(a kern.Addr) kern.PFN { return n.m.PageOf(a) }

// find returns the object that the word at a is in.
func (n *Names) find(a kern.Addr) *object {
	for i := range n.objects {
		if o := &n.objects[i]; a >= o.base && a < o.base+o.words {
			return o
		}
	}
	return nil
}

// Object names what the word at a is in.
func (n *Names) Object(a kern.Addr) string {
	if a == 0 {
		return "NULL"
	}
	if p := n.m.PageOf(a); p != 0 {
		return fmt.Sprintf("page%d", p)
	}
	if o := n.find(a); o != nil {
		if mm := n.lists[o.base]; mm != "" {
			return mm + "->list"
		}
		return o.name
	}
	return fmt.Sprintf("%#x", uint32(a))
}

// Base returns the address that stands for the life of what the word at a is in, 0 if it has none.
func (n *Names) Base(a kern.Addr) kern.Addr {
	if p := n.m.PageOf(a); p != 0 {
		return p.Page()
	}
	if o := n.find(a); o != nil {
		return o.base
	}
	return 0
}

// Table names a page table by what a word holds that points to it.
func (n *Names) Table(packed uint32) string {
	if packed == 0 {
		return "none"
	}
	if name, ok := n.TableName(packed); ok {
		return name
	}
	t := kern.Unpack(packed)
	page, half := pagetable.TablePageOf(t), t.Half()
	return fmt.Sprintf("page%d.%s", page, [...]string{"lower", "upper"}[half])
}

// TableName returns the name that a scenario or a task gave to a table, if one did.
func (n *Names) TableName(packed uint32) (string, bool) {
	t := kern.Unpack(packed)
	name := n.tables[pagetable.TablePageOf(t).Table(t.Half())]
	return name, name != ""
}

// has tells whether a string is among the words of a list.
func has(list, word string) bool {
	return word != "" && strings.Contains(" "+list+" ", " "+word+" ")
}
