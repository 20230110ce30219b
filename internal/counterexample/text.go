package counterexample

import (
	"fmt"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/pgalloc"
)

// accessors are functions that only read or change a word: they are no place to be in.
const accessors = "mask active set_active test_clear_active alloc_pgste has_pgste set_has_pgste set_flush_mm test_clear_flush_mm list " +
	"sync_ipi mmgrab mmdrop mmdrop_async mmget mmput mmget_not_zero"

// primitive tells whether a step's function is the primitive itself: nothing of the kernel is around it.
func primitive(d *explore.Step) bool { return len(d.Trace) <= 1 || d.Func == d.Trace[0] }

// within returns the kernel function that a step is in: the innermost that is more than an accessor, "" if it is in none.
func within(d *explore.Step) string {
	if primitive(d) {
		return ""
	}
	inner := false
	for _, fn := range d.Trace {
		if fn == d.Func {
			inner = true
		}
		if inner && !has(accessors, fn) {
			return fn
		}
	}
	return ""
}

// by returns the wrapper through which a count is changed, with a colon: "mmgrab: ".
func by(d *explore.Step) string {
	if has(accessors, d.Func) {
		return d.Func + ": "
	}
	return ""
}

// text writes a step as the kernel would.
func (n *names) text(d *explore.Step) string {
	k, _ := d.Note.(note)
	op, a := d.Op, d.Op.Addr
	word := func() string { return n.word(a) }
	switch op.Kind {
	case kern.OpNone:
		return n.begins(d)
	case kern.OpRead:
		if p := n.m.PageOf(a); p != 0 && a == p.Page()+kern.PageRefcount {
			return fmt.Sprintf("atomic_read(%s): %s", n.object(a), mask(d.Result))
		}
		if has(accessors, d.Func) && d.Func == "active" {
			return fmt.Sprintf("PageActive(%s): %d", n.object(a), d.Result&pgalloc.PGActive)
		}
		return fmt.Sprintf("READ_ONCE(%s): %s", word(), n.value(a, d.Result))
	case kern.OpLoad:
		return fmt.Sprintf("%s: %s", word(), n.value(a, d.Result))
	case kern.OpStore:
		return fmt.Sprintf("%s = %s", word(), n.value(a, op.A))
	case kern.OpWrite:
		return fmt.Sprintf("WRITE_ONCE(%s, %s)", word(), n.value(a, op.A))
	case kern.OpXor:
		if p := n.m.PageOf(a); p != 0 && a == p.Page()+kern.PageRefcount {
			return fmt.Sprintf("xor %s%s: %s", n.object(a), flips(op.A, d.Result), mask(d.Result))
		}
		return fmt.Sprintf("atomic_xor(%#x, %s): %s", op.A, word(), n.value(a, d.Result))
	case kern.OpAdd:
		return fmt.Sprintf("atomic_add(%d, %s): %d", int32(op.A), word(), d.Result)
	case kern.OpXchg:
		return fmt.Sprintf("xchg(%s, %s): %s", word(), n.value(a, op.A), n.value(a, d.Result))
	case kern.OpCmpXchg:
		return fmt.Sprintf("cmpxchg(%s, %s, %s): %s", word(), n.value(a, op.A), n.value(a, op.B), n.value(a, d.Result))
	case kern.OpAddUnless:
		return fmt.Sprintf("%satomic_add_unless(%s, %d, %d): %d", by(d), word(), int32(op.A), int32(op.B), d.Result)
	case kern.OpOr, kern.OpAndNot:
		return n.flags(d)
	case kern.OpRefInc:
		return fmt.Sprintf("%s%s %d -> %d", by(d), word(), k.after-1, k.after)
	case kern.OpRefDecTest:
		return fmt.Sprintf("%s%s %d -> %d", by(d), word(), k.after+1, k.after)
	case kern.OpPutPage, kern.OpFreePages:
		p := kern.PFN(a)
		if d.Result != 0 || op.Kind == kern.OpFreePages {
			return fmt.Sprintf("__free_page(page%d)", p)
		}
		return fmt.Sprintf("put_page(page%d): refcount %d", p, k.after&(1<<pgalloc.MaskShift-1))
	case kern.OpChoose:
		return fmt.Sprintf("way %d of %d", d.Result+1, op.A)
	}
	return n.call(d, k)
}

// call writes what looks like a call of a function.
func (n *names) call(d *explore.Step, k note) string {
	op, a := d.Op, d.Op.Addr
	cache := func() string {
		cfg, _ := n.m.CacheConfig(int(op.A))
		return cfg.Name
	}
	switch op.Kind {
	case kern.OpSpinLock, kern.OpSpinUnlock, kern.OpSpinLockBH, kern.OpSpinUnlockBH,
		kern.OpDownRead, kern.OpUpRead, kern.OpDownWrite, kern.OpUpWrite:
		return fmt.Sprintf("%s(&%s)", op.Kind, n.word(a))
	case kern.OpListAdd, kern.OpListAddTail:
		return fmt.Sprintf("%s(%s, %s)", op.Kind, n.object(a), n.word(kern.Addr(op.A)))
	case kern.OpListDel, kern.OpListDelInit:
		return fmt.Sprintf("%s(%s)", op.Kind, n.object(a))
	case kern.OpListFirst:
		return fmt.Sprintf("first of %s: %s", n.word(a), n.object(kern.Addr(d.Result)))
	case kern.OpListEmpty:
		return fmt.Sprintf("list_empty(%s): %d", n.word(a), d.Result)
	case kern.OpListInit:
		return fmt.Sprintf("INIT_LIST_HEAD(%s)", n.word(a))
	case kern.OpCallRCU, kern.OpQueueWork:
		return fmt.Sprintf("%s(%s, %s)", op.Kind, n.object(a), k.fn)
	case kern.OpSlabAlloc:
		return fmt.Sprintf("kmem_cache_alloc(%s): %s", cache(), n.object(kern.Addr(d.Result)))
	case kern.OpSlabFree:
		return fmt.Sprintf("kmem_cache_free(%s)", n.object(a))
	case kern.OpSlabReclaim:
		return fmt.Sprintf("the memory of %s is given back", n.object(a))
	case kern.OpAllocPages:
		if d.Result == 0 {
			return "alloc_page(): NULL"
		}
		return fmt.Sprintf("alloc_page(): page%d", d.Result)
	case kern.OpMark:
		switch op.A {
		case pgalloc.MarkIPI:
			return "IPI to every CPU"
		case pgalloc.MarkGmapUnlink:
			return "gmap_unlink()"
		}
		return fmt.Sprintf("mark %d", op.A)
	}
	return op.Kind.String() + "()"
}

// flags writes a change of flags: PageActive, where it is that.
func (n *names) flags(d *explore.Step) string {
	a := d.Op.Addr
	p := n.m.PageOf(a)
	active := p != 0 && a == p.Page()+kern.PageFlags && d.Op.A == pgalloc.PGActive
	switch {
	case active && d.Op.Kind == kern.OpOr:
		return fmt.Sprintf("SetPageActive(%s)", n.object(a))
	case active:
		return fmt.Sprintf("TestClearPageActive(%s): %d", n.object(a), d.Result&pgalloc.PGActive)
	case d.Op.Kind == kern.OpOr:
		return fmt.Sprintf("atomic_or(%#x, %s)", d.Op.A, n.word(a))
	}
	return fmt.Sprintf("atomic_andnot(%#x, %s)", d.Op.A, n.word(a))
}

// begins writes the beginning of a callback or work item.
func (n *names) begins(d *explore.Step) string {
	what := "kworker"
	if d.Softirq {
		what = "softirq"
	}
	return fmt.Sprintf("%s: %s(%s)", what, d.Doing, n.object(d.Item))
}

// hidden tells whether a step is left out unless all is asked for: a plain access, or memory of the task's own. What the
// schedule chose is shown, and so is what interrupts every CPU.
func hidden(d *explore.Step) bool {
	switch d.Op.Kind {
	case kern.OpChoose, kern.OpMark:
		return false
	case kern.OpSlabAlloc, kern.OpAllocPages:
		return d.Local && d.Result != 0
	}
	return d.Local
}
