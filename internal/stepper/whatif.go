package stepper

import (
	"fmt"
	"strings"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/lab"
	"ptsim/memory"
)

// WhatIf is an edit of the code that a view offers: a barrier more, or what a line orders taken out.
type WhatIf struct {
	Edit  string `json:"edit"`  // as links have it: +rmb=FILE:LINE
	Label string `json:"label"` // in words
}

// whatIfs are the edits that have to do with the step that was taken and with those that come next.
func (w *watcher) whatIfs(did *Did) (list []WhatIf) {
	offer := func(before kern.OpKind, where []explore.Place, text string) {
		if len(where) == 0 {
			return
		}
		e := kern.Edit{File: where[0].File, Line: where[0].Line, Before: before}
		if !strings.Contains(","+w.q.Setting.Edits+",", ","+e.String()+",") && lab.FindFunc(list, func(k *WhatIf) bool { return k.Edit == e.String() }) == nil {
			list = append(list, WhatIf{e.String(), text})
		}
	}
	if did != nil && !did.Own() {
		last := &did.steps[len(did.steps)-1]
		w.sites[w.walker.Len()] = last.Where
		if r := last.Stale; r != nil {
			switch r.Missing.Kind {
			case memory.OpenLetter:
				offer(kern.OpRMB, last.Where, "smp_rmb() before this read")
			case memory.WriterOrder:
				offer(kern.OpWMB, w.sites[r.Missing.Step], fmt.Sprintf("smp_wmb() before the store of step %d", r.Missing.Step))
			default:
				offer(kern.OpMB, last.Where, "smp_mb() before this read")
			}
		}
		if op, barrier := last.Op.Relax(); barrier {
			offer(kern.OpNone, last.Where, "no "+last.Op.Name()+"() there")
		} else if op.Ordering() != last.Op.Ordering() {
			offer(kern.OpNone, last.Where, last.Op.Name()+"() that orders nothing")
		}
	}
	for _, t := range w.walker.Threads() {
		for i := range t.Moves {
			if o := &t.Moves[i]; o.Reads != nil && len(o.Reads.Missed) > 0 && o.Reads.Missing.Kind == memory.OpenLetter {
				offer(kern.OpRMB, o.Where, "smp_rmb() before "+t.Letter+"'s read")
			}
		}
	}
	return list
}

// Edited is the session's schedule on code that is edited once more: the same threads take the same steps, and a barrier that was put
// in is run when its thread comes to it. It goes as far as that is possible; note says what became of it.
func (s *Session) Edited(edit string) (to *Session, note string, err error) {
	if _, err := kern.ParseEdit(edit); err != nil {
		return nil, "", fmt.Errorf("edit %s: %w", edit, err)
	}
	q := s.Question
	if q.Setting.Edits != "" {
		q.Setting.Edits += ","
	}
	q.Setting.Edits += edit
	if to, err = New(q); err != nil {
		return nil, "", err
	}
	line := s.Line()[1:]
	for i, t := range line {
		var did explore.Step
		if !t.View.Did.Own() {
			did = t.View.Did.steps[len(t.View.Did.steps)-1]
		}
		next := func() kern.Op {
			if moves := to.walker.Thread(t.Move.Thread).Moves; len(moves) > 0 {
				return moves[0].Op
			}
			return kern.Op{}
		}
		for isBarrier(next()) && !isBarrier(did.Op) && t.Move.Item == 0 {
			if err := to.take(explore.Move{Thread: t.Move.Thread}); err != nil { // under tso it waits for stores
				return to, fmt.Sprintf("Before step %d of %d the barrier is not possible: %v.", i+1, len(line), err), nil
			}
		}
		if isBarrier(did.Op) && next().Kind != did.Op.Kind { // it was taken out
			continue
		}
		if err := to.take(t.Move); err != nil {
			if t.View.Did.Stale != "" {
				return to, fmt.Sprintf("The stale read of step %d is refused: with %s the newer store must be read.", t.View.Step, edit), nil
			}
			return to, fmt.Sprintf("Step %d of %d is not possible there: %v.", i+1, len(line), err), nil
		}
	}
	return to, "The same schedule is possible with " + edit + ".", nil
}

func isBarrier(op kern.Op) bool {
	_, barrier := op.Relax()
	return barrier
}
