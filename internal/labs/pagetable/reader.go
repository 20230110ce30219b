package pagetable

import (
	"ptsim/kern"
	"ptsim/pgalloc"
)

func (k *compiler) readerStep(op *Op) step {
	i := k.slot(op.Table)
	if op.Kind == Look {
		v := k.vmas[op.VMA]
		return func(c *kern.CPU, f *frame) { f.slots[i].addr = kern.ReadOnce(c, v.pmd()) }
	}
	return func(c *kern.CPU, f *frame) {
		if t := f.slots[i]; t.addr != 0 {
			k.readTable(c, t.phys())
		}
	}
}

// readTable is a reader's access to a table that it found under rcu_read_lock: it must not have been freed. In a version
// that splits pages its half is allocated, or pending.
func (k *compiler) readTable(c *kern.CPU, t kern.Phys) {
	page := pgalloc.PageOf(t)
	v := kern.ReadOnce(c, page.Refcount())
	mask := pgalloc.Mask(v >> pgalloc.MaskShift)
	half := mask.Half(t.Half())
	switch {
	case v == 0:
	case k.variant == pgalloc.FullPage:
		return
	case half != pgalloc.HalfFree && half != pgalloc.HalfBroken:
		return
	case k.variant == pgalloc.Active && (mask == 0 || page.Active(c) || page.Mask(c) == 0):
		// Here it is the page that waits, with the flag until both halves are free, and then on its way to the rcu_head
		// with nothing to show for it. Without the flag while a bit was set all along, the half was freed at once.
		return
	}
	c.Report(&kern.Violation{Kind: pgalloc.ReaderUseAfterFree, Addr: page.Refcount(), Func: "ptep_get", Detail: "its half is " + half.String()})
}
