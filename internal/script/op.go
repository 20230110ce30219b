package script

import "ptsim/internal/lines"

// Kind is the kind of an operation.
type Kind uint8

// The operations, in the order of the package doc.
const (
	NoOp Kind = iota
	MM
	PGSTE
	HasPGSTE
	Alloc
	Look
	Add
	Free
	TLBFree
	Defer
	Flush
	GP
	Remove
	BatchFail
	OOM
	CRST
	CRSTFree
	CRSTTLB
	Ref
	Unref
	Exit
	MMGrab
	MMDrop
	Work
	Hook
	numKinds
)

// Op is one operation of a script.
type Op struct {
	Kind Kind
	Line int    // where it stands, from 1
	Text string // as written, without the space around it

	MM   int    // the mm it names
	Name string // the table or CRST it names
	N    int    // the count of ref and unref; 0 or 1 for batchfail and oom
	Hook *Op    // what a hook runs
}

// grammar says how each operation is written, and what the kernel calls what it does. In a form N stands for an mm's number, TABLE,
// CRST and NAME for a name, COUNT for a number from 1, 0/1 for a switch, CMD for another operation; anything else stands for itself.
var grammar = [numKinds]struct{ form, kernel string }{
	NoOp:      {"?", "?"},
	MM:        {"mm N", "mm_alloc()"},
	PGSTE:     {"pgste N", "context.alloc_pgste = 1"},
	HasPGSTE:  {"haspgste N", "context.has_pgste = 1"},
	Alloc:     {"alloc N -> TABLE", "page_table_alloc()"},
	Look:      {"look N -> TABLE", "page_table_alloc(), the list"},
	Add:       {"add TABLE", "page_table_alloc(), the rest"},
	Free:      {"free TABLE", "page_table_free()"},
	TLBFree:   {"tlbfree TABLE", "page_table_free_rcu()"},
	Defer:     {"defer TABLE", "pte_free_defer()"},
	Flush:     {"flush N", "tlb_table_flush()"},
	GP:        {"gp", "a grace period"},
	Remove:    {"remove NAME", "one RCU callback"},
	BatchFail: {"batchfail 0/1", "allocations with GFP_NOWAIT"},
	OOM:       {"oom 0/1", "allocations with GFP_KERNEL"},
	CRST:      {"crst N -> CRST", "crst_table_alloc()"},
	CRSTFree:  {"crstfree CRST", "crst_table_free()"},
	CRSTTLB:   {"crsttlb CRST", "pmd_free_tlb()"},
	Ref:       {"ref TABLE COUNT", "get_page_unless_zero()"},
	Unref:     {"unref TABLE COUNT", "put_page()"},
	Exit:      {"exit N", "exit_mmap(), mmdrop()"},
	MMGrab:    {"mmgrab N", "mmgrab()"},
	MMDrop:    {"mmdrop N", "mmdrop()"},
	Work:      {"work", "system_wq"},
	Hook:      {"hook CMD", "on another CPU, later"},
}

func (k Kind) String() string {
	word, _ := lines.Word(k.Form())
	return word
}

// Form shows how the operation is written, such as "alloc N -> TABLE"; "?" if k is none.
func (k Kind) Form() string { return grammar[k.known()].form }

// Kernel says what the kernel calls what the operation does.
func (k Kind) Kernel() string { return grammar[k.known()].kernel }

func (k Kind) known() Kind {
	if k >= numKinds {
		return NoOp
	}
	return k
}

// kindOf returns the operation of that name, NoOp if there is none.
func kindOf(word string) Kind {
	for k := MM; k < numKinds; k++ {
		if k.String() == word {
			return k
		}
	}
	return NoOp
}

func kindNames() []string {
	var names []string
	for k := MM; k < numKinds; k++ {
		names = append(names, k.String())
	}
	return names
}
