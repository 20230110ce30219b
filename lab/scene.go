package lab

import (
	"fmt"
	"slices"
	"strings"
)

// Scene is what there is to see of a protocol whose pages hold two things each: pages in halves, the address spaces that they belong to
// with a list of them, batches on their way, files and mappings. It is drawn beside things: a page of two halves is a kind of
// drawing, as a box is. The names in JSON are part of what the page and exports are made of.
type Scene struct {
	Pages   []Page  `json:"pages"`
	MMs     []MM    `json:"mms"`
	Batches []Batch `json:"batches"`
	Files   []File  `json:"files"`
	VMAs    []VMA   `json:"vmas"`
}

// Page is a page that is, or was, in use for page tables.
type Page struct {
	Name   string  `json:"name"` // page1
	MM     string  `json:"mm"`   // whose it is
	Halves [2]Half `json:"halves"`
	Mask   string  `json:"mask"`   // PP|HH|AA
	Bits   int     `json:"bits"`   // the mask as a number
	Words  Words   `json:"words"`  // what lru and rcu_head, the same two words, are in use for
	Whole  bool    `json:"whole"`  // one table takes the page: full pages, and PGSTEs
	Active bool    `json:"active"` // PageActive
	Refs   int     `json:"refs"`   // the references below the mask
	Freed  bool    `json:"freed"`

	Change      Change `json:"change"`
	MaskChange  Change `json:"mask_change"`
	WordsChange Change `json:"words_change"`
	FlagChange  Change `json:"flag_change"`
	RefsChange  Change `json:"refs_change"`

	Flips int `json:"-"` // the bits of the mask that the step turned
}

// Half is half a page.
type Half struct {
	State  HalfState `json:"state"`
	Table  string    `json:"table"` // what is in it, "" if nothing ever was
	Change Change    `json:"change"`
}

// MM is an mm_struct.
type MM struct {
	Name   string   `json:"name"`
	Users  int      `json:"users"` // mm_users
	Count  int      `json:"count"` // mm_count
	List   []string `json:"list"`  // pgtable_list, first page first
	Lock   string   `json:"lock"`  // who holds context.lock: "B exit on CPU1"; "" if it is free
	PGSTE  bool     `json:"pgste"`
	Freed  bool     `json:"freed"`
	Change Change   `json:"change"`

	UsersChange Change `json:"users_change"`
	CountChange Change `json:"count_change"`
	ListChange  Change `json:"list_change"`
	LockChange  Change `json:"lock_change"`
}

// Batch is a mmu_table_batch: what a gather has collected.
type Batch struct {
	Name   string     `json:"name"`
	Owner  string     `json:"owner"`  // the thread that allocated it
	Tables []TableAt  `json:"tables"` // what is in it
	State  BatchState `json:"state"`
	Change Change     `json:"change"`
}

// Holds names what is in the batch, "" if nothing is: "page1.lower, page2.upper".
func (b *Batch) Holds() string {
	list := make([]string, len(b.Tables))
	for i, t := range b.Tables {
		list[i] = t.String()
	}
	return strings.Join(list, ", ")
}

// TableAt is where a page table lies: in one half of a page, or in all of it.
type TableAt struct {
	Page  string // "page1"
	Half  uint32 // 0 is the lower
	Whole bool   // the table takes the page, and Half is 0
}

var halfSuffixes = [...]string{".lower", ".upper"}

// String names it: "page1.lower", or "page1" of a whole page.
func (t TableAt) String() string {
	if t.Whole {
		return t.Page
	}
	return t.Page + halfSuffixes[t.Half]
}

// MarshalText writes the name.
func (t TableAt) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (t *TableAt) UnmarshalText(text []byte) error {
	for half, suffix := range halfSuffixes {
		if page, ok := strings.CutSuffix(string(text), suffix); ok {
			*t = TableAt{Page: page, Half: uint32(half)}
			return nil
		}
	}
	*t = TableAt{Page: string(text), Whole: true}
	return nil
}

// File is a file: its i_mmap_rwsem.
type File struct {
	Name    string   `json:"name"`
	Holders []string `json:"holders"` // of the semaphore
	Change  Change   `json:"change"`
}

// VMA is a mapping.
type VMA struct {
	Name   string `json:"name"`
	MM     string `json:"mm"`
	Linked bool   `json:"linked"` // in the i_mmap tree
	Table  string `json:"table"`  // what the pmd points to, "" if it is empty
	Change Change `json:"change"`
}

// What is looked at is a constant of one of these types. What people read is its String, from labels.go beside this file. JSON has a name that
// never changes, since saved files have it and the page draws by it. So no face compares labels.

// Words is what lru and rcu_head of a page, the same two words, are in use for.
type Words uint8

// The uses of the two words.
const (
	OffList Words = iota
	OnList
	HeadQueued
)

var wordsNames = [...]string{"off the list", "on the list", "rcu_head queued"}

func (w Words) String() string { return wordsLabels[w] }

// MarshalText writes the name.
func (w Words) MarshalText() ([]byte, error) { return []byte(wordsNames[w]), nil }

// UnmarshalText reads what MarshalText wrote.
func (w *Words) UnmarshalText(text []byte) error { return unmarshal(w, text, wordsNames[:]) }

// HalfState is what one half of a page is doing.
type HalfState uint8

// The states of a half.
const (
	HalfFree HalfState = iota
	HalfAllocated
	HalfPending
	HalfPendingHead // and its callback is queued
	HalfBroken      // none that it could come to
)

var halfNames = [...]string{
	HalfFree: "free", HalfAllocated: "allocated", HalfPending: "pending", HalfPendingHead: "pending on rcu_head", HalfBroken: "broken",
}

func (s HalfState) String() string { return halfLabels[s] }

// MarshalText writes the name.
func (s HalfState) MarshalText() ([]byte, error) { return []byte(halfNames[s]), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *HalfState) UnmarshalText(text []byte) error { return unmarshal(s, text, halfNames[:]) }

// BatchState is where a batch is on its way.
type BatchState uint8

// The states of a batch: a gather puts tables into an open one, call_rcu queues it, its callback runs and frees it.
const (
	BatchOpen BatchState = iota
	BatchQueued
	BatchRunning
	BatchFreed
)

var batchNames = [...]string{"open", "queued", "running", "freed"}

func (s BatchState) String() string { return batchLabels[s] }

// MarshalText writes the name.
func (s BatchState) MarshalText() ([]byte, error) { return []byte(batchNames[s]), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *BatchState) UnmarshalText(text []byte) error { return unmarshal(s, text, batchNames[:]) }

// unmarshal looks a name up in the names of a type.
func unmarshal[T ~uint8](to *T, text []byte, names []string) error {
	i := slices.Index(names, string(text))
	if i < 0 {
		return fmt.Errorf("unknown state %q", text)
	}
	*to = T(i)
	return nil
}
