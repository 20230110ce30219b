package quiz

import (
	"cmp"
	"fmt"
)

// look says, by topic, what to look at: the first of the hints, which every question of a topic shares. A lab says it of its own.
var look = map[string]string{
	TopicField: "Look at what the primitive does to the word that it is about, and at what the word holds now.",
	TopicRule:  "Look at what the step reads or writes, and at who else may look there.",
	TopicEnd:   "Look at the object that the step is about: is it still there, and who may have freed it?",
}

// Look is the first hint: where to look. The second is Hint, the rule.
func (k *Question) Look() string { return cmp.Or(k.look, look[k.Topic], k.Hint) }

// Away is the hints after the rule. Each takes a wrong answer away: of a choice one that is wrong, of a mask it tells a bit. The
// last leaves the right answer alone. n is how many of them were given before.
func (q *Quiz) Away(id string, n int) (string, error) {
	for i := range q.Questions {
		k := &q.Questions[i]
		if k.ID != id {
			continue
		}
		right := q.key[id].answer
		if k.Bits != nil {
			at := min(n, len(k.Bits)-1)
			return fmt.Sprintf("%s is %s.", k.Bits[at], map[bool]string{true: "set", false: "clear"}[right.Bits[at]]), nil
		}
		var wrong []int
		for c := range k.Choices {
			if c != right.Choice {
				wrong = append(wrong, c)
			}
		}
		return fmt.Sprintf("It is not %s.", Letter(wrong[min(n, len(wrong)-1)])), nil
	}
	_, err := q.Grade(id, Answer{})
	return "", err
}
