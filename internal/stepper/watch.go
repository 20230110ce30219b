package stepper

import (
	"fmt"
	"slices"
	"strings"

	"ptsim/explore"
	"ptsim/internal/phrase"
	"ptsim/kern"
	"ptsim/lab"
)

// watcher follows a run, step by step, and keeps what cannot be told from a state alone: what things are called, what
// each thread did before. A lab with a scene has a part of its own in it.
type watcher struct {
	q      Question
	follow lab.Follower // the lab's own part, nil if it has none
	lines  [][]*lab.Op
	things []*watchedThing // of labs without one
	names  *phrase.Names
	walker *explore.Stepper

	sites  map[int][]explore.Place // by step: where it is in the code
	cpu    int                     // of the last step, -1 before the first
	thread int                     // that took it
	began  map[int]string

	past  map[int][]lab.Past // by thread: what it did in the operation that it is in
	pos   map[int]int        // and which operation that is
	plain []lab.Past         // the plain steps before the last one
	freed map[kern.Addr]freeing
}

func newWatcher(q Question, names *phrase.Names, walker *explore.Stepper) *watcher {
	w := &watcher{q: q, names: names, walker: walker, cpu: -1, sites: map[int][]explore.Place{}, began: map[int]string{}, past: map[int][]lab.Past{}, pos: map[int]int{}, freed: map[kern.Addr]freeing{}}
	for i := range q.Scenario.Tasks {
		w.lines = append(w.lines, q.Scenario.Tasks[i].Flat())
	}
	if l := q.Scenario.Lab; l.Follow != nil {
		w.follow = l.Follow(q.Scenario, string(q.Version), run{names, w})
	} else {
		w.findThings()
	}
	return w
}

// run is what the lab's own part may ask.
type run struct {
	*phrase.Names
	w *watcher
}

func (r run) Instance() *explore.Instance { return r.w.walker.Instance() }

func (r run) Who(thread int) string { return r.w.who(thread) }

func (r run) Holders(lock kern.Addr, but int) []string {
	var list []string
	for _, t := range r.w.walker.Held(lock) {
		if t != but {
			list = append(list, r.w.whoOn(t))
		}
	}
	return list
}

// saw takes note of a step, and returns what can be said of it without the state that it led to.
func (w *watcher) saw(mv explore.Move, steps []explore.Step) *Did {
	in := w.walker.Instance()
	w.plain = nil
	for i := range steps {
		w.noteStep(in, &steps[i])
		w.keep(&steps[i], i == len(steps)-1)
	}
	w.names.Settle(in.M)
	if w.follow != nil {
		w.follow.Settle()
	} else {
		w.findThings()
	}
	if len(steps) == 0 {
		return nil
	}
	last := &steps[len(steps)-1]
	d := &Did{
		Move: w.walker.MoveText(mv), Letter: w.walker.Thread(mv.Thread).Letter, CPU: last.CPU, Name: last.Task, Doing: last.Doing, Func: phrase.Within(last),
		Text: w.names.Text(last), At: w.place(last.Where, mv.Thread, last.Pos), Switch: w.cpu >= 0 && (last.CPU != w.cpu || w.changesTask(last.Thread)),
		steps: steps, Plain: []string{}, Changes: []string{},
	}
	for i := range steps[:len(steps)-1] {
		d.Plain = append(d.Plain, w.names.Text(&steps[i]))
	}
	w.cpu, w.thread = last.CPU, last.Thread
	return d
}

// changesTask tells whether a thread and the one that moved before it are two tasks.
func (w *watcher) changesTask(thread int) bool {
	isTask := func(t int) bool { return w.walker.Thread(t).Kind == explore.TaskThread }
	return thread != w.thread && isTask(thread) && isTask(w.thread)
}

func (w *watcher) noteStep(in *explore.Instance, s *explore.Step) {
	s.Note = w.names.Observe(in, s)
	if s.Drains {
		return
	}
	if s.Op.Kind == kern.OpNone {
		w.began[s.Thread] = w.names.Object(s.Item)
	}
	if w.follow != nil {
		w.follow.Saw(s)
	}
}

// remember takes from a view what things looked like when they were last seen in use.
func (w *watcher) remember(v *View) {
	w.remembered(v)
	if w.follow != nil {
		w.follow.Remember(&v.Scene)
	}
}

// line returns the scenario's line that a step is part of, nil of a callback.
func (w *watcher) line(thread, pos int) *lab.Op {
	if thread < len(w.lines) && pos >= 0 && pos < len(w.lines[thread]) {
		return w.lines[thread][pos]
	}
	return nil
}

// who names a thread: "B exit".
func (w *watcher) who(thread int) string {
	t := w.walker.Thread(thread)
	return t.Letter + " " + t.Name
}

// place returns the place in the code to show: the innermost that is more than a wrapper. Of what has none, such as taking
// a semaphore, it is the scenario's own line.
func (w *watcher) place(where []explore.Place, thread, pos int) Place {
	best, fn := -1, ""
	for i, p := range where {
		if strings.HasPrefix(p.File, "internal/") {
			break
		}
		if best < 0 && !phrase.Accessor(p.Func) && !w.wrapper(p.GoFunc) {
			best = i
		}
		if p.Func != "" && !phrase.Accessor(p.Func) && fn == "" {
			fn = p.Func
		}
	}
	switch {
	case best >= 0:
		return Place{fn, where[best].File, where[best].Line}
	case len(where) > 0 && !strings.HasPrefix(where[0].File, "internal/"):
		return Place{where[0].Func, where[0].File, where[0].Line}
	}
	if l := w.line(thread, pos); l != nil {
		return Place{"", w.q.Scenario.File, l.Number}
	}
	return Place{}
}

// wrapper tells whether a Go function only wraps a primitive.
func (w *watcher) wrapper(fn string) bool {
	has := func(name string) bool { return strings.Contains(fn, name) }
	return has("Union.") || has("Head.") || slices.ContainsFunc(w.q.Scenario.Lab.Wrappers, has)
}

// cache is the slab cache that the word at a is from, "" if that is in no object.
func (w *watcher) cache(a kern.Addr) string {
	if o := w.names.Allocated(w.names.Base(a)); o != nil {
		return o.Cache
	}
	return ""
}

// facts adds to the facts of a step what names and state know.
func (w *watcher) facts(f *lab.Facts, s *explore.Step, before, now *View) {
	a := s.Op.Addr
	f.Verb = s.Doing
	if l := w.line(s.Thread, s.Pos); l != nil {
		f.Verb = l.Word
	}
	switch {
	case s.Begins:
		f.Thing, f.Cache, f.Func = w.names.Object(s.Item), w.cache(s.Item), s.Doing
		f.Object, _ = w.names.Place(s.Item)
	case kern.PrimitiveOf(s.Op.Kind).Frame:
		f.Thing = fmt.Sprintf("page%d", kern.PFN(a))
		f.Object = f.Thing
	case a.IsPlace():
		f.Thing, f.Cache, f.Value = w.names.Object(a), w.cache(a), w.value(s)
		f.Object, f.Field = w.names.Place(a)
	}
	in := w.walker.Instance()
	f.Alive = !a.IsPlace() || in.Alive(a)
	w.recall(f, s, a)
	if w.follow != nil {
		if s.Begins {
			a = s.Item
		}
		w.follow.Facts(f, s, a, &before.Scene, &now.Scene)
	}
	if k, ok := s.Note.(phrase.Note); ok {
		f.Count = k.After
		if f.Func == "" {
			f.Func = k.Fn
		}
	}
}
