package pagetable

import (
	"maps"
	"slices"
)

// walk follows one task.
type walk struct {
	*resolver
	task int
	course
	slots int
}

const none = -1

// course is what is so at a point of a task, on every way that leads there.
type course struct {
	gather   int // the mm of the open gather, or none
	opened   int // and the line that opened it
	rcu      int
	rcuLine  int
	locals   map[string]*local // the names it gave
	released []string          // tables of the start that it released
	locks    map[string]OpKind // the semaphores it holds, and how it took them
	counts   map[int]refs      // what it did to references, or what those of an mm of its own are
}

// local is a name that a task gave to a table.
type local struct {
	line  int
	mm    int
	state localState
}

type localState uint8

const (
	owned    localState = iota // to be released, if it is a table at all
	borrowed                   // looked at only
	gone
)

func (w *walk) done(t *Task) error {
	for _, name := range slices.Sorted(maps.Keys(w.locals)) {
		if l := w.locals[name]; l.state == owned {
			return w.fail(l.line, "an operation that does", "task %s does not release %s", t.Name, name)
		}
	}
	for _, file := range slices.Sorted(maps.Keys(w.locks)) {
		return w.fail(t.Line, "an up_read or up_write", "task %s ends with the i_mmap_rwsem of %s taken", t.Name, file)
	}
	if w.gather != none {
		return w.fail(w.opened, `"flush"`, "task %s ends with the gather open", t.Name)
	}
	if w.rcu > 0 {
		return w.fail(w.rcuLine, `"rcu_read_unlock"`, "task %s ends inside rcu_read_lock", t.Name)
	}
	for id, d := range w.counts {
		mm := w.mms[id]
		if mm.task == w.task {
			mm.refs = d
		} else {
			mm.users += d.users
			mm.count += d.count
		}
	}
	return nil
}

// branches follows the branches of an either, which must all lead to the same.
func (w *walk) branches(op *Op) error {
	before := w.course
	var after course
	for i, branch := range op.Branches {
		w.course = before.clone()
		if err := w.ops(branch); err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(w.locals)) {
			if l := w.locals[name]; before.locals[name] == nil && l.state == owned {
				return w.fail(l.line, "an operation that does", "the branch does not release %s", name)
			}
		}
		if i > 0 {
			if what := w.differs(&after, before.locals); what != "" {
				return w.fail(op.Line, "the same in each", "the branches differ in %s", what)
			}
		}
		after = w.course
	}
	w.course = after
	for name := range w.locals {
		if before.locals[name] == nil {
			w.locals[name].state = gone
		}
	}
	return nil
}

func (p *course) clone() course {
	c := *p
	c.locals = map[string]*local{}
	for name, l := range p.locals {
		cp := *l
		c.locals[name] = &cp
	}
	c.released = append([]string(nil), p.released...)
	c.locks, c.counts = maps.Clone(p.locks), maps.Clone(p.counts)
	return c
}

// differs tells in what two courses differ, as far as goes what was there before they parted.
func (w *walk) differs(q *course, before map[string]*local) string {
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if w.locals[name].state != q.locals[name].state {
			return "what becomes of " + name
		}
	}
	for _, name := range slices.Concat(w.released, q.released) {
		if slices.Contains(w.released, name) != slices.Contains(q.released, name) {
			return "what becomes of " + name
		}
	}
	switch {
	case w.gather != q.gather:
		return "whether the gather is open"
	case w.rcu != q.rcu:
		return "rcu_read_lock"
	case !maps.Equal(w.locks, q.locks):
		return "the semaphores they take"
	case !maps.Equal(w.counts, q.counts):
		return "references to an mm"
	}
	return ""
}
