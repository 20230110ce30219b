package quiz

import (
	"fmt"
	"slices"
	"strconv"

	"ptsim/internal/phrase"
	"ptsim/internal/stepper"
	"ptsim/kern"
)

// TopicField is what a field of an object holds: the questions about labs other than the page tables, whose objects have fields.
const TopicField = "field"

// askThings makes the question about a move in a lab other than the page tables: what the field that the step changes holds then, or,
// of a step that may change one and does not, what it holds all the same. s is a session of one's own, which stands elsewhere then.
func askThings(s *stepper.Session, move string) (*Quiz, error) {
	before := s.View()
	if err := s.Take(move); err != nil {
		return nil, err
	}
	after := s.View()
	q := &Quiz{Questions: []Question{}, key: map[string]key{}}
	if after.Did == nil || len(after.Did.Steps()) == 0 {
		return q, nil
	}
	t, f := asked(before, after)
	if f == nil {
		return q, nil
	}
	choices := fieldChoices(before, t, f)
	shuffle(choices, move+"\x00"+strconv.Itoa(before.Step)+"\x00"+t.Name+"\x00"+f.Name)
	sentence := phrase.Capital(fmt.Sprintf("%s->%s is %s: %s", t.Name, f.Name, f.Value, after.Did.Sentence.Text))
	ask := Question{
		ID: TopicField, Topic: TopicField, Choices: choices, Hint: after.Did.Sentence.Rule, Cites: after.Did.Sentence.Cites,
		Prompt: fmt.Sprintf("%s on CPU%d goes on with %s. What does %s->%s hold then?", after.Did.Name, after.Did.CPU, next(before, after.Did.Letter), t.Name, f.Name),
	}
	q.Questions = append(q.Questions, ask)
	q.key[TopicField] = key{Answer{Choice: slices.Index(choices, f.Value)}, sentence}
	return q, nil
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
	word := after.Did.Facts().Word
	for i := range after.Things {
		t := &after.Things[i]
		for j := range t.Fields {
			if t.Name+"->"+t.Fields[j].Name == word && !t.Freed {
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
			if l := &before.Lanes[i]; l.Kind == "task" {
				list = append(list, fmt.Sprintf("held by %s %s on CPU%d", l.Letter, l.Name, l.CPU))
			}
		}
	case f.Kind == kern.FieldPointer || f.Kind == kern.FieldList:
		list = append(list, "NULL")
		for i := range before.Things {
			list = append(list, before.Things[i].Name)
		}
	case err == nil:
		list = append(list, strconv.Itoa(n+1), strconv.Itoa(max(n-1, 0)), strconv.Itoa(n+2))
	default:
		list = append(list, "0", "1")
	}
	list = unique(list)
	return list[:min(len(list), most)]
}
