package stepper

import (
	"fmt"
	"slices"
	"strings"

	"ptsim/explore"
	"ptsim/internal/labs/pagetable"
	"ptsim/internal/labs/pagetable/tell"
	"ptsim/internal/phrase"
	"ptsim/kern"
	"ptsim/lab"
)

// watcher follows a run, step by step, and keeps what cannot be told from a state alone: what things are called, whose a
// page is, what is in a batch that is still open.
type watcher struct {
	q       Question
	program *pagetable.Program // what the scenario means, if it is one of the page tables; else nil
	variant pagetable.Variant
	lines   [][]*lab.Op
	things  []*watchedThing // of other labs
	names   *phrase.Names
	walker  *explore.Stepper
	tasks   [][]*pagetable.Op

	pages   []*watchedPage
	mms     []pagetable.MMStruct
	batches []*watchedBatch
	sites   map[int][]explore.Place // by step: where it is in the code
	cpu     int                     // of the last step, -1 before the first
	thread  int                     // that took it
	began   map[int]string

	past  map[int][]lab.Past // by thread: what it did in the operation that it is in
	pos   map[int]int        // and which operation that is
	looks map[string]uint32  // by thread and name: the table that a walk found
	plain []lab.Past         // the plain steps before the last one
	freed map[kern.Addr]freeing
}

func newWatcher(q Question, names *phrase.Names, walker *explore.Stepper) *watcher {
	w := &watcher{q: q, names: names, walker: walker, cpu: -1, sites: map[int][]explore.Place{}, began: map[int]string{}, past: map[int][]lab.Past{}, pos: map[int]int{}, freed: map[kern.Addr]freeing{}, looks: map[string]uint32{}}
	for i := range q.Scenario.Tasks {
		w.lines = append(w.lines, q.Scenario.Tasks[i].Flat())
	}
	if q.Scenario.Lab.Name != pagetable.Name {
		w.findThings()
		return w
	}
	w.program, w.variant = pagetable.Of(q.Scenario), pagetable.Variant(q.Version.Variant())
	for i := range w.program.Tasks {
		w.tasks = append(w.tasks, w.program.Tasks[i].Flat())
	}
	in := walker.Instance()
	var pages []kern.PFN
	in.Frames(func(p kern.PFN) {
		if pagetable.TablePage(p).IsTable(in.M) {
			pages = append(pages, p)
		}
	})
	slices.Sort(pages)
	for _, p := range pages {
		w.pages = append(w.pages, &watchedPage{pfn: p})
	}
	w.findMMs()
	// Which page is whose, the scenario says in the order of its pages; what is in them, the names know.
	for _, p := range w.pages {
		for half := range uint32(2) {
			t := pagetable.TablePage(p.pfn).Table(half)
			name, known := names.TableName(t.Pack())
			if !known {
				continue
			}
			p.tables[half] = name
			for _, sp := range w.program.Pages {
				if slices.Contains(sp.Tables[:], name) {
					p.mm = fmt.Sprintf("mm%d", sp.MM)
				}
			}
		}
	}
	return w
}

// findMMs notes the mms that are there now and were not before.
func (w *watcher) findMMs() {
	w.walker.Instance().Objects(func(cache string, a kern.Addr) {
		if cache == "mm_struct" && !slices.Contains(w.mms, pagetable.MMStruct(a)) {
			w.mms = append(w.mms, pagetable.MMStruct(a))
		}
	})
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
	if w.program != nil {
		w.findMMs()
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
	if s.Drains || w.program == nil && s.Op.Kind != kern.OpNone {
		return
	}
	a := s.Op.Addr
	switch s.Op.Kind {
	case kern.OpNone:
		w.began[s.Thread] = w.names.Object(s.Item)
		if w.program == nil {
			return
		}
		if b := w.batchOf(s.Item); b != nil {
			b.state = BatchRunning
		}
	case kern.OpSlabAlloc:
		if cfg, _ := in.M.CacheConfig(int(s.Op.A)); s.Result != 0 && cfg.Name == pagetable.BatchCache {
			w.batches = append(w.batches, &watchedBatch{addr: kern.Addr(s.Result), owner: w.who(s.Thread)})
		}
	case kern.OpStore:
		if b := w.batchOf(a); b != nil && a >= b.addr+3 {
			b.tables = append(b.tables, s.Op.A)
		}
	case kern.OpCallRCU:
		if b := w.batchOf(a); b != nil {
			b.state = BatchQueued
		}
	case kern.OpSlabFree:
		if b := w.batchOf(a); b != nil {
			b.state = BatchFreed
		}
	case kern.OpAllocPages:
		if s.Result != 0 {
			p := &watchedPage{pfn: kern.PFN(s.Result), mm: w.mmOf(s)}
			p.tables[0] = w.given(s)
			w.pages = append(w.pages, p)
		}
	case kern.OpPutPage, kern.OpFreePages:
		if p := w.page(kern.PFN(a)); p != nil && (s.Result != 0 || s.Op.Kind == kern.OpFreePages) {
			p.freed = true
		}
	case kern.OpXor:
		p := w.page(in.M.PageOf(a))
		if p == nil || a != p.pfn.Page()+kern.PageRefcount {
			return
		}
		after := pagetable.Mask(s.Result >> pagetable.MaskShift)
		before := after ^ pagetable.Mask(s.Op.A>>pagetable.MaskShift)
		for half := range uint32(2) {
			if name := w.given(s); name != "" && after.Allocated(half) && !before.Allocated(half) {
				p.tables[half] = name
			}
		}
	}
}

// remember takes from a view what pages looked like when they were last seen in use.
func (w *watcher) remember(v *View) {
	w.remembered(v)
	for i := range v.Pages {
		for _, p := range w.pages {
			if fmt.Sprintf("page%d", p.pfn) == v.Pages[i].Name {
				p.last = v.Pages[i]
			}
		}
	}
}

func (w *watcher) page(p kern.PFN) *watchedPage {
	for _, k := range w.pages {
		if p != 0 && k.pfn == p {
			return k
		}
	}
	return nil
}

func (w *watcher) batchOf(a kern.Addr) *watchedBatch {
	for _, b := range w.batches {
		if w.names.Base(a) == b.addr {
			return b
		}
	}
	return nil
}

// line returns the scenario's line that a step is part of, nil of a callback.
func (w *watcher) line(thread, pos int) *lab.Op {
	if thread < len(w.lines) && pos >= 0 && pos < len(w.lines[thread]) {
		return w.lines[thread][pos]
	}
	return nil
}

// op returns the operation of the page tables that a step is part of, nil of a callback, and in other labs.
func (w *watcher) op(thread, pos int) *pagetable.Op {
	if thread < len(w.tasks) && pos >= 0 && pos < len(w.tasks[thread]) {
		return w.tasks[thread][pos]
	}
	return nil
}

// given returns the name that a step's operation gives to a table.
func (w *watcher) given(s *explore.Step) string {
	if op := w.op(s.Thread, s.Pos); op != nil && op.Kind == pagetable.Alloc {
		return op.Table
	}
	return ""
}

// mmOf returns the mm that a step's operation names.
func (w *watcher) mmOf(s *explore.Step) string {
	if op := w.op(s.Thread, s.Pos); op != nil && op.MM != 0 {
		return fmt.Sprintf("mm%d", op.MM)
	}
	return ""
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
		if best < 0 && !phrase.Accessor(p.Func) && !wrapper(p.GoFunc) {
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
func wrapper(fn string) bool {
	for _, name := range []string{").xor", ".Mask", ").judge", "Union.", "Head."} {
		if strings.Contains(fn, name) {
			return true
		}
	}
	return false
}

// facts adds to the facts of a step what names and state know.
func (w *watcher) facts(f *lab.Facts, s *explore.Step) {
	a := s.Op.Addr
	switch {
	case s.Begins:
		f.Thing, f.Func = w.names.Object(s.Item), s.Doing
	case kern.PrimitiveOf(s.Op.Kind).Frame:
		f.Thing = fmt.Sprintf("page%d", kern.PFN(a))
	case a.IsPlace():
		f.Thing, f.Word = w.names.Object(a), w.names.Word(a)
	}
	in := w.walker.Instance()
	f.Alive = !a.IsPlace() || in.Alive(a)
	own := &tell.Around{}
	f.Own = own
	w.recall(f, own, s, a)
	if k, ok := s.Note.(phrase.Note); ok {
		f.Count = k.After
		if f.Func == "" {
			f.Func = k.Fn
		}
	}
}
