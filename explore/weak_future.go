package explore

import (
	"slices"
	"sync"

	"ptsim/kern"
	weakmem "ptsim/memory"
)

// What a thread may still do decides what a weak memory must keep: the history of a word that nobody will read but under one
// lock tells no states apart ([weakmem.Future]). Searches that compare states learn it on the way, as everything about code is
// learnt: a search notes which words each node was seen to touch, and how. From that, and from the edges between nodes, follows
// for each node what may come behind it: a backward analysis, as of live variables.
//
// The first search begins knowing nothing, so that it forgets too much. What it forgets costs ways and never adds any, so that
// each schedule it finds is one. But it may miss some. So it is made again with what it has learnt, until a search learns nothing
// new: then all that it did was foreseen, and what it forgot made no difference. Such a search has met every state. What it had
// learnt is just what can happen, so that its count of states does not depend on what came before.

// weakAccess is what a node was seen to do with a word.
type weakAccess struct {
	word  int
	load  bool // it may return another store than the newest
	store bool
}

// foresight is what the states of a system have learnt, and what followed from that when the search began.
type foresight struct {
	mu       sync.Mutex
	on       bool // the search compares states
	notes    map[uint32][]weakAccess
	learnt   int          // how many notes there are, and locks that are none
	lapsed   map[int]bool // by word: it was changed by other means than taking and releasing a lock
	asOf     [2]int       // notes, and entries of the automaton's journal, when futures were computed
	futures  []*weakmem.Future
	callback *weakmem.Future // what callbacks and work items may do
	nothing  *weakmem.Future
}

// notes that a node's primitive touches a word.
func (w *weak) touches(t, word int, load, store bool) {
	if !w.live {
		return
	}
	if store {
		w.lapses(word)
	}
	f := &w.table.foresight
	id := w.s.at[t].id
	for int(id) >= len(w.noted) {
		w.noted = append(w.noted, nil)
	}
	a := weakAccess{word, load, store}
	if slices.Contains(w.noted[id], a) {
		return
	}
	w.noted[id] = append(w.noted[id], a)
	f.mu.Lock()
	defer f.mu.Unlock()
	if !slices.Contains(f.notes[id], a) {
		f.notes[id] = append(f.notes[id], a)
		f.learnt++
	}
}

// lapses notes that a word which may be a lock is changed by other means than taking and releasing it.
func (w *weak) lapses(word int) {
	if !w.live || w.lapsed[word] {
		return
	}
	w.lapsed[word] = true
	f := &w.table.foresight
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.lapsed[word] {
		f.lapsed[word] = true
		f.learnt++
	}
}

// settle brings the machine into its normal form, at the end of a transition. Where states are compared, it forgets what makes
// no difference to what the threads may still do.
//
// The barrier that the thread owes behind an RMW is run at once where it tells others nothing: then it only learns. Run later it
// would learn more and tell the same, since the thread does nothing before it; and who knows less may do all that who
// knows more may.
func (w *weak) settle(t int) {
	if w == nil {
		return
	}
	w.save()
	w.normal()
	if th := &w.threads[t]; th.owes && w.machine.Quiet(t) {
		th.owes = false
	} else if th.owes && w.live && !w.machine.Tells(t) {
		th.owes = false
		w.fence(t, weakmem.Mb)
		w.normal()
	}
}

// normal brings the machine into its normal form.
func (w *weak) normal() {
	if !w.live {
		w.machine.Settle()
		return
	}
	f := &w.table.foresight
	n := len(w.s.x.threads)
	w.futures = w.futures[:0]
	for t := range n {
		w.futures = append(w.futures, f.of(w.s.at[t]))
	}
	for range 2 * maxSlots {
		w.futures = append(w.futures, f.callback)
	}
	w.machine.Prune(w.futures)
}

// of returns what may come of a node. Of one that is new nothing is known.
func (f *foresight) of(n *node) *weakmem.Future {
	if int(n.id) < len(f.futures) {
		return f.futures[n.id]
	}
	return f.nothing
}

// foresees has a search that begins compare states by what is known of the threads' futures so far. Nobody is searching.
func (x *system) foresees() {
	if x.weak == nil || x.opt.keeps {
		return
	}
	f := &x.weak.foresight
	f.begin()
	f.asOf = [2]int{f.learnt, len(x.auto.journal)}
	f.compute(x)
}

// begin has states note what they do.
func (f *foresight) begin() {
	f.on = true
	if f.notes == nil {
		f.notes, f.lapsed = map[uint32][]weakAccess{}, map[int]bool{}
	}
}

// surprised tells whether the search has learnt what it did not foresee: it must be made again, unless it found a schedule that
// breaks the model.
func (x *system) surprised() bool {
	if x.weak == nil || x.opt.keeps {
		return false
	}
	f := &x.weak.foresight
	return f.asOf != [2]int{f.learnt, len(x.auto.journal)}
}

// compute works out what may come of each node.
func (f *foresight) compute(x *system) {
	words := len(x.weak.words)
	var locks []int
	bits := map[kern.Addr]weakmem.Guards{}
	for _, a := range x.auto.lockWords.all() {
		if w, ok := x.weak.words[a]; ok && !f.lapsed[w] && len(locks) < weakmem.MostLocks {
			bits[a] = 1 << len(locks)
			locks = append(locks, w)
		}
	}
	none := func() *weakmem.Future {
		n := &weakmem.Future{Locks: locks, Loads: make([]weakmem.Guards, words), Stores: make([]weakmem.Guards, words)}
		for w := range n.Loads {
			n.Loads[w], n.Stores[w] = weakmem.Never, weakmem.Never
		}
		return n
	}
	f.nothing, f.callback = none(), none()
	f.futures = make([]*weakmem.Future, len(x.auto.nodes))
	for i := range f.futures {
		f.futures[i] = f.nothing
	}
	n := none()
	for changed := true; changed; {
		changed = false
		for i := len(f.futures) - 1; i >= 0; i-- {
			at := x.auto.nodes[i]
			if at.over() {
				continue
			}
			copy(n.Loads, f.nothing.Loads)
			copy(n.Stores, f.nothing.Stores)
			for e := range at.each {
				if e.to == nil {
					continue
				}
				guard := weakmem.Guards(0)
				if at.prim.Waits == kern.Spin || at.prim.Tries == kern.Spin && e.result != 0 {
					guard = bits[at.op.Addr]
				}
				meetFutures(n, f.futures[e.to.id], guard)
			}
			if posts(at.op.Kind) {
				meetFutures(n, f.callback, 0)
			}
			for _, a := range f.notes[at.id] {
				switch {
				case a.load:
					n.Loads[a.word] = 0
				case a.store:
					n.Loads[a.word] = weakmem.Never
				}
				if a.store {
					n.Stores[a.word] = 0
				}
			}
			if slices.Equal(n.Loads, f.futures[i].Loads) && slices.Equal(n.Stores, f.futures[i].Stores) {
				continue
			}
			f.futures[i], changed = &weakmem.Future{Locks: locks, Loads: slices.Clone(n.Loads), Stores: slices.Clone(n.Stores)}, true
			if at.start.task < 0 && len(at.hist) == 0 {
				meetFutures(f.callback, f.futures[i], 0)
			}
		}
	}
}

// meetFutures has a future say what another says, behind a lock that is taken before.
func meetFutures(f, o *weakmem.Future, guard weakmem.Guards) {
	for w := range f.Loads {
		f.Loads[w] &= o.Loads[w] | guard
		f.Stores[w] &= o.Stores[w] | guard
	}
}

// posts tells whether a primitive may queue a callback or a work item.
func posts(k kern.OpKind) bool {
	return k == kern.OpCallRCU || k == kern.OpQueueWork || k == kern.OpSlabFree || k == kern.OpSlabReclaim
}

// straight returns a path of a search as one for whoever knows nothing of futures. What a barrier makes known may make a
// difference there, so that it is a step of its own, and none in the search.
//
// It is not ok if the path comes to a data race before its end. Such a race is overlooked by a search that forgets too much.
func (x *system) straight(f *found) (path []trans, ok bool) {
	if x.weak == nil || !x.weak.foresight.on {
		return f.path, true
	}
	s, plain := newState(x), newState(x)
	plain.weak.live = false
	ok = true
	take := func(tr trans) {
		if ok = ok && plain.viol == nil; ok {
			path = append(path, tr)
			ok = plain.take(tr, f.how) != blocked
		}
	}
	for i, tr := range f.path {
		t := int(tr.t)
		apart := f.adjacent && i == len(f.path)-2
		if apart { // nothing comes between the last two
			for u := int(f.path[i+1].t); ok && plain.weak.barrierNext(u) && !s.weak.barrierNext(u); {
				take(trans{t: uint8(u)})
			}
		}
		same := s.weak.barrierNext(t) || tr.item > 0
		s.take(tr, f.how)
		for ok && !same && plain.weak.barrierNext(t) {
			take(trans{t: tr.t})
		}
		take(tr)
		for ok && plain.viol == nil && !apart && plain.weak.threads[t].owes && !s.weak.threads[t].owes {
			take(trans{t: tr.t})
		}
	}
	return path, ok && (plain.viol == nil || plain.viol.Kind == f.v.Kind)
}

// barrierNext tells whether a thread's next step is a barrier that goes with a primitive and nothing else.
func (w *weak) barrierNext(t int) bool {
	th, n := &w.threads[t], w.s.at[t]
	return !w.machine.Quiet(t) && (th.owes || w.needs(t, n) && !mayFail(n.op))
}

// holds tells whether a path leads to what was found, whatever was forgotten on the way.
func (x *system) holds(f *found) bool {
	_, ok := x.straight(f)
	return ok
}
