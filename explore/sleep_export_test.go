package explore

import (
	"fmt"
	"math/rand/v2"
)

// ShareAlways has workers of the searches until restore look for idle ones after every transition.
func ShareAlways() (restore func()) {
	was := shareEvery
	shareEvery = 0
	return func() { shareEvery = was }
}

// Diamonds runs random schedules of a model and makes, in each state, each pair of transitions that a search would take for
// independent in both orders. It returns how many pairs it saw, and how many of them are independent; and an error if some
// two orders lead to different states, or one stops the other.
func Diamonds(m *Model, opt Options, how int, seed uint64, runs int) (pairs, independent int, err error) {
	defer catch(&err)
	x, err := newSystem(m, opt, &movements{})
	if err != nil {
		return 0, 0, err
	}
	defer x.release()
	w := &worker{search: newSearch(x, single), s: newState(x), how: how}
	rng := rand.New(rand.NewPCG(seed, 2))
	for range runs {
		w.s.back(0)
		for {
			moves := w.possible()
			if len(moves) == 0 {
				break
			}
			for i := range moves {
				for j := range moves {
					p, n := &moves[i], &moves[j]
					if p.tr.t == n.tr.t && p.tr.item == n.tr.item {
						continue
					}
					pairs++
					idle := 0
					if n.tr.item > 0 {
						idle = w.idle(int(n.tr.t))
					}
					if !w.independent(p, n, idle) {
						continue
					}
					independent++
					if err := w.diamond(p.tr, n.tr); err != nil {
						return pairs, independent, err
					}
				}
			}
			w.s.take(moves[rng.IntN(len(moves))].tr, how)
		}
	}
	return pairs, independent, nil
}

// possible returns the transitions that are possible and break nothing, all ways of each.
func (w *worker) possible() []made {
	var list []made
	mark := w.s.mark()
	order := w.s.candidates(nil)
	for i := 0; i < len(order); i++ {
		tr := order[i]
		st := w.s.take(tr, w.how)
		for alt := uint8(1); tr.alt == 0 && uint32(alt) < w.s.alts; alt++ {
			order = append(order, trans{tr.t, tr.item, alt})
		}
		if st == moved {
			list = append(list, made{tr: tr, deps: w.s.dep})
		}
		w.s.back(mark)
	}
	for i := range list { // the ways of a transition sleep together
		for j := range list {
			if p, q := &list[i], &list[j]; i != j && p.tr.t == q.tr.t && p.tr.item == q.tr.item {
				p.deps.union(&q.deps)
			}
		}
	}
	return list
}

// diamond makes two transitions in both orders.
func (w *worker) diamond(p, n trans) error {
	one, err := w.both(p, n)
	if err != nil {
		return err
	}
	other, err := w.both(n, p)
	if err != nil {
		return err
	}
	if one != other {
		return fmt.Errorf("%s, and the other way round: not the same state", w.says(p, n))
	}
	return nil
}

func (w *worker) both(p, n trans) (uint64, error) {
	mark := w.s.mark()
	defer w.s.back(mark)
	if st := w.s.take(p, w.how); st != moved {
		return 0, fmt.Errorf("%s: the first does not move again", w.says(p, n))
	}
	if !w.can(&n) {
		return 0, fmt.Errorf("%s: the second is not possible after the first", w.says(p, n))
	}
	if st := w.s.take(n, w.how); st != moved {
		return 0, fmt.Errorf("%s: the second does not move after the first, status %d, %v", w.says(p, n), st, w.s.viol)
	}
	return w.s.key(), nil
}

// can tells whether a transition is possible in the state, and has a server that is idle begin an item.
func (w *worker) can(n *trans) bool {
	for _, tr := range w.s.candidates(nil) {
		same := tr.t == n.t || w.x.threads[tr.t].class == w.x.threads[n.t].class && n.item == 0 && w.s.print(int(tr.t)) == w.s.print(int(n.t))
		if tr.item == n.item && (same || n.item > 0 && w.x.threads[tr.t].class == w.x.threads[n.t].class) {
			n.t = tr.t
			return true
		}
	}
	return false
}

func (w *worker) says(p, n trans) string {
	say := func(t trans) string {
		if t.item > 0 {
			return fmt.Sprintf("%s begins item %d", w.x.threads[t.t].name, t.item-1)
		}
		return fmt.Sprintf("%s: %s", w.x.threads[t.t].name, w.s.at[t.t].op)
	}
	return say(p) + ", then " + say(n)
}
