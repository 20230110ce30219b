package pagetable

import (
	"fmt"

	"ptsim/kern"
	"ptsim/lab"
	"ptsim/pgalloc"
)

// Look is what there is to see now.
func (f *follower) Look() lab.Scene {
	// Batches first: whether they name halves depends on what their pages were before.
	s := lab.Scene{Batches: f.viewBatches()}
	s.Pages, s.MMs, s.Files, s.VMAs = f.viewPages(), f.viewMMs(), f.viewFiles(), f.viewVMAs()
	return s
}

func (f *follower) viewPages() []lab.Page {
	m := f.run.Instance().M
	list := []lab.Page{}
	for _, p := range f.pages {
		page := pgalloc.Page(p.pfn)
		if p.freed {
			if p.last.Name != "" {
				gone := p.last
				gone.Freed = true
				list = append(list, gone)
			}
			continue
		}
		if !page.IsTable(m) {
			continue // allocated, and not yet of use to anybody
		}
		k := lab.Page{
			Name: pageName(p.pfn), MM: p.mm, Mask: page.PeekMask(m).String(), Bits: int(page.PeekMask(m)),
			Active: page.PeekActive(m), Refs: int(page.PeekReferences(m)),
		}
		switch page.Union().State(m) {
		case kern.Listed:
			k.Words = lab.OnList
		case kern.Queued:
			k.Words = lab.HeadQueued
		}
		mask := page.PeekMask(m)
		k.Whole = f.variant == pgalloc.FullPage || f.pgste(p.mm)
		for half := range uint32(2) {
			k.Halves[half] = lab.Half{State: lab.HalfState(mask.Half(half))}
			if mask.Half(half) != pgalloc.HalfFree {
				k.Halves[half].Table = p.tables[half]
			}
		}
		if k.Whole {
			k.Halves[0].Table = p.tables[0]
			if f.variant == pgalloc.FullPage {
				k.Halves[0].State = f.wholeState(p, k.Words)
			} else if f.batched(p) != "" {
				k.Halves[0].State = lab.HalfPending
			}
			k.Halves[1] = lab.Half{State: k.Halves[0].State, Table: k.Halves[0].Table}
		}
		p.last = k
		list = append(list, k)
	}
	return list
}

// wholeState says what a page without a mask is doing.
func (f *follower) wholeState(p *watchedPage, words lab.Words) lab.HalfState {
	switch {
	case words == lab.HeadQueued:
		return lab.HalfPendingHead
	case f.batched(p) != "":
		return lab.HalfPending
	}
	return lab.HalfAllocated
}

// batched returns the batch that a page's table is in, "" if none.
func (f *follower) batched(p *watchedPage) string {
	for _, b := range f.batches {
		for _, t := range b.tables {
			if b.state != lab.BatchFreed && kern.Unpack(t).PFN() == p.pfn {
				return f.run.Object(b.addr)
			}
		}
	}
	return ""
}

func (f *follower) pgste(mm string) bool {
	for _, m := range f.s.MMs {
		if m.PGSTE && mm == fmt.Sprintf("mm%d", m.ID) {
			return true
		}
	}
	return false
}

func (f *follower) viewMMs() []lab.MM {
	in := f.run.Instance()
	list := []lab.MM{}
	for _, mm := range f.mms {
		k := lab.MM{Name: f.run.Object(kern.Addr(mm)), List: []string{}}
		if !in.Alive(kern.Addr(mm)) {
			k.Freed = true
			list = append(list, k)
			continue
		}
		k.Users, k.Count = int(in.M.Peek(mm.Users())), int(in.M.Peek(mm.Count()))
		k.PGSTE = mm.PeekAllocPGSTE(in.M)
		if l := mm.PeekList(in.M); l != 0 {
			if in.Alive(l.Head()) {
				in.M.Walk(l.Head(), func(node kern.Addr) bool {
					k.List = append(k.List, f.run.Object(node))
					return len(k.List) < 64
				})
			}
			for _, who := range f.run.Holders(l.Lock(), -1) {
				k.Lock = who
			}
		}
		list = append(list, k)
	}
	return list
}

func (f *follower) viewBatches() []lab.Batch {
	list := []lab.Batch{}
	for _, b := range f.batches {
		k := lab.Batch{Name: f.run.Object(b.addr), Owner: b.owner, State: b.state, Tables: []lab.TableAt{}}
		for _, t := range b.tables {
			k.Tables = append(k.Tables, f.at(t))
		}
		list = append(list, k)
	}
	return list
}

// at says where a table lies. A page of which nothing was seen counts as whole: nobody knows its halves.
func (f *follower) at(packed uint32) lab.TableAt {
	t := kern.Unpack(packed)
	if p := f.page(t.PFN()); p != nil && !p.last.Whole {
		return lab.TableAt{Page: pageName(t.PFN()), Half: t.Half()}
	}
	return lab.TableAt{Page: pageName(t.PFN()), Whole: true}
}

// pageName is what a page is called.
func pageName(p kern.PFN) string { return fmt.Sprintf("page%d", p) }

func (f *follower) viewFiles() []lab.File {
	in := f.run.Instance()
	list := []lab.File{}
	in.Objects(func(cache string, a kern.Addr) {
		if cache == fileCache {
			list = append(list, lab.File{Name: f.run.Object(a), Holders: append([]string{}, f.run.Holders(a, -1)...)})
		}
	})
	return list
}

func (f *follower) viewVMAs() []lab.VMA {
	in := f.run.Instance()
	list := []lab.VMA{}
	in.Objects(func(cache string, a kern.Addr) {
		if cache != vmaCache {
			return
		}
		v := lab.VMA{Name: f.run.Object(a), Linked: in.M.Peek(a) != 0}
		if mm := in.M.Peek(a + 1); mm != 0 {
			v.MM = f.run.Object(kern.Addr(mm))
		}
		if pmd := in.M.Peek(a + 2); pmd != 0 {
			v.Table = f.at(pmd).String()
			if t := kern.Unpack(pmd); f.page(t.PFN()) != nil {
				if name := f.page(t.PFN()).tables[t.Half()]; name != "" {
					v.Table = name + ", " + v.Table
				}
			}
		}
		list = append(list, v)
	})
	return list
}
