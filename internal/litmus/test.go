package litmus

import (
	"fmt"
	"strconv"
)

// A Test is a litmus test, ready to run.
type Test struct {
	Name   string
	Path   string
	Result string // what the comment "Result:" says: Never, Sometimes, Always, DEADLOCK or nothing

	Words   []Word
	Procs   []*Proc
	Domains int // RCU, and each srcu_struct

	Observed   []Location // of the condition and of the locations clause, as herd7 orders them
	Filter     cond
	Quantifier string // exists, ~exists or forall
	Cond       cond
	CondText   string

	Warnings []string // what herd7 accepts and is likely a mistake

	unlockLock bool
}

// A Word is a global of a test.
type Word struct {
	Name string
	Init int64
}

// A Proc is a process: its registers and its instructions.
type Proc struct {
	Registers []string // the names; temporaries have none
	code      []instr
	live      []uint64 // for each instruction, the registers that are read at or behind it
	observed  uint64
	init      []int64
}

// A Location is a register of a process, or, with Proc -1, a word.
type Location struct {
	Proc, Index int
	Name        string
}

func (l Location) String() string {
	if l.Proc < 0 {
		return "[" + l.Name + "]"
	}
	return fmt.Sprintf("%d:%s", l.Proc, l.Name)
}

// pointers is the value of a pointer to word 0; the others follow.
const pointers = int64(1) << 40

// word returns the word to which a value points.
func (t *Test) word(value int64) (int, bool) {
	w := value - pointers
	return int(w), w >= 0 && w < int64(len(t.Words))
}

// show writes a value as herd7 does: a pointer by the name of its word.
func (t *Test) show(value int64) string {
	if w, ok := t.word(value); ok {
		return t.Words[w].Name
	}
	return strconv.FormatInt(value, 10)
}

// An Error says what is wrong with a test, or not supported, and where.
type Error struct {
	Path        string
	Line        int
	Unsupported bool
	Text        string
}

func (e *Error) Error() string {
	what := ""
	if e.Unsupported {
		what = "unsupported: "
	}
	return fmt.Sprintf("%s:%d: %s%s", e.Path, e.Line, what, e.Text)
}
