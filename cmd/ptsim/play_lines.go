package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"ptsim/internal/levels"
	"ptsim/internal/stepper"
)

// playLinesHelp is what "help" says in the plain mode.
const playLinesHelp = `  A, B?1, s0 ...   moves, as many as you like; Bx4 is four of B
  ENTER            the last thread that moved again, if there is one thing that it can do
  back, forward    take a step back, and go there again
  restart          back to the first state
  ahead            can it still be solved? asks the explorer
  pages            what every page, mm and callback looks like
  story            the level again
  impossible       claim that the level cannot be solved
  quit             give up
`

// playStates bounds what "ahead" may search.
const playStates = 200_000

// playByLine plays a level line by line, until it is solved or given up.
func playByLine(l *levels.Level, in io.Reader, out io.Writer) error {
	s, err := l.Open()
	if err != nil {
		return err
	}
	defer s.Close()
	introduce(out, l, s.View())
	fmt.Fprintln(out, "help lists what you can say.")
	lines := newLines(in)
	for {
		if _, err := fmt.Fprint(out, "> "); err != nil {
			return stdoutError(err)
		}
		line, ok := lines.next()
		if !ok {
			break
		}
		solved, quit := playLine(l, s, strings.TrimSpace(line), out)
		if solved {
			return nil
		}
		if quit {
			break
		}
	}
	if err := lines.err(); err != nil {
		return err
	}
	fmt.Fprintln(out, verdictOn(l.Judge(s)))
	return errFinding
}

// playLine does what one line says.
func playLine(l *levels.Level, s *stepper.Session, line string, out io.Writer) (solved, quit bool) {
	switch line {
	case "q", "quit", "exit":
		return false, true
	case "?", "help":
		fmt.Fprint(out, playLinesHelp)
	case "story":
		fmt.Fprintf(out, "%s\n\ngoal: %s\n", l.Story, l.Goal.Text)
	case "pages":
		writeState(out, s.View())
	case "b", "back":
		if !s.Back() {
			fmt.Fprintln(out, "this is the first state")
		}
		writeLanes(out, s.View())
	case "forward":
		if !s.Forward() {
			fmt.Fprintln(out, "there is nothing ahead that was tried; a move goes on")
		}
		writeLanes(out, s.View())
	case "restart":
		_ = s.Seek(0) // there always is a first state
		writeLanes(out, s.View())
	case "ahead":
		a, err := s.Ahead(context.Background(), playStates)
		if err != nil {
			fmt.Fprintln(out, err)
			break
		}
		fmt.Fprintln(out, a.Sentence)
	case "impossible":
		j := l.Claim()
		fmt.Fprintln(out, verdictOn(j))
		return j.Reached, false
	default:
		return takeLine(l, s, line, out), false
	}
	return false, false
}

// takeLine takes the moves of a line, one shown after the other.
func takeLine(l *levels.Level, s *stepper.Session, line string, out io.Writer) (solved bool) {
	if line == "" {
		for _, lane := range s.View().Lanes {
			if lane.Moved {
				line = lane.Letter
			}
		}
	}
	moves, err := levels.ParseMoves(line)
	if err != nil {
		fmt.Fprintln(out, err)
		return false
	}
	for _, mv := range moves {
		if err := levels.Take(s, mv); err != nil {
			fmt.Fprintln(out, err)
			break
		}
		writeStep(out, s.View())
	}
	if j := l.Judge(s); j.Reached || s.View().Ended {
		fmt.Fprintln(out, verdictOn(j))
		if j.Reached {
			return true
		}
		fmt.Fprintln(out, "back goes back, restart begins again")
		return false
	}
	writeLanes(out, s.View())
	return false
}

// writeLanes writes who can move, and what the others wait for.
func writeLanes(out io.Writer, v *stepper.View) {
	for i := range v.Lanes {
		lane := &v.Lanes[i]
		who := fmt.Sprintf("CPU%d %s", lane.CPU, lane.Name)
		if len(lane.Moves) == 0 {
			fmt.Fprintf(out, "     %-10s %-18s (%s)\n", "-", who, lane.Why)
		}
		for _, m := range lane.Moves {
			label := m.Label
			if lane.Doing != "" && label == lane.Next {
				label = lane.Doing + ": " + label
			}
			fmt.Fprintf(out, "     %-10s %-18s %s\n", m.Text, who, label)
		}
	}
}

// writeState writes the things of a view, one a line.
func writeState(out io.Writer, v *stepper.View) {
	for _, p := range v.Pages {
		if p.Freed {
			fmt.Fprintf(out, "     %s: freed\n", p.Name)
			continue
		}
		fmt.Fprintf(out, "     %s of %s: %s, %s; lower half %s %s, upper half %s %s\n",
			p.Name, p.MM, p.Mask, p.Words, p.Halves[0].State, p.Halves[0].Table, p.Halves[1].State, p.Halves[1].Table)
	}
	for _, m := range v.MMs {
		if m.Freed {
			fmt.Fprintf(out, "     %s: freed\n", m.Name)
			continue
		}
		fmt.Fprintf(out, "     %s: mm_users %d, mm_count %d, list [%s]\n", m.Name, m.Users, m.Count, strings.Join(m.List, " "))
	}
	for _, c := range v.RCU {
		fmt.Fprintf(out, "     queued: %s", c.Name)
		if len(c.Waits) > 0 {
			fmt.Fprintf(out, ", waits for %s", strings.Join(c.Waits, " and "))
		}
		fmt.Fprintln(out)
	}
	for _, c := range v.Work {
		fmt.Fprintf(out, "     pending work: %s\n", c.Name)
	}
}
