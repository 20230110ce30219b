package explore

import (
	"ptsim/kern"
)

// LaidOut is one object of a model's memory, as a search sees it before the first step.
type LaidOut struct {
	Base  kern.Addr
	Cache int // -1 for a page frame
	Live  bool
	Pool  int // whose to allocate, counted by tasks, then the kworkers, then the softirqs; -1 if it is live
}

// Layout returns the memory of a model: which objects there are and whose they are to allocate, in the order in which they
// are handed out.
func Layout(m *Model, opt Options) ([]LaidOut, error) {
	x, err := newSystem(m, opt, &movements{})
	if err != nil {
		return nil, err
	}
	defer x.release()
	_, e := build(x)
	var all []LaidOut
	of := map[uint32]int{}
	for o := 1; o < len(e.objects); o++ {
		if e.objects[o].words == 0 { // it stands for a slab cache
			continue
		}
		of[uint32(o)] = len(all)
		all = append(all, LaidOut{e.objects[o].base, e.objects[o].cache, e.life[o] == live, -1})
	}
	note := func(pool int, objects []uint32) {
		for _, o := range objects {
			all[of[o]].Pool = pool
		}
	}
	for _, k := range e.caches {
		for pool, objects := range k.pools {
			note(pool, objects)
		}
	}
	for pool, frames := range e.frames {
		note(pool, frames)
	}
	return all, nil
}

// Merging returns options by which a search merges nodes as soon as it has met so many states.
func Merging(opt Options, states uint64) Options {
	opt.small = states
	return opt
}

// Doubting returns options by which a search looks again at what it takes over from one state to the next.
func Doubting(opt Options) Options {
	opt.doubts = true
	return opt
}

// FoldedShortest is what Shortest finds of a model that is too large for a search by single steps, and for paths in the order of their
// length.
func FoldedShortest(m *Model, opt Options) (kind kern.Kind, switches, steps int, err error) {
	opt.Races = Adjacent
	_, err = restarting(m, opt, "folded steps", func(x *system) (Result, error) {
		d := &dijkstra{x: x, s: newState(x), races: raceLog{threads: x.threads}}
		d.search(folded)
		if d.best == nil {
			return Result{Verdict: Safe}, nil
		}
		kind, switches, steps = d.best.v.Kind, d.bestSwitches, d.bestSteps
		return Result{Verdict: Violated}, nil
	})
	return kind, switches, steps, err
}

// Keeping returns options by which states under a weak memory model keep also what makes no difference to what may still come.
func Keeping(opt Options) Options {
	opt.keeps = true
	return opt
}
