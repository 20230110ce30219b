package stepper

import (
	"cmp"
	"fmt"
	"strings"

	"ptsim/internal/phrase"
)

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
	list = append(list, thingChanges(before.Things, v.Things)...)
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
