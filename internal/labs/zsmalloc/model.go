package zsmalloc

import (
	"fmt"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/zsmalloc"
)

// Verb is something that a task does.
type Verb string

// The verbs.
const (
	Free    Verb = "free"    // zs_free() of an object that set-up allocated
	Alloc   Verb = "alloc"   // zs_malloc() of one more, which the task keeps
	Migrate Verb = "migrate" // compaction of a page that set-up allocated, whoever has it by now
	Store   Verb = "store"   // zs_map_object(), a write to the object, zs_unmap_object()
	Load    Verb = "load"    // the same with a read, which must find what was stored last
	Destroy Verb = "destroy" // zs_destroy_pool()
	Drain   Verb = "drain"   // zs_unregister_migration() of v5.3, then the pool is freed
	Putback Verb = "putback" // zs_pool_dec_isolated() of v5.3
)

// Op is a verb with the number of what it is about, from 0: an object for free, store and load, a page for migrate.
type Op struct {
	Verb Verb
	On   int
}

// String is "free 0", or "destroy".
func (o Op) String() string {
	switch o.Verb {
	case Free, Migrate, Store, Load:
		return fmt.Sprintf("%s %d", o.Verb, o.On)
	}
	return string(o.Verb)
}

// Task is what one task does, in order.
type Task struct {
	Name string
	Ops  []Op
}

// Question is a version and what runs on it.
type Question struct {
	Variant zsmalloc.Variant
	Drain   zsmalloc.DrainKind // of drain and putback

	Pages   int // of a zspage; 0 is 1
	Objects int // of a page; 0 is 2
	Setup   int // objects that are allocated before anything runs; 0 is 1
	DebugVM bool
	Reuse   bool // page frames that were freed may be handed out again
	Pinned  bool // look at every state for what v6.8 promises there; see zsmalloc.System.Pinned
	Tasks   []Task
}

// local is what a task keeps from one operation to the next: the object that it allocated last.
type local struct{ mine zsmalloc.Handle }

// Model makes a model of the question: the tasks, a kworker that frees what zs_free() could not, and callbacks.
func (q Question) Model(name string) *explore.Model {
	return &explore.Model{Name: name, Tasks: len(q.Tasks), Build: func(cpus int, sched kern.Scheduler) *explore.Instance {
		m := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 128, Scheduler: sched})
		s, err := zsmalloc.New(m, zsmalloc.Config{
			Variant: q.Variant, PagesPerZspage: q.Pages, ObjectsPerPage: q.Objects, DebugVM: q.DebugVM, Destroys: q.has(Destroy),
		})
		if err != nil {
			panic(err)
		}
		m.WarningsAreViolations()
		in := &explore.Instance{M: m, ReusesFrames: q.Reuse}
		w := &world{q: q, s: s, in: in}
		c := m.CPU(0)
		if q.has(Drain) {
			w.drain = s.Drain(q.Drain)
			w.drain.Isolate(c, uint32(q.count(Putback)))
		} else {
			w.handles = s.Populate(c, max(q.Setup, 1))
			w.pages = s.PagesOfHandle(w.handles[0])
			for i, h := range w.handles {
				m.Poke(s.ZsPeekObject(h), first+uint32(i))
			}
		}
		for _, t := range q.Tasks {
			in.Tasks = append(in.Tasks, w.task(t))
		}
		if q.Pinned {
			in.Check = func() *kern.Violation { return s.Pinned(in.Frames, in.Alive) }
		}
		in.Final = w.final
		return in
	}}
}

// first is what set-up stores in the first object; in the next it is one more.
const first = 100

func (q Question) count(v Verb) int {
	n := 0
	for _, t := range q.Tasks {
		for _, o := range t.Ops {
			if o.Verb == v {
				n++
			}
		}
	}
	return n
}

func (q Question) has(v Verb) bool { return q.count(v) > 0 }

// world is a Question on a machine.
type world struct {
	q       Question
	s       *zsmalloc.System
	drain   *zsmalloc.Drain
	in      *explore.Instance
	handles []zsmalloc.Handle
	pages   []zsmalloc.Page
}

func (w *world) task(t Task) explore.Task {
	et := explore.Task{Name: t.Name, Start: local{}}
	for _, o := range t.Ops {
		et.Ops = append(et.Ops, explore.Operation{Name: o.String(), Run: func(c *kern.CPU, f explore.Frame) explore.Frame {
			return w.do(c, o, f.(local))
		}})
	}
	return et
}

func (w *world) do(c *kern.CPU, o Op, f local) local {
	switch o.Verb {
	case Free:
		w.s.ZsFree(c, w.handles[o.On])
	case Alloc:
		f.mine = w.s.ZsMalloc(c)
	case Migrate:
		w.s.MigratePages(c, w.pages[o.On])
	case Store, Load:
		h := w.handles[o.On]
		at := w.s.ZsMapObject(c, h)
		if o.Verb == Store {
			kern.Store(c, at, stored)
		} else {
			v := kern.Load(c, at)
			kern.Assert(c, v == first+uint32(o.On) || v == stored, "an object holds what was stored in it")
		}
		w.s.ZsUnmapObject(c, h)
	case Destroy:
		w.s.ZsDestroyPool(c)
	case Drain:
		w.drain.ZsUnregisterMigration(c)
	case Putback:
		w.drain.ZsPoolDecIsolated(c)
	default:
		panic("labs/zsmalloc: no verb " + string(o.Verb))
	}
	return f
}

// stored is what store writes.
const stored = 7

// final looks at a machine on which all is quiet.
func (w *world) final() *kern.Violation {
	if w.q.has(Drain) {
		return nil
	}
	zspages := 0
	w.in.Objects(func(cache string, _ kern.Addr) {
		if cache == "zspage" {
			zspages++
		}
	})
	return w.s.Audit(zsmalloc.Rest{Frames: w.in.Frames, Zspages: zspages, Destroyed: w.q.has(Destroy)})
}
