package pgalloc

import (
	"ptsim/kern"
	"ptsim/mmctx"
)

// typesafe is the thread's other answer ("13/12"): the RFC with the list and its lock in an object of their own, whose
// memory keeps its type until a grace period after the mm is gone, and which is constructed only once. Inside one RCU
// read-side section the lock is a lock, even if the mm has gone or the object serves another mm by now: the mask, looked
// at again under the lock, then says that there is nothing to put back.
type typesafe struct{ rfc }

func newTypesafe(b *base) Version {
	b.typesafe = true // and page->pt_mm holds the address of the list, not of the mm
	v := &typesafe{rfc{base: b}}
	v.init()
	return v
}

// LazyFlushBH is true: the lock is taken in softirqs.
func (v *typesafe) LazyFlushBH() bool { return true }

// RemoveTable is __tlb_remove_table() with everything from the look at the other half to the unlock in one reader.
func (v *typesafe) RemoveTable(c *kern.CPU, table kern.Phys) {
	if v.removeWhole(c, table) {
		return
	}
	page := PageOf(table)
	half := table.Half()
	var mask Mask
	kern.RCUReadLock(c)
	if page.Mask(c).AA() != 0 {
		list := mmctx.PgtableList(kern.Load(c, page.ptMM()))
		mask = v.relink(c, list, page, half)
	} else {
		mask = v.xor(c, page, P<<half)
	}
	kern.RCUReadUnlock(c)
	v.stat(c).pending--
	if mask == 0 {
		v.release(c, page, mask)
	}
}
