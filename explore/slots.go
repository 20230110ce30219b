package explore

import (
	"fmt"
	"sync/atomic"

	"ptsim/kern"
)

// maxSlots is how many different rcu_heads, and work items, a model may arm.
const maxSlots = 64

// slotTable numbers the rcu_heads or work items of a model in the order in which they were first met.
type slotTable struct {
	addrs [maxSlots]kern.Addr
	n     atomic.Int32
}

// all returns the items that have been met, by number.
func (t *slotTable) all() []kern.Addr { return t.addrs[:t.n.Load()] }

// of returns the number of the item at a. The automaton's lock is held.
func (t *slotTable) of(a kern.Addr) uint8 {
	for i, b := range t.all() {
		if a == b {
			return uint8(i)
		}
	}
	return t.add(a, func(uint8) {})
}

// add adds an item, of which note takes note before anybody else can see it.
func (t *slotTable) add(a kern.Addr, note func(n uint8)) uint8 {
	n := int(t.n.Load())
	if n == maxSlots {
		panic(&ModelError{fmt.Sprintf("there are more than %d locks, callbacks or work items", maxSlots)})
	}
	note(uint8(n))
	t.addrs[n] = a
	t.n.Store(int32(n + 1))
	return uint8(n)
}
