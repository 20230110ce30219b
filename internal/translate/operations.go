package translate

import (
	"fmt"
	"slices"

	"ptsim/internal/scenario"
	"ptsim/internal/script"
)

// operation translates one operation, done by a task in operation i of the script.
func (t *translation) operation(task int, op *script.Op, i int, ret script.Ret) error {
	switch op.Kind {
	case script.MM:
		if op.MM > scenario.MaxMM {
			return t.fail(op, fmt.Sprintf("mm %d", op.MM), fmt.Sprintf("at most %d in a script that is stepped through", scenario.MaxMM))
		}
		t.mms[op.MM] = &space{id: op.MM, gather: atStart}
		t.order = append(t.order, op.MM)
		return nil
	case script.PGSTE:
		t.mms[op.MM].pgste = true
		return nil
	case script.GP, script.Work, script.Hook:
		return nil
	case script.BatchFail:
		if task == hookTask {
			return t.fail(op, "batchfail in a hook", "it outside a hook, in a script that is stepped through")
		}
		t.failing = op.N == 1
		t.fails = t.fails || t.failing
		return nil
	case script.Alloc:
		return t.alloc(task, op, i)
	case script.Free, script.TLBFree, script.Defer:
		if ret.Kind == script.RetUnsupported {
			return nil
		}
		return t.free(task, op, op.Kind.String(), op.Name)
	case script.Flush:
		return t.flush(task, op, op.MM)
	case script.Exit:
		return t.exit(task, op)
	case script.MMGrab:
		t.mms[op.MM].grabs++
		return t.line(task, op, fmt.Sprintf("mmgrab %d", op.MM))
	case script.MMDrop:
		t.mms[op.MM].grabs--
		return t.line(task, op, fmt.Sprintf("mmdrop %d", op.MM))
	}
	return t.fail(op, op.Kind.String()+" cannot be stepped through", "mm, pgste, alloc, free, tlbfree, defer, flush, gp, batchfail, exit, mmgrab, mmdrop, work or hook; ptsim run has the others")
}

// line adds an operation to a task.
func (t *translation) line(task int, op *script.Op, text string) error {
	const room = 8 // for what is released at the end
	if len(t.lines[task]) >= scenario.MaxOps-room {
		return t.fail(op, "too many operations", fmt.Sprintf("at most %d of a task in a script that is stepped through", scenario.MaxOps-room))
	}
	t.lines[task] = append(t.lines[task], fmt.Sprintf("%-24s # line %d", text, op.Line))
	t.failed[task] = append(t.failed[task], t.failing)
	return nil
}

func (t *translation) alloc(task int, op *script.Op, i int) error {
	if len(op.Name) > scenario.MaxName {
		return t.fail(op, "a name of "+fmt.Sprint(len(op.Name))+" characters", fmt.Sprintf("at most %d in a script that is stepped through", scenario.MaxName))
	}
	k := &table{name: op.Name, mm: op.MM, task: task, live: true}
	t.tables[op.Name] = k
	t.names = append(t.names, op.Name)
	if i < t.setup {
		k.task = atStart
		return nil
	}
	if t.slots[task]++; t.slots[task] > scenario.MaxSlots {
		return t.fail(op, fmt.Sprintf("%d tables allocated after the first other operation", t.slots[task]), fmt.Sprintf("at most %d in a script that is stepped through", scenario.MaxSlots))
	}
	return t.line(task, op, fmt.Sprintf("alloc %d -> %s", op.MM, op.Name))
}

// free has a task release a table.
func (t *translation) free(task int, op *script.Op, how, name string) error {
	k := t.tables[name]
	if k.task != atStart && k.task != task {
		return t.fail(op, fmt.Sprintf("%s, which another task allocated, in the middle of the script", name),
			"what a hook releases to be allocated before all else, in a script that is stepped through")
	}
	k.live = false
	if how == "tlbfree" {
		if err := t.gather(task, op, k.mm); err != nil {
			return err
		}
	}
	return t.line(task, op, how+" "+name)
}

// gather has a task open the gather of an mm, unless it has it open.
func (t *translation) gather(task int, op *script.Op, mm int) error {
	for _, id := range t.order {
		g := t.mms[id].gather
		switch {
		case id == mm && g != atStart && g != task:
			return t.fail(op, fmt.Sprintf("the gather of mm %d, which the other task has open", mm), fmt.Sprintf("\"flush %d\" before it, in a script that is stepped through", mm))
		case id != mm && g == task:
			return t.fail(op, fmt.Sprintf("the gather of mm %d, while that of mm %d is open", mm, id), fmt.Sprintf("\"flush %d\" before it, in a script that is stepped through", id))
		}
	}
	t.mms[mm].gather = task
	return nil
}

// flush closes the gather of an mm. One that nobody has open has nothing in it.
func (t *translation) flush(task int, op *script.Op, mm int) error {
	g := t.mms[mm].gather
	if g == atStart {
		return nil
	}
	if g != task {
		return t.fail(op, fmt.Sprintf("flush of the gather of mm %d, which the other task has open", mm), "it where the gather is, in a script that is stepped through")
	}
	t.mms[mm].gather = atStart
	return t.line(task, op, "flush")
}

// exit is exit_mmap() and mmput() of the last user: the tables go in the order of their names.
func (t *translation) exit(task int, op *script.Op) error {
	var names []string
	for _, name := range t.names {
		if k := t.tables[name]; k.live && k.mm == op.MM {
			names = append(names, name)
		}
	}
	slices.SortStableFunc(names, compareNames)
	for _, name := range names {
		if err := t.free(task, op, "tlbfree", name); err != nil {
			return err
		}
	}
	if err := t.flush(task, op, op.MM); err != nil {
		return err
	}
	t.mms[op.MM].exited = true
	return t.line(task, op, fmt.Sprintf("mmput %d", op.MM))
}

// release has the tasks release what the script leaves.
func (t *translation) release() {
	add := func(task int, text string) {
		t.lines[task] = append(t.lines[task], fmt.Sprintf("%-24s # what the script leaves", text))
	}
	for _, id := range t.order {
		if g := t.mms[id].gather; g != atStart {
			add(g, "flush")
		}
	}
	for _, name := range t.names {
		if k := t.tables[name]; k.live {
			add(max(k.task, scriptTask), "free "+name)
		}
	}
	for _, id := range t.order {
		mm := t.mms[id]
		for range mm.grabs {
			add(scriptTask, fmt.Sprintf("mmdrop %d", id))
		}
		if !mm.exited {
			add(scriptTask, fmt.Sprintf("mmput %d", id))
		}
	}
}
