package report

import (
	"fmt"
	"io"

	"ptsim/internal/prose"
)

// line is a line of a table: its label, and what it shows of a row.
type line[T any] struct {
	label string
	cell  func(*T) string
	part  bool // of what the line above shows
}

func part[T any](l line[T]) line[T] {
	l.part = true
	return l
}

func grouped[T any](label string, of func(*T) Figure) line[T] {
	return line[T]{label: label, cell: func(row *T) string { return of(row).Grouped() }}
}

func decimals[T any](label string, n int, of func(*T) Figure) line[T] {
	return line[T]{label: label, cell: func(row *T) string { return of(row).Decimals(n) }}
}

func percent[T any](label string, of func(*T) Figure) line[T] {
	return line[T]{label: label, cell: func(row *T) string { return of(row).Percent() }}
}

// writeTable writes a column for each row, as many side by side as the width allows.
func writeTable[T any](w io.Writer, rows []T, name func(*T) string, lines []line[T], width int) {
	table := make([][]string, len(lines)+1)
	table[0] = []string{""}
	for i := range rows {
		table[0] = append(table[0], name(&rows[i]))
	}
	for n, l := range lines {
		label := l.label
		if l.part {
			label = "  " + label
		}
		table[n+1] = []string{label}
		for i := range rows {
			table[n+1] = append(table[n+1], l.cell(&rows[i]))
		}
	}
	fmt.Fprint(w, prose.Table(table, "", width))
}
