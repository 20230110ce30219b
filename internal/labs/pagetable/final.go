package pagetable

import (
	"fmt"

	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
)

// final is what must be so when all is quiet: no task, callback or work item is left. Nothing is lost: a page is freed
// unless a table in it is kept, an mm unless it is to be alive, and every count is what the references that are left add
// up to.
func (k *checker) final() *kern.Violation {
	if v := k.check(); v != nil {
		return v
	}
	kept := map[kern.PFN]keptPage{}
	pins := map[mmctx.MM]uint32{}
	for _, e := range k.s.Ends {
		if e.Kind != Kept {
			continue
		}
		t := k.tables[e.Table]
		p := t.phys().PFN()
		if !k.alive(p.Page()) || !pgalloc.Page(p).IsTable(k.m) {
			return k.onPage(kern.UseAfterFree, pgalloc.Page(p), fmt.Sprintf("freed %%o, in which table %s is still allocated", e.Table))
		}
		kept[p] = keptPage{
			mask: kept[p].mask | pgalloc.A<<t.phys().Half(), mm: t.mm,
			whole: k.variant == pgalloc.FullPage || t.mm.PeekAllocPGSTE(k.m),
		}
	}
	var found *kern.Violation
	k.eachFrame(func(p kern.PFN) {
		if found != nil {
			return
		}
		page := pgalloc.Page(p)
		mask := page.PeekMask(k.m)
		found = k.finalPage(page, mask, kept[p])
		if keep := kept[p]; !keep.whole {
			pins[keep.mm] += k.sys.Pin.Held(mask)
		}
	})
	if found != nil {
		return found
	}
	if v := k.finalMMs(pins); v != nil {
		return v
	}
	if v := k.finalObjects(); v != nil {
		return v
	}
	for _, f := range k.s.Files {
		if k.m.Peek(k.files[f.Name]) != 0 {
			return &kern.Violation{
				Kind: kern.LockMisuse, Addr: k.files[f.Name], Task: "kmemleak", Object: "file " + f.Name,
				Detail: "leaves %o with its i_mmap_rwsem taken",
			}
		}
	}
	return nil
}

// finalObjects wants no object of a slab cache to be left but those of the mms, and those that are the scenario's own.
func (k *checker) finalObjects() *kern.Violation {
	if k.in.Objects == nil {
		return nil
	}
	var lost *kern.Violation
	mms, lists := 0, 0
	k.in.Objects(func(cache string, a kern.Addr) {
		switch cache {
		case mmctx.Cache:
			mms++
		case mmctx.ListCache:
			lists++
		case fileCache, vmaCache:
		default:
			lost = &kern.Violation{Kind: kern.PageLost, Addr: a, Task: "kmemleak", Object: "an object of " + cache, Detail: "nobody is left to free it"}
		}
	})
	if lost == nil && k.variant == pgalloc.Typesafe && lists != mms {
		lost = &kern.Violation{Kind: kern.PageLost, Task: "kmemleak", Object: "an object of " + mmctx.ListCache, Detail: fmt.Sprintf("there are %d, and %d mms", lists, mms)}
	}
	return lost
}

// keptPage is a page with tables that are kept.
type keptPage struct {
	mask  pgalloc.Mask // their A bits
	mm    mmctx.MM
	whole bool // the table has the page to itself
}

// finalPage looks at a page that is not free, and what it is kept for.
func (k *checker) finalPage(page pgalloc.Page, mask pgalloc.Mask, kept keptPage) *kern.Violation {
	if kept.mask == 0 {
		return k.onPage(kern.PageLost, page, "no callback is left for mask "+mask.String())
	}
	if refs := page.PeekReferences(k.m); refs != 1 {
		return k.onPage(kern.PageLost, page, fmt.Sprintf("it has %d references", refs))
	}
	if !kept.whole && mask != kept.mask {
		return k.onPage(kern.PageLost, page, fmt.Sprintf("no callback is left for mask %s, of which %s is in use", mask, kept.mask))
	}
	return nil
}

func (k *checker) finalMMs(pins map[mmctx.MM]uint32) *kern.Violation {
	stays := map[int]bool{}
	for _, e := range k.s.Ends {
		if e.Kind == Alive {
			stays[e.MM] = true
		}
	}
	for i, mm := range k.mms {
		alive := k.alive(kern.Addr(mm))
		switch {
		case alive && !stays[k.s.MMs[i].ID]:
			return k.leaked(mm)
		case !alive && stays[k.s.MMs[i].ID]:
			return k.onMM(kern.UseAfterFree, mm, "freed %o, which somebody still uses")
		case !alive:
			continue
		}
		left := k.left(i)
		if have := k.m.Peek(mm.Users()); have != uint32(left.users) {
			return k.onMM(mmctx.MMCount, mm, fmt.Sprintf("mm_users is %d, and there are %d", have, left.users))
		}
		want := uint32(left.count) + pins[mm]
		if left.users > 0 {
			want++
		}
		if have := k.m.Peek(mm.Count()); have != want {
			return k.onMM(mmctx.MMCount, mm, fmt.Sprintf("it is %d, the references add up to %d", have, want))
		}
	}
	for _, mm := range k.forked.all() {
		if k.alive(kern.Addr(mm)) {
			return k.leaked(mm)
		}
	}
	return nil
}

func (k *checker) leaked(mm mmctx.MM) *kern.Violation {
	return k.onMM(mmctx.MMCount, mm, fmt.Sprintf("it is %d, and nobody is left to drop it", k.m.Peek(mm.Count())))
}

// left returns the references to an mm that the tasks leave. Branches do not differ in them.
func (k *checker) left(i int) refs {
	mm := k.s.MMs[i]
	r := refs{users: mm.Users}
	if mm.Users == 0 {
		r.count = 1
	}
	for _, t := range k.s.Tasks {
		r.add(mm.ID, t.Ops)
	}
	return r
}

func (r *refs) add(mm int, ops []Op) {
	for _, op := range ops {
		if len(op.Branches) > 0 {
			r.add(mm, op.Branches[0])
		}
		if op.MM != mm {
			continue
		}
		switch op.Kind {
		case MMGet:
			r.users++
		case MMPut:
			r.users--
		case MMGrab:
			r.count++
		case MMDrop:
			r.count--
		}
	}
}
