package script

import (
	"fmt"
	"maps"
	"slices"

	"ptsim/internal/quote"
	"ptsim/kern"
	"ptsim/pgalloc"
)

// exec runs one operation on a CPU: the script's, or the other one for a hook.
func (r *Runner) exec(c *kern.CPU, op *Op) (Ret, error) {
	c.Doing = op.Text
	switch op.Kind {
	case MM:
		return Ret{}, r.newMM(c, op)
	case GP:
		r.noteRan(0, len(r.queue))
		r.rcu.GracePeriod()
		return Ret{}, nil
	case BatchFail:
		r.m.FailPages(kern.GFPNowait, op.N == 1)
		return Ret{}, nil
	case OOM:
		r.m.FailPages(kern.GFPKernel, op.N == 1)
		return Ret{}, nil
	case Work:
		kern.RunWork(c)
		return Ret{}, nil
	case Hook:
		r.hooks.queue = append(r.hooks.queue, op.Hook)
		return Ret{}, nil
	case PGSTE, HasPGSTE, Flush, Exit, MMGrab, MMDrop:
		return Ret{}, r.execMM(c, op)
	case Alloc, Look, CRST:
		return r.alloc(c, op)
	case Add:
		return r.add(op)
	case Remove:
		return Ret{}, r.remove(c, op)
	}
	return r.execObject(c, op)
}

func (r *Runner) fail(op *Op, what, expected string) error {
	return &Error{File: r.script.Name, Line: op.Line, What: what, Expected: expected}
}

func (r *Runner) newMM(c *kern.CPU, op *Op) error {
	if r.spaces[op.MM] != nil {
		return r.fail(op, fmt.Sprintf("mm %d a second time", op.MM), "a number that no mm has had")
	}
	sp := &space{id: op.MM, mm: r.sys.MMs.Alloc(c, op.MM)}
	sp.lock = sp.mm.PeekList(r.m).Lock()
	r.spaces[op.MM] = sp
	r.born(sp)
	return nil
}

// space returns the mm that op names. One that has exited can still be named by what handles the struct alone, as long
// as the script holds a reference to it; that versions keep it for a while of their own does not count.
func (r *Runner) space(op *Op) (*space, error) {
	sp := r.spaces[op.MM]
	if sp == nil {
		return nil, r.fail(op, fmt.Sprintf("no mm %d", op.MM), fmt.Sprintf("\"mm %d\" before it", op.MM))
	}
	r.touchSpace(sp)
	if !sp.exited {
		return sp, nil
	}
	if sp.grabs == 0 {
		return nil, r.fail(op, fmt.Sprintf("mm %d was freed", op.MM), "an mm that exists")
	}
	switch op.Kind {
	case MMGrab, MMDrop, Flush:
		return sp, nil
	}
	return nil, r.fail(op, fmt.Sprintf("mm %d has exited", op.MM), "mmgrab, mmdrop or flush, or an mm with a user")
}

func (r *Runner) execMM(c *kern.CPU, op *Op) error {
	sp, err := r.space(op)
	if err != nil {
		return err
	}
	switch op.Kind {
	case PGSTE:
		if sp.tables != nil && sp.pages > 0 {
			return r.fail(op, fmt.Sprintf("mm %d has had page tables", op.MM), "pgste before the first alloc")
		}
		sp.pgste = true
		sp.mm.SetAllocPGSTE(c)
	case HasPGSTE:
		sp.mm.SetHasPGSTE(c)
	case Flush:
		r.withTables(sp).gather.TLBTableFlush(c)
	case MMGrab:
		sp.grabs++
		r.sys.MMs.Grab(c, sp.mm)
	case MMDrop:
		if sp.grabs == 0 {
			return r.fail(op, fmt.Sprintf("mm %d has no reference of the script left", op.MM), "as many mmdrops as mmgrabs; exit drops the users' reference")
		}
		sp.grabs--
		r.sys.MMs.Drop(c, sp.mm)
	case Exit:
		if o := sp.beginning(); o != nil {
			return r.fail(op, fmt.Sprintf("mm %d exits in the middle of the allocation of %s", op.MM, o.name), fmt.Sprintf("\"add %s\" before it", o.name))
		}
		r.exit(c, sp)
	}
	return nil
}

// exit is exit_mmap() and mmput() of the last user.
func (r *Runner) exit(c *kern.CPU, sp *space) {
	r.withTables(sp)
	tables := slices.DeleteFunc(slices.Clone(sp.objects), func(o *object) bool { return o.state != live })
	slices.SortStableFunc(tables, func(a, b *object) int {
		if a.crst != b.crst {
			return b2i(a.crst) - b2i(b.crst)
		}
		return compareNames(a.name, b.name)
	})
	for _, o := range tables {
		o.state = freed
		if o.page != nil {
			r.touchPage(o.page)
		}
		if o.crst {
			r.sys.CRSTFreeTLB(c, &sp.gather, o.addr)
		} else {
			r.sys.PT.PageTableFreeRCU(c, &sp.gather, o.addr, o.seg)
		}
	}
	sp.gather.Finish(c)
	sp.exited = true
	if r.sys.MMs.Put(c, sp.mm) {
		r.sys.MMs.Drop(c, sp.mm)
	}
}

func (r *Runner) alloc(c *kern.CPU, op *Op) (Ret, error) {
	sp, err := r.space(op)
	if err != nil {
		return Ret{}, err
	}
	if o := r.names[op.Name]; o != nil {
		return Ret{}, r.fail(op, fmt.Sprintf("%s a second time", op.Name), fmt.Sprintf("a name not yet given; line %d gave this one", o.line))
	}
	r.withTables(sp)
	o := &object{name: op.Name, line: int32(op.Line), crst: op.Kind == CRST, sp: sp, seg: uint64(len(sp.objects)) << segmentShift}
	r.names[op.Name] = o
	sp.objects = append(sp.objects, o)
	switch op.Kind {
	case CRST:
		o.addr = r.sys.CRSTAlloc(c)
	case Look:
		sp.pages++
		if missed, err := r.look(op, o); missed || err != nil {
			return Ret{Kind: RetMiss, Name: op.Name}, err
		}
	default:
		sp.pages++
		o.addr = r.sys.PT.PageTableAlloc(c, sp.mm)
	}
	return r.allocated(op, o), nil
}

// withTables makes room for the tables of an mm.
func (r *Runner) withTables(sp *space) *space {
	if sp.tables == nil {
		sp.tables = &tables{gather: r.sys.TLB.Gather(sp.mm)}
	}
	return sp
}

// allocated says what came of an allocation.
func (r *Runner) allocated(op *Op, o *object) Ret {
	switch {
	case o.addr == 0:
		o.state = never
		return Ret{Kind: RetNull, Name: op.Name}
	case o.crst:
		id := r.crsts.add()
		r.crstByPFN[o.addr.PFN()] = id
		r.ch.CRSTNew = append(r.ch.CRSTNew, id)
		return Ret{Kind: RetCRST, Name: op.Name, ID: id}
	}
	return r.tableAllocated(o)
}

const segmentShift = 20 // a page table maps 1 MiB

func (r *Runner) tableAllocated(o *object) Ret {
	p := r.pages[r.pageID(o.addr.PFN())]
	o.page = p
	ret := Ret{Kind: RetTable, Name: o.name, ID: int(p.id), Half: int(o.addr.Half()), Fresh: p.sp == nil}
	p.sp = o.sp
	r.touchPage(p)
	p.tables[ret.Half] = o
	if o.sp.pgste || r.sys.Variant == pgalloc.FullPage {
		p.whole = true
		ret.Half = WholePage
	}
	return ret
}

// execObject runs an operation on a table or CRST.
func (r *Runner) execObject(c *kern.CPU, op *Op) (Ret, error) {
	wantCRST := op.Kind == CRSTFree || op.Kind == CRSTTLB
	what, other, how := "page table", "a segment or region table", "alloc"
	if wantCRST {
		what, other, how = "segment or region table", "a page table", "crst"
	}
	o := r.names[op.Name]
	switch {
	case o == nil:
		return Ret{}, r.fail(op, fmt.Sprintf("no %s %s%s", what, op.Name, quote.Hint(op.Name, slices.Sorted(maps.Keys(r.names)))), fmt.Sprintf("\"%s N -> %s\" before it", how, op.Name))
	case o.crst != wantCRST:
		return Ret{}, r.fail(op, fmt.Sprintf("%s is %s", op.Name, other), "a "+what)
	case o.state == never:
		return Ret{Kind: RetSkip}, nil
	case o.state == begun:
		return Ret{}, r.fail(op, op.Name+" is being allocated", fmt.Sprintf("\"add %s\" before it", op.Name))
	case o.state == freed && op.Kind != Unref:
		return Ret{}, r.fail(op, fmt.Sprintf("%s was freed before", op.Name), "a "+what+" that is allocated")
	}
	r.touchSpace(o.sp)
	if o.page != nil {
		r.touchPage(o.page)
	}
	switch op.Kind {
	case Ref, Unref:
		return Ret{}, r.reference(c, op, o)
	case Defer:
		if !r.sys.PT.PTEFreeDefer(c, o.sp.mm, o.addr) {
			return Ret{Kind: RetUnsupported}, nil
		}
	case Free:
		r.sys.PT.PageTableFree(c, o.sp.mm, o.addr)
	case TLBFree:
		r.sys.PT.PageTableFreeRCU(c, &o.sp.gather, o.addr, o.seg)
	case CRSTFree:
		r.sys.CRSTFree(c, o.addr)
	case CRSTTLB:
		r.sys.CRSTFreeTLB(c, &o.sp.gather, o.addr)
	}
	o.state = freed
	return Ret{}, nil
}

// reference takes or drops speculative references, all but one of those to drop in one go: only the last can free the
// page.
func (r *Runner) reference(c *kern.CPU, op *Op, o *object) error {
	p := o.page
	n := uint32(op.N)
	if op.Kind == Ref {
		if int(p.refs)+op.N > MaxCount {
			return r.fail(op, fmt.Sprintf("%d references on the page of %s", int(p.refs)+op.N, op.Name), fmt.Sprintf("at most %d", MaxCount))
		}
		if kern.AtomicAddUnless(c, p.page.Refcount(), n, 0) {
			p.refs += int32(op.N)
		}
		return nil
	}
	if op.N > int(p.refs) {
		return r.fail(op, fmt.Sprintf("unref of %d, with %d references on the page of %s", op.N, p.refs, op.Name), "no more than ref took")
	}
	p.refs -= int32(op.N)
	if n > 1 {
		kern.AtomicAddReturn(c, p.page.Refcount(), -(n - 1))
	}
	r.sys.PutPage(c, p.page)
	return nil
}

// compareNames puts t2 before t10.
func compareNames(a, b string) int {
	for a != "" && b != "" {
		na, nb := digits(a), digits(b)
		if na == 0 || nb == 0 {
			if a[0] != b[0] {
				return int(a[0]) - int(b[0])
			}
			a, b = a[1:], b[1:]
			continue
		}
		x, y := trimZeros(a[:na]), trimZeros(b[:nb])
		if len(x) != len(y) {
			return len(x) - len(y)
		}
		if x != y {
			if x < y {
				return -1
			}
			return 1
		}
		a, b = a[na:], b[nb:]
	}
	return len(a) - len(b)
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

func trimZeros(s string) string {
	for len(s) > 1 && s[0] == '0' {
		s = s[1:]
	}
	return s
}
