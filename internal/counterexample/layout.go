package counterexample

import (
	"fmt"
	"slices"
	"strings"

	"ptsim/internal/prose"
)

const (
	narrow = 10 // how far one column is left of the next at least, where there is room
	last   = 24 // what the last column has at least
)

// draw lays the columns out. A line is one CPU's alone, so it may reach over the columns to its right; the last column
// begins where its longest line still fits.
func (c *Case) draw(b *strings.Builder, lines []line, cpus []int, width int) {
	offsets := c.offsets(lines, cpus, width)
	var heads [2]strings.Builder
	for i, cpu := range cpus {
		for h, text := range []string{fmt.Sprintf("CPU%d", cpu), c.who(cpu)} {
			pad(&heads[h], offsets[i])
			if i+1 < len(cpus) {
				text = clip(text, offsets[i+1]-offsets[i]-1)
			}
			heads[h].WriteString(text)
		}
	}
	for h := range heads {
		fmt.Fprintln(b, strings.TrimRight(heads[h].String(), " "))
	}
	b.WriteByte('\n')
	for _, l := range lines {
		at, mark := strings.Repeat(" ", offsets[l.column]), " "
		if l.matters {
			mark = "*"
		}
		depth := strings.Repeat(" ", l.depth)
		p := prose.Paragraph{First: at + mark + depth, Rest: at + "   " + depth, Width: float64(max(width, len(at)+l.depth+3+narrow))}
		for _, part := range p.Lines(strings.Split(l.text, " ")) {
			fmt.Fprintln(b, part)
		}
	}
}

// offsets returns where each column begins.
func (c *Case) offsets(lines []line, cpus []int, width int) []int {
	offsets := make([]int, len(cpus))
	longest := make([]int, len(cpus))
	for i, cpu := range cpus {
		longest[i] = len(c.who(cpu))
	}
	for _, l := range lines {
		longest[l.column] = max(longest[l.column], len(l.text)+l.depth+1)
	}
	n := len(cpus) - 1
	if n <= 0 {
		return offsets
	}
	begin := max(min(width-longest[n], width*n/len(cpus)), min(narrow*n, width-last))
	for i := range offsets {
		offsets[i] = i * begin / n
	}
	return offsets
}

// who names the threads of a CPU that take part.
func (c *Case) who(cpu int) string {
	var names []string
	for i := range c.Steps {
		if d := &c.Steps[i]; d.CPU == cpu && !slices.Contains(names, d.Task) {
			names = append(names, d.Task)
		}
	}
	return strings.Join(names, ", ")
}

func pad(b *strings.Builder, to int) {
	for b.Len() < to {
		b.WriteByte(' ')
	}
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[:max(n, 0)]
	}
	return s
}
