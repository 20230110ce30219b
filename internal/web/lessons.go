package web

import (
	"net/http"
	"path"
	"strconv"
	"strings"

	"ptsim/internal/course"
)

// Lesson is a lesson of the course, its markdown made into HTML that shows text and does nothing.
type Lesson struct {
	Slug   string  `json:"slug"`
	Number int     `json:"number"`
	Title  string  `json:"title"`
	Lab    string  `json:"lab,omitempty"` // of a lesson that comes with a lab
	Course string  `json:"course"`        // the name of its course
	Blocks []Block `json:"blocks,omitempty"`
}

// Block is a part of a lesson.
type Block struct {
	Kind    string   `json:"kind"` // prose, run, console, question, exercise
	HTML    string   `json:"html,omitempty"`
	Note    string   `json:"note,omitempty"`    // of a run: what it shows
	Link    string   `json:"link,omitempty"`    // of a run: what the stepper opens; of a question: what it is about
	Text    string   `json:"text,omitempty"`    // of a run: its drawing; of a console: the output
	Command string   `json:"command,omitempty"` // of a console
	Number  int      `json:"number,omitempty"`
	Choices []string `json:"choices,omitempty"` // of a question, as HTML
	Bits    []string `json:"bits,omitempty"`    // of a question for a mask
	Many    bool     `json:"many,omitempty"`
	Answer  string   `json:"answer,omitempty"` // of an exercise, as HTML
}

func (s *Server) course(http.ResponseWriter, *http.Request) (any, error) {
	list := []Lesson{}
	for _, name := range course.All() {
		l, err := course.Load(name)
		if err != nil {
			return nil, err
		}
		list = append(list, Lesson{Slug: l.Slug, Number: l.Number, Title: l.Title, Lab: l.Lab, Course: l.Course})
	}
	return list, nil
}

func (s *Server) lesson(_ http.ResponseWriter, r *http.Request) (any, error) {
	l, err := course.Load(r.PathValue("name"))
	if err != nil {
		return nil, &fault{http.StatusNotFound, err.Error()}
	}
	out := &Lesson{Slug: l.Slug, Number: l.Number, Title: l.Title, Course: l.Course}
	for _, b := range l.Blocks {
		var k Block
		switch b := b.(type) {
		case *course.Prose:
			k.Kind, k.HTML, err = "prose", "", nil
			k.HTML, err = page(b.Text, folderOf(l))
		case *course.Run:
			k = Block{Kind: "run", Note: b.Note, Link: b.Schedule, Text: b.Drawing}
		case *course.Console:
			k = Block{Kind: "console", Command: b.Command, Text: b.Output}
		case *course.Question:
			k, err = questionBlock(l, b)
		case *course.Exercise:
			k = Block{Kind: "exercise", Number: b.Number}
			if k.HTML, err = page(b.Text, folderOf(l)); err == nil {
				k.Answer, err = page(b.Answer, folderOf(l))
			}
		}
		if err != nil {
			return nil, err
		}
		out.Blocks = append(out.Blocks, k)
	}
	return out, nil
}

// folderOf is the folder that links in a lesson start from.
func folderOf(l *course.Lesson) string {
	if l.Lab != "" { // its text stands beside the lab, and speaks of the documents
		return courseFolder
	}
	return path.Dir(l.File)
}

func questionBlock(l *course.Lesson, q *course.Question) (k Block, err error) {
	k = Block{Kind: "question", Number: q.Number, Many: q.Many}
	if k.HTML, err = page(q.Prompt, folderOf(l)); err != nil {
		return k, err
	}
	for _, c := range q.Choices {
		html, err := page(c, folderOf(l))
		if err != nil {
			return k, err
		}
		if q.Mask != "" {
			k.Bits = append(k.Bits, c)
			continue
		}
		k.Choices = append(k.Choices, html)
	}
	if q.Run >= 0 {
		if run, ok := l.Blocks[q.Run].(*course.Run); ok {
			k.Link = run.Schedule
			if q.Step > 0 && q.Step < 1<<16 {
				k.Link += "#" + strconv.Itoa(q.Step)
			}
		}
	}
	return k, nil
}

// Answered is an answer to a question of a lesson.
type Answered struct {
	Lesson   string `json:"lesson"`
	Question int    `json:"question"`
	Choices  []int  `json:"choices"`
}

// Marked says whether an answer to a question of a lesson is right.
type Marked struct {
	Right  bool   `json:"right"`
	Answer []int  `json:"answer"`
	Mask   string `json:"mask"`
	Why    string `json:"why"` // HTML
}

func (s *Server) postAnswer(w http.ResponseWriter, r *http.Request) (any, error) {
	var a Answered
	if err := read(w, r, &a); err != nil {
		return nil, err
	}
	l, err := course.Load(a.Lesson)
	if err != nil {
		return nil, asFault(err)
	}
	for _, b := range l.Blocks {
		if q, ok := b.(*course.Question); ok && q.Number == a.Question {
			why := q.Why
			if len(q.Cite) > 0 {
				why += "\n\nSource: " + strings.Join(q.Cite, "; ")
			}
			html, err := page(why, courseFolder)
			return Marked{q.Right(a.Choices...), q.Answer, q.Mask, html}, err
		}
	}
	return nil, bad("question %d; expected one of lesson %s", a.Question, l.Slug)
}
