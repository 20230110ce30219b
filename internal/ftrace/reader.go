package ftrace

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"

	"ptsim/internal/quote"
)

// Options configure a [Reader].
type Options struct {
	Name    string // of the input, for error messages; "input" if empty
	Arch    string // whose numbers raw system calls have: see [Arches]; guessed from the trace if empty
	Partial bool   // take a file that was cut short for what is left of it
}

// Stats say what a [Reader] has met so far.
type Stats struct {
	Lines        int   `json:"lines"`         // of any sort
	Events       int64 `json:"events"`        // event lines, those of kind Other included
	Others       int64 `json:"others"`        // events of kind Other
	KernelFaults int64 `json:"kernel_faults"` // page faults of kernel mode
	Lost         int64 `json:"lost"`          // events that the kernel dropped, by header and LOST lines
	LostGaps     int64 `json:"lost_gaps"`     // LOST lines that do not say how many; not in Lost
	BytesRead    int64 `json:"bytes_read"`    // of the input as stored, compressed or not

	Ticks    int64  `json:"ticks"`     // events with a time in no known unit; they count as [TickStep] apart
	Joined   int    `json:"joined"`    // places where time went back: another trace begins there, and is taken to follow the one before
	Disorder int64  `json:"disorder"`  // events somewhat older than the one before, taken to be as old
	Torn     int64  `json:"torn"`      // pieces of lines that could not be made whole, and were left out
	Mended   int64  `json:"mended"`    // events that a line break in a name had torn, made whole again
	Missing  int64  `json:"missing"`   // events that the header promises and the file lacks, accepted
	OneCPU   bool   `json:"one_cpu"`   // the file holds one CPU's part of a trace: Missing is what the other CPUs have
	Fields   int64  `json:"fields"`    // events printed field by field, by option fields or trace-cmd report -R
	Raw      int64  `json:"raw"`       // raw system calls
	Arch     string `json:"arch"`      // whose numbers they were taken to have, if there are any
	ArchSeen bool   `json:"arch_seen"` // the trace, or [Options], told so
}

// Reader reads events from a trace. It is not safe for concurrent use.
type Reader struct {
	name    string
	partial bool
	piece   bool // of a merged trace: its header promises what all pieces hold
	in      *lineReader
	stats   Stats
	form    form
	order   order
	headers headers
	learnt  learnt
	other   bool   // the last event is of kind Other: a line break in its text may have torn it
	stack   bool   // the last event is the head of a stack trace
	held    []byte // a line that is no whole event, in case the next one completes it
	arch    *arch
	named   [NumKinds]bool // calls that have events of their own: raw_syscalls tells of them twice
	err     error          // sticky
	names   names
	parts   []*part // of a merged trace
}

// NewReader returns a Reader of the trace in r, which may be gzip. It reads the
// beginning of r and refuses what is empty or no text.
func NewReader(r io.Reader, o Options) (*Reader, error) {
	if o.Name == "" {
		o.Name = "input"
	}
	t := &Reader{name: o.Name, partial: o.Partial}
	var err error
	if t.in, err = newLines(r); err != nil {
		return nil, t.sourceError(err)
	}
	start := t.in.peek()
	if len(start) == 0 {
		if t.in.err != io.EOF {
			return nil, t.sourceError(t.in.err)
		}
		return nil, t.syntax(1, bad("the input is empty", wantText))
	}
	first, _, _ := bytes.Cut(start, []byte("\n"))
	if f := foreignFile(start); f != nil {
		return nil, t.syntax(1, f)
	}
	if f := checkText(first, true); f != nil {
		return nil, t.syntax(1, f)
	}
	if t.arch, t.stats.ArchSeen, err = chooseArch(o.Arch, start); err != nil {
		return nil, err
	}
	return t, nil
}

const wantText = "the text of a tracefs trace or trace_pipe file"

// checkText refuses what cannot be part of a text. Task names may hold any byte
// but NUL; the first line is judged more strictly, as it tells what the file is.
func checkText(line []byte, first bool) *fault {
	at := bytes.IndexByte(line, 0)
	if first && at < 0 {
		at = bytes.IndexFunc(line, func(c rune) bool { return c < ' ' && c != '\t' && c != '\r' || c == 0x7f })
	}
	if at < 0 {
		return nil
	}
	if bytes.Contains(line, []byte("type: ")) {
		return rawOption(line)
	}
	return bad(fmt.Sprintf("not an ftrace text trace: byte %#02x in %s", line[at], quote.Short(line)), wantText)
}

// Next reads the next event into ev, all of it. It returns [io.EOF] after the
// last. Any other error ends the reading too, and is returned from then on.
func (r *Reader) Next(ev *Event) error {
	if r.err == nil {
		r.err = r.next(ev)
	}
	return r.err
}

// Name returns the name of the input.
func (r *Reader) Name() string { return r.name }

// Stats returns what was read so far.
func (r *Reader) Stats() Stats {
	if r.parts != nil {
		return r.statsOfParts()
	}
	s := r.stats
	if s.Raw > 0 {
		s.Arch = r.arch.name
	}
	s.BytesRead = r.in.raw.n
	return s
}

func (r *Reader) next(ev *Event) error {
	if r.parts != nil {
		return r.nextOfParts(ev)
	}
	for {
		if r.quick(ev) {
			return nil
		}
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
			return r.syntax(n, bad(fmt.Sprintf("the line is longer than %d bytes: %s", maxLine, quote.Short(line)), wantText))
		}
		r.stats.Lines = n
		found, f := r.line(trimRight(line), ev)
		if f != nil {
			if !whole {
				if r.partial {
					r.stats.Torn++
					return r.end()
				}
				f.what = "the input ends within a line: " + f.what
				return r.syntax(n, f)
			}
			if found, n, err = r.mend(line, f, ev); err != nil {
				return err
			}
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
			r.lost(Event{Kind: Lost, CPU: cpu, TID: -1, TGID: -1, Time: r.order.last, Count: n}, ev)
			return true, nil
		}
	case line[0] == '\t' && r.form == formPerf, r.stack && bytes.HasPrefix(line, []byte(" =>")):
		return false, nil // a frame of a stack
	}
	*ev = Event{}
	text, f := r.prefix(line, ev)
	if f != nil {
		if r.stats.Events == 0 && isToolHeader(line) {
			return false, nil
		}
		return false, f
	}
	if f := r.parseEvent(text, ev); f != nil {
		return false, f
	}
	r.stack = false
	r.other = ev.Kind == Other
	r.stats.Events++
	switch ev.Kind {
	case PageFaultKernel:
		r.stats.KernelFaults++
	case Other:
		r.stats.Others++
		r.stack = bytes.HasSuffix(text, []byte("stack trace>"))
	}
	return true, r.order.check(ev, r)
}

// lost is a place where events were dropped.
func (r *Reader) lost(e Event, ev *Event) {
	*ev = e
	r.stats.Lost = addSaturated(r.stats.Lost, e.Count)
	if e.Count == 0 {
		r.stats.LostGaps++
	}
}

func trimRight(s []byte) []byte {
	for len(s) > 0 && (s[len(s)-1] == '\r' || s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

// parseLost reads "CPU:1 [LOST 1234 EVENTS]", or "CPU:1 [1234 EVENTS DROPPED]" of
// trace-cmd. The number is left out where nobody knows it: then n is 0.
func parseLost(line []byte) (cpu int32, n int64, ok bool) {
	s, ok := cutPrefix(line, "CPU:")
	if !ok {
		return 0, 0, false
	}
	if cpu, s, ok = cutPid(s); !ok {
		return 0, 0, false
	}
	if s, ok = cutPrefix(s, " ["); !ok {
		return 0, 0, false
	}
	end := "EVENTS DROPPED]"
	if rest, ok := cutPrefix(s, "LOST "); ok {
		s, end = rest, "EVENTS]"
	}
	if count, rest, counted := cutDecimal(s, math.MaxInt64); counted {
		n = count
		if s, ok = cutPrefix(rest, " "); !ok {
			return 0, 0, false
		}
	}
	return cpu, n, string(s) == end
}

// sourceError reports that the input could not be read or unpacked.
func (r *Reader) sourceError(err error) error {
	if f := r.in.broken(err, r.stats.Lines); f != nil {
		if r.partial && errors.Is(err, io.ErrUnexpectedEOF) && r.stats.Events > 0 {
			return r.end()
		}
		e := r.syntax(max(r.stats.Lines, 1), f)
		e.Err = err
		return e
	}
	return fmt.Errorf("%s: reading after line %d: %w", r.name, r.stats.Lines, err)
}

func (r *Reader) syntax(line int, f *fault) *SyntaxError {
	return &SyntaxError{File: r.name, Line: line, What: f.what, Expected: f.want}
}
