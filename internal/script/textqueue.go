package script

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ptsim/internal/prose"
)

// lists writes the pgtable_lists that changed, and with a State those of every mm that has pages on it.
func (t *Text) lists(ch *Change, s *State) {
	if s == nil {
		for _, l := range ch.Lists {
			t.list(changed, l.MM, l.Front[:min(len(l.Front), frontPages)], l.Len)
		}
		return
	}
	for _, l := range s.Lists {
		_, is := find(ch.Lists, func(c ListChange) bool { return c.MM == l.MM })
		if is || len(l.Pages) > 0 {
			t.list(changedIf(is), l.MM, l.Pages, len(l.Pages))
		}
	}
}

// list writes a list, or the front of it.
func (t *Text) list(m mark, mm int, pages []int, n int) {
	var b strings.Builder
	b.Grow(64)
	b.WriteString("mm " + strconv.Itoa(mm) + " ")
	for _, id := range pages {
		b.WriteString(t.ink.arrow)
		b.WriteString(" p")
		b.WriteString(strconv.Itoa(id))
		b.WriteByte(' ')
	}
	switch {
	case n == 0:
		b.WriteString("is empty")
	case n > len(pages):
		b.WriteString(t.ink.arrow + " " + strconv.Itoa(n-len(pages)) + " more")
	}
	t.wrapped("list", strings.TrimRight(b.String(), " "), m)
}

func changedIf(is bool) mark {
	if is {
		return changed
	}
	return same
}

// batches writes the batches that gathers are filling.
func (t *Text) batches(ch *Change, s *State) {
	for _, b := range ch.TLB {
		switch {
		case b.Closed:
			t.row(died, "batch", fmt.Sprintf("mm %d, closed", b.MM))
		case b.New:
			t.wrapped("batch", fmt.Sprintf("mm %d, open: %s", b.MM, entriesText(b.Entries)), born)
		default:
			t.wrapped("batch", fmt.Sprintf("mm %d, open: %s", b.MM, entriesText(b.Entries)), changed)
		}
	}
	if s == nil {
		return
	}
	for _, b := range s.TLB {
		if _, is := find(ch.TLB, func(c BatchChange) bool { return c.MM == b.MM }); !is {
			t.wrapped("batch", fmt.Sprintf("mm %d, open: %s", b.MM, entriesText(b.Entries)), same)
		}
	}
}

// manyCallbacks is how many callbacks that came or ran in one operation are shown.
const manyCallbacks = 16

// queue writes the callbacks that came, and with a State those that waited before, oldest first.
func (t *Text) queue(ch *Change, s *State) {
	old := ch.NumCallbacks - len(ch.Queued)
	if s != nil {
		for i := range s.RCU[:old] {
			t.callback(same, "rcu", i, i, &s.RCU[i])
		}
	}
	for i := range ch.Queued {
		label := "rcu"
		if s != nil && old > 0 {
			label = ""
		}
		if s == nil && i == manyCallbacks {
			t.row(born, "", fmt.Sprintf("(%d more)", len(ch.Queued)-i))
			break
		}
		t.callback(born, label, i, old+i, &ch.Queued[i])
	}
}

func (t *Text) callback(m mark, label string, i, at int, cb *Callback) {
	if i > 0 {
		label = ""
	}
	t.wrapped(label, fmt.Sprintf("%d. %s", at+1, callbackText(cb)), m)
}

// ran writes the callbacks that a grace period ran.
func (t *Text) ran(ch *Change) {
	for i := range ch.Ran {
		label := ""
		if i == 0 {
			label = "ran"
		}
		if i == manyCallbacks && len(ch.Ran) > manyCallbacks+1 {
			t.row(died, "", fmt.Sprintf("(%d more)", len(ch.Ran)-i))
			break
		}
		t.wrapped(label, callbackText(&ch.Ran[i]), died)
	}
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

// mms writes the mms whose counts changed, and with a State the others.
func (t *Text) mms(ch *Change, s *State) {
	row := func(m mark, mm MMState) {
		t.row(m, "mm", fmt.Sprintf("%d: mm_users %d, mm_count %d", mm.ID, mm.Users, mm.Count))
	}
	for i, mm := range ch.MM {
		m := changed
		if ch.MMNew[i] {
			m = born
		}
		row(m, mm)
	}
	if s != nil {
		for _, mm := range s.MM {
			if _, is := find(ch.MM, func(c MMState) bool { return c.ID == mm.ID }); !is {
				row(same, mm)
			}
		}
	}
	for _, id := range ch.MMs {
		t.row(died, "mm", fmt.Sprintf("%d: freed", id))
	}
}

// crsts writes the segment and region tables that came and went, and with a State those that there are.
func (t *Text) crsts(ch *Change, s *State) {
	name := func(ids []int) string {
		var parts []string
		for _, id := range ids {
			parts = append(parts, fmt.Sprintf("crst%d", id))
		}
		return strings.Join(parts, ", ")
	}
	if len(ch.CRSTNew) > 0 {
		t.wrapped("crst", name(ch.CRSTNew), born)
	}
	if len(ch.CRSTGone) > 0 {
		t.wrapped("crst", name(ch.CRSTGone)+" freed", died)
	}
	if s != nil && len(s.CRST) > len(ch.CRSTNew) {
		t.wrapped("crst", "in all: "+name(s.CRST), same)
	}
}

// counts writes what else changed.
func (t *Text) counts(ch *Change) {
	was, now := &ch.Before, &ch.Counters
	t.count("ipi", was.IPI, now.IPI, "all other CPUs interrupted, for want of a batch: %s so far", "time")
	t.count("gmap", was.Gmap, now.Gmap, "gmap_unlink: %s so far", "time")
	t.count("work", uint64(was.Work), uint64(now.Work), "%s of mmdrop_async pending", "item")
	for _, w := range ch.Warn {
		t.wrapped("warn", w, born)
	}
	t.count("hooks", uint64(was.Waiting), uint64(now.Waiting), "%s waiting for a callback to take context.lock", "operation")
	if now.Corrupt && !was.Corrupt {
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
	if n == 0 {
		return "no " + what
	}
	return prose.Count(n, what, what+"s")
}
