package stepper

import (
	"cmp"
	"fmt"

	"ptsim/explore"
	"ptsim/internal/explain"
	"ptsim/internal/labs/pagetable"
	"ptsim/internal/labs/pagetable/tell"
	"ptsim/lab"
)

// explain has the step's sentence made.
func (s *Session) explain(before, v *View) {
	d := v.Did
	last := &d.steps[len(d.steps)-1]
	f := &lab.Facts{
		Version: string(s.Question.Version), Who: d.Name, Kind: s.watch.walker.Thread(last.Thread).Kind, CPU: d.CPU, Doing: d.Doing,
		Step: last, Text: d.Text, Does: s.watch.names.Does(last), Bad: s.walker.Violation(),
	}
	if f.Kind != explore.TaskThread {
		f.Who = fmt.Sprintf("%s on CPU%d", f.Who, d.CPU)
	}
	s.watch.facts(f, last)
	for i := range v.Pages {
		if p := &v.Pages[i]; p.Name == f.Thing || f.Thing == "" && p.Change != Same {
			f.Own.(*tell.Around).Page = pageFacts(find(before.Pages, func(q *Page) bool { return q.Name == p.Name }), p)
		}
	}
	for i := range v.RCU {
		if c := &v.RCU[i]; c.Object == f.Thing {
			f.Queued, f.Readers = true, c.Waits
		}
	}
	d.facts = f
	d.Sentence = explain.Step(f, s.Question.Scenario.Lab)
	if last.Stale != nil {
		d.Stale = s.watch.staleSentence(last.Stale)
		d.Sentence.Text += " " + d.Stale
	}
}

func pageFacts(q, p *Page) *tell.PageFacts {
	f := &tell.PageFacts{
		Name: p.Name, MM: p.MM, After: pagetable.Mask(p.Bits), Listed: p.Words == OnList, Queued: p.Words == HeadQueued, Active: p.Active,
		References: uint32(p.Refs), Freed: p.Freed, Whole: p.Whole, Tables: [2]string{p.Halves[0].Table, p.Halves[1].Table}, Present: !p.Freed,
	}
	if q != nil {
		f.Before, f.WasListed, f.WasQueued, f.WasActive = pagetable.Mask(q.Bits), q.Words == OnList, q.Words == HeadQueued, q.Active
		f.WasPresent = !q.Freed
		for h := range f.Tables {
			f.Tables[h] = cmp.Or(f.Tables[h], q.Halves[h].Table)
		}
	}
	return f
}
