package stepper

import (
	"fmt"
	"strings"
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
		case b.State == BatchFreed && q.State != BatchFreed:
			b.Change = Gone
		default:
			b.Change = differs(fmt.Sprint(b.State, b.Tables), fmt.Sprint(q.State, q.Tables))
		}
	}
	markThings(before.Things, v.Things)
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
