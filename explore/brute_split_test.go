package explore_test

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"ptsim/explore"
	"ptsim/kern"
)

// split compares the parts of a search, put together, with what there is: verdicts, kinds, and final states.
func (b *bruteCheck) split(w *bruteWorld, all, loose *bruteFound, plain, everything bool, depth, threads int) string {
	var mu sync.Mutex
	finals := map[brutePicture]bool{}
	mo, _ := bruteModel(w.bruteProgram, func(in *explore.Instance) {
		pic := w.draw(in.M.Peek, func(o int) bool { return in.Alive(w.bases[o]) })
		mu.Lock()
		finals[pic] = true
		mu.Unlock()
	})
	opt := w.options()
	opt.Plain, opt.All = plain, everything
	top, parts, err := explore.Split(mo, opt, depth)
	if err != nil {
		return err.Error()
	}
	b.parts += len(parts)
	kinds := map[string]bool{}
	results := []explore.Result{top}
	opt.Threads = threads
	for _, p := range parts {
		// As it goes to another machine.
		sched, err := explore.ParseSchedule(p.Schedule.Text())
		if err != nil {
			return err.Error()
		}
		r, err := explore.Behind(mo, opt, explore.Part{Schedule: sched, Awake: p.Awake, Apart: p.Apart})
		if err == explore.ErrRules {
			b.otherRules++
			return ""
		}
		if err != nil {
			return err.Error()
		}
		results = append(results, r)
	}
	got := explore.Safe
	for i := range results {
		r := &results[i]
		if r.Verdict == explore.Violated {
			got = explore.Violated
			if _, msg := replays(mo, opt, r); msg != "" {
				return msg
			}
		}
		for k := range r.Kinds {
			kinds[k] = true
		}
	}
	want := explore.Safe
	if loose.adjacent || len(loose.kinds) > 0 {
		want = explore.Violated
	}
	if got != want {
		return fmt.Sprintf("%s in %d parts; brute force: %s", got, len(parts), want)
	}
	if everything {
		opt.Races = explore.Adjacent
		whole, err := explore.Exhaustive(mo, opt)
		if err != nil {
			return err.Error()
		}
		for k := range whole.Kinds { // it may find fewer: it does not search again by other rules once it has found something
			if !kinds[k] {
				return fmt.Sprintf("%d parts find %v, one search %v", len(parts), slices.Sorted(maps.Keys(kinds)), whole.Kinds)
			}
		}
		for k := range kinds {
			if k != kern.DataRace.String() && !slices.Contains(bruteNames(all.kinds), k) && !slices.Contains(bruteNames(loose.kinds), k) {
				return fmt.Sprintf("%d parts find %v; brute force: %s", len(parts), slices.Sorted(maps.Keys(kinds)), bruteNames(all.kinds))
			}
		}
	}
	if got == explore.Safe && len(finals) != len(loose.finals) {
		return fmt.Sprintf("%d final states in %d parts; brute force: %d", len(finals), len(parts), len(loose.finals))
	}
	return ""
}
