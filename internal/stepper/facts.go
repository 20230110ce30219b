package stepper

import (
	"fmt"

	"ptsim/explore"
	"ptsim/internal/explain"
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
	s.watch.facts(f, last, before, v)
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
