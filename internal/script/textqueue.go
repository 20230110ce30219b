package script

import (
	"fmt"
	"slices"
	"strings"
)

// lists writes the pgtable_list of every mm that has pages on it, or had before.
func (t *Text) lists(s *State) {
	for _, l := range s.Lists {
		old, had := find(t.prev.Lists, func(o ListState) bool { return o.MM == l.MM })
		m := same
		if had && !slices.Equal(old.Pages, l.Pages) || !had && len(l.Pages) > 0 {
			m = changed
		}
		if m == same && len(l.Pages) == 0 {
			continue
		}
		text := fmt.Sprintf("mm %d ", l.MM)
		for _, id := range l.Pages {
			text += fmt.Sprintf("%s p%d ", t.ink.arrow, id)
		}
		if len(l.Pages) == 0 {
			text += "is empty"
		}
		t.wrapped("list", strings.TrimRight(text, " "), m)
	}
}

// batches writes the batches that gathers are filling.
func (t *Text) batches(s *State) {
	for _, b := range s.TLB {
		old, had := find(t.prev.TLB, func(o BatchState) bool { return o.MM == b.MM })
		m := same
		if !had {
			m = born
		} else if !slices.Equal(old.Entries, b.Entries) {
			m = changed
		}
		t.wrapped("batch", fmt.Sprintf("mm %d, open: %s", b.MM, entriesText(b.Entries)), m)
	}
	for _, o := range t.prev.TLB {
		if _, has := find(s.TLB, func(b BatchState) bool { return b.MM == o.MM }); !has {
			t.row(died, "batch", fmt.Sprintf("mm %d, closed", o.MM))
		}
	}
}

// queue writes the callbacks that wait, oldest first.
func (t *Text) queue(s *State) {
	kept := commonQueue(t.prev.RCU, s.RCU)
	for i := range s.RCU {
		m := same
		if i >= kept {
			m = born
		}
		label := ""
		if i == 0 {
			label = "rcu"
		}
		t.wrapped(label, fmt.Sprintf("%d. %s", i+1, callbackText(&s.RCU[i])), m)
	}
}

// ran writes the callbacks that a grace period ran.
func (t *Text) ran(s *State) {
	for i := commonQueue(t.prev.RCU, s.RCU); i < len(t.prev.RCU); i++ {
		label := ""
		if i == 0 {
			label = "ran"
		}
		t.wrapped(label, callbackText(&t.prev.RCU[i]), died)
	}
}

// commonQueue returns how many callbacks of the old queue still wait. A grace period takes all that it began with, so
// it is all of them or none.
func commonQueue(old, now []Callback) int {
	if len(now) < len(old) {
		return 0
	}
	for i := range old {
		if old[i].Func != now[i].Func || old[i].Page != now[i].Page || !slices.Equal(old[i].Entries, now[i].Entries) {
			return 0
		}
	}
	return len(old)
}

func callbackText(c *Callback) string {
	switch c.Func {
	case "batch":
		return "tlb_remove_table_rcu: " + entriesText(c.Entries)
	case "now0":
		return fmt.Sprintf("pte_free_now0: the lower half of p%d", c.Page)
	case "now1":
		return fmt.Sprintf("pte_free_now1: the upper half of p%d", c.Page)
	case "pgste":
		return fmt.Sprintf("pte_free_pgste: p%d", c.Page)
	case "now":
		return fmt.Sprintf("pte_free_now: p%d", c.Page)
	}
	return fmt.Sprintf("%s: p%d", c.Func, c.Page)
}

const shownEntries = 24

// entriesText lists the tables of a batch, the first and last of very many.
func entriesText(entries []Entry) string {
	var b strings.Builder
	for i, e := range entries {
		if len(entries) > shownEntries && i >= shownEntries/2 && i < len(entries)-shownEntries/2 {
			if i == shownEntries/2 {
				fmt.Fprintf(&b, ", (%d more)", len(entries)-shownEntries)
			}
			continue
		}
		if i > 0 {
			b.WriteString(", ")
		}
		switch {
		case e.CRST:
			fmt.Fprintf(&b, "crst%d", e.ID)
		case e.Half == WholePage:
			fmt.Fprintf(&b, "p%d", e.ID)
		default:
			fmt.Fprintf(&b, "p%d.%s", e.ID, [2]string{"lower", "upper"}[e.Half])
		}
	}
	return b.String()
}

// mms writes the mms and their counts.
func (t *Text) mms(s *State) {
	for _, mm := range s.MM {
		old, had := find(t.prev.MM, func(o MMState) bool { return o.ID == mm.ID })
		m := same
		if !had {
			m = born
		} else if old != mm {
			m = changed
		}
		t.row(m, "mm", fmt.Sprintf("%d: mm_users %d, mm_count %d", mm.ID, mm.Users, mm.Count))
	}
	for _, o := range t.prev.MM {
		if _, has := find(s.MM, func(m MMState) bool { return m.ID == o.ID }); !has {
			t.row(died, "mm", fmt.Sprintf("%d: freed", o.ID))
		}
	}
}

// counts writes what else there is, as far as it is not nothing.
func (t *Text) counts(s *State) {
	if len(s.CRST) > 0 || len(t.prev.CRST) > 0 {
		m := same
		if !slices.Equal(s.CRST, t.prev.CRST) {
			m = changed
		}
		text := "none left"
		if len(s.CRST) > 0 {
			text = ""
			for i, id := range s.CRST {
				if i > 0 {
					text += ", "
				}
				text += fmt.Sprintf("crst%d", id)
			}
		}
		t.wrapped("crst", text, m)
	}
	t.count("ipi", t.prev.IPI, s.IPI, "all other CPUs interrupted, for want of a batch: %s so far", "time")
	t.count("gmap", t.prev.Gmap, s.Gmap, "gmap_unlink: %s so far", "time")
	t.count("work", uint64(t.prev.Work), uint64(s.Work), "%s of mmdrop_async pending", "item")
	for i, w := range s.Warn {
		if i >= len(t.prev.Warn) {
			t.wrapped("warn", w, born)
		}
	}
	t.count("hooks", uint64(t.prev.Waiting), uint64(s.Waiting), "%s waiting for a callback to take context.lock", "operation")
	if s.Corrupt && !t.prev.Corrupt {
		t.row(bad, "list", "a pgtable_list is corrupt from here on")
	}
}

// count writes a number that changed.
func (t *Text) count(label string, old, now uint64, format, what string) {
	if old != now {
		t.row(changed, label, fmt.Sprintf(format, counted(int(now), what)))
	}
}

func find[T any](list []T, f func(T) bool) (T, bool) {
	if i := slices.IndexFunc(list, f); i >= 0 {
		return list[i], true
	}
	var zero T
	return zero, false
}

// counted is "no page", "1 page", "2 pages".
func counted(n int, what string) string {
	switch n {
	case 0:
		return "no " + what
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
