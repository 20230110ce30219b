package draw

import (
	"cmp"
	"fmt"
	"strings"

	"ptsim/internal/prose"
	"ptsim/internal/stepper"
)

// headline is the title of a picture.
func headline(v *stepper.View, o Options) string {
	text := fmt.Sprintf("step %d", v.Step)
	if o.Steps > 0 {
		text += fmt.Sprintf(" of %d", o.Steps)
	}
	if o.Title != "" {
		text = o.Title + ", " + text
	}
	if v.Did != nil {
		text += ": " + v.Did.Text
	}
	return text
}

// Describe says in sentences what a picture of that view shows.
func Describe(v *stepper.View) string {
	var s []string
	say := func(format string, args ...any) { s = append(s, fmt.Sprintf(format, args...)) }
	if d := v.Did; d != nil {
		say("%s on CPU%d did: %s.", d.Name, d.CPU, d.Text)
		if said := v.Said(); len(said) > 0 {
			say("Changed: %s.", strings.Join(said, "; "))
		}
	}
	for i := range v.MMs {
		m := &v.MMs[i]
		if m.Freed {
			say("%s is freed.", m.Name)
			continue
		}
		say("%s: mm_users %d, mm_count %d, list %s, context.lock %s.", m.Name, m.Users, m.Count, cmp.Or(strings.Join(m.List, ", "), "empty"), cmp.Or(prefix("held by ", m.Lock), "free"))
	}
	for i := range v.Pages {
		p := &v.Pages[i]
		switch {
		case p.Freed:
			say("%s is free.", p.Name)
		case p.Whole:
			say("%s: %s, %s.", p.Name, half(&p.Halves[0]), p.Words)
		default:
			say("%s: mask %s, upper half %s, lower half %s, %s%s.", p.Name, p.Mask, half(&p.Halves[1]), half(&p.Halves[0]), p.Words, map[bool]string{true: ", PageActive"}[p.Active])
		}
	}
	for i := range v.Batches {
		b := &v.Batches[i]
		say("%s: %s, %s.", b.Name, b.State, cmp.Or(b.Holds(), "empty"))
	}
	for i := range v.Figures {
		for j := range v.Figures[i].Strips {
			k := &v.Figures[i].Strips[j]
			say("%s: %s.", k.Label, k.About())
		}
	}
	for i := range v.Things {
		if t := &v.Things[i]; t.Freed {
			say("%s is freed.", t.Name)
		} else {
			say("%s: %s.", t.Name, t.About())
		}
	}
	for i := range v.RCU {
		say("RCU has %s, which %s.", v.RCU[i].Name, cmp.Or(prefix("waits for ", prose.List(v.RCU[i].Waits, "and")), "may run"))
	}
	for i := range v.Work {
		say("Work item %s is pending.", v.Work[i].Name)
	}
	for i := range v.Files {
		say("%s's i_mmap_rwsem: %s.", v.Files[i].Name, cmp.Or(strings.Join(v.Files[i].Holders, ", "), "free"))
	}
	for i := range v.VMAs {
		a := &v.VMAs[i]
		say("%s is %s the i_mmap tree, its pmd points to %s.", a.Name, map[bool]string{true: "in", false: "not in"}[a.Linked], cmp.Or(a.Table, "nothing"))
	}
	for i := range v.Lanes {
		l := &v.Lanes[i]
		doing, next := laneAbout(l)
		say("%s: %s%s.", laneName(l), prefix("in ", doing)+map[bool]string{true: "; "}[doing != ""], next)
	}
	if v.Violation != nil {
		say("VIOLATION: %s.", v.Violation.Sentence)
	}
	return strings.Join(s, " ")
}

func half(h *stepper.Half) string { return strings.TrimSpace(h.State.String() + " " + h.Table) }

func prefix(p, s string) string {
	if s == "" {
		return ""
	}
	return p + s
}
