package quiz

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ptsim/explore"
	"ptsim/internal/prose"
	"ptsim/internal/stepper"
	"ptsim/kern"
	"ptsim/lab"
)

// The topics of questions about any lab whose objects have fields; the lab's own come on top.
const (
	TopicField = "field" // what a field of an object holds after a step
	TopicRule  = "rule"  // which rule a step rests on
	TopicEnd   = "end"   // what the step comes to: a violation, and of which kind
)

// LabTopics returns the topics of the questions about a lab, in the order in which a Quiz asks.
func LabTopics(l *lab.Lab) []string {
	if l.Asker != nil {
		var topics []string
		for i := range l.Asker.Topics {
			topics = append(topics, l.Asker.Topics[i].Name)
		}
		return topics
	}
	topics := []string{TopicField, TopicRule, TopicEnd}
	for i := range l.Questions {
		if !slices.Contains(topics, l.Questions[i].Topic) {
			topics = append(topics, l.Questions[i].Topic)
		}
	}
	return topics
}

// askThings makes the questions about a move in a lab without an Asker: what the field that the step changes holds then,
// which rule it rests on, what it comes to; and what the lab asks itself of the operation that it begins. s is a session of one's
// own, which stands elsewhere then.
func askThings(s *stepper.Session, move string, apart bool) (*askOf, error) {
	start := s.At()
	before := start.View
	if err := s.Take(move); err != nil {
		return nil, err
	}
	after := s.View()
	a := &askOf{quiz: newQuiz()}
	if after.Did.Own() {
		return a, nil
	}
	k := &labAsker{Quiz: a.quiz, s: s, before: before, after: after, salt: move + "\x00" + strconv.Itoa(before.Step)}
	a.lead = fmt.Sprintf("%s on CPU%d goes on with %s.", after.Did.Name, after.Did.CPU, next(before, after.Did.Letter))
	if !apart {
		k.lead = a.lead + " "
	}
	k.field()
	k.rule()
	k.end()
	if len(s.Question.Scenario.Lab.Questions) > 0 {
		if err := s.Jump(start.ID); err != nil {
			return nil, err
		}
		if err := k.own(move); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// labAsker asks about one move of a lab.
type labAsker struct {
	*Quiz
	s             *stepper.Session
	before, after *stepper.View
	lead          string // what is about to happen, "" if that is said elsewhere
	salt          string
}

// ask adds a multiple choice question.
func (k *labAsker) ask(topic, prompt, right string, choices []string, sentence, hint string, cites []lab.Cite, salt string) {
	q := Question{Topic: topic, Prompt: k.lead + prompt, Hint: hint, Cites: cites}
	k.choose(q, right, choices, sentence, k.salt+"\x00"+salt)
}

// lookOf is the first hint of a topic of the lab's own, "" of those that all labs have.
func lookOf(l *lab.Lab, topic string) string {
	for i := range l.Questions {
		if q := &l.Questions[i]; q.Topic == topic {
			return q.Look
		}
	}
	if l.Asker != nil {
		for i := range l.Asker.Topics {
			if t := &l.Asker.Topics[i]; t.Name == topic {
				return t.Look
			}
		}
	}
	return ""
}

// field asks what the field that the step changes holds then, or, of a step that may change one and does not, what it holds all the
// same.
func (k *labAsker) field() {
	t, f := asked(k.before, k.after)
	if f == nil {
		return
	}
	said := k.after.Did.Sentence
	k.ask(TopicField, fmt.Sprintf("What does %s->%s hold then?", t.Name, f.Name), f.Value, fieldChoices(k.before, t, f),
		prose.Capital(fmt.Sprintf("%s->%s is %s: %s", t.Name, f.Name, f.Value, said.Text)), said.Rule, said.Cites, t.Name+"\x00"+f.Name)
}

// rule asks which of the lab's rules the step rests on. The wrong ones are other rules of the same version, about other steps.
func (k *labAsker) rule() {
	l, said := k.s.Question.Scenario.Lab, k.after.Did.Sentence
	if !slices.ContainsFunc(l.Rules, func(r lab.Rule) bool { return r.ID == said.ID }) {
		return // it rests on what the kernel promises of the primitive
	}
	choices := []string{said.Rule}
	var others []string
	for i := range l.Rules {
		r := &l.Rules[i]
		if r.Text != said.Rule && (len(r.Versions) == 0 || slices.Contains(r.Versions, string(k.s.Question.Version))) {
			others = append(others, r.Text)
		}
	}
	shuffle(others, k.salt+"\x00rules")
	choices = append(choices, others[:min(len(others), 3)]...)
	k.ask(TopicRule, "On which rule does that rest?", said.Rule, choices, strings.TrimSpace(said.Text+" "+said.Rule),
		"Look at what the step reads or writes, and at who else may look there.", nil, TopicRule)
}

// end asks what the step comes to, where something breaks. A step that does no harm is asked about now and then, or the question
// would be its own answer.
func (k *labAsker) end() {
	const fine = "nothing breaks"
	bad := k.after.Violation
	if d := dice(hashOf(k.salt)); bad == nil && d.roll(8) != 0 {
		return
	}
	right := fine
	choices := []string{fine, kern.UseAfterFree.String(), kern.NullDeref.String(), kern.Deadlock.String()}
	sentence := "Nothing breaks here. " + k.after.Did.Sentence.Text
	if bad != nil {
		right = bad.Kind
		if !slices.Contains(choices, right) {
			choices[3] = right
		}
		sentence = prose.Capital(bad.Sentence) + "."
	}
	said := k.after.Did.Sentence
	k.ask(TopicEnd, "What breaks in that step?", right, choices, sentence, said.Rule, said.Cites, TopicEnd)
}

// own asks what the lab asks itself, of the operation that the move begins, or of the one step.
func (k *labAsker) own(move string) error {
	f, err := foresee(k.s, move)
	if err != nil || len(f.tries) == 0 {
		return err
	}
	m, lead, l := f.move(), k.lead, k.s.Question.Scenario.Lab
	if f.whole {
		lead = fmt.Sprintf("%s begins %s.%s %s ", m.Who, f.doing(), f.way(), alone)
	}
	for i := range l.Questions {
		q := &l.Questions[i]
		if a := q.Ask(m); a != nil {
			k.put(l, q.Topic, a, lead, k.salt+"\x00"+q.Topic+"\x00"+a.Prompt)
		}
	}
	return nil
}

// rulesOf puts the rules of those names together, and where they are from.
func rulesOf(l *lab.Lab, ids []string) (text string, cites []lab.Cite) {
	var said []string
	for i := range l.Rules {
		if r := &l.Rules[i]; slices.Contains(ids, r.ID) {
			said = append(said, r.Text)
			cites = append(cites, lab.Cite{Kind: "source", Where: r.Source})
		}
	}
	return strings.Join(said, " "), cites
}

// next is what a thread is about to do.
func next(v *stepper.View, letter string) string {
	for i := range v.Lanes {
		if v.Lanes[i].Letter == letter && v.Lanes[i].Next != "" {
			return v.Lanes[i].Next
		}
	}
	return "its next step"
}

// asked returns the field to ask about, as it is after a step: the first that it changed; or the one that it is about, if the
// primitive could have changed it. Nil is none.
func asked(before, after *stepper.View) (*stepper.Thing, *stepper.Field) {
	for i := range after.Things {
		t := &after.Things[i]
		for j := range t.Fields {
			if t.Fields[j].Change != stepper.Same && t.Change == stepper.Changed {
				return t, &t.Fields[j]
			}
		}
	}
	if p := kern.PrimitiveOf(after.Did.Steps()[len(after.Did.Steps())-1].Op.Kind); !p.Writes {
		return nil, nil
	}
	did := after.Did.Facts()
	for i := range after.Things {
		t := &after.Things[i]
		for j := range t.Fields {
			if t.Name == did.Object && t.Fields[j].Name == did.Field && !t.Freed {
				return t, &t.Fields[j]
			}
		}
	}
	return nil, nil
}

// fieldChoices are what a field may hold: what it does, what it did, and what others like it could.
func fieldChoices(before *stepper.View, t *stepper.Thing, f *stepper.Field) []string {
	const most = 4
	list := []string{f.Value}
	for i := range before.Things {
		if b := &before.Things[i]; b.Name == t.Name {
			for j := range b.Fields {
				if b.Fields[j].Name == f.Name {
					list = append(list, b.Fields[j].Value)
				}
			}
		}
	}
	switch n, err := strconv.Atoi(f.Value); {
	case f.Kind == kern.FieldLock:
		list = append(list, "free")
		for i := range before.Lanes {
			if l := &before.Lanes[i]; l.Kind == explore.TaskThread {
				list = append(list, fmt.Sprintf("held by %s %s on CPU%d", l.Letter, l.Name, l.CPU))
			}
		}
	case f.Kind == kern.FieldPointer || f.Kind == kern.FieldList:
		list = append(list, "NULL")
		for i := range before.Things {
			list = append(list, before.Things[i].Name)
		}
	case f.To != "": // a tagged pointer: the same with other flags
		list = append(list, f.To)
		for _, flag := range f.Flags {
			list = append(list, f.To+"|"+flag)
		}
		list = append(list, "NULL")
	case err == nil:
		list = append(list, strconv.Itoa(n+1), strconv.Itoa(max(n-1, 0)), strconv.Itoa(n+2))
	default:
		list = append(list, "0", "1")
	}
	list = unique(list)
	return list[:min(len(list), most)]
}
