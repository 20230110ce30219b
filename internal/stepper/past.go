package stepper

import (
	"fmt"

	"ptsim/explore"
	"ptsim/internal/phrase"
	"ptsim/kern"
	"ptsim/lab"
)

// freeing is when something was freed, and by whom.
type freeing struct {
	step int
	who  string
}

// keep remembers a step for the sentences of those that follow in the same operation. The last of a move is the one to
// explain: it is past for the next.
func (w *watcher) keep(s *explore.Step, last bool) {
	t := s.Thread
	if pos, ok := w.pos[t]; !ok || pos != s.Pos || s.Begins {
		w.past[t], w.pos[t] = nil, s.Pos
	}
	k := lab.Past{Op: s.Op, Result: s.Result, Func: phrase.Within(s)}
	switch a := s.Op.Addr; {
	case kern.PrimitiveOf(s.Op.Kind).Frame:
		k.Thing = fmt.Sprintf("page%d", kern.PFN(a))
	case a.IsPlace():
		k.Thing = w.names.Object(a)
		k.Object, k.Field = w.names.Place(a)
		k.Value = w.value(s)
	}
	w.past[t] = append(w.past[t], k)
	if !last {
		w.plain = append(w.plain, k)
	}
	switch s.Op.Kind {
	case kern.OpSlabFree, kern.OpPutPage, kern.OpFreePages:
		a := s.Op.Addr
		if s.Op.Kind != kern.OpSlabFree {
			a = kern.PFN(a).Page()
		}
		if s.Result != 0 || s.Op.Kind != kern.OpPutPage {
			w.freed[w.names.Base(a)] = freeing{w.walker.Len(), w.whoDid(s)}
		}
	}
}

// value names what a step read, or stored.
func (w *watcher) value(s *explore.Step) string {
	if s.Op.Kind == kern.OpStore {
		return w.names.Value(s.Op.Addr, s.Op.A)
	}
	return w.names.Value(s.Op.Addr, s.Result)
}

// whoDid names who took a step: a task by its name, a server by its CPU.
func (w *watcher) whoDid(s *explore.Step) string {
	if w.walker.Thread(s.Thread).Kind == explore.TaskThread {
		return s.Task
	}
	return fmt.Sprintf("%s on CPU%d", s.Task, s.CPU)
}

// recall adds to the facts of a step what the thread did before it, and what else a sentence needs of that which is around.
func (w *watcher) recall(f *lab.Facts, s *explore.Step, a kern.Addr) {
	f.Plain = w.plain
	if past := w.past[s.Thread]; len(past) > 0 {
		f.Earlier = past[: len(past)-1 : len(past)-1]
	}
	if s.Begins {
		a = s.Item
	}
	if kern.PrimitiveOf(s.Op.Kind).Waits != kern.NoLock {
		f.Holder = w.holder(a, s.Thread)
	}
	if gone, ok := w.freed[w.names.Base(a)]; ok && !f.Alive {
		f.FreedAt, f.FreedBy = gone.step, gone.who
	}
}

// holder names who else than a thread holds a lock, "" if nobody.
func (w *watcher) holder(lock kern.Addr, thread int) string {
	for _, t := range w.walker.Held(lock) {
		if t != thread {
			return w.whoOn(t)
		}
	}
	return ""
}
