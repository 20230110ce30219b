package masks

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"strings"

	"ptsim/internal/picture"
	"ptsim/internal/quote"
)

const storyTitle = "The life of a page, and the words of its struct page in use"

// StoryFormats returns the formats that WriteStories knows.
func StoryFormats() []string { return []string{"text", "svg", "json"} }

// WriteStories writes the stories in one of StoryFormats.
func WriteStories(w io.Writer, stories []Story, format string) error {
	var out []byte
	switch format {
	case "text":
		out = storyText(stories)
	case "svg":
		out = storySVG(stories)
	case "json":
		var err error
		if out, err = json.MarshalIndent(struct {
			Chapters []Chapter `json:"chapters"`
			Stories  []Story   `json:"stories"`
		}{Chapters(), stories}, "", "  "); err != nil {
			return err
		}
		out = append(out, '\n')
	default:
		return fmt.Errorf("unknown format %s; expected one of %s", quote.Short(format), strings.Join(StoryFormats(), ", "))
	}
	if _, err := w.Write(out); err != nil {
		return fmt.Errorf("the life of a page as %s: %w", format, err)
	}
	return nil
}

// storyText writes a story as one line a chapter.
func storyText(stories []Story) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", storyTitle)
	for _, s := range stories {
		fmt.Fprintf(&b, "\n%s\n", s.title())
		if s.Note != "" {
			wrap(&b, "  (", "  ", s.Note+")", " ")
		}
		for i, c := range Chapters() {
			mask, words, two := strings.Cut(s.Moments[i].sentence(), "  ")
			line := fmt.Sprintf("  %-14s %-11s %s", c.Title, c.Op, mask)
			if two {
				wrap(&b, line+"  ", strings.Repeat(" ", 39), words, " ")
				continue
			}
			b.WriteString(strings.TrimRight(line, " ") + "\n")
		}
	}
	return []byte(b.String())
}

// sentence says all that a moment's picture shows.
func (m Moment) sentence() string {
	if !m.Here {
		return "released"
	}
	h, w := m.halves(), m.words()
	s := h[0]
	if len(h) == 2 {
		s = fmt.Sprintf("%s  upper %s, lower %s", w[3], h[0], h[1])
	}
	for _, x := range []string{w[1], w[0]} {
		if x != "" {
			s += "; " + x
		}
	}
	if w[2] != "" {
		s += "; pt_mm: " + w[2]
	}
	return s
}

// Where things are in the picture of the stories.
const (
	storyLeft  = 238.0 // of the first chapter
	storyTop   = 138.0
	storyRight = 1260.0
	storyEnd   = 640.0
	rowHeight  = 22.0
)

// storyRows are the rows of a story's panel, after the one with the halves: indices into storyWords.
var storyRows = [...]int{3, 1, 2, 0}

// used tells which of them have anything in them.
func (s Story) used() []int {
	var rows []int
	for _, r := range storyRows {
		for _, m := range s.Moments {
			if m.words()[r] != "" {
				rows = append(rows, r)
				break
			}
		}
	}
	return rows
}

// storySVG draws the stories one below the other, the chapters side by side.
func storySVG(stories []Story) []byte {
	s := &sketch{}
	s.begin("life", storyTitle, storyDesc(stories))
	s.heading(storyTitle, "Each column is a moment in the life of one page; words that a variant never uses are left out")
	chapters := Chapters()
	wide := (storyRight - storyLeft) / float64(len(chapters))
	for i, c := range chapters {
		x := storyLeft + wide*(float64(i)+0.5)
		fmt.Fprintf(s, `<text class="h f-ink" x="%s" y="96" font-size="13.5" font-weight="700" text-anchor="middle">%s</text>`, picture.Num(x), c.Title)
		picture.Text(s, x, 116, 12.5, "muted", "middle", "", c.Op)
		s.WriteByte('\n')
	}
	rows := 0
	for _, st := range stories {
		rows += 1 + len(st.used())
	}
	gap := (storyEnd - storyTop - float64(rows)*rowHeight) / float64(len(stories))
	y := storyTop
	for _, st := range stories {
		fmt.Fprintf(s, `<path class="l s-muted" d="M24 %sH%s" stroke-width="1"/>`+"\n", picture.Num(y-gap*0.4), picture.Num(storyRight))
		s.panel(st, y, wide)
		y += float64(1+len(st.used()))*rowHeight + gap
	}
	k := key{s, 24, 668}
	for _, h := range halfNotes {
		k.entry(28, h.text+h.bits, func(x, y float64) {
			picture.Cell(s, s.prefix, picture.Box{X: x, Y: y - 7, W: 24, H: 14}, picture.Half{Class: h.half.Class}, 12)
		})
	}
	k.entry(0, "upper half left, lower half right", nil)
	var notes []string
	for _, st := range stories {
		if st.Note != "" {
			notes = append(notes, st.title()+": "+st.Note)
		}
	}
	foot := []string{strings.Join(notes, " · "), allTheTime(stories) + "From the running code · ptsim masks --life --format svg"}
	for i, f := range foot {
		fmt.Fprintf(s, `<text class="h f-muted" x="24" y="%d" font-size="13">%s</text>`+"\n", 690+i*19, html.EscapeString(f))
	}
	s.WriteString("</svg>\n")
	return []byte(s.String())
}

// allTheTime says what holds of every page in every story, if it does.
func allTheTime(stories []Story) string {
	for _, s := range stories {
		for _, m := range s.Moments {
			if m.Here && (!m.Table || m.Refs != 1) {
				return ""
			}
		}
	}
	return "While the page lives, page_type is PG_table and the lower 24 bits of _refcount are 1 · "
}

// panel draws one story.
func (s *sketch) panel(st Story, y, wide float64) {
	picture.Text(s, 24, y+14.5, 12.5, "ink", "", ` font-weight="700"`, st.title())
	s.WriteByte('\n')
	for i, m := range st.Moments {
		b := picture.Box{X: storyLeft + wide*float64(i) + 3, Y: y, W: wide - 6, H: rowHeight - 3}
		if !m.Here {
			if i == 0 || st.Moments[i-1].Here {
				mid := b.Middle()
				picture.Text(s, mid.X, mid.Y+4, 12, "muted", "middle", "", "released")
				s.WriteByte('\n')
			}
			continue
		}
		halves := m.halves()
		w := b.W / float64(len(halves))
		for j, h := range halves {
			picture.Cell(s, s.prefix, picture.Box{X: b.X + w*float64(j), Y: b.Y, W: w, H: b.H}, halfOf(h), 11.5)
		}
		s.WriteByte('\n')
	}
	for k, r := range st.used() {
		s.wordRow(st, r, y+rowHeight*float64(k+1), wide)
	}
}

// wordRow draws one word of struct page as bars over the moments at which it holds the same.
func (s *sketch) wordRow(st Story, r int, y, wide float64) {
	picture.Text(s, storyLeft-8, y+14, 12, "muted", "end", "", storyWords[r])
	s.WriteByte('\n')
	for i := 0; i < len(st.Moments); {
		word := st.Moments[i].words()[r]
		n := i + 1
		for n < len(st.Moments) && st.Moments[n].words()[r] == word && r != 3 {
			n++
		}
		b := picture.Box{X: storyLeft + wide*float64(i) + 3, Y: y, W: wide*float64(n-i) - 6, H: rowHeight - 3}
		i = n
		switch {
		case word == "":
			continue
		case r == 3:
			m := b.Middle()
			picture.Text(s, m.X, m.Y+4.5, 13, "ink", "middle", ` font-weight="700"`, word)
		default:
			class := "plain"
			if strings.HasPrefix(word, "rcu_head") {
				class = "dots"
			} else if strings.HasPrefix(word, "lru") {
				class = "double"
			}
			picture.Cell(s, s.prefix, b, picture.Half{Class: class, Word: word}, 12)
		}
		s.WriteByte('\n')
	}
}

func halfOf(word string) picture.Half {
	for _, h := range halfNotes {
		if h.half.Word == word {
			return h.half
		}
	}
	return picture.Half{Class: "plain", Word: word}
}

// storyDesc tells the stories in words.
func storyDesc(stories []Story) string {
	var all []string
	for _, s := range stories {
		t := s.title() + ":"
		for i, c := range Chapters() {
			t += fmt.Sprintf(" %s, %s.", c.Title, s.Moments[i].sentence())
		}
		all = append(all, t)
	}
	return strings.Join(all, " ")
}
