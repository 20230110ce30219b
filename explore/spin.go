package explore

import (
	"slices"

	"ptsim/kern"
)

// A loop that does nothing but read waits for others, as a CPU does that spins on a lock. It would have as many places as it
// has rounds. So a thread that has read the same words with the same results for a whole round, twice, and would go on like
// that for maxPrimitives reads, is taken to be blocked until one of the words has another value. Only loops of reads are: what
// writes, or counts its rounds and gives up, is followed round by round, up to maxPrimitives.

// maxPrimitives is how many primitives an operation may make.
const maxPrimitives = 4096

// maxRound is how many reads a round of a loop may have.
const maxRound = 8

// spun is one read of a round, and its result.
type spun struct {
	op     kern.Op
	result uint32
}

// spins tells whether a thread at n would read again what it has read in vain.
func (s *state) spins(n *node) bool {
	for _, r := range n.spin {
		if isBarrier(r.op.Kind) {
			continue
		}
		s.touches(r.op.Addr, false)
		s.looksAt(s.env.object(r.op.Addr))
		if !s.sane(r.op.Addr) || s.m.Peek(r.op.Addr) != r.result {
			return false
		}
	}
	return true
}

// findSpin tells whether the thread that has come to n has gone round a loop of reads twice and sees no end of it, and notes
// what it read. The automaton's lock is held.
func (a *automaton) findSpin(n *node) {
	for p := 1; p <= maxRound && 2*p <= len(n.hist); p++ {
		round := n.round(p)
		if round == nil {
			return // something other than a read: so it is in longer rounds
		}
		if round[0].op != n.op || !slices.Equal(round, n.back(p).round(p)) {
			continue
		}
		if a.goesOn(n, round) {
			n.spin, a.words.waited = round, true
			return
		}
	}
}

// back returns the node so many primitives before n.
func (n *node) back(steps int) *node {
	for ; n != nil && steps > 0; steps-- {
		n = n.from
	}
	return n
}

// round returns the last p primitives before n with their results, nil unless all are reads of a word or barriers.
func (n *node) round(p int) []spun {
	if n == nil || len(n.hist) < p {
		return nil
	}
	list := make([]spun, p)
	at := n
	for i := p - 1; i >= 0; i-- {
		result := at.hist[len(at.hist)-1]
		if at = at.from; at == nil || at.op.Kind != kern.OpRead && at.op.Kind != kern.OpLoad && !isBarrier(at.op.Kind) {
			return nil
		}
		list[i] = spun{at.op, result}
	}
	return list
}

// goesOn tells whether the code at n does round after round as long as it reads the same.
func (a *automaton) goesOn(n *node, round []spun) bool {
	results := slices.Clone(n.hist)
	for len(results) < maxPrimitives {
		for _, r := range round {
			results = append(results, r.result)
		}
	}
	start := *n.start
	a.Runs++
	a.results, a.used, a.bad, a.halted = results, 0, nil, false
	a.depth = start.depth
	_, ended := a.call(&start)
	return !ended && a.used == len(results) && a.stopped == n.op && a.bad == nil
}
