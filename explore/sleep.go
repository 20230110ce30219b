package explore

import "slices"

// Sleep sets, after Godefroid. Where transitions t and u of a state are independent, t u and u t lead to one state, and one of
// the two orders is enough. So when u is made after t was, t sleeps behind it: it is left out, and stays asleep on the way for
// as long as every transition made is independent of it. No state is lost, only transitions.
//
// Why one thread loses none: if t sleeps at a state x, the search is done with the state t(x) that t leads to, and with all
// behind it. It begins to sleep when it was made from x and u is made after it: at u(x), where it leads to t(u(x)) = u(t(x)). The
// search is done with t(x), so it has made u there, or u slept there and the search was done with what u leads to. It stays true
// on the way, by the same argument. So a state that is met again with less asleep has nothing new behind it. That holds unless a
// state leads back to one that the search is in the middle of. Such a cycle is noticed, and the search done again, matched.
//
// It does not hold for several threads, either: two that each rely on what the other is in the middle of can both leave out the
// same state. They match what is asleep. The visited table keeps, for each state, the transitions made from it. A visit makes
// those that are neither asleep nor made before, and wakes those that were made before: behind what this visit makes they must
// not sleep, since what it makes may sleep behind them.
//
// Why none is lost by that. Take a state S, a sequence of transitions w from S, and the set F of the transitions that can come
// first in w when independent ones swap places. If each of F is made from S, on whatever visits, w leads to a state that is met.
// The proof is by induction on the length of w. Of the visits that made any of F from S take the last, and of F the transition y
// that it made first. Then w is y and a shorter sequence v, in which F without y, and what depends on y, can come first. None of
// that sleeps behind y on this visit: what depends on y is awake behind it; another one of F was made on an earlier visit, and so
// was woken, or later on this one. So this visit of the state behind y makes from it all that can come first in v, unless others
// did. The first state is visited with nothing asleep, so all that can be reached is.
//
// That proof needs no order among the visits of different states, only one among those of each state: of two visits one sees what
// the other made, even while the table grows. On S3r matching costs a quarter more transitions.
//
// What transitions depend on is in depend.go.

// maskBits is how many transitions of a state a visited table can tell apart; see state.bit.
const maskBits = 21

// noBit is the bit of a transition that has none. It is never put to sleep.
const noBit = -1

// bit returns the number by which a transition of the state is known in the visited table, the same in every state that
// counts as this one. A thread has its own; of interchangeable servers the rank of where they stand, so that states which
// differ in a permutation of servers agree. The prints must be up to date. A callback or work item that begins has one by what it is, whoever runs it.
//
// The rank is what makes sleep sets sound beside the symmetry reduction. The table keeps one entry for all
// permutations of a state, so what it says of "the second of these servers" must mean the same server in
// each of them. Two servers with equal prints have one rank; that is right, since they are twins, of which
// candidates lets one move.
func (s *state) bit(t, item uint8) int {
	switch {
	case item > 0:
		return int(s.x.itemBits[s.x.threads[t].role][item])
	case s.x.unique>>t&1 != 0:
		return int(t)
	}
	return s.rank(int(t))
}

// rank is the first number of the thread's class plus the number of threads in the class whose print is
// less. So it depends on the multiset of prints and on the thread's own, and not on the order of the
// threads.
func (s *state) rank(t int) int {
	rank := s.x.firstOf[t]
	for _, p := range s.prints[s.x.firstOf[t]:s.x.endOf[t]] {
		if p < s.prints[t] {
			rank++
		}
	}
	return rank
}

// bitOf returns the number of a callback or work item that begins.
//
// Numbers are scarce: 21 for threads and items together. Work items come from the top, callbacks follow
// the threads, and what is left over has none and never sleeps, which costs transitions and nothing else.
func (x *system) bitOf(r role, item int) int {
	n := len(x.threads)
	b := n + item - 1
	switch {
	case r == kworker && item <= workBits && n <= maskBits-workBits:
		return maskBits - item
	case r == kworker || b >= maskBits-workBits:
		return noBit
	}
	return b
}

// workBits is how many work items have a bit.
const workBits = 2

// made is a transition that was made from the state of some frame, and taken back. What it touched is in the race log, in the
// same place.
type made struct {
	// tr is the transition. Its way, alt, counts too: each way of a choice is a transition of its own.
	tr    trans
	alts  uint8 // how many ways it has
	awake bool  // it must not be left out later: it was blocked, or broke something
	// deps is what it depended on and changed when it was made, from the state of its frame. It stays
	// valid while it sleeps: it sleeps only as long as nothing that it depends on was changed, and then it
	// would do the same again.
	deps deps
}

// independent tells whether two transitions of one state, p of which was made before, are independent. idle is the number of
// servers that could begin n, if it is an item.
//
// Apart from words and objects, transitions depend on each other by who makes them. Two transitions of one
// thread never commute. Two items of one class do if two servers are idle; if one is, the first takes it
// from the second. A server's own step and the beginning of an item commute, since the item can begin on
// another server, or the server was not idle. Threads on one CPU keep each other off, or interrupt each
// other, so nothing of one commutes with anything of another there.
func (w *worker) independent(p, n *made, idle int) bool {
	switch {
	case p.tr.item > 0 && n.tr.item > 0 && w.x.firstOf[p.tr.t] == w.x.firstOf[n.tr.t]:
		if idle < 2 { // the other has taken the last server
			return false
		}
	case p.tr.item > 0 || n.tr.item > 0: // an item begins on whichever server is idle
	case p.tr.t == n.tr.t:
		return false
	}
	if (w.x.opt.Softirqs == SoftirqsOnCPU || w.x.shares) && w.x.threads[p.tr.t].cpu == w.x.threads[n.tr.t].cpu {
		return false
	}
	return !p.deps.conflict(&n.deps)
}

// idle counts the servers of a class that have nothing to do.
func (w *worker) idle(t int) int {
	n := 0
	for u := w.x.firstOf[t]; u < w.x.endOf[t]; u++ {
		if w.s.at[u].over() {
			n++
		}
	}
	return n
}

// everyBit is the set of all transitions.
const everyBit = 1<<maskBits - 1

// sleepers is the set of the transitions in a list, by their bits in the state.
func (w *worker) sleepers(list []int32) (mask uint32) {
	for _, i := range list {
		tr := w.made[i].tr
		mask |= 1 << uint(w.s.bit(tr.t, tr.item))
	}
	return mask
}

// note takes note of a transition that was just made from the state of the top frame, and sets child to those that need not
// be made after it: they could have been made before it, and were. It returns how the transition races with another one of
// the state.
//
// It does three things with the list of what was made from this state, and of what sleeps there. It takes
// the transition into the list, with what it touched. It compares it with each of the others for adjacent
// races: both are possible in this state, so if they are dependent because of a plain access, either order
// is a schedule with a race. And it collects in child the others that are independent of it. They are the
// sleep set of the state that the transition leads to: Godefroid's rule, with the order of trying as the
// order of transitions.
//
// A sleeping transition is compared for races as well, though it is not made here. It was made from an
// earlier state of the path, touched the same words there, and is possible here. So leaving transitions
// out loses no race of adjacent accesses.
func (w *worker) note(f *frame, tr trans, st status, idle int) []conflict {
	w.child = w.child[:0]
	at := len(w.made)
	w.made = append(w.made, made{})
	n := &w.made[at]
	n.tr, n.alts = tr, uint8(w.s.alts)
	n.deps.take(&w.s.dep)
	n.awake = w.wakeful || st != moved || tr.item > 0 && w.s.bit(tr.t, tr.item) == noBit || w.x.shares && w.s.onTop(int(tr.t)) // see interrupts.go
	for _, i := range w.under {
		n.deps.union(&w.beneath[i].deps)
	}
	w.races.add(tr, st, w.s)
	ways := false
	for _, i := range w.asleep[f.asleep:] {
		if races := w.beside(n, int(i), at, idle); races != nil {
			w.made = w.made[:at]
			w.races.cut(at)
			return races
		}
		ways = ways || w.made[i].alts > 1
	}
	for i := f.made; i < at; i++ {
		if races := w.beside(n, i, at, idle); races != nil {
			w.made = w.made[:at]
			w.races.cut(at)
			return races
		}
		ways = ways || w.made[i].alts > 1
	}
	if ways {
		w.child = slices.DeleteFunc(w.child, w.halfAsleep)
	}
	return nil
}

// beside looks at two transitions of one state: do they race, and may the one that was made before sleep after the other?
//
// A race needs dependence, so independent pairs are not compared. A transition that is awake (blocked,
// violating, or without a bit) is never put to sleep: to leave it out would lose what it waits for, or the
// violation behind another order.
func (w *worker) beside(n *made, i, at, idle int) []conflict {
	p := &w.made[i]
	if w.independent(p, n, idle) {
		if !p.awake {
			w.child = append(w.child, int32(i))
		}
		return nil
	}
	first, second := &w.races.steps[i], &w.races.steps[at]
	if !first.plain && !second.plain {
		return nil
	}
	if first.item > 0 && first.t == second.t { // another server begins it: that which it began on is not idle any more
		with := *first
		if with.t = w.otherServer(second.t); with.t == second.t {
			return nil
		}
		first = &with
	}
	return w.races.compare(first, second)
}

// otherServer returns an idle server like t that is not t; t if there is none.
func (w *worker) otherServer(t uint8) uint8 {
	for u := w.x.firstOf[t]; u < w.x.endOf[t]; u++ {
		if u != int(t) && w.s.at[u].over() {
			return uint8(u)
		}
	}
	return t
}

// halfAsleep tells whether a transition in child is a way of one of which another way is not. It sleeps with all its ways, or
// not at all.
//
// The table has one bit for a thread's transition, whichever way it goes. So a bit may be set only if all
// ways sleep. Otherwise a later visit would take the way that is awake for one that was made.
func (w *worker) halfAsleep(i int32) bool {
	m := &w.made[i]
	if m.alts <= 1 {
		return false
	}
	ways := 0
	for _, j := range w.child {
		if p := &w.made[j]; p.tr.t == m.tr.t && p.tr.item == m.tr.item {
			ways++
		}
	}
	return ways < int(m.alts)
}

// hand gives a job what its first state needs to know of the transitions that are not in it.
//
// Their order is that of made, so that the job's owner computes the sleep sets that this worker would
// have.
func (w *worker) hand(j *job, i int) {
	f := &w.frames[i]
	end, to := len(w.made), len(w.asleep)
	if i+1 < len(w.frames) {
		end, to = w.frames[i+1].made, w.frames[i+1].asleep
	}
	give := func(k int) {
		j.made = append(j.made, w.made[k])
		j.races.take(&w.races, k)
	}
	for _, k := range w.asleep[f.asleep:to] {
		give(int(k))
	}
	for k := f.made; k < end; k++ {
		give(k)
	}
}

// onStack tells whether the search is in the middle of what follows a state.
//
// Only unmatched searches ask. The count of keys answers no in nearly all cases.
func (w *worker) onStack(key uint64) bool {
	if w.wakeful || w.stack[key%uint64(len(w.stack))] == 0 {
		return false
	}
	return slices.ContainsFunc(w.frames, func(f frame) bool { return f.key == key })
}
