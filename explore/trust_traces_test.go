package explore_test

import (
	"fmt"
	"hash/maphash"
	"slices"
)

// traceOf is a name of the trace that the schedule under way belongs to: its events with what happened before each, in
// whatever order they were done.
func (d *dpor) traceOf() string {
	var es []string
	for i := range d.frames {
		e := &d.frames[i].event
		es = append(es, fmt.Sprint(e.pid, e.n, e.clock))
	}
	slices.Sort(es)
	var h maphash.Hash
	h.SetSeed(traceSeed)
	for _, s := range es {
		h.WriteString(s)
	}
	return fmt.Sprintf("%x %d", h.Sum64(), len(es))
}

var traceSeed = maphash.MakeSeed()

// allTraces counts the traces of a model the slow way: it makes every one longer by whatever can be done next, from the
// empty one on, and drops those it has.
func allTraces(d *dpor) int {
	defer d.r.close()
	type path []choice
	level, ended := []path{{}}, map[string]bool{}
	for len(level) > 0 {
		seen := map[string]bool{}
		var longer []path
		for _, p := range level {
			goTo := func(more ...choice) {
				d.r.rewind()
				d.frames = d.frames[:0]
				for _, ch := range append(slices.Clip(p), more...) {
					es := d.enabled()
					i := slices.IndexFunc(es, func(e event) bool { return e.ch == ch })
					d.frames = append(d.frames, dporFrame{event: es[i], backtrack: []int{0}})
					d.learn(len(d.frames) - 1)
					d.r.take(ch)
				}
			}
			goTo()
			next := d.r.choices(nil)
			if len(next) == 0 {
				ended[d.traceOf()] = true
			}
			for _, ch := range next {
				goTo(ch)
				if k := d.traceOf(); !seen[k] {
					seen[k] = true
					longer = append(longer, append(slices.Clip(p), ch))
				}
			}
		}
		level = longer
	}
	return len(ended)
}
