package script

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"ptsim/internal/prose"
	"ptsim/kern"
)

// Width is how many columns the text view uses unless told otherwise; minWidth and maxWidth are the fewest and the most.
const (
	Width    = 80
	minWidth = 72
	maxWidth = 100
)

// manyFreed is how many freed pages get a line each.
const manyFreed = 16

// TextOptions say how the text view looks.
type TextOptions struct {
	Title string // what runs, in the heading: the script, the version
	Box   bool   // draw with box-drawing characters instead of ASCII
	Width int    // columns; 0 is Width, and what a picture needs is taken in any case
	Quiet bool   // nothing but the summary
}

func (o *TextOptions) width() int {
	if o.Width <= 0 {
		return Width
	}
	return min(max(o.Width, minWidth), maxWidth)
}

// Text writes what operations do for people: what each changed, with a sign in front that says how, or a picture of the
// whole machine after each.
type Text struct {
	w   io.Writer
	opt TextOptions
	ink ink
	b   bytes.Buffer

	marked bool // something changed in this operation
	sum    Summary
}

// ink is what pictures are drawn with.
type ink struct {
	rule, left, mid, right string
	fill                   [numFills]string
	mark                   [numMarks]string
	arrow                  string
}

type fill uint8

const (
	fillFree fill = iota
	fillAllocated
	fillPending
	fillHead
	fillBroken
	numFills
)

type mark uint8

const (
	same mark = iota
	changed
	born
	died
	bad
	numMarks
)

var (
	asciiInk = ink{
		rule: "-", left: "[", mid: "|", right: "]", arrow: "->",
		fill: [numFills]string{" ", "#", "/", ":", "?"},
		mark: [numMarks]string{" ", "*", "+", "-", "!"},
	}
	boxInk = ink{
		rule: "─", left: "┃", mid: "│", right: "┃", arrow: "→",
		fill: [numFills]string{" ", "█", "▒", "░", "?"},
		mark: [numMarks]string{" ", "●", "+", "−", "!"},
	}
)

// NewText returns a text view that writes to w.
func NewText(w io.Writer, opt TextOptions) *Text {
	t := &Text{w: w, opt: opt, ink: asciiInk}
	if opt.Box {
		t.ink = boxInk
	}
	return t
}

// Change writes what an operation changed.
func (t *Text) Change(ch *Change) error { return t.write(ch, nil) }

// Full writes what an operation changed and, without a sign, everything else that there is.
func (t *Text) Full(ch *Change, s *State) error { return t.write(ch, s) }

func (t *Text) write(ch *Change, s *State) error {
	t.sum.Add(ch)
	if t.opt.Quiet {
		return nil
	}
	if t.sum.Operations == 1 {
		t.legend()
	}
	t.marked = false
	t.heading(ch)
	t.answer(ch)
	t.pages(ch, s)
	t.lists(ch, s)
	t.batches(ch, s)
	t.ran(ch)
	t.queue(ch, s)
	t.mms(ch, s)
	t.crsts(ch, s)
	t.counts(ch)
	if !t.marked {
		t.printf("   nothing changed\n")
	}
	for _, v := range ch.Violations {
		t.violation(v)
	}
	t.b.WriteByte('\n')
	return t.flush()
}

func (t *Text) flush() error {
	_, err := t.w.Write(t.b.Bytes())
	t.b.Reset()
	return err
}

func (t *Text) printf(format string, args ...any) { fmt.Fprintf(&t.b, format, args...) }

func (t *Text) legend() {
	if t.opt.Title != "" {
		t.printf("%s\n\n", t.opt.Title)
	}
	cell := func(f fill) string { return t.ink.left + strings.Repeat(t.ink.fill[f], 5) + t.ink.right }
	t.printf("a half of a page:  %s allocated   %s pending, in a batch\n", cell(fillAllocated), cell(fillPending))
	t.printf("                   %s free        %s pending, on the page's rcu_head\n", cell(fillFree), cell(fillHead))
	t.printf("PP|HH|AA, a mask:  P pending, H on the rcu_head, A allocated, - not;\n")
	t.printf("                   upper half left in each pair, as in the picture\n")
	m := t.ink.mark
	t.printf("in the margin:     %s new   %s changed   %s gone   %s wrong\n\n", m[born], m[changed], m[died], m[bad])
}

func (t *Text) heading(s *Change) {
	number, op, kernel, line := strconv.Itoa(s.I+1), clip(s.Op, t.opt.width()-46), s.Source.Kind.Kernel(), strconv.Itoa(s.Source.Line)
	words := func(parts ...string) {
		for _, p := range parts {
			t.b.WriteString(p)
		}
	}
	t.repeat(t.ink.rule, 2)
	words(" ", number, " ")
	t.repeat(t.ink.rule, 2)
	words(" ", op, " ")
	t.repeat(t.ink.rule, max(2, t.opt.width()-width(op)-width(kernel)-len(number)-len(line)-len("--  -- ")-1-len("  -- line ")))
	words(" ", kernel, " ")
	t.repeat(t.ink.rule, 2)
	words(" line ", line, "\n")
}

// answer says what the operation returned, where the picture does not, and which hooks ran in it.
func (t *Text) answer(s *Change) {
	switch r := s.Ret; r.Kind {
	case RetTable:
		how := "from the list"
		if r.Fresh {
			how = "a fresh page"
		}
		for _, word := range []string{"  ", clip(r.Name, t.opt.width()-45), " is ", halfName(r.Half), " p", strconv.Itoa(r.ID), ", ", how, "\n"} {
			t.b.WriteString(word)
		}
	case RetCRST:
		t.printf("  %s is crst%d, a table of 16K\n", r.Name, r.ID)
	case RetNull:
		t.printf("  out of memory: there is no %s\n", r.Name)
	case RetMiss:
		t.printf("  the list has nothing for it: %s will take a fresh page\n", clip(r.Name, t.opt.width()-60))
	case RetDone:
		t.printf("  nothing to do: look had found it on the list\n")
	case RetSkip:
		t.printf("  nothing to do: its allocation failed\n")
	case RetUnsupported:
		t.printf("  nothing done: this variant has no pte_free_defer\n  (its khugepaged interrupts every CPU and frees)\n")
	}
	if about := remark(s.Source); about != "" {
		t.marked = true
		t.printf("  %s\n", about)
	}
	if s.Ret.Kind != NoRet {
		t.marked = true
	}
	if len(s.Hooks) > 0 {
		t.printf("  just before a callback took context.lock, another CPU ran:\n")
		for _, h := range s.Hooks {
			t.printf("      %s\n", clip(h, t.opt.width()-6))
		}
	}
}

// remark tells what an operation did that no picture shows.
func remark(op *Op) string {
	switch op.Kind {
	case PGSTE:
		return fmt.Sprintf("a page table of mm %d takes up a page from here on, for its PGSTEs", op.MM)
	case HasPGSTE:
		return fmt.Sprintf("mm %d has a guest from here on", op.MM)
	case BatchFail, OOM:
		what := "for a batch"
		if op.Kind == OOM {
			what = "for tables"
		}
		if op.N == 0 {
			return "there are pages " + what + " from here on"
		}
		return "there is no page " + what + " from here on"
	}
	return ""
}

func halfName(half int) string {
	switch half {
	case 0:
		return "the lower half of"
	case 1:
		return "the upper half of"
	}
	return "the whole of"
}

// Close writes the line that sums the script up.
func (t *Text) Close() error {
	if t.sum.Operations == 0 && !t.sum.Interrupted {
		return nil
	}
	if t.opt.Quiet {
		t.printf("%s\n", t.opt.Title)
	} else {
		t.printf("%s\n", strings.Repeat(t.ink.rule, t.opt.width()))
	}
	text := t.sum.String()
	if t.sum.Interrupted {
		text = "INTERRUPTED, so far: " + text
	}
	for _, line := range prose.Break(text, t.opt.width()) {
		t.printf("%s\n", line)
	}
	for _, v := range t.sum.Violations {
		t.wrapped("VIOLATION", fmt.Sprintf("at %d: %s", v.Step, v.Sentence()), same)
	}
	if more := t.sum.Found - len(t.sum.Violations); more > 0 {
		t.printf("   and %s\n", counted(more, "more violation"))
	}
	return t.flush()
}

// Interrupt says that the run ends before the script does.
func (t *Text) Interrupt() { t.sum.Interrupted = true }

func (t *Text) violation(v *kern.Violation) {
	t.wrapped("VIOLATION", v.Sentence(), bad)
	for _, line := range strings.Split(strings.TrimRight(v.Splat(), "\n"), "\n") {
		for _, part := range prose.Break(line, t.opt.width()-6) {
			t.printf("    %s %s\n", t.ink.mid, part)
		}
	}
}
