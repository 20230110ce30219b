package barriers

import (
	"ptsim/explore"
	"ptsim/kern"
)

// Mended is what makes a broken scenario safe.
type Mended struct {
	Broken  *Found      // as it is
	Sets    [][]Barrier // each of them does: the smallest, and of these the weakest
	States  []uint64    // of the search that says so, by set
	Singles int         // barriers that were tried by themselves
	Pairs   int         // and two at once
	Cut     bool        // there were more to be tried
	Unknown int         // sets whose search a limit ended: they may mend it

	Interrupted bool // the context of the question ended: there were more to be tried
}

// Mend looks for what makes question i safe, which r found to be broken: a single barrier, the weakest ones first, or else a pair. It tries
// most of them at most.
func (f *Finder) Mend(i int, r explore.Result, most int) (*Mended, error) {
	m := &Mended{}
	var err error
	if m.Broken, err = f.shortest(i, r, nil); err != nil {
		return nil, err
	}
	var list [][]Barrier
	all := candidates(m.Broken.Trace)
	for _, b := range all {
		if b.strength() <= 3 {
			list = append(list, []Barrier{b})
		}
	}
	for total := 2; total <= 6; total += 2 {
		for n, b := range all {
			if total == 6 && b.strength() == 6 { // one on each side
				list = append(list, []Barrier{b})
			}
			for _, c := range all[n+1:] {
				if b.strength()+c.strength() == total && b.key() != c.key() {
					list = append(list, []Barrier{b, c})
				}
			}
		}
	}
	for _, set := range list {
		if len(m.Sets) > 0 && rank(set) > rank(m.Sets[0]) {
			break
		}
		if m.Cut = m.Singles+m.Pairs >= most; m.Cut {
			break
		}
		if rank(set) < 200 {
			m.Singles++
		} else {
			m.Pairs++
		}
		var edits []kern.Edit
		for _, b := range set {
			edits = append(edits, b.Edit)
		}
		r, err := f.ask(i, edits)
		if err != nil {
			return nil, err
		}
		switch r.Verdict {
		case explore.Incomplete:
			m.Unknown++
			if ctx := f.Questions[i].Opt.Context; ctx != nil && ctx.Err() != nil {
				m.Interrupted = true
				return m, nil
			}
		case explore.Safe:
			m.Sets, m.States = append(m.Sets, set), append(m.States, r.States)
		}
	}
	return m, nil
}

// rank orders sets: by their size, and then by what they cost.
func rank(set []Barrier) int {
	n := 0
	for _, b := range set {
		if n += 100 + b.strength(); b.Both && b.Before == kern.OpMB {
			n += 100
		}
	}
	return n
}

// key is the line.
func (b Barrier) key() string { return Where(b.Place) }
