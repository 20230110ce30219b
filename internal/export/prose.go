package export

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"ptsim/internal/prose"
)

// proseWidth is how wide prose is set.
const proseWidth = 78

// prose writes numbered steps. A rule is written out once; later steps point back to it.
func (e *export) prose(w io.Writer) error {
	var b strings.Builder
	title := strings.Join(prose.Wrap(e.title(), proseWidth), "\n")
	fmt.Fprintf(&b, "%s\n%s\n\n", title, strings.Repeat("=", min(utf8.RuneCountInString(title), proseWidth)))
	for _, para := range e.about() {
		b.WriteString(indented(para, 0))
		b.WriteByte('\n')
	}
	b.WriteString(indented(fmt.Sprintf("What follows is one schedule, step by step, of the variant %s, with %s.", e.q.Version, setting(e.q.Setting)), 0))
	said := map[string]int{}
	for _, v := range e.views[1:] {
		number := fmt.Sprintf("%3d. ", v.Step)
		b.WriteByte('\n')
		d := v.Did
		head := who(d)
		if d.Func != "" {
			head += ", in " + d.Func + "()"
		}
		b.WriteString(prose.Hang(number, "     ", head, proseWidth))
		b.WriteString(indented(d.Text, 5))
		b.WriteString(indented(d.Sentence.Text, 5))
		rule := d.Sentence.Rule
		switch at, again := said[rule+cites(d)]; {
		case rule == "":
		case again:
			b.WriteString(indented(fmt.Sprintf("The rule is that of step %d.", at), 5))
		default:
			said[rule+cites(d)] = v.Step
			b.WriteString(indented(fmt.Sprintf("The rule: %s From: %s.", rule, cites(d)), 5))
		}
	}
	fmt.Fprintf(&b, "\n%s\nThe same in ptsim:\n\n    %s\n", indented(e.ending(), 0), e.command(e.link()))
	_, err := io.WriteString(w, b.String())
	return err
}

// indented sets a paragraph, moved to the right.
func indented(s string, by int) string { return prose.Indent(s, proseWidth, by) }
