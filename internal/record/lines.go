package record

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
)

// Counts are what a recording came to.
type Counts struct {
	Events    int64 // lines of events
	Forks     int64 // new processes and threads
	Execs     int64
	Exits     int64 // of processes and threads
	Collapses int64 // collapses into a huge page that did their work
	Lost      int64 // events that the kernel dropped
	LostGaps  int64 // places where it dropped some without saying how many; not in Lost
	Torn      int64 // pieces of lines that could not be made whole, and were left out
}

// lineWriter passes the text of trace_pipe on, line by line. It counts, and mends what a line break in a name has torn.
type lineWriter struct {
	w      io.Writer
	part   []byte // of a line that is not complete yet
	held   []byte // a line that is no whole event, in case the next one completes it
	counts Counts
}

// mostHeld is how long a line that is mended may be.
const mostHeld = 8 << 10

// Write takes text as it comes.
func (l *lineWriter) Write(p []byte) (int, error) {
	n := len(p)
	for {
		line, rest, ok := bytes.Cut(p, []byte("\n"))
		if !ok {
			l.part = append(l.part, p...)
			return n, nil
		}
		if len(l.part) > 0 {
			l.part = append(l.part, line...)
			line = l.part
		}
		if err := l.line(line); err != nil {
			return 0, err
		}
		l.part = l.part[:0]
		p = rest
	}
}

// flush is the end of the text.
func (l *lineWriter) flush() error {
	if len(l.part) > 0 {
		if err := l.line(l.part); err != nil {
			return err
		}
		l.part = l.part[:0]
	}
	l.giveUp()
	return nil
}

func (l *lineWriter) giveUp() {
	if len(l.held) > 0 {
		l.counts.Torn++
		l.held = l.held[:0]
	}
}

func (l *lineWriter) line(line []byte) error {
	if len(l.held) == 0 && (len(line) == 0 || line[0] == '#') { // such as "##### CPU 1 buffer started ####"
		return nil
	}
	if n, ok := lostLine(line); ok {
		l.giveUp()
		l.counts.Lost += n
		if n == 0 {
			l.counts.LostGaps++
		}
		return l.put(line)
	}
	if len(l.held) > 0 {
		l.held = append(append(l.held, '?'), line...)
		if name, ok := whole(l.held); ok {
			err := l.event(name, l.held)
			l.held = l.held[:0]
			return err
		}
	}
	name, ok := whole(line)
	if ok {
		l.giveUp()
		return l.event(name, line)
	}
	if len(l.held) == 0 {
		l.held = append(l.held, line...)
	}
	if len(l.held) > mostHeld {
		l.giveUp()
	}
	return nil
}

func (l *lineWriter) event(name, line []byte) error {
	c := &l.counts
	c.Events++
	switch string(name) {
	case eventFork:
		c.Forks++
	case eventExec:
		c.Execs++
	case eventExit:
		c.Exits++
	case eventCollapse:
		if bytes.HasSuffix(line, []byte("result=succeeded")) || bytes.HasSuffix(line, []byte("result=pte_mapped_hugepage")) {
			c.Collapses++
		}
	}
	return l.put(line)
}

func (l *lineWriter) put(line []byte) error {
	if _, err := l.w.Write(line); err != nil {
		return err
	}
	_, err := l.w.Write(newline)
	return err
}

var newline = []byte{'\n'} // read-only: a slice made for each Write would be allocated

// lose adds a line for events of a CPU that were dropped without one.
func (l *lineWriter) lose(cpu string, n int64) error {
	l.counts.Lost += n
	return l.put(fmt.Appendf(nil, "CPU:%s [LOST %d EVENTS]", cpu, n))
}

// lostLine reads "CPU:1 [LOST 12 EVENTS]" or, without a count, "CPU:1 [LOST EVENTS]".
func lostLine(line []byte) (n int64, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte("CPU:"))
	if !ok {
		return 0, false
	}
	_, rest, ok = bytes.Cut(rest, []byte(" [LOST "))
	if !ok {
		return 0, false
	}
	rest, ok = bytes.CutSuffix(rest, []byte("EVENTS]"))
	if !ok || len(rest) == 0 {
		return 0, ok
	}
	n, err := strconv.ParseInt(string(bytes.TrimSpace(rest)), 10, 64)
	return n, err == nil
}

// The events with names in them, which may hold a line break.
const (
	eventFork     = "sched_process_fork"
	eventExec     = "sched_process_exec"
	eventExit     = "sched_process_exit"
	eventCollapse = "mm_khugepaged_collapse_file"
)

// whole reports whether a line is an event from its first column to its last field, and which. The kernel prints
// "%16s-%-7d" for task and PID, so the dash is in column 16, whatever the task is called.
func whole(line []byte) (name []byte, ok bool) {
	const dash = 16
	if len(line) < dash+2 || line[dash] != '-' || line[dash+1] < '0' || line[dash+1] > '9' {
		return nil, false
	}
	_, text, ok := bytes.Cut(line[dash:], []byte(": "))
	if !ok {
		return nil, false
	}
	name = text
	if i := bytes.IndexAny(text, ":( "); i >= 0 {
		name = text[:i]
	}
	last := ""
	switch string(name) {
	case eventFork:
		last = " child_pid="
	case eventExec:
		last = " old_pid="
	case eventExit:
		last = " prio="
	case eventCollapse:
		last = ", result="
	}
	return name, last == "" || bytes.Contains(text, []byte(last))
}
