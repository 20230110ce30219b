package script

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"ptsim/internal/prose"
	"ptsim/pgalloc"
)

const (
	labelWidth = 7  // "p12", "lists", ...
	cellWidth  = 16 // a half
)

// pageHeads are the heads of the columns of a page.
var pageHeads = fmt.Sprintf(" %-*s %-*s  PP|HH|AA", cellWidth, "upper half", cellWidth, "lower half")

// fits tells whether a text is one line as it is.
func fits(text string, columns int) bool {
	return width(text) <= columns && !strings.Contains(text, "  ") && !strings.ContainsAny(text, "\n\t")
}

// row writes one line: sign, label, text.
func (t *Text) row(m mark, label, text string) {
	t.marked = t.marked || m != same
	t.line(m, label, labelWidth, text)
}

// line writes sign, label in so many columns, text, and no blanks at the end. A long script has millions of lines, and what they leave
// to the collector is what a run of it costs: so none of it is put together elsewhere.
func (t *Text) line(m mark, label string, columns int, text string) {
	t.b.WriteByte(' ')
	t.b.WriteString(t.ink.mark[m])
	t.b.WriteByte(' ')
	t.b.WriteString(label)
	t.repeat(" ", columns-width(label))
	t.b.WriteString(text)
	t.b.Truncate(len(bytes.TrimRight(t.b.Bytes(), " ")))
	t.b.WriteByte('\n')
}

// repeat writes a sign so many times.
func (t *Text) repeat(sign string, n int) {
	for range n {
		t.b.WriteString(sign)
	}
}

// wrapped writes a text of any length, further lines indented to where the first began.
func (t *Text) wrapped(label, text string, m mark) {
	indent := max(labelWidth, len(label)+2)
	t.marked = t.marked || m != same
	if fits(text, t.opt.width()-3-indent) {
		t.line(m, label, indent, text)
		return
	}
	for i, line := range prose.Break(text, t.opt.width()-3-indent) {
		if i > 0 {
			m, label = same, ""
		}
		t.line(m, label, indent, line)
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
	t.row(same, "page", pageHeads)
	changes := ch.Pages
	rows := slices.Clone(gone)
	var states map[int]*PageState
	if s == nil {
		for i := range changes {
			rows = append(rows, changes[i].ID)
		}
	} else {
		states = make(map[int]*PageState, len(s.Pages))
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
	head := t.picture(p) + " " + p.Mask.String() + "  "
	indent := width(head)
	notes := strings.Join(pageNotes(p), ", ")
	if fits(notes, t.opt.width()-3-labelWidth-indent) {
		t.row(m, "p"+strconv.Itoa(p.ID), head+notes)
		return
	}
	for i, line := range prose.Break(notes, t.opt.width()-3-labelWidth-indent) {
		if i > 0 {
			t.row(same, "", strings.Repeat(" ", indent)+line)
			continue
		}
		t.row(m, "p"+strconv.Itoa(p.ID), head+line)
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
		notes = append(notes, "on the list of mm "+strconv.Itoa(p.ListOf))
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
