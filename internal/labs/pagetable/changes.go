package pagetable

import (
	"cmp"
	"fmt"
	"strings"

	"ptsim/internal/prose"
	"ptsim/lab"
)

// teller walks two scenes once. It marks in the later one what changed, and says the same in words, for readers who cannot see
// marks.
type teller struct{ said []string }

func (t *teller) say(format string, args ...any) {
	t.said = append(t.said, fmt.Sprintf(format, args...))
}

// whole marks a thing that came or went, and tells whether to compare its fields.
func whole(change *lab.Change, there, wasFreed, isFreed bool) bool {
	*change = lab.Same
	switch {
	case !there:
		*change = lab.Appeared
	case isFreed && !wasFreed:
		*change = lab.Gone
	}
	return there && !isFreed
}

// Changes marks in a scene what differs from the one before it, and returns the same in words.
func (f *follower) Changes(before, now *lab.Scene) (front, back []string) {
	t := &teller{}
	for i := range now.Pages {
		p := &now.Pages[i]
		t.page(lab.FindFunc(before.Pages, func(q *lab.Page) bool { return q.Name == p.Name }), p)
	}
	for i := range now.MMs {
		m := &now.MMs[i]
		t.mm(lab.FindFunc(before.MMs, func(q *lab.MM) bool { return q.Name == m.Name }), m)
	}
	for i := range now.Batches {
		b := &now.Batches[i]
		t.batch(lab.FindFunc(before.Batches, func(q *lab.Batch) bool { return q.Name == b.Name }), b)
	}
	front, t.said = t.said, nil
	for i := range now.Files {
		f := &now.Files[i]
		if q := lab.FindFunc(before.Files, func(q *lab.File) bool { return q.Name == f.Name }); q != nil {
			if f.Change = lab.DiffLists(f.Holders, q.Holders); f.Change != lab.Same {
				t.say("%s's i_mmap_rwsem: %s", f.Name, cmp.Or(strings.Join(f.Holders, ", "), "free"))
			}
		}
	}
	for i := range now.VMAs {
		a := &now.VMAs[i]
		if q := lab.FindFunc(before.VMAs, func(q *lab.VMA) bool { return q.Name == a.Name }); q != nil {
			t.vma(q, a)
		}
	}
	return front, t.said
}

func (t *teller) page(q, p *lab.Page) {
	p.MaskChange, p.WordsChange, p.FlagChange, p.RefsChange = lab.Same, lab.Same, lab.Same, lab.Same
	p.Halves[0].Change, p.Halves[1].Change, p.Flips = lab.Same, lab.Same, 0
	compare := whole(&p.Change, q != nil, q != nil && q.Freed, p.Freed)
	switch {
	case p.Change == lab.Appeared:
		t.say("%s begins to hold page tables", p.Name)
	case p.Change == lab.Gone:
		t.say("%s is free", p.Name)
	}
	if !compare {
		return
	}
	for h, name := range []string{"lower", "upper"} {
		if p.Halves[h].Change = lab.Diff(p.Halves[h].State, q.Halves[h].State); p.Halves[h].Change != lab.Same {
			t.say("%s's %s half: %s, was %s", p.Name, name, p.Halves[h].State, q.Halves[h].State)
		}
	}
	if p.MaskChange = lab.Diff(p.Mask, q.Mask); p.MaskChange != lab.Same {
		p.Flips = p.Bits ^ q.Bits
		t.say("%s's mask: %s, was %s", p.Name, p.Mask, q.Mask)
	}
	if p.WordsChange = lab.Diff(p.Words, q.Words); p.WordsChange != lab.Same {
		t.say("%s: %s, was %s", p.Name, p.Words, q.Words)
	}
	if p.FlagChange = lab.Diff(p.Active, q.Active); p.FlagChange != lab.Same {
		t.say("%s: PageActive %s", p.Name, prose.OnOff(p.Active))
	}
	if p.RefsChange = lab.Diff(p.Refs, q.Refs); p.RefsChange != lab.Same {
		t.say("%s: %d references, were %d", p.Name, p.Refs, q.Refs)
	}
	p.Change = lab.AnyOf(p.MaskChange, p.WordsChange, p.FlagChange, p.RefsChange, p.Halves[0].Change, p.Halves[1].Change)
}

func (t *teller) mm(q, m *lab.MM) {
	compare := whole(&m.Change, q != nil, q != nil && q.Freed, m.Freed)
	switch {
	case m.Change == lab.Appeared:
		t.say("%s is made", m.Name)
	case m.Change == lab.Gone:
		t.say("%s is freed", m.Name)
	}
	if !compare {
		return
	}
	if m.UsersChange = lab.Diff(m.Users, q.Users); m.UsersChange != lab.Same {
		t.say("%s: mm_users %d, was %d", m.Name, m.Users, q.Users)
	}
	if m.CountChange = lab.Diff(m.Count, q.Count); m.CountChange != lab.Same {
		t.say("%s: mm_count %d, was %d", m.Name, m.Count, q.Count)
	}
	if m.ListChange = lab.DiffLists(m.List, q.List); m.ListChange != lab.Same {
		t.say("%s's list: %s", m.Name, cmp.Or(strings.Join(m.List, ", "), "empty"))
	}
	if m.LockChange = lab.Diff(m.Lock, q.Lock); m.LockChange != lab.Same {
		if m.Lock == "" {
			t.say("%s's context.lock is free", m.Name)
		} else {
			t.say("%s's context.lock: held by %s", m.Name, m.Lock)
		}
	}
	m.Change = lab.AnyOf(m.UsersChange, m.CountChange, m.ListChange, m.LockChange)
}

func (t *teller) batch(q, b *lab.Batch) {
	switch {
	case q == nil:
		b.Change = lab.Appeared
		t.say("%s: new, holds %s", b.Name, cmp.Or(b.Holds(), "nothing"))
	case b.State != q.State:
		b.Change = lab.Changed
		if b.State == lab.BatchFreed {
			b.Change = lab.Gone
		}
		t.say("%s: %s, was %s", b.Name, b.State, q.State)
	default:
		if b.Change = lab.DiffLists(b.Tables, q.Tables); b.Change != lab.Same {
			t.say("%s holds %s", b.Name, b.Holds())
		}
	}
}

func (t *teller) vma(q, a *lab.VMA) {
	if a.Linked != q.Linked {
		t.say("%s is %s the i_mmap tree", a.Name, map[bool]string{true: "in", false: "out of"}[a.Linked])
	}
	if a.Table != q.Table {
		t.say("%s's pmd: %s", a.Name, cmp.Or(a.Table, "none"))
	}
	a.Change = lab.AnyOf(lab.Diff(a.Linked, q.Linked), lab.Diff(a.Table, q.Table), lab.Diff(a.MM, q.MM))
}
