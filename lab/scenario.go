package lab

import "ptsim/internal/lines"

// Limits of what a scenario may say.
const (
	MaxText     = 1 << 16 // bytes in a file
	MaxLine     = 8 << 10 // bytes in a line: schedules are long
	MaxName     = 32      // bytes in a name
	MaxSoftirqs = 8       // softirq CPUs
	MaxTasks    = 8
	MaxOps      = 64 // operations of a task, those of all branches together
	MaxBranches = 4
	MaxThings   = 32 // lines of each kind of thing there is at the start
	MaxSlots    = 8  // names that a task gives
)

// Scenario is a scenario as it was read: its lines have the forms of the lab, and its names make sense.
type Scenario struct {
	File   string // what errors call it
	Name   string // File without folders and ending
	Lab    *Lab
	Source string // the text that was read
	Title  string
	About  []string // prose, line by line; an empty line parts two paragraphs

	Run Run // how it was explored, in a file that keeps a schedule

	Settings []Line
	Things   []Line // what is there at the start, in the order of the text
	Tasks    []Task
	Ends     []Line

	// Sense is what the lab's Sense made of it.
	Sense any
}

// Run is what a file may say about how its scenario is to be explored, and what came of it. The words are kept as they
// are; an empty one was not given.
type Run struct {
	Variant  string
	Pin      string
	Softirqs string // a number, or "cpu"
	Grace    string // "precise" or "any"
	Memory   string // "sc", "tso", "lkmm-6.1" or "lkmm-6.12"
	Schedule string // what the explorer's --replay understands
	Expect   string // "safe", or "violated" and the kind of violation
}

// Version is the name of the version that it says: "rfc", "pinned/half", "" if none.
func (r *Run) Version() string {
	if r.Pin != "" {
		return r.Variant + "/" + r.Pin
	}
	return r.Variant
}

// Task is a task as a scenario has it: its operations, one after the other.
type Task struct {
	Line    int
	Name    string
	On      int  // the CPU that it runs on, counted from 1; 0 is one of its own
	MayFail bool // its allocations that may fail do so, or not
	Ops     []Op
}

// Op is one operation of a task.
type Op struct {
	Line
	Branches [][]Op // of an either
}

// Either is the word of an operation that is a choice.
const Either = "either"

// Line is a line of a scenario that a lab gives the form of.
type Line struct {
	Number int    // in the text, from 1
	Word   string // that it begins with
	Form   string // of the lab
	Args   []Arg
}

// Arg is what stands at a place of a form.
type Arg struct {
	Param  string // the parameter, or the word itself
	Text   string // "" for a dash
	Number int    // if it is one
}

// Get returns what stands for a parameter, "" if nothing does.
func (l *Line) Get(param string) string {
	for i := range l.Args {
		if l.Args[i].Param == param {
			return l.Args[i].Text
		}
	}
	return ""
}

// Has tells whether something stands for a parameter, or whether a word is there that may be left out.
func (l *Line) Has(param string) bool {
	for i := range l.Args {
		if l.Args[i].Param == param {
			return true
		}
	}
	return false
}

// Int returns the number that stands for a parameter, unless if none does.
func (l *Line) Int(param string, unless int) int {
	for i := range l.Args {
		if l.Args[i].Param == param {
			return l.Args[i].Number
		}
	}
	return unless
}

// String writes the line as a scenario has it.
func (l *Line) String() string {
	text := l.Word
	for _, a := range l.Args {
		word := a.Text
		if word == "" {
			word = "-"
		}
		text += " " + word
	}
	return text
}

// Flat returns the task's operations one after the other, as models number them: a choice, then those of its branches.
func (t *Task) Flat() []*Op {
	var list []*Op
	var add func(ops []Op)
	add = func(ops []Op) {
		for i := range ops {
			list = append(list, &ops[i])
			for _, b := range ops[i].Branches {
				add(b)
			}
		}
	}
	add(t.Ops)
	return list
}

// Error is something wrong with the text of a scenario.
type Error = lines.Error
