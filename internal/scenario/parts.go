package scenario

import (
	"fmt"
	"strconv"
	"strings"

	"ptsim/internal/quote"
)

// setupLines read what is there at the start.
var setupLines = map[string]func(p *parser, args []string) error{
	"mm":   (*parser).setupMM,
	"page": (*parser).setupPage,
	"file": (*parser).setupFile,
	"vma":  (*parser).setupVMA,
}

// How the lines of the setup are written.
const (
	mmForm   = "mm N [users COUNT] [pgste]"
	pageForm = "page N TABLE|- [TABLE|-]"
	fileForm = "file NAME"
	vmaForm  = "vma NAME FILE N TABLE|-"
	taskForm = "task NAME [on cpuN] [may fail]"
)

func (p *parser) form(form string, args []string) error {
	word, _, _ := strings.Cut(form, " ")
	return p.fail(fmt.Sprintf("%q", form), "%s", quote.Short(strings.Join(append([]string{word}, args...), " ")))
}

func (p *parser) room(n int, of string) error {
	if n >= MaxThings {
		return p.fail(fmt.Sprintf("at most %d", MaxThings), "too many %s", of)
	}
	return nil
}

func (p *parser) setupMM(args []string) error {
	mm := MM{Line: p.line, Users: 1}
	if len(args) == 0 {
		return p.form(mmForm, args)
	}
	if err := p.mm(args[0], &mm.ID); err != nil {
		return err
	}
	for rest := args[1:]; len(rest) > 0; {
		switch {
		case rest[0] == "pgste" && !mm.PGSTE:
			mm.PGSTE = true
			rest = rest[1:]
		case rest[0] == "users" && len(rest) > 1:
			if err := p.number(rest[1], 0, MaxUsers, "users", &mm.Users); err != nil {
				return err
			}
			rest = rest[2:]
		default:
			return p.form(mmForm, args)
		}
	}
	p.s.MMs = append(p.s.MMs, mm)
	return p.room(len(p.s.MMs)-1, "mms")
}

// tableOrNone reads the name of a table, or a dash.
func (p *parser) tableOrNone(s string, to *string) error {
	if s == "-" {
		return nil
	}
	return p.name(s, to)
}

func (p *parser) setupPage(args []string) error {
	page := Page{Line: p.line}
	if len(args) != 2 && len(args) != 3 {
		return p.form(pageForm, args)
	}
	if err := p.mm(args[0], &page.MM); err != nil {
		return err
	}
	for i, arg := range args[1:] {
		if err := p.tableOrNone(arg, &page.Tables[i]); err != nil {
			return err
		}
	}
	if page.Tables == [2]string{} {
		return p.fail("a table in it", "a page without a table, which would be free")
	}
	p.s.Pages = append(p.s.Pages, page)
	return p.room(len(p.s.Pages)-1, "pages")
}

func (p *parser) setupFile(args []string) error {
	f := File{Line: p.line}
	if len(args) != 1 {
		return p.form(fileForm, args)
	}
	if err := p.name(args[0], &f.Name); err != nil {
		return err
	}
	p.s.Files = append(p.s.Files, f)
	return p.room(len(p.s.Files)-1, "files")
}

func (p *parser) setupVMA(args []string) error {
	v := VMA{Line: p.line}
	if len(args) != 4 {
		return p.form(vmaForm, args)
	}
	if err := p.name(args[0], &v.Name); err != nil {
		return err
	}
	if err := p.name(args[1], &v.File); err != nil {
		return err
	}
	if err := p.mm(args[2], &v.MM); err != nil {
		return err
	}
	if err := p.tableOrNone(args[3], &v.Table); err != nil {
		return err
	}
	p.s.VMAs = append(p.s.VMAs, v)
	return p.room(len(p.s.VMAs)-1, "vmas")
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
	op := Op{Kind: opKindOf(word), Line: p.line}
	if op.Kind == NoOp {
		if _, header := headerWords[word]; header || setupLines[word] != nil {
			return p.fail("it before the first task", "%s inside a task", word)
		}
		return p.fail("one of "+opNames()+", or, end, task, finally", "unknown operation %s", quote.Short(word))
	}
	form := strings.Fields(op.Kind.Form())[1:]
	if len(args) != len(form) {
		return p.form(op.Kind.Form(), args)
	}
	for i, arg := range args {
		var err error
		switch form[i] {
		case "N":
			err = p.mm(arg, &op.MM)
		case "TO":
			err = p.mm(arg, &op.To)
		case "TABLE":
			err = p.name(arg, &op.Table)
		case "FILE":
			err = p.name(arg, &op.File)
		case "VMA":
			err = p.name(arg, &op.VMA)
		default:
			if arg != form[i] {
				err = p.form(op.Kind.Form(), args)
			}
		}
		if err != nil {
			return err
		}
	}
	return p.add(op)
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
	if word == "either" {
		if p.outer != nil {
			return p.fail(`"end" before it`, "an either inside an either")
		}
		if err := p.add(Op{Kind: Either, Line: p.line, Branches: make([][]Op, 1)}); err != nil {
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

// form shows how the line is written.
func (k EndKind) form() string {
	if k == Kept {
		return k.String() + " TABLE"
	}
	return k.String() + " N"
}

// ending reads a line of the finally section.
func (p *parser) ending(word string, args []string) error {
	if len(p.s.Ends) == MaxThings {
		return p.fail(fmt.Sprintf("at most %d", MaxThings), "too many lines of a finally section")
	}
	e := End{Line: p.line}
	for k, name := range endNames {
		if word != name {
			continue
		}
		e.Kind = EndKind(k)
		if len(args) != 1 {
			return p.form(e.Kind.form(), args)
		}
		var err error
		if e.Kind == Kept {
			err = p.name(args[0], &e.Table)
		} else {
			err = p.mm(args[0], &e.MM)
		}
		if err == nil {
			p.s.Ends = append(p.s.Ends, e)
		}
		return err
	}
	return p.fail("one of freed, alive, kept", "unknown word %s", quote.Short(word))
}
