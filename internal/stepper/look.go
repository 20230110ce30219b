package stepper

import (
	"fmt"
	"slices"

	"ptsim/explore"
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
	if w.follow != nil {
		v.Scene = w.follow.Look()
	} else {
		v.Scene = lab.Scene{Pages: []Page{}, MMs: []MM{}, Batches: []Batch{}, Files: []File{}, VMAs: []VMA{}}
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
		said := changes(before, v, w.follow)
		if did != nil {
			did.Changes = said
		}
	}
	if did != nil {
		for i := range v.Lanes {
			v.Lanes[i].Moved = v.Lanes[i].Letter == did.Letter
		}
		if !did.Own() {
			s.explain(before, v)
		}
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

// whoOn names a thread and its CPU: "B exit on CPU1".
func (w *watcher) whoOn(thread int) string {
	t := w.walker.Thread(thread)
	return fmt.Sprintf("%s %s on CPU%d", t.Letter, t.Name, t.CPU)
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
