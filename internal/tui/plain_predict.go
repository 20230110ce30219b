package tui

import (
	"fmt"
	"strings"

	"ptsim/internal/quiz"
	"ptsim/internal/quote"
)

// ask asks about a move before it is taken, if predict mode is on. It is false if the input ended meanwhile.
func (t *talk) ask(move string) bool {
	key := asked{t.s.At(), move}
	if !t.predicting || t.asked[key] {
		return true
	}
	t.asked[key] = true
	q, err := quiz.Predict(t.s, move)
	if err != nil {
		return true
	}
	for i := range q.Questions {
		if !t.question(q, &q.Questions[i]) {
			return true
		}
	}
	return true
}

// question asks one question until it is answered; it is false if the others are not to be asked.
func (t *talk) question(q *quiz.Quiz, k *quiz.Question) bool {
	t.say("Question: %s", k.Prompt)
	for i, c := range k.Choices {
		t.say("  %d. %s", i+1, c)
	}
	expected := fmt.Sprintf("a number from 1 to %d, hint, or skip", len(k.Choices))
	if k.Bits != nil {
		expected = "the bits that will be set, of " + strings.Join(k.Bits, " ") + ", or none, hint, or skip"
	}
	t.say("Answer with %s.", expected)
	for {
		text, err := t.read()
		if err != nil {
			return false
		}
		a := quiz.Answer{}
		switch text = strings.TrimSpace(text); text {
		case "hint", "h":
			t.say("Rule: %s [%s]", k.Hint, cites(k.Cites))
			continue
		case "skip", "":
			return true
		}
		ok := false
		if k.Bits != nil {
			a.Bits, ok = readBits(text, k.Bits)
		} else {
			_, err := fmt.Sscan(text, &a.Choice)
			a.Choice--
			ok = err == nil && a.Choice >= 0 && a.Choice < len(k.Choices)
		}
		if !ok {
			t.say("error: %s; expected %s", quote.Short(text), expected)
			continue
		}
		g, err := q.Grade(k.ID, a)
		if err != nil {
			t.say("error: %v", err)
			continue
		}
		t.tally.add(g)
		word := "Right."
		if !g.Right {
			word = fmt.Sprintf("%d of %d.", g.Score, g.Of)
		}
		if k.Bits != nil {
			word += " " + maskText(k.Bits, g.Correct.Bits) + "."
		} else if !g.Right {
			word += fmt.Sprintf(" It is %d.", g.Correct.Choice+1)
		}
		t.say("%s %s", word, g.Sentence)
		return true
	}
}

// readBits reads the names of bits, or a mask as masks are printed.
func readBits(text string, names []string) ([]bool, bool) {
	bits := make([]bool, len(names))
	if text == "none" {
		return bits, true
	}
	if strings.Contains(text, "|") {
		signs := strings.ReplaceAll(text, "|", "")
		if len(signs) != len(names) {
			return nil, false
		}
		for i := range bits {
			if signs[i] != '-' && !strings.EqualFold(signs[i:i+1], names[i][:1]) {
				return nil, false
			}
			bits[i] = signs[i] != '-'
		}
		return bits, true
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' })
	for _, w := range words {
		found := false
		for i, name := range names {
			if strings.EqualFold(w, name) {
				bits[i], found = true, true
			}
		}
		if !found {
			return nil, false
		}
	}
	return bits, len(words) > 0
}
