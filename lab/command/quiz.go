package command

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"ptsim/internal/course"
	"ptsim/internal/labs"
	"ptsim/internal/prose"
	"ptsim/internal/question"
	"ptsim/internal/quiz"
	"ptsim/internal/quote"
	"ptsim/lab"
)

// quizOptions are the flags of ptsim quiz.
type quizOptions struct {
	seed          uint64
	n, lesson     int
	about         []string
	lab, variant  string
	answers, asks bool
	format        string
}

func newQuiz(std streams) *cobra.Command {
	var o quizOptions
	cmd := &cobra.Command{
		Use:   "quiz",
		Short: "Ask what happens next: the mask, the list, RCU, the page, the mm",
		Long: `Quiz draws situations from schedules and from the tables of masks, and asks what
happens next. The answers are not written down anywhere: the allocator's own
code is run. The same seed draws the same questions everywhere.

--about asks about some topics only: mask, the bits after a step; list, the
page's place on pgtable_list; rcu, what call_rcu gets; free, who frees the page;
mm, what becomes of the mm. --lesson asks about the scenarios and the variants
in the runs of a lesson of the course, --variant about one variant.

--lab asks about another lab: field, what a field of an object holds after a
step; rule, the rule that a step rests on; end, what breaks; and what the lab
asks itself. A lesson of a lab says its lab by itself.

In a terminal it asks the questions one by one, grades the answers, a mask bit
by bit, and counts the points. The word hint helps, more each time: first what
to look at, then the rule that decides, then it takes a wrong answer away.
Elsewhere, or with --format, it is a handout with blanks; --answers adds the key
on a page of its own. --ask asks line by line even where there is no terminal.

JSON is one object: seed, n, items (number, difficulty, context: title, prose,
view, move; link, quiz: questions: id, topic, prompt, bits, choices, hint,
cites), and key, null without --answers (item, question, answer: bits or choice,
text, sentence). bits and choices are null where there are none; view is the
state of the stepper, null for a question about a table of masks.`,
		Example: `  ptsim quiz
  ptsim quiz --about mask,list --variant classic
  ptsim quiz --lesson 6 -n 8 --format html > lesson6.html
  ptsim quiz --seed 7 -n 10 --format html --answers > key.html
  ptsim quiz --lab shrinker --about rule
  ptsim quiz --seed 7 --format json --answers`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd, std) },
	}
	f := cmd.Flags()
	f.Uint64Var(&o.seed, "seed", 1, "draw by this seed")
	f.IntVarP(&o.n, "n", "n", 5, "how many situations")
	bounded(cmd, "n", 1, quiz.MaxItems)
	f.StringSliceVar(&o.about, "about", nil, "topics of the questions (default: all): "+strings.Join(quiz.Topics(), ", ")+"; other labs have more")
	f.IntVar(&o.lesson, "lesson", 0, "ask about the runs of this lesson, by its number")
	bounded(cmd, "lesson", 1, len(course.All()))
	f.StringVar(&o.lab, "lab", "", "ask about this lab (default: the page tables): "+strings.Join(labs.Names(), ", "))
	f.StringVar(&o.variant, "variant", "", "ask about this variant (default: all, or those of the lesson)")
	f.BoolVar(&o.answers, "answers", false, "also print the key")
	f.BoolVar(&o.asks, "ask", false, "ask line by line, even without a terminal")
	formatFlag(cmd, &o.format, quiz.Formats()...)
	complete(cmd, "about", quiz.Topics())
	complete(cmd, "lab", labs.Names())
	names := []string{}
	for _, v := range question.Versions() {
		names = append(names, v.String())
	}
	complete(cmd, "variant", names)
	return cmd
}

func (o *quizOptions) run(cmd *cobra.Command, std streams) error {
	if err := checkFormat(o.format, quiz.Formats()...); err != nil {
		return fmt.Errorf("--format: %w", err)
	}
	_, in := isTerminal(std.in)
	width, out := columnsOf(std.out)
	width = min(width, 100) // longer lines are hard to read
	onPaper := o.answers || cmd.Flags().Changed("format")
	if o.asks && onPaper {
		return fmt.Errorf("--ask: expected no --format and no --answers with it")
	}
	from, more, err := o.from(cmd)
	if err != nil {
		return err
	}
	items, err := quiz.DrawFrom(from, o.seed, o.n)
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return fmt.Errorf("%s: there is nothing to ask; expected fewer limits", more)
	}
	if len(items) < o.n {
		fmt.Fprintf(std.err, "ptsim: %s: there are no more than %s\n", more, prose.Count(len(items), "situation", "situations"))
	}
	if o.asks || in && out && !onPaper {
		return askItems(items, std.in, std.out, width)
	}
	return buffered(std.out, func(w io.Writer) error {
		h := &quiz.Handout{Seed: o.seed, N: o.n, More: more, Items: items, Key: o.answers, Width: width, About: aboutOf(from.Lab)}
		return stdoutError(h.Write(w, o.format))
	})
}

// from reads what the questions may be from, and says it again as flags.
func (o *quizOptions) from(cmd *cobra.Command) (from quiz.From, more string, err error) {
	var flags []string
	from.Lab = labs.Default()
	if cmd.Flags().Changed("lab") {
		if from.Lab, err = labs.Get(o.lab); err != nil {
			return from, "", fmt.Errorf("--lab: %w", err)
		}
		flags = append(flags, "--lab "+from.Lab.Name)
	}
	if cmd.Flags().Changed("lesson") {
		if err := o.fromLesson(cmd, &from); err != nil {
			return from, "", err
		}
		flags = append(flags, fmt.Sprintf("--lesson %d", o.lesson))
	}
	topics := quiz.LabTopics(from.Lab)
	for _, topic := range o.about {
		if slices.Contains(labs.Names(), topic) {
			return from, "", fmt.Errorf("--about: %s is a lab, not a topic; expected --lab %s, or one of %s", topic, topic, strings.Join(topics, ", "))
		}
		if !slices.Contains(topics, topic) {
			return from, "", fmt.Errorf("--about: unknown topic %s; %s", quote.Short(topic), quote.Expected(topic, topics))
		}
	}
	if from.Topics = o.about; len(o.about) > 0 {
		flags = append(flags, "--about "+strings.Join(o.about, ","))
	}
	if cmd.Flags().Changed("variant") {
		v, err := question.VersionOf(from.Lab, o.variant)
		if err != nil {
			return from, "", fmt.Errorf("--variant: %w", err)
		}
		from.Versions = []question.Version{v}
		flags = append(flags, "--variant "+v.String())
	}
	return from, strings.Join(flags, " "), nil
}

// fromLesson has the questions be about the runs of a lesson, and about its lab.
func (o *quizOptions) fromLesson(cmd *cobra.Command, from *quiz.From) error {
	lesson, err := course.Load(strconv.Itoa(o.lesson))
	if err != nil {
		return err
	}
	l := labs.Default()
	if lesson.Lab != "" {
		if l, err = labs.Get(lesson.Lab); err != nil {
			return err
		}
	}
	if l != from.Lab && cmd.Flags().Changed("lab") {
		return fmt.Errorf("--lesson %d is about the lab %s; expected no --lab with it, or that one", o.lesson, l.Name)
	}
	from.Lab = l
	for _, b := range lesson.Blocks {
		run, ok := b.(*course.Run)
		if !ok {
			continue
		}
		v, err := question.VersionOf(l, run.Version)
		if err != nil {
			return err
		}
		if !slices.Contains(from.Versions, v) {
			from.Versions = append(from.Versions, v)
		}
		if !slices.Contains(from.Scenarios, run.Scenario) {
			from.Scenarios = append(from.Scenarios, run.Scenario)
		}
	}
	return nil
}

// aboutOf says what the questions about a lab are about, "" of the page tables.
func aboutOf(l *lab.Lab) string {
	if l == labs.Default() {
		return ""
	}
	return l.Title
}

// askItems asks the questions one by one, and counts the points.
func askItems(items []*quiz.Item, in io.Reader, out io.Writer, width int) error {
	a := &asker{out: out, lines: newLines(in), width: width}
	if _, tty := isTerminal(in); tty {
		a.prompt = "> "
	}
	a.say("", "Answer with a mask (P-|--|-A, 100001, or P1 A0, or none) or with a letter. hint, skip and quit are words, too.")
	for _, it := range items {
		if a.ended {
			break
		}
		fmt.Fprintln(out)
		if err := it.WriteContext(out, width); err != nil {
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
	width                       int
	prompt                      string // where somebody sees it
	lines                       *lineReader
	ended                       bool
	score, of, right, questions int
}

// say writes a paragraph.
func (a *asker) say(indent, text string) error {
	_, err := io.WriteString(a.out, prose.Hang(indent, indent, text, a.width))
	return stdoutError(err)
}

// ask asks one question until it is answered, skipped, or the input ends.
func (a *asker) ask(it *quiz.Item, i int) error {
	q := &it.Quiz.Questions[i]
	fmt.Fprintln(a.out)
	if err := q.WriteText(a.out, string(rune('a'+i))+")", a.width); err != nil {
		return stdoutError(err)
	}
	for hints := 0; ; {
		fmt.Fprint(a.out, a.prompt)
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
			if err := a.hint(it, q, hints); err != nil {
				return err
			}
			hints++
			continue
		}
		answer, err := q.ParseAnswer(line)
		if err != nil {
			a.say("  ", err.Error())
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
	return a.say("  ", fmt.Sprintf("%s. %s", q.AnswerText(g.Correct), g.Sentence))
}

// hint helps, more with each time that it was asked for: where to look, the rule with its source, and then wrong answers away,
// one at a time, until only the right one is left.
func (a *asker) hint(it *quiz.Item, q *quiz.Question, before int) error {
	switch before {
	case 0:
		return a.say("  ", q.Look())
	case 1:
		text := q.Hint
		for _, c := range q.Cites {
			text += fmt.Sprintf(" (%s: %s)", c.Kind, c.Where)
		}
		return a.say("  ", text)
	}
	text, err := it.Quiz.Away(q.ID, before-2)
	if err != nil {
		return err
	}
	return a.say("  ", text)
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
	return a.say("  ", fmt.Sprintf("%s, %d of %d: %s. %s", verdict, g.Score, g.Of, q.AnswerText(g.Correct), g.Sentence))
}
