package quiz

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"ptsim/internal/prose"
	"ptsim/internal/quote"
)

// Handout is drawn items on paper, with blanks, and with or without their key.
type Handout struct {
	Seed  uint64
	More  string // what else the draw was asked for, as the command has it
	N     int    // of items that were asked for, if there were not so many
	Items []*Item
	Key   bool
	About string // what the questions are about; "" is the page tables
	Width int    // columns of the text, 0 for 80
}

// Formats are the formats that a Handout can be written in.
func Formats() []string { return []string{"text", "json", "html"} }

// Write writes the handout in one of Formats.
func (h *Handout) Write(w io.Writer, format string) error {
	switch format {
	case "text":
		return h.writeText(w)
	case "json":
		return h.writeJSON(w)
	case "html":
		return h.writeHTML(w)
	}
	return fmt.Errorf("unknown format %s; expected one of %s", quote.Short(format), strings.Join(Formats(), ", "))
}

// WriteContext writes what an item shows, as text that is so many columns wide.
func (it *Item) WriteContext(w io.Writer, width int) error {
	var b strings.Builder
	head, tail := fmt.Sprintf("%d. %s", it.Number, it.Context.Title), fmt.Sprintf("difficulty %d of %d", it.Difficulty, levels)
	fmt.Fprintf(&b, "%-*s %s\n\n", width-len(tail)-1, head, tail)
	for i, p := range it.Context.Prose {
		if i == len(it.Context.Prose)-1 {
			b.WriteByte('\n') // what is about to happen
		}
		b.WriteString(prose.Indent(p, width, 3))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteText writes the question with room for the answer: name is what it is called, such as "a)".
func (q *Question) WriteText(w io.Writer, name string, width int) error {
	var b strings.Builder
	b.WriteString(prose.Hang("   "+name+" ", "      ", q.Prompt, width))
	if q.Bits != nil {
		b.WriteString("         ")
		for i, bit := range q.Bits {
			if i > 0 && i%2 == 0 {
				b.WriteString("  ")
			}
			fmt.Fprintf(&b, " %s [ ]", bit)
		}
		b.WriteByte('\n')
	}
	for i, c := range q.Choices {
		b.WriteString(prose.Hang("      ( ) "+Letter(i)+". ", "             ", c, width))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// part is what a question of an item is called.
func part(i int) string { return string(rune('a'+i)) + ")" }

func (h *Handout) writeText(w io.Writer) error {
	width := h.Width
	if width == 0 {
		width = 80
	}
	fmt.Fprint(w, prose.Hang("", "", "What happens next? Questions about "+h.about(), width), h.origin(), "\n")
	for _, it := range h.Items {
		fmt.Fprintln(w)
		if err := it.WriteContext(w, width); err != nil {
			return err
		}
		for i := range it.Quiz.Questions {
			fmt.Fprintln(w)
			if err := it.Quiz.Questions[i].WriteText(w, part(i), width); err != nil {
				return err
			}
		}
		if it.Link != "" {
			fmt.Fprintf(w, "\n   ptsim step --replay '%s'\n", it.Link)
		}
	}
	if !h.Key {
		return nil
	}
	fmt.Fprint(w, "\f\nKey\n")
	for _, it := range h.Items {
		fmt.Fprint(w, "\n", prose.Hang(fmt.Sprintf("%d. ", it.Number), "   ", it.Context.Title, width))
		for i := range it.Quiz.Questions {
			q := &it.Quiz.Questions[i]
			g, err := it.Quiz.Key(q.ID)
			if err != nil {
				return err
			}
			fmt.Fprint(w, prose.Hang("   "+part(i)+" "+q.AnswerText(g.Correct)+"  ", "      ", g.Sentence, width))
		}
	}
	return nil
}

// about says what the questions are about.
func (h *Handout) about() string { return cmp.Or(h.About, "the s390 page-table allocator") }

// origin says how to come to the same questions again.
func (h *Handout) origin() string {
	return strings.TrimSpace(fmt.Sprintf("ptsim quiz --seed %d -n %d %s", h.Seed, max(h.N, len(h.Items)), h.More))
}

// keyJSON is one answer of the key.
type keyJSON struct {
	Item     int    `json:"item"`
	Question string `json:"question"`
	Answer   Answer `json:"answer"`
	Text     string `json:"text"`
	Sentence string `json:"sentence"`
}

func (h *Handout) writeJSON(w io.Writer) error {
	out := struct {
		Seed  uint64    `json:"seed"`
		N     int       `json:"n"`
		Items []*Item   `json:"items"`
		Key   []keyJSON `json:"key"`
	}{Seed: h.Seed, N: len(h.Items), Items: h.Items}
	if h.Key {
		for _, it := range h.Items {
			for i := range it.Quiz.Questions {
				q := &it.Quiz.Questions[i]
				g, err := it.Quiz.Key(q.ID)
				if err != nil {
					return err
				}
				out.Key = append(out.Key, keyJSON{it.Number, q.ID, g.Correct, q.AnswerText(g.Correct), g.Sentence})
			}
		}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(out)
}
