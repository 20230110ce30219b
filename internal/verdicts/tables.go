package verdicts

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"ptsim/explore"
	"ptsim/internal/coverage"
	"ptsim/internal/prose"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/memory"
)

// Text is the outcome in a table.
func (o *Outcome) Text() string {
	switch o.Verdict {
	case "":
		return "-"
	case explore.Violated:
		kind := o.Violation.Kind.Info()
		about := ""
		if !o.Shortest {
			about = "~"
		}
		return fmt.Sprintf("%s %s%d/%d", cmp.Or(kind.Short, kind.Name), about, o.Switches, o.Steps)
	}
	return fmt.Sprintf("%s %s", o.Verdict, prose.Group(o.States))
}

// round writes a number in at most four characters.
func round(n uint64) string {
	switch {
	case n < 1000:
		return strconv.FormatUint(n, 10)
	case n < 999_500:
		return fmt.Sprintf("%dk", (n+500)/1000)
	case n < 9_950_000:
		return fmt.Sprintf("%.1fM", float64(n)/1e6)
	}
	return fmt.Sprintf("%dM", (n+500_000)/1_000_000)
}

// block is the part of a matrix that is about one scenario.
type block struct {
	name     string
	versions []question.Version
	settings []question.Setting
	cells    map[question.Version]map[question.Setting]*Outcome
}

func blocks(out []Outcome) []*block {
	var list []*block
	for i := range out {
		o := &out[i]
		if len(list) == 0 || list[len(list)-1].name != o.Scenario {
			list = append(list, &block{name: o.Scenario, cells: map[question.Version]map[question.Setting]*Outcome{}})
		}
		b := list[len(list)-1]
		if b.cells[o.Version] == nil {
			b.cells[o.Version] = map[question.Setting]*Outcome{}
			b.versions = append(b.versions, o.Version)
		}
		b.cells[o.Version][o.Setting] = o
		if !slices.Contains(b.settings, o.Setting) {
			b.settings = append(b.settings, o.Setting)
		}
	}
	return list
}

// table returns the rows of a block, the head first.
func (b *block) table(cell func(o *Outcome) string) [][]string {
	head := []string{"softirqs, grace"}
	for _, s := range b.settings {
		head = append(head, s.String())
	}
	rows := [][]string{head}
	for _, v := range b.versions {
		row := []string{v.String()}
		for _, s := range b.settings {
			row = append(row, cell(b.cells[v][s]))
		}
		rows = append(rows, row)
	}
	return rows
}

// stacked is the table with a head of two rows, which makes narrow columns.
func (b *block) stacked(cell func(o *Outcome) string) [][]string {
	softirqs, grace := []string{"softirqs"}, []string{"grace"}
	for _, s := range b.settings {
		softirqs, grace = append(softirqs, s.SoftirqsText()), append(grace, s.Grace.String())
	}
	return append([][]string{softirqs, grace}, b.table(cell)[1:]...)
}

// Write prints a matrix as text, markdown or json; text at most that many columns wide, and with the time that each cell took
// where there is room.
func Write(w io.Writer, out []Outcome, format string, width int) error {
	switch format {
	case "json":
		return writeJSON(w, out)
	case "markdown":
		return Markdown(w, out)
	}
	return writeText(w, out, width)
}

// Formats are the formats that Write knows.
func Formats() []string { return []string{"text", "markdown", "json"} }

func writeText(w io.Writer, out []Outcome, width int) error {
	var b strings.Builder
	var took time.Duration
	for i, bl := range blocks(out) {
		if i > 0 {
			b.WriteByte('\n')
		}
		about := title(out, bl.name)
		if m := bl.settings[0].Memory; m.Model != memory.SC {
			about += ", under memory model " + m.String()
		}
		b.WriteString(prose.Hang(bl.name+"  ", "  ", about, width))
		timed := bl.stacked(func(o *Outcome) string {
			if o.Verdict == "" {
				return o.Text()
			}
			took += o.Elapsed
			return fmt.Sprintf("%s  %.2f s", o.Text(), o.Elapsed.Seconds())
		})
		table := prose.Table(timed, "  ", width)
		if strings.Contains(table, "\n\n") { // it comes in parts: without the times it is easier to read
			table = prose.Table(bl.stacked((*Outcome).Text), "  ", width)
		}
		b.WriteString(table)
		for _, text := range bl.missed() {
			b.WriteString(prose.Indent(text, width, 2))
		}
	}
	b.WriteString("\n" + prose.Hang("", "  ", fmt.Sprintf("%s, %.1f s of search%s", count(out), took.Seconds(), judged(out)), width))
	_, err := io.WriteString(w, b.String())
	return err
}

// count says how many cells came to what.
func count(out []Outcome) string {
	n := map[explore.Verdict]int{}
	for i := range out {
		n[out[i].Verdict]++
	}
	text := fmt.Sprintf("%d cells: %d safe, %d violated", len(out), n[explore.Safe], n[explore.Violated])
	if n[explore.Incomplete] > 0 {
		text += fmt.Sprintf(", %d incomplete", n[explore.Incomplete])
	}
	if n[""] > 0 {
		text += fmt.Sprintf(", %d not asked", n[""])
	}
	return text
}

// missed names the operations in which no schedule of a safe cell came to a primitive, and in how many cells that is so. What
// lines of the allocator were missed is too much for a table: JSON has them.
func (b *block) missed() []string {
	var order []string
	cells := map[string]int{}
	for _, v := range b.versions {
		for _, s := range b.settings {
			o := b.cells[v][s]
			if o == nil || o.Covers == nil {
				continue
			}
			for _, op := range o.Covers.Operations {
				if cells[op.String()]++; cells[op.String()] == 1 {
					order = append(order, op.String())
				}
			}
		}
	}
	var list []string
	for _, op := range order {
		n := "1 safe cell"
		if cells[op] > 1 {
			n = fmt.Sprintf("%d safe cells", cells[op])
		}
		list = append(list, "in "+n+" no schedule came to a primitive in "+op)
	}
	return list
}

// judged says how data races were judged in the cells that are safe.
func judged(out []Outcome) string {
	n := map[explore.Races]int{}
	for i := range out {
		if out[i].Verdict == explore.Safe {
			n[out[i].Races]++
		}
	}
	switch by, near := n[explore.HappensBefore], n[explore.Adjacent]; {
	case by > 0 && near > 0:
		return fmt.Sprintf("; data races by happens-before in %d, by adjacent accesses alone in %d", by, near)
	case by > 0:
		return "; data races by happens-before"
	case near > 0:
		return "; data races by adjacent accesses alone"
	}
	return ""
}

// title is the title of a scenario.
func title(out []Outcome, name string) string {
	for i := range out {
		if out[i].Scenario == name && out[i].Title != "" {
			return out[i].Title
		}
	}
	s, err := scenario.Load(name)
	if err != nil {
		return ""
	}
	return s.Title
}

// cellJSON is an outcome as JSON has it: null where there is nothing.
type cellJSON struct {
	Lab         string   `json:"lab"`
	ID          string   `json:"id"` // of a row, or what asks the same
	Scenario    string   `json:"scenario"`
	Version     string   `json:"version"`
	Variant     string   `json:"variant"`
	Pin         *string  `json:"pin"`
	Softirqs    any      `json:"softirqs"`
	Grace       string   `json:"grace"`
	Memory      string   `json:"memory"` // the memory model
	CPUs        *int     `json:"cpus"`   // that the tasks are on
	Lax         bool     `json:"lax"`
	Verdict     *string  `json:"verdict"`
	Why         *string  `json:"why"`
	Kind        *string  `json:"kind"`
	Sentence    *string  `json:"sentence"`
	States      *uint64  `json:"states"`
	Transitions *uint64  `json:"transitions"`
	Depth       *int     `json:"depth"`
	Seconds     *float64 `json:"seconds"`
	Bytes       *uint64  `json:"memory_bytes"`
	Switches    *int     `json:"switches"`
	Steps       *int     `json:"steps"`
	Shortest    *bool    `json:"shortest"`
	Schedule    *string  `json:"schedule"`
	Unreached   []string `json:"unreached"` // of what is safe: operations in which no schedule came to a primitive

	Progress *Stand             `json:"progress"` // of what is incomplete
	Covers   *coverage.Coverage `json:"covers"`   // of what is safe
}

func writeJSON(w io.Writer, out []Outcome) error {
	list := []cellJSON{}
	for i := range out {
		o := &out[i]
		l, name, _ := question.Split(o.Scenario)
		c := cellJSON{
			Lab: l.Name, ID: o.name(), Version: o.Version.String(), Memory: o.Setting.Memory.String(), Lax: o.Lax,
			Scenario: name[strings.LastIndexByte(name, '/')+1:], Variant: o.Version.Variant(), Pin: orNull(o.Version.Pin()),
			Softirqs: o.Setting.SoftirqsJSON(), Grace: o.Setting.Grace.String(), Verdict: orNull(string(o.Verdict)), Why: orNull(o.Why),
			Covers: o.Covers, Progress: StandOf(o.Last),
		}
		if o.Verdict != "" { // else nobody asked
			seconds := o.Elapsed.Seconds()
			c.CPUs = &o.CPUs
			c.States, c.Transitions, c.Depth, c.Seconds, c.Bytes = &o.States, &o.Transitions, &o.Depth, &seconds, &o.Bytes
		}
		if o.Violation != nil {
			c.Kind, c.Sentence, c.Schedule = orNull(o.Violation.Kind.String()), orNull(o.Violation.Sentence()), orNull(o.Schedule)
			c.Switches, c.Steps, c.Shortest = &o.Switches, &o.Steps, &o.Shortest
		}
		if o.Covers != nil {
			c.Unreached = []string{}
			for _, op := range o.Covers.Operations {
				c.Unreached = append(c.Unreached, op.String())
			}
		}
		list = append(list, c)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(list)
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
