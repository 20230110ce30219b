package quiz

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"ptsim/internal/prose"
	"ptsim/internal/stepper"
	"ptsim/lab"
)

// askOf is what there is to ask about a move.
type askOf struct {
	quiz       *Quiz
	lead       string // what is about to happen
	difficulty int    // as the lab's Asker says it; 0 where there is none
}

// ask makes the questions about a move on a session of one's own, which stands elsewhere then. apart leaves what is about to happen
// out of the prompts: the lead says it. A move about which there is nothing to ask has no questions.
func ask(s *stepper.Session, move string, apart bool) (*askOf, error) {
	l := s.Question.Scenario.Lab
	if l.Asker == nil {
		return askThings(s, move, apart)
	}
	a := &askOf{quiz: newQuiz()}
	f, err := foresee(s, move)
	if err != nil || len(f.tries) == 0 {
		return a, err
	}
	in, err := l.Asker.Ask(f.sight())
	if err != nil || in == nil {
		return a, err
	}
	a.lead, a.difficulty = in.Lead, in.Difficulty
	lead := in.Lead + " "
	if apart {
		lead = ""
	}
	salt := s.Question.Name() + " " + f.start.View.Path + " " + f.tries[0].View.Did.Move
	for i := range in.Asked {
		a.quiz.put(l, in.Asked[i].Topic, &in.Asked[i], lead, salt+"\x00"+in.Asked[i].Topic)
	}
	return a, nil
}

func newQuiz() *Quiz { return &Quiz{Questions: []Question{}, key: map[string]key{}} }

// put adds what a lab asks. lead is what its prompt begins with.
func (q *Quiz) put(l *lab.Lab, topic string, a *lab.Asked, lead, salt string) {
	k := Question{Topic: topic, Prompt: lead + a.Prompt, Bits: a.Bits, Hint: a.Hint, Cites: a.Cites, look: lookOf(l, topic)}
	if a.Rules != nil {
		k.Hint, k.Cites = rulesOf(l, a.Rules)
	}
	sentence := strings.TrimSpace(prose.Capital(a.Right) + ". " + cmp.Or(a.Why, k.Hint))
	if a.Bits != nil {
		q.add(k, Answer{Bits: a.Set}, sentence)
		return
	}
	choices := a.Choices
	if choices == nil {
		choices = append([]string{a.Right}, a.Wrong...)
	}
	q.choose(k, a.Right, choices, sentence, salt)
}

// choose adds a multiple choice question. The order of the choices is that of a hash: the same everywhere, and none that
// tells anything. It asks nothing where there is nothing to choose from.
func (q *Quiz) choose(k Question, right string, choices []string, sentence, salt string) {
	if k.Choices = unique(choices); len(k.Choices) > 1 {
		shuffle(k.Choices, salt)
		q.add(k, Answer{Choice: slices.Index(k.Choices, right)}, sentence)
	}
}

// add adds a question under the name of its topic, with a number where it is not the first of that.
func (q *Quiz) add(k Question, right Answer, sentence string) {
	k.ID = k.Topic
	for n := 2; q.key[k.ID].sentence != ""; n++ {
		k.ID = k.Topic + strconv.Itoa(n)
	}
	q.Questions = append(q.Questions, k)
	q.key[k.ID] = key{right, sentence}
}

// only keeps the questions of some topics.
func (q *Quiz) only(topics []string) *Quiz {
	few := newQuiz()
	for _, k := range q.Questions {
		if slices.Contains(topics, k.Topic) {
			few.Questions = append(few.Questions, k)
			few.key[k.ID] = q.key[k.ID]
		}
	}
	return few
}

func unique(list []string) []string {
	var once []string
	for _, s := range list {
		if !slices.Contains(once, s) {
			once = append(once, s)
		}
	}
	return once
}

// shuffle brings a list into an order that depends on the salt alone.
func shuffle[T any](list []T, salt string) {
	d := dice(hashOf(salt))
	for i := len(list) - 1; i > 0; i-- {
		j := d.roll(i + 1)
		list[i], list[j] = list[j], list[i]
	}
}

// hashOf hashes a text, the same everywhere.
func hashOf(text string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(text)) // a hash never fails
	return h.Sum64()
}

// dice is splitmix64: the same numbers from the same seed, whatever the machine and the version of Go.
type dice uint64

// roll returns a number from 0 to n-1.
func (d *dice) roll(n int) int {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % uint64(n))
}
