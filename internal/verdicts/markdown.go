package verdicts

import (
	"fmt"
	"io"
	"strings"

	"ptsim/explore"
	"ptsim/internal/prose"
	"ptsim/internal/question"
)

// Markdown prints a matrix in full. Nothing in it changes from run to run.
func Markdown(w io.Writer, out []Outcome) error {
	var b strings.Builder
	b.WriteString("## All scenarios\n\n")
	b.WriteString(Summary(out))
	fmt.Fprintf(&b, "\n%s%s.\n", count(out), judged(out))
	b.WriteString("\n## Scenario by scenario\n")
	for _, bl := range blocks(out) {
		fmt.Fprintf(&b, "\n### %s: %s\n\n", bl.name, title(out, bl.name))
		markdownTable(&b, bl.table(func(o *Outcome) string {
			if o.Verdict == explore.Violated {
				return fmt.Sprintf("**%s** (%s)", o.Text(), prose.Group(o.States))
			}
			return o.Text()
		}))
		bl.schedules(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// schedules lists a schedule for each sentence that a version broke by.
func (b *block) schedules(w *strings.Builder) {
	rows := [][]string{{"breaks", "by", "how"}}
	for _, v := range b.versions {
		seen := map[string]bool{}
		for _, s := range b.settings {
			o := b.cells[v][s]
			if o.Violation == nil || seen[o.Violation.Sentence()] {
				continue
			}
			seen[o.Violation.Sentence()] = true
			rows = append(rows, []string{v.String() + ", " + s.String(), "`" + o.Schedule + "`", strings.ReplaceAll(o.Violation.Sentence(), "|", "\\|")})
		}
	}
	if len(rows) > 1 {
		w.WriteByte('\n')
		markdownTable(w, rows)
	}
}

func markdownTable(b *strings.Builder, rows [][]string) {
	for i, row := range rows {
		fmt.Fprintf(b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Fprintf(b, "|%s\n", strings.Repeat(" --- |", len(row)))
		}
	}
}

// Summary is a matrix as one table: a row a scenario, a column a version.
func Summary(out []Outcome) string {
	list := blocks(out)
	var versions []question.Version
	for _, v := range question.Versions() {
		for _, bl := range list {
			if bl.cells[v] != nil {
				versions = append(versions, v)
				break
			}
		}
	}
	head := []string{""}
	for _, v := range versions {
		head = append(head, v.String())
	}
	rows := [][]string{head}
	for _, bl := range list {
		row := []string{bl.name}
		for _, v := range versions {
			row = append(row, bl.worst(v))
		}
		rows = append(rows, row)
	}
	var b strings.Builder
	markdownTable(&b, rows)
	return b.String()
}

// worst is one cell for all settings: the one with two softirq CPUs and precise grace periods, unless only others break.
func (b *block) worst(v question.Version) string {
	cells := b.cells[v]
	plain := question.Setting{Softirqs: 2, Grace: explore.GracePrecise, Memory: b.settings[0].Memory}
	for _, s := range append([]question.Setting{plain}, b.settings...) {
		o := cells[s]
		if o == nil || o.Verdict != explore.Violated {
			continue
		}
		text := o.Text()
		if s != plain {
			text += ", " + s.String()
		}
		return "**" + text + "**"
	}
	for _, s := range b.settings {
		if o := cells[s]; o != nil && o.Verdict != explore.Safe {
			return o.Text()
		}
	}
	if o := cells[plain]; o != nil {
		return "safe " + round(o.States)
	}
	return "-"
}
