package script

import "strings"

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

// forms is the grammar. The words stand for: N an mm's number, TABLE, CRST and NAME a name, COUNT a number from 1, 0/1 a
// switch, CMD another operation; anything else stands for itself.
var forms = [numKinds]string{
	MM:        "mm N",
	PGSTE:     "pgste N",
	HasPGSTE:  "haspgste N",
	Alloc:     "alloc N -> TABLE",
	Look:      "look N -> TABLE",
	Add:       "add TABLE",
	Free:      "free TABLE",
	TLBFree:   "tlbfree TABLE",
	Defer:     "defer TABLE",
	Flush:     "flush N",
	GP:        "gp",
	Remove:    "remove NAME",
	BatchFail: "batchfail 0/1",
	OOM:       "oom 0/1",
	CRST:      "crst N -> CRST",
	CRSTFree:  "crstfree CRST",
	CRSTTLB:   "crsttlb CRST",
	Ref:       "ref TABLE COUNT",
	Unref:     "unref TABLE COUNT",
	Exit:      "exit N",
	MMGrab:    "mmgrab N",
	MMDrop:    "mmdrop N",
	Work:      "work",
	Hook:      "hook CMD",
}

func (k Kind) String() string {
	if k == NoOp || k >= numKinds {
		return "?"
	}
	name, _, _ := strings.Cut(forms[k], " ")
	return name
}

// Form shows how the operation is written, such as "alloc N -> TABLE".
func (k Kind) Form() string {
	if k == NoOp || k >= numKinds {
		return "?"
	}
	return forms[k]
}

// kernels says what the kernel calls what an operation does.
var kernels = [numKinds]string{
	MM:        "mm_alloc()",
	PGSTE:     "context.alloc_pgste = 1",
	HasPGSTE:  "context.has_pgste = 1",
	Alloc:     "page_table_alloc()",
	Look:      "page_table_alloc(), the list",
	Add:       "page_table_alloc(), the rest",
	Free:      "page_table_free()",
	TLBFree:   "page_table_free_rcu()",
	Defer:     "pte_free_defer()",
	Flush:     "tlb_table_flush()",
	GP:        "a grace period",
	Remove:    "one RCU callback",
	BatchFail: "allocations with GFP_NOWAIT",
	OOM:       "allocations with GFP_KERNEL",
	CRST:      "crst_table_alloc()",
	CRSTFree:  "crst_table_free()",
	CRSTTLB:   "pmd_free_tlb()",
	Ref:       "get_page_unless_zero()",
	Unref:     "put_page()",
	Exit:      "exit_mmap(), mmdrop()",
	MMGrab:    "mmgrab()",
	MMDrop:    "mmdrop()",
	Work:      "system_wq",
	Hook:      "on another CPU, later",
}

// Kernel says what the kernel calls what the operation does.
func (k Kind) Kernel() string {
	if k == NoOp || k >= numKinds {
		return "?"
	}
	return kernels[k]
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
