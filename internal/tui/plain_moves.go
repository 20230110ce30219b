package tui

import (
	"fmt"
	"slices"
	"strings"

	"ptsim/explore"
	"ptsim/internal/levels"
	"ptsim/internal/quote"
	"ptsim/internal/stepper"
)

// take takes what is no command: a move, or several as levels.ParseMoves has them, up to the first that is none.
func (t *talk) take(text string) {
	list, err := levels.ParseMoves(text)
	if err != nil || len(list) < 2 || slices.ContainsFunc(list, func(mv string) bool { return !t.isMove(mv) }) {
		list = []string{text}
	}
	moved := false
	for _, mv := range list {
		if !t.move(mv) {
			break
		}
		moved = true
	}
	if moved {
		t.judge()
		t.moves()
	}
}

// move takes a move, by its name or by its number in the list, and tells whether it did.
func (t *talk) move(text string) bool {
	list := moves(t.s.View())
	if len(text) > 0 && len(text) < 5 && strings.Trim(text, "0123456789") == "" {
		n := 0
		fmt.Sscan(text, &n)
		if n < 1 || n > len(list) {
			t.say("error: there is no move %s; %s", text, possible(t.s.View()))
			return false
		}
		text = list[n-1].Text
	}
	if !slices.ContainsFunc(list, func(mv stepper.Move) bool { return mv.Text == text }) {
		for _, l := range t.s.View().Lanes {
			switch {
			case l.Letter != text || len(l.Moves) == 0:
			case len(l.Moves) == 1:
				text = l.Moves[0].Text
			default:
				t.say("error: %s can go %d ways; %s", text, len(l.Moves), possible(t.s.View()))
				return false
			}
		}
	}
	if !t.isMove(text) {
		t.say("error: %s is no command and no move; expected help, or a move; %s", quote.Short(text), possible(t.s.View()))
		return false
	}
	if !t.ask(text) {
		return false
	}
	if err := t.s.Take(text); err != nil {
		t.say("error: %v", err)
		return false
	}
	t.step()
	return true
}

// isMove tells whether a word has the form of a move of one of the lanes, possible or not.
func (t *talk) isMove(text string) bool {
	for _, l := range t.s.View().Lanes {
		if rest, ok := strings.CutPrefix(text, l.Letter); ok && (rest == "" || rest[0] == '?' || rest[0] == '!') {
			return true
		}
	}
	return false
}

// moves lists what can be done next, and who is held up.
func (t *talk) moves() {
	v := t.s.View()
	if v.Ended {
		return
	}
	t.say("Possible:")
	n := 0
	lane, move := preferred(t.s)
	for i := range v.Lanes {
		l := &v.Lanes[i]
		for k := range l.Moves {
			n++
			next := ""
			if l == lane && &l.Moves[k] == move {
				next = " (n)"
			}
			t.say("  %d. %s, %s on CPU%d: %s%s", n, l.Moves[k].Text, l.Name, l.CPU, l.Moves[k].Label, next)
		}
		if len(l.Moves) == 0 && l.State != explore.Over && l.State != explore.Idle {
			t.say("  %s, %s on CPU%d, cannot: %s", l.Letter, l.Name, l.CPU, l.Why)
		}
	}
}

// preferred is the move that n takes.
func preferred(s *stepper.Session) (*stepper.Lane, *stepper.Move) {
	v := s.View()
	list := choices(v)
	if len(list) == 0 {
		return nil, nil
	}
	c := list[aim(s)]
	if c.move < 0 {
		return nil, nil
	}
	return &v.Lanes[c.lane], &v.Lanes[c.lane].Moves[c.move]
}

// possible lists the moves that there are.
func possible(v *stepper.View) string {
	var list []string
	for i, mv := range moves(v) {
		list = append(list, fmt.Sprintf("%d %s", i+1, mv.Text))
	}
	if len(list) == 0 {
		return "nothing can move any more"
	}
	return "possible: " + strings.Join(list, ", ")
}
