package phrase

import (
	"fmt"
	"strings"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/pgalloc"
)

// accessors are functions that only read or change a word: they are no place to be in.
const accessors = "mask active set_active test_clear_active alloc_pgste has_pgste set_has_pgste set_flush_mm test_clear_flush_mm list " +
	"sync_ipi mmgrab mmdrop mmdrop_async mmget mmput mmget_not_zero"

// Accessor tells whether a kernel function only reads or changes a word.
func Accessor(fn string) bool { return has(accessors, fn) }

// primitive tells whether a step's function is the primitive itself: nothing of the kernel is around it.
func primitive(d *explore.Step) bool { return len(d.Trace) <= 1 || d.Func == d.Trace[0] }

// Within returns the kernel function that a step is in: the innermost that is more than an accessor, "" if it is in none.
func Within(d *explore.Step) string {
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

// By returns the wrapper through which a count is changed, with a colon: "mmgrab: ".
func By(d *explore.Step) string {
	if has(accessors, d.Func) {
		return d.Func + ": "
	}
	return ""
}

// Text writes a step as the kernel would.
func (n *Names) Text(d *explore.Step) string {
	k, _ := d.Note.(Note)
	op, a := d.Op, d.Op.Addr
	word := func() string { return n.Word(a) }
	switch op.Kind {
	case kern.OpNone:
		return n.begins(d)
	case kern.OpRead:
		if n.isRefcount(a) {
			return fmt.Sprintf("atomic_read(%s): %s", n.Object(a), Mask(d.Result))
		}
		if has(accessors, d.Func) && d.Func == "active" {
			return fmt.Sprintf("PageActive(%s): %d", n.Object(a), d.Result&pgalloc.PGActive)
		}
		return fmt.Sprintf("READ_ONCE(%s): %s", word(), n.Value(a, d.Result))
	case kern.OpLoad:
		return fmt.Sprintf("%s: %s", word(), n.Value(a, d.Result))
	case kern.OpStore:
		return fmt.Sprintf("%s = %s", word(), n.Value(a, op.A))
	case kern.OpWrite:
		return fmt.Sprintf("WRITE_ONCE(%s, %s)", word(), n.Value(a, op.A))
	case kern.OpXor:
		if n.isRefcount(a) {
			return fmt.Sprintf("xor %s%s: %s", n.Object(a), Flips(op.A, d.Result), Mask(d.Result))
		}
		return fmt.Sprintf("atomic_xor(%#x, %s): %s", op.A, word(), n.Value(a, d.Result))
	case kern.OpAdd:
		return fmt.Sprintf("atomic_add(%d, %s): %d", int32(op.A), word(), d.Result)
	case kern.OpXchg:
		return fmt.Sprintf("xchg(%s, %s): %s", word(), n.Value(a, op.A), n.Value(a, d.Result))
	case kern.OpCmpXchg:
		return fmt.Sprintf("cmpxchg(%s, %s, %s): %s", word(), n.Value(a, op.A), n.Value(a, op.B), n.Value(a, d.Result))
	case kern.OpAddUnless:
		return fmt.Sprintf("%satomic_add_unless(%s, %d, %d): %d", By(d), word(), int32(op.A), int32(op.B), d.Result)
	case kern.OpOr, kern.OpAndNot:
		return n.flags(d)
	case kern.OpRefInc:
		return fmt.Sprintf("%s%s %d -> %d", By(d), word(), k.After-1, k.After)
	case kern.OpRefDecTest:
		return fmt.Sprintf("%s%s %d -> %d", By(d), word(), k.After+1, k.After)
	case kern.OpPutPage, kern.OpFreePages:
		p := kern.PFN(a)
		if d.Result != 0 || op.Kind == kern.OpFreePages {
			return fmt.Sprintf("__free_page(page%d)", p)
		}
		return fmt.Sprintf("put_page(page%d): refcount %d", p, k.After&(1<<pgalloc.MaskShift-1))
	case kern.OpChoose:
		return fmt.Sprintf("way %d of %d", d.Result+1, op.A)
	}
	return n.call(d, k)
}

// call writes what looks like a call of a function.
func (n *Names) call(d *explore.Step, k Note) string {
	op, a := d.Op, d.Op.Addr
	cache := func() string {
		cfg, _ := n.m.CacheConfig(int(op.A))
		return cfg.Name
	}
	switch op.Kind {
	case kern.OpSpinLock, kern.OpSpinUnlock, kern.OpSpinLockBH, kern.OpSpinUnlockBH,
		kern.OpDownRead, kern.OpUpRead, kern.OpDownWrite, kern.OpUpWrite:
		return fmt.Sprintf("%s(&%s)", op.Kind, n.Word(a))
	case kern.OpListAdd, kern.OpListAddTail:
		return fmt.Sprintf("%s(%s, %s)", op.Kind, n.Object(a), n.Word(kern.Addr(op.A)))
	case kern.OpListDel, kern.OpListDelInit:
		return fmt.Sprintf("%s(%s)", op.Kind, n.Object(a))
	case kern.OpListFirst:
		return fmt.Sprintf("first of %s: %s", n.Word(a), n.Object(kern.Addr(d.Result)))
	case kern.OpListEmpty:
		return fmt.Sprintf("list_empty(%s): %d", n.Word(a), d.Result)
	case kern.OpListInit:
		return fmt.Sprintf("INIT_LIST_HEAD(%s)", n.Word(a))
	case kern.OpCallRCU, kern.OpQueueWork:
		return fmt.Sprintf("%s(%s, %s)", op.Kind, n.Object(a), k.Fn)
	case kern.OpSlabAlloc:
		return fmt.Sprintf("kmem_cache_alloc(%s): %s", cache(), n.Object(kern.Addr(d.Result)))
	case kern.OpSlabFree:
		return fmt.Sprintf("kmem_cache_free(%s)", n.Object(a))
	case kern.OpSlabReclaim:
		return fmt.Sprintf("the memory of %s is given back", n.Object(a))
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
func (n *Names) flags(d *explore.Step) string {
	a := d.Op.Addr
	active := n.isActive(d.Op)
	switch {
	case active && d.Op.Kind == kern.OpOr:
		return fmt.Sprintf("SetPageActive(%s)", n.Object(a))
	case active:
		return fmt.Sprintf("TestClearPageActive(%s): %d", n.Object(a), d.Result&pgalloc.PGActive)
	case d.Op.Kind == kern.OpOr:
		return fmt.Sprintf("atomic_or(%#x, %s)", d.Op.A, n.Word(a))
	}
	return fmt.Sprintf("atomic_andnot(%#x, %s)", d.Op.A, n.Word(a))
}

// begins writes the beginning of a callback or work item.
func (n *Names) begins(d *explore.Step) string {
	what := "kworker"
	if d.Softirq {
		what = "softirq"
	}
	return fmt.Sprintf("%s: %s(%s)", what, d.Doing, n.Object(d.Item))
}

// Hidden tells whether a step is left out unless all is asked for: a plain access, or memory of the task's own. What the
// schedule chose is shown, and so is what interrupts every CPU.
func Hidden(d *explore.Step) bool {
	switch d.Op.Kind {
	case kern.OpChoose, kern.OpMark:
		return false
	case kern.OpSlabAlloc, kern.OpAllocPages:
		return d.Local && d.Result != 0
	}
	return d.Local
}

// Next writes a step that is yet to come, which is to say without what comes of it. What does not exist yet, since it is
// allocated right before, is a new one.
func (n *Names) Next(m *kern.Machine, op kern.Op) string {
	text := n.next(m, op)
	if op.Addr.IsPlace() && n.find(op.Addr) == nil && n.m.PageOf(op.Addr) == 0 {
		what := "a new one"
		if op.Kind == kern.OpCallRCU && strings.HasSuffix(text, ", batch)") {
			what = "a new batch"
		}
		text = strings.Replace(text, fmt.Sprintf("%#x", uint32(op.Addr)), what, 1)
	}
	return text
}

func (n *Names) next(m *kern.Machine, op kern.Op) string {
	a := op.Addr
	switch op.Kind {
	case kern.OpNone:
		return ""
	case kern.OpRead:
		if n.isRefcount(a) {
			return fmt.Sprintf("atomic_read(%s)", n.Object(a))
		}
		return fmt.Sprintf("READ_ONCE(%s)", n.Word(a))
	case kern.OpLoad:
		return "reads " + n.Word(a)
	case kern.OpXor:
		if n.isRefcount(a) {
			return fmt.Sprintf("xor %s, %s", n.Object(a), bitNames(op.A))
		}
		return fmt.Sprintf("atomic_xor(%#x, %s)", op.A, n.Word(a))
	case kern.OpAdd:
		return fmt.Sprintf("atomic_add(%d, %s)", int32(op.A), n.Word(a))
	case kern.OpXchg:
		return fmt.Sprintf("xchg(%s, %s)", n.Word(a), n.Value(a, op.A))
	case kern.OpCmpXchg:
		return fmt.Sprintf("cmpxchg(%s, %s, %s)", n.Word(a), n.Value(a, op.A), n.Value(a, op.B))
	case kern.OpAddUnless:
		return fmt.Sprintf("atomic_add_unless(%s, %d, %d)", n.Word(a), int32(op.A), int32(op.B))
	case kern.OpOr:
		if n.isActive(op) {
			return fmt.Sprintf("SetPageActive(%s)", n.Object(a))
		}
	case kern.OpAndNot:
		if n.isActive(op) {
			return fmt.Sprintf("TestClearPageActive(%s)", n.Object(a))
		}
	case kern.OpRefInc, kern.OpRefDecTest:
		return fmt.Sprintf("%s(&%s)", op.Kind, n.Word(a))
	case kern.OpPutPage, kern.OpFreePages:
		return fmt.Sprintf("put_page(page%d)", kern.PFN(a))
	case kern.OpChoose:
		return fmt.Sprintf("one of %d ways", op.A)
	case kern.OpListFirst:
		return fmt.Sprintf("first of %s", n.Word(a))
	case kern.OpListEmpty:
		return fmt.Sprintf("list_empty(%s)", n.Word(a))
	case kern.OpSlabAlloc:
		cfg, _ := n.m.CacheConfig(int(op.A))
		return fmt.Sprintf("kmem_cache_alloc(%s)", cfg.Name)
	case kern.OpAllocPages:
		return "alloc_page()"
	}
	d := explore.Step{Op: op}
	return n.call(&d, Note{Fn: m.FuncName(kern.Func(op.A))})
}

func (n *Names) isRefcount(a kern.Addr) bool {
	p := n.m.PageOf(a)
	return p != 0 && a == p.Page()+kern.PageRefcount
}

// isActive tells whether a change of flags is one of PageActive.
func (n *Names) isActive(op kern.Op) bool {
	p := n.m.PageOf(op.Addr)
	return p != 0 && op.Addr == p.Page()+kern.PageFlags && op.A == pgalloc.PGActive
}

// bitNames names the bits of a mask that an xor flips: P1 A1.
func bitNames(bits uint32) string {
	var names []string
	mask := pgalloc.Mask(bits >> pgalloc.MaskShift)
	for i, bit := range []pgalloc.Mask{pgalloc.P, pgalloc.H, pgalloc.A} {
		for half := range uint32(2) {
			if mask&(bit<<half) != 0 {
				names = append(names, fmt.Sprintf("%c%d", "PHA"[i], half))
			}
		}
	}
	return strings.Join(names, " ")
}
