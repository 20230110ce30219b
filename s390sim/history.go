package s390sim

import (
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
	events []Event
	n      int // events so far
	next   int // where the next goes
	_      [64]byte
}

func newRings(cpus, n int, native bool) []ring {
	r := make([]ring, cpus)
	for i := range r {
		r[i].events, r[i].shared = make([]Event, n), native
	}
	return r
}

func (r *ring) put(e *Event) {
	if r.shared {
		r.mu.Lock()
		defer r.mu.Unlock()
	}
	r.events[r.next] = *e
	r.n++
	if r.next++; r.next == len(r.events) {
		r.next = 0
	}
}

// toldEvents is how many events a history has at most.
const toldEvents = 12

// history tells what last happened to a page and an mm, oldest first.
func (m *Machine) history(page pgalloc.Page, mm int) []string {
	var found []Event
	for i := range m.rings {
		r := &m.rings[i]
		r.mu.Lock()
		for j := range min(r.n, len(r.events)) {
			e := &r.events[j]
			if page != 0 && (e.Page == page || e.Head != 0 && pgalloc.Page(m.M.PageOf(e.Head)) == page) || mm != 0 && e.MM == mm {
				found = append(found, *e)
			}
		}
		r.mu.Unlock()
	}
	slices.SortStableFunc(found, func(a, b Event) int {
		return int(min(max(a.Time-b.Time, -1), 1))
	})
	if len(found) > toldEvents {
		found = found[len(found)-toldEvents:]
	}
	var out []string
	for i := range found {
		out = append(out, found[i].String())
	}
	return out
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
