package counterexample

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"ptsim/explore"
	"ptsim/internal/phrase"
	"ptsim/internal/prose"
	"ptsim/kern"
)

// Options say how a case is printed.
type Options struct {
	Width   int    // columns of the terminal; 0 is 80
	All     bool   // plain accesses, too
	Command string // what runs it again, without the schedule
}

// line is a line of a column.
type line struct {
	column  int
	matters bool
	depth   int
	text    string
}

// Write prints the case.
func (c *Case) Write(w io.Writer, opt Options) error {
	var b strings.Builder
	lines, cpus := c.lines(opt.All)
	width := opt.Width
	if width == 0 {
		width = 80
	}
	c.draw(&b, lines, cpus, width)
	if v := c.Violation; v != nil {
		fmt.Fprintf(&b, "\n%s\n%s\n", prose.Hang("VIOLATION  ", "  ", v.Sentence(), width), v.Splat())
	} else {
		b.WriteByte('\n')
	}
	if opt.Command != "" {
		fmt.Fprintf(&b, "%s '%s'\n", opt.Command, c.Text)
	} else {
		fmt.Fprintln(&b, c.Text)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Length says how long the schedule is.
func (c *Case) Length() string {
	return prose.Count(c.Switches, "switch", "switches") + ", " + prose.Count(c.Count, "step", "steps")
}

// place is where a CPU's last line was: what it stands under.
type place struct {
	thread    int
	doing, fn string
	head      int // the line of the operation, if nothing has come after it; else -1
}

// printer turns steps into lines.
type printer struct {
	*Case
	all   bool
	lines []line
	cpus  []int
	at    map[int]place // by CPU
}

// lines turns the steps into lines, and returns the CPUs that have a column.
func (c *Case) lines(all bool) ([]line, []int) {
	p := &printer{Case: c, all: all, at: map[int]place{}}
	for i := range c.Steps {
		if d := &c.Steps[i]; !slices.Contains(p.cpus, d.CPU) {
			p.cpus = append(p.cpus, d.CPU)
		}
	}
	slices.Sort(p.cpus)
	for i := range c.Steps {
		p.step(i)
	}
	if v := c.Violation; v != nil && final(v) && len(c.Steps) > 0 {
		text := "(all is quiet) <=="
		if v.Kind == kern.Deadlock {
			text = "(nothing can move) <=="
		}
		p.line(&c.Steps[len(c.Steps)-1], false, 1, text)
	}
	return p.lines, p.cpus
}

func (p *printer) line(d *explore.Step, matters bool, depth int, text string) {
	p.lines = append(p.lines, line{slices.Index(p.cpus, d.CPU), matters, depth, text})
}

func (p *printer) step(i int) {
	d := &p.Steps[i]
	arrow := p.arrow(i)
	if d.Drains {
		p.line(d, p.Matters[i], 1, p.names.Text(d)+arrow)
		return
	}
	if d.Begins {
		p.line(d, p.Matters[i], 1, p.names.Text(d)+arrow)
		p.at[d.CPU] = place{thread: d.Thread, doing: d.Doing, head: -1}
		return
	}
	under, known := p.at[d.CPU]
	if !known || under.thread != d.Thread || under.doing != d.Doing {
		text := d.Doing
		if p.several(d.CPU) {
			text = d.Task + ": " + text
		}
		if known && under.thread != d.Thread && p.resumes(i) {
			text += ", again"
		}
		p.line(d, false, 1, text)
		under = place{thread: d.Thread, doing: d.Doing, head: len(p.lines) - 1}
	}
	fn := phrase.Within(d)
	if more, whole := p.whole(d, arrow != ""); whole && fn == "" && under.head == len(p.lines)-1 { // the operation is the step
		l := &p.lines[under.head]
		l.matters = l.matters || p.Matters[i]
		l.text += more + arrow
		if more != "" {
			under.head = -1
		}
		p.at[d.CPU] = under
		return
	}
	if p.all || !phrase.Hidden(d) || arrow != "" {
		depth := 2
		if fn != "" {
			if depth++; fn != under.fn {
				p.line(d, false, 2, fn+"()")
			}
		}
		under.fn, under.head = fn, -1
		p.line(d, p.Matters[i], depth, p.names.Text(d)+arrow)
	}
	p.at[d.CPU] = under
}

// several tells whether a CPU has several tasks, so that its column is not one task's.
func (p *printer) several(cpu int) bool {
	first := -1
	for i := range p.Steps {
		d := &p.Steps[i]
		if d.CPU != cpu || d.Softirq {
			continue
		}
		if first >= 0 && d.Thread != first {
			return true
		}
		first = d.Thread
	}
	return false
}

// resumes tells whether the thread of step i was in the middle of this operation before another came between.
func (p *printer) resumes(i int) bool {
	for _, b := range slices.Backward(p.Steps[:i]) {
		if b.Thread == p.Steps[i].Thread {
			return b.Doing == p.Steps[i].Doing
		}
	}
	return false
}

// whole tells whether the name of an operation says all of a step, but for what it adds. A plain access that is hidden is
// said by it, unless it is to blame.
func (p *printer) whole(d *explore.Step, blamed bool) (more string, ok bool) {
	switch k := d.Op.Kind; {
	case d.Waits:
		return "", false
	case taking(d), giving(d), kern.PrimitiveOf(k).RCU != 0:
		l := p.lineOf(d)
		return "", l != nil && l.Word == k.String()
	case k == kern.OpLoad, k == kern.OpStore:
		return "", !p.all && !blamed
	case k == kern.OpChoose:
		return ": " + p.names.Text(d), true
	case k == kern.OpXchg, k == kern.OpCmpXchg, k == kern.OpRead:
		return ": " + p.names.Value(d.Op.Addr, d.Result), true
	case kern.PrimitiveOf(k).Counts != 0 && !kern.PrimitiveOf(k).Frame:
		return ": " + strings.TrimPrefix(p.names.Text(d), phrase.By(d)), true
	}
	return "", false
}

// arrow is what points at step i, if it violates.
func (c *Case) arrow(i int) string {
	v, last := c.Violation, len(c.Steps)-1
	if v == nil || final(v) {
		return ""
	}
	if i == last {
		return " <=="
	}
	if v.Kind == kern.DataRace && c.Matters[i] && c.Steps[i].CPU != c.Steps[last].CPU && touches(&c.Steps[i], v.Addr) {
		for j := i + 1; j < last; j++ {
			if c.Steps[j].CPU != c.Steps[last].CPU && touches(&c.Steps[j], v.Addr) {
				return ""
			}
		}
		return " <=="
	}
	return ""
}
