package ftrace

import (
	"fmt"
	"math"

	"ptsim/internal/quote"
)

// TickStep is how far apart events are taken to be, in nanoseconds, whose clock does not count in seconds: a grace period
// of 10 ms then ends after a thousand events.
const TickStep = 10_000

// order keeps time from running backwards. The kernel prints the events of all CPUs in order, but trace_pipe may show one
// a little late, and joined files begin anew.
type order struct {
	last  int64 // time of the last event
	shift int64 // added to each time, since a trace was joined
	run   int64 // events in a row that were late
	any   bool
	seam  bool // a header came since the last event
}

const (
	// mostLate is how late an event may be, in nanoseconds; beyond it the line begins another trace.
	mostLate = 1_000_000_000
	// mostLateRun is how many late events in a row are no accident of a pipe any more.
	mostLateRun = 4096
)

// stamp ends the reading of a prefix: a time without a unit is counted.
func (r *Reader) stamp(text []byte, ev *Event, ticks bool) ([]byte, *fault) {
	if ticks {
		r.stats.Ticks++
		ev.Time = r.order.last + TickStep - r.order.shift
	}
	if len(text) > 1 && text[0] == '(' && (text[1] == '+' || text[1] == '-') {
		return nil, final("the lines tell the time since the event before, as trace-cmd report --ts-diff prints it: "+quote.Short(text),
			"the event behind the time; leave out --ts-diff")
	}
	return text, nil
}

// check puts an event in order.
func (o *order) check(ev *Event, r *Reader) *fault {
	if ev.Time > math.MaxInt64-o.shift {
		ev.Time = math.MaxInt64
	} else {
		ev.Time += o.shift
	}
	if ev.Time < o.last && o.any {
		if f := o.late(ev, r); f != nil {
			return f
		}
	} else {
		o.last, o.run = ev.Time, 0
	}
	r.headers.saw(ev.CPU)
	o.any, o.seam = true, false
	return nil
}

// late deals with an event that is older than the one before it.
func (o *order) late(ev *Event, r *Reader) *fault {
	h := &r.headers
	back := o.last - ev.Time
	if h.since && h.started && h.oneCPU && ev.CPU != h.cpu {
		return final(fmt.Sprintf("time runs back by %.6f s: the part of CPU %d follows that of CPU %d", float64(back)/1e9, ev.CPU, h.cpu),
			"one file a CPU, all of them named on the command line; they are merged in order")
	}
	if o.seam || back > mostLate {
		o.shift += back
		o.run = 0
		r.stats.Joined++
		h.started = false
		ev.Time = o.last
		return nil
	}
	if o.run++; o.run > mostLateRun {
		return final(fmt.Sprintf("time runs backwards: %d events in a row are older than one before them", o.run),
			"events in order of time; name one file a CPU, and they are merged in order")
	}
	r.stats.Disorder++
	ev.Time = o.last
	return nil
}
