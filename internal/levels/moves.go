package levels

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"ptsim/explore"
	"ptsim/internal/quote"
	"ptsim/internal/stepper"
)

// ParseMoves reads moves as schedules have them, with blanks, commas or dashes between: "B?1 Bx4, s0!12c0-s0". xN repeats a
// move, and what follows a # is a comment up to the end of its line.
func ParseMoves(text string) ([]string, error) {
	var moves []string
	for n, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\r,-", r) })
		for _, w := range words {
			times := 1
			if i := strings.LastIndexByte(w, 'x'); i >= 0 {
				k, err := strconv.Atoi(w[i+1:])
				if err != nil || k < 1 || i == 0 {
					return nil, fmt.Errorf("line %d: move %s; expected one such as A, B?1, s0!12c0, or Bx4 for four of B", n+1, quote.Short(w))
				}
				w, times = w[:i], k
			}
			if times > stepper.MaxSteps || len(moves)+times > stepper.MaxSteps {
				return nil, fmt.Errorf("line %d: more than %d moves; expected a shorter schedule", n+1, stepper.MaxSteps)
			}
			for range times {
				moves = append(moves, w)
			}
		}
	}
	return moves, nil
}

// Take takes one move. A thread's letter alone will do where there is one thing that it can do, such as to begin the one
// callback that is ready.
func Take(s *stepper.Session, move string) error {
	for _, lane := range s.View().Lanes {
		if lane.Letter == move && len(lane.Moves) == 1 {
			move = lane.Moves[0].Text
		}
	}
	return s.Take(move)
}

// Play takes the moves one after the other. The first that is not possible is an error that says which it is, and why.
func Play(s *stepper.Session, moves []string) error {
	for i, mv := range moves {
		err := Take(s, mv)
		var cannot *stepper.ImpossibleError
		switch {
		case errors.Is(err, explore.ErrEnded) && s.View().Violation != nil:
			return fmt.Errorf("move %d: %s: the schedule has ended with a violation", i+1, quote.Short(mv))
		case errors.As(err, &cannot):
			return fmt.Errorf("move %d: %s: %s", i+1, quote.Short(mv), cannot.Why)
		case err != nil:
			return fmt.Errorf("move %d: %s: %w", i+1, quote.Short(mv), err)
		}
	}
	return nil
}
