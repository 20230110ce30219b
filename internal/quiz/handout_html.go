package quiz

import (
	_ "embed"
	"html/template"
	"io"
	"sync"
)

//go:embed handout.html
var handoutText string

var handoutPage = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("handout").Parse(handoutText))
})

// htmlQuestion is a question as the page has it.
type htmlQuestion struct {
	Name, Prompt    string
	Bits, Choices   []string
	Right, Sentence string // "" without a key
}

// htmlItem is an item as the page has it.
type htmlItem struct {
	Number, Difficulty, Of int
	Title, Event, Link     string
	State                  []string
	Questions              []htmlQuestion
}

// writeHTML writes one page that needs nothing else: blanks to fill in, and the key on a page of its own.
func (h *Handout) writeHTML(w io.Writer) error {
	var items []htmlItem
	for _, it := range h.Items {
		last := len(it.Context.Prose) - 1
		k := htmlItem{it.Number, it.Difficulty, levels, it.Context.Title, it.Context.Prose[last], it.Link, it.Context.Prose[:last], nil}
		for i := range it.Quiz.Questions {
			q := &it.Quiz.Questions[i]
			one := htmlQuestion{Name: part(i), Prompt: q.Prompt, Bits: q.Bits, Choices: q.Choices}
			if h.Key {
				g, err := it.Quiz.Key(q.ID)
				if err != nil {
					return err
				}
				one.Right, one.Sentence = q.AnswerText(g.Correct), g.Sentence
			}
			k.Questions = append(k.Questions, one)
		}
		items = append(items, k)
	}
	return handoutPage().Execute(w, map[string]any{"Origin": h.origin(), "About": h.about(), "Items": items, "Key": h.Key})
}
