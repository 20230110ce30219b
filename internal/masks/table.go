package masks

import (
	"fmt"

	"ptsim/pgalloc"
)

// Masks is how many masks the six bits in use make.
const Masks = 0x40

// Table is everything about the masks of one version.
type Table struct {
	Name string // the variant, with its pin if that is not the default
	Info pgalloc.Info
	Pin  pgalloc.Pin

	Fragments bool // a page holds two tables; otherwise one, and no mask is used
	Heads     bool // halves have H bits
	Actives   bool // pages have PageActive, so there are two states a mask
	Defers    bool // there is a pte_free_defer

	States []State // by mask, without PageActive first
	Birth  Row     // Fresh
	Rows   []Row   // by state, half, operation
	Life   Life    // the states that a page goes through
}

// State is a mask, and PageActive where the version has it.
type State struct {
	Mask   pgalloc.Mask
	Active bool
	Halves [2]pgalloc.HalfState
	Legal  bool
	Why    string // why it is not legal
	Listed bool   // on pgtable_list, whenever nobody holds its lock
	Reach  Reach
}

// Seen is a state that a page is in between two steps of an operation.
type Seen struct {
	Mask   pgalloc.Mask
	Active bool
	Locked bool // came about under the lock of the list
}

// Row is one operation on one half of a page in one state. If it is not possible, all that follows WhyNot is zero.
type Row struct {
	State int // index into Table.States; of no meaning for Fresh
	Half  uint32
	Op    Op

	Possible bool
	WhyNot   string

	Path     []Seen // the states after the first, the last one being the next; empty if the state stays as it is
	Next     pgalloc.Mask
	Active   bool // PageActive of the next state
	Listed   bool // on the list in the end
	List     ListAction
	RCU      RCUAction
	Callback string // of RCUHead and RCUChain
	Ran      string // the callback that Now was
	Release  Release
	Pin      int  // how mm_count changed
	Locked   bool // took the lock of the list
	Steps    []Step
	Trouble  []string // violations and warnings
}

// Build makes the table of a version by experiment. The pin is that of the pinned variant, "" for the default.
func Build(variant pgalloc.Variant, pin pgalloc.Pin) (*Table, error) {
	l, err := newLab(variant, pin)
	if err != nil {
		return nil, err
	}
	t := &Table{
		Name: l.sys.Name(), Info: variant.Info(), Pin: l.sys.Pin,
		Fragments: l.fragments, Heads: l.heads, Actives: l.actives, Defers: l.defers,
	}
	if err := t.addStates(l); err != nil {
		return nil, err
	}
	if err := t.addRows(l); err != nil {
		return nil, err
	}
	t.Life = Explore(t)
	return t, nil
}

func (t *Table) addStates(l *lab) error {
	actives := []bool{false}
	if l.actives {
		actives = append(actives, true)
	}
	for _, active := range actives {
		for m := range pgalloc.Mask(Masks) {
			s := State{
				Mask: m, Active: active, Halves: [2]pgalloc.HalfState{m.Half(0), m.Half(1)},
				Legal: l.sys.PT.Legal(m), Listed: l.sys.PT.ListRule(m, active),
			}
			if !s.Legal {
				if s.Why = l.whyIllegal(m); s.Why == "" {
					return fmt.Errorf("%s: mask %s (%02x) is not legal, and no reason is known", t.Name, m, uint8(m))
				}
			}
			t.States = append(t.States, s)
		}
	}
	return nil
}

func (t *Table) addRows(l *lab) error {
	b, err := l.bench()
	if err != nil {
		return err
	}
	table, _ := b.run(Fresh, 0)
	t.Birth = Row{Op: Fresh, Half: table.Half(), Possible: true}
	if err := t.Birth.observe(b, false); err != nil {
		return fmt.Errorf("%s: fresh: %w", t.Name, err)
	}
	for i, s := range t.States {
		for half := range uint32(2) {
			for _, op := range Ops() {
				r, err := l.row(s, op, half)
				if err != nil {
					return fmt.Errorf("%s: %s %d of a page with mask %02x: %w", t.Name, op, half, uint8(s.Mask), err)
				}
				r.State = i
				t.Rows = append(t.Rows, r)
			}
		}
	}
	return nil
}

// row finds out about one operation.
func (l *lab) row(s State, op Op, half uint32) (Row, error) {
	r := Row{Op: op, Half: half}
	if r.WhyNot = l.whyNot(s, op, half); r.WhyNot != "" {
		return r, nil
	}
	b, err := l.bench()
	if err != nil {
		return r, err
	}
	if err := b.put(s.Mask, s.Active, op, half); err != nil {
		return r, err
	}
	if op == Now {
		r.Ran = b.queued()
	}
	table, batched := b.run(op, half)
	if op == Alloc {
		if r.WhyNot = whyPassed(s, table, b.page, half); r.WhyNot != "" {
			return r, nil
		}
	}
	r.Possible = true
	return r, r.observe(b, batched)
}

// observe fills in what the watch saw.
func (r *Row) observe(b *bench, batched bool) error {
	w := b.w
	if len(w.list) > 1 {
		return fmt.Errorf("%d list operations, expected at most one", len(w.list))
	}
	if len(w.list) == 1 {
		r.List = w.list[0]
	}
	last := w.seen[len(w.seen)-1]
	r.Path = w.seen[1:]
	r.Next, r.Active = last.Mask, last.Active
	r.Listed = !w.freed && b.page.Listed(b.m)
	r.Pin, r.Locked, r.Steps, r.Trouble = w.pin, w.locked, w.steps, w.trouble
	switch {
	case batched:
		r.RCU = RCUBatch
	case w.callback != "" && r.Op == Now:
		r.RCU, r.Callback = RCUChain, w.callback
	case w.callback != "":
		r.RCU, r.Callback = RCUHead, w.callback
	case r.Op == Defer && r.Next.PendingHead(r.Half):
		r.RCU = RCUWait
	}
	switch {
	case w.freed:
		r.Release = ReleaseNow
	case r.Op != Fresh && r.Next == 0 && r.RCU != RCUNone:
		r.Release = ReleaseLater
	}
	return nil
}

// Find returns the row of an operation on a half of a page in a state.
func (t *Table) Find(mask pgalloc.Mask, active bool, half uint32, op Op) (Row, bool) {
	for _, r := range t.Rows {
		s := t.States[r.State]
		if s.Mask == mask && s.Active == active && r.Half == half && r.Op == op {
			return r, true
		}
	}
	return Row{}, false
}
