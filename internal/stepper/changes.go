package stepper

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ptsim/internal/prose"
)

// teller walks two views once. It marks in the later one what changed, and says the same in words, for readers who cannot see
// marks.
type teller struct{ said []string }

func (t *teller) say(format string, args ...any) {
	t.said = append(t.said, fmt.Sprintf(format, args...))
}

// differs compares two values of a field.
func differs[T comparable](now, was T) Change {
	if now != was {
		return Changed
	}
	return Same
}

// listsDiffer compares two lists.
func listsDiffer(now, was []string) Change {
	if !slices.Equal(now, was) {
		return Changed
	}
	return Same
}

// either is the change of a thing some of whose fields changed.
func either(fields ...Change) Change {
	for _, c := range fields {
		if c != Same {
			return Changed
		}
	}
	return Same
}

func find[T any](list []T, is func(*T) bool) *T {
	for i := range list {
		if is(&list[i]) {
			return &list[i]
		}
	}
	return nil
}

// whole marks a thing that came or went, and tells whether its fields are to be compared.
func whole(change *Change, there, wasFreed, isFreed bool) bool {
	*change = Same
	switch {
	case !there:
		*change = Appeared
	case isFreed && !wasFreed:
		*change = Gone
	}
	return there && !isFreed
}

// changes marks in v what differs from the view before it, and returns the same in words.
func changes(before, v *View) []string {
	t := &teller{said: []string{}}
	for i := range v.Pages {
		p := &v.Pages[i]
		t.page(find(before.Pages, func(q *Page) bool { return q.Name == p.Name }), p)
	}
	for i := range v.MMs {
		m := &v.MMs[i]
		t.mm(find(before.MMs, func(q *MM) bool { return q.Name == m.Name }), m)
	}
	for i := range v.Batches {
		b := &v.Batches[i]
		t.batch(find(before.Batches, func(q *Batch) bool { return q.Name == b.Name }), b)
	}
	for i := range v.Things {
		k := &v.Things[i]
		t.thing(find(before.Things, func(q *Thing) bool { return q.Name == k.Name }), k)
	}
	t.queue("RCU", before.RCU, v.RCU)
	t.queue("workqueue", before.Work, v.Work)
	for i := range v.Files {
		f := &v.Files[i]
		if q := find(before.Files, func(q *File) bool { return q.Name == f.Name }); q != nil {
			if f.Change = listsDiffer(f.Holders, q.Holders); f.Change != Same {
				t.say("%s's i_mmap_rwsem: %s", f.Name, cmp.Or(strings.Join(f.Holders, ", "), "free"))
			}
		}
	}
	for i := range v.VMAs {
		a := &v.VMAs[i]
		if q := find(before.VMAs, func(q *VMA) bool { return q.Name == a.Name }); q != nil {
			t.vma(q, a)
		}
	}
	if v.Violation != nil {
		t.say("VIOLATION: %s", v.Violation.Sentence)
	}
	return t.said
}

func (t *teller) page(q, p *Page) {
	p.MaskChange, p.WordsChange, p.FlagChange, p.RefsChange = Same, Same, Same, Same
	p.Halves[0].Change, p.Halves[1].Change, p.Flips = Same, Same, 0
	compare := whole(&p.Change, q != nil, q != nil && q.Freed, p.Freed)
	switch {
	case p.Change == Appeared:
		t.say("%s begins to hold page tables", p.Name)
	case p.Change == Gone:
		t.say("%s is free", p.Name)
	}
	if !compare {
		return
	}
	for h, name := range []string{"lower", "upper"} {
		if p.Halves[h].Change = differs(p.Halves[h].State, q.Halves[h].State); p.Halves[h].Change != Same {
			t.say("%s's %s half: %s, was %s", p.Name, name, p.Halves[h].State, q.Halves[h].State)
		}
	}
	if p.MaskChange = differs(p.Mask, q.Mask); p.MaskChange != Same {
		p.Flips = p.Bits ^ q.Bits
		t.say("%s's mask: %s, was %s", p.Name, p.Mask, q.Mask)
	}
	if p.WordsChange = differs(p.Words, q.Words); p.WordsChange != Same {
		t.say("%s: %s, was %s", p.Name, p.Words, q.Words)
	}
	if p.FlagChange = differs(p.Active, q.Active); p.FlagChange != Same {
		t.say("%s: PageActive %s", p.Name, prose.OnOff(p.Active))
	}
	if p.RefsChange = differs(p.Refs, q.Refs); p.RefsChange != Same {
		t.say("%s: %d references, were %d", p.Name, p.Refs, q.Refs)
	}
	p.Change = either(p.MaskChange, p.WordsChange, p.FlagChange, p.RefsChange, p.Halves[0].Change, p.Halves[1].Change)
}

func (t *teller) mm(q, m *MM) {
	compare := whole(&m.Change, q != nil, q != nil && q.Freed, m.Freed)
	switch {
	case m.Change == Appeared:
		t.say("%s is made", m.Name)
	case m.Change == Gone:
		t.say("%s is freed", m.Name)
	}
	if !compare {
		return
	}
	if m.UsersChange = differs(m.Users, q.Users); m.UsersChange != Same {
		t.say("%s: mm_users %d, was %d", m.Name, m.Users, q.Users)
	}
	if m.CountChange = differs(m.Count, q.Count); m.CountChange != Same {
		t.say("%s: mm_count %d, was %d", m.Name, m.Count, q.Count)
	}
	if m.ListChange = listsDiffer(m.List, q.List); m.ListChange != Same {
		t.say("%s's list: %s", m.Name, cmp.Or(strings.Join(m.List, ", "), "empty"))
	}
	if m.LockChange = differs(m.Lock, q.Lock); m.LockChange != Same {
		if m.Lock == "" {
			t.say("%s's context.lock is free", m.Name)
		} else {
			t.say("%s's context.lock: held by %s", m.Name, m.Lock)
		}
	}
	m.Change = either(m.UsersChange, m.CountChange, m.ListChange, m.LockChange)
}

func (t *teller) batch(q, b *Batch) {
	switch {
	case q == nil:
		b.Change = Appeared
		t.say("%s: new, holds %s", b.Name, cmp.Or(strings.Join(b.Tables, ", "), "nothing"))
	case b.State != q.State:
		b.Change = Changed
		if b.State == BatchFreed {
			b.Change = Gone
		}
		t.say("%s: %s, was %s", b.Name, b.State, q.State)
	default:
		if b.Change = listsDiffer(b.Tables, q.Tables); b.Change != Same {
			t.say("%s holds %s", b.Name, strings.Join(b.Tables, ", "))
		}
	}
}

// queue compares what was and is queued: callbacks, or work items.
func (t *teller) queue(what string, before, now []Callback) {
	for i := range now {
		c := &now[i]
		q := find(before, func(q *Callback) bool { return q.Name == c.Name })
		if q == nil {
			c.Change = Appeared
			t.say("%s: %s is queued", what, c.Name)
			continue
		}
		if c.Change = listsDiffer(c.Waits, q.Waits); c.Change == Same {
			continue
		}
		if len(c.Waits) == 0 {
			t.say("%s: the grace period of %s is over", what, c.Name)
		} else {
			t.say("%s: %s waits for %s", what, c.Name, prose.List(c.Waits, "and"))
		}
	}
	for i := range before {
		if find(now, func(q *Callback) bool { return q.Name == before[i].Name }) == nil {
			t.say("%s: %s begins to run", what, before[i].Name)
		}
	}
}

func (t *teller) vma(q, a *VMA) {
	if a.Linked != q.Linked {
		t.say("%s is %s the i_mmap tree", a.Name, map[bool]string{true: "in", false: "out of"}[a.Linked])
	}
	if a.Table != q.Table {
		t.say("%s's pmd: %s", a.Name, cmp.Or(a.Table, "none"))
	}
	a.Change = either(differs(a.Linked, q.Linked), differs(a.Table, q.Table), differs(a.MM, q.MM))
}
