package stepper

import (
	"fmt"
	"slices"

	"ptsim/explore"
	"ptsim/internal/labs/pagetable"
	"ptsim/kern"
	"ptsim/lab"
	"ptsim/memory"
)

// look makes the view of where the walker stands, with what changed against the state before, and explains the step.
func (s *Session) look(before *View, did *Did) *View {
	w := s.watch
	v := &View{Step: s.walker.Len(), Path: s.walker.Text(), Did: did, Ended: s.walker.Ended()}
	v.Lanes = w.lanes()
	v.RCU = w.callbacks(s.walker.Callbacks())
	v.Work = w.callbacks(s.walker.Works())
	if w.program != nil {
		v.Batches = w.viewBatches()
		v.Pages = w.viewPages()
		v.MMs = w.viewMMs()
		v.Files, v.VMAs = w.viewFiles(), w.viewVMAs()
	} else {
		v.Batches, v.Pages, v.MMs, v.Files, v.VMAs = []Batch{}, []Page{}, []MM{}, []File{}, []VMA{}
		v.Things = w.viewThings()
		if draw := w.q.Scenario.Lab.Draw; draw != nil {
			v.Figures = lists(draw(v.Things))
		}
	}
	if s.opt.Model != memory.SC {
		v.WhatIf = w.whatIfs(did)
		if f := w.memoryFigure(); f != nil {
			v.Figures = append(v.Figures, *f)
		}
	}
	if bad := s.walker.Violation(); bad != nil {
		v.Violation = &Violation{bad.Kind.String(), bad.Sentence(), bad.Splat(), w.about(bad)}
	}
	if before != nil {
		said := changes(before, v)
		if did != nil {
			did.Changes = said
		}
	}
	if did != nil {
		for i := range v.Lanes {
			v.Lanes[i].Moved = v.Lanes[i].Letter == did.Letter
		}
		s.explain(before, v)
	}
	return v
}

// lists has strips without cells, and figures without strips, be empty lists: what reads JSON asks a list for its length, and null
// has none.
func lists(figures []lab.Figure) []lab.Figure {
	for i := range figures {
		f := &figures[i]
		if f.Strips == nil {
			f.Strips = []lab.Strip{}
		}
		for j := range f.Strips {
			if f.Strips[j].Cells == nil {
				f.Strips[j].Cells = []lab.Cell{}
			}
		}
	}
	return figures
}

// about names the things that a violation is about: what the word belongs to, and the page or mm behind that.
func (w *watcher) about(bad *kern.Violation) []string {
	var list []string
	for _, a := range []kern.Addr{bad.Addr, bad.Page.Page()} {
		if a == 0 {
			continue
		}
		if name := w.names.Object(a); !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

func (w *watcher) viewPages() []Page {
	m := w.walker.Instance().M
	list := []Page{}
	for _, p := range w.pages {
		page := pagetable.TablePage(p.pfn)
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
		k := Page{
			Name: fmt.Sprintf("page%d", p.pfn), MM: p.mm, Mask: page.PeekMask(m).String(), Bits: int(page.PeekMask(m)),
			Active: page.PeekActive(m), Refs: int(page.PeekReferences(m)),
		}
		switch page.Union().State(m) {
		case kern.Listed:
			k.Words = OnList
		case kern.Queued:
			k.Words = HeadQueued
		}
		mask := page.PeekMask(m)
		k.Whole = w.variant == pagetable.FullPage || w.pgste(p.mm)
		for half := range uint32(2) {
			k.Halves[half] = Half{State: HalfState(mask.Half(half))}
			if mask.Half(half) != pagetable.HalfFree {
				k.Halves[half].Table = p.tables[half]
			}
		}
		if k.Whole {
			k.Halves[0].Table = p.tables[0]
			if w.variant == pagetable.FullPage {
				k.Halves[0].State = w.wholeState(p, k.Words)
			} else if w.batched(p) != "" {
				k.Halves[0].State = HalfPending
			}
			k.Halves[1] = Half{State: k.Halves[0].State, Table: k.Halves[0].Table}
		}
		p.last = k
		list = append(list, k)
	}
	return list
}

// wholeState says what a page without a mask is doing.
func (w *watcher) wholeState(p *watchedPage, words Words) HalfState {
	switch {
	case words == HeadQueued:
		return HalfPendingHead
	case w.batched(p) != "":
		return HalfPending
	}
	return HalfAllocated
}

// batched returns the batch that a page's table is in, "" if none.
func (w *watcher) batched(p *watchedPage) string {
	for _, b := range w.batches {
		for _, t := range b.tables {
			if b.state != BatchFreed && kern.Unpack(t).PFN() == p.pfn {
				return w.names.Object(b.addr)
			}
		}
	}
	return ""
}

func (w *watcher) pgste(mm string) bool {
	for _, m := range w.program.MMs {
		if m.PGSTE && mm == fmt.Sprintf("mm%d", m.ID) {
			return true
		}
	}
	return false
}

func (w *watcher) viewMMs() []MM {
	in := w.walker.Instance()
	list := []MM{}
	for _, mm := range w.mms {
		k := MM{Name: w.names.Object(kern.Addr(mm)), List: []string{}}
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
					k.List = append(k.List, w.names.Object(node))
					return len(k.List) < 64
				})
			}
			for _, t := range w.walker.Held(l.Lock()) {
				k.Lock = w.whoOn(t)
			}
		}
		list = append(list, k)
	}
	return list
}

// whoOn names a thread and its CPU: "B exit on CPU1".
func (w *watcher) whoOn(thread int) string {
	t := w.walker.Thread(thread)
	return fmt.Sprintf("%s %s on CPU%d", t.Letter, t.Name, t.CPU)
}

func (w *watcher) viewBatches() []Batch {
	list := []Batch{}
	for _, b := range w.batches {
		k := Batch{Name: w.names.Object(b.addr), Owner: b.owner, State: b.state, Tables: []string{}}
		for _, t := range b.tables {
			k.Tables = append(k.Tables, w.half(t))
		}
		list = append(list, k)
	}
	return list
}

// half names a half: page1.upper, or the whole page, and what is in it.
func (w *watcher) half(packed uint32) string {
	t := kern.Unpack(packed)
	name := fmt.Sprintf("page%d", t.PFN())
	if p := w.page(t.PFN()); p != nil && !p.last.Whole {
		name += [...]string{".lower", ".upper"}[t.Half()]
	}
	return name
}

// readsBy says how somebody is a reader, by what explore calls it.
var readsBy = map[string]string{
	"rcu_read_lock": "inside rcu_read_lock", "BH off": "with BH off", "preemption off": "with preemption off",
	"spin lock held": "holding a spin lock", "softirq": "still running a callback",
}

func (w *watcher) callbacks(queued []explore.Callback) []Callback {
	list := []Callback{}
	for _, c := range queued {
		k := Callback{Func: c.Func, Object: w.names.Object(c.Item), CPU: c.CPU, Waits: []string{}}
		k.Name = callbackName(k.Func, k.Object)
		for _, r := range c.Readers {
			k.Waits = append(k.Waits, w.whoOn(r.Thread)+", "+readsBy[r.Why])
		}
		list = append(list, k)
	}
	return list
}

func (w *watcher) viewFiles() []File {
	in := w.walker.Instance()
	list := []File{}
	in.Objects(func(cache string, a kern.Addr) {
		if cache == "address_space" {
			f := File{Name: w.names.Object(a), Holders: []string{}}
			for _, t := range w.walker.Held(a) {
				f.Holders = append(f.Holders, w.whoOn(t))
			}
			list = append(list, f)
		}
	})
	return list
}

func (w *watcher) viewVMAs() []VMA {
	in := w.walker.Instance()
	list := []VMA{}
	in.Objects(func(cache string, a kern.Addr) {
		if cache != "vm_area_struct" {
			return
		}
		v := VMA{Name: w.names.Object(a), Linked: in.M.Peek(a) != 0}
		if mm := in.M.Peek(a + 1); mm != 0 {
			v.MM = w.names.Object(kern.Addr(mm))
		}
		if pmd := in.M.Peek(a + 2); pmd != 0 {
			v.Table = w.half(pmd)
			if t := kern.Unpack(pmd); w.page(t.PFN()) != nil {
				if name := w.page(t.PFN()).tables[t.Half()]; name != "" {
					v.Table = name + ", " + v.Table
				}
			}
		}
		list = append(list, v)
	})
	return list
}
