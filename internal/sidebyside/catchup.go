package sidebyside

import (
	"ptsim/explore"
	"ptsim/internal/stepper"
)

// finish brings the right's thread to the end of that operation, or for pos -1 of its callback, if it can.
func (f *follower) finish(t, pos int) error {
	for range maxAhead {
		v := f.right.View()
		lane := &v.Lanes[t]
		if v.Ended || !f.within(lane, pos) || len(lane.Moves) == 0 {
			return nil
		}
		start := f.right.At()
		if err := f.right.Take(f.choose(t, lane)); err != nil {
			return err
		}
		if v = f.right.View(); !v.Did.Own() && lane.Kind == explore.TaskThread && f.pos(v) > pos {
			return f.right.Jump(start.ID)
		}
		f.single(t, nil, v, f.lName)
	}
	return nil
}

// choose picks a move of a lane: what the left chooses where it has the same choice, else the first.
func (f *follower) choose(t int, lane *stepper.Lane) string {
	for _, c := range f.threads[t].choices {
		for _, mv := range lane.Moves {
			if len(lane.Moves) > 1 && c.pos == lane.Pos && c.what.Same(mv.Choice) {
				return mv.Text
			}
		}
	}
	return lane.Moves[0].Text
}

// rest lets the right run to its end: each thread an operation or callback at a time, in turn.
func (f *follower) rest() error {
	for moved := true; moved && !f.right.View().Ended; {
		moved = false
		for t := range f.threads {
			before := len(f.rows)
			if err := f.alone(t); err != nil {
				return err
			}
			moved = moved || len(f.rows) > before
		}
	}
	return nil
}

// alone has a thread of the right do one operation or callback, as far as it can.
func (f *follower) alone(t int) error {
	lane := &f.right.View().Lanes[t]
	doing, pos := lane.Doing, lane.Pos
	for len(lane.Moves) > 0 && lane.Doing == doing && lane.Pos == pos {
		if err := f.right.Take(f.choose(t, lane)); err != nil {
			return err
		}
		f.row(t, nil, f.right.View(), f.lName+" has ended")
		lane = &f.right.View().Lanes[t]
		if doing == "" {
			doing = lane.Doing // it has begun a callback
		}
		if lane.Doing == "" {
			return nil
		}
	}
	return nil
}
