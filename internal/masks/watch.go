package masks

import (
	"fmt"
	"strings"

	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
)

// Step is one primitive of an operation, as its CPU carried it out on the page, the list, its lock or mm_count.
type Step struct {
	What   string // the kernel's name, with the result where it has one: "xor 11 = 12"
	Locked bool   // under the lock of the list
}

func (s Step) String() string { return s.What }

// watch is a kern.Scheduler that carries everything out at once and, while it is on, writes down what happens to one
// page.
type watch struct {
	on   bool
	m    *kern.Machine
	page pgalloc.Page
	lock kern.Addr // of the mm's list
	mm   mmctx.MM

	whole bool // a page is one table: what is read of its flags is the order, which tells a segment table

	depth    int
	steps    []Step
	seen     []Seen // the states of the page, each where it differs from the one before; the first is where it started
	list     []ListAction
	callback string // what call_rcu was given
	freed    bool
	pin      int // change of mm_count
	locked   bool
	trouble  []string

	each func() // called after each step
}

// start begins to watch the page.
func (w *watch) start(m *kern.Machine, page pgalloc.Page, mm mmctx.MM) {
	*w = watch{on: true, m: m, page: page, mm: mm, lock: mm.PeekList(m).Lock()}
	w.look()
}

func (w *watch) stop() { w.on = false }

// Step carries op out and notes it if it is about the page.
func (w *watch) Step(c *kern.CPU, op kern.Op) uint32 {
	if !w.on {
		return c.Exec(op)
	}
	if op.Kind == kern.OpAllocPages {
		r := c.Exec(op)
		if w.page == 0 {
			w.page = pgalloc.Page(r)
			w.step("alloc_page")
			w.look()
		}
		return r
	}
	was := w.page != 0 && w.page.Listed(w.m)
	r := c.Exec(op)
	w.note(op, r, was)
	if w.page != 0 && !w.freed {
		w.look()
	}
	if w.each != nil {
		w.each()
	}
	return r
}

func (w *watch) note(op kern.Op, r uint32, was bool) {
	switch op.Kind {
	case kern.OpPutPage:
		if op.Addr == kern.Addr(w.page) { // here a PFN
			w.step("put_page")
			if w.freed = r != 0; w.freed {
				w.step("free_page")
			}
		}
		return
	case kern.OpRCUReadLock, kern.OpRCUReadUnlock:
		w.step(op.Kind.String())
		return
	}
	page := w.page.PFN().Page()
	switch op.Addr {
	case w.lock:
		w.lockStep(op.Kind)
	case w.mm.Count():
		switch op.Kind {
		case kern.OpRefInc:
			w.pin++
			w.step("mmgrab")
		case kern.OpRefDecTest:
			w.pin--
			w.step("mmdrop")
		}
	case page + kern.PageRefcount:
		mask := r >> pgalloc.MaskShift
		switch op.Kind {
		case kern.OpXor:
			w.step(fmt.Sprintf("xor %02x = %02x", op.A>>pgalloc.MaskShift, mask))
		case kern.OpRead:
			w.step(fmt.Sprintf("read mask = %02x", mask))
		}
	case page + kern.PageFlags:
		switch op.Kind {
		case kern.OpOr:
			w.step("SetPageActive")
		case kern.OpAndNot:
			w.step(fmt.Sprintf("TestClearPageActive = %d", r&pgalloc.PGActive))
		case kern.OpRead:
			if w.whole {
				w.step("read compound_order")
			} else {
				w.step(fmt.Sprintf("PageActive = %d", r&pgalloc.PGActive))
			}
		}
	case page + kern.PageIndex:
		w.step(map[bool]string{true: "write pt_mm", false: "read pt_mm"}[op.Kind == kern.OpStore])
	case page + kern.PageLRU:
		w.unionStep(op, was)
	}
}

func (w *watch) lockStep(kind kern.OpKind) {
	switch kind {
	case kern.OpSpinLock, kern.OpSpinLockBH:
		w.step(kind.String())
		w.locked = true
		w.depth++
	case kern.OpSpinUnlock, kern.OpSpinUnlockBH:
		w.depth--
		w.step(kind.String())
	}
}

// unionStep notes what is done to the words that are lru or rcu_head. A list operation counts if it had an effect.
func (w *watch) unionStep(op kern.Op, was bool) {
	is := w.page.Listed(w.m)
	action := ListNone
	switch op.Kind {
	case kern.OpCallRCU:
		w.callback = w.m.FuncName(kern.Func(op.A))
		w.step("call_rcu " + w.callback)
		return
	case kern.OpListAdd:
		action = ListAddHead
	case kern.OpListAddTail:
		action = ListAddTail
	case kern.OpListDel, kern.OpListDelInit:
		action = ListDel
	case kern.OpListInit:
	default:
		return
	}
	w.step(op.Kind.String())
	if was != is {
		w.list = append(w.list, action)
	}
}

func (w *watch) step(what string) { w.steps = append(w.steps, Step{what, w.depth > 0}) }

// look notes the state that the page is in now, if it is a new one.
func (w *watch) look() {
	if w.page == 0 {
		return
	}
	now := Seen{Mask: w.page.PeekMask(w.m), Active: w.page.PeekActive(w.m), Locked: w.depth > 0}
	if n := len(w.seen); n > 0 && w.seen[n-1].Mask == now.Mask && w.seen[n-1].Active == now.Active {
		return
	}
	w.seen = append(w.seen, now)
}

// violation is the machine's Report.
func (w *watch) violation(v *kern.Violation) {
	if w.on {
		w.trouble = append(w.trouble, strings.TrimSpace(v.Kind.String()+": "+v.Detail))
	}
}
