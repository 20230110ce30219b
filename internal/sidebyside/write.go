package sidebyside

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"ptsim/internal/prose"
	"ptsim/internal/quote"
	"ptsim/internal/stepper"
)

// Formats returns the formats that Write knows.
func Formats() []string { return []string{"text", "markdown", "json"} }

// Write writes the comparison: text is so many columns wide, 0 for 100.
func (c *Comparison) Write(w io.Writer, format string, width int) error {
	switch format {
	case "text":
		return c.text(w, width)
	case "markdown":
		return c.markdown(w)
	case "json":
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(c)
	}
	return fmt.Errorf("unknown format %s; expected one of %s", quote.Short(format), strings.Join(Formats(), ", "))
}

// side is what a row says of one side: under which heading, and which step.
func side(v *stepper.View) (head, text string) {
	if v == nil || v.Did == nil {
		return "", ""
	}
	d := v.Did
	text = d.Text
	if v.Violation != nil {
		text += " <== " + v.Violation.Sentence
	}
	return strings.TrimSuffix(fmt.Sprintf("%s %s on CPU%d: %s", d.Letter, d.Name, d.CPU, d.Doing), ": "), text
}

// text draws two columns, time downward. A row that differs has != in front, the first one that does >>, and below it why.
func (c *Comparison) text(w io.Writer, width int) error {
	if width == 0 {
		width = 100
	}
	width = min(max(width, 60), 200) // no step is that long: what is further apart is hard to compare
	const margin, gap = 7, 2
	col := (width - margin - gap) / 2
	var b strings.Builder
	b.WriteString(prose.Indent(fmt.Sprintf("%s on %s, and what %s does meanwhile. A dot: no such step; !=: the states differ; >>: first.", c.Scenario, c.LeftName, c.RightName), width, 0))
	b.WriteByte('\n')
	fmt.Fprintf(&b, "%*s%-*s%s\n", margin, "", col+gap, c.LeftName, c.RightName)
	var heads [2]string
	for i := range c.Rows {
		row := &c.Rows[i]
		if i == 0 {
			if row.Differs {
				b.WriteString(prose.Indent("from the start: "+strings.Join(row.What, "; "), width, margin))
			}
			continue
		}
		var cells [2][]string
		var heading [2]int // lines of it
		for n, v := range []*stepper.View{row.Left, row.Right} {
			head, text := side(v)
			switch {
			case v == nil && n == 1 && !row.NoStep:
				cells[n] = prose.Wrap("("+row.Note+")", col)
			case v == nil:
				cells[n] = []string{"."}
			case head == "":
				cells[n] = []string{"(ends)"}
			case head != heads[n]:
				heads[n] = head
				cells[n] = prose.Wrap(head, col)
				heading[n] = len(cells[n])
				cells[n] = append(cells[n], indented(text, col)...)
			default:
				cells[n] = indented(text, col)
			}
		}
		if row.Left != nil && row.Right != nil { // the steps begin on one line
			for n := range cells {
				for heading[n] < max(heading[0], heading[1]) {
					cells[n], heading[n] = append([]string{""}, cells[n]...), heading[n]+1
				}
			}
		}
		mark := "  "
		switch {
		case i == c.First:
			mark = ">>"
		case row.Differs:
			mark = "!="
		}
		for n := range max(len(cells[0]), len(cells[1])) {
			front := strings.Repeat(" ", margin)
			if n == 0 {
				front = fmt.Sprintf("%3d %s ", i, mark)
			}
			line := front + fmt.Sprintf("%-*s", col+gap, at(cells[0], n)) + at(cells[1], n)
			fmt.Fprintln(&b, strings.TrimRight(line, " "))
		}
		if i == c.First {
			fmt.Fprintf(&b, "\n%s\n", prose.Indent(row.Why, width, margin))
		}
	}
	fmt.Fprintf(&b, "\n%s\n%s: %s\n%s: %s\n", prose.Indent(c.Sentence, width, 0), c.LeftName, c.LeftLink, c.RightName, c.RightLink)
	_, err := io.WriteString(w, b.String())
	return err
}

func at(list []string, n int) string {
	if n < len(list) {
		return list[n]
	}
	return ""
}

// markdown writes a table.
func (c *Comparison) markdown(w io.Writer) error {
	var b strings.Builder
	cell := strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;")
	fmt.Fprintf(&b, "# %s on %s, and what %s does meanwhile\n\n%s\n\n", c.Scenario, c.LeftName, c.RightName, cell.Replace(c.Sentence))
	if c.Rows[0].Differs {
		fmt.Fprintf(&b, "From the start: %s.\n\n", cell.Replace(strings.Join(c.Rows[0].What, "; ")))
	}
	fmt.Fprintf(&b, "| row | %s | %s | what differs |\n|---|---|---|---|\n", c.LeftName, c.RightName)
	for i := range c.Rows[1:] {
		row := &c.Rows[i+1]
		var cells [2]string
		for n, v := range []*stepper.View{row.Left, row.Right} {
			if head, text := side(v); head != "" {
				cells[n] = cell.Replace(head + ": `" + strings.ReplaceAll(text, "`", "'") + "`")
			}
		}
		if row.Right == nil && !row.NoStep {
			cells[1] = "*" + cell.Replace(row.Note) + "*"
		}
		what := strings.Join(row.What, "; ")
		if i+1 == c.First {
			what = "**first:** " + row.Why
		}
		fmt.Fprintf(&b, "| %d | %s | %s | %s |\n", i+1, cells[0], cells[1], cell.Replace(what))
	}
	fmt.Fprintf(&b, "\n`ptsim step --replay '%s'`\n\n`ptsim step --replay '%s'`\n", c.LeftLink, c.RightLink)
	_, err := io.WriteString(w, b.String())
	return err
}

// indented breaks a text into lines, all of them one to the right: in 80 columns spin_unlock_bh(&mm1->context.lock) just fits.
func indented(text string, width int) []string {
	return strings.Split(strings.TrimSuffix(prose.Indent(text, width, 1), "\n"), "\n")
}
