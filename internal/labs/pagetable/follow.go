package pagetable

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ptsim/explore"
	"ptsim/internal/labs/pagetable/tell"
	"ptsim/kern"
	"ptsim/lab"
	"ptsim/mmctx"
	"ptsim/pgalloc"
	"ptsim/tlbgather"
)

// follower keeps what cannot be told from a state alone: whose a page is, which tables are in its halves, what is in a batch that is still
// open, which table a walk found.
type follower struct {
	run     lab.Followed
	s       *Program
	variant pgalloc.Variant
	words   *Notation
	tasks   [][]*Op

	pages   []*watchedPage
	mms     []mmctx.MM
	batches []*watchedBatch
	looks   map[string]uint32 // by thread and name: the table that a walk found
}

type watchedPage struct {
	pfn    kern.PFN
	mm     string
	tables [2]string
	freed  bool
	last   lab.Page
}

type watchedBatch struct {
	addr   kern.Addr
	owner  string
	tables []uint32 // packed
	state  lab.BatchState
}

// follow begins to follow a run at its first state. Which page is whose, the scenario says in the order of its pages; what is in them,
// the notation knows.
func follow(s *lab.Scenario, version string, run lab.Followed) lab.Follower {
	variant, _, _ := strings.Cut(version, "/")
	f := &follower{run: run, s: Of(s), variant: pgalloc.Variant(variant), words: run.Notation().(*Notation), looks: map[string]uint32{}}
	for i := range f.s.Tasks {
		f.tasks = append(f.tasks, f.s.Tasks[i].Flat())
	}
	in := run.Instance()
	in.Frames(func(p kern.PFN) {
		if pgalloc.Page(p).IsTable(in.M) {
			f.pages = append(f.pages, &watchedPage{pfn: p})
		}
	})
	slices.SortFunc(f.pages, func(a, b *watchedPage) int { return cmp.Compare(a.pfn, b.pfn) })
	f.Settle()
	for _, p := range f.pages {
		for half := range uint32(2) {
			name := f.words.tableName(pgalloc.Page(p.pfn).Table(half).Pack())
			if name == "" {
				continue
			}
			p.tables[half] = name
			for _, sp := range f.s.Pages {
				if slices.Contains(sp.Tables[:], name) {
					p.mm = fmt.Sprintf("mm%d", sp.MM)
				}
			}
		}
	}
	return f
}

// Settle notes the mms that are there now and were not before.
func (f *follower) Settle() {
	f.run.Instance().Objects(func(cache string, a kern.Addr) {
		if cache == mmCache && !slices.Contains(f.mms, mmctx.MM(a)) {
			f.mms = append(f.mms, mmctx.MM(a))
		}
	})
}

// Saw takes note of a step: of batches, of pages that come and go, and of the tables that get a name.
func (f *follower) Saw(s *explore.Step) {
	in, a := f.run.Instance(), s.Op.Addr
	switch s.Op.Kind {
	case kern.OpNone:
		if b := f.batchOf(s.Item); b != nil {
			b.state = lab.BatchRunning
		}
	case kern.OpSlabAlloc:
		if cfg, _ := in.M.CacheConfig(int(s.Op.A)); s.Result != 0 && cfg.Name == tlbgather.BatchCache {
			f.batches = append(f.batches, &watchedBatch{addr: kern.Addr(s.Result), owner: f.run.Who(s.Thread)})
		}
	case kern.OpStore:
		if b := f.batchOf(a); b != nil && a >= b.addr+firstTable {
			b.tables = append(b.tables, s.Op.A)
		}
	case kern.OpCallRCU:
		if b := f.batchOf(a); b != nil {
			b.state = lab.BatchQueued
		}
	case kern.OpSlabFree:
		if b := f.batchOf(a); b != nil {
			b.state = lab.BatchFreed
		}
	case kern.OpRead:
		if op := f.op(s); op != nil && op.Kind == Look {
			f.looks[f.run.Who(s.Thread)+op.Table] = s.Result
		}
	case kern.OpAllocPages:
		if s.Result != 0 {
			p := &watchedPage{pfn: kern.PFN(s.Result), mm: f.mmOf(s)}
			p.tables[0] = f.given(s)
			f.pages = append(f.pages, p)
		}
	case kern.OpPutPage, kern.OpFreePages:
		if p := f.page(kern.PFN(a)); p != nil && (s.Result != 0 || s.Op.Kind == kern.OpFreePages) {
			p.freed = true
		}
	case kern.OpXor:
		f.turned(s)
	}
}

// turned notes which table is in a half that a step took.
func (f *follower) turned(s *explore.Step) {
	p := f.page(f.run.PageOf(s.Op.Addr))
	if p == nil || s.Op.Addr != p.pfn.Page()+kern.PageRefcount {
		return
	}
	after := pgalloc.Mask(s.Result >> pgalloc.MaskShift)
	before := after ^ pgalloc.Mask(s.Op.A>>pgalloc.MaskShift)
	for half := range uint32(2) {
		if name := f.given(s); name != "" && after.Allocated(half) && !before.Allocated(half) {
			p.tables[half] = name
		}
	}
}

// Remember takes from a scene what pages looked like when they were last seen in use.
func (f *follower) Remember(s *lab.Scene) {
	for i := range s.Pages {
		for _, p := range f.pages {
			if pageName(p.pfn) == s.Pages[i].Name {
				p.last = s.Pages[i]
			}
		}
	}
}

func (f *follower) page(p kern.PFN) *watchedPage {
	for _, k := range f.pages {
		if p != 0 && k.pfn == p {
			return k
		}
	}
	return nil
}

func (f *follower) batchOf(a kern.Addr) *watchedBatch {
	for _, b := range f.batches {
		if f.run.Base(a) == b.addr {
			return b
		}
	}
	return nil
}

// op returns the operation that a step is part of, nil of a callback.
func (f *follower) op(s *explore.Step) *Op {
	if s.Thread < len(f.tasks) && s.Pos >= 0 && s.Pos < len(f.tasks[s.Thread]) {
		return f.tasks[s.Thread][s.Pos]
	}
	return nil
}

// given returns the name that a step's operation gives to a table.
func (f *follower) given(s *explore.Step) string {
	if op := f.op(s); op != nil && op.Kind == Alloc {
		return op.Table
	}
	return ""
}

// mmOf returns the mm that a step's operation names.
func (f *follower) mmOf(s *explore.Step) string {
	if op := f.op(s); op != nil && op.MM != 0 {
		return fmt.Sprintf("mm%d", op.MM)
	}
	return ""
}

// Facts adds the page that a step is about, the list that it is on, what is in a batch, and which table a walk reads.
func (f *follower) Facts(facts *lab.Facts, s *explore.Step, a kern.Addr, before, now *lab.Scene) {
	own := &tell.Around{}
	facts.Own = own
	if b := f.batchOf(a); b != nil && facts.Cache == tlbgather.BatchCache {
		for _, t := range b.tables {
			own.Tables = append(own.Tables, f.at(t))
		}
	}
	if op := f.op(s); op != nil {
		if own.Names = op.Table; op.Kind == Read {
			own.Table = f.at(f.looks[f.run.Who(s.Thread)+op.Table])
		}
	}
	f.values(own, facts, s)
	if bad := facts.Bad; bad != nil && bad.Kind == kern.PageLost && bad.Page != 0 {
		own.Left = pgalloc.Page(bad.Page).PeekMask(f.run.Instance().M)
	}
	switch p := kern.PrimitiveOf(s.Op.Kind); {
	case p.Shape == kern.ListInsert, p.Shape == kern.ListRemove, s.Op.Kind == kern.OpListFirst:
		own.List = f.listOf(facts.Object)
	case s.Op.Kind == kern.OpSlabFree && slices.Contains(f.mms, mmctx.MM(a)):
		for _, who := range f.run.Holders(mmctx.MM(a).EmbeddedList().Lock(), s.Thread) {
			facts.Holder = who
			break
		}
	}
	for i := range now.Pages {
		if p := &now.Pages[i]; p.Name == facts.Thing || facts.Thing == "" && p.Change != lab.Same {
			own.Page = pageFacts(lab.FindFunc(before.Pages, func(q *lab.Page) bool { return q.Name == p.Name }), p)
		}
	}
}

func pageFacts(q, p *lab.Page) *tell.PageFacts {
	f := &tell.PageFacts{
		Name: p.Name, MM: p.MM, After: pgalloc.Mask(p.Bits), Listed: p.Words == lab.OnList, Queued: p.Words == lab.HeadQueued, Active: p.Active,
		References: uint32(p.Refs), Freed: p.Freed, Whole: p.Whole, Tables: [2]string{p.Halves[0].Table, p.Halves[1].Table}, Present: !p.Freed,
	}
	if q != nil {
		f.Before, f.WasListed, f.WasQueued, f.WasActive = pgalloc.Mask(q.Bits), q.Words == lab.OnList, q.Words == lab.HeadQueued, q.Active
		f.WasPresent = !q.Freed
		for h := range f.Tables {
			f.Tables[h] = cmp.Or(f.Tables[h], q.Halves[h].Table)
		}
	}
	return f
}

// values adds the tables that the words of a step, and of the plain ones before it, lead to; and whose list it was that is used again.
func (f *follower) values(own *tell.Around, facts *lab.Facts, s *explore.Step) {
	if facts.Cache == vmaCache {
		own.Value = f.table(s.Result)
	}
	for i := range facts.Plain {
		var put tell.Table
		if p := &facts.Plain[i]; p.Op.Kind == kern.OpStore {
			if b := f.batchOf(p.Op.Addr); b != nil && p.Op.Addr >= b.addr+firstTable {
				put = f.table(p.Op.A)
			}
		}
		own.Put = append(own.Put, put)
	}
	if s.Op.Kind == kern.OpSlabAlloc {
		own.ListOf = f.words.lists[kern.Addr(s.Result)]
	}
}

// table is the page table that a word leads to.
func (f *follower) table(packed uint32) tell.Table {
	if packed == 0 {
		return tell.Table{}
	}
	return tell.Table{Name: f.words.tableName(packed), TableAt: f.at(packed)}
}

// listOf returns what is on the list that a step is about: that of an mm, or of the mm that a page is of.
func (f *follower) listOf(object string) []string {
	in := f.run.Instance()
	name := object
	for _, p := range f.pages {
		if pageName(p.pfn) == object {
			name = p.mm
		}
	}
	var list []string
	for _, mm := range f.mms {
		if f.run.Object(kern.Addr(mm)) != name || !in.Alive(kern.Addr(mm)) {
			continue
		}
		if l := mm.PeekList(in.M); l != 0 && in.Alive(l.Head()) {
			in.M.Walk(l.Head(), func(node kern.Addr) bool {
				list = append(list, f.run.Object(node))
				return len(list) < 64
			})
		}
	}
	return list
}
