package ftrace

import (
	"bytes"
	"fmt"
	"math"

	"ptsim/internal/quote"
)

// The kernel prints "%16s-%-7d ": a task name has 15 bytes at most, so that the
// dash before the PID is always in this column.
const dashColumn = 16

// stage is how far the columns before an event could be read.
type stage uint8

const (
	atPID stage = iota
	atTGID
	atCPU
	atTime
	atTask // perf script without a PID
	complete
)

// form is how the columns before an event are written.
type form uint8

const (
	formTracefs form = iota // TASK-PID [CPU] TIME: by tracefs and by trace-cmd report
	formTicks               // the same with a time that is a bare number
	formLatency             // TASK-PID CPUFLAGS TIME: by option latency-format and by trace-cmd report -l
	formVerbose             // latency-format with option verbose
	formPerf                // TASK PID [CPU] TIME: by perf script
	numForms
)

// read reads the columns of one form into ev. ticks tells that the time is a number of no known unit.
func (f form) read(line []byte, ev *Event) (text []byte, s stage, ticks bool) {
	switch f {
	case formTicks:
		text, s = parseTask(line, ev, true)
		return text, s, true
	case formLatency:
		return parseLatency(line, ev)
	case formVerbose:
		return parseVerbose(line, ev)
	case formPerf:
		text, s = parsePerf(line, ev)
		return text, s, false
	}
	text, s = parseTask(line, ev, false)
	return text, s, false
}

// prefix reads the columns before the event into ev and returns the event. The form of the line before is tried first:
// a file has one, joined files may have several.
func (r *Reader) prefix(line []byte, ev *Event) ([]byte, *fault) {
	if r.form == formTracefs && len(line) > dashColumn && line[dashColumn] == '-' { // most lines of most traces
		rest := line[dashColumn+1:]
		if text, ok := r.learnt.read(rest, ev); ok && (len(text) == 0 || text[0] != '(') {
			return text, nil
		}
		if text, s := parseColumns(rest, ev, false); s == complete && (len(text) == 0 || text[0] != '(') {
			r.learnt.learn(line, text, ev)
			return text, nil
		}
	}
	text, furthest, ticks := r.form.read(line, ev)
	if furthest == complete {
		return r.stamp(text, ev, ticks)
	}
	for f := range numForms {
		if f == r.form {
			continue
		}
		text, s, ticks := f.read(line, ev)
		if s == complete {
			r.form = f
			return r.stamp(text, ev, ticks)
		}
		furthest = max(furthest, s)
	}
	return nil, prefixFault(line, furthest)
}

// parseTask reads "TASK-PID" and the columns after it.
func parseTask(line []byte, ev *Event, ticks bool) ([]byte, stage) {
	if len(line) > dashColumn && line[dashColumn] == '-' {
		if text, s := parseColumns(line[dashColumn+1:], ev, ticks); s == complete {
			return text, s
		}
	}
	// Not the kernel's own indentation. Dashes within the task name fail to be
	// followed by the other columns.
	furthest := atPID
	for rest := line; ; {
		i := bytes.IndexByte(rest, '-')
		if i < 0 {
			return nil, furthest
		}
		rest = rest[i+1:]
		text, s := parseColumns(rest, ev, ticks)
		if s == complete {
			return text, s
		}
		furthest = max(furthest, s)
	}
}

// parseColumns reads what stands between the dash before the PID and the event.
func parseColumns(s []byte, ev *Event, ticks bool) ([]byte, stage) {
	var ok bool
	if ev.TID, s, ok = cutPid(s); !ok || len(s) == 0 || s[0] != ' ' {
		return nil, atPID
	}
	ev.TGID = -1
	if s, ok = cutTGID(skipSpace(s), ev); !ok {
		return nil, atTGID
	}
	if len(s) == 0 || s[0] != '[' {
		return nil, atCPU
	}
	if ev.CPU, s, ok = cutPid(s[1:]); !ok || len(s) == 0 || s[0] != ']' {
		return nil, atCPU
	}
	if s, ok = cutTGID(skipSpace(s[1:]), ev); !ok {
		return nil, atTGID
	}
	t, text, ok := cutClock(s, ticks)
	if !ok {
		if t, text, ok = cutClock(skipFlags(s), ticks); !ok {
			return nil, atTime
		}
	}
	ev.Time = t
	return skipSpace(text), complete
}

// cutTGID reads the TGID column, "(  10673)" or "(-------)", if there is one, and
// the blanks after it.
func cutTGID(s []byte, ev *Event) ([]byte, bool) {
	if len(s) == 0 || s[0] != '(' {
		return s, true
	}
	s = skipSpace(s[1:])
	if len(s) > 0 && s[0] == '-' {
		for len(s) > 0 && s[0] == '-' {
			s = s[1:]
		}
	} else {
		var ok bool
		if ev.TGID, s, ok = cutPid(s); !ok {
			return nil, false
		}
	}
	if len(s) == 0 || s[0] != ')' {
		return nil, false
	}
	return skipSpace(s[1:]), true
}

// skipFlags drops the irq-info column, "d..2." and the like, a word whose width
// and letters change between kernels.
func skipFlags(s []byte) []byte {
	const widest = 8
	for i := 0; i < len(s) && i <= widest; i++ {
		if s[i] == ' ' {
			return skipSpace(s[i:])
		}
	}
	return s
}

func cutClock(s []byte, ticks bool) (int64, []byte, bool) {
	if ticks {
		return cutTicks(s)
	}
	return cutTime(s)
}

// cutTime reads "SECONDS.FRACTION:" as nanoseconds. Most clocks print six digits
// of fraction; any number up to nine is taken.
func cutTime(s []byte) (int64, []byte, bool) {
	const (
		second = 1_000_000_000
		limit  = 1<<63/second - 1 // seconds that fit
	)
	sec, s, ok := cutDecimal(s, limit)
	if !ok || len(s) == 0 || s[0] != '.' {
		return 0, nil, false
	}
	s = s[1:]
	ns, unit, i := int64(0), int64(second), 0
	for ; i < len(s) && '0' <= s[i] && s[i] <= '9'; i++ {
		if unit /= 10; unit == 0 {
			return 0, nil, false
		}
		ns += int64(s[i]-'0') * unit
	}
	if i == 0 || i == len(s) || s[i] != ':' {
		return 0, nil, false
	}
	return sec*second + ns, s[i+1:], true
}

// cutTicks reads "NUMBER:", the time of a clock that does not count in seconds.
func cutTicks(s []byte) (int64, []byte, bool) {
	v, s, ok := cutDecimal(s, math.MaxInt64)
	if !ok || len(s) == 0 || s[0] != ':' {
		return 0, nil, false
	}
	return v, s[1:], true
}

func prefixFault(line []byte, s stage) *fault {
	shown := quote.Short(skipSpace(line))
	switch s {
	case atTGID:
		return bad(fmt.Sprintf("no TGID in %s", shown), `a TGID as "(  10673)" or "(-------)"`)
	case atCPU:
		return bad(fmt.Sprintf("no CPU in %s", shown), `a CPU in brackets, as "[001]"`)
	case atTask:
		return bad(fmt.Sprintf("no PID before the time in %s", shown), perfFields)
	case atTime:
		return bad(fmt.Sprintf("no timestamp in %s", shown), `a time in seconds, as "5303.352727:"`)
	default:
		return bad(fmt.Sprintf("no event in %s", shown), `"TASK-PID [CPU] TIMESTAMP: EVENT"`)
	}
}
