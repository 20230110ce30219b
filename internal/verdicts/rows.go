package verdicts

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"ptsim/explore"
	"ptsim/internal/prose"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/kern"
	"ptsim/lab"
	"ptsim/memory"
)

// Rows returns the cells of a lab's rows, in their order.
func Rows(l *lab.Lab) ([]Cell, error) {
	var cells []Cell
	for i := range l.Rows {
		r := &l.Rows[i]
		c := Cell{ID: r.ID, Lax: r.Lax}
		name := r.Scenario
		if l.Name != "" && !strings.Contains(name, "/") {
			name = l.Name + "/" + name
		}
		fail := func(err error) error { return fmt.Errorf("row %s of %s: %w", r.ID, l.Name, err) }
		s, err := scenario.Load(name)
		if err != nil {
			return nil, fail(err)
		}
		c.Scenario = scenario.FullName(s)
		if c.Version, err = question.VersionOf(l, r.Version); err != nil {
			return nil, fail(err)
		}
		c.Setting = question.Setting{Softirqs: 2}
		if r.Softirqs != "" {
			if c.Setting.Softirqs, err = explore.ParseSoftirqs(r.Softirqs); err != nil {
				return nil, fail(err)
			}
		}
		if r.Grace != "" {
			if c.Setting.Grace, err = explore.ParseGrace(r.Grace); err != nil {
				return nil, fail(err)
			}
		}
		if r.Memory != "" {
			if c.Setting.Memory, err = memory.ParseSpec(r.Memory); err != nil {
				return nil, fail(err)
			}
		}
		if r.Kind != "" {
			if err := c.Kind.UnmarshalText([]byte(r.Kind)); err != nil {
				return nil, fail(err)
			}
		}
		cells = append(cells, c)
	}
	return cells, nil
}

// memoryOf is the memory model that a row is of.
func memoryOf(r *lab.Row) memory.Spec {
	s, _ := memory.ParseSpec(r.Memory) // what is none is told by Rows
	return s
}

// Said is what an outcome comes to, as a row expects it: "safe", or "violated" and the kind.
func (o *Outcome) Said() string {
	if o.Violation != nil {
		return string(o.Verdict) + " " + o.Violation.Kind.String()
	}
	return string(o.Verdict)
}

// Unexpected returns the outcomes of a lab's rows that are not what the rows expect.
func Unexpected(l *lab.Lab, out []Outcome) []*Outcome {
	var list []*Outcome
	for i := range out {
		o := &out[i]
		at := slices.IndexFunc(l.Rows, func(r lab.Row) bool { return r.ID == o.ID })
		if at >= 0 && o.Setting.Memory != memoryOf(&l.Rows[at]) { // it was asked under another model
			continue
		}
		if at >= 0 && o.Verdict != "" && o.Verdict != explore.Incomplete && l.Rows[at].Expect != "" && l.Rows[at].Expect != o.Said() {
			list = append(list, o)
		}
	}
	return list
}

// WriteRows prints the rows of a lab and what they came to.
func WriteRows(w io.Writer, l *lab.Lab, out []Outcome, format string, width int) error {
	head := []string{"", "scenario", "version", "verdict", ""}
	table := [][]string{head}
	wrong := Unexpected(l, out)
	var notes []string
	for i := range out {
		o := &out[i]
		r := &l.Rows[i]
		text := o.Text()
		if o.Kind != kern.NoViolation && o.Verdict == explore.Safe {
			text += ", as to " + o.Kind.String()
		}
		if slices.Contains(wrong, o) {
			text += " !"
			notes = append(notes, fmt.Sprintf("%s: expected %s", r.ID, r.Expect))
		}
		version := o.Version.String()
		if set := o.Setting; set != (question.Setting{Softirqs: 2}) {
			version += ", " + set.String()
		}
		if o.Lax {
			version += ", lax"
		}
		name := strings.TrimPrefix(o.Scenario, l.Name+"/")
		table = append(table, []string{r.ID, name, version, text, r.Note})
	}
	var b strings.Builder
	if format == "markdown" {
		head[0], head[4] = "row", "what it shows"
		fmt.Fprintf(&b, "### %s: %s\n\n%s\n\n", l.Name, l.Title, l.About)
		markdownTable(&b, table)
	} else {
		b.WriteString(prose.Hang(l.Name+"  ", "  ", l.Title, width))
		for _, row := range table[1:] {
			b.WriteString(prose.Hang(fmt.Sprintf("%-5s ", row[0]), "      ", fmt.Sprintf("%s on %s: %s", row[1], row[2], row[3]), width))
			if row[4] != "" {
				b.WriteString(prose.Hang("      ", "      ", row[4], width))
			}
		}
	}
	fmt.Fprintf(&b, "\n%s%s", count(out), judged(out))
	if len(notes) > 0 {
		fmt.Fprintf(&b, "; NOT as expected: %s", strings.Join(notes, "; "))
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// cpus is how many CPUs the tasks of a scenario are on.
func cpus(s *scenario.Scenario) int {
	on := map[string]bool{}
	for i, t := range s.Tasks {
		at := "its own " + strconv.Itoa(i)
		if t.On > 0 {
			at = strconv.Itoa(t.On)
		}
		on[at] = true
	}
	return len(on)
}
