package ftrace

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"ptsim/internal/quote"
)

// headers is what the comments of a file promise, and what tells one CPU's part of a trace from a whole one.
type headers struct {
	promised int64 // event lines, by all headers
	lost     int64 // events that were overwritten, by all headers
	last     int64 // by the last one
	count    int
	cpus     int64 // of the machine, by the last header; 0 if it does not say

	since   bool  // a header came after the last event
	oneCPU  bool  // all events after the last header are of one CPU
	cpu     int32 // that CPU
	started bool  // there was an event after it
}

// saw notes the CPU of an event.
func (h *headers) saw(cpu int32) {
	if !h.started {
		h.started, h.oneCPU, h.cpu = true, true, cpu
	} else if cpu != h.cpu {
		h.oneCPU = false
	}
	h.since = false
}

// header takes from a comment what "# entries-in-buffer/entries-written: A/B   #P:N"
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
		return bad("entries-in-buffer/entries-written: "+quote.Short(s), "two counts HELD/WRITTEN, the second not the smaller")
	}
	h := &r.headers
	if h.count > 0 && h.oneCPU && h.last == held && h.cpus > 1 {
		// Perhaps the file of the next CPU: order.check decides, when its first event is there.
		h.since = true
	}
	h.count++
	h.last = held
	h.promised = addSaturated(h.promised, held)
	h.cpus = 0
	if _, n, ok := bytes.Cut(rest, []byte("#P:")); ok {
		h.cpus, _, _ = cutDecimal(n, limit)
	}
	r.order.seam = h.count > 1
	if !h.since {
		h.started = false
	}
	h.lost = addSaturated(h.lost, written-held)
	r.stats.Lost = addSaturated(r.stats.Lost, written-held)
	return nil
}

// end is the clean end of the input, if everything promised was there.
func (r *Reader) end() error {
	line := max(r.stats.Lines, 1)
	h := &r.headers
	missing := h.promised - r.stats.Events
	switch {
	case r.piece:
		return io.EOF
	case r.stats.Events == 0 && missing <= 0 && r.stats.Lost == 0 && r.stats.LostGaps == 0:
		return r.syntax(line, bad("there is no event in the file", "a trace with events"))
	case missing <= 0:
		return io.EOF
	case r.partial && r.stats.Events > 0:
		r.stats.Missing = missing
		return io.EOF
	case r.isOneCPU():
		r.stats.Missing, r.stats.OneCPU = missing, true
		return io.EOF
	}
	return r.syntax(line, bad(fmt.Sprintf("the file is cut short: it ends after %d event lines", r.stats.Events),
		strconv.FormatInt(h.promised, 10)+" event lines, as its header says; --partial replays what is there, and the files of several CPUs are merged"))
}

// isOneCPU reports whether the file, which has fewer events than its header promises, is that of one CPU rather than cut
// short: the kernel prints what all CPUs hold into the file of each. All events are of one CPU then, and there is a fair
// share of them, or the file is named after its CPU.
func (r *Reader) isOneCPU() bool {
	const fair = 16 // an idle CPU has so many times less than an equal share
	h := &r.headers
	if h.count != 1 || !h.started || !h.oneCPU || h.cpus < 2 {
		return false
	}
	return r.stats.Events >= h.promised/(fair*h.cpus) || strings.Contains(r.name, fmt.Sprintf("cpu%d", h.cpu))
}

// isToolHeader reports whether a line is one that trace-cmd report prints before the events.
func isToolHeader(line []byte) bool {
	if i := bytes.Index(line, []byte("cpus=")); i >= 0 {
		_, rest, ok := cutDecimal(line[i+len("cpus="):], math.MaxInt32)
		return ok && len(rest) == 0 && (i == 0 || line[i-1] == ' ')
	}
	if rest, ok := cutPrefix(line, "version = "); ok {
		return len(rest) < 10
	}
	if rest, ok := cutPrefix(line, "CPU "); ok {
		_, rest, ok = cutDecimal(rest, math.MaxInt32)
		return ok && string(rest) == " is empty"
	}
	return bytes.HasPrefix(line, []byte("CPU:")) && bytes.Contains(line, []byte("[SUBBUFFER START]"))
}
