package tui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"

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
