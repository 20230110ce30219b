// Package labs is the list of the labs: the protocols that ptsim can explore, each told about by a [lab.Lab].
//
// The list is written here, one line for each lab. No lab registers itself when its package is linked. So this list alone says which
// labs there are, and in what order, whatever else a program imports.
//
// A lab is a folder, internal/labs/NAME, beside a package of its own with the protocol, which knows kern alone. Its scenarios are
// testdata/scenarios/NAME/*.scn. To add one, write those two, and its line here. docs/lab.md says how, with the stack as the
// example.
//
// The package has no state but the list, which is made once and never changed. It does not explore: it only says what there is. Names are
// looked up exactly; an unknown one is told by an error that names all. Its test wants the tables of each lab to fit together: a form
// speaks of nouns and parameters that there are, a row of a version that there is.
//
// # Where to start
//
// internal/labs/stack is the smallest lab.
package labs

import (
	"fmt"
	"sync"

	"ptsim/internal/labs/pagetable"
	"ptsim/internal/labs/shrinker"
	"ptsim/internal/labs/stack"
	"ptsim/internal/labs/zsmalloc"
	"ptsim/internal/labs/zswap"
	"ptsim/internal/quote"
	"ptsim/lab"
)

// all are the labs, in the order in which they are listed.
var all = sync.OnceValue(func() []*lab.Lab {
	return []*lab.Lab{
		pagetable.Lab(),
		stack.Lab(),
		zsmalloc.Lab(),
		shrinker.Lab(),
		zswap.Lab(),
	}
})

// All returns all labs.
func All() []*lab.Lab { return all() }

// Names returns their names.
func Names() []string {
	var names []string
	for _, l := range all() {
		names = append(names, l.Name)
	}
	return names
}

// Get returns the lab of a name.
func Get(name string) (*lab.Lab, error) {
	for _, l := range all() {
		if l.Name == name {
			return l, nil
		}
	}
	return nil, fmt.Errorf("unknown lab %s; %s", quote.Short(name), quote.Expected(name, Names()))
}

// Default is the lab of what does not say whose it is: the page tables.
func Default() *lab.Lab { return all()[0] }
