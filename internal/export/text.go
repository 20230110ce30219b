package export

import (
	"fmt"
	"io"
	"strings"

	"ptsim/explore"
	"ptsim/internal/counterexample"
	"ptsim/internal/verdicts"
)

// textWidth is how wide the text of a commit message is: mail and git log put a margin beside it.
const textWidth = 72

// text writes columns by CPU, as commit messages draw races, ready to paste: nothing is wider than it should be but the
// command at the end, and no line begins with #.
func (e *export) text(w io.Writer) error {
	m, err := verdicts.Model(e.q.Scenario, e.q.Version)
	if err != nil {
		return err
	}
	opt := explore.Defaults()
	opt.Softirqs, opt.Grace = e.q.Setting.Softirqs, e.q.Setting.Grace
	sched, err := explore.ParseSchedule(e.s.Schedule(), func(string) (int, int, error) { return m.Tasks, opt.Workers, nil })
	if err != nil {
		return err
	}
	c, err := counterexample.Replay(m, opt, sched, e.q.Scenario, e.q.Version.Variant)
	if err != nil {
		return err
	}
	width := e.o.Width
	if width == 0 {
		width = textWidth
	}
	var b strings.Builder
	for _, l := range wrap(fmt.Sprintf("%s (%s, with %s).", e.title(), c.Length(), setting(e.q.Setting)), width) {
		fmt.Fprintln(&b, l)
	}
	b.WriteByte('\n')
	if err := c.Write(&b, counterexample.Options{Width: width, Command: "ptsim step --replay"}); err != nil {
		return err
	}
	_, err = io.WriteString(w, strings.TrimRight(b.String(), "\n")+"\n")
	return err
}
