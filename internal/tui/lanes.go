package tui

import (
	"fmt"
	"slices"
	"strings"

	"ptsim/internal/prose"
	"ptsim/internal/stepper"
)

// choice is a row of the lanes that the cursor can stand on: a move, or a lane that cannot move.
type choice struct {
	lane int
	move int // of the lane, -1 if it has none
}

// choices are the rows of the lanes, in their order.
func choices(v *stepper.View) []choice {
	var list []choice
	for i := range v.Lanes {
		if len(v.Lanes[i].Moves) == 0 {
			list = append(list, choice{i, -1})
		}
		for k := range v.Lanes[i].Moves {
			list = append(list, choice{i, k})
		}
	}
	return list
}

// moves are what the digits pick from.
func moves(v *stepper.View) []stepper.Move {
	var list []stepper.Move
	for i := range v.Lanes {
		list = append(list, v.Lanes[i].Moves...)
	}
	return list
}

// chosen is what the cursor stands on.
func (m *Model) chosen() (lane *stepper.Lane, move *stepper.Move) {
	list := choices(m.view)
	if len(list) == 0 {
		return nil, nil
	}
	c := list[min(max(m.cursor, 0), len(list)-1)]
	lane = &m.view.Lanes[c.lane]
	if c.move >= 0 {
		move = &lane.Moves[c.move]
	}
	return lane, move
}

// aim returns which of the choices is the one to go on with: the move that comes next on the line the session is on; else
// the lane that moved last, as long as it can; else the next one that can.
func aim(s *stepper.Session) int {
	v := s.View()
	list := choices(v)
	want := ""
	if line := s.Line(); v.Step+1 < len(line) {
		want = line[v.Step+1].View.Did.Move
	}
	from := 0
	for i, c := range list {
		l := &v.Lanes[c.lane]
		if c.move >= 0 && l.Moves[c.move].Text == want {
			return i
		}
		if l.Moved && from == 0 {
			from = i
		}
	}
	for i := range list {
		if k := (from + i) % len(list); list[k].move >= 0 {
			return k
		}
	}
	return from
}

// laneRows are a line for each lane, and one for each of its moves where there are several.
func (m *Model) laneRows(v *stepper.View, w int) (rows []line, follow int) {
	name, doing, digits := 0, 0, 2
	for i := range v.Lanes {
		if v.Lanes[i].CPU >= 10 {
			digits = 3
		}
		name = max(name, width(v.Lanes[i].Name))
		doing = max(doing, width(v.Lanes[i].Doing))
	}
	name, doing = min(name, max(w/6, 6)), min(doing, max(w/5, 8))
	number, at := 0, 0
	for i := range v.Lanes {
		l := &v.Lanes[i]
		head := func(first bool) line {
			here := at == m.cursor
			var out line
			st := plain
			if here {
				st = marked
				out.add(bold, m.ink.here)
			} else {
				out.add(plain, " ")
			}
			if !first {
				out.pad(10 + digits + name + doing)
				return out
			}
			moved := " "
			if l.Moved {
				moved = m.ink.moved
			}
			out.add(altered, moved)
			out.add(st, fmt.Sprintf("%-2s", l.Letter)).add(plain, fmt.Sprintf(" CPU%-*d", digits, l.CPU))
			out.add(plain, short(l.Name, name)).pad(9 + digits + name)
			out.add(plain, " ").add(faint, short(l.Doing, doing)).pad(10 + digits + name + doing)
			return out
		}
		if len(l.Moves) == 0 {
			out := head(true)
			out.add(faint, "   "+l.Why)
			rows, follow = m.laneRow(rows, follow, out, at, 13+digits+name+doing, w)
			at++
			continue
		}
		for k := range l.Moves {
			number++
			out := head(k == 0)
			key := " "
			if number <= 9 {
				key = fmt.Sprint(number)
			}
			out.add(accented, " "+key+" ")
			out.add(plain, l.Moves[k].Label)
			if k == 0 && l.BH {
				out.add(faint, "  BH off")
			}
			if k == 0 && l.RCU {
				out.add(faint, "  in rcu_read_lock")
			}
			rows, follow = m.laneRow(rows, follow, out, at, 13+digits+name+doing, w)
			at++
		}
	}
	return rows, follow
}

// laneRow appends a row; the one with the cursor is shown in full.
func (m *Model) laneRow(rows []line, follow int, l line, at, indent, w int) ([]line, int) {
	if at != m.cursor {
		return append(rows, l.cut(w)), follow
	}
	if fields := strings.Fields(l.plain()); w-indent < 20 || slices.ContainsFunc(fields, func(word string) bool { return width(word) > w-indent }) {
		indent = 6 // rather than to cut a primitive in two
	}
	return append(rows, l.wrap(w, indent)...), len(rows)
}

func (m *Model) lanesPanel(v *stepper.View, w int) *panel {
	rows, follow := m.laneRows(v, w)
	return &panel{id: lanesPanel, title: "threads: which moves next?", lines: rows, follow: follow, rank: 2, fill: 1, least: min(len(v.Lanes), 4),
		brief: prose.Count(len(v.Lanes), "thread", "threads")}
}
