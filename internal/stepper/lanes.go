package stepper

import (
	"cmp"
	"fmt"
	"slices"

	"ptsim/explore"
	"ptsim/internal/prose"
	"ptsim/kern"
	"ptsim/lab"
)

func (w *watcher) lanes() []Lane {
	var list []Lane
	for _, t := range w.walker.Threads() {
		l := Lane{
			Letter: t.Letter, Kind: t.Kind, CPU: t.CPU, Name: t.Name, Doing: t.Doing, State: t.Wait,
			BH: t.BH > 0, RCU: t.RCU > 0, Moves: []Move{}, Pos: t.Pos,
		}
		if t.Kind != explore.TaskThread && t.Doing != "" && w.began[t.Number] != "" {
			l.Doing += "(" + w.began[t.Number] + ")"
		}
		if len(t.Moves) > 0 && !t.Moves[0].Begins && !t.Moves[0].Drains {
			o := t.Moves[0]
			l.At = w.place(o.Where, t.Number, t.Pos)
			l.Next, l.Op = w.next(&t, &o), o.Op
		}
		for i := range t.Moves {
			if t.Wait == explore.Ready || t.Moves[i].Drains {
				l.Moves = append(l.Moves, w.move(&t, &t.Moves[i]))
			}
		}
		l.Why = w.why(&t)
		list = append(list, l)
	}
	return list
}

// next says what a thread is about to do.
func (w *watcher) next(t *explore.Thread, o *explore.Option) string {
	if o.Ways > 1 && o.Choice.Kind == kern.OpChoose {
		return fmt.Sprintf(labelWays, o.Ways)
	}
	if !o.Shared {
		return fmt.Sprintf(labelOwn, w.names.Next(w.walker.Instance().M, o.Op))
	}
	if o.Waits {
		return fmt.Sprintf(labelWaits, w.names.Next(w.walker.Instance().M, o.Op))
	}
	return w.names.Next(w.walker.Instance().M, o.Op)
}

// move is a way to go on for a thread, with its label.
func (w *watcher) move(t *explore.Thread, o *explore.Option) Move {
	m := Move{Text: w.walker.MoveText(o.Move)}
	switch {
	case o.Drains:
		m.Choice.Kind, m.Label = DrainMove, labelDrain
	case o.Begins:
		m.Choice = Choice{Kind: BeginMove, Begins: callbackName(o.Func, w.names.Object(o.Item))}
		m.Label = fmt.Sprintf(labelBegin, m.Choice.Begins)
	case o.Reads != nil:
		m.Choice = Choice{Kind: WayMove, Reads: &o.Reads.Read}
		m.Label, m.Stale = w.readLabel(w.names.Next(w.walker.Instance().M, o.Op), o.Reads), len(o.Reads.Missed) > 0
	case o.Ways <= 1:
		m.Label = w.next(t, o)
	case o.Choice.Kind == kern.OpChoose:
		m.Choice, m.Label = Choice{Kind: WayMove, Way: o.Way, Ways: o.Ways}, w.wayLabel(t, o)
	default:
		m.Choice = w.slabChoice(o)
		m.Label = w.slabLabel(m.Choice)
	}
	return m
}

// callbackName names a callback, or a work item, and its object.
func callbackName(fn, object string) string { return fn + "(" + object + ")" }

// wayLabel says which way of an either a move is, and what that way does.
func (w *watcher) wayLabel(t *explore.Thread, o *explore.Option) string {
	what := ""
	if op := w.line(t.Number, t.Pos); op != nil && op.Word == lab.Either && o.Way < len(op.Branches) {
		for i := range op.Branches[o.Way] {
			if what != "" {
				what += ", "
			}
			what += op.Branches[o.Way][i].String()
		}
		what = cmp.Or(what, labelNothing)
	}
	if what == "" {
		return fmt.Sprintf(labelWay, o.Way+1, o.Ways)
	}
	return fmt.Sprintf(labelWayDoes, o.Way+1, o.Ways, what)
}

// slabChoice is how an allocation comes out.
func (w *watcher) slabChoice(o *explore.Option) Choice {
	cfg, _ := w.walker.Instance().M.CacheConfig(int(o.Choice.A))
	c := Choice{Kind: SlabMove, Cache: cfg.Name}
	switch {
	case kern.GFP(o.Choice.B) == kern.GFPNowait && o.Way == o.Ways-1:
		c.Slab = SlabFails
	case cfg.TypesafeByRCU && o.Way < o.Ways-1:
		c.Slab = SlabReuse
	}
	return c
}

// slabLabel says the same in words.
func (w *watcher) slabLabel(c Choice) string {
	switch c.Slab {
	case SlabFails:
		return w.q.Scenario.Lab.Fails.Words().Now
	case SlabReuse:
		return fmt.Sprintf(labelReuse, c.Cache)
	}
	return fmt.Sprintf(labelNew, c.Cache)
}

// why says why a thread cannot move.
func (w *watcher) why(t *explore.Thread) string {
	switch t.Wait {
	case explore.Ready:
		return ""
	case explore.Over:
		return "it has done all it had to do"
	case explore.Idle:
		if t.Kind == explore.KworkerThread {
			return "no work item is pending"
		}
		return "no callback is queued"
	case explore.ForReaders:
		return "every queued callback waits for a grace period, that is for " + w.readers()
	case explore.ForOtherCPU:
		return "what is queued was queued on another CPU, and runs there"
	case explore.ForLock:
		var who []string
		for _, h := range t.Holders {
			who = append(who, w.whoOn(h))
		}
		if who == nil {
			return "waits for " + w.names.Word(t.Lock)
		}
		return "waits for " + w.names.Word(t.Lock) + ", held by " + prose.List(who, "and")
	case explore.ForQueue:
		return "waits until the queue of its CPU's stores is empty"
	case explore.Interrupted:
		return fmt.Sprintf("a softirq runs on CPU%d, on top of it", t.CPU)
	case explore.KeptOff:
		return fmt.Sprintf("%s has CPU%d, and cannot be preempted", w.whoOn(t.Holders[0]), t.CPU)
	case explore.BHOff:
		return fmt.Sprintf("BH is off on CPU%d", t.CPU)
	}
	if w.walker.Violation() != nil {
		return "something is broken: the schedule ends here"
	}
	return "all is done"
}

// readers names all whom queued callbacks wait for.
func (w *watcher) readers() string {
	var who []string
	for _, c := range w.walker.Callbacks() {
		for _, r := range c.Readers {
			if name := w.whoOn(r.Thread) + " (" + r.Why + ")"; !slices.Contains(who, name) {
				who = append(who, name)
			}
		}
	}
	return prose.List(who, "and")
}
