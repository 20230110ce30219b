package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"ptsim/internal/quiz"
)

func newQuiz(std streams) *cobra.Command {
	var seed uint64
	var n int
	var answers, asks bool
	var format string
	cmd := &cobra.Command{
		Use:   "quiz",
		Short: "Ask what happens next: the mask, the list, RCU, the page, the mm",
		Long: `Quiz draws situations from schedules and from the tables of masks, and asks what happens next. The answers are not
written down anywhere: the allocator's own code is run. The same seed draws the same questions everywhere.

In a terminal it asks them one by one, grades the answer, a mask bit by bit, and counts the points; hint tells the rule that
decides. Elsewhere, or with --format, it is a handout with blanks, and with --answers has the key on a page of its own. --ask
asks line by line also where there is no terminal.

JSON is one object: seed, n, items (number, difficulty, context: title, prose, view, move; link, quiz: questions: id, topic,
prompt, bits, choices, hint, cites), and key, null without --answers (item, question, answer: bits or choice, text, sentence).
bits and choices are null where there are none; view is the state of the stepper, null of a question about a table of masks.`,
		Example: `  ptsim quiz
  ptsim quiz --seed 7 -n 10 --format html > handout.html
  ptsim quiz --seed 7 -n 10 --format html --answers > key.html
  ptsim quiz --seed 7 --format json --answers`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format, quiz.Formats()...); err != nil {
				return fmt.Errorf("--format: %w", err)
			}
			if n < 1 || n > quiz.MaxItems {
				return fmt.Errorf("-n %d; expected 1 to %d", n, quiz.MaxItems)
			}
			_, in := isTerminal(std.in)
			_, out := isTerminal(std.out)
			onPaper := answers || cmd.Flags().Changed("format")
			if asks && onPaper {
				return fmt.Errorf("--ask: expected no --format and no --answers with it")
			}
			items, err := quiz.Draw(seed, n)
			if err != nil {
				return err
			}
			if asks || in && out && !onPaper {
				return askItems(items, std.in, std.out)
			}
			return buffered(std.out, func(w io.Writer) error {
				h := &quiz.Handout{Seed: seed, Items: items, Key: answers}
				return stdoutError(h.Write(w, format))
			})
		},
	}
	f := cmd.Flags()
	f.Uint64Var(&seed, "seed", 1, "draw by this seed")
	f.IntVarP(&n, "n", "n", 5, "how many situations")
	f.BoolVar(&answers, "answers", false, "print the key, too")
	f.BoolVar(&asks, "ask", false, "ask line by line, also where there is no terminal")
	formatFlag(cmd, &format, quiz.Formats()...)
	return cmd
}

// askItems asks the questions one by one, and counts the points.
func askItems(items []*quiz.Item, in io.Reader, out io.Writer) error {
	a := &asker{out: out, lines: newLines(in)}
	fmt.Fprintln(out, "Answer with a mask (P-|--|-A, 100001, or P1 A0, or none) or with a letter. hint, skip and quit are words, too.")
	for _, it := range items {
		if a.ended {
			break
		}
		fmt.Fprintln(out)
		if err := it.WriteContext(out); err != nil {
			return stdoutError(err)
		}
		for i := range it.Quiz.Questions {
			if a.ended {
				break
			}
			if err := a.ask(it, i); err != nil {
				return err
			}
		}
	}
	if err := a.lines.err(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\n%d of %d points, %d of %d questions all right\n", a.score, a.of, a.right, a.questions)
	return stdoutError(err)
}

// asker asks, and counts.
type asker struct {
	out                         io.Writer
	lines                       *lineReader
	ended                       bool
	score, of, right, questions int
}

// ask asks one question until it is answered, skipped, or the input ends.
func (a *asker) ask(it *quiz.Item, i int) error {
	q := &it.Quiz.Questions[i]
	fmt.Fprintln(a.out)
	if err := q.WriteText(a.out, string(rune('a'+i))+")"); err != nil {
		return stdoutError(err)
	}
	for {
		fmt.Fprint(a.out, "> ")
		line, ok := a.lines.next()
		switch word := strings.ToLower(strings.TrimSpace(line)); {
		case !ok || word == "quit" || word == "q":
			a.ended = true
			return nil
		case word == "":
			continue
		case word == "skip":
			return a.tell(it, q)
		case word == "hint" || word == "?":
			fmt.Fprintf(a.out, "  %s\n", q.Hint)
			for _, c := range q.Cites {
				fmt.Fprintf(a.out, "  (%s: %s)\n", c.Kind, c.Where)
			}
			continue
		}
		answer, err := q.ParseAnswer(line)
		if err != nil {
			fmt.Fprintln(a.out, " ", err)
			continue
		}
		return a.grade(it, q, answer)
	}
}

// tell says what is right of a question that was skipped. It counts as one that was asked.
func (a *asker) tell(it *quiz.Item, q *quiz.Question) error {
	g, err := it.Quiz.Key(q.ID)
	if err != nil {
		return err
	}
	a.of += g.Of
	a.questions++
	_, err = fmt.Fprintf(a.out, "  %s. %s\n", q.AnswerText(g.Correct), g.Sentence)
	return stdoutError(err)
}

func (a *asker) grade(it *quiz.Item, q *quiz.Question, answer quiz.Answer) error {
	g, err := it.Quiz.Grade(q.ID, answer)
	if err != nil {
		return err
	}
	a.score += g.Score
	a.of += g.Of
	a.questions++
	verdict := "wrong"
	if g.Right {
		a.right++
		verdict = "right"
	}
	if g.PerBit != nil {
		marks := ""
		for i, ok := range g.PerBit {
			marks += " " + q.Bits[i] + map[bool]string{true: " right", false: " WRONG"}[ok]
			if i < len(g.PerBit)-1 {
				marks += ","
			}
		}
		fmt.Fprintf(a.out, " %s\n", marks)
	}
	_, err = fmt.Fprintf(a.out, "  %s, %d of %d: %s. %s\n", verdict, g.Score, g.Of, q.AnswerText(g.Correct), g.Sentence)
	return stdoutError(err)
}
