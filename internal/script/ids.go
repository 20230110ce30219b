package script

// idList is the ids from 0 on that were given and not yet taken back, in order, at a constant cost each: those taken back
// are struck out, and swept away when they are most of the list.
type idList struct {
	ids  []int32
	gone []bool // by id
	n    int
}

// add gives the next id.
func (l *idList) add() int {
	id := len(l.gone)
	l.gone = append(l.gone, false)
	l.ids = append(l.ids, int32(id))
	l.n++
	return id
}

// remove takes an id back.
func (l *idList) remove(id int) {
	if l.gone[id] {
		return
	}
	l.gone[id] = true
	if l.n--; len(l.ids) < 2*l.n+16 {
		return
	}
	kept := l.ids[:0]
	for _, id := range l.ids {
		if !l.gone[id] {
			kept = append(kept, id)
		}
	}
	l.ids = kept
}

// each calls f with the ids, ascending.
func (l *idList) each(f func(id int)) {
	for _, id := range l.ids {
		if !l.gone[id] {
			f(int(id))
		}
	}
}
