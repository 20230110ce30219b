package lab

import (
	"strings"

	"ptsim/kern"
)

// Thing is an object of a protocol as the stepper shows it: of a slab cache that is declared with fields, or a struct page. It is
// data. The names in JSON are part of what the page and exports are made of.
type Thing struct {
	Name    string  `json:"name"`    // as the scenario calls it: "a"; or by its cache: "zspage2"
	Given   bool    `json:"given"`   // the scenario calls it so, which says nothing of its cache
	Kind    string  `json:"kind"`    // the cache, or "page"
	Drawing Drawing `json:"drawing"` // how its card is drawn
	Fields  []Field `json:"fields"`
	Freed   bool    `json:"freed"`
	Change  Change  `json:"change"`
}

// Field is a field of a thing, and what it holds.
type Field struct {
	Name   string         `json:"name"`
	Kind   kern.FieldKind `json:"kind"`
	Value  string         `json:"value"` // in words: "b" of a pointer to that, "held by A one on CPU0" of a lock
	To     string         `json:"to"`    // of a pointer: the thing that it points to, "" if that is none
	Flags  []string       `json:"-"`     // of a tagged pointer: the flags that it may carry
	Busy   bool           `json:"busy"`  // of a lock: somebody holds it; of an rcu_head: it is queued
	Change Change         `json:"change"`

	Word uint32 `json:"-"` // what the word holds, as a number
}

// Change names the kinds of change that a thing can be marked with; "" is none. They are words, so that no face has to tell
// them by colour alone.
type Change string

// The changes.
const (
	Same     Change = ""
	Appeared Change = "new"
	Changed  Change = "changed"
	Gone     Change = "gone"
)

// Find returns the thing of a name, nil if there is none.
func Find(things []Thing, name string) *Thing {
	for i := range things {
		if things[i].Name == name {
			return &things[i]
		}
	}
	return nil
}

// Get returns the field of a name, nil if the thing has none or is nil itself.
func (t *Thing) Get(field string) *Field {
	if t == nil {
		return nil
	}
	for i := range t.Fields {
		if t.Fields[i].Name == field {
			return &t.Fields[i]
		}
	}
	return nil
}

// About says what the fields hold: "next b, held 0".
func (t *Thing) About() string {
	var list []string
	for i := range t.Fields {
		list = append(list, t.Fields[i].Name+" "+t.Fields[i].Value)
	}
	return strings.Join(list, ", ")
}

// Drawing is how the card of an object is drawn.
type Drawing string

// The drawings.
const (
	Box   Drawing = "box"   // a box with a line for each field
	Chain Drawing = "chain" // a box, and an arrow to what its first pointer points to
	Plain Drawing = "plain" // one line
)

// Figure is a drawing of several things together, of which the cards alone show too little: a list in its order, the pages of a
// zspage, the slots of a tree. It is strips of cells, below each other. Every face draws it, as text where there are no pictures.
type Figure struct {
	Title  string  `json:"title"` // "Lists of the pool"
	Strips []Strip `json:"strips"`
}

// Strip is a row of cells in a figure.
type Strip struct {
	Label string `json:"label"` // "empty zspages"
	Cells []Cell `json:"cells"`
	Chain bool   `json:"chain"` // each cell leads to the next: they are drawn with arrows
	None  string `json:"none"`  // what is said if there are no cells: "empty"
}

// Cell is a cell of a strip.
type Cell struct {
	Thing string `json:"thing"` // the name of what it stands for, "" if it is no thing
	Text  string `json:"text"`  // what stands in it; "" is the name of the thing
	Fill  Fill   `json:"fill"`
}

// Fill is what a cell is filled with: a pattern, and a word that says the same.
type Fill string

// The fills.
const (
	Blank   Fill = ""        // nothing is there
	Full    Fill = "full"    // in use
	Pending Fill = "pending" // given up, and not free yet
	Broken  Fill = "broken"  // freed while somebody leads there, or against the rules
)

// About says in words what stands in a strip: "zspage1, then zspage2", or what it says if there is nothing.
func (s *Strip) About() string {
	if len(s.Cells) == 0 {
		return s.None
	}
	var list []string
	for i := range s.Cells {
		list = append(list, s.Cells[i].About())
	}
	if s.Chain {
		return strings.Join(list, ", then ")
	}
	return strings.Join(list, ", ")
}

// About says in words what stands in a cell: "page1 pending".
func (c *Cell) About() string {
	text := c.Text
	if text == "" {
		text = c.Thing
	}
	if text == "" {
		text = "-"
	}
	if c.Fill == Pending || c.Fill == Broken {
		text += " " + string(c.Fill)
	}
	return text
}
