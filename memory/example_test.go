package memory_test

import (
	"fmt"

	"ptsim/memory"
)

// One CPU stores a message and a flag, the other reads the flag and then the message. When it has seen the flag it may
// still read the old message, unless the read of the flag is an acquire and its store a release.
func Example() {
	const message, flag = 0, 1
	try := func(store, load memory.Order) {
		m := memory.New(memory.LKMM, memory.Config{CPUs: 2, Words: []int64{0, 0}})
		do := func(cpu int, op memory.Op) {
			m.Do(cpu, &op, m.Ways(cpu, &op, nil)[0]) // the newest store
			m.Settle()
		}
		do(0, memory.Op{Kind: memory.Store, Word: message, Value: 1})
		do(0, memory.Op{Kind: memory.Store, Word: flag, Value: 1, Order: store})
		do(1, memory.Op{Kind: memory.Load, Word: flag, Order: load})
		fmt.Println("ways to read the message:", len(m.Ways(1, &memory.Op{Kind: memory.Load, Word: message}, nil)))
	}
	try(memory.Relaxed, memory.Relaxed)
	try(memory.StoreRelease, memory.Acquire)
	// Output:
	// ways to read the message: 2
	// ways to read the message: 1
}
