package quiz

import (
	"fmt"
	"slices"
	"strings"

	"ptsim/explore"
	"ptsim/internal/labs/pagetable"
	"ptsim/internal/stepper"
	"ptsim/kern"
)

// observe says what the forecast showed. It is nil if there is nothing to ask about.
func (f *forecast) observe() (*outcome, error) {
	if len(f.tries) == 0 {
		return nil, nil
	}
	o := &outcome{
		version: f.s.Question.Version, because: map[string]string{},
		salt: f.s.Question.Name() + " " + f.start.View.Path + " " + f.tries[0].View.Did.Move,
	}
	o.verb, _, _ = strings.Cut(f.doing(), " ")
	o.verb, _, _ = strings.Cut(o.verb, "(")
	if !f.whole {
		return f.oneStep(o), nil
	}
	o.page = f.subject()
	p := page(f.end().View, o.page)
	switch {
	case p != nil:
		o.mm = p.MM
		o.lead, o.label = f.begin(o.page), o.page
		f.seeMask(o, p)
		f.seeList(o, p)
		f.seeMM(o)
		if o.verb == "alloc" {
			o.label = "the page that the table comes from"
			break
		}
		if p.Whole && o.version.Variant() != string(pagetable.FullPage) {
			o.verb = "pgste" // one table takes the page, and the rules about halves do not apply
		}
		f.seeRCU(o, p)
		if err := f.seeFree(o, p); err != nil {
			return nil, err
		}
	case o.verb == "flush":
		o.lead = f.begin("")
		f.seeFlush(o)
	case strings.HasPrefix(o.verb, "mm"):
		o.lead = f.begin("")
		o.mm = f.mm()
		f.seeMM(o)
	default:
		return nil, nil
	}
	return o, nil
}

// doing names the operation or callback: "tlbfree t1", "batch(batch1)".
func (f *forecast) doing() string {
	did := f.tries[0].View.Did
	if f.pos >= 0 {
		return did.Doing
	}
	if lane := f.tries[0].View.Lanes[f.thread]; lane.Doing != "" {
		return lane.Doing
	}
	return did.Doing
}

// begin is the sentence before a question about a whole operation.
func (f *forecast) begin(name string) string {
	who := f.who()
	what := fmt.Sprintf("%s begins %s", who, f.doing())
	before := f.before()
	p := page(f.end().View, name)
	switch half, ok := f.half(name); {
	case p == nil || strings.HasPrefix(f.doing(), "alloc"):
	case p.Whole && f.pos >= 0:
		what += ", which is all of " + name
	case f.pos >= 0 && ok:
		what += fmt.Sprintf(", which is the %s half of %s", halfNames[half], name)
	}
	for _, b := range before.Batches {
		if f.pos < 0 && strings.Contains(f.doing(), "("+b.Name+")") {
			what += ", in which there is " + strings.Join(b.Tables, ", ")
		}
	}
	return what + "." + f.way() + " Suppose that no other thread moves until that is done."
}

// way says which way the move goes, where that is not told by what it begins: the choice of an allocation.
func (f *forecast) way() string {
	if len(f.lane.Moves) < 2 {
		return ""
	}
	for _, m := range f.lane.Moves {
		if m.Text == f.tries[0].View.Did.Move && m.Kind == stepper.SlabMove {
			return fmt.Sprintf(" Where it has a choice: %s.", m.Label)
		}
	}
	return ""
}

var halfNames = [2]string{"lower", "upper"}

// who names a thread: "B (exit on CPU1)".
func (f *forecast) who() string {
	return fmt.Sprintf("%s (%s on CPU%d)", f.lane.Letter, f.lane.Name, f.lane.CPU)
}

// seeMask notes the mask that the page is left with.
func (f *forecast) seeMask(o *outcome, end *stepper.Page) {
	if end.Whole {
		return
	}
	left := -1
	for _, t := range f.tries {
		if p := page(t.View, o.page); p != nil && !p.Freed {
			left = p.Bits
		}
	}
	if left < 0 || end.Freed && left != 0 {
		return
	}
	o.masked, o.next = true, pagetable.Mask(left)
	o.because[TopicMask] = f.sentence(o, isXor)
}

// seeList notes what was done to the page's place on the list.
func (f *forecast) seeList(o *outcome, end *stepper.Page) {
	if end.Whole {
		return
	}
	was := page(f.before(), o.page)
	listed := was != nil && was.Words == stepper.OnList
	did := listStays
	for i := range f.steps {
		s := &f.steps[i]
		if !isList(s.Op.Kind) || f.pageOf(s) != o.page {
			continue
		}
		switch {
		case s.Op.Kind == kern.OpListAdd:
			did, listed = f.moves(did, listHead), true
		case s.Op.Kind == kern.OpListAddTail:
			did, listed = f.moves(did, listTail), true
		case listed: // list_del_init of what is on no list changes nothing
			did, listed = f.moves(did, listOff), false
		}
	}
	o.list = did
	o.because[TopicList] = f.sentence(o, func(s *explore.Step) bool { return isList(s.Op.Kind) }, isXor)
}

// moves is the action after another one: of two, no single one can be asked about.
func (f *forecast) moves(did, now listAction) listAction {
	if did != listStays {
		return listUnseen
	}
	return now
}

// seeRCU notes what was left to RCU.
func (f *forecast) seeRCU(o *outcome, end *stepper.Page) {
	var seen []rcuAction
	for i := range f.steps {
		if s := &f.steps[i]; s.Op.Kind == kern.OpCallRCU {
			if f.pageOf(s) == o.page {
				seen = append(seen, rcuHead)
			} else {
				seen = append(seen, rcuFlush)
			}
		}
	}
	if f.batched() != "" {
		seen = append(seen, rcuBatch)
	}
	was := page(f.before(), o.page)
	if half, ok := f.half(o.page); ok && was != nil && len(seen) == 0 && end.Halves[half].State == stepper.HalfPendingHead && was.Halves[half].State == stepper.HalfAllocated {
		seen = append(seen, rcuWait)
	}
	switch {
	case len(seen) == 0:
		o.rcu = rcuNothing
	case len(seen) == 1 && seen[0] != rcuFlush:
		o.rcu = seen[0]
	}
	o.because[TopicRCU] = f.sentence(o, isCallRCU, isXor)
}

// seeFlush notes whether the end of a gather queued a batch.
func (f *forecast) seeFlush(o *outcome) {
	for i := range f.steps {
		if f.steps[i].Op.Kind == kern.OpCallRCU {
			o.rcu = rcuFlush
		}
	}
	o.because[TopicRCU] = f.sentence(o, isCallRCU)
}

// seeFree notes who gives the page back. If the operation leaves it to others, the schedule is run to an end, callbacks first:
// a page that has no allocated half can only come to that one end.
func (f *forecast) seeFree(o *outcome, end *stepper.Page) error {
	o.because[TopicFree] = f.sentence(o, isFree, isCallRCU, isXor)
	switch {
	case end.Freed:
		o.free = freeNow
		return nil
	case f.inUse(end):
		o.free = freeNobody
		return nil
	}
	here := f.s.At()
	kind, freed, err := f.runOut(o.page)
	if err != nil {
		return err
	}
	switch {
	case freed && kind == explore.SoftirqThread.String():
		o.free = freeCallback
	case !freed && f.s.View().Violation != nil && f.s.View().Violation.Kind == kern.PageLost.String():
		o.free = freeNever
	}
	return f.s.Jump(here.ID)
}

// inUse tells whether a half of the page, or the page that is one table, is still allocated.
func (f *forecast) inUse(end *stepper.Page) bool {
	const allocated = stepper.HalfAllocated
	if end.Whole {
		return end.Halves[0].State == allocated && f.batched() == ""
	}
	return end.Halves[0].State == allocated || end.Halves[1].State == allocated
}

// runOut lets callbacks, then work items, then tasks move until the page is free, and tells what kind of thread freed it.
func (f *forecast) runOut(name string) (kind string, freed bool, err error) {
	for range longest {
		v := f.s.View()
		if p := page(v, name); p != nil && p.Freed {
			for _, l := range v.Lanes {
				if l.Moved {
					return l.Kind.String(), true, nil
				}
			}
		}
		move := ""
		for _, k := range []explore.ThreadKind{explore.SoftirqThread, explore.KworkerThread, explore.TaskThread} {
			for _, l := range v.Lanes {
				if move == "" && l.Kind == k && len(l.Moves) > 0 {
					move = l.Moves[0].Text
				}
			}
		}
		if v.Ended || move == "" {
			return "", false, nil
		}
		if err := f.s.Take(move); err != nil {
			return "", false, err
		}
	}
	return "", false, nil
}

// mm finds the mm whose counts the operation changes.
func (f *forecast) mm() string {
	for _, t := range f.tries {
		if name := t.View.Did.Facts().Object; mmOf(f.before(), name) != nil {
			return name
		}
	}
	return ""
}

// seeMM notes what the mm is afterwards, and what it might be taken to be.
func (f *forecast) seeMM(o *outcome) {
	was, end := mmOf(f.before(), o.mm), mmOf(f.end().View, o.mm)
	if was == nil || end == nil || was.Freed {
		return
	}
	there := func(users, count int) string {
		return fmt.Sprintf("%s is there, with mm_users %d and mm_count %d", o.mm, users, count)
	}
	freed := o.mm + " is freed"
	right := there(end.Users, end.Count)
	not := []string{there(was.Users, was.Count), freed, there(was.Users, was.Count+1)}
	if end.Freed {
		right = freed
		not = []string{there(was.Users, was.Count), there(0, 0), there(0, 1)}
	} else if was.Count > 0 {
		not = append(not, there(was.Users, was.Count-1))
	}
	if len(not) > 3 && was.Users > 0 {
		not[2] = there(was.Users-1, was.Count)
	}
	not = slices.DeleteFunc(unique(not), func(s string) bool { return s == right })
	o.mmNow, o.mmNot = right, not[:min(3, len(not))]
	o.because[TopicMM] = f.sentence(o, func(s *explore.Step) bool {
		p := kern.PrimitiveOf(s.Op.Kind)
		return p.Counts != 0 && !p.Frame || s.Op.Kind == kern.OpSlabFree
	})
}

// sentence is what package explain says of the last step that decides, with its rule; "" if none does. Of several kinds of
// step that may decide the first that there is one of counts.
func (f *forecast) sentence(o *outcome, kinds ...func(*explore.Step) bool) string {
	for _, decides := range kinds {
		var at *stepper.Did
		for _, t := range f.tries {
			for _, s := range f.mine(t.View.Did) {
				if name := f.pageOf(&s); decides(&s) && (o.page == "" || name == "" || name == o.page) {
					at = t.View.Did
				}
			}
		}
		if at != nil {
			return strings.TrimSpace(at.Sentence.Text + " " + at.Sentence.Rule)
		}
	}
	return ""
}

func isXor(s *explore.Step) bool     { return s.Op.Kind == kern.OpXor }
func isCallRCU(s *explore.Step) bool { return s.Op.Kind == kern.OpCallRCU }
func isFree(s *explore.Step) bool {
	return s.Op.Kind == kern.OpPutPage || s.Op.Kind == kern.OpFreePages
}
