package quiz

import (
	"fmt"

	"ptsim/internal/labs"
	"ptsim/internal/quote"
	"ptsim/lab"
)

// Question asks what a step will do, before it is shown.
type Question struct {
	ID      string     `json:"id"`      // unique within a Quiz: "mask", "field", "field2"
	Topic   string     `json:"topic"`   // one of LabTopics
	Prompt  string     `json:"prompt"`  // the question, one or two sentences
	Bits    []string   `json:"bits"`    // of a question about a mask: the names of the bits, left to right; else nil
	Choices []string   `json:"choices"` // of a multiple choice question; else nil
	Hint    string     `json:"hint"`    // the rule that decides it; does not give the answer away
	Cites   []lab.Cite `json:"cites"`   // where the rule is from

	look string // the first hint, if it is not that of the topic
}

// Answer is an answer to a question: Bits to one about a mask, in the order of Question.Bits; else Choice, from 0.
type Answer struct {
	Bits   []bool `json:"bits,omitempty"`
	Choice int    `json:"choice"`
}

// Grade says how right an answer is.
type Grade struct {
	Right    bool   `json:"right"`
	PerBit   []bool `json:"per_bit,omitempty"` // of a question about a mask: which of the bits are right
	Score    int    `json:"score"`             // points: one a bit, or one a choice
	Of       int    `json:"of"`                // points there are
	Sentence string `json:"sentence"`          // what is right, and why
	Correct  Answer `json:"correct"`
}

// Topics returns the topics of the page tables, in the order in which a Quiz asks.
func Topics() []string { return LabTopics(labs.Default()) }

// Quiz is questions, with a key that is not shown.
type Quiz struct {
	Questions []Question `json:"questions"`

	key map[string]key
}

// key is the right answer to a question, and the sentence that says why.
type key struct {
	answer   Answer
	sentence string
}

// Grade grades the answer to one of the questions. An answer of the wrong shape is an error.
func (q *Quiz) Grade(id string, a Answer) (Grade, error) {
	for i := range q.Questions {
		if q.Questions[i].ID == id {
			return grade(&q.Questions[i], q.key[id], a)
		}
	}
	return Grade{}, fmt.Errorf("there is no question %s; expected one of those asked", quote.Short(id))
}

// Key returns the right answer to one of the questions, graded: full score, and the sentence that says why.
func (q *Quiz) Key(id string) (Grade, error) { return q.Grade(id, q.key[id].answer) }

func grade(q *Question, k key, a Answer) (Grade, error) {
	g := Grade{Sentence: k.sentence, Correct: k.answer, Of: 1}
	if q.Bits != nil {
		if len(a.Bits) != len(q.Bits) {
			return Grade{}, fmt.Errorf("%d bits; expected %d", len(a.Bits), len(q.Bits))
		}
		g.Of = len(q.Bits)
		for i := range a.Bits {
			right := a.Bits[i] == k.answer.Bits[i]
			g.PerBit = append(g.PerBit, right)
			if right {
				g.Score++
			}
		}
	} else {
		if a.Choice < 0 || a.Choice >= len(q.Choices) {
			return Grade{}, fmt.Errorf("choice %d; expected 0 to %d", a.Choice, len(q.Choices)-1)
		}
		if a.Choice == k.answer.Choice {
			g.Score = 1
		}
	}
	g.Right = g.Score == g.Of
	return g, nil
}
