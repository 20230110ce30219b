package stepper

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"ptsim/internal/prose"
	"ptsim/kern"
	"ptsim/lab"
)

// watchedThing is an object that was in use at some time.
type watchedThing struct {
	base kern.Addr
	kind string
	last Thing // as it was last seen in use
}

// pageKind is the kind of a struct page.
const pageKind = "page"

// findThings notes the objects that are there now and were not before.
func (w *watcher) findThings() {
	note := func(kind string, a kern.Addr) {
		if !slices.ContainsFunc(w.things, func(t *watchedThing) bool { return t.base == a }) {
			w.things = append(w.things, &watchedThing{base: a, kind: kind})
		}
	}
	in := w.walker.Instance()
	if len(in.M.PageFields()) > 0 {
		in.Frames(func(p kern.PFN) { note(pageKind, p.Page()) })
	}
	in.Objects(note)
}

// layout returns the fields of a kind of thing, each with its offset.
func (w *watcher) layout(kind string) (fields []kern.Field, at []kern.Addr) {
	m := w.walker.Instance().M
	if kind == pageKind {
		of := m.PageFields()
		for _, off := range slices.Sorted(maps.Keys(of)) {
			fields, at = append(fields, of[off]), append(at, off)
		}
		return fields, at
	}
	for id := range m.Caches() {
		if cfg, _ := m.CacheConfig(id); cfg.Name == kind {
			off := kern.Addr(0)
			for i := range cfg.Fields {
				fields, at = append(fields, cfg.Fields[i]), append(at, off)
				off += kern.Addr(cfg.Fields[i].Size())
			}
		}
	}
	return fields, at
}

// viewThings returns what there is to see of the objects. One whose cache declares no fields is not shown.
func (w *watcher) viewThings() []Thing {
	in := w.walker.Instance()
	list := []Thing{}
	queued := map[kern.Addr]bool{}
	for _, c := range w.walker.Callbacks() {
		queued[c.Item] = true
	}
	for _, t := range w.things {
		fields, at := w.layout(t.kind)
		if len(fields) == 0 {
			continue
		}
		if !w.inUse(t) {
			gone := t.last
			if gone.Freed = true; gone.Name != "" {
				list = append(list, gone)
			}
			continue
		}
		k := Thing{Name: w.names.Object(t.base), Kind: t.kind, Drawing: cmp.Or(w.q.Scenario.Lab.Boxes[t.kind], lab.Box), Fields: []Field{}}
		if o := w.names.Allocated(t.base); o != nil {
			k.Given = o.Given && k.Name != k.Kind
		}
		for i := range fields {
			a := t.base + at[i]
			f := Field{Name: fields[i].Name, Kind: fields[i].Kind, Word: in.M.Peek(a)}
			if f.Kind == kern.FieldTagged {
				f.Flags = fields[i].Bits
			}
			w.hold(&f, &fields[i], a, queued[a])
			k.Fields = append(k.Fields, f)
		}
		t.last = k
		list = append(list, k)
	}
	return list
}

// inUse tells whether a thing is in use.
func (w *watcher) inUse(t *watchedThing) bool {
	in := w.walker.Instance()
	if t.kind != pageKind {
		return in.Alive(t.base)
	}
	used := false
	in.Frames(func(p kern.PFN) { used = used || p.Page() == t.base })
	return used
}

// hold says what a field at a, declared as its cache has it, holds, and what it points to.
func (w *watcher) hold(f *Field, declared *kern.Field, a kern.Addr, queued bool) {
	switch f.Kind {
	case kern.FieldLock:
		var who []string
		for _, t := range w.walker.Held(a) {
			who = append(who, w.whoOn(t))
		}
		if f.Busy, f.Value = who != nil, labelFree; f.Busy {
			f.Value = fmt.Sprintf(labelHeld, prose.List(who, "and"))
		}
	case kern.FieldRCUHead:
		if f.Busy, f.Value = queued, labelNotQueued; queued {
			f.Value = labelQueued
		}
	case kern.FieldPointer, kern.FieldList:
		if kern.Addr(f.Word).IsPlace() {
			f.To, _ = w.names.Place(kern.Addr(f.Word))
		}
		f.Value = w.names.Held(declared, f.Word)
	case kern.FieldTagged:
		f.To, _ = w.names.Tagged(declared, f.Word)
		f.Value = w.names.Value(a, f.Word)
	default:
		f.Value = w.names.Value(a, f.Word)
	}
}

// remembered takes from a view what the things looked like when they were last seen in use.
func (w *watcher) remembered(v *View) {
	for i := range v.Things {
		for _, t := range w.things {
			if w.names.Object(t.base) == v.Things[i].Name {
				t.last = v.Things[i]
			}
		}
	}
}

// thing compares an object of a lab.
func (t *teller) thing(q, now *Thing) {
	now.Change, now.Fields = Same, slices.Clone(now.Fields)
	for j := range now.Fields {
		now.Fields[j].Change = Same
	}
	switch {
	case q == nil, q.Freed && !now.Freed: // or a type-stable one, or a frame, that is in use again
		now.Change = Appeared
		t.say("%s is made", now.Name)
		return
	case now.Freed:
		if !q.Freed {
			now.Change = Gone
			t.say("%s is freed", now.Name)
		}
		return
	}
	for j := range now.Fields {
		if f := &now.Fields[j]; f.Value != q.Fields[j].Value {
			f.Change, now.Change = Changed, Changed
			t.say("%s->%s: %s, was %s", now.Name, f.Name, f.Value, q.Fields[j].Value)
		}
	}
}
