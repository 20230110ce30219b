package explore

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ptsim/internal/quote"
	"ptsim/kern"
	weakmem "ptsim/memory"
)

// Schedule is the order in which the threads of a model take their steps.
//
// As text it is MODEL@SOFTIRQS,GRACE:HOW:SUM:STEPS, or MODEL@SOFTIRQS,GRACE,MEMORY:HOW:SUM:STEPS under another memory model than
// sequential consistency (tso, lkmm-6.1, lkmm-6.12). Behind MEMORY may stand edits of the code: a barrier more, or what a line orders
// taken out. HOW is f for folded steps or s for single ones, behind it i if broken
// rules of the context are ignored, what folded steps do not move: r references, l lists, g readers, d readers of semaphores, k1a4+1b0
// the locks at 0x1a4 and 0x1b0; and what the last step races for, x1a4 with the step before, h1a4 with any. SUM is a checksum
// of what happens along it, and STEPS runs of one thread's steps. A, B, C are the tasks, w0 and s0 the kworkers and the
// softirqs: Ax3 is three steps of A; A?1 one step of A that goes the second way where it has a choice; A!q that
// the oldest store in the queue of A's CPU goes to memory; s0!1a4 one step of
// s0, which begins the callback of the rcu_head at 0x1a4.
type Schedule struct {
	Model    string
	Softirqs int
	Grace    Grace
	Lax      bool         // see Options
	Memory   weakmem.Spec // the memory model
	Edits    []kern.Edit  // of the code, see Options

	path     []move
	how      int
	race     kern.Addr // what the last step races for, with an earlier one
	adjacent bool      // with the step right before it
	sum      uint32

	stays // the rules under which folded steps were made
}

// move is a transition whose thread and item are named, so that it means the same in every run, and can be read without the model.
type move struct {
	t    threadName
	alt  uint8
	item kern.Addr
}

// schedule makes a Schedule of a path.
func (x *system) schedule(f *found) *Schedule {
	s := &Schedule{
		Model: x.model.Name, Softirqs: x.opt.Softirqs, Grace: x.opt.Grace, Lax: x.opt.Lax, Memory: x.opt.Memories(), Edits: x.opt.Edits,
		how: f.how, race: f.race, adjacent: f.adjacent, stays: x.auto.mode.stays,
	}
	if x.opt.Plain { // folding nothing is to go by single steps
		s.how = stepwise
	}
	path, _ := x.straight(f)
	for _, tr := range path {
		m := move{t: x.nameOf(int(tr.t)), alt: tr.alt}
		m.item = x.item(tr)
		s.path = append(s.path, m)
	}
	return s
}

// ParseEdits reads edits with commas between them.
func ParseEdits(text string) (edits []kern.Edit, err error) {
	if text == "" {
		return nil, nil
	}
	for _, word := range strings.Split(text, ",") {
		e, err := kern.ParseEdit(word)
		if err != nil {
			return nil, fmt.Errorf("edit %s: %w", quote.Short(word), err)
		}
		edits = append(edits, e)
	}
	return edits, nil
}

// rules are those under which the schedule was found. Views are kept for the word that it ends in a race for.
func (s *Schedule) rules() *movements {
	r := &movements{stays: s.stays}
	if s.race != 0 && !s.adjacent {
		r.racy, r.halves, r.pairs = []kern.Addr{s.race}, true, allPairs
	}
	return r
}

// item returns the address by which a schedule names a transition's item.
func (x *system) item(tr trans) kern.Addr {
	switch tr.item {
	case 0:
		return 0
	case drainItem:
		return Drain
	}
	return x.table(int(tr.t)).addrs[tr.item-1]
}

// table returns the items that a server takes.
func (x *system) table(t int) *slotTable {
	if x.threads[t].role == kworker {
		return &x.auto.slots[1]
	}
	return &x.auto.slots[0]
}

// resolve finds the transition that a move stands for, if it is possible by what is queued; a lock may yet block it.
func (s *state) resolve(m move) (trans, error) {
	t := s.x.threadOf(m.t)
	if t < 0 {
		return trans{}, fmt.Errorf("there is no thread %s", m.t)
	}
	th := &s.x.threads[t]
	tr := trans{t: uint8(t), alt: m.alt}
	if m.item == Drain {
		if tr.item = drainItem; s.queues == nil || len(s.queues.of[t]) == 0 {
			return tr, fmt.Errorf("%s has no store in a queue", th.name)
		}
		return tr, nil
	}
	over := s.at[t].over()
	switch {
	case s.interrupted(t):
		return tr, fmt.Errorf("%s is interrupted", th.name)
	case !over && s.keeper(t) >= 0:
		return tr, fmt.Errorf("%s cannot go on: %s", th.name, s.keptOff(t))
	case over && th.role == task:
		return tr, fmt.Errorf("%s has ended", th.name)
	case over && m.item == 0:
		return tr, fmt.Errorf("%s has nothing to do", th.name)
	case !over && m.item != 0:
		return tr, fmt.Errorf("%s is in the middle of something and cannot begin another callback", th.name)
	case over:
		table := s.x.table(t)
		for r := s.ready(t); r != 0; r &= r - 1 {
			if h := lowest(r); table.addrs[h] == m.item {
				tr.item = uint8(h) + 1
				return tr, nil
			}
		}
		return tr, fmt.Errorf("the callback at %#x cannot begin: it is not queued, or waits for a reader", uint32(m.item))
	}
	return tr, nil
}

// Question is what the schedule is one of, as its text begins: MODEL@SOFTIRQS,GRACE, and the memory model if it is another than sc.
func (s *Schedule) Question() string {
	soft := itoa(s.Softirqs)
	if s.Softirqs == SoftirqsOnCPU {
		soft = "cpu"
	}
	memory := ""
	if s.Memory.Model != weakmem.SC || len(s.Edits) > 0 {
		memory = "," + s.Memory.String()
	}
	for _, e := range s.Edits {
		memory += "," + e.String()
	}
	return fmt.Sprintf("%s@%s,%s%s", s.Model, soft, s.Grace, memory)
}

// Text returns the schedule as text.
func (s *Schedule) Text() string {
	var b strings.Builder
	how := "f"
	if s.how == stepwise {
		how = "s"
	}
	rules := ""
	if s.Lax {
		rules += "i"
	}
	if s.ref {
		rules += "r"
	}
	if s.list {
		rules += "l"
	}
	if s.readers {
		rules += "g"
	}
	if s.shared {
		rules += "d"
	}
	for i, l := range s.locks {
		rules += fmt.Sprintf("%c%x", "k+"[min(i, 1)], uint32(l))
	}
	if s.race != 0 {
		mark := "h"
		if s.adjacent {
			mark = "x"
		}
		rules += fmt.Sprintf("%s%x", mark, uint32(s.race))
	}
	fmt.Fprintf(&b, "%s:%s%s:%08x:", s.Question(), how, rules, s.sum)
	writeMoves(&b, s.path)
	return b.String()
}

// ParseSchedule reads the text of a schedule. It takes no model: whether there is one of that name, and whether the schedule fits it,
// shows when somebody follows it.
func ParseSchedule(text string) (*Schedule, error) {
	head, steps, ok := cutLast(text, ":")
	head, sum, ok2 := cutLast(head, ":")
	head, how, ok3 := cutLast(head, ":")
	model, world, ok4 := cutLast(head, "@")
	soft, grace, ok5 := strings.Cut(world, ",")
	grace, memory, weak := strings.Cut(grace, ",")
	if !ok || !ok2 || !ok3 || !ok4 || !ok5 {
		return nil, errors.New("expected MODEL@SOFTIRQS,GRACE:HOW:SUM:STEPS")
	}
	s := &Schedule{Model: model}
	var err error
	if s.Softirqs, err = ParseSoftirqs(soft); err != nil {
		return nil, err
	}
	if s.Grace, err = ParseGrace(grace); err != nil {
		return nil, err
	}
	if weak {
		words := strings.Split(memory, ",")
		if s.Memory, err = weakmem.ParseSpec(words[0]); err != nil {
			return nil, err
		}
		if s.Edits, err = ParseEdits(strings.Join(words[1:], ",")); err != nil {
			return nil, err
		}
	}
	if err := s.parseHow(how); err != nil {
		return nil, err
	}
	v, err := strconv.ParseUint(sum, 16, 32)
	if err != nil {
		return nil, fmt.Errorf("checksum %s; expected eight hexadecimal digits", quote.Short(sum))
	}
	s.sum = uint32(v)
	s.path, err = parseMoves(steps)
	return s, err
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func (s *Schedule) parseHow(how string) error {
	if at := strings.IndexAny(how, "xh"); at >= 0 {
		v, err := strconv.ParseUint(how[at+1:], 16, 32)
		if err != nil {
			return fmt.Errorf("racing word %s; expected a hexadecimal number", quote.Short(how[at+1:]))
		}
		s.race, s.adjacent = kern.Addr(v), how[at] == 'x'
		how = how[:at]
	}
	how, locks, looked := strings.Cut(how, "k")
	if looked {
		for _, l := range strings.Split(locks, "+") {
			v, err := strconv.ParseUint(l, 16, 32)
			if err != nil {
				return fmt.Errorf("lock %q; expected a hexadecimal number", l)
			}
			s.locks = append(s.locks, kern.Addr(v))
		}
		slices.Sort(s.locks)
	}
	for i, ch := range how {
		switch {
		case i == 0 && ch == 'f':
		case i == 0 && ch == 's':
			s.how = stepwise
		case i > 0 && ch == 'i':
			s.Lax = true
		case i > 0 && ch == 'r':
			s.ref = true
		case i > 0 && ch == 'l':
			s.list = true
		case i > 0 && ch == 'g':
			s.readers = true
		case i > 0 && ch == 'd':
			s.shared = true
		default:
			return fmt.Errorf("kind of steps %s; expected f or s", quote.Short(how))
		}
	}
	if how == "" {
		return errors.New("no kind of steps; expected f or s")
	}
	return nil
}

// ParseSoftirqs reads a number of softirq CPUs, or "cpu".
func ParseSoftirqs(text string) (int, error) {
	if text == "cpu" {
		return SoftirqsOnCPU, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 8 {
		return 0, fmt.Errorf("softirqs %s; expected cpu or a number from 1 to 8", quote.Short(text))
	}
	return n, nil
}

// ParseGrace reads the name of a kind of grace period.
func ParseGrace(text string) (Grace, error) {
	for _, g := range []Grace{GracePrecise, GraceAny} {
		if g.String() == text {
			return g, nil
		}
	}
	return 0, fmt.Errorf("grace periods %s; expected precise or any", quote.Short(text))
}

// ParseRaces reads the name of a way to judge data races.
func ParseRaces(text string) (Races, error) {
	for _, r := range []Races{RacesAuto, HappensBefore, Adjacent} {
		if r.String() == text {
			return r, nil
		}
	}
	return 0, fmt.Errorf("data races %s; expected auto, happens-before or adjacent", quote.Short(text))
}
