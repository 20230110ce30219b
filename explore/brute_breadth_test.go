package explore_test

import "ptsim/kern"

// breadth counts the states of a world whose transitions are the explorer's: a breadth-first search that remembers each state
// as a whole. Two states are one if all of bruteMachine is the same. It goes on behind no violation.
func (w *bruteWorld) breadth(limit int) (states int, tooMany bool) {
	seen := map[bruteMachine]bool{w.first: true}
	todo := []bruteMachine{w.first}
	var moves []bruteMove
	for len(todo) > 0 {
		m := todo[0]
		todo = todo[1:]
		r := &bruteRun{bruteWorld: w, m: &m}
		moves = r.moves(moves[:0], true)
		for _, mv := range moves {
			next := m
			n := &bruteRun{bruteWorld: w, m: &next}
			n.take(mv, true)
			if n.viol != kern.NoViolation || seen[next] {
				continue
			}
			seen[next] = true
			if len(seen) > limit {
				return len(seen), true
			}
			todo = append(todo, next)
		}
	}
	return len(seen), false
}
