package ask

import (
	"fmt"
	"strings"

	"ptsim/explore"
	"ptsim/kern"
)

// oneStep asks about a step in the middle of an operation, as far as what is shown before it lets one tell.
func (f *sight) oneStep(o *outcome) *outcome {
	v := &f.Seen[0]
	last := &v.Steps[len(v.Steps)-1]
	o.lead = fmt.Sprintf("%s is in %s, and its next step is %s.%s", f.Who, f.Doing, f.Next, f.Way)
	o.page = f.pageOf(last)
	thing, word := v.Facts.Object, v.Facts.Field
	switch p := kern.PrimitiveOf(last.Op.Kind); {
	case last.Op.Kind == kern.OpXor:
		if p := page(v.Scene, o.page); p != nil && page(f.before(), o.page) != nil {
			f.seeMask(o, p)
		}
	case p.Gives == kern.Spin:
		// What was done to the list under the lock belongs to this step.
		if o.page = f.lastXor(); o.page != "" && v.Broken == "" && page(f.before(), o.page) != nil {
			o.lead = fmt.Sprintf("%s is in %s, has changed the mask of %s, and goes on to %s.%s", f.Who, f.Doing, o.page, f.Next, f.Way)
			f.seeList(o, page(v.Scene, o.page))
		}
	case p.Waits == kern.Spin:
		if mm := mmOf(f.before(), thing); mm != nil && f.Kind == explore.SoftirqThread && strings.HasSuffix(word, "lock") {
			o.mm = thing
			alive, gone := thing+" is still alive when its lock is taken", thing+" is freed already: this takes a lock in freed memory"
			o.mmNow, o.mmNot = alive, []string{gone, thing + " is freed already, which does no harm: the lock outlives its mm"}
			if mm.Freed {
				o.mmNow, o.mmNot[0] = gone, alive
			}
			o.because[topicMM] = told(v)
		}
	case p.Counts != 0 && !p.Frame:
		if o.mm = thing; v.Broken == "" {
			f.seeMM(o)
		}
	}
	o.label = o.page
	if !o.masked && o.list == listUnseen && o.mmNow == "" {
		return nil
	}
	return o
}

// lastXor names the page whose mask the operation changed last, before the move.
func (f *sight) lastXor() string {
	for _, mine := range f.Earlier() {
		for i := len(mine) - 1; i >= 0; i-- {
			if mine[i].Begins {
				return ""
			}
			if name := f.pageOf(&mine[i]); mine[i].Op.Kind == kern.OpXor && name != "" {
				return name
			}
		}
	}
	return ""
}
