package tell

import (
	"slices"
	"strconv"

	"ptsim/internal/explain"
	"ptsim/internal/prose"
	"ptsim/kern"
	"ptsim/lab"
	"ptsim/pgalloc"
)

// Step says what a step did, and on which rule that rests. If the step is one that went wrong, it says which rule is broken.
// The Cites are shared between sentences and must not be changed.
func Step(f *lab.Facts) lab.Sentence {
	t := telling{Facts: f, op: f.Step.Op, variant: variantOf(f.Version)}
	if t.Around, _ = f.Own.(*Around); t.Around == nil {
		t.Around = &Around{}
	}
	text, rule := "", ""
	if f.Bad != nil {
		text, rule = t.broken()
	}
	if text == "" {
		text, rule = t.happened()
		text = f.Who + t.aside() + " " + text
	}
	e := known()[rule]
	if e == nil {
		return explain.Primitive(f, t.aside())
	}
	return lab.Sentence{Text: text + ".", Rule: e.Text, ID: rule, Cites: e.cites(t.variant, t.trace())}
}

// telling is a sentence in the making.
type telling struct {
	*lab.Facts
	*Around
	op      kern.Op
	variant pgalloc.Variant
}

// happened says what the step did, without who did it, and names the rule of the allocator. It is "" for a primitive, or a
// thing, that no such rule is about.
func (t *telling) happened() (text, rule string) {
	p := kern.PrimitiveOf(t.op.Kind)
	switch {
	case t.Step.Drains:
		return "", ""
	case p.Waits == kern.Spin && t.is("context.lock"):
		return t.lock()
	case p.Gives == kern.Spin && t.is("context.lock"):
		return t.unlock()
	case p.Waits|p.Gives != kern.NoLock && t.is("i_mmap_rwsem"):
		return t.semaphore()
	case p.RCU != 0:
		return t.reader()
	case p.Counts != 0 && (t.is("mm_users") || t.is("mm_count")):
		return t.count(p.Counts)
	case p.Shape == kern.ListInsert, p.Shape == kern.ListRemove:
		return t.list()
	}
	switch t.op.Kind {
	case kern.OpNone:
		return t.begins()
	case kern.OpXor:
		return t.mask()
	case kern.OpRead:
		return t.look()
	case kern.OpOr, kern.OpAndNot:
		return t.flag()
	case kern.OpPutPage:
		return t.giveBack()
	case kern.OpListFirst, kern.OpListInit:
		return t.list()
	case kern.OpCallRCU:
		return t.callRCU()
	case kern.OpQueueWork:
		if t.Func != "mmdrop_async_fn" {
			return "", ""
		}
		return "queues mmdrop_async_fn() for " + t.mm() + ", whose last reference it dropped: __mmdrop may not run in a softirq, a kworker will run it", "drop-async"
	case kern.OpSlabFree, kern.OpSlabAlloc, kern.OpSlabReclaim:
		return t.slab()
	case kern.OpXchg, kern.OpCmpXchg:
		if t.is("pmd") {
			return t.pmd()
		}
	case kern.OpLoad, kern.OpStore, kern.OpWrite, kern.OpMark, kern.OpChoose, kern.OpAllocPages:
		return t.ownSteps()
	}
	return "", ""
}

// trace returns the kernel functions that the step is in, innermost first, without primitives.
func (t *telling) trace() []string {
	s := t.Step
	if fn := callbacks[t.Func]; s.Begins {
		return fn
	}
	if i := slices.Index(s.Trace, s.Func); i > 0 {
		return s.Trace[i:]
	}
	return s.Trace
}

// callbacks are the kernel functions that callbacks and work items begin with, by the names that they are registered by.
var callbacks = map[string][]string{
	"batch": {"tlb_remove_table_rcu"}, "now": {"pte_free_now"}, "now0": {"pte_free_half"}, "now1": {"pte_free_half"},
	"pgste": {"pte_free_pgste"}, "mmdrop_async_fn": {"mmdrop_async"},
}

// ownSteps tells of a move that ended before it came to anything that others can see.
func (t *telling) ownSteps() (text, rule string) {
	return "goes on with \"" + t.Doing + "\" and touches only what is its own", "own"
}

// is tells whether the step is about that field of something: "mm_count".
func (t *telling) is(field string) bool { return t.Field == field }

// in tells whether the step is in a kernel function, however deep.
func (t *telling) in(fn string) bool { return slices.Contains(t.Step.Trace, fn) }

// one tells whether the version is one of these.
func (t *telling) one(of []pgalloc.Variant) bool { return slices.Contains(of, t.variant) }

// mm names the mm that the step's thing is, or is a part of.
func (t *telling) mm() string { return t.Object }

// owner names the mm that the page is of.
func (t *telling) owner() string {
	if t.Page != nil && t.Page.MM != "" {
		return t.Page.MM
	}
	return "its mm"
}

var sides = [2]string{"lower", "upper"}

// half names a half of the page, with the table that is in it.
func (t *telling) half(h uint32) string {
	text := "the " + sides[h] + " half of " + t.Page.Name
	if table := t.Page.Tables[h]; table != "" {
		text += " (" + table + ")"
	}
	return text
}

// other names the other half as one speaks of it next.
func other(h uint32) string { return "the " + sides[1-h] + " half" }

// verb is the scenario's operation.
func (t *telling) verb() string {
	return t.Verb
}

// last returns the latest earlier step of a kind in the same operation, nil if there is none.
func (t *telling) last(kinds ...kern.OpKind) *lab.Past {
	for i := len(t.Earlier) - 1; i >= 0; i-- {
		if slices.Contains(kinds, t.Earlier[i].Op.Kind) {
			return &t.Earlier[i]
		}
	}
	return nil
}

// flipped returns the mask bits that an earlier xor flipped, and what it left.
func flipped(p *lab.Past) (bits, left pgalloc.Mask) {
	return pgalloc.Mask(p.Op.A >> pgalloc.MaskShift), pgalloc.Mask(p.Result >> pgalloc.MaskShift)
}

// halfOf names the half that an earlier xor was about.
func halfOf(p *lab.Past) string {
	c := changeOf(p.Op.A, p.Result)
	return "the " + sides[c.half] + " half of " + p.Thing
}

// list3 writes a few names, with a word before the last: "a, b and 3 more".
func list3(names []string, last string) string {
	const few = 3
	switch n := len(names); {
	case n == 0:
		return "nothing"
	case n > few:
		names = append(names[:few-1:few-1], digits(n-few+1)+" more")
	}
	return prose.List(names, last)
}

// digits writes a small number.
func digits(n int) string { return strconv.Itoa(n) }
