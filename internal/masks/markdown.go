package masks

import (
	"fmt"
	"strings"
)

// markdown writes the table as a section of a document. Unlike the text it has the steps of each operation.
func (t *Table) markdown() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "## The masks of %s\n\n%s (%s).", t.Name, strings.ToUpper(t.Info.About[:1])+t.Info.About[1:], t.Info.Kernel)
	if t.Info.Flawed != "" {
		fmt.Fprintf(&b, " Flawed: %s.", t.Info.Flawed)
	}
	b.WriteString("\n\n")
	for _, line := range t.summary() {
		fmt.Fprintf(&b, "- %s\n", line)
	}
	for _, why := range t.general() {
		fmt.Fprintf(&b, "- In general: %s.\n", why)
	}

	b.WriteString("\n### Legal states\n\n")
	markdownRow(&b, "mask", "`PP|HH|AA`", "upper half", "lower half", "list", "reached", "not possible")
	markdownRow(&b, "---", "---", "---", "---", "---", "---", "---")
	for i, s := range t.States {
		if !s.Legal {
			continue
		}
		not := t.impossible(i)
		var why []string
		for _, k := range not.keys {
			why = append(why, k+": "+strings.Join(not.of[k], ", "))
		}
		markdownRow(&b, s.short(), "`"+s.Mask.String()+"`", s.Halves[1].String(), s.Halves[0].String(), onOff(s.Listed),
			s.Reach.String(), strings.Join(why, "<br>"))
	}

	b.WriteString("\n### Operations\n\nMasks in parentheses are made under the lock of the list")
	if t.Actives {
		b.WriteString("; a star is PageActive")
	}
	b.WriteString(".\n\n")
	markdownRow(&b, "mask", "operation", "becomes", "effect", "steps")
	markdownRow(&b, "---", "---", "---", "---", "---")
	t.markdownOp(&b, "no page", t.Birth)
	for _, r := range t.Rows {
		if r.Possible {
			t.markdownOp(&b, t.States[r.State].short(), r)
		}
	}

	b.WriteString("\n### Masks that are not legal\n\n")
	markdownRow(&b, "why", "masks")
	markdownRow(&b, "---", "---")
	g := newGroups()
	for _, s := range t.States {
		if !s.Legal && !s.Active {
			g.add(s.Why, fmt.Sprintf("%02x `%s`", uint8(s.Mask), s.Mask))
		}
	}
	for _, why := range g.keys {
		markdownRow(&b, why, strings.Join(g.of[why], ", "))
	}
	return []byte(soften(strings.TrimRight(b.String(), "\n")))
}

func (t *Table) markdownOp(b *strings.Builder, from string, r Row) {
	var steps []string
	for _, s := range r.Steps {
		steps = append(steps, s.What)
	}
	markdownRow(b, from, r.name(), r.path(), strings.Join(r.effects(), "; "), strings.Join(steps, ", "))
}

func onOff(listed bool) string {
	if listed {
		return "on"
	}
	return "off"
}

// markdownRow writes the cells of a row. A bar would end a cell, also in code.
func markdownRow(b *strings.Builder, cells ...string) {
	for _, c := range cells {
		b.WriteString("| " + strings.ReplaceAll(c, "|", `\|`) + " ")
	}
	b.WriteString("|\n")
}
