package tui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"ptsim/internal/course"
	"ptsim/internal/quote"
)

// LearnPlain is the course line by line: a lesson is written up to a run, a question or an exercise, and waits there; where
// the input is at its end, it goes on without. at is the lesson, -1 the list.
func LearnPlain(ctx context.Context, opt Options, lessons []*course.Lesson, at int, in io.Reader, out io.Writer, prompt string) error {
	t := newTalk(ctx, opt, bufio.NewReaderSize(in, maxCommand), out, prompt)
	if at < 0 {
		of := ""
		for _, l := range lessons {
			if l.Course != of {
				of = l.Course
				if c, err := course.Get(of); err == nil {
					t.say("%s: %s (--course %s)", c.Title, c.About, c.Name)
				}
			}
			t.say("  %d. %s (%s)", l.Number, l.Title, l.Slug)
		}
		t.say("ptsim learn 1 begins with the first. ptsim learn hour is a plan for a teacher.")
		return t.flush()
	}
	r := &reader{talk: t}
	l := lessons[at]
	t.say("%d. %s", l.Number, l.Title)
	for _, b := range l.Blocks {
		if err := r.block(l, b); err != nil {
			return err
		}
		if r.quit {
			break
		}
	}
	if r.of > 0 {
		t.say("%d of %d questions right.", r.right, r.of)
	}
	return t.flush()
}

// reader goes through a lesson.
type reader struct {
	*talk
	done, quit bool // the input is at its end, quit was said
	right, of  int
}

func (r *reader) md(s string) {
	t := strings.TrimRight(course.Terminal(s, r.columns(), nil), "\n")
	for _, l := range strings.Split(t, "\n") {
		r.say("%s", l)
	}
}

func (r *reader) block(l *course.Lesson, b course.Block) error {
	r.say("")
	switch b := b.(type) {
	case *course.Prose:
		r.md(b.Text)
	case *course.Console:
		r.say("$ %s", b.Command)
		r.text(b.Output)
	case *course.Run:
		r.say("Run: %s (%s on %s)", b.Note, b.Scenario, b.Version)
		r.text(b.Drawing)
		return r.wait("Enter goes on, step steps through it, quit ends.", func(answer string) (bool, error) {
			if answer != "step" {
				return false, nil
			}
			return true, r.step(b)
		})
	case *course.Exercise:
		r.say("Exercise %d", b.Number)
		r.md(b.Text)
		return r.wait("Enter goes on, answer shows the answer, quit ends.", func(answer string) (bool, error) {
			if answer != "answer" {
				return false, nil
			}
			r.md(b.Answer)
			return true, nil
		})
	case *course.Question:
		return r.question(b)
	}
	return nil
}

func (r *reader) text(s string) {
	for _, l := range strings.Split(strings.TrimRight(s, "\n"), "\n") {
		r.put(l)
	}
}

// wait asks until the answer is to go on. did tells whether it was an answer to stay with.
func (r *reader) wait(what string, did func(string) (bool, error)) error {
	if r.done {
		return nil
	}
	r.say("%s", what)
	for {
		answer, err := r.read()
		if errors.Is(err, io.EOF) {
			r.done = true
			return nil
		}
		if err != nil {
			return err
		}
		switch answer = strings.TrimSpace(answer); answer {
		case "", "n", "next", "skip":
			return nil
		case "q", "quit":
			r.quit = true
			return nil
		}
		stay, err := did(answer)
		if err != nil {
			r.say("error: %v", err)
		} else if !stay {
			r.say("error: %s; expected: %s", quote.Short(answer), what)
		}
		if r.done || r.quit {
			return nil
		}
	}
}

// step opens the stepper on a run. quit in it goes back to the lesson.
func (r *reader) step(b *course.Run) error {
	s, err := openRun(b, 0)
	if err != nil {
		return err
	}
	defer s.Close()
	opt := r.opt
	opt.Session, opt.Message = s, "n goes along the run of the lesson; quit goes back to it."
	inner := newTalk(r.ctx, opt, r.in, r.out, r.prompt)
	if err := inner.loop(); err != nil {
		return err
	}
	r.say("Back in the lesson.")
	return nil
}

func (r *reader) question(q *course.Question) error {
	r.say("Question %d", q.Number)
	r.md(q.Prompt)
	what := "Answer with a number, Enter goes on, quit ends."
	switch {
	case q.Mask != "":
		what = "Answer with a mask, such as P-|--|-A, Enter goes on, quit ends."
	case q.Many:
		what = "Answer with numbers, such as 1 3, Enter goes on, quit ends."
	}
	if q.Mask == "" {
		for i, c := range q.Choices {
			md := strings.TrimSpace(course.Terminal(c, r.columns()-5, nil))
			r.say("  %d. %s", i+1, strings.ReplaceAll(md, "\n", "\n     "))
		}
	}
	answered := false
	return r.wait(what, func(answer string) (bool, error) {
		if answered {
			return false, nil
		}
		chosen, ok := r.choice(q, answer)
		if !ok {
			return false, nil
		}
		answered = true
		r.of++
		if q.Right(chosen...) {
			r.right++
			r.say("Right.")
		} else if q.Mask != "" {
			r.say("Not right. It is %s.", q.Mask)
		} else {
			var right []string
			for _, i := range q.Answer {
				right = append(right, fmt.Sprint(i+1))
			}
			r.say("Not right. It is %s.", strings.Join(right, ", "))
		}
		r.md(q.Why)
		if len(q.Cite) > 0 {
			r.md("Source: " + strings.Join(q.Cite, "; "))
		}
		return true, nil
	})
}

// choice reads an answer.
func (r *reader) choice(q *course.Question, answer string) (chosen []int, ok bool) {
	if q.Mask != "" {
		bits, ok := readBits(answer, q.Choices)
		for i, on := range bits {
			if on {
				chosen = append(chosen, i)
			}
		}
		return chosen, ok
	}
	words := strings.FieldsFunc(answer, func(c rune) bool { return c == ' ' || c == ',' })
	for _, w := range words {
		n := 0
		if _, err := fmt.Sscanf(w, "%d", &n); err != nil || n < 1 || n > len(q.Choices) || fmt.Sprint(n) != w {
			return nil, false
		}
		chosen = append(chosen, n-1)
	}
	return chosen, len(chosen) > 0 && (q.Many || len(chosen) == 1)
}
