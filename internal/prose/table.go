package prose

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Table sets rows of cells, the head first, as a table at most that many columns wide: the first cell of a row to the left,
// the others to the right. Where not all columns fit, it is several tables one below the other, each with the first column;
// a column is never cut. indent stands before each line.
func Table(rows [][]string, indent string, width int) string {
	if len(rows) == 0 {
		return ""
	}
	wide := make([]int, len(rows[0]))
	all := ansi.StringWidth(indent)
	for j := range wide {
		for _, row := range rows {
			wide[j] = max(wide[j], ansi.StringWidth(row[j]))
		}
		all += wide[j]
	}
	gap := 2
	if all+gap*(len(wide)-1) > width && all+len(wide)-1 <= width {
		gap = 1 // tight, but one table
	}
	end := func(from, most int) int { // of the table that begins with that column, with at most so many
		used, to := ansi.StringWidth(indent)+wide[0], from
		for to < min(len(wide), from+most) && (to == from || used+gap+wide[to] <= width) {
			used += gap + wide[to]
			to++
		}
		return to
	}
	tables := func(most int) (n int) {
		for from := 1; from < len(wide); from = end(from, most) {
			n++
		}
		return n
	}
	most := len(wide)
	for n := tables(most); most > 1 && tables(most-1) == n; { // no table is left with a column alone
		most--
	}
	var b strings.Builder
	for from := 1; from < len(wide); {
		to := end(from, most)
		if from > 1 {
			b.WriteByte('\n')
		}
		for _, row := range rows {
			line := indent + row[0] + blanks(wide[0]-ansi.StringWidth(row[0]))
			for j := from; j < to; j++ {
				line += blanks(gap+wide[j]-ansi.StringWidth(row[j])) + row[j]
			}
			b.WriteString(strings.TrimRight(line, " ") + "\n")
		}
		from = to
	}
	return b.String()
}

func blanks(n int) string { return strings.Repeat(" ", n) }
