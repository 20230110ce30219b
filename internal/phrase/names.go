package phrase

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/kern"
	"ptsim/lab"
)

// object is one object of a slab cache.
type object struct {
	lab.Named
	words  kern.Addr
	fields []kern.Field // as the cache declares them
}

// Names knows what to call the things of a model. One is for one run.
type Names struct {
	notation lab.Notation             // the lab's own, nil if it has none
	given    func(a kern.Addr) string // what the model itself calls what is there at the start
	m        *kern.Machine            // built like the one that the schedule runs on: what is there at the start has the same address
	objects  []object
	count    map[string]int // objects so far, by cache
}

// allocations is a Scheduler that watches what a model allocates when it is built.
type allocations struct {
	slab func(cache int, a kern.Addr)
	page func(p kern.PFN)
}

func (w *allocations) Step(c *kern.CPU, op kern.Op) uint32 {
	r := c.Exec(op)
	switch {
	case op.Kind == kern.OpSlabAlloc && r != 0:
		w.slab(int(op.A), kern.Addr(r))
	case op.Kind == kern.OpAllocPages && r != 0:
		w.page(kern.PFN(r))
	}
	return r
}

// New returns the names of what a model has at the start. s is the scenario that the model was built from on that version; it
// may be nil, and then things have plainer names.
func New(m *explore.Model, s *scenario.Scenario, v question.Version) *Names {
	n := &Names{count: map[string]int{}}
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
	n.m, n.given = in.M, in.Named
	if s != nil && s.Lab.Notation != nil {
		n.notation = s.Lab.Notation(s, string(v), n)
	}
	for _, a := range slabs {
		n.allocated(a.cache, a.a)
	}
	if n.notation != nil {
		n.notation.Begin(n.named(), pages)
	}
	n.Settle(n.m)
	return n
}

// Clone returns names for another run of the same model, if they are those of its start.
func (n *Names) Clone() *Names {
	c := *n
	c.objects, c.count = slices.Clone(n.objects), maps.Clone(n.count)
	if n.notation != nil {
		c.notation = n.notation.Clone(&c)
	}
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
		if n.objects[i].Base == a {
			return // a type-stable one, used again
		}
	}
	n.count[cfg.Name]++
	short := cfg.Name
	if n.notation != nil {
		short = cmp.Or(n.notation.Short(cfg.Name), short)
	}
	name := fmt.Sprintf("%s%d", short, n.count[cfg.Name])
	given := n.given != nil && n.given(a) != ""
	if given {
		name = n.given(a)
	}
	n.objects = append(n.objects, object{lab.Named{Base: a, Cache: cfg.Name, Name: name, Given: given}, kern.Addr(cfg.Words), cfg.Fields})
}

// Settle gives objects the names that are in their memory by now.
func (n *Names) Settle(m *kern.Machine) {
	if n.notation != nil {
		n.notation.Settle(m, n.named())
	}
}

// named are the objects as a notation sees them.
func (n *Names) named() []*lab.Named {
	list := make([]*lab.Named, len(n.objects))
	for i := range n.objects {
		list[i] = &n.objects[i].Named
	}
	return list
}

// PageOf returns the page frame whose struct page the word at a is in, 0 if it is in none.
func (n *Names) PageOf(a kern.Addr) kern.PFN { return n.m.PageOf(a) }

// Machine is a machine as it is at the start.
func (n *Names) Machine() *kern.Machine { return n.m }

// Notation is the lab's own, nil if it has none.
func (n *Names) Notation() lab.Notation { return n.notation }

// Allocated returns the object at an address, nil if none was ever allocated there.
func (n *Names) Allocated(base kern.Addr) *lab.Named {
	if o := n.find(base); o != nil && o.Base == base {
		return &o.Named
	}
	return nil
}

// find returns the object that the word at a is in.
func (n *Names) find(a kern.Addr) *object {
	for i := range n.objects {
		if o := &n.objects[i]; a >= o.Base && a < o.Base+o.words {
			return o
		}
	}
	return nil
}

// special are the addresses that are no place, by the kernel's names.
var special = map[kern.Addr]string{
	0: "NULL", kern.ListPoison1: "LIST_POISON1", kern.ListPoison2: "LIST_POISON2", kern.FreePoison: "POISON_FREE", kern.UninitPoison: "POISON_INUSE",
}

// Object names what the word at a is in.
func (n *Names) Object(a kern.Addr) string {
	if name, ok := special[a]; ok {
		return name
	}
	if p := n.m.PageOf(a); p != 0 {
		return fmt.Sprintf("page%d", p)
	}
	if o := n.find(a); o != nil {
		if n.notation != nil {
			return cmp.Or(n.notation.Object(o.Base), o.Name)
		}
		return o.Name
	}
	return fmt.Sprintf("%#x", uint32(a))
}

// Base returns the address that stands for the life of what the word at a is in, 0 if it has none.
func (n *Names) Base(a kern.Addr) kern.Addr {
	if p := n.m.PageOf(a); p != 0 {
		return p.Page()
	}
	if o := n.find(a); o != nil {
		return o.Base
	}
	return 0
}
