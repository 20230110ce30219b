package tui

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"ptsim/internal/prose"
	"ptsim/internal/stepper"
)

// Prose writes the schedule that the session is on as numbered prose.
func Prose(s *stepper.Session, w io.Writer, width int) error {
	b := bufio.NewWriter(w)
	say := func(format string, args ...any) { fmt.Fprint(b, broken(clean(fmt.Sprintf(format, args...)), width)) }
	q := &s.Question
	say("%s: %s. S%s.", q.Name(), strings.TrimSuffix(q.Scenario.Title, "."), q.Setting.Brief()[1:])
	for _, p := range prose.Paragraphs(q.Scenario.About) {
		say("%s", p)
	}
	sayState(say, s.Root().View)
	for _, t := range s.Line()[1:] {
		sayStep(say, t.View)
	}
	say("Link: %s", s.Link())
	return cannotWrite(b.Flush())
}

// step says what the step that led here did.
func (t *talk) step() { sayStep(t.say, t.s.View()) }

func sayStep(say func(string, ...any), v *stepper.View) {
	d := v.Did
	if d == nil {
		say("Step 0: the first state.")
		return
	}
	say("Step %d, %s on CPU%d: %s", v.Step, d.Letter, d.CPU, d.Sentence.Text)
	in := ""
	if d.Func != "" {
		in = " in " + d.Func
	}
	if d.Doing != "" {
		in += ", for " + d.Doing
	}
	say("  did: %s%s", d.Text, in)
	if d.Sentence.Rule != "" {
		c := cites(d.Sentence.Cites)
		if c != "" {
			c = " [" + c + "]"
		}
		say("  rule: %s%s", d.Sentence.Rule, c)
	}
	for _, c := range d.Changes {
		say("  changed: %s", c)
	}
	if v.Violation != nil {
		say("VIOLATION: %s", v.Violation.Sentence)
		for _, s := range strings.Split(strings.TrimSpace(v.Violation.Splat), "\n") {
			say("  %s", s)
		}
	} else if v.Ended {
		say("The schedule has ended, and nothing went wrong.")
	}
}

// state says all there is to see.
func (t *talk) state() { sayState(t.say, t.s.View()) }

func sayState(say func(string, ...any), v *stepper.View) {
	say("State after step %d:", v.Step)
	for i := range v.Pages {
		sayPage(say, &v.Pages[i])
	}
	for i := range v.MMs {
		mm := &v.MMs[i]
		if mm.Freed {
			say("  %s is freed.", mm.Name)
			continue
		}
		list, lock, pgste := "empty", "free", ""
		if len(mm.List) > 0 {
			list = strings.Join(mm.List, ", ")
		}
		if mm.Lock != "" {
			lock = "held by " + mm.Lock
		}
		if mm.PGSTE {
			pgste = " Its tables have PGSTEs."
		}
		say("  %s: mm_users %d, mm_count %d, list %s, context.lock %s.%s", mm.Name, mm.Users, mm.Count, list, lock, pgste)
	}
	for i := range v.Batches {
		b := &v.Batches[i]
		if b.State == stepper.BatchFreed {
			continue
		}
		holds := "nothing"
		if len(b.Tables) > 0 {
			holds = b.Holds()
		}
		say("  %s of %s is %s and holds %s.", b.Name, b.Owner, b.State, holds)
	}
	for i := range v.Figures {
		for j := range v.Figures[i].Strips {
			k := &v.Figures[i].Strips[j]
			say("  %s: %s.", k.Label, k.About())
		}
	}
	for i := range v.Things {
		if t := &v.Things[i]; t.Freed {
			say("  %s is freed.", t.Name)
		} else {
			say("  %s: %s.", t.Name, t.About())
		}
	}
	for _, q := range []struct {
		name string
		list []stepper.Callback
	}{{"RCU callback", v.RCU}, {"work item", v.Work}} {
		for _, c := range q.list {
			waits, cpu := ", may run", ""
			if len(c.Waits) > 0 {
				waits = ", waits for " + prose.List(c.Waits, "and")
			}
			if c.CPU >= 0 {
				cpu = fmt.Sprintf(", on CPU%d", c.CPU)
			}
			say("  %s %s is queued%s%s.", q.name, c.Name, cpu, waits)
		}
	}
	for i := range v.Files {
		held := "free"
		if len(v.Files[i].Holders) > 0 {
			held = "held by " + prose.List(v.Files[i].Holders, "and")
		}
		say("  %s: i_mmap_rwsem %s.", v.Files[i].Name, held)
	}
	for i := range v.VMAs {
		a := &v.VMAs[i]
		tree, pmd := "not in the i_mmap tree", "none"
		if a.Linked {
			tree = "in the i_mmap tree"
		}
		if a.Table != "" {
			pmd = a.Table
		}
		say("  %s: vma of %s, %s, pmd %s.", a.Name, a.MM, tree, pmd)
	}
}

func sayPage(say func(string, ...any), p *stepper.Page) {
	if p.Freed {
		say("  %s is free.", p.Name)
		return
	}
	half := func(h *stepper.Half) string {
		if h.Table == "" || h.State == stepper.HalfFree {
			return h.State.String()
		}
		return h.State.String() + " (" + h.Table + ")"
	}
	what := fmt.Sprintf("upper half %s, lower half %s", half(&p.Halves[1]), half(&p.Halves[0]))
	if p.Whole {
		what = "one table, " + half(&p.Halves[0])
	}
	more := ""
	if p.Active {
		more += ", PageActive"
	}
	if p.Refs != 1 {
		more += fmt.Sprintf(", %d references", p.Refs)
	}
	say("  %s: %s, mask %s, %s%s.", p.Name, what, p.Mask, words(p), more)
}
