package conform

import (
	"cmp"
	"fmt"
	"strings"

	"ptsim/pgalloc"
)

// Kind is the kind of a record.
type Kind uint8

// The records, in the order of the package doc.
const (
	NoRecord Kind = iota
	MM
	Look
	Hit
	Add
	Alloc
	Free
	RCU
	Flush
	Batch
	Remove
	Drop
	numKinds
)

// grammar has, for each kind of record, its form and what the model compares when it meets one. In a form, N is the number of an mm,
// PAGE is pP, HALF is pP.H, MASK is two hex digits, and NR is a number of tables. LIST is "PAGE MASK" or "-".
var grammar = [numKinds]struct {
	form  string // in a log of pages with two halves
	whole string // in a log of whole pages, where it differs
	shown string // as an error shows it, where that is not the form
	about string // what is compared, "" if nothing is
}{
	NoRecord: {form: "?"},
	MM:       {form: "mm N"},
	Look:     {form: "look N LIST", shown: "look N pP MASK, or look N -", about: "first page of the list and its mask"},
	Hit:      {form: "hit N HALF MASK", shown: "hit N pP.H MASK", about: "half handed out, and the mask after it"},
	Add:      {form: "add N PAGE", shown: "add N pP", about: "fresh page, its lower half, at the head of the list"},
	Alloc:    {form: "alloc N PAGE", whole: "alloc N PAGE [WORD WORD]", shown: "alloc N pP, or alloc N pP WORD WORD", about: "fresh page to itself, all entries invalid"},
	Free:     {form: "free N HALF MASK", whole: "free N PAGE", shown: "free N pP.H MASK, or free N pP", about: "mask after page_table_free"},
	RCU:      {form: "rcu N HALF MASK", whole: "rcu N PAGE", shown: "rcu N pP.H MASK, or rcu N pP", about: "mask after page_table_free_rcu"},
	Flush:    {form: "flush N"},
	Batch:    {form: "batch NR", about: "batches of RCU callbacks"},
	Remove:   {form: "remove HALF MASK", whole: "remove PAGE", shown: "remove pP.H MASK, or remove pP", about: "mask after __tlb_remove_table"},
	Drop:     {form: "drop N", about: "list empty at __mmdrop"},
}

func (k Kind) String() string {
	if k >= numKinds {
		k = NoRecord
	}
	return strings.Fields(grammar[k].form)[0]
}

// shown is the form as an error message shows it.
func (k Kind) shown() string { return cmp.Or(grammar[k].shown, grammar[k].form) }

// About says what is compared at a record of this kind, "" if nothing is.
func (k Kind) About() string { return grammar[k].about }

// Limits of what a log may say.
const (
	MaxNumber = 1 << 30 // the largest number of an mm or a page
	MaxLine   = 200     // bytes in a line
	maxBatch  = 509     // MAX_TABLE_BATCH
)

// Record is one thing that the kernel's allocator did.
type Record struct {
	Kind Kind
	Line int
	MM   int // the mm; of Remove, that of the page
	Page int // the page, -1 if there is none
	Half int // of Hit, Free, RCU and Remove in a log of pages with two halves
	Mask pgalloc.Mask
	NR   int       // of Batch
	Word [2]uint64 // of Alloc: the first words of the two halves, if Words is set

	Words bool
	hit   bool // of Look: a half was taken
	open  bool // of Look: the log ends before it tells what came of it
	next  int  // the next record that is about the page, 0 if there is none
}

// String writes the record as the log has it.
func (r *Record) String() string {
	switch r.Kind {
	case Batch:
		return fmt.Sprintf("batch %d", r.NR)
	case MM, Flush, Drop:
		return fmt.Sprintf("%s %d", r.Kind, r.MM)
	case Look:
		if r.Page < 0 {
			return fmt.Sprintf("look %d -", r.MM)
		}
		return fmt.Sprintf("look %d p%d %02x", r.MM, r.Page, uint8(r.Mask))
	case Add:
		return fmt.Sprintf("add %d p%d", r.MM, r.Page)
	case Alloc:
		if r.Words {
			return fmt.Sprintf("alloc %d p%d %x %x", r.MM, r.Page, r.Word[0], r.Word[1])
		}
		return fmt.Sprintf("alloc %d p%d", r.MM, r.Page)
	}
	s := r.Kind.String()
	if r.Kind != Remove {
		s += fmt.Sprintf(" %d", r.MM)
	}
	if r.Half < 0 {
		return s + fmt.Sprintf(" p%d", r.Page)
	}
	return s + fmt.Sprintf(" p%d.%d %02x", r.Page, r.Half, uint8(r.Mask))
}

// flips returns the bits that the operation turned over before the record's mask was read.
func (r *Record) flips() pgalloc.Mask {
	switch r.Kind {
	case Hit:
		return pgalloc.A << r.Half
	case Free, RCU:
		return (pgalloc.A | pgalloc.P) << r.Half
	case Remove:
		return pgalloc.P << r.Half
	}
	return 0
}

// before returns the mask that the record's page had before the operation, as the record's own mask says.
func (r *Record) before() pgalloc.Mask { return r.Mask ^ r.flips() }

// locked tells whether the operation holds the mm's context.lock where the record is made.
func (r *Record) locked() bool {
	switch r.Kind {
	case Look, Hit, Add, Free, RCU:
		return true
	}
	return false
}
