package workload

import "ptsim/kern"

// eventKind is a kind of event.
type eventKind uint8

const (
	evStart   eventKind = iota // n processes of a class, which are there from the beginning
	evArrive                   // one more process of a class
	evProcess                  // a process does something, or exits
	evFlood
	evRef
	evUnref
	evSplit
)

// event is something that will happen. Of those of one time, the one that was queued first comes first.
type event struct {
	at      int64
	seq     uint64
	kind    eventKind
	n       int
	class   *class
	process *process
	page    kern.PFN
}

// queue is a binary heap by time.
type queue []event

func (a *event) before(b *event) bool { return a.at < b.at || a.at == b.at && a.seq < b.seq }

func (d *driver) push(e event) {
	d.seq++
	e.seq = d.seq
	q := append(d.events, e)
	i := len(q) - 1
	for i > 0 {
		up := (i - 1) / 2
		if q[up].before(&e) {
			break
		}
		q[i] = q[up]
		i = up
	}
	q[i] = e
	d.events = q
}

// pop takes the earliest event off the queue, which is not empty.
func (q *queue) pop() event {
	h := *q
	first, n := h[0], len(h)-1
	e := h[n]
	h[n] = event{}
	h = h[:n]
	*q = h
	i := 0
	for {
		k := 2*i + 1
		if k >= n {
			break
		}
		if k+1 < n && h[k+1].before(&h[k]) {
			k++
		}
		if e.before(&h[k]) {
			break
		}
		h[i] = h[k]
		i = k
	}
	if n > 0 {
		h[i] = e
	}
	return first
}
