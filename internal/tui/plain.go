package tui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"ptsim/explore"
	"ptsim/internal/levels"
	"ptsim/internal/prose"
	"ptsim/internal/quote"
	"ptsim/internal/stepper"
)

// maxCommand bounds a line of input.
const maxCommand = 64 << 10

// talk is the stepper line by line: what it says is text in whole sentences, for pipes and screen readers.
type talk struct {
	ctx context.Context
	opt Options
	s   *stepper.Session
	in  *bufio.Reader
	out *bufio.Writer

	prompt     string
	predicting bool
	asked      map[asked]bool
	tally      tally
	hints      int // that were given
}

// Plain runs the stepper line by line: it reads commands and says what came of them, until quit or the end of the input. A
// command that is none is told in one line. prompt is written before each is read; "" where nobody sees it.
func Plain(ctx context.Context, opt Options, in io.Reader, out io.Writer, prompt string) error {
	return newTalk(ctx, opt, bufio.NewReaderSize(in, maxCommand), out, prompt).loop()
}

// loop reads commands and carries them out, until quit or the end of the input.
func (t *talk) loop() error {
	t.begin()
	for {
		line, err := t.read()
		if errors.Is(err, io.EOF) {
			return t.flush()
		}
		if err != nil {
			return err
		}
		if t.command(strings.TrimSpace(line)) {
			return t.flush()
		}
	}
}

func (t *talk) flush() error {
	return cannotWrite(t.out.Flush())
}

// cannotWrite says that it was the standard output that took no more, without the name that the system has for it.
func cannotWrite(err error) error {
	if err == nil {
		return nil
	}
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("standard output: cannot write: %w", err)
}

func newTalk(ctx context.Context, opt Options, in *bufio.Reader, out io.Writer, prompt string) *talk {
	if opt.States == 0 {
		opt.States = DefaultStates
	}
	return &talk{ctx: ctx, opt: opt, s: opt.Session, in: in, out: buffer(out), prompt: prompt, predicting: opt.Predict, asked: map[asked]bool{}}
}

// buffer returns a buffer before out, unless it is one.
func buffer(out io.Writer) *bufio.Writer {
	if b, ok := out.(*bufio.Writer); ok {
		return b
	}
	return bufio.NewWriter(out)
}

// say writes a line, or lines, made harmless, and as wide as they may be.
func (t *talk) say(format string, args ...any) {
	for _, l := range strings.Split(fmt.Sprintf(format, args...), "\n") {
		fmt.Fprint(t.out, broken(clean(l), t.opt.Width))
	}
}

// put writes a line as it is, made harmless: a drawing, or a line of code.
func (t *talk) put(line string) { fmt.Fprintln(t.out, clean(line)) }

// broken breaks a line that is too wide, and moves the rest of it to the right. A word that is too wide itself, such as a link,
// has the line stay whole, so that it can be copied.
func broken(line string, width int) string {
	if width == 0 || utf8.RuneCountInString(line) <= width {
		return line + "\n"
	}
	text := strings.TrimLeft(line, " ")
	indent := line[:len(line)-len(text)]
	for _, word := range strings.Fields(text) {
		if utf8.RuneCountInString(indent+"  "+word) > width {
			return line + "\n"
		}
	}
	return prose.Hang(indent, indent+"  ", text, width)
}

// columns is how wide the text of a lesson is.
func (t *talk) columns() int {
	if t.opt.Width == 0 {
		return widest
	}
	return min(t.opt.Width, widest)
}

// read reads a line. One that is too long is an empty one, and said to be.
func (t *talk) read() (string, error) {
	if t.prompt != "" {
		fmt.Fprint(t.out, t.prompt)
	}
	if err := t.flush(); err != nil {
		return "", err
	}
	if err := t.ctx.Err(); err != nil {
		return "", err
	}
	line, err := t.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = t.in.ReadSlice('\n')
		}
		t.say("error: a line of more than %d bytes; expected a command", maxCommand)
		return "state", nil
	}
	if errors.Is(err, io.EOF) && len(line) > 0 {
		err = nil
	}
	return string(line), err
}

// begin says what is stepped through.
func (t *talk) begin() {
	q := &t.s.Question
	t.say("%s: %s. S%s.", q.Name(), strings.TrimSuffix(q.Scenario.Title, "."), q.Setting.Brief()[1:])
	if l := t.opt.Level; l != nil {
		t.say("Level %s: %s", l.Name, l.Title)
		for _, p := range prose.Paragraphs(strings.Split(l.Story, "\n")) {
			t.say("%s", p)
		}
		if l.Asks == levels.Repair {
			t.say("The goal: %s. \"hint\" helps, \"repair\" and one of these answers:", l.Goal.Text)
			t.repairs()
		} else {
			t.say("The goal: %s. \"hint\" helps, \"impossible\" says that it cannot be.", l.Goal.Text)
		}
	} else {
		for _, p := range prose.Paragraphs(q.Scenario.About) {
			t.say("%s", p)
		}
	}
	if t.opt.Message != "" {
		t.say("%s", t.opt.Message)
	}
	t.say("help lists the commands.")
	t.state()
	t.moves()
}

// command carries out a command; it is the last if it returns true.
func (t *talk) command(text string) (quit bool) {
	word, rest, _ := strings.Cut(text, " ")
	rest = strings.TrimSpace(rest)
	for _, c := range commands() {
		for _, name := range c.names {
			if name != word {
				continue
			}
			if c.takes == "" && rest != "" {
				t.say("error: %s %s; expected %s alone", word, quote.Short(rest), word)
				return false
			}
			return c.run(t, rest)
		}
	}
	t.take(text)
	return false
}

// take takes what is no command: a move, or several as levels.ParseMoves has them, up to the first that is none.
func (t *talk) take(text string) {
	list, err := levels.ParseMoves(text)
	if err != nil || len(list) < 2 || slices.ContainsFunc(list, func(mv string) bool { return !t.isMove(mv) }) {
		list = []string{text}
	}
	moved := false
	for _, mv := range list {
		if !t.move(mv) {
			break
		}
		moved = true
	}
	if moved {
		t.judge()
		t.moves()
	}
}

// move takes a move, by its name or by its number in the list, and tells whether it did.
func (t *talk) move(text string) bool {
	list := moves(t.s.View())
	if len(text) > 0 && len(text) < 5 && strings.Trim(text, "0123456789") == "" {
		n := 0
		fmt.Sscan(text, &n)
		if n < 1 || n > len(list) {
			t.say("error: there is no move %s; %s", text, possible(t.s.View()))
			return false
		}
		text = list[n-1].Text
	}
	if !slices.ContainsFunc(list, func(mv stepper.Move) bool { return mv.Text == text }) {
		for _, l := range t.s.View().Lanes {
			switch {
			case l.Letter != text || len(l.Moves) == 0:
			case len(l.Moves) == 1:
				text = l.Moves[0].Text
			default:
				t.say("error: %s can go %d ways; %s", text, len(l.Moves), possible(t.s.View()))
				return false
			}
		}
	}
	if !t.isMove(text) {
		t.say("error: %s is no command and no move; expected help, or a move; %s", quote.Short(text), possible(t.s.View()))
		return false
	}
	if !t.ask(text) {
		return false
	}
	if err := t.s.Take(text); err != nil {
		t.say("error: %v", err)
		return false
	}
	t.step()
	return true
}

// isMove tells whether a word has the form of a move of one of the lanes, possible or not.
func (t *talk) isMove(text string) bool {
	for _, l := range t.s.View().Lanes {
		if rest, ok := strings.CutPrefix(text, l.Letter); ok && (rest == "" || rest[0] == '?' || rest[0] == '!') {
			return true
		}
	}
	return false
}

// moves lists what can be done next, and who is held up.
func (t *talk) moves() {
	v := t.s.View()
	if v.Ended {
		return
	}
	t.say("Possible:")
	n := 0
	lane, move := preferred(t.s)
	for i := range v.Lanes {
		l := &v.Lanes[i]
		for k := range l.Moves {
			n++
			next := ""
			if l == lane && &l.Moves[k] == move {
				next = " (n)"
			}
			t.say("  %d. %s, %s on CPU%d: %s%s", n, l.Moves[k].Text, l.Name, l.CPU, l.Moves[k].Label, next)
		}
		if len(l.Moves) == 0 && l.State != explore.Over && l.State != explore.Idle {
			t.say("  %s, %s on CPU%d, cannot: %s", l.Letter, l.Name, l.CPU, l.Why)
		}
	}
}

// preferred is the move that n takes.
func preferred(s *stepper.Session) (*stepper.Lane, *stepper.Move) {
	v := s.View()
	list := choices(v)
	if len(list) == 0 {
		return nil, nil
	}
	c := list[aim(s)]
	if c.move < 0 {
		return nil, nil
	}
	return &v.Lanes[c.lane], &v.Lanes[c.lane].Moves[c.move]
}

// possible lists the moves that there are.
func possible(v *stepper.View) string {
	var list []string
	for i, mv := range moves(v) {
		list = append(list, fmt.Sprintf("%d %s", i+1, mv.Text))
	}
	if len(list) == 0 {
		return "nothing can move any more"
	}
	return "possible: " + strings.Join(list, ", ")
}

// judge says of a level whether it is solved.
func (t *talk) judge() {
	if t.opt.Level == nil || !t.s.View().Ended {
		return
	}
	t.verdict(t.opt.Level.Judge(t.s))
}

func (t *talk) verdict(j levels.Judgement) {
	if j.Reached {
		t.say("Solved, %s %s: %s.", stars(j), j.Against, j.Sentence)
		t.covers(j.Covers)
		t.solved(j)
		return
	}
	t.say("Not solved: %s.", j.Sentence)
}

// covers says what a proof covers.
func (t *talk) covers(lines []string) {
	for _, l := range lines {
		t.say("  %s", l)
	}
}

func (t *talk) solved(j levels.Judgement) {
	if t.opt.Solved != nil {
		t.opt.Solved(j)
	}
}

// run takes the shortest way to a violation.
func (t *talk) run() {
	before := t.s.View().Step
	a, err := t.s.Ahead(t.ctx, t.opt.States)
	if err != nil {
		t.say("error: %v", err)
		return
	}
	if t.opt.Level != nil {
		t.say("%s.", prose.Capital(hint(a)))
		t.covers(a.Covers)
		return
	}
	t.say("%s.", prose.Capital(a.Sentence))
	t.covers(a.Covers)
	if a.Verdict != string(explore.Violated) || len(a.Moves) == 0 {
		return
	}
	for _, mv := range a.Moves {
		if err := t.s.Take(mv); err != nil {
			t.say("error: %v", err)
			return
		}
		t.step()
	}
	t.say("That was steps %d to %d.", before+1, t.s.View().Step)
}
