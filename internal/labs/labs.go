// Package labs is the list of the labs: the protocols that ptsim can explore, each told about by a [lab.Lab].
//
// The list is written here, one line for each lab. No lab registers itself when its package is linked. So this list alone says which
// labs come with ptsim, and in what order, whatever else a program imports. A program with labs of its own adds them by name,
// through package lab/command.
//
// A lab is a folder, internal/labs/NAME, beside a package of its own with the protocol, which knows kern alone. Its scenarios are
// testdata/scenarios/NAME/*.scn. To add one, write those two, and its line here. docs/lab.md says how, with the stack as the
// example.
//
// The package has no state but the list, which is complete before the command runs. It does not explore: it only says what there is. Names are
// looked up exactly; an unknown one is told by an error that names all. Its test wants the tables of each lab to fit together: a form
// speaks of nouns and parameters that there are, a row of a version that there is.
//
// # Where to start
//
// internal/labs/stack is the smallest lab.
package labs

import (
	"fmt"
	"slices"
	"sync"

	"ptsim/internal/labs/pagetable"
	"ptsim/internal/labs/shrinker"
	"ptsim/internal/labs/stack"
	"ptsim/internal/labs/swap"
	"ptsim/internal/labs/zsmalloc"
	"ptsim/internal/labs/zswap"
	"ptsim/internal/quote"
	"ptsim/lab"
)

// ours are the labs that come with ptsim, in the order in which they are listed.
var ours = sync.OnceValue(func() []*lab.Lab {
	return []*lab.Lab{
		pagetable.Lab(),
		stack.Lab(),
		zsmalloc.Lab(),
		shrinker.Lab(),
		zswap.Lab(),
		swap.Lab(),
	}
})

// added are the labs of a program that has more, see Add.
var added []*lab.Lab

// Add puts a lab of one's own behind those that come with ptsim. It is for package lab/command, before anything else is done: the list is
// not changed while it is read. To add the same lab again does nothing.
func Add(l *lab.Lab) error {
	if slices.Contains(added, l) {
		return nil
	}
	if slices.Contains(Names(), l.Name) {
		return fmt.Errorf("lab %s; expected another name: there is one of that name", quote.Short(l.Name))
	}
	if faults := l.Faults(); len(faults) > 0 {
		return fmt.Errorf("lab %s: %s", l.Name, faults[0])
	}
	added = append(added, l)
	return nil
}

// All returns all labs.
func All() []*lab.Lab {
	if len(added) == 0 {
		return ours()
	}
	return append(slices.Clone(ours()), added...)
}

// Names returns their names.
func Names() []string {
	var names []string
	for _, l := range All() {
		names = append(names, l.Name)
	}
	return names
}

// Get returns the lab of a name.
func Get(name string) (*lab.Lab, error) {
	for _, l := range All() {
		if l.Name == name {
			return l, nil
		}
	}
	return nil, fmt.Errorf("unknown lab %s; %s", quote.Short(name), quote.Expected(name, Names()))
}

// Default is the lab of what does not say whose it is: the page tables.
func Default() *lab.Lab { return ours()[0] }
