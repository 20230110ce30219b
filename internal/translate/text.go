package translate

import (
	"fmt"
	"path"
	"strings"

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
		names += b2i(t.s.Ops[i].Kind == script.Alloc)
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

// text is the scenario.
func (t *translation) text(about []string) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	p("title The script %s\n", path.Base(t.s.Name))
	for _, s := range about {
		p("%s\n", strings.TrimSpace("about "+s))
	}
	p("\nwithout lazy-flush\nbatch %d\n\n", scenario.MaxBatch)
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

// compareNames puts t2 before t10, as a script's exit does.
func compareNames(a, b string) int {
	for a != "" && b != "" {
		x, y := number(a), number(b)
		if x == "" || y == "" {
			if a[0] != b[0] {
				return int(a[0]) - int(b[0])
			}
			a, b = a[1:], b[1:]
			continue
		}
		if c := compareNumbers(x, y); c != 0 {
			return c
		}
		a, b = a[len(x):], b[len(y):]
	}
	return len(a) - len(b)
}

func number(s string) string {
	return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))]
}

func compareNumbers(x, y string) int {
	x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
	if len(x) != len(y) {
		return len(x) - len(y)
	}
	return strings.Compare(x, y)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
