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
//
// More words only make some independent steps look dependent: the sets are hashes of the words with
// one-sided error. So it costs transitions and loses no state.
const depWords = 128

// depObjects is the number of objects that a set of objects tells apart.
const depObjects = 62

// deps is what a step did that others may notice. Two more things are counted as objects, so that a conflict is found by
// six intersections.
//
// It over-approximates: a step may conflict less than its deps say, and never more. The relation is
// symmetric, and valid in every state in which neither was changed by a third step, as sleep sets need it.
type deps struct {
	words   [depWords / 64]uint64 // the words that it touched
	writes  [depWords / 64]uint64 // those that it may have changed
	objects uint64                // the objects whose lives it depends on
	lives   uint64                // those whose lives it changed
}

const (
	readersObject = 1 << 62 // who enters or leaves a reader depends on it, and who queues a callback changes it, for which the readers of that moment count
	anyObject     = 1 << 63 // every step depends on it, and one that may have looked at anything changes it
)

// noDeps is what a step depends on that does nothing.
var noDeps = deps{objects: anyObject}

// queues notes that the step queued a callback.
func (d *deps) queues() { d.lives |= readersObject }

// reader notes that the step entered or left a reader that grace periods wait for.
func (d *deps) reader() { d.objects |= readersObject }

// all notes that the step may have looked at anything.
func (d *deps) all() { d.lives |= anyObject }

func (d *deps) word(n uint8, writes bool) {
	i, bit := n/64%(depWords/64), uint64(1)<<(n%64)
	d.words[i] |= bit
	if writes {
		d.writes[i] |= bit
	}
}

func (d *deps) object(o uint32) { d.objects |= 1 << (o % depObjects) }

func (d *deps) life(o uint32) {
	d.objects |= 1 << (o % depObjects)
	d.lives |= 1 << (o % depObjects)
}

// conflict tells whether two steps may depend on each other, threads and servers aside.
//
// Two reads commute. A read and a write, or two writes, of one word do not, whatever they write: the
// results may be equal, but to know that takes values, which differ from state to state.
func (d *deps) conflict(e *deps) bool {
	return d.words[0]&e.writes[0]|d.writes[0]&e.words[0]|
		d.words[1]&e.writes[1]|d.writes[1]&e.words[1]|
		d.objects&e.lives|d.lives&e.objects != 0
}

// take copies e, which was just written, word by word: a processor that copies two words at once waits for both.
func (d *deps) take(e *deps) {
	d.words[0], d.words[1] = e.words[0], e.words[1]
	d.writes[0], d.writes[1] = e.writes[0], e.writes[1]
	d.objects, d.lives = e.objects, e.lives
}

func (d *deps) union(e *deps) {
	for i := range d.words {
		d.words[i] |= e.words[i]
		d.writes[i] |= e.writes[i]
	}
	d.objects |= e.objects
	d.lives |= e.lives
}

// numbers counts the words and objects of a model in the order in which steps first touch them: of the many that there are few
// ever are, so that sets of them are small.
type numbers struct {
	of   []atomic.Uint32 // 0 for one that has no number yet, else the number and 1
	next atomic.Uint32
}

// Two threads may ask at once; the swap lets one number win, and a number that loses is never used.
func (n *numbers) get(i uint32) uint8 {
	if v := n.of[i].Load(); v != 0 {
		return uint8(v - 1)
	}
	n.of[i].CompareAndSwap(0, n.next.Add(1))
	return uint8(n.of[i].Load() - 1)
}

// spot is what a state knows of the word at an address, so that each access finds it in one place.
type spot struct {
	object uint16 // that the word belongs to, 0 if it is in none
	word   uint8  // the bit of the word in sets of words, and 1; 0 if it was not asked for
	life   uint8  // the bit of the object in sets of objects, and 1; the same
}

// spotOf returns the spot of an address below env.words.
func (s *state) spotOf(a kern.Addr) *spot {
	sp := &s.spots[a]
	if sp.word == 0 {
		sp.object = uint16(s.env.object(a))
		sp.word = s.x.words.get(uint32(a))%depWords + 1
		sp.life = s.x.objects.get(uint32(sp.object))%depObjects + 1
	}
	return sp
}

// touches notes that the step under way depends on the word at a, or may change it.
func (s *state) touches(a kern.Addr, writes bool) {
	if int(a) < len(s.spots) {
		s.dep.word(s.spotOf(a).word-1, writes)
	} else {
		s.dep.all()
	}
}

// looksAt notes that the step under way depends on the life of an object.
func (s *state) looksAt(o uint32) { s.dep.object(uint32(s.x.objects.get(o))) }
