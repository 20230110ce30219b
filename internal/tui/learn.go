package tui

import (
	"context"
	"fmt"
	"io"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ptsim/internal/course"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
)

// Lessons is the course in a terminal: a list of lessons, the text of one with its questions and exercises, and a stepper
// on top for its runs. It keeps nothing on disk.
type Lessons struct {
	opt     Options
	ctx     context.Context
	screen  *Model // draws; and is the stepper while one is open
	inner   *Model
	lessons []*course.Lesson

	at      int // the lesson, -1 for the list
	cursor  int // in the list
	item    int // the block with the focus, -1 if none has
	scroll  int
	answers map[course.Block]*reply
	w, h    int
	message string
	isError bool

	lines  []line
	starts []int // by block: its first line
	page   int
}

// reply is what was answered to a question, or that an exercise was folded out.
type reply struct {
	chosen []bool
	shown  bool
}

// LoadLessons reads the lessons of a course; "" is of all courses.
func LoadLessons(of string) ([]*course.Lesson, error) {
	names := course.All()
	if of != "" {
		c, err := course.Get(of)
		if err != nil {
			return nil, err
		}
		names = c.Lessons()
	}
	var list []*course.Lesson
	for _, name := range names {
		l, err := course.Load(name)
		if err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	return list, nil
}

// NewLessons returns the course at a lesson, by its place in the list; -1 is the list. Of the options only those of drawing
// count.
func NewLessons(ctx context.Context, opt Options, lessons []*course.Lesson, at int) *Lessons {
	m := &Model{opt: opt, ink: newInk(opt.ASCII, !opt.NoColour), ctx: ctx, focus: noPanel}
	return &Lessons{opt: opt, ctx: ctx, screen: m, lessons: lessons, at: at, cursor: max(at, 0), item: -1, answers: map[course.Block]*reply{}, w: 80, h: 24}
}

// Learn shows the course until the user quits it or ctx is done.
func Learn(ctx context.Context, opt Options, lessons []*course.Lesson, at int, in io.Reader, out io.Writer) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	c := NewLessons(inner, opt, lessons, at)
	err := program(ctx, c, in, out)
	cancel()
	c.close()
	return err
}

// close ends the stepper, if one is open.
func (c *Lessons) close() {
	if c.inner != nil {
		c.inner.busy.Wait()
		c.inner.opt.Session.Close()
		c.inner = nil
	}
}

// Init is part of [tea.Model].
func (c *Lessons) Init() tea.Cmd { return nil }

// Update is part of [tea.Model].
func (c *Lessons) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if size, ok := msg.(tea.WindowSizeMsg); ok {
		c.w, c.h = max(size.Width, 1), max(size.Height, 1)
	}
	if c.inner != nil {
		_, cmd := c.inner.Update(msg)
		return c, cmd
	}
	if k, ok := msg.(tea.KeyPressMsg); ok {
		return c, c.key(plainKey(k.String()))
	}
	return c, nil
}

// View is part of [tea.Model].
func (c *Lessons) View() tea.View {
	if c.inner != nil {
		return c.inner.View()
	}
	v := tea.NewView(c.Screen())
	v.AltScreen = true
	v.WindowTitle = "ptsim learn"
	return v
}

// Screen is the screen as text.
func (c *Lessons) Screen() string {
	if c.inner != nil {
		return c.inner.Screen()
	}
	var b strings.Builder
	for i, l := range c.screenLines() {
		if i > 0 {
			b.WriteByte('\n')
		}
		c.screen.ink.render(&b, l.cut(c.w))
	}
	return b.String()
}

func (c *Lessons) screenLines() []line {
	c.layout()
	h := c.h - 2
	if c.h < 3 {
		h = c.h
	}
	c.page = max(h-1, 1)
	c.scroll = min(max(c.scroll, 0), max(len(c.lines)-h, 0))
	var out []line
	if c.h >= 3 {
		out = append(out, c.header(h))
	}
	for i := range h {
		if c.scroll+i < len(c.lines) {
			out = append(out, c.lines[c.scroll+i])
		} else {
			out = append(out, line{})
		}
	}
	if c.h >= 3 {
		out = append(out, c.footer())
	}
	return out
}

func (c *Lessons) header(h int) line {
	var l line
	where := ""
	if c.at < 0 {
		l.add(strong, "The course").add(plain, "  two page tables in one page, and what went wrong")
	} else {
		lesson := c.lessons[c.at]
		l.add(strong, fmt.Sprintf("%d. %s", lesson.Number, lesson.Title))
		if last := len(c.lines); last > h {
			where = fmt.Sprintf("%d%%", (c.scroll+h)*100/last)
		}
		if right, of := c.points(); of > 0 {
			where = fmt.Sprintf("%d of %d right  ", right, of) + where
		}
	}
	l = l.cut(max(c.w-width(where)-2, 0))
	l.pad(c.w - width(where))
	return *l.add(faint, where)
}

// points are how many questions of the lesson were answered right, of those that were answered.
func (c *Lessons) points() (right, of int) {
	for _, b := range c.lessons[c.at].Blocks {
		if q, ok := b.(*course.Question); ok && c.answers[b] != nil && c.answers[b].shown {
			of++
			right += b2i(q.Right(c.answers[b].choices()...))
		}
	}
	return right, of
}

func (r *reply) choices() []int {
	var list []int
	for i, on := range r.chosen {
		if on {
			list = append(list, i)
		}
	}
	return list
}

func (c *Lessons) footer() line {
	if c.message != "" {
		var l line
		if c.isError {
			l.add(wrong, c.screen.ink.bad+" ")
		}
		return *l.add(bold, c.message)
	}
	if c.at < 0 {
		return text(faint, "up down choose  enter read  q quit")
	}
	hint := "down up scroll  tab next question  left right lesson  esc all lessons  q quit"
	switch b := c.focused().(type) {
	case *course.Run:
		hint = "enter steps through it  tab next  esc all lessons  q quit"
	case *course.Exercise:
		hint = "enter folds the answer out  tab next  esc all lessons  q quit"
	case *course.Question:
		hint = "a number chooses  enter answers  tab next  esc all lessons  q quit"
		if b.Run >= 0 {
			hint = "a number chooses  enter answers  o steps to it  tab next  q quit"
		}
	}
	return text(faint, hint)
}

// focused is the block with the focus, nil if none has.
func (c *Lessons) focused() course.Block {
	if c.at < 0 || c.item < 0 {
		return nil
	}
	return c.lessons[c.at].Blocks[c.item]
}

// active tells whether a block can have the focus.
func active(b course.Block) bool {
	switch b.(type) {
	case *course.Run, *course.Question, *course.Exercise:
		return true
	}
	return false
}

// openRun makes the session of a run, at one of its steps.
func openRun(r *course.Run, step int) (*stepper.Session, error) {
	s, err := stepper.Open(r.Schedule, scenario.Load)
	if err != nil {
		if s != nil {
			s.Close()
		}
		return nil, err
	}
	if err := s.Seek(min(step, len(s.Line())-1)); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// step opens the stepper on a run.
func (c *Lessons) step(r *course.Run, step int) {
	s, err := openRun(r, step)
	if err != nil {
		c.message, c.isError = err.Error(), true
		return
	}
	opt := c.opt
	opt.Session, opt.Message = s, "space goes along the run of the lesson, G to its end; q goes back to the lesson"
	c.inner = New(c.ctx, opt)
	c.inner.w, c.inner.h = c.w, c.h
	c.inner.leave = func() tea.Cmd {
		c.close()
		return nil
	}
}
