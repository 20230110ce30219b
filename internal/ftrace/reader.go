package ftrace

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// Options configure a [Reader].
type Options struct {
	Name string // of the input, for error messages; "input" if empty
}

// Stats say what a [Reader] has met so far.
type Stats struct {
	Lines        int   // of any sort
	Events       int64 // event lines, those of kind Other included
	Others       int64 // events of kind Other
	KernelFaults int64 // page faults of kernel mode
	Lost         int64 // events that the kernel dropped, by header and LOST lines
	LostGaps     int64 // LOST lines that do not say how many; not in Lost
	BytesRead    int64 // of the input as stored, compressed or not
}

// Reader reads events from a trace. It is not safe for concurrent use.
type Reader struct {
	name     string
	in       *lines
	stats    Stats
	promised int64 // event lines, by the headers
	last     int64 // time of the last event
	stack    bool  // the last event is the head of a stack trace
	err      error // sticky
	names    names
}

// NewReader returns a Reader of the trace in r, which may be gzip. It reads the
// beginning of r and refuses what is empty or no text.
func NewReader(r io.Reader, o Options) (*Reader, error) {
	if o.Name == "" {
		o.Name = "input"
	}
	t := &Reader{name: o.Name}
	var err error
	if t.in, err = newLines(r); err != nil {
		return nil, t.sourceError(err)
	}
	start := t.in.peek()
	if len(start) == 0 {
		if t.in.err != io.EOF {
			return nil, t.sourceError(t.in.err)
		}
		return nil, t.syntax(1, &fault{"the input is empty", wantText})
	}
	first, _, _ := bytes.Cut(start, []byte("\n"))
	if f := checkText(first, true); f != nil {
		return nil, t.syntax(1, f)
	}
	return t, nil
}

const wantText = "the text of a tracefs trace or trace_pipe file"

// checkText refuses what cannot be part of a text. Task names may hold any byte
// but NUL; the first line is judged more strictly, as it tells what the file is.
func checkText(line []byte, first bool) *fault {
	bad := bytes.IndexByte(line, 0)
	if first && bad < 0 {
		bad = bytes.IndexFunc(line, func(c rune) bool { return c < ' ' && c != '\t' && c != '\r' || c == 0x7f })
	}
	if bad < 0 {
		return nil
	}
	return &fault{fmt.Sprintf("not an ftrace text trace: byte %#02x in %s", line[bad], quote(line)), wantText}
}

// Next reads the next event into ev, all of it. It returns [io.EOF] after the
// last. Any other error ends the reading too, and is returned from then on.
func (r *Reader) Next(ev *Event) error {
	if r.err == nil {
		r.err = r.next(ev)
	}
	return r.err
}

// Stats returns what was read so far.
func (r *Reader) Stats() Stats {
	s := r.stats
	s.BytesRead = r.in.raw.n
	return s
}

func (r *Reader) next(ev *Event) error {
	for {
		line, whole, err := r.in.next()
		if err == io.EOF {
			return r.end()
		}
		n := r.stats.Lines + 1
		if err != nil && !errors.Is(err, errTooLong) {
			return r.sourceError(err)
		}
		if f := checkText(line, n == 1); f != nil {
			return r.syntax(n, f)
		}
		if err != nil {
			return r.syntax(n, &fault{
				fmt.Sprintf("the line is longer than %d bytes: %s", maxLine, quote(line)), wantText})
		}
		r.stats.Lines = n
		found, f := r.line(trimRight(line), ev)
		if f != nil {
			if !whole {
				f.what = "the input ends within a line: " + f.what
			}
			return r.syntax(n, f)
		}
		if found {
			ev.Line = n
			return nil
		}
	}
}

// line reads one line and reports whether it is an event.
func (r *Reader) line(line []byte, ev *Event) (bool, *fault) {
	switch {
	case len(line) == 0:
		return false, nil
	case line[0] == '#': // no event: a task name is indented by a blank at least
		return false, r.header(line)
	case line[0] == 'C':
		if cpu, n, ok := parseLost(line); ok {
			*ev = Event{Kind: Lost, CPU: cpu, TID: -1, TGID: -1, Time: r.last, Count: n}
			r.stats.Lost = addSaturated(r.stats.Lost, n)
			if n == 0 {
				r.stats.LostGaps++
			}
			return true, nil
		}
	case r.stack && bytes.HasPrefix(line, []byte(" =>")):
		return false, nil
	}
	*ev = Event{}
	text, f := parsePrefix(line, ev)
	if f != nil {
		return false, f
	}
	if f := parseEvent(text, ev, &r.names); f != nil {
		return false, f
	}
	r.last, r.stack = ev.Time, false
	r.stats.Events++
	switch ev.Kind {
	case PageFaultKernel:
		r.stats.KernelFaults++
	case Other:
		r.stats.Others++
		r.stack = bytes.HasSuffix(text, []byte("stack trace>"))
	}
	return true, nil
}

func trimRight(s []byte) []byte {
	for len(s) > 0 && (s[len(s)-1] == '\r' || s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

// header takes from a comment what "# entries-in-buffer/entries-written: A/B"
// says. There is one such line a buffer; joined files have several.
func (r *Reader) header(line []byte) *fault {
	s, ok := cutPrefix(line, "# entries-in-buffer/entries-written: ")
	if !ok {
		return nil
	}
	const limit = math.MaxInt64
	held, rest, ok := cutDecimal(s, limit)
	if ok {
		rest, ok = cutPrefix(rest, "/")
	}
	var written int64
	if ok {
		written, rest, ok = cutDecimal(rest, limit)
	}
	if !ok || len(rest) > 0 && rest[0] != ' ' || written < held {
		return &fault{"entries-in-buffer/entries-written: " + quote(s), "two counts HELD/WRITTEN, the second not the smaller"}
	}
	r.promised = addSaturated(r.promised, held)
	r.stats.Lost = addSaturated(r.stats.Lost, written-held)
	return nil
}

// parseLost reads "CPU:1 [LOST 1234 EVENTS]". The number is left out where the
// kernel does not know it: then n is 0.
func parseLost(line []byte) (cpu int32, n int64, ok bool) {
	s, ok := cutPrefix(line, "CPU:")
	if !ok {
		return 0, 0, false
	}
	if cpu, s, ok = cutPid(s); !ok {
		return 0, 0, false
	}
	if s, ok = cutPrefix(s, " [LOST "); !ok {
		return 0, 0, false
	}
	if count, rest, counted := cutDecimal(s, math.MaxInt64); counted {
		n = count
		if s, ok = cutPrefix(rest, " "); !ok {
			return 0, 0, false
		}
	}
	return cpu, n, string(s) == "EVENTS]"
}

// end is the clean end of the input, if everything promised was there.
func (r *Reader) end() error {
	if r.stats.Events >= r.promised {
		if r.stats.Events == 0 && r.stats.Lost == 0 && r.stats.LostGaps == 0 {
			return r.syntax(max(r.stats.Lines, 1), &fault{"there is no event in the file", "a trace with events"})
		}
		return io.EOF
	}
	return r.syntax(max(r.stats.Lines, 1), &fault{
		fmt.Sprintf("the file is cut short: it ends after %d event lines", r.stats.Events),
		strconv.FormatInt(r.promised, 10) + " event lines, as its header says",
	})
}

// sourceError reports that the input could not be read or unpacked.
func (r *Reader) sourceError(err error) error {
	if f := r.in.broken(err, r.stats.Lines); f != nil {
		e := r.syntax(max(r.stats.Lines, 1), f)
		e.Err = err
		return e
	}
	return fmt.Errorf("%s: reading after line %d: %w", r.name, r.stats.Lines, err)
}

func (r *Reader) syntax(line int, f *fault) *SyntaxError {
	return &SyntaxError{Name: r.name, Line: line, What: f.what, Want: f.want}
}
