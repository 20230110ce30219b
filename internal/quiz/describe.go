package quiz

import (
	"cmp"
	"fmt"
	"strings"

	"ptsim/internal/prose"
	"ptsim/internal/stepper"
)

// describe says in words what a view shows, for who has no picture of it: paper, pipes, screen readers.
func describe(q *stepper.Question, v *stepper.View) []string {
	intro := fmt.Sprintf("%s, in variant %s.", q.Scenario.Title, q.Version)
	switch q.Setting.SoftirqsText() {
	case "cpu":
		intro += " A callback runs on the CPU that queued it."
	case "1":
		intro += " One CPU runs callbacks."
	default:
		intro += fmt.Sprintf(" %s CPUs run callbacks.", q.Setting.SoftirqsText())
	}
	list := []string{intro}
	for i := range v.Pages {
		list = append(list, describePage(&v.Pages[i]))
	}
	for i := range v.MMs {
		list = append(list, describeMM(&v.MMs[i]))
	}
	for i := range v.Figures {
		for j := range v.Figures[i].Strips {
			k := &v.Figures[i].Strips[j]
			list = append(list, k.Label+": "+k.About()+".")
		}
	}
	for i := range v.Things {
		if t := &v.Things[i]; t.Freed {
			list = append(list, t.Name+" is freed.")
		} else {
			list = append(list, t.Name+": "+t.About()+".")
		}
	}
	for _, b := range v.Batches {
		if b.State != stepper.BatchFreed {
			list = append(list, fmt.Sprintf("%s, of %s, is %s and holds %s.", b.Name, b.Owner, b.State, cmp.Or(b.Holds(), "nothing")))
		}
	}
	for _, c := range v.RCU {
		waits := "its grace period is over"
		if len(c.Waits) > 0 {
			waits = "it waits for " + prose.List(c.Waits, "and")
		}
		list = append(list, fmt.Sprintf("%s is queued; %s.", c.Name, waits))
	}
	for _, c := range v.Work {
		list = append(list, c.Name+" is pending work.")
	}
	return list
}

func describePage(p *stepper.Page) string {
	if p.Freed {
		return p.Name + " is free."
	}
	if p.Whole {
		return fmt.Sprintf("%s, of %s, is one table, %s: %s.", p.Name, cmp.Or(p.MM, "nobody"), cmp.Or(p.Halves[0].Table, "-"), p.Halves[0].State)
	}
	text := fmt.Sprintf("%s, of %s, has the mask %s and is %s: the lower half is %s%s, the upper half %s%s.", p.Name, cmp.Or(p.MM, "nobody"), p.Mask,
		place(p.Words),
		p.Halves[0].State, named(p.Halves[0].Table), p.Halves[1].State, named(p.Halves[1].Table))
	if p.Active {
		text += " PageActive is set."
	}
	return text
}

// place says where a page is, by what its two words are in use for.
func place(words stepper.Words) string {
	if words == stepper.HeadQueued {
		return "queued on its rcu_head"
	}
	return words.String()
}

func named(table string) string {
	if table == "" {
		return ""
	}
	return " (" + table + ")"
}

func describeMM(m *stepper.MM) string {
	if m.Freed {
		return m.Name + " is freed."
	}
	text := fmt.Sprintf("%s: mm_users %d, mm_count %d, on its list: %s.", m.Name, m.Users, m.Count, cmp.Or(strings.Join(m.List, ", "), "nothing"))
	if m.Lock != "" {
		text += " Its context.lock is held by " + m.Lock + "."
	}
	return text
}
