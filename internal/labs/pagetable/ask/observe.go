package ask

import (
	"fmt"
	"slices"
	"strings"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/lab"
	"ptsim/pgalloc"
)

// observe says what there was to see. It is nil if there is nothing to ask about.
func (f *sight) observe() (*outcome, error) {
	o := &outcome{version: f.Version, because: map[string]string{}}
	o.verb, _, _ = strings.Cut(f.Doing, " ")
	o.verb, _, _ = strings.Cut(o.verb, "(")
	if !f.Whole {
		return f.oneStep(o), nil
	}
	o.page = f.subject()
	p := page(f.end(), o.page)
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
		if p.Whole && variantOf(o.version) != pgalloc.FullPage {
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

// begin is the sentence before a question about a whole operation.
func (f *sight) begin(name string) string {
	what := fmt.Sprintf("%s begins %s", f.Who, f.Doing)
	p := page(f.end(), name)
	switch half, ok := f.half(name); {
	case p == nil || strings.HasPrefix(f.Doing, "alloc"):
	case p.Whole && f.Task:
		what += ", which is all of " + name
	case f.Task && ok:
		what += fmt.Sprintf(", which is the %s half of %s", halfNames[half], name)
	}
	for _, b := range f.before().Batches {
		if !f.Task && strings.Contains(f.Doing, "("+b.Name+")") {
			what += ", in which there is " + b.Holds()
		}
	}
	return what + "." + f.Way + " " + f.Lead
}

// seeMask notes the mask that the page is left with.
func (f *sight) seeMask(o *outcome, end *lab.Page) {
	if end.Whole {
		return
	}
	left := -1
	for _, t := range f.Seen {
		if p := page(t.Scene, o.page); p != nil && !p.Freed {
			left = p.Bits
		}
	}
	if left < 0 || end.Freed && left != 0 {
		return
	}
	o.masked, o.next = true, pgalloc.Mask(left)
	o.because[topicMask] = f.sentence(o, isXor)
}

// seeList notes what was done to the page's place on the list.
func (f *sight) seeList(o *outcome, end *lab.Page) {
	if end.Whole {
		return
	}
	was := page(f.before(), o.page)
	listed := was != nil && was.Words == lab.OnList
	did := listStays
	for i := range f.Steps {
		s := &f.Steps[i]
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
	o.because[topicList] = f.sentence(o, func(s *explore.Step) bool { return isList(s.Op.Kind) }, isXor)
}

// moves is the action after another one: of two, no single one can be asked about.
func (f *sight) moves(did, now listAction) listAction {
	if did != listStays {
		return listUnseen
	}
	return now
}

// seeRCU notes what was left to RCU.
func (f *sight) seeRCU(o *outcome, end *lab.Page) {
	var seen []rcuAction
	for i := range f.Steps {
		if s := &f.Steps[i]; s.Op.Kind == kern.OpCallRCU {
			if f.pageOf(s) == o.page {
				seen = append(seen, rcuHead)
			} else {
				seen = append(seen, rcuFlush)
			}
		}
	}
	if f.batched().Page != "" {
		seen = append(seen, rcuBatch)
	}
	was := page(f.before(), o.page)
	if half, ok := f.half(o.page); ok && was != nil && len(seen) == 0 && end.Halves[half].State == lab.HalfPendingHead && was.Halves[half].State == lab.HalfAllocated {
		seen = append(seen, rcuWait)
	}
	switch {
	case len(seen) == 0:
		o.rcu = rcuNothing
	case len(seen) == 1 && seen[0] != rcuFlush:
		o.rcu = seen[0]
	}
	o.because[topicRCU] = f.sentence(o, isCallRCU, isXor)
}

// seeFlush notes whether the end of a gather queued a batch.
func (f *sight) seeFlush(o *outcome) {
	for i := range f.Steps {
		if f.Steps[i].Op.Kind == kern.OpCallRCU {
			o.rcu = rcuFlush
		}
	}
	o.because[topicRCU] = f.sentence(o, isCallRCU)
}

// seeFree notes who gives the page back. If the operation leaves it to others, the schedule is run to an end, callbacks first:
// a page that has no allocated half can only come to that one end.
func (f *sight) seeFree(o *outcome, end *lab.Page) error {
	o.because[topicFree] = f.sentence(o, isFree, isCallRCU, isXor)
	switch {
	case end.Freed:
		o.free = freeNow
		return nil
	case f.inUse(end):
		o.free = freeNobody
		return nil
	}
	came, err := f.RunOut(func(v *lab.Scene) bool {
		p := page(v, o.page)
		return p != nil && p.Freed
	})
	switch {
	case came.Came && came.Kind == explore.SoftirqThread:
		o.free = freeCallback
	case !came.Came && came.Broken == kern.PageLost.String():
		o.free = freeNever
	}
	return err
}

// inUse tells whether a half of the page, or the page that is one table, is still allocated.
func (f *sight) inUse(end *lab.Page) bool {
	const allocated = lab.HalfAllocated
	if end.Whole {
		return end.Halves[0].State == allocated && f.batched().Page == ""
	}
	return end.Halves[0].State == allocated || end.Halves[1].State == allocated
}

// mm finds the mm whose counts the operation changes.
func (f *sight) mm() string {
	for _, t := range f.Seen {
		if name := t.Facts.Object; mmOf(f.before(), name) != nil {
			return name
		}
	}
	return ""
}

// seeMM notes what the mm is afterwards, and what it might be taken to be.
func (f *sight) seeMM(o *outcome) {
	was, end := mmOf(f.before(), o.mm), mmOf(f.end(), o.mm)
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
	var wrong []string
	for _, s := range not {
		if s != right && !slices.Contains(wrong, s) {
			wrong = append(wrong, s)
		}
	}
	o.mmNow, o.mmNot = right, wrong[:min(3, len(wrong))]
	o.because[topicMM] = f.sentence(o, func(s *explore.Step) bool {
		p := kern.PrimitiveOf(s.Op.Kind)
		return p.Counts != 0 && !p.Frame || s.Op.Kind == kern.OpSlabFree
	})
}

// sentence is what package explain says of the last step that decides, with its rule; "" if none does. Of several kinds of
// step that may decide the first that there is one of counts.
func (f *sight) sentence(o *outcome, kinds ...func(*explore.Step) bool) string {
	for _, decides := range kinds {
		var at *lab.Moment
		for i := range f.Seen {
			for j := range f.Seen[i].Steps {
				s := &f.Seen[i].Steps[j]
				if name := f.pageOf(s); decides(s) && (o.page == "" || name == "" || name == o.page) {
					at = &f.Seen[i]
				}
			}
		}
		if at != nil {
			return told(at)
		}
	}
	return ""
}

// told is what was said of a step, and its rule.
func told(m *lab.Moment) string { return strings.TrimSpace(m.Sentence.Text + " " + m.Sentence.Rule) }
