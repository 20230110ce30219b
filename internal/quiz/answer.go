package quiz

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ptsim/internal/quote"
)

// Letter is what a choice is called: A is the first.
func Letter(choice int) string { return string(rune('A' + choice)) }

// AnswerText writes an answer as ParseAnswer reads it: the mask as a picture, a choice as its letter.
func (q *Question) AnswerText(a Answer) string {
	if q.Bits == nil {
		return Letter(a.Choice)
	}
	var b strings.Builder
	for i, name := range q.Bits {
		if i > 0 && i%2 == 0 {
			b.WriteByte('|')
		}
		if i < len(a.Bits) && a.Bits[i] {
			b.WriteByte(name[0])
		} else {
			b.WriteByte('-')
		}
	}
	return b.String()
}

// ParseAnswer reads an answer as a user types it. A mask is a picture (P-|--|-A), six digits (100001), or the names of the bits
// that are set (P1 A0; none); a choice is its letter or its number from 1.
func (q *Question) ParseAnswer(text string) (Answer, error) {
	text = strings.TrimSpace(text)
	if q.Bits == nil {
		return q.parseChoice(text)
	}
	if a, ok := q.parsePicture(text); ok {
		return a, nil
	}
	a := Answer{Bits: make([]bool, len(q.Bits))}
	words := strings.FieldsFunc(strings.ToUpper(text), func(r rune) bool { return strings.ContainsRune(" ,+\t", r) })
	if len(words) == 1 && words[0] == "NONE" {
		return a, nil
	}
	for _, w := range words {
		i := slices.Index(q.Bits, w)
		if i < 0 {
			return Answer{}, fmt.Errorf("%s is no bit; expected a mask such as P-|--|-A, six digits, the names of the bits that are set, or none", quote.Short(w))
		}
		a.Bits[i] = true
	}
	if len(words) == 0 {
		return Answer{}, fmt.Errorf("nothing is said; expected a mask such as P-|--|-A, six digits, the names of the bits that are set, or none")
	}
	return a, nil
}

// parsePicture reads P-|--|-A and 100001, with or without the bars.
func (q *Question) parsePicture(text string) (Answer, bool) {
	marks := strings.ToUpper(strings.NewReplacer("|", "", " ", "").Replace(text))
	if len(marks) != len(q.Bits) {
		return Answer{}, false
	}
	a := Answer{Bits: make([]bool, len(q.Bits))}
	for i, name := range q.Bits {
		switch marks[i] {
		case name[0], '1':
			a.Bits[i] = true
		case '-', '0', '.':
		default:
			return Answer{}, false
		}
	}
	return a, true
}

func (q *Question) parseChoice(text string) (Answer, error) {
	last := Letter(len(q.Choices) - 1)
	if len(text) == 1 {
		if i := int(strings.ToUpper(text)[0]) - 'A'; i >= 0 && i < len(q.Choices) {
			return Answer{Choice: i}, nil
		}
	}
	if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= len(q.Choices) {
		return Answer{Choice: n - 1}, nil
	}
	return Answer{}, fmt.Errorf("%s is no choice; expected A to %s", quote.Short(text), last)
}
