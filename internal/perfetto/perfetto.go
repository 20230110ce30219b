package perfetto

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"ptsim/kern"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

// Tracks. Perfetto knows threads by their tid alone, whatever the process, and makes one of each pid: all of these differ.
const (
	pidCPUs  = 1
	pidOther = 2

	tidKhugepaged = 10
	tidRCU        = 11
	tidCPU        = 100 // of CPU 0
)

// catRCU is the category of arrows, and of the slices at their ends: some viewers want them to be the same. Those of other
// slices are what they are about.
const catRCU = "rcu"

// Writer turns the events of one machine into a trace. Errors are kept for Close.
type Writer struct {
	w     *bufio.Writer
	use   func() pgalloc.Use
	begun bool
	first int64 // time of the first event: 0 of the trace
	at    int64 // where the newest slice is: no two are at the same

	flows  map[kern.Addr]uint64 // by queued rcu_head
	nextID uint64
	period int64 // when the grace period under way began
	last   pgalloc.Use
	n      int
}

// New starts a trace of a machine with so many CPUs. use returns what pages are used for now.
func New(w io.Writer, cpus int, use func() pgalloc.Use) *Writer {
	p := &Writer{w: bufio.NewWriterSize(w, 64<<10), use: use, flows: map[kern.Addr]uint64{}}
	p.w.WriteString(`{"displayTimeUnit":"ns","traceEvents":[`)
	p.process(pidCPUs, "CPUs")
	p.process(pidOther, "kernel threads")
	for i := range cpus {
		p.thread(pidCPUs, tidCPU+i, "CPU "+strconv.Itoa(i))
	}
	p.thread(pidOther, tidKhugepaged, "khugepaged")
	p.thread(pidOther, tidRCU, "RCU")
	return p
}

func (p *Writer) comma() {
	if p.n > 0 {
		p.w.WriteByte(',')
	}
	p.w.WriteByte('\n')
	p.n++
}

func (p *Writer) process(pid int, name string) {
	p.comma()
	fmt.Fprintf(p.w, `{"ph":"M","name":"process_name","cat":"__metadata","pid":%d,"args":{"name":%q}}`, pid, name)
}

func (p *Writer) thread(pid, tid int, name string) {
	p.comma()
	fmt.Fprintf(p.w, `{"ph":"M","name":"thread_name","cat":"__metadata","pid":%d,"tid":%d,"args":{"name":%q}}`, pid, tid, name)
}

// ts prints a time in microseconds, to the nanosecond.
func (p *Writer) ts(t int64) string {
	t -= p.first
	return fmt.Sprintf("%d.%03d", t/1000, t%1000)
}

// Event adds an event. Events come in the order of time.
func (p *Writer) Event(e *s390sim.Event) {
	if !p.begun {
		p.begun, p.first, p.at, p.period = true, e.Time, e.Time-1, e.Time
	}
	// Slices that lie on each other are nested by a viewer, which gives up after some hundred; and a process can free
	// thousands of tables in no time.
	p.at = max(e.Time, p.at+1)
	switch e.Kind {
	case s390sim.EventCallRCU:
		p.nextID++
		p.flows[e.Head] = p.nextID
		p.slice(e, pidCPUs, tidCPU+e.CPU, "call_rcu "+e.Name, catRCU)
		p.flow("s", e, p.nextID)
	case s390sim.EventCallback:
		p.slice(e, pidCPUs, tidCPU+e.CPU, "callback "+e.Name, catRCU)
		if id, ok := p.flows[e.Head]; ok {
			delete(p.flows, e.Head)
			p.flow("f", e, id)
		}
	case s390sim.EventGracePeriod:
		p.comma()
		fmt.Fprintf(p.w, `{"ph":"X","name":"grace period","cat":"rcu","pid":%d,"tid":%d,"ts":%s,"dur":%s,"args":{"callbacks":%d}}`,
			pidOther, tidRCU, p.ts(p.period), p.ts(p.at-p.period+p.first), e.Count)
		p.period = p.at
	case s390sim.EventScan:
		p.slice(e, pidOther, tidKhugepaged, "scan", "khugepaged")
	case s390sim.EventRetract:
		p.slice(e, pidOther, tidKhugepaged, "retract", "khugepaged")
		p.slice(e, pidCPUs, tidCPU+e.CPU, "retract", "khugepaged")
	default:
		cat, _, _ := strings.Cut(e.Kind.String(), "_")
		p.slice(e, pidCPUs, tidCPU+e.CPU, e.Kind.String(), cat)
	}
	p.counters()
}

// slice is something that happened on a track. It takes no virtual time, and gets a nanosecond of its own so that it can be
// seen and an arrow has an end to hold on to.
func (p *Writer) slice(e *s390sim.Event, pid, tid int, name, cat string) {
	p.comma()
	fmt.Fprintf(p.w, `{"ph":"X","name":%q,"cat":%q,"pid":%d,"tid":%d,"ts":%s,"dur":0.001,"args":{`, name, cat, pid, tid, p.ts(p.at))
	sep := ""
	arg := func(key, format string, v any) {
		fmt.Fprintf(p.w, "%s%q:"+format, sep, key, v)
		sep = ","
	}
	if e.MM != 0 {
		arg("mm", "%d", e.MM)
	}
	if e.Page != 0 {
		arg("page", "%d", e.Page)
	}
	if e.Table != 0 {
		arg("half", "%d", e.Table.Half())
		arg("mask", "%q", e.Mask.String())
		arg("address", "%q", fmt.Sprintf("%#x", e.Addr))
	}
	if e.Kind == s390sim.EventScan {
		arg("collapsed so far", "%d", e.Count)
	}
	p.w.WriteString("}}")
}

// flow is an end of an arrow from call_rcu to its callback.
func (p *Writer) flow(ph string, e *s390sim.Event, id uint64) {
	p.comma()
	bind := ""
	if ph == "f" {
		bind = `,"bp":"e"`
	}
	fmt.Fprintf(p.w, `{"ph":%q,"name":"rcu","cat":%q,"id":%d,"pid":%d,"tid":%d,"ts":%s%s}`, ph, catRCU, id, pidCPUs, tidCPU+e.CPU, p.ts(p.at), bind)
}

// counters are written when use has changed. An event may be told before what it leads to, which the next shows then.
func (p *Writer) counters() {
	u := p.use()
	if u == p.last {
		return
	}
	p.last = u
	p.comma()
	fmt.Fprintf(p.w, `{"ph":"C","name":"pages","cat":"page","pid":%d,"ts":%s,"args":{"pages":%d}}`, pidOther, p.ts(p.at), u.Pages)
	p.comma()
	fmt.Fprintf(p.w, `{"ph":"C","name":"halves","cat":"page","pid":%d,"ts":%s,"args":{"allocated":%d,"pending":%d,"wasted":%d}}`,
		pidOther, p.ts(p.at), u.LiveHalves, u.PendingHalves, u.WastedHalves())
}

// Close ends the trace.
func (p *Writer) Close() error {
	if p.begun {
		p.counters()
	}
	p.w.WriteString("\n]}\n")
	return p.w.Flush()
}
