package pagetable

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ptsim/kern"
	"ptsim/lab"
	"ptsim/mmctx"
	"ptsim/pgalloc"
	"ptsim/tlbgather"
)

// Notation is how the page tables are written: a page's refcount as the mask that is in it, tables by the names of the scenario, an mm by
// the number that is in it.
type Notation struct {
	names   lab.Names
	s       *Program
	variant pgalloc.Variant
	tables  map[kern.Phys]string
	mmWords map[kern.Addr]string // the words of an mm_struct, by their place in it
	lists   map[kern.Addr]string // pgtable_lists of their own, by address: the mm's name
}

func newNotation(s *lab.Scenario, version string, names lab.Names) lab.Notation {
	variant, _, _ := strings.Cut(version, "/")
	return &Notation{names: names, s: Of(s), variant: pgalloc.Variant(variant), tables: map[kern.Phys]string{}, mmWords: map[kern.Addr]string{}, lists: map[kern.Addr]string{}}
}

// Clone is the same for another run.
func (k *Notation) Clone(names lab.Names) lab.Notation {
	c := *k
	c.names, c.lists = names, maps.Clone(k.lists)
	return &c
}

// mmCache is the cache of mm_structs.
const mmCache = "mm_struct"

// shorts are the names of objects, by their cache.
var shorts = map[string]string{mmCache: "mm", tlbgather.BatchCache: "batch", vmaCache: "vma", fileCache: "file"}

// Short is what the objects of a cache are called.
func (k *Notation) Short(cache string) string { return shorts[cache] }

// Begin takes the names that a scenario gives: files and vmas in their order, and tables by the pages that were allocated for them, in
// theirs. A table shares its page unless the version or the mm wants a page for each.
func (k *Notation) Begin(objects []*lab.Named, frames []kern.PFN) {
	k.learnMM(objects)
	files, vmas := 0, 0
	for _, o := range objects {
		switch {
		case o.Cache == fileCache && files < len(k.s.Files):
			o.Name = k.s.Files[files].Name
			files++
		case o.Cache == vmaCache && vmas < len(k.s.VMAs):
			o.Name = k.s.VMAs[vmas].Name
			vmas++
		}
	}
	next := func() (p kern.PFN) {
		if len(frames) > 0 {
			p, frames = frames[0], frames[1:]
		}
		return p
	}
	for _, p := range k.s.Pages {
		whole := k.variant == pgalloc.FullPage
		for _, mm := range k.s.MMs {
			whole = whole || mm.ID == p.MM && mm.PGSTE
		}
		if !whole {
			pfn := next()
			for half, name := range p.Tables {
				k.tables[pgalloc.Page(pfn).Table(uint32(half))] = name
			}
			continue
		}
		for _, name := range p.Tables {
			if name != "" {
				k.tables[pgalloc.Page(next()).Table(0)] = name
			}
		}
	}
}

// watch is a Scheduler that notes which words are touched.
type watch struct{ words []kern.Addr }

func (w *watch) Step(c *kern.CPU, op kern.Op) uint32 {
	w.words = append(w.words, op.Addr)
	return c.Exec(op)
}

// learnMM learns which words of an mm_struct its accessors touch.
func (k *Notation) learnMM(objects []*lab.Named) {
	i := slices.IndexFunc(objects, func(o *lab.Named) bool { return o.Cache == mmCache })
	if i < 0 {
		return
	}
	base, m := objects[i].Base, k.names.Machine()
	mm, w := mmctx.MM(base), &watch{}
	m.Attach(w)
	mm.HasPGSTE(m.CPU(0))
	mm.AllocPGSTE(m.CPU(0))
	mm.List(m.CPU(0))
	mm.TestClearFlushMM(m.CPU(0))
	m.Attach(nil)
	for i, name := range []string{"context.has_pgste", "context.alloc_pgste", listWord, "context.flush_mm"} {
		k.mmWords[w.words[i]-base] = name
	}
	k.mmWords[mm.Users()-base] = "mm_users"
	k.mmWords[mm.Count()-base] = "mm_count"
	k.mmWords[mm.PGD()-base] = "pgd"
	k.mmWords[mm.PageTableLock()-base] = "page_table_lock"
	k.mmWords[mm.EmbeddedList().Lock()-base] = "context.lock"
	k.mmWords[mm.EmbeddedList().Head()-base] = "context.pgtable_list"
}

// listWord is the word of an mm_struct that leads to its list.
const listWord = "context.list"

// Settle gives mms their numbers, which are in them by the time a schedule has ended.
func (k *Notation) Settle(m *kern.Machine, objects []*lab.Named) {
	for _, o := range objects {
		if o.Cache != mmCache {
			continue
		}
		mm := mmctx.MM(o.Base)
		if id := mm.ID(m); id > 0 && !mm.Freed(m) {
			o.Name = fmt.Sprintf("mm%d", id)
		}
		if l := mm.PeekList(m); l != 0 && l != mm.EmbeddedList() {
			k.lists[kern.Addr(l)] = o.Name
		}
	}
}

// Object names a list that is an object of its own by its mm.
func (k *Notation) Object(base kern.Addr) string {
	if mm := k.lists[base]; mm != "" {
		return mm + "->list"
	}
	return ""
}

// fields are the words of the objects that have no accessors: those of scenarios, and batches.
var fields = map[string][]string{
	fileCache:            {"i_mmap_rwsem"},
	vmaCache:             {"linked", "vm_mm", "pmd"},
	tlbgather.BatchCache: {"rcu.next", "rcu.func", "nr"},
}

// firstTable is the place in a batch of its first table.
const firstTable = 3

// Word names a word of an object.
func (k *Notation) Word(o *lab.Named, off kern.Addr) (object, field string) {
	object = o.Name
	switch {
	case o.Cache == mmCache:
		field = k.mmWords[off]
	case k.lists[o.Base] != "":
		object, field = k.lists[o.Base], [...]string{"context.lock", "context.pgtable_list"}[min(off, 1)]
	case o.Cache == tlbgather.BatchCache && off >= firstTable:
		field = fmt.Sprintf("tables[%d]", off-firstTable)
	case int(off) < len(fields[o.Cache]):
		field = fields[o.Cache][off]
	}
	return object, field
}

// PageWord names a word of a struct page, as the allocator uses it.
func (k *Notation) PageWord(off kern.Addr) string {
	return map[kern.Addr]string{kern.PageIndex: "pt_mm", kern.PagePrivate: "ptl"}[off]
}

// Value says what v in the word at a means.
func (k *Notation) Value(a kern.Addr, v uint32) string {
	if p := k.names.PageOf(a); p != 0 {
		switch a - p.Page() {
		case kern.PageRefcount:
			return picture(v)
		case kern.PageIndex:
			return k.names.Object(kern.Addr(v))
		}
		return fmt.Sprint(v)
	}
	o := k.names.Allocated(k.names.Base(a))
	if o == nil {
		return ""
	}
	switch off := a - o.Base; {
	case o.Cache == vmaCache && off == 2, o.Cache == tlbgather.BatchCache && off >= firstTable:
		return k.table(v)
	case o.Cache == vmaCache && off == 1, o.Cache == mmCache && k.mmWords[off] == listWord:
		return k.names.Object(kern.Addr(v))
	}
	return ""
}

// table names a page table by what a word holds that points to it.
func (k *Notation) table(packed uint32) string {
	if packed == 0 {
		return "none"
	}
	if name := k.tableName(packed); name != "" {
		return name
	}
	t := kern.Unpack(packed)
	return lab.TableAt{Page: pageName(t.PFN()), Half: t.Half()}.String()
}

// tableName returns the name that a scenario or a task gave to a table, "" if none did.
func (k *Notation) tableName(packed uint32) string {
	t := kern.Unpack(packed)
	return k.tables[pgalloc.PageOf(t).Table(t.Half())]
}
