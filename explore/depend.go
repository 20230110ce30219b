package explore

import (
	"sync/atomic"

	"ptsim/kern"
)

// Two transitions of different threads are independent if neither enables, disables or changes the other, and both orders
// lead to one state. A search that knows may leave one of the orders out; see sleep.go. Whether they are is told from what
// each did when it was made: the words that it read and wrote, the objects whose lives it looked at or changed, and what it
// did to the queue of RCU callbacks. That is valid for as long as the second stays possible without any step that the first
// depends on, since a step whose words nobody wrote does the same again.

// depWords is the number of words that a set of words tells apart; words that are so far from each other are taken for one.
const depWords = 128

// deps is what a step did that others may notice.
type deps struct {
	words   [depWords / 64]uint64 // the words that it touched
	writes  [depWords / 64]uint64 // those that it may have changed
	objects uint64                // the objects whose lives it depends on
	lives   uint64                // those whose lives it changed
	queues  bool                  // it queued a callback, for which the readers of that moment count
	reader  bool                  // it entered or left a reader that grace periods wait for
	all     bool                  // it may have looked at anything
}

func (d *deps) word(n uint8, writes bool) {
	i, bit := n/64%(depWords/64), uint64(1)<<(n%64)
	d.words[i] |= bit
	if writes {
		d.writes[i] |= bit
	}
}

func (d *deps) object(o uint32) { d.objects |= 1 << (o % 64) }

func (d *deps) life(o uint32) {
	d.objects |= 1 << (o % 64)
	d.lives |= 1 << (o % 64)
}

// conflict tells whether two steps may depend on each other, threads and servers aside.
func (d *deps) conflict(e *deps) bool {
	for i := range d.words {
		if d.words[i]&e.writes[i]|d.writes[i]&e.words[i] != 0 {
			return true
		}
	}
	return d.objects&e.lives|d.lives&e.objects != 0 || d.queues && e.reader || d.reader && e.queues || d.all || e.all
}

func (d *deps) union(e *deps) {
	for i := range d.words {
		d.words[i] |= e.words[i]
		d.writes[i] |= e.writes[i]
	}
	d.objects |= e.objects
	d.lives |= e.lives
	d.queues, d.reader, d.all = d.queues || e.queues, d.reader || e.reader, d.all || e.all
}

// numbers counts the words and objects of a model in the order in which steps first touch them: of the many that there are few
// ever are, so that sets of them are small.
type numbers struct {
	of   []atomic.Uint32 // 0 for one that has no number yet, else the number and 1
	next atomic.Uint32
}

func (n *numbers) get(i uint32) uint8 {
	if v := n.of[i].Load(); v != 0 {
		return uint8(v - 1)
	}
	n.of[i].CompareAndSwap(0, n.next.Add(1))
	return uint8(n.of[i].Load() - 1)
}

// touches notes that the step under way depends on the word at a, or may change it.
func (s *state) touches(a kern.Addr, writes bool) {
	if int(a) < len(s.x.words.of) {
		s.dep.word(s.x.words.get(uint32(a)), writes)
	} else {
		s.dep.all = true
	}
}

// looksAt notes that the step under way depends on the life of an object.
func (s *state) looksAt(o uint32) { s.dep.object(uint32(s.x.objects.get(o))) }
