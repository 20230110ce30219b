package explore

import "slices"

// racesBefore tells whether a thread that waits in the state at the end of the path races all the same. On the way to the lock
// that it waits for it makes plain accesses, which nothing keeps waiting. If another thread has come to the same words since
// this one moved last, then nothing orders the two, and the race is what there is to find.
//
// A folded search stops such a thread before the access, at the place where its step begins, so the state
// looks like a deadlock although the race comes first. It calls back for each thread, so the state is the
// same afterwards.
func (d *dijkstra) racesBefore() (races bool) {
	s := d.s
	if s.views != nil || len(d.path) == 0 {
		return false
	}
	mark := s.mark()
	for t := range d.x.threads {
		if s.at[t].over() || s.at[t].waits {
			continue
		}
		s.take(trans{t: uint8(t)}, d.how)
		waits := slices.Clone(s.acc)
		s.back(mark)
		if len(waits) > 0 && d.cameTo(t, waits) {
			races = true
			break
		}
	}
	return races
}

// cameTo tells whether a step of the path, made by another thread since t moved last, races with accesses of t.
//
// It goes back along the path from its end until a transition of t, repeats each transition for what it
// touched, and then goes forward again. Other orders than adjacency are not considered: nothing of t lies
// between, and t waits.
func (d *dijkstra) cameTo(t int, accesses []access) (came bool) {
	path := slices.Clone(d.path)
	for n := len(path) - 1; n >= 0 && int(path[n].t) != t && !came; n-- {
		d.retreat(n)
		d.advance(path[n])
		by := int(path[n].t)
		sameCPU := d.x.threads[t].cpu == d.x.threads[by].cpu
		if !sameCPU || d.x.threads[t].role == task && d.x.threads[by].role == task && !d.s.keepsOff(by) {
			a, _ := racing(d.s.acc, d.s.took, accesses, sameCPU)
			came = a != nil
		}
		d.retreat(n)
	}
	for _, tr := range path[len(d.path):] {
		d.advance(tr)
	}
	return came
}
