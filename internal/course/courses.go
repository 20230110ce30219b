package course

import (
	"fmt"
	"slices"

	"ptsim/internal/quote"
)

// Course is one of the courses: lessons in an order.
type Course struct {
	Name  string // as --course has it
	Title string
	About string // a few words
}

// The names of the courses.
const (
	Tables = "tables" // the page tables
	Alive  = "alive"  // the other protocols, and all side by side
)

// Courses returns the courses in their order.
func Courses() []Course {
	return []Course{
		{Tables, "One page, two tables", "two page tables in one page, and what went wrong"},
		{Alive, "What keeps it alive?", "other protocols with the same question, and all of them side by side"},
	}
}

// Get returns the course of a name.
func Get(name string) (Course, error) {
	var names []string
	for _, c := range Courses() {
		if c.Name == name {
			return c, nil
		}
		names = append(names, c.Name)
	}
	return Course{}, fmt.Errorf("unknown course %s; %s", quote.Short(name), quote.Expected(name, names))
}

// Lessons returns the slugs of the course's lessons.
func (c Course) Lessons() []string {
	all := All()
	first := len(Names())
	if c.Name == Tables {
		return all[:first]
	}
	return slices.Clone(all[first:])
}

// sideBySide is the last lesson of the second course: its first page, which puts the protocols side by side.
const (
	sideBySide     = "side-by-side"
	sideBySideFile = "docs/labs/README.md"
)
