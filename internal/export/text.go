package export

import (
	"fmt"
	"io"
	"strings"

	"ptsim/explore"
	"ptsim/internal/counterexample"
	"ptsim/internal/prose"
	"ptsim/internal/question"
)

// textWidth is how wide the text of a commit message is: mail and git log put a margin beside it.
const textWidth = 72

// text writes columns by CPU, as commit messages draw races, ready to paste: nothing is wider than it should be but the
// command at the end, and no line begins with #.
func (e *export) text(w io.Writer) error {
	m, err := question.Model(e.q.Scenario, e.q.Version)
	if err != nil {
		return err
	}
	opt := e.q.Setting.Options()
	sched, err := explore.ParseSchedule(e.s.Schedule())
	if err != nil {
		return err
	}
	c, err := counterexample.Replay(m, opt, sched, e.q.Scenario, e.q.Version)
	if err != nil {
		return err
	}
	width := e.o.Width
	if width == 0 {
		width = textWidth
	}
	var b, drawn strings.Builder
	for _, l := range prose.Wrap(fmt.Sprintf("%s (%s, with %s).", e.title(), c.Length(), setting(e.q.Setting)), width) {
		fmt.Fprintln(&b, l)
	}
	b.WriteByte('\n')
	if err := c.Write(&drawn, counterexample.Options{Width: width}); err != nil {
		return err
	}
	lines := strings.Split(strings.TrimRight(drawn.String(), "\n"), "\n")
	for _, l := range lines[:len(lines)-1] { // the last is the schedule
		if len(l) <= width || strings.HasPrefix(l, " ") {
			fmt.Fprintln(&b, l)
			continue
		}
		fmt.Fprintln(&b, strings.Join(prose.Wrap(l, width-2), "\n  ")) // of a splat
	}
	fmt.Fprintln(&b, e.command(c.Text))
	_, err = io.WriteString(w, b.String())
	return err
}
