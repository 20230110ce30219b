package course

import (
	"strings"
	"unicode/utf8"

	extast "github.com/yuin/goldmark/extension/ast"
)

// columnGap is between two columns of a table.
const columnGap = 2

// table writes a table in columns. Where it is too wide its widest columns are made narrower, and their cells wrap.
func (t *terminal) table(n *extast.Table, firstIndent, indent string, width int) {
	var rows [][][]word
	var widths []int
	for r := n.FirstChild(); r != nil; r = r.NextSibling() {
		style := Plain
		if r.Kind() == extast.KindTableHeader {
			style = Heading
		}
		var row [][]word
		for c := r.FirstChild(); c != nil; c = c.NextSibling() {
			cell := t.words(c, style)
			if len(row) == len(widths) {
				widths = append(widths, 0)
			}
			widths[len(row)] = max(widths[len(row)], length(cell))
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	shrink(widths, width-utf8.RuneCountInString(indent)-columnGap*(len(widths)-1))
	for i, row := range rows {
		t.row(row, widths, n.Alignments, firstIndent, indent)
		firstIndent = indent
		if i == 0 && rowIsHead(n) {
			total := columnGap * (len(widths) - 1)
			for _, w := range widths {
				total += w
			}
			t.write(indent + t.paint(Heading, strings.Repeat("-", max(total, 1))))
		}
	}
}

func rowIsHead(n *extast.Table) bool {
	return n.FirstChild() != nil && n.FirstChild().Kind() == extast.KindTableHeader
}

// shrink makes the widest columns narrower, one column of characters at a time, until they fit or nothing is left to give.
func shrink(widths []int, room int) {
	total := 0
	for _, w := range widths {
		total += w
	}
	for ; total > room; total-- {
		widest := 0
		for i, w := range widths {
			if w > widths[widest] {
				widest = i
			}
		}
		if len(widths) == 0 || widths[widest] <= 6 {
			return
		}
		widths[widest]--
	}
}

// row writes a row, over as many lines as its longest cell wants.
func (t *terminal) row(row [][]word, widths []int, align []extast.Alignment, firstIndent, indent string) {
	for more, lead := true, firstIndent; more; lead = indent {
		more = false
		line, at, to := lead, 0, 0 // where the line ends, and where the column begins
		for i, cell := range row {
			k := 0
			if len(cell) > 0 {
				k = fit(cell, widths[i])
			}
			used := length(cell[:k])
			pad := 0
			if i < len(align) && align[i] == extast.AlignRight {
				pad = max(widths[i]-used, 0)
			}
			if used > 0 {
				line += strings.Repeat(" ", max(to-at, 0)+pad) + t.line(cell[:k])
				at = max(to, at) + pad + used
			}
			to += widths[i] + columnGap
			row[i] = cell[k:]
			if len(row[i]) > 0 {
				row[i][0].glued = false
				more = true
			}
		}
		t.write(line)
	}
}
