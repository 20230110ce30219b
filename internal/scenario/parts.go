package scenario

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"ptsim/internal/quote"
	"ptsim/lab"
)

// taskForm is how the first line of a task is written.
const taskForm = "task NAME [on cpuN] [may fail]"

func (p *parser) form(form string, args []string) error {
	word, _, _ := strings.Cut(form, " ")
	return p.fail(fmt.Sprintf("%q", form), "%s%s", quote.Short(strings.Join(append([]string{word}, args...), " ")), lab.HintForm(form, args))
}

// match reads a line by a form of the lab.
func (p *parser) match(form string, own []lab.Param, args []string) (lab.Line, error) {
	l := lab.Line{Number: p.line, Word: lab.Word(form), Form: form}
	var err error
	if l.Args, err = p.s.Lab.Match(form, own, args); err != nil {
		var m *lab.Mismatch
		errors.As(err, &m)
		return l, p.fail(m.Expected, "%s", m.What)
	}
	return l, nil
}

// thing reads a line of what is there at the start.
func (p *parser) thing(n *lab.Noun, args []string) error {
	l, err := p.match(n.Form, nil, args)
	if err != nil {
		return err
	}
	p.s.Things = append(p.s.Things, l)
	of := 0
	for i := range p.s.Things {
		if p.s.Things[i].Word == l.Word {
			of++
		}
	}
	if of > MaxThings {
		return p.fail(fmt.Sprintf("at most %d", MaxThings), "too many %ss", l.Word)
	}
	return nil
}

// setting reads a directive of the lab about the whole scenario.
func (p *parser) setting(set *lab.Setting, args []string) error {
	word := lab.Word(set.Form)
	if err := p.once(word); err != nil {
		return err
	}
	if len(args) == 0 && len(lab.Slots(set.Form)) > 0 {
		return p.fail(fmt.Sprintf("%q", set.Form), "%s of nothing", word)
	}
	l, err := p.match(set.Form, set.Params, args)
	if err == nil {
		p.s.Settings = append(p.s.Settings, l)
	}
	return err
}

// task starts a task.
func (p *parser) task(args []string) error {
	if err := p.leave("a task"); err != nil {
		return err
	}
	t, rest := Task{Line: p.line}, args
	if len(rest) > 0 {
		rest = rest[1:]
	}
	if len(rest) > 1 && rest[0] == "on" {
		cpu, ok := strings.CutPrefix(rest[1], "cpu")
		n, err := strconv.ParseUint(cpu, 10, 8)
		if !ok || err != nil {
			return p.form(taskForm, args)
		}
		t.On, rest = int(n)+1, rest[2:]
	}
	if len(rest) == 2 && rest[0] == "may" && rest[1] == "fail" {
		t.MayFail, rest = true, nil
	}
	if len(args) == 0 || len(rest) > 0 {
		return p.form(taskForm, args)
	}
	if err := p.name(args[0], &t.Name); err != nil {
		return err
	}
	if len(p.s.Tasks) == MaxTasks {
		return p.fail(fmt.Sprintf("at most %d", MaxTasks), "too many tasks")
	}
	p.s.Tasks = append(p.s.Tasks, t)
	p.part = inTask
	p.ops = &p.s.Tasks[len(p.s.Tasks)-1].Ops
	return nil
}

func (p *parser) finally(args []string) error {
	if err := p.leave("the finally section"); err != nil {
		return err
	}
	if len(args) > 0 {
		return p.form("finally", args)
	}
	p.part = inFinally
	return nil
}

// leave looks whether another part may begin here.
func (p *parser) leave(to string) error {
	if p.outer != nil {
		return p.fail(`"end"`, "%s begins inside an either", to)
	}
	if p.part == inFinally {
		return p.fail("nothing after the finally section", "%s begins", to)
	}
	return nil
}

// operation reads a line of a task.
func (p *parser) operation(word string, args []string) error {
	switch word {
	case "either", "or", "end":
		if len(args) > 0 {
			return p.form(word, args)
		}
		return p.branch(word)
	}
	verb := p.s.Lab.Verb(word)
	if verb == nil {
		if p.isHeader(word) || p.s.Lab.Noun(word) != nil || p.s.Lab.Setting(word) != nil {
			return p.fail("it before the first task", "%s inside a task", word)
		}
		return p.unknown("operation", word, p.taskWords())
	}
	l, err := p.match(verb.Form, nil, args)
	if err != nil {
		return err
	}
	return p.add(Op{Line: l})
}

// taskWords are what a line of a task may begin with.
func (p *parser) taskWords() []string {
	var list []string
	for _, v := range p.s.Lab.Verbs {
		list = append(list, lab.Word(v.Form))
	}
	return append(list, lab.Either, "or", "end", "task", "finally")
}

func (p *parser) add(op Op) error {
	if countOps(p.s.Tasks[len(p.s.Tasks)-1].Ops) == MaxOps {
		return p.fail(fmt.Sprintf("at most %d", MaxOps), "too many operations in a task")
	}
	*p.ops = append(*p.ops, op)
	return nil
}

// branch begins the first or another branch of an either, or ends the last.
func (p *parser) branch(word string) error {
	if word == lab.Either {
		if p.outer != nil {
			return p.fail(`"end" before it`, "an either inside an either")
		}
		if err := p.add(Op{Line: lab.Line{Number: p.line, Word: lab.Either, Form: lab.Either}, Branches: make([][]Op, 1)}); err != nil {
			return err
		}
		p.outer = p.ops
		p.ops = &(*p.outer)[len(*p.outer)-1].Branches[0]
		return nil
	}
	if p.outer == nil {
		return p.fail(`"either" before it`, "%s outside an either", word)
	}
	either := &(*p.outer)[len(*p.outer)-1]
	n := len(either.Branches)
	switch {
	case word == "or" && n == MaxBranches:
		return p.fail(fmt.Sprintf("at most %d", MaxBranches), "too many branches")
	case word == "or":
		either.Branches = append(either.Branches, nil)
		p.ops = &either.Branches[n]
	case n == 1:
		return p.fail(`"or" before it`, "an either of one branch")
	default:
		p.ops, p.outer = p.outer, nil
	}
	return nil
}

// ending reads a line of the finally section.
func (p *parser) ending(word string, args []string) error {
	if len(p.s.Ends) == MaxThings {
		return p.fail(fmt.Sprintf("at most %d", MaxThings), "too many lines of a finally section")
	}
	e := p.s.Lab.End(word)
	if e == nil {
		var words []string
		for _, e := range p.s.Lab.Ends {
			words = append(words, lab.Word(e.Form))
		}
		return p.unknown("word", word, words)
	}
	l, err := p.match(e.Form, nil, args)
	if err == nil {
		p.s.Ends = append(p.s.Ends, l)
	}
	return err
}

// countOps returns how many operations there are, those of branches included.
func countOps(ops []Op) int {
	n := len(ops)
	for _, op := range ops {
		for _, b := range op.Branches {
			n += countOps(b)
		}
	}
	return n
}
