package script

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"ptsim/internal/prose"
	"ptsim/pgalloc"
)

const (
	labelWidth = 7  // "p12", "lists", ...
	cellWidth  = 16 // a half
)

// row writes one line: sign, label, text.
func (t *Text) row(m mark, label, text string) {
	t.marked = t.marked || m != same
	t.printf("%s\n", strings.TrimRight(fmt.Sprintf(" %s %-*s%s", t.ink.mark[m], labelWidth, label, text), " "))
}

// wrapped writes a text of any length, further lines indented to where the first began.
func (t *Text) wrapped(label, text string, m mark) {
	indent := max(labelWidth, len(label)+2)
	t.marked = t.marked || m != same
	for i, line := range prose.Break(text, t.opt.width()-3-indent) {
		if i > 0 {
			m, label = same, ""
		}
		t.printf(" %s %-*s%s\n", t.ink.mark[m], indent, label, line)
	}
}

// pages draws the pages that changed, by id, and with a State the others.
func (t *Text) pages(ch *Change, s *State) {
	var gone []int // one that came and went within the operation is left out
	for _, id := range ch.Freed {
		if id < ch.Before.NumPages+ch.Before.NumFreed {
			gone = append(gone, id)
		}
	}
	quiet := ch.NumPages - len(ch.Pages)
	if len(ch.Pages)+len(gone) == 0 && (s == nil || len(s.Pages) == 0) {
		return
	}
	t.row(same, "page", fmt.Sprintf(" %-*s %-*s  PP|HH|AA", cellWidth, "upper half", cellWidth, "lower half"))
	changes := ch.Pages
	rows := slices.Clone(gone)
	states := map[int]*PageState{}
	if s == nil {
		for i := range changes {
			rows = append(rows, changes[i].ID)
		}
	} else {
		for i := range s.Pages {
			rows = append(rows, s.Pages[i].ID)
			states[s.Pages[i].ID] = &s.Pages[i]
		}
	}
	slices.Sort(rows)
	for _, id := range rows {
		switch i, is := slices.BinarySearchFunc(changes, id, func(p PageChange, id int) int { return p.ID - id }); {
		case is:
			t.page(markOf(&changes[i]), &changes[i].PageState)
		case states[id] != nil:
			t.page(same, states[id])
		case len(gone) <= manyFreed:
			t.row(died, fmt.Sprintf("p%d", id), fmt.Sprintf("%s%*s%s%10s  freed", t.ink.left, 2*cellWidth+1, "", t.ink.right, ""))
		}
	}
	if len(gone) > manyFreed {
		t.wrapped("freed", ranges(gone), died)
	}
	if s == nil && quiet > 0 {
		t.row(same, "", "("+counted(quiet, "more page")+", unchanged)")
	}
}

func markOf(p *PageChange) mark {
	switch {
	case p.New:
		return born
	case p.FoundLost:
		return bad
	}
	return changed
}

// ranges writes ids, runs of them shortened to their ends.
func ranges(ids []int) string {
	var b strings.Builder
	for i := 0; i < len(ids); {
		j := i
		for j+1 < len(ids) && ids[j+1] == ids[j]+1 {
			j++
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "p%d", ids[i])
		if j > i {
			fmt.Fprintf(&b, " to p%d", ids[j])
		}
		i = j + 1
	}
	return b.String()
}

// page writes a page: its halves, its mask, and what its lru words are in use for.
func (t *Text) page(m mark, p *PageState) {
	head := fmt.Sprintf("%s %s  ", t.picture(p), p.Mask)
	indent := width(head)
	for i, line := range prose.Break(strings.Join(pageNotes(p), ", "), t.opt.width()-3-labelWidth-indent) {
		if i > 0 {
			t.row(same, "", strings.Repeat(" ", indent)+line)
			continue
		}
		t.row(m, fmt.Sprintf("p%d", p.ID), head+line)
	}
}

// picture draws the halves of a page.
func (t *Text) picture(p *PageState) string {
	var b strings.Builder
	b.WriteString(t.ink.left)
	switch {
	case p.Mask == 0 && p.Queued && !p.Whole:
		b.WriteString(t.cell(fillHead, "both halves", 2*cellWidth+1))
	case p.Whole:
		f := fillPending
		switch {
		case p.Live[0]:
			f = fillAllocated
		case p.Queued:
			f = fillHead
		case !p.Mine:
			f = fillFree
		}
		b.WriteString(t.cell(f, p.Tables[0], 2*cellWidth+1))
	default:
		for i, half := range [2]int{1, 0} { // as the mask has them
			if i == 1 {
				b.WriteString(t.ink.mid)
			}
			f := halfFill(p.Mask.Half(uint32(half)))
			name := p.Tables[half]
			if f == fillFree {
				name = ""
			}
			b.WriteString(t.cell(f, name, cellWidth))
		}
	}
	b.WriteString(t.ink.right)
	return b.String()
}

// pageNotes says where a page is, and what else there is to say about it.
func pageNotes(p *PageState) []string {
	var notes []string
	switch {
	case p.OnList:
		notes = append(notes, fmt.Sprintf("on the list of mm %d", p.ListOf))
	case p.Queued:
		notes = append(notes, "rcu_head queued")
	case !p.Mine:
		notes = append(notes, "released")
	default:
		notes = append(notes, "off the list")
	}
	if p.OnList && p.Queued {
		notes = append(notes, "its rcu_head queued all the same")
	}
	if p.Active {
		notes = append(notes, "PageActive")
	}
	if p.Refs > 0 {
		notes = append(notes, fmt.Sprintf("%d extra refs", p.Refs))
	}
	if p.Lost {
		notes = append(notes, "LOST")
	}
	return notes
}

func halfFill(h pgalloc.HalfState) fill {
	switch h {
	case pgalloc.HalfFree:
		return fillFree
	case pgalloc.HalfAllocated:
		return fillAllocated
	case pgalloc.HalfPending:
		return fillPending
	case pgalloc.HalfPendingHead:
		return fillHead
	}
	return fillBroken
}

// cell draws a half, or a page, with the name of its table.
func (t *Text) cell(f fill, name string, n int) string {
	ch := t.ink.fill[f]
	if name == "" {
		return strings.Repeat(ch, n)
	}
	name = clip(name, n-4)
	return ch + " " + name + " " + strings.Repeat(ch, n-3-len(name))
}

// clip shortens what does not fit and shows that it did.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n-1] + "~"
}

func width(s string) int { return utf8.RuneCountInString(s) }
