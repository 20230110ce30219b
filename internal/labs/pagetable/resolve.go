package pagetable

import (
	"fmt"
	"maps"
	"slices"

	"ptsim/internal/quote"
	"ptsim/lab"
)

// resolve looks whether the names of a scenario fit together, and whether its tasks keep to what the kernel's callers keep
// to: a table is released once, a lock given back, a reference dropped by who has it. What the order of the tasks decides
// is not its business.
func resolve(s *Program) error {
	r := &resolver{
		s: s, mms: map[int]*mmFacts{}, tables: map[string]*tableFacts{}, files: map[string]int{}, vmas: map[string]*vmaFacts{},
		tasks: map[string]int{}, ends: map[string]int{}, kept: map[string]int{},
	}
	for _, step := range []func() error{r.declare, r.forks, r.setup, r.endings, r.walkTasks, r.atTheEnd} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

type resolver struct {
	s      *Program
	mms    map[int]*mmFacts
	tables map[string]*tableFacts // those that are there at the start
	files  map[string]int
	vmas   map[string]*vmaFacts
	tasks  map[string]int
	ends   map[string]int
	kept   map[string]int // and the lines that say so
}

// mmFacts is what is known of an mm.
type mmFacts struct {
	line  int
	task  int // the task that forks it, or -1
	pgste bool
	alive bool // at the end
	refs
}

// refs are references that are neither given back nor missing.
type refs struct{ users, count int }

type tableFacts struct {
	line     int
	mm       int
	vma      string // the vma whose pmd it is under
	released int    // the line that releases it
}

type vmaFacts struct {
	line, mm int
	table    string
	file     string
	taken    bool // some task takes its pmd
	filled   bool // there is, or will be, a table under it
}

func (r *resolver) fail(line int, expected, what string, args ...any) error {
	return &lab.Error{File: r.s.File, Line: line, What: fmt.Sprintf(what, args...), Expected: expected}
}

func (r *resolver) twice(line, at int, what string, args ...any) error {
	return r.fail(line, fmt.Sprintf("a new name; line %d gave this one", at), what+" a second time", args...)
}

// hint is which of the names that something has was perhaps meant.
func hint[V any](name string, has map[string]V) string {
	return quote.Hint(name, slices.Sorted(maps.Keys(has)))
}

// declare notes what is there at the start.
func (r *resolver) declare() error {
	for _, mm := range r.s.MMs {
		if old := r.mms[mm.ID]; old != nil {
			return r.twice(mm.Line, old.line, "mm %d", mm.ID)
		}
		f := &mmFacts{line: mm.Line, task: -1, pgste: mm.PGSTE, refs: refs{users: mm.Users}}
		if mm.Users == 0 {
			f.count = 1
		}
		r.mms[mm.ID] = f
	}
	for _, p := range r.s.Pages {
		for _, t := range p.Tables {
			if t == "" {
				continue
			}
			if old := r.tables[t]; old != nil {
				return r.twice(p.Line, old.line, "table %s", t)
			}
			r.tables[t] = &tableFacts{line: p.Line, mm: p.MM}
		}
	}
	for _, f := range r.s.Files {
		if at := r.files[f.Name]; at > 0 {
			return r.twice(f.Line, at, "file %s", f.Name)
		}
		r.files[f.Name] = f.Line
	}
	for _, v := range r.s.VMAs {
		if old := r.vmas[v.Name]; old != nil {
			return r.twice(v.Line, old.line, "vma %s", v.Name)
		}
		r.vmas[v.Name] = &vmaFacts{line: v.Line, mm: v.MM, file: v.File, table: v.Table, filled: v.Table != ""}
	}
	return nil
}

// forks notes the mms that tasks make.
func (r *resolver) forks() error {
	for i := range r.s.Tasks {
		t := &r.s.Tasks[i]
		if at := r.tasks[t.Name]; at > 0 {
			return r.twice(t.Line, at, "task %s", t.Name)
		}
		r.tasks[t.Name] = t.Line
		for _, op := range t.Ops {
			if op.Kind != Fork {
				continue
			}
			if old := r.mms[op.To]; old != nil {
				return r.twice(op.Line, old.line, "mm %d", op.To)
			}
			r.mms[op.To] = &mmFacts{line: op.Line, task: i, refs: refs{users: 1}}
		}
	}
	return nil
}

// setup looks whether what is there at the start can be.
func (r *resolver) setup() error {
	for _, p := range r.s.Pages {
		mm := r.mms[p.MM]
		switch {
		case mm == nil || mm.task >= 0:
			return r.fail(p.Line, fmt.Sprintf(`"mm %d"`, p.MM), "no mm %d at the start", p.MM)
		case mm.pgste && (p.Tables[0] == "" || p.Tables[1] != ""):
			return r.fail(p.Line, "one table", "two halves of a page of mm %d, whose tables have PGSTEs and a page each", p.MM)
		}
	}
	for _, v := range r.s.VMAs {
		switch t := r.tables[v.Table]; {
		case r.files[v.File] == 0:
			return r.fail(v.Line, `"file `+v.File+`"`, "no file %s%s", v.File, hint(v.File, r.files))
		case r.mms[v.MM] == nil:
			return r.fail(v.Line, fmt.Sprintf(`"mm %d", or a fork that makes it`, v.MM), "no mm %d", v.MM)
		case v.Table == "":
		case t == nil:
			return r.fail(v.Line, "a table of one of the pages", "no table %s%s", v.Table, hint(v.Table, r.tables))
		case t.mm != v.MM:
			return r.fail(v.Line, fmt.Sprintf("a table of mm %d", v.MM), "table %s, which is one of mm %d", v.Table, t.mm)
		case t.vma != "":
			return r.fail(v.Line, "a table of its own", "table %s, which is under vma %s", v.Table, t.vma)
		default:
			t.vma = v.Name
		}
	}
	return nil
}

func (r *resolver) endings() error {
	for _, e := range r.s.Ends {
		name := e.Table
		if e.Kind != Kept {
			name = fmt.Sprintf("mm %d", e.MM)
		}
		if at := r.ends[name]; at > 0 {
			return r.fail(e.Line, "it once", "the end of %s a second time, after line %d", name, at)
		}
		r.ends[name] = e.Line
		if e.Kind == Kept {
			if r.tables[name] == nil {
				return r.fail(e.Line, "one that is there at the start", "no table %s%s", name, hint(name, r.tables))
			}
			r.kept[name] = e.Line
			continue
		}
		mm := r.mms[e.MM]
		switch {
		case mm == nil:
			return r.fail(e.Line, "one that there is", "no mm %d", e.MM)
		case mm.task >= 0 && e.Kind == Alive:
			return r.fail(e.Line, "one that is there at the start", "mm %d alive, which only a task knows", e.MM)
		}
		mm.alive = e.Kind == Alive
	}
	for _, name := range slices.Sorted(maps.Keys(r.kept)) {
		line := r.kept[name]
		if mm := r.tables[name].mm; !r.mms[mm].alive {
			return r.fail(line, fmt.Sprintf(`"alive %d"`, mm), "table %s kept, whose mm is freed", name)
		}
	}
	return nil
}

func (r *resolver) walkTasks() error {
	for i := range r.s.Tasks {
		w := &walk{resolver: r, task: i, course: course{gather: none, locals: map[string]*local{}, locks: map[string]OpKind{}, counts: map[int]refs{}}}
		for id, mm := range r.mms {
			if mm.task == i {
				w.counts[id] = refs{users: -1} // not made yet
			}
		}
		t := &r.s.Tasks[i]
		if len(t.Ops) == 0 {
			return r.fail(t.Line, "an operation", "task %s does nothing", t.Name)
		}
		if n := len(r.s.Tasks); t.On > n {
			return r.fail(t.Line, fmt.Sprintf("cpu0 to cpu%d: %d tasks need no more", n-1, n), "task %s is on cpu%d", t.Name, t.On-1)
		}
		if err := w.ops(t.Ops); err != nil {
			return err
		}
		if err := w.done(t); err != nil {
			return err
		}
	}
	return nil
}

// atTheEnd looks whether the tasks between them release all there is.
func (r *resolver) atTheEnd() error {
	for _, p := range r.s.Pages {
		for _, name := range p.Tables {
			t := r.tables[name]
			if t == nil {
				continue
			}
			kept := r.kept[name] > 0
			switch {
			case t.vma != "":
				if r.vmas[t.vma].taken && kept {
					return r.fail(r.kept[name], "a table that no task takes", "table %s kept, which is under vma %s", name, t.vma)
				}
			case kept && t.released > 0:
				return r.fail(r.kept[name], "a table that no task releases", "table %s kept, which line %d releases", name, t.released)
			case !kept && t.released == 0:
				return r.fail(t.line, fmt.Sprintf(`an operation that does, or "kept %s" in the finally section`, name), "nobody releases table %s", name)
			}
		}
	}
	for _, v := range r.s.VMAs {
		if f := r.vmas[v.Name]; f.filled && !f.taken && r.kept[v.Table] == 0 {
			return r.fail(v.Line, "a take or retract of it", "nobody takes the table under vma %s", v.Name)
		}
	}
	for _, mm := range r.s.MMs {
		if err := r.balance(r.mms[mm.ID], mm.ID); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(r.mms)) {
		if mm := r.mms[id]; mm.task >= 0 {
			if err := r.balance(mm, id); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *resolver) balance(mm *mmFacts, id int) error {
	switch {
	case mm.users < 0 || mm.count < 0:
		return r.fail(mm.line, "one for each reference", "too many mmputs or mmdrops of mm %d", id)
	case mm.alive && mm.users+mm.count == 0:
		return r.fail(mm.line, "a reference that is left", "mm %d alive, all of whose references are dropped", id)
	case !mm.alive && mm.users+mm.count > 0:
		return r.fail(mm.line, fmt.Sprintf(`an mmput or mmdrop for each, or "alive %d" in the finally section`, id),
			"mm %d still has %s and %s", id, counted(mm.users, "user"), counted(mm.count, "other reference"))
	}
	return nil
}

// counted is a number with its noun.
func counted[N int | uint32](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
