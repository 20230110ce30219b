package explore

import (
	"slices"
	"unsafe"
)

// A search for the shortest schedule keeps paths and no states: each path is its last transition and the path before it. To come
// to its end, the state goes back to where the path parts from the one that it is at the end of, and forward from there.

// entry is a path: its last transition, and the entry of the path before it.
type entry struct {
	key uint64 // of the state that it leads to, with the thread that moved last
	// before is the entry of the path without its last transition; -1 for the empty path.
	before int32
	tr     trans
}

// entries are all paths: in pieces, so that more of them do not want the memory of all of them twice.
type entries struct {
	pieces [][]entry
	n      int
}

const (
	pieceBits = 14
	pieceSize = 1 << pieceBits
)

// add adds an entry and returns its number.
//
// The entry behind a number never moves. The first piece begins small, since most searches are.
func (es *entries) add(e entry) int32 {
	last := len(es.pieces) - 1
	switch {
	case last < 0:
		es.pieces, last = append(es.pieces, make([]entry, 0, 64)), 0
	case len(es.pieces[last]) == pieceSize:
		es.pieces, last = append(es.pieces, make([]entry, 0, pieceSize)), last+1
	}
	es.pieces[last] = append(es.pieces[last], e)
	es.n++
	return int32(es.n - 1)
}

func (es *entries) at(i int32) *entry { return &es.pieces[i>>pieceBits][i&(pieceSize-1)] }

func (es *entries) bytes() uint64 {
	if len(es.pieces) == 0 {
		return 0
	}
	return uint64((len(es.pieces)-1)*pieceSize+cap(es.pieces[len(es.pieces)-1])) * uint64(unsafe.Sizeof(entry{}))
}

// advance takes one more step along the path.
//
// It was possible on this path before, and the code is deterministic, so it is again.
func (d *dijkstra) advance(tr trans) {
	d.path, d.marks = append(d.path, tr), append(d.marks, d.s.mark())
	if d.s.take(tr, d.how) != moved {
		panic("explore: a path does not lead where it led before")
	}
}

// goTo takes the state to the end of a path, from where it parts from the path that the state is at the end of.
//
// Entries of one bucket often share most of their path, since their parents were expanded together; so
// this costs a few steps as a rule.
func (d *dijkstra) goTo(e int32) {
	d.ahead = d.ahead[:0]
	for i := e; d.entries.at(i).before >= 0; i = d.entries.at(i).before {
		d.ahead = append(d.ahead, d.entries.at(i).tr)
	}
	n := len(d.ahead)
	common := 0
	for common < len(d.path) && common < n && d.path[common] == d.ahead[n-1-common] {
		common++
	}
	d.retreat(common)
	for _, tr := range slices.Backward(d.ahead[:n-common]) {
		d.advance(tr)
	}
}

// retreat takes the state back to where the path had n transitions.
func (d *dijkstra) retreat(n int) {
	if n < len(d.path) {
		d.s.back(d.marks[n])
		d.path, d.marks = d.path[:n], d.marks[:n]
	}
}
