package lab

import (
	"slices"

	"ptsim/explore"
	"ptsim/kern"
)

// Follower follows a run of a lab that has a [Scene]: it keeps what cannot be told from a state alone, such as what is in a batch that is
// still open. One is for one run. Without one, what there is to see is the objects, as [Thing]s.
type Follower interface {
	// Saw takes note of a step, right after it was taken. It is called for each step, in order.
	Saw(s *explore.Step)
	// Settle is called once all steps of a move were seen.
	Settle()
	// Look is what there is to see now. Nothing in it is marked as changed.
	Look() Scene
	// Remember tells what was to see in this state when the run was here before, where the follower has just been brought.
	Remember(s *Scene)
	// Changes marks in a scene what differs from the one before it. It returns the same in words: what comes before the queues of RCU, and
	// what comes behind.
	Changes(before, now *Scene) (front, back []string)
	// Facts adds to the facts of the last step what the lab's Tell wants to know. a is the word, or the item, that the step is about.
	Facts(f *Facts, s *explore.Step, a kern.Addr, before, now *Scene)
}

// Followed is what a Follower may ask of the run that it follows.
type Followed interface {
	Names
	Notation() Notation
	Instance() *explore.Instance
	Who(thread int) string                    // "B exit"
	Holders(lock kern.Addr, but int) []string // who holds a lock, but for one thread, or -1: "B exit on CPU1"
}

// Diff is the change of a value that was another.
func Diff[T comparable](now, was T) Change {
	if now != was {
		return Changed
	}
	return Same
}

// DiffLists is the change of a list that was another.
func DiffLists[T comparable](now, was []T) Change {
	if !slices.Equal(now, was) {
		return Changed
	}
	return Same
}

// FindFunc returns the first of a list that is the one, nil if none is.
func FindFunc[T any](list []T, is func(*T) bool) *T {
	for i := range list {
		if is(&list[i]) {
			return &list[i]
		}
	}
	return nil
}

// AnyOf is the change of a thing some of whose fields changed.
func AnyOf(fields ...Change) Change {
	for _, c := range fields {
		if c != Same {
			return Changed
		}
	}
	return Same
}
