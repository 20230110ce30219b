package pagetable

import (
	"fmt"
	"maps"
	"slices"

	"ptsim/internal/quote"
)

// ops follows the operations of a task, or of a branch.
func (w *walk) ops(ops []Op) error {
	for i := range ops {
		if err := w.op(&ops[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) op(op *Op) error {
	switch op.Kind {
	case Alloc:
		if err := w.checkMM(op, op.MM); err != nil {
			return err
		}
		return w.define(op, op.MM, owned)
	case Free, Defer:
		_, err := w.release(op)
		return err
	case TLBFree:
		return w.tlbfree(op)
	case Flush:
		if w.gather == none {
			return w.fail(op.Line, `"tlbfree TABLE" before it`, "flush, and no gather is open")
		}
		w.gather = none
		return nil
	case DownRead, DownWrite, UpRead, UpWrite:
		return w.semaphore(op)
	case Retract, Take, Link, Unlink, Install, Look:
		return w.mapping(op)
	case RCUReadLock:
		w.rcu++
		w.rcuLine = op.Line
		return nil
	case RCUReadUnlock:
		if w.rcu == 0 {
			return w.fail(op.Line, `"rcu_read_lock" before it`, "rcu_read_unlock outside rcu_read_lock")
		}
		w.rcu--
		return nil
	case Read:
		if w.rcu == 0 {
			return w.fail(op.Line, `"rcu_read_lock" before it`, "read outside rcu_read_lock")
		}
		l := w.locals[op.Table]
		if l == nil || l.state == gone {
			return w.fail(op.Line, "the name that a look gave", "no table %s to read%s", op.Table, hint(op.Table, w.locals))
		}
		return nil
	case SyncRCU:
		if w.rcu > 0 {
			return w.fail(op.Line, "it outside rcu_read_lock", "%s, which waits for readers, inside rcu_read_lock", op)
		}
		return nil
	case MMGet, MMPut, MMGrab, MMDrop, Fork:
		return w.references(op)
	case LazyFlush:
		if w.s.NoLazyFlush {
			return w.fail(op.Line, `a scenario not "without lazy-flush"`, "lazyflush")
		}
		return w.checkMM(op, op.MM)
	case Either:
		return w.branches(op)
	}
	return nil
}

// checkMM wants the mm to be one that the task can know by now.
func (w *walk) checkMM(op *Op, id int) error {
	mm := w.mms[id]
	switch {
	case mm == nil:
		return w.fail(op.Line, fmt.Sprintf(`"mm %d"`, id), "no mm %d", id)
	case mm.task >= 0 && mm.task != w.task:
		return w.fail(op.Line, "an mm of the start, or of its own", "mm %d, which only task %s knows", id, w.s.Tasks[mm.task].Name)
	case mm.task == w.task && w.counts[id].users < 0:
		return w.fail(op.Line, fmt.Sprintf(`"fork N -> %d" before it`, id), "mm %d is not made yet", id)
	case mm.task == w.task && w.counts[id] == refs{}:
		return w.fail(op.Line, "an mm that it has", "mm %d, which the task has dropped", id)
	}
	return nil
}

// define gives a table a name.
func (w *walk) define(op *Op, mm int, state localState) error {
	if old := w.tables[op.Table]; old != nil {
		return w.twice(op.Line, old.line, "table %s", op.Table)
	}
	if old := w.locals[op.Table]; old != nil {
		return w.twice(op.Line, old.line, "table %s", op.Table)
	}
	if w.slots++; w.slots > MaxSlots {
		return w.fail(op.Line, fmt.Sprintf("at most %d", MaxSlots), "too many names in a task")
	}
	w.locals[op.Table] = &local{line: op.Line, mm: mm, state: state}
	return nil
}

// release takes a table out of the task's hands, and tells which mm it is of.
func (w *walk) release(op *Op) (mm int, err error) {
	if l := w.locals[op.Table]; l != nil {
		switch l.state {
		case borrowed:
			return 0, w.fail(op.Line, "take or retract in place of look", "%s, which the task only looks at", op.Table)
		case gone:
			return 0, w.fail(op.Line, "a table that it has", "%s, which the task has no more", op.Table)
		}
		l.state = gone
		return l.mm, nil
	}
	t := w.tables[op.Table]
	if t == nil {
		names := append(slices.Collect(maps.Keys(w.tables)), slices.Collect(maps.Keys(w.locals))...)
		slices.Sort(names)
		return 0, w.fail(op.Line, "a table of one of the pages, or a name given before", "no table %s%s", op.Table, quote.Hint(op.Table, names))
	}
	if t.vma != "" {
		return 0, w.fail(op.Line, fmt.Sprintf(`"take %s -> NAME", and that name`, t.vma), "%s, which is under vma %s", op.Table, t.vma)
	}
	if slices.Contains(w.released, op.Table) {
		return 0, w.fail(op.Line, "a table that it has", "%s, which the task has no more", op.Table)
	}
	if t.released > 0 && !w.elsewhere(op.Table) {
		return 0, w.fail(op.Line, "each table once", "%s, which line %d releases", op.Table, t.released)
	}
	w.released = append(w.released, op.Table)
	t.released = op.Line
	return t.mm, nil
}

// elsewhere tells whether what releases a table is another branch of this task.
func (w *walk) elsewhere(table string) bool {
	at := w.tables[table].released
	for _, op := range w.s.Tasks[w.task].Ops {
		for _, branch := range op.Branches {
			for _, in := range branch {
				if in.Line == at {
					return true
				}
			}
		}
	}
	return false
}

func (w *walk) tlbfree(op *Op) error {
	mm, err := w.release(op)
	if err != nil {
		return err
	}
	if w.gather != none && w.gather != mm {
		return w.fail(op.Line, `"flush" before it`, "a table of mm %d, while the gather is one of mm %d", mm, w.gather)
	}
	if w.gather == none {
		w.gather, w.opened = mm, op.Line
	}
	return nil
}

func (w *walk) semaphore(op *Op) error {
	if w.files[op.File] == 0 {
		return w.fail(op.Line, fmt.Sprintf(`"file %s"`, op.File), "no file %s%s", op.File, hint(op.File, w.files))
	}
	held := w.locks[op.File]
	switch {
	case op.Kind == DownRead || op.Kind == DownWrite:
		if held != NoOp {
			return w.fail(op.Line, fmt.Sprintf(`"%s %s" before it`, held.up(), op.File), "%s, while the task holds it by a %s", op, held)
		}
		if w.rcu > 0 {
			return w.fail(op.Line, "it outside rcu_read_lock", "%s, which sleeps, inside rcu_read_lock", op)
		}
		w.locks[op.File] = op.Kind
		return nil
	case held == NoOp:
		return w.fail(op.Line, "a down_read or down_write before it", "%s, which the task does not hold", op)
	case op.Kind != held.up():
		return w.fail(op.Line, "the other up", "%s after %s", op, held)
	}
	delete(w.locks, op.File)
	return nil
}

// mapping looks at what is done to a vma and its pmd.
func (w *walk) mapping(op *Op) error {
	v := w.vmas[op.VMA]
	if v == nil {
		return w.fail(op.Line, fmt.Sprintf(`"vma %s FILE N TABLE"`, op.VMA), "no vma %s%s", op.VMA, hint(op.VMA, w.vmas))
	}
	held := w.locks[v.file]
	switch op.Kind {
	case Retract:
		if held == NoOp {
			return w.fail(op.Line, fmt.Sprintf(`"down_read %s" before it`, v.file), "retract without the i_mmap_rwsem")
		}
		v.taken = true
		return w.define(op, v.mm, owned)
	case Take:
		v.taken = true
		if err := w.checkMM(op, v.mm); err != nil {
			return err
		}
		return w.define(op, v.mm, owned)
	case Look:
		return w.define(op, v.mm, borrowed)
	case Install:
		if err := w.checkMM(op, v.mm); err != nil {
			return err
		}
		v.filled = true
		l := w.locals[op.Table]
		switch {
		case l == nil || l.state != owned:
			return w.fail(op.Line, "a table that the task allocated", "install of %s, which the task does not have", op.Table)
		case l.mm != v.mm:
			return w.fail(op.Line, fmt.Sprintf("a table of mm %d", v.mm), "install of a table of mm %d", l.mm)
		}
		return nil // it is still the task's if the pmd was not empty
	}
	if held != DownWrite {
		return w.fail(op.Line, fmt.Sprintf(`"down_write %s" before it`, v.file), "%s without the i_mmap_rwsem taken to write", op)
	}
	return w.checkMM(op, v.mm)
}

// references follows the counts of an mm.
func (w *walk) references(op *Op) error {
	if err := w.checkMM(op, op.MM); err != nil {
		return err
	}
	d := w.counts[op.MM]
	switch op.Kind {
	case MMGet:
		d.users++
	case MMPut:
		d.users--
	case MMGrab:
		d.count++
	case MMDrop:
		d.count--
	case Fork:
		if to := w.mms[op.To]; to == nil || to.task != w.task {
			return w.fail(op.Line, "it outside an either", "fork in a branch")
		}
		w.counts[op.To] = refs{users: 1}
		return nil
	}
	if w.mms[op.MM].task == w.task && (d.users < 0 || d.count < 0) {
		return w.fail(op.Line, "one for each reference", "%s, and mm %d has no such reference left", op, op.MM)
	}
	w.counts[op.MM] = d
	return nil
}
