package s390sim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"ptsim/kern"
	"ptsim/pgalloc"
)

// ring is what last happened on a CPU.
type ring struct {
	mu     sync.Mutex // native: a violation on another CPU may look
	shared bool
	events []record
	n      int // events so far
	next   int // where the next goes
	_      [64]byte
}

// record is an event without what can be found out later: small, and nothing for the garbage collector.
type record struct {
	time  int64
	seg   uint32
	mm    uint32
	table uint32 // packed
	page  pgalloc.Page
	head  kern.Addr
	fn    kern.Func
	count uint32
	kind  EventKind
	mask  pgalloc.Mask
}

func newRings(cpus, n int, native bool) []ring {
	r := make([]ring, cpus)
	for i := range r {
		r[i].events, r[i].shared = make([]record, n), native
	}
	return r
}

// put returns where the next event goes. The caller fills it in and calls done.
func (r *ring) put() *record {
	if r.shared {
		r.mu.Lock()
	}
	e := &r.events[r.next]
	r.n++
	if r.next++; r.next == len(r.events) {
		r.next = 0
	}
	return e
}

func (r *ring) done() {
	if r.shared {
		r.mu.Unlock()
	}
}

// remember notes an event that is told to listeners, too, or would be. The lives of mms are remembered elsewhere, and longer.
func (m *Machine) remember(e *Event, fn kern.Func) {
	switch e.Kind {
	case EventMMCreate, EventMMExit, EventMMDestroy:
		return
	}
	r := &m.rings[e.CPU]
	*r.put() = record{e.Time, uint32(e.Addr >> SegmentShift), uint32(e.MM), e.Table.Pack(), e.Page, e.Head, fn, uint32(e.Count), e.Kind, e.Mask}
	r.done()
}

// event is the record as an event again.
func (m *Machine) event(cpu int, r *record) Event {
	e := Event{Kind: r.kind, Time: r.time, CPU: cpu, MM: int(r.mm), Addr: uint64(r.seg) << SegmentShift, Table: kern.Unpack(r.table),
		Page: r.page, Mask: r.mask, Count: int(r.count), Head: r.head}
	if r.fn != 0 {
		e.Name = m.M.FuncName(r.fn)
	}
	return e
}

// toldEvents is how many events a history has at most.
const toldEvents = 12

// history tells what last happened to a page and an mm, oldest first. The mm's own life is always part of it.
func (m *Machine) history(page pgalloc.Page, mm int) []string {
	var found []Event
	for i := range m.rings {
		r := &m.rings[i]
		r.mu.Lock()
		for j := range min(r.n, len(r.events)) {
			e := &r.events[j]
			if page != 0 && (e.page == page || e.head != 0 && pgalloc.Page(m.M.PageOf(e.head)) == page) || mm != 0 && int(e.mm) == mm {
				found = append(found, m.event(i, e))
			}
		}
		r.mu.Unlock()
	}
	inOrder(found)
	began, ended := m.lives.told(mm)
	if room := toldEvents - len(began) - len(ended); len(found) > room {
		found = found[len(found)-room:]
	}
	found = slices.Concat(began, found, ended) // of one moment, what happened to an mm happened between these
	inOrder(found)
	var out []string
	for i := range found {
		out = append(out, found[i].String())
	}
	return out
}

func inOrder(list []Event) {
	slices.SortStableFunc(list, func(a, b Event) int { return cmp.Compare(a.Time, b.Time) })
}

// String tells an event as a line of a history.
func (e *Event) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%.6f s  CPU %d  %s", float64(e.Time)/1e9, e.CPU, e.Kind)
	if e.MM != 0 {
		fmt.Fprintf(&b, "  mm%d", e.MM)
	}
	if e.Page != 0 {
		fmt.Fprintf(&b, "  page %d", e.Page)
	}
	if e.Table != 0 {
		fmt.Fprintf(&b, " half %d  %s  for %#x", e.Table.Half(), e.Mask, e.Addr)
	}
	if e.Name != "" {
		fmt.Fprintf(&b, "  %s", e.Name)
	}
	if e.Count != 0 {
		fmt.Fprintf(&b, "  %d", e.Count)
	}
	return b.String()
}

// report hears of every violation: it adds the history of the page and the mm concerned, and passes it on.
func (m *Machine) report(v *kern.Violation) {
	if m.rings != nil {
		mm := 0
		fmt.Sscanf(v.Object, "mm%d", &mm)
		v.History = m.history(pgalloc.Page(v.Page), mm)
	}
	if m.cfg.Report != nil {
		m.cfg.Report(v)
	}
}
