package lab

import (
	"ptsim/explore"
	"ptsim/kern"
)

// Notation is a lab's own way to name its things and to write what they hold, where the fields of its caches and the table of
// primitives say too little. One is for one run. Most labs need none.
//
// Each method may decline: it returns "", and then the step is written as that of any lab. They read memory as a debugger.
type Notation interface {
	// Short is what the objects of a cache are called, before their number: "mm" for "mm_struct".
	Short(cache string) string
	// Begin learns what is there at the start, and may name it: the objects, and the page frames in the order in which they were allocated.
	Begin(objects []*Named, frames []kern.PFN)
	// Settle may name objects again that bear a name in their memory by now.
	Settle(m *kern.Machine, objects []*Named)
	// Clone is the same for another run of the same model, which begins now. n are that run's names.
	Clone(n Names) Notation

	// Object names an object by what leads to it: "mm1->list".
	Object(base kern.Addr) string
	// Word names a word of an object by what it is in and which it is: "mm1" and "mm_count". No field says that it names none.
	Word(o *Named, off kern.Addr) (object, field string)
	// PageWord names a word of a struct page: "pt_mm".
	PageWord(off kern.Addr) string
	// Value says what v means in the word at a.
	Value(a kern.Addr, v uint32) string
	// Text writes a step that was taken. after is the word that it was about, as the step left it.
	Text(d *explore.Step, after uint32) string
	// Next writes a step that is yet to come.
	Next(m *kern.Machine, op kern.Op) string
}

// Names is what a Notation may ask about addresses of its run.
type Names interface {
	Object(a kern.Addr) string       // what the word at a is in: "mm1", "page1"
	Word(a kern.Addr) string         // the word itself: "mm1->mm_count"
	Base(a kern.Addr) kern.Addr      // the object or struct page that it is in, 0 if none
	PageOf(a kern.Addr) kern.PFN     // the frame whose struct page it is in, 0 if none
	Machine() *kern.Machine          // the machine as it is at the start
	Allocated(base kern.Addr) *Named // the object of a slab cache at an address, nil if nothing was ever allocated there
}

// Named is an object of a slab cache that was allocated.
type Named struct {
	Base  kern.Addr
	Cache string
	Name  string
	Given bool // the model calls it so; else it has the name of its cache and a number
}
