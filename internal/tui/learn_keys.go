package tui

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"ptsim/internal/course"
)

func (c *Lessons) key(k string) tea.Cmd {
	c.message, c.isError = "", false
	switch k {
	case "q", "ctrl+c":
		return tea.Quit
	case "ctrl+z":
		return tea.Suspend
	}
	if c.at < 0 {
		c.listKey(k)
		return nil
	}
	if c.blockKey(k) {
		return nil
	}
	switch k {
	case "down", "j":
		c.scroll++
	case "up", "k":
		c.scroll--
	case "pgdown", "space":
		c.scroll += c.page
	case "pgup":
		c.scroll -= c.page
	case "home", "g":
		c.scroll = 0
	case "end", "G":
		c.scroll = len(c.lines)
	case "tab":
		c.next(1)
	case "shift+tab":
		c.next(-1)
	case "right", "n":
		c.lesson(c.at + 1)
	case "left", "b", "backspace":
		c.lesson(c.at - 1)
	case "esc":
		c.at, c.scroll = -1, 0
	}
	return nil
}

func (c *Lessons) listKey(k string) {
	switch k {
	case "down", "j":
		c.cursor = min(c.cursor+1, len(c.lessons)-1)
	case "up", "k":
		c.cursor = max(c.cursor-1, 0)
	case "enter", "space", "right", "n":
		c.lesson(c.cursor)
	default:
		if len(k) == 1 && k[0] >= '1' && int(k[0]-'1') < len(c.lessons) {
			c.lesson(int(k[0] - '1'))
		}
	}
}

// lesson opens another lesson.
func (c *Lessons) lesson(at int) {
	if at < 0 || at >= len(c.lessons) {
		c.message = fmt.Sprintf("this is the %s lesson", map[bool]string{true: "first", false: "last"}[at < 0])
		return
	}
	c.at, c.cursor, c.item, c.scroll = at, at, -1, 0
}

// next gives the focus to the next run, question or exercise.
func (c *Lessons) next(by int) {
	blocks := c.lessons[c.at].Blocks
	at := c.item
	if at < 0 {
		// From what is in sight.
		at = slices.IndexFunc(c.starts, func(n int) bool { return n >= c.scroll })
		if at < 0 {
			at = len(blocks) - 1
		}
		at -= by
	}
	for range blocks {
		at = (at + by + len(blocks)) % len(blocks)
		if active(blocks[at]) {
			c.item = at
			c.layout()
			c.show(c.starts[at])
			return
		}
	}
}

// show scrolls to a line.
func (c *Lessons) show(n int) {
	if n < c.scroll || n > c.scroll+c.page*2/3 {
		c.scroll = max(n-2, 0)
	}
}

// blockKey does what a key does to the block with the focus, and tells whether it did.
func (c *Lessons) blockKey(k string) bool {
	b := c.focused()
	if b == nil {
		return false
	}
	r := c.answers[b]
	if r == nil {
		r = &reply{}
		c.answers[b] = r
	}
	switch b := b.(type) {
	case *course.Run:
		if k == "enter" || k == "o" {
			c.step(b, 0)
			return true
		}
	case *course.Exercise:
		if k == "enter" {
			r.shown = !r.shown
			return true
		}
	case *course.Question:
		if r.chosen == nil {
			r.chosen = make([]bool, len(b.Choices))
		}
		switch {
		case k == "o" && b.Run >= 0:
			c.step(c.lessons[c.at].Blocks[b.Run].(*course.Run), max(b.Step-1, 0))
			return true
		case k == "enter" && !r.shown && len(r.choices()) == 0 && b.Mask == "":
			c.message = "choose by number first"
			return true
		case k == "enter":
			r.shown = true
			return true
		case len(k) == 1 && k[0] >= '1' && int(k[0]-'1') < len(b.Choices) && !r.shown:
			n := int(k[0] - '1')
			on := r.chosen[n]
			if !b.Many {
				clear(r.chosen)
			}
			r.chosen[n] = !on
			return true
		}
	}
	return false
}
