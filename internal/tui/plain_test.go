package tui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/course"
	"ptsim/internal/levels"
	"ptsim/internal/prose"
)

// say runs commands and returns what was said behind the introduction.
func say(t testing.TB, opt Options, commands string) string {
	t.Helper()
	var before, out bytes.Buffer
	at := opt.Session.At()
	require.NoError(t, Plain(t.Context(), opt, strings.NewReader(""), &before, ""))
	require.Equal(t, at, opt.Session.At())
	require.NoError(t, Plain(t.Context(), opt, strings.NewReader(commands), &out, ""))
	rest, ok := strings.CutPrefix(out.String(), before.String())
	require.True(t, ok, "%s", out.String())
	return rest
}

func TestPlainMoves(t *testing.T) {
	s := session(t, "S1", "rfc")
	text := say(t, Options{Session: s}, "B?1\nn\n\n")
	assert.Contains(t, text, "Step 1, B on CPU1: ")
	assert.Contains(t, text, "  changed: page1's mask: P-|--|-A, was --|--|AA\n")
	assert.Contains(t, text, "  1. A, khugepaged on CPU0: down_read(&f->i_mmap_rwsem)\n")
	assert.Equal(t, 3, s.View().Step)
	assert.Contains(t, say(t, Options{Session: s}, "back\njump 0\nlast\nfirst\n"), "Step 0: the first state.")
	assert.Equal(t, 0, s.View().Step)
	say(t, Options{Session: s}, "2") // its number, and no end of line
	assert.Equal(t, "B", s.View().Did.Move)
}

// A command that is none is one line, and nothing happens.
func TestPlainErrors(t *testing.T) {
	for command, want := range map[string]string{
		"foo":               `error: "foo" is no command and no move; expected help, or a move; possible: 1 A, 2 B, 3 B?1`,
		"w0":                "error: w0: no work item is pending",
		"Z":                 `error: "Z" is no command and no move; expected help, or a move; possible: 1 A, 2 B, 3 B?1`,
		"B?7":               "error: B?7 is not possible; expected B or B?1",
		"A!zz":              `error: `,
		"77":                "error: there is no move 77; possible: 1 A, 2 B, 3 B?1",
		"0":                 "error: there is no move 0; possible: 1 A, 2 B, 3 B?1",
		"back":              "error: this is the first state",
		"jump":              `error: jump ""; expected the number of a step, 0 to 0`,
		"jump x":            `error: jump "x"; expected the number of a step, 0 to 0`,
		"jump 9":            "error: there is no step 9; expected 0 to 0",
		"]":                 "error: there is one try so far; expected another: go back, and take another move",
		"tree now":          `error: tree "now"; expected tree alone`,
		"predict maybe":     `error: predict "maybe"; expected on or off`,
		"beside nothing":    `error: beside "nothing"; expected one of classic, `,
		"impossible":        "error: this is no level; expected one that ptsim play lists",
		"\x1b[31mred\x07":   `error: `,
		"A B C":             `error: "A B C" is no command and no move; expected help, or a move; possible: 1 A, 2 B, 3 B?1`,
		"99999999999999999": `error: `,
	} {
		s := session(t, "S1", "rfc")
		text := say(t, Options{Session: s}, command+"\n")
		assert.True(t, strings.HasPrefix(text, want), "%q: %s", command, text)
		assert.Equal(t, 1, strings.Count(text, "\n"), "%q: %s", command, text)
		assert.NotContains(t, text, "\x1b")
		assert.Equal(t, 0, s.View().Step, command)
	}
	s := session(t, "S1", "rfc")
	text := say(t, Options{Session: s}, strings.Repeat("x", 3*maxCommand)+"\nA\n")
	assert.Contains(t, text, "error: a line of more than 65536 bytes; expected a command")
	assert.Equal(t, 1, s.View().Step, "it goes on")
}

// What is said of a step has every change of the view, and every command has its line in the help.
func TestPlainSaysAll(t *testing.T) {
	s := session(t, "S1", "rfc")
	text := say(t, Options{Session: s}, "run\ntree\nlink\nlanes\nstate\nsource\nhelp\nquit\nA\n")
	for _, try := range s.Line()[1:] {
		for _, c := range try.View.Did.Changes {
			assert.Contains(t, text, c[strings.Index(c, ":")+1:])
		}
		assert.Contains(t, text, try.View.Did.Sentence.Text)
	}
	assert.Contains(t, text, "VIOLATION: use after free")
	assert.Contains(t, text, "steps 0 to 16: ")
	assert.Contains(t, text, s.Link())
	for _, c := range commands() {
		assert.Contains(t, text, c.does)
	}
	for _, l := range s.View().Lanes {
		assert.Contains(t, text, l.Letter+", "+l.Name)
	}
	assert.Contains(t, text, "> 208 ")
	assert.Equal(t, 16, s.View().Step, "quit ended it")
}

func TestPlainTries(t *testing.T) {
	s := session(t, "S1", "rfc")
	text := say(t, Options{Session: s}, "A\nb\n3\ntree\n]\n[\n")
	assert.Contains(t, text, "2 tries, 3 states.")
	assert.Contains(t, text, "  step 1: B?1 (here, at step 1)")
	assert.Equal(t, "B?1", s.View().Did.Move)
}

func TestPlainPredict(t *testing.T) {
	s := session(t, "S1", "rfc")
	text := say(t, Options{Session: s}, "3\npredict on\nn\nhint\nP1 A1 X\nP-|--|-A\npredict\nb\nn\n")
	assert.Contains(t, text, "Question: B (exit on CPU1) is in tlbfree t1")
	assert.Contains(t, text, "Rule: ")
	assert.Contains(t, text, `error: "P1 A1 X"; expected the bits that will be set, of P1 P0 H1 H0 A1 A0, or none, hint, or skip`)
	assert.Contains(t, text, "Right. P-|--|-A.")
	assert.Contains(t, text, "Predict is off: 6 of 6 points.")
	assert.Equal(t, 2, s.View().Step)
	for answer, want := range map[string][]bool{"none": {false, false}, "a1 a0": {true, true}, "A1,A0": {true, true}, "A-": nil, "": nil} {
		bits, ok := readBits(answer, []string{"A1", "A0"})
		assert.Equal(t, want != nil, ok, answer)
		if ok {
			assert.Equal(t, want, bits, answer)
		}
	}
	// The end of the input in the middle of a question is an end, too.
	say(t, Options{Session: session(t, "S1", "rfc"), Predict: true}, "3\n")
}

func TestPlainCompare(t *testing.T) {
	s := flaw(t)
	text := say(t, Options{Session: s}, "compare active\n")
	assert.Contains(t, text, "rfc, left, and active, right.")
	assert.Contains(t, text, "They part at row ")
	assert.Equal(t, 1, strings.Count(text, "There is no such step in rfc."))
}

func TestPlainLevel(t *testing.T) {
	l, err := levels.Get("munmap")
	require.NoError(t, err)
	s, err := l.Open()
	require.NoError(t, err)
	defer s.Close()
	a, err := s.Ahead(t.Context(), 100_000)
	require.NoError(t, err)
	text := say(t, Options{Session: s, Level: l}, "run\nimpossible\n"+strings.Join(a.Moves, "\n")+"\n")
	assert.Contains(t, text, "Something can still be broken from here; how is for you to find.")
	assert.Contains(t, text, "No: it is possible to use the mm after it was freed.")
	assert.Contains(t, text, "Solved, 3 of 3 stars, at par: ")
}

// A writer that fails ends it, and so does the end of the context.
func TestPlainEnds(t *testing.T) {
	err := Plain(t.Context(), Options{Session: session(t, "S1", "rfc")}, strings.NewReader("A\n"), failing{}, "")
	assert.ErrorContains(t, err, "standard output: cannot write: full")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = Plain(ctx, Options{Session: session(t, "S1", "rfc")}, strings.NewReader("A\n"), &bytes.Buffer{}, "")
	assert.ErrorIs(t, err, context.Canceled)
	assert.ErrorContains(t, Prose(flaw(t), failing{}, 0), "full")
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("full") }

// The prose has every step of the schedule, in their order, whatever step is shown.
func TestProse(t *testing.T) {
	s := flaw(t)
	require.NoError(t, s.Seek(3))
	var b bytes.Buffer
	require.NoError(t, Prose(s, &b, 0))
	at := 0
	for _, try := range s.Line()[1:] {
		k := strings.Index(b.String()[at:], try.View.Did.Sentence.Text)
		require.NotEqual(t, -1, k, "step %d", try.View.Step)
		at += k
	}
	assert.Contains(t, b.String(), "Link: "+s.Link())
}

func lessons(t testing.TB) []*course.Lesson {
	list, err := LoadLessons("")
	require.NoError(t, err)
	require.Len(t, list, len(course.All()))
	return list
}

// read goes through a lesson with these answers.
func read(t testing.TB, at int, answers string) string {
	var b bytes.Buffer
	require.NoError(t, LearnPlain(t.Context(), Options{}, lessons(t), at, strings.NewReader(answers), &b, ""))
	return b.String()
}

// With the input at its end at once a lesson is there as a whole, but for answers.
func TestLearnPlain(t *testing.T) {
	list := lessons(t)
	text := read(t, -1, "")
	for i, l := range list {
		assert.Contains(t, text, l.Title)
		all := read(t, i, "")
		for _, b := range l.Blocks {
			switch b := b.(type) {
			case *course.Run:
				assert.Contains(t, all, "Run: "+b.Note)
			case *course.Exercise:
				assert.NotContains(t, all, strings.TrimSpace(course.Terminal(b.Answer, widest, nil)))
			case *course.Question:
				assert.NotContains(t, all, strings.TrimSpace(course.Terminal(b.Why, widest, nil)))
			}
		}
		assert.NotContains(t, all, "\x1b")
	}
}

// All answers right: every question says so.
func TestLearnPlainAnswers(t *testing.T) {
	for i, l := range lessons(t)[:len(course.Names())] { // those of the labs ask nothing
		answers, questions := "", 0
		for _, b := range l.Blocks {
			switch b := b.(type) {
			case *course.Run:
				answers += "nonsense\nstep\nstate\nquit\n\n"
			case *course.Exercise:
				answers += "answer\n\n"
			case *course.Question:
				questions++
				if b.Mask != "" {
					answers += b.Mask + "\n\n"
					continue
				}
				for _, a := range b.Answer {
					answers += string(rune('1'+a)) + " "
				}
				answers += "\n\n"
			}
		}
		text := read(t, i, answers)
		assert.Contains(t, text, prose.Count(questions, "", "")[:1]+" of "+prose.Count(questions, "", "")[:1]+" questions right.", l.Slug)
		assert.Equal(t, questions, strings.Count(text, "\nRight.\n"), l.Slug)
		assert.Contains(t, text, "Back in the lesson.")
		assert.Contains(t, text, `error: "nonsense"; expected: Enter goes on`)
	}
}

func TestLearnPlainWrong(t *testing.T) {
	text := read(t, 0, "\n--|--|--\n\n1\nagain\n\nx\n1 2\n9\nquit\n")
	assert.Contains(t, text, "Not right. It is --|--|AA.")
	assert.Contains(t, text, "Not right. It is 2.")
	assert.Equal(t, 4, strings.Count(text, "error: "), "%s", text)
	assert.True(t, strings.HasSuffix(text, "0 of 2 questions right.\n"))
}

func FuzzPlain(f *testing.F) {
	f.Add("B?1\nn\nback\ntree\nrun\n")
	f.Add("predict on\n3\nhint\n1\nskip\nstate\ncompare active\n[\n]\njump 1")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 300 || strings.Count(text, "\n") > 20 {
			return
		}
		s := session(t, "page", "rfc")
		var b bytes.Buffer
		require.NoError(t, Plain(t.Context(), Options{Session: s, States: 1000}, strings.NewReader(text), &b, ""))
		require.NotContains(t, b.String(), "\x1b")
	})
}

// A hint of a level says more each time, at last the next move; it counts for nothing. Where there is no level there is none.
func TestHints(t *testing.T) {
	l, err := levels.Get("lost")
	require.NoError(t, err)
	s, err := l.Open()
	require.NoError(t, err)
	defer s.Close()
	var out bytes.Buffer
	require.NoError(t, Plain(t.Context(), Options{Session: s, Level: l}, strings.NewReader("hint\nhint\nh\nA\nhint\n"), &out, ""))
	for n := range 4 {
		want, err := l.Hint(n+1, s)
		require.NoError(t, err)
		if n != 2 { // which was asked for before A moved
			assert.Contains(t, out.String(), fmt.Sprintf("\nHint %d: %s\n", n+1, want.Text))
		}
	}
	out.Reset()
	require.NoError(t, Plain(t.Context(), Options{Session: flaw(t)}, strings.NewReader("hint\n"), &out, ""))
	assert.Contains(t, out.String(), "error: hint: no level")

	m := New(t.Context(), Options{Session: s, Level: l})
	m.hint()
	first := m.over.(*note).lines(m, 200)
	m.over.key(m, "h")
	assert.Equal(t, "hint 2", m.over.(*note).title)
	assert.NotEqual(t, first, m.over.(*note).lines(m, 200))
}
