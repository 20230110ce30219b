package stepper

import (
	"cmp"
	"fmt"
	"strings"

	"ptsim/internal/explain"
	"ptsim/internal/phrase"
	"ptsim/pgalloc"
)

// mark notes in a view what differs from the one before.
func mark(before, v *View) {
	for i := range v.Pages {
		p := &v.Pages[i]
		q := find(before.Pages, func(q *Page) bool { return q.Name == p.Name })
		p.Change, p.MaskChange, p.WordsChange, p.FlagChange, p.RefsChange = Same, Same, Same, Same, Same
		for h := range p.Halves {
			p.Halves[h].Change = Same
		}
		switch {
		case q == nil:
			p.Change = Appeared
			continue
		case p.Freed && !q.Freed:
			p.Change = Gone
			continue
		case p.Freed:
			continue
		}
		p.MaskChange, p.WordsChange = differs(p.Mask, q.Mask), differs(p.Words, q.Words)
		p.FlagChange, p.RefsChange = differs(p.Active, q.Active), differs(p.Refs, q.Refs)
		for h := range p.Halves {
			p.Halves[h].Change = differs(p.Halves[h].State, q.Halves[h].State)
		}
		for _, c := range []Change{p.MaskChange, p.WordsChange, p.FlagChange, p.RefsChange, p.Halves[0].Change, p.Halves[1].Change} {
			if c != Same {
				p.Change = Changed
			}
		}
	}
	for i := range v.MMs {
		m := &v.MMs[i]
		q := find(before.MMs, func(q *MM) bool { return q.Name == m.Name })
		switch {
		case q == nil:
			m.Change = Appeared
			continue
		case m.Freed && !q.Freed:
			m.Change = Gone
			continue
		case m.Freed:
			continue
		}
		m.UsersChange, m.CountChange = differs(m.Users, q.Users), differs(m.Count, q.Count)
		m.ListChange, m.LockChange = differs(strings.Join(m.List, " "), strings.Join(q.List, " ")), differs(m.Lock, q.Lock)
		for _, c := range []Change{m.UsersChange, m.CountChange, m.ListChange, m.LockChange} {
			if c != Same {
				m.Change = Changed
			}
		}
	}
	for i := range v.Batches {
		b := &v.Batches[i]
		q := find(before.Batches, func(q *Batch) bool { return q.Name == b.Name })
		switch {
		case q == nil:
			b.Change = Appeared
		case b.State == "freed" && q.State != "freed":
			b.Change = Gone
		default:
			b.Change = differs(fmt.Sprint(b.State, b.Tables), fmt.Sprint(q.State, q.Tables))
		}
	}
	markQueue(before.RCU, v.RCU)
	markQueue(before.Work, v.Work)
	for i := range v.Files {
		if q := find(before.Files, func(q *File) bool { return q.Name == v.Files[i].Name }); q != nil {
			v.Files[i].Change = differs(strings.Join(v.Files[i].Holders, " "), strings.Join(q.Holders, " "))
		}
	}
	for i := range v.VMAs {
		a := &v.VMAs[i]
		if q := find(before.VMAs, func(q *VMA) bool { return q.Name == a.Name }); q != nil {
			b := *q
			a.Change, b.Change = Same, Same
			if *a != b {
				a.Change = Changed
			}
		}
	}
}

func markQueue(before, now []Callback) {
	for i := range now {
		q := find(before, func(q *Callback) bool { return q.Name == now[i].Name })
		if q == nil {
			now[i].Change = Appeared
		} else {
			now[i].Change = differs(strings.Join(now[i].Waits, " "), strings.Join(q.Waits, " "))
		}
	}
}

func find[T any](list []T, is func(*T) bool) *T {
	for i := range list {
		if is(&list[i]) {
			return &list[i]
		}
	}
	return nil
}

func differs[T comparable](a, b T) Change {
	if a != b {
		return Changed
	}
	return Same
}

// changes says in words what differs between two views.
func changes(before, v *View) []string {
	list := []string{}
	say := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	for i := range v.Pages {
		p := &v.Pages[i]
		q := find(before.Pages, func(q *Page) bool { return q.Name == p.Name })
		switch p.Change {
		case Appeared:
			say("%s begins to hold page tables", p.Name)
			continue
		case Gone:
			say("%s is free", p.Name)
			continue
		}
		for h, name := range []string{"lower", "upper"} {
			if p.Halves[h].Change != Same {
				say("%s's %s half: %s, was %s", p.Name, name, p.Halves[h].State, q.Halves[h].State)
			}
		}
		if p.MaskChange != Same {
			say("%s's mask: %s, was %s", p.Name, p.Mask, q.Mask)
		}
		if p.WordsChange != Same {
			say("%s: %s, was %s", p.Name, p.Words, q.Words)
		}
		if p.FlagChange != Same {
			say("%s: PageActive %s", p.Name, phrase.OnOff(p.Active))
		}
		if p.RefsChange != Same {
			say("%s: %d references, were %d", p.Name, p.Refs, q.Refs)
		}
	}
	for i := range v.MMs {
		m := &v.MMs[i]
		q := find(before.MMs, func(q *MM) bool { return q.Name == m.Name })
		switch m.Change {
		case Appeared:
			say("%s is made", m.Name)
			continue
		case Gone:
			say("%s is freed", m.Name)
			continue
		}
		if m.UsersChange != Same {
			say("%s: mm_users %d, was %d", m.Name, m.Users, q.Users)
		}
		if m.CountChange != Same {
			say("%s: mm_count %d, was %d", m.Name, m.Count, q.Count)
		}
		if m.ListChange != Same {
			say("%s's list: %s", m.Name, cmp.Or(strings.Join(m.List, ", "), "empty"))
		}
		if m.LockChange != Same {
			if m.Lock == "" {
				say("%s's context.lock is free", m.Name)
			} else {
				say("%s's context.lock: held by %s", m.Name, m.Lock)
			}
		}
	}
	for i := range v.Batches {
		b := &v.Batches[i]
		switch q := find(before.Batches, func(q *Batch) bool { return q.Name == b.Name }); {
		case b.Change == Appeared:
			say("%s: new, holds %s", b.Name, cmp.Or(strings.Join(b.Tables, ", "), "nothing"))
		case b.Change != Same && b.State != q.State:
			say("%s: %s, was %s", b.Name, b.State, q.State)
		case b.Change != Same:
			say("%s holds %s", b.Name, strings.Join(b.Tables, ", "))
		}
	}
	queue := func(what string, before, now []Callback) {
		for i := range now {
			switch {
			case now[i].Change == Appeared:
				say("%s: %s is queued", what, now[i].Name)
			case now[i].Change != Same && len(now[i].Waits) == 0:
				say("%s: the grace period of %s is over", what, now[i].Name)
			case now[i].Change != Same:
				say("%s: %s waits for %s", what, now[i].Name, strings.Join(now[i].Waits, " and "))
			}
		}
		for i := range before {
			if find(now, func(q *Callback) bool { return q.Name == before[i].Name }) == nil {
				say("%s: %s begins to run", what, before[i].Name)
			}
		}
	}
	queue("RCU", before.RCU, v.RCU)
	queue("workqueue", before.Work, v.Work)
	for i := range v.Files {
		if f := &v.Files[i]; f.Change != Same {
			say("%s's i_mmap_rwsem: %s", f.Name, cmp.Or(strings.Join(f.Holders, ", "), "free"))
		}
	}
	for i := range v.VMAs {
		a := &v.VMAs[i]
		q := find(before.VMAs, func(q *VMA) bool { return q.Name == a.Name })
		if q == nil {
			continue
		}
		if a.Linked != q.Linked {
			say("%s is %s the i_mmap tree", a.Name, map[bool]string{true: "in", false: "out of"}[a.Linked])
		}
		if a.Table != q.Table {
			say("%s's pmd: %s", a.Name, cmp.Or(a.Table, "none"))
		}
	}
	if v.Violation != nil {
		say("VIOLATION: %s", v.Violation.Sentence)
	}
	return list
}

// explain has the step's sentence made.
func (s *Session) explain(before, v *View) {
	d := v.Did
	last := &d.steps[len(d.steps)-1]
	f := &explain.Facts{
		Version: s.Question.Version, Who: d.Name, Kind: s.watch.walker.Thread(last.Thread).Kind, CPU: d.CPU, Doing: d.Doing,
		Step: last, Text: d.Text, Bad: s.walker.Violation(),
	}
	if f.Who == "softirq" || f.Who == "kworker" {
		f.Who = fmt.Sprintf("%s on CPU%d", f.Who, d.CPU)
	}
	s.watch.facts(f, last)
	for i := range v.Pages {
		if p := &v.Pages[i]; p.Name == f.Thing || f.Thing == "" && p.Change != Same {
			f.Page = pageFacts(find(before.Pages, func(q *Page) bool { return q.Name == p.Name }), p)
		}
	}
	for i := range v.RCU {
		if c := &v.RCU[i]; c.Object == f.Thing {
			f.Queued, f.Readers = true, c.Waits
		}
	}
	d.facts = f
	d.Sentence = explain.Step(f)
}

func pageFacts(q, p *Page) *explain.PageFacts {
	f := &explain.PageFacts{
		Name: p.Name, MM: p.MM, After: pgalloc.Mask(p.Bits), Listed: p.Words == "on the list", Queued: p.Words == "rcu_head queued", Active: p.Active,
		References: uint32(p.Refs), Freed: p.Freed, Whole: p.Whole, Tables: [2]string{p.Halves[0].Table, p.Halves[1].Table}, Present: !p.Freed,
	}
	if q != nil {
		f.Before, f.WasListed, f.WasQueued, f.WasActive = pgalloc.Mask(q.Bits), q.Words == "on the list", q.Words == "rcu_head queued", q.Active
		f.WasPresent = !q.Freed
		for h := range f.Tables {
			f.Tables[h] = cmp.Or(f.Tables[h], q.Halves[h].Table)
		}
	}
	return f
}
