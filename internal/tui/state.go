package tui

import (
	"slices"

	"ptsim/internal/prose"
	"ptsim/internal/stepper"
)

const labelWidth = 8 // "page12", "batch3", ...

// row begins a line with the mark of a change and a label.
func (m *Model) row(c stepper.Change, label string) line {
	var l line
	st, sign := m.ink.sign(c)
	if m.accused(label) {
		st, sign, c = wrong, m.ink.bad, stepper.Changed
	}
	l.add(st, sign+" ")
	l.row = markedRow
	if c == stepper.Same {
		st, l.row = plain, unmarkedRow
	}
	l.add(st, label)
	l.pad(2 + max(labelWidth, width(label)+1))
	return l
}

// accused tells whether the violation that the schedule came to names a thing.
func (m *Model) accused(name string) bool {
	if m.view.Violation == nil {
		return false
	}
	return slices.Contains(m.view.Violation.About, name)
}

// value appends a value, and its mark if it changed.
func (m *Model) value(l *line, c stepper.Change, s string) *line {
	st, sign := m.ink.sign(c)
	l.add(st, s)
	if c != stepper.Same {
		l.add(st, sign)
	}
	return l
}

// fold wraps a line so that what goes over the width stands below the text after the label.
func fold(l line, w int) []line { return l.wrap(w, min(2+labelWidth, w/3)) }

// firstMarked is the first line with a mark in its margin, -1 if none has.
func firstMarked(lines []line) int {
	return slices.IndexFunc(lines, func(l line) bool { return l.row == markedRow })
}

// markedFirst puts the rows that changed before the rest, so that they are in sight where there is no room for all.
func markedFirst(lines []line) []line {
	var first, rest []line
	to := &rest
	for _, l := range lines {
		switch l.row {
		case markedRow:
			to = &first
		case unmarkedRow:
			to = &rest
		}
		*to = append(*to, l)
	}
	return append(first, rest...)
}

// statePanels are what there is to see of the machine: one panel where there is little room, else four.
func (m *Model) statePanels(v *stepper.View, w int, one bool) []*panel {
	parts := []*panel{
		{id: pagesPanel, title: "pages: upper half, lower half, PP|HH|AA", lines: m.pageRows(v, w), rank: 3, fill: 2, least: 2},
		{id: mmsPanel, title: "mms", lines: m.mmRows(v, w), rank: 4, fill: 2, least: 2},
		{id: queuesPanel, title: "batches, RCU, work", lines: m.queueRows(v, w), rank: 5, fill: 2, least: 2},
		{id: filesPanel, title: "files and vmas", lines: m.fileRows(v, w), rank: 6, fill: 2, least: 1},
	}
	whole, brief := "state: pages as upper half, lower half, PP|HH|AA", prose.Count(len(v.Pages), "page", "pages")+", "+prose.Count(len(v.MMs), "mm", "mms")
	if v.Things != nil {
		parts[0].title, parts[0].lines, parts[2].title = "objects", m.thingRows(v, w), "RCU, work"
		whole, brief = "objects", prose.Count(len(v.Things), "object", "objects")
	}
	if v.Things == nil && v.Figures != nil { // of memory
		parts[0].lines = append(parts[0].lines, m.figureRows(v, w)...)
	}
	if one {
		p := &panel{id: statePanel, title: whole, rank: 1, fill: 2, least: 3}
		for _, q := range parts {
			p.lines = append(p.lines, q.lines...)
		}
		if len(p.lines) > max(m.h-16, 6) {
			p.lines = markedFirst(p.lines)
		}
		p.follow = firstMarked(p.lines)
		p.brief = brief
		return []*panel{p}
	}
	var out []*panel
	for _, p := range parts {
		if len(p.lines) == 0 {
			if p.id != queuesPanel {
				continue
			}
			p.brief = "nothing is queued"
		}
		p.follow = firstMarked(p.lines)
		out = append(out, p)
	}
	return out
}
