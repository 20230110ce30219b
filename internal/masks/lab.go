package masks

import (
	"fmt"

	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
	"ptsim/rcuhead"
)

// spareReferences keep the mm alive through an experiment: a page whose mask was overwritten has not pinned it as often
// as the operations under test will unpin it.
const spareReferences = 8

// lab makes the experiments of one version. What it knows about the version it has tried out.
type lab struct {
	variant pgalloc.Variant
	pin     pgalloc.Pin

	sys       *pgalloc.System // to ask for the rules
	fragments bool            // pages have two halves and masks
	heads     bool            // halves have H bits: the callback is about a half
	defers    bool            // there is a pte_free_defer
	actives   bool            // which sets PageActive
}

func newLab(variant pgalloc.Variant, pin pgalloc.Pin) (*lab, error) {
	l := &lab{variant: variant, pin: pin}
	b, err := l.bench()
	if err != nil {
		return nil, err
	}
	l.sys = b.sys
	l.fragments = b.sys.PT.Legal(pgalloc.A)
	l.heads = b.sys.PT.Legal(pgalloc.P | pgalloc.H)
	b.page = pgalloc.PageOf(b.alloc())
	b.w.start(b.m, b.page, b.mm)
	l.defers = b.sys.PT.PTEFreeDefer(b.c, b.mm, b.page.Table(0))
	for _, s := range b.w.steps {
		l.actives = l.actives || s.What == "SetPageActive"
	}
	return l, nil
}

// bench is a machine for one experiment.
type bench struct {
	lab  *lab
	w    *watch
	m    *kern.Machine
	c    *kern.CPU
	sys  *pgalloc.System
	rcu  *rcuhead.Stepped
	mm   mmctx.MM
	page pgalloc.Page
}

func (l *lab) bench() (*bench, error) {
	b := &bench{lab: l, w: &watch{}}
	b.m = kern.NewMachine(kern.Config{Frames: 64, Checks: true, Scheduler: b.w, Report: b.w.violation})
	sys, err := pgalloc.New(b.m, pgalloc.Config{Variant: l.variant, Pin: l.pin})
	if err != nil {
		return nil, err
	}
	b.sys, b.c, b.rcu = sys, b.m.CPU(0), rcuhead.NewStepped(b.m)
	b.mm = sys.MMs.Alloc(b.c, 1)
	return b, nil
}

func (b *bench) alloc() kern.Phys { return b.sys.PT.PageTableAlloc(b.c, b.mm) }

// put brings a page into the state, with op on the half about to start.
func (b *bench) put(mask pgalloc.Mask, active bool, op Op, half uint32) error {
	b.page = pgalloc.PageOf(b.alloc())
	if b.lab.fragments {
		if t := b.alloc(); t != b.page.Table(1) {
			return fmt.Errorf("the second table of a page is at %v, expected %v", t, b.page.Table(1))
		}
	}
	b.queue(mask, op, half)
	for range spareReferences {
		b.sys.MMs.Grab(b.c, b.mm)
	}

	b.m.Poke(b.page.Refcount(), uint32(mask)<<pgalloc.MaskShift|1)
	flag := uint32(0)
	if active {
		flag = pgalloc.PGActive
	}
	b.m.Poke(b.page.PFN().Page()+kern.PageFlags, flag)
	b.list(b.sys.PT.ListRule(mask, active))
	return nil
}

// queue has RCU wait for what the state and the operation imply: the half is in a batch whose grace period is under way,
// or its callback is; or the other half's callback is queued behind it.
func (b *bench) queue(mask pgalloc.Mask, op Op, half uint32) {
	pt, table := b.sys.PT, b.page.Table(half)
	switch op {
	case Remove:
		g := b.sys.TLB.Gather(b.mm)
		pt.PageTableFreeRCU(b.c, &g, table, 0)
		g.Finish(b.c)
	case Now:
		if !b.lab.heads && b.lab.fragments {
			pt.PTEFreeDefer(b.c, b.mm, b.page.Table(1-half))
		}
		pt.PTEFreeDefer(b.c, b.mm, table)
	}
	b.rcu.Begin()
	if op == Now {
		return
	}
	for h := range uint32(2) {
		if mask.PendingHead(h) && b.page.Union().State(b.m) != kern.Queued {
			pt.PTEFreeDefer(b.c, b.mm, b.page.Table(h))
		}
	}
}

// list puts the page on the list, or takes it off. Off it the node points to itself, as after list_del_init. A page
// whose words are a queued rcu_head is left alone.
func (b *bench) list(on bool) {
	node := b.page.LRU()
	switch b.page.Union().State(b.m) {
	case kern.Queued:
		return
	case kern.Listed:
		kern.ListDelInit(b.c, node)
	default:
		kern.InitListHead(b.c, node)
	}
	if on {
		kern.ListAdd(b.c, node, b.mm.PeekList(b.m).Head())
	}
}

// queued returns the name of the callback that the page's rcu_head is queued with.
func (b *bench) queued() string {
	if b.page.Union().State(b.m) != kern.Queued {
		return ""
	}
	return b.m.FuncName(kern.Func(b.m.Peek(b.page.LRU() + 1))) // rcu_head.func is the second word
}

// run runs the operation on the half and watches. It tells which table an allocation returned, and whether the half went
// into a batch.
func (b *bench) run(op Op, half uint32) (table kern.Phys, batched bool) {
	pt := b.sys.PT
	g := b.sys.TLB.Gather(b.mm)
	b.w.start(b.m, b.page, b.mm)
	b.w.whole = !b.lab.fragments
	switch op {
	case Fresh, Alloc:
		table = b.alloc()
	case Free:
		pt.PageTableFree(b.c, b.mm, b.page.Table(half))
	case FreeRCU:
		pt.PageTableFreeRCU(b.c, &g, b.page.Table(half), 0)
	case Defer:
		pt.PTEFreeDefer(b.c, b.mm, b.page.Table(half))
	case Remove, Now:
		b.rcu.End()
	}
	b.w.stop()
	b.page = b.w.page
	g.Open(func(t kern.Phys) {
		batched = batched || t.Untag() == b.page.Table(half)
	})
	for _, s := range b.m.Warnings() {
		b.w.trouble = append(b.w.trouble, "warning: "+s)
	}
	return table, batched
}
