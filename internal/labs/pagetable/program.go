package pagetable

import (
	"fmt"
	"strings"

	"ptsim/internal/quote"
	"ptsim/lab"
	"ptsim/pgalloc"
)

// Limits of what a scenario may say, beside those of every lab.
const (
	MaxMM    = 99 // the largest number of an mm
	MaxUsers = 16 // users of an mm at the start
	MaxBatch = 16 // tables in a batch
	MaxSlots = lab.MaxSlots

	MaxBranches = lab.MaxBranches
)

// DefaultBatch is how many tables a batch holds unless a scenario says otherwise.
const DefaultBatch = 4

// Program is what a scenario means.
type Program struct {
	File string // what errors call it
	Name string

	Batch       int  // tables in a batch, 0 for DefaultBatch
	NoLazyFlush bool // __tlb_flush_mm_lazy does nothing

	MMs   []MM
	Pages []Page
	Files []File
	VMAs  []VMA
	Tasks []Task
	Ends  []End
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

// Of returns what a scenario of this lab means, as sense has found it.
func Of(s *lab.Scenario) *Program { return s.Sense.(*Program) }

// sense reads the lines of a scenario, and looks whether they make sense together.
func sense(s *lab.Scenario) error {
	p := &Program{File: s.File, Name: s.Name}
	for i := range s.Settings {
		if l := &s.Settings[i]; l.Word == "batch" {
			p.Batch = l.Int("N", 0)
		} else {
			p.NoLazyFlush = true
		}
	}
	for i := range s.Things {
		if err := p.thing(&s.Things[i]); err != nil {
			return err
		}
	}
	for i := range s.Tasks {
		t := &s.Tasks[i]
		p.Tasks = append(p.Tasks, Task{Line: t.Line, Name: t.Name, On: t.On, MayFail: t.MayFail, Ops: operations(t.Ops)})
	}
	for i := range s.Ends {
		l := &s.Ends[i]
		e := End{Line: l.Number, MM: l.Int("N", 0), Table: l.Get("TABLE")}
		for k, name := range endNames {
			if l.Word == name {
				e.Kind = EndKind(k)
			}
		}
		p.Ends = append(p.Ends, e)
	}
	s.Sense = p
	return resolve(p)
}

// thing reads a line of the start.
func (p *Program) thing(l *lab.Line) error {
	switch l.Word {
	case "mm":
		p.MMs = append(p.MMs, MM{Line: l.Number, ID: l.Int("N", 0), Users: l.Int("COUNT", 1), PGSTE: l.Has("pgste")})
	case "page":
		page := Page{Line: l.Number, MM: l.Int("N", 0)}
		for i, a := range l.Args[1:] {
			page.Tables[i] = a.Text
		}
		if page.Tables == [2]string{} {
			return &lab.Error{File: p.File, Line: l.Number, What: "a page without a table, which would be free", Expected: "a table in it"}
		}
		p.Pages = append(p.Pages, page)
	case "file":
		p.Files = append(p.Files, File{Line: l.Number, Name: l.Name()})
	case "vma":
		p.VMAs = append(p.VMAs, VMA{Line: l.Number, Name: l.Name(), File: l.Get("FILE"), MM: l.Int("N", 0), Table: l.Get("TABLE")})
	}
	return nil
}

// operations reads the lines of a task, or of a branch.
func operations(ops []lab.Op) []Op {
	var list []Op
	for i := range ops {
		l := &ops[i]
		op := Op{
			Kind: opKindOf(l.Word), Line: l.Number, MM: l.Int("N", 0), To: l.Int("TO", 0),
			Table: l.Get("TABLE"), File: l.Get("FILE"), VMA: l.Get("VMA"),
		}
		for _, b := range l.Branches {
			op.Branches = append(op.Branches, operations(b))
		}
		list = append(list, op)
	}
	return list
}

func orDefault(v, def int) int {
	if v == 0 {
		return def
	}
	return v
}

// Split returns the two parts of the name of a version: the variant, and the pin of the pinned one, which is the default pin if the
// name has none.
func Split(version string) (pgalloc.Variant, pgalloc.Pin, error) {
	variant, pin, pinned := strings.Cut(version, "/")
	v, err := pgalloc.ParseVariant(variant)
	if err != nil {
		return "", "", err
	}
	if !pinned {
		if v == pgalloc.Pinned {
			return v, pgalloc.PinHalf, nil
		}
		return v, "", nil
	}
	if v != pgalloc.Pinned {
		return "", "", fmt.Errorf("variant %s; %s has no pin", quote.Short(version), v)
	}
	p, err := pgalloc.ParsePin(pin)
	return v, p, err
}
