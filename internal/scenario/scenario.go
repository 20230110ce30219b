package scenario

import (
	"fmt"
)

// Limits of what a scenario may say.
const (
	MaxText     = 1 << 16 // bytes in a file
	MaxLine     = 8 << 10 // bytes in a line: schedules are long
	MaxName     = 32      // bytes in a name
	MaxMM       = 99      // the largest number of an mm
	MaxUsers    = 16      // users of an mm at the start
	MaxBatch    = 16      // tables in a batch
	MaxSoftirqs = 8       // softirq CPUs
	MaxTasks    = 8
	MaxOps      = 64 // operations of a task, those of all branches together
	MaxBranches = 4
	MaxThings   = 32 // lines of each kind of thing there is at the start
	MaxSlots    = 8  // names that a task gives
)

// DefaultBatch is how many tables a batch holds unless a scenario says otherwise.
const DefaultBatch = 4

// Scenario is a parsed scenario that makes sense: Parse has looked at the names in it.
type Scenario struct {
	File string // what errors call it
	Name string // File without folders and ending
	// Source is the text that was parsed.
	Source string
	Title  string
	About  []string // prose, line by line; an empty line parts two paragraphs

	Run Run // how it was explored, in a file that keeps a schedule

	Batch       int  // tables in a batch, 0 for DefaultBatch
	NoLazyFlush bool // __tlb_flush_mm_lazy does nothing

	MMs   []MM
	Pages []Page
	Files []File
	VMAs  []VMA
	Tasks []Task
	Ends  []End
}

// Run is what a file may say about how its scenario is to be explored, and what came of it. The words are kept as they
// are; an empty one was not given.
type Run struct {
	Variant  string
	Pin      string
	Softirqs string // a number, or "cpu"
	Grace    string // "precise" or "any"
	Schedule string // what the explorer's --replay understands
	Expect   string // "safe", or "violated" and the kind of violation
}

// MM is an mm that is there at the start.
type MM struct {
	Line  int
	ID    int
	Users int // mm_users; 0 if the last user has gone, whose mm_count is left to drop
	PGSTE bool
}

// Page is a page of an mm and the tables in it at the start.
type Page struct {
	Line   int
	MM     int
	Tables [2]string // lower and upper half; "" if free
}

// File is a file that is mapped: an i_mmap_rwsem.
type File struct {
	Line int
	Name string
}

// VMA is a mapping of a file: its place in the file's i_mmap tree, and the one pmd that it covers.
type VMA struct {
	Line  int
	Name  string
	File  string
	MM    int
	Table string // the table that the pmd points to; "" if there is none
}

// Task is a task: its operations, one after the other.
type Task struct {
	Line    int
	Name    string
	On      int  // the CPU that it runs on, counted from 1; 0 is one of its own
	MayFail bool // there may be no page for a batch
	Ops     []Op
}

// EndKind says what must be so at the end.
type EndKind uint8

// What a finally section can say. What it does not speak of must be gone.
const (
	Freed EndKind = iota // an mm is freed, as it is unless said otherwise
	Alive                // an mm is still there, with the references that the tasks left it
	Kept                 // a table is still allocated
)

var endNames = [...]string{"freed", "alive", "kept"}

func (k EndKind) String() string { return endNames[k] }

// End is a line of the finally section.
type End struct {
	Line  int
	Kind  EndKind
	MM    int    // for Freed and Alive
	Table string // for Kept
}

// Error is something wrong with the text of a scenario.
type Error struct {
	File     string
	Line     int    // 0 if it is about the whole file
	What     string // what is wrong
	Expected string // what was expected instead
}

func (e *Error) Error() string {
	where := e.File
	if e.Line > 0 {
		where = fmt.Sprintf("%s:%d", e.File, e.Line)
	}
	return fmt.Sprintf("%s: %s; expected %s", where, e.What, e.Expected)
}

func orDefault(v, def int) int {
	if v == 0 {
		return def
	}
	return v
}
