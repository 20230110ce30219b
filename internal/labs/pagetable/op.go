package pagetable

import (
	"fmt"
	"strings"
)

// OpKind is a kind of operation.
type OpKind uint8

// The operations, in the order of the package doc.
const (
	NoOp OpKind = iota
	Alloc
	Free
	TLBFree
	Flush
	Defer
	DownRead
	UpRead
	DownWrite
	UpWrite
	Retract
	Take
	Link
	Unlink
	Install
	RCUReadLock
	RCUReadUnlock
	Look
	Read
	MMGet
	MMPut
	MMGrab
	MMDrop
	Fork
	LazyFlush
	IPI
	SyncRCU
	Either
	numOps
)

// Op is one operation of a task.
type Op struct {
	Kind OpKind
	Line int

	MM    int    // the mm it names
	To    int    // the mm that fork makes
	Table string // the table it names, or gives a name
	File  string
	VMA   string

	Branches [][]Op // of Either
}

// forms is the grammar. The words stand for: N an mm's number, TO that of a new one, TABLE, FILE and VMA a name; anything
// else stands for itself.
var forms = [numOps]string{
	Alloc:         "alloc N -> TABLE",
	Free:          "free TABLE",
	TLBFree:       "tlbfree TABLE",
	Flush:         "flush",
	Defer:         "defer TABLE",
	DownRead:      "down_read FILE",
	UpRead:        "up_read FILE",
	DownWrite:     "down_write FILE",
	UpWrite:       "up_write FILE",
	Retract:       "retract VMA -> TABLE",
	Take:          "take VMA -> TABLE",
	Link:          "link VMA",
	Unlink:        "unlink VMA",
	Install:       "install VMA TABLE",
	RCUReadLock:   "rcu_read_lock",
	RCUReadUnlock: "rcu_read_unlock",
	Look:          "look VMA -> TABLE",
	Read:          "read TABLE",
	MMGet:         "mmget N",
	MMPut:         "mmput N",
	MMGrab:        "mmgrab N",
	MMDrop:        "mmdrop N",
	Fork:          "fork N -> TO",
	LazyFlush:     "lazyflush N",
	IPI:           "ipi",
	SyncRCU:       "synchronize_rcu",
	Either:        "either",
}

func (k OpKind) String() string {
	if k == NoOp || k >= numOps {
		return "?"
	}
	name, _, _ := strings.Cut(forms[k], " ")
	return name
}

// Form shows how the operation is written, such as "alloc N -> TABLE".
func (k OpKind) Form() string {
	if k == NoOp || k >= numOps {
		return "?"
	}
	return forms[k]
}

// names tells whether the operation gives a table its name.
func (k OpKind) names() bool { return strings.HasSuffix(forms[k], "-> TABLE") }

// up returns the operation that gives back a semaphore that k took.
func (k OpKind) up() OpKind {
	if k == DownRead {
		return UpRead
	}
	return UpWrite
}

// opKindOf returns the operation of that name, NoOp if there is none.
func opKindOf(word string) OpKind {
	for k := Alloc; k < numOps; k++ {
		if k.String() == word {
			return k
		}
	}
	return NoOp
}

// Flat returns the task's operations one after the other, as [Build] numbers them: a choice, then those of its branches.
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

// String writes the operation as a line of a scenario; of an either it writes the first.
func (o *Op) String() string {
	words := strings.Fields(o.Kind.Form())
	for i, word := range words {
		switch word {
		case "N":
			words[i] = fmt.Sprint(o.MM)
		case "TO":
			words[i] = fmt.Sprint(o.To)
		case "TABLE":
			words[i] = o.Table
		case "FILE":
			words[i] = o.File
		case "VMA":
			words[i] = o.VMA
		}
	}
	return strings.Join(words, " ")
}
