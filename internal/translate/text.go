package translate

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"ptsim/internal/labs/pagetable"
	"ptsim/internal/scenario"
	"ptsim/internal/script"
)

// Result is a script as a scenario, and the schedule that does what it does.
type Result struct {
	Scenario *scenario.Scenario
	Schedule string
	// Ends says how many steps there are up to the end of each operation of the script; -1 of those that were not come to.
	Ends []int
	// Rest tells of each whether the task has something of its own left to do of it, which it does with its next step.
	Rest []bool
	// Note says what is to be known, in a sentence; "" if nothing is.
	Note string
}

// The tasks.
const (
	scriptTask = iota
	hookTask
	numTasks
	atStart = -1 // what is there before the tasks begin
)

// table is a page table of the script.
type table struct {
	name string
	mm   int
	task int // that named it, or atStart
	live bool
}

// space is an mm of the script.
type space struct {
	id     int
	pgste  bool
	exited bool
	grabs  int
	gather int // the task that has its gather open, or atStart
}

// action is what a line of the script does in the scenario: a task goes on up to an operation, or callbacks or work items
// run, with what is hooked to them.
type action struct {
	op    int // of the script
	kind  script.Kind
	to    int // scriptTask: up to here
	hooks int // GP: hookTask up to here
}

// translation is one under way.
type translation struct {
	s      *script.Script
	early  bool // have all that can be made at the start be made there
	states []*script.State
	setup  int // how many operations the setup takes
	hooked []*script.Op

	mms     map[int]*space
	order   []int
	tables  map[string]*table
	names   []string // of tables, in the order in which they came
	slots   [numTasks]int
	pages   []string
	lines   [numTasks][]string
	fails   bool             // there may be no page for a batch
	failing bool             // from here on there is none
	failed  [numTasks][]bool // by line
	did     []action
}

func (t *translation) fail(op *script.Op, what, expected string) error {
	return &script.Error{File: t.s.Name, Line: op.Line, What: what, Expected: expected}
}

// write translates the operations, with the states that the script came to.
func (t *translation) write() error {
	t.needSetup()
	for i := range t.states {
		op := &t.s.Ops[i]
		if op.Kind == script.Hook {
			t.hooked = append(t.hooked, op.Hook)
		}
		ran := len(t.states[i].Hooks)
		for _, h := range t.hooked[:ran] {
			if err := t.operation(hookTask, h, i, script.Ret{}); err != nil {
				return err
			}
		}
		t.hooked = t.hooked[ran:]
		if err := t.operation(scriptTask, op, i, t.states[i].Ret); err != nil {
			return err
		}
		t.did = append(t.did, action{op: i, kind: op.Kind, to: len(t.lines[scriptTask]), hooks: len(t.lines[hookTask])})
		if i+1 == t.setup {
			t.fill(t.states[i])
		}
	}
	t.release()
	return nil
}

// needSetup decides how many of the operations that a script begins with make what is there at the start.
func (t *translation) needSetup() {
	hooks, names := t.early, 0
	for i := range t.states {
		hooks = hooks || len(t.states[i].Hooks) > 0
		if t.s.Ops[i].Kind == script.Alloc {
			names++
		}
	}
	if !hooks && names <= scenario.MaxSlots {
		return
	}
	for t.setup < len(t.states) {
		switch t.s.Ops[t.setup].Kind {
		case script.MM, script.PGSTE, script.Alloc:
		default:
			return
		}
		t.setup++
	}
}

// fill writes the pages of the start: where the tables of the setup are, the script's own machine says.
func (t *translation) fill(s *script.State) {
	for _, p := range s.Pages {
		line := "page"
		for half, name := range p.Tables {
			if half == 0 {
				mm := t.tables[p.Tables[0]]
				if mm == nil {
					mm = t.tables[p.Tables[1]]
				}
				line += fmt.Sprintf(" %d", mm.mm)
			}
			if p.Whole && half == 1 {
				break
			}
			if name == "" {
				name = "-"
			}
			line += " " + name
		}
		t.pages = append(t.pages, line)
	}
}

// operation translates one operation, done by a task in operation i of the script.
func (t *translation) operation(task int, op *script.Op, i int, ret script.Ret) error {
	switch op.Kind {
	case script.MM:
		if op.MM > pagetable.MaxMM {
			return t.fail(op, fmt.Sprintf("mm %d", op.MM), fmt.Sprintf("at most %d in a script that is stepped through", pagetable.MaxMM))
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

// text is the scenario.
func (t *translation) text(about []string) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	p("title The script %s\n", path.Base(t.s.Name))
	for _, s := range about {
		p("%s\n", strings.TrimSpace("about "+s))
	}
	p("\nwithout lazy-flush\nbatch %d\n\n", pagetable.MaxBatch)
	for _, id := range t.order {
		p("mm %d", id)
		if t.mms[id].pgste {
			p(" pgste")
		}
		p("\n")
	}
	for _, s := range t.pages {
		p("%s\n", s)
	}
	for task, name := range []string{"script", "hook"} {
		if len(t.lines[task]) == 0 {
			continue
		}
		p("\ntask %s", name)
		if t.fails {
			p(" may fail")
		}
		p("\n")
		for _, s := range t.lines[task] {
			p("  %s\n", s)
		}
	}
	p("\nfinally\n")
	for _, id := range t.order {
		p("  freed %d\n", id)
	}
	return b.String()
}
