package stepper

import (
	"fmt"
	"slices"

	"ptsim/internal/labs/pagetable"
)

// What is looked at is a constant of one of these types. What people read is its String, from labels.go. JSON has a name that
// never changes, since saved files have it and the page draws by it. So no face compares labels.

// Words is what lru and rcu_head of a page, the same two words, are in use for.
type Words uint8

// The uses of the two words.
const (
	OffList Words = iota
	OnList
	HeadQueued
)

var wordsNames = [...]string{"off the list", "on the list", "rcu_head queued"}

func (w Words) String() string { return wordsLabels[w] }

// MarshalText writes the name.
func (w Words) MarshalText() ([]byte, error) { return []byte(wordsNames[w]), nil }

// UnmarshalText reads what MarshalText wrote.
func (w *Words) UnmarshalText(text []byte) error { return unmarshal(w, text, wordsNames[:]) }

// HalfState is what one half of a page is doing.
type HalfState uint8

// The states of a half, as pgalloc has them.
const (
	HalfFree        = HalfState(pagetable.HalfFree)
	HalfAllocated   = HalfState(pagetable.HalfAllocated)
	HalfPending     = HalfState(pagetable.HalfPending)
	HalfPendingHead = HalfState(pagetable.HalfPendingHead)
	HalfBroken      = HalfState(pagetable.HalfBroken)
)

var halfNames = [...]string{
	HalfFree: "free", HalfAllocated: "allocated", HalfPending: "pending", HalfPendingHead: "pending on rcu_head", HalfBroken: "broken",
}

func (s HalfState) String() string { return halfLabels[s] }

// MarshalText writes the name.
func (s HalfState) MarshalText() ([]byte, error) { return []byte(halfNames[s]), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *HalfState) UnmarshalText(text []byte) error { return unmarshal(s, text, halfNames[:]) }

// BatchState is where a batch is on its way.
type BatchState uint8

// The states of a batch: a gather puts tables into an open one, call_rcu queues it, its callback runs and frees it.
const (
	BatchOpen BatchState = iota
	BatchQueued
	BatchRunning
	BatchFreed
)

var batchNames = [...]string{"open", "queued", "running", "freed"}

func (s BatchState) String() string { return batchLabels[s] }

// MarshalText writes the name.
func (s BatchState) MarshalText() ([]byte, error) { return []byte(batchNames[s]), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *BatchState) UnmarshalText(text []byte) error { return unmarshal(s, text, batchNames[:]) }

// unmarshal looks a name up in the names of a type.
func unmarshal[T ~uint8](to *T, text []byte, names []string) error {
	i := slices.Index(names, string(text))
	if i < 0 {
		return fmt.Errorf("unknown state %q", text)
	}
	*to = T(i)
	return nil
}
