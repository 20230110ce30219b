package masks

import "ptsim/pgalloc"

// Place is all that decides what can happen next to a page that no operation is busy with: its state, and what RCU has
// of it.
type Place struct {
	Mask     pgalloc.Mask
	Active   bool
	Callback string // what the queued rcu_head will call, "" if it is not queued
	Batch    uint8  // which halves are in a batch, as two bits
	Released bool   // the page is gone
}

// Move is an operation that takes a page from one place to another: both are indices into Life.Places.
type Move struct {
	From, To int
	Row      int // index into Table.Rows, -1 for the birth
}

// Life is every place that a page can come to by operations one at a time, and every way between them.
type Life struct {
	Places []Place // in the order in which a breadth-first search meets them; the first is a fresh page
	Moves  []Move  // without the birth
	Lost   []int   // places from which no sequence of moves leads to the release
}

// Explore finds out how a page can live, from the rows of a table, and notes in its states how each is reached.
func Explore(t *Table) Life {
	e := explorer{t: t, index: map[Place]int{}, rows: t.rowsByState()}
	birth := e.add(Place{Mask: t.Birth.Next, Active: t.Birth.Active})
	e.pass(t.Birth)
	for from := birth; from < len(e.life.Places); from++ {
		p := e.life.Places[from]
		if p.Released {
			continue
		}
		for _, i := range e.rows[stateKey{p.Mask, p.Active}] {
			r := t.Rows[i]
			if !r.Possible || !p.allows(r, t.Fragments) {
				continue
			}
			e.pass(r)
			e.life.Moves = append(e.life.Moves, Move{from, e.add(p.after(r)), i})
		}
	}
	e.findLost()
	return e.life
}

type stateKey struct {
	mask   pgalloc.Mask
	active bool
}

func (t *Table) rowsByState() map[stateKey][]int {
	by := map[stateKey][]int{}
	for i, r := range t.Rows {
		s := t.States[r.State]
		by[stateKey{s.Mask, s.Active}] = append(by[stateKey{s.Mask, s.Active}], i)
	}
	return by
}

type explorer struct {
	t     *Table
	life  Life
	index map[Place]int
	rows  map[stateKey][]int
}

// allows tells whether what RCU has of the page lets the row happen; its mask does.
func (p Place) allows(r Row, fragments bool) bool {
	switch r.Op {
	case Now:
		return p.Callback == r.Ran
	case Remove:
		return p.Batch>>r.Half&1 != 0
	}
	return fragments || p.Batch == 0 && p.Callback == ""
}

// after returns the place that the row leads to.
func (p Place) after(r Row) Place {
	if r.Release == ReleaseNow {
		return Place{Released: true}
	}
	next := Place{Mask: r.Next, Active: r.Active, Callback: p.Callback, Batch: p.Batch}
	switch {
	case r.RCU == RCUHead || r.RCU == RCUChain:
		next.Callback = r.Callback
	case r.Op == Now:
		next.Callback = ""
	}
	switch r.Op {
	case FreeRCU:
		next.Batch |= 1 << r.Half
	case Remove:
		next.Batch &^= 1 << r.Half
	}
	return next
}

// add returns the index of a place that was reached.
func (e *explorer) add(p Place) int {
	if i, ok := e.index[p]; ok {
		return i
	}
	e.index[p] = len(e.life.Places)
	e.life.Places = append(e.life.Places, p)
	if !p.Released {
		e.reach(p.Mask, p.Active, ReachRest)
	}
	return e.index[p]
}

// pass notes the states that a page is in while the row happens.
func (e *explorer) pass(r Row) {
	if r.Op == Fresh {
		e.reach(0, false, ReachPassing)
	}
	for _, s := range r.Path {
		e.reach(s.Mask, s.Active, ReachPassing)
	}
}

func (e *explorer) reach(mask pgalloc.Mask, active bool, how Reach) {
	for i := range e.t.States {
		if s := &e.t.States[i]; s.Mask == mask && s.Active == active {
			s.Reach = max(s.Reach, how)
		}
	}
}

// findLost walks back from the release.
func (e *explorer) findLost() {
	saved := make([]bool, len(e.life.Places))
	for i, p := range e.life.Places {
		saved[i] = p.Released
	}
	for again := true; again; {
		again = false
		for _, m := range e.life.Moves {
			if saved[m.To] && !saved[m.From] {
				saved[m.From], again = true, true
			}
		}
	}
	for i := range saved {
		if !saved[i] {
			e.life.Lost = append(e.life.Lost, i)
		}
	}
}
