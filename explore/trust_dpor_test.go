package explore_test

import (
	"slices"

	"ptsim/kern"
)

// dpor is a stateless search with source sets and sleep sets (Abdulla, Aronis, Jonsson, Sagonas 2014) and vector clocks: it
// runs one schedule of each Mazurkiewicz trace. Two primitives depend on each other if they touch a word and one of them
// changes it, if they take the same lock, or if one frees what the other touches. A callback is a process of its own, by
// the address of its rcu_head, and takes the softirq CPU as if that was a lock; so does a work item with the kworker.
type dpor struct {
	r         *rig
	frames    []dporFrame
	pids      map[kern.Addr]int // processes that are callbacks or work items
	tasks     int
	end       func()
	backwards bool // begin with the last process rather than the first

	executions int // that came to an end
	blocked    int // that were given up, being some other one in another order
	events     int
	kinds      map[string]int
}

// dporFrame is a point of the schedule under way: the event that was chosen there, and what else is to be tried.
type dporFrame struct {
	event
	backtrack []int
	done      []int
	sleep     []event // events that would lead to nothing new
	enabled   []event
}

// event is a primitive, or the beginning of a callback or work item, that was done or can be done next.
type event struct {
	pid   int
	ch    choice
	n     int // the how manyth of its process
	takes kern.Addr
	reads bool // it takes the lock for reading
	gives kern.Addr
	words []dporWord
	clock clock // of all that happened before it, itself included
	own   clock // of what its process knew before it
}

type dporWord struct {
	a     kern.Addr
	write bool
}

const dporProcesses = 24

// clock counts the events of each process.
type clock [dporProcesses]uint8

func (c *clock) join(d *clock) {
	for i := range c {
		c[i] = max(c[i], d[i])
	}
}

// Names of things that are no words.
const (
	softirqCPU  = kern.Addr(1 << 30)
	kworkerCPU  = kern.Addr(1<<30 + 1)
	lifeOfBlock = kern.Addr(1 << 29)
)

func newDPOR(r *rig, end func()) *dpor {
	return &dpor{r: r, pids: map[kern.Addr]int{}, tasks: len(r.in.Tasks), kinds: map[string]int{}, end: end}
}

// search runs schedules until there is nothing left to try, or so many have ended.
func (d *dpor) search(most int) {
	defer d.r.close()
	for d.run() && d.executions < most {
		for len(d.frames) > 0 {
			f := &d.frames[len(d.frames)-1]
			asleep := func(pid int) bool {
				return slices.ContainsFunc(f.sleep, func(e event) bool { return e.pid == pid })
			}
			if i := slices.IndexFunc(f.backtrack, func(pid int) bool { return !asleep(pid) }); i >= 0 {
				f.choose(f.backtrack[i])
				break
			}
			d.frames = d.frames[:len(d.frames)-1]
		}
		if len(d.frames) == 0 {
			return
		}
	}
}

// choose makes the process's event the next one, and puts it to sleep for those that follow.
func (f *dporFrame) choose(pid int) {
	i := slices.IndexFunc(f.enabled, func(e event) bool { return e.pid == pid })
	f.event = f.enabled[i]
	f.done = append(f.done, pid)
}

// run does the schedule of the frames once more and goes on to an end.
func (d *dpor) run() bool {
	r := d.r
	r.rewind()
	for i := range d.frames {
		if i == len(d.frames)-1 {
			d.learn(i) // the last was chosen just now
		}
		r.take(d.frames[i].ch)
	}
	for {
		r.check()
		if n := len(d.frames); n > 0 {
			f := &d.frames[n-1]
			f.sleep = append(f.sleep, f.event)
		}
		if r.viol != nil {
			d.kinds[r.viol.Kind.String()]++
			d.executions++
			return true
		}
		next := dporFrame{enabled: d.enabled()}
		if len(next.enabled) == 0 {
			if v := r.final(); v != nil {
				d.kinds[v.Kind.String()]++
			}
			d.executions++
			d.end()
			return true
		}
		if n := len(d.frames); n > 0 {
			f := &d.frames[n-1]
			for _, e := range f.sleep[:len(f.sleep)-1] {
				if e.pid != f.pid && !dependent(&e, &f.event) {
					next.sleep = append(next.sleep, e)
				}
			}
		}
		if d.backwards {
			slices.Reverse(next.enabled)
		}
		pid := -1
		for _, e := range next.enabled {
			if !slices.ContainsFunc(next.sleep, func(s event) bool { return s.pid == e.pid }) {
				pid = e.pid
				break
			}
		}
		if pid < 0 {
			d.blocked++
			d.waiting()
			return true
		}
		next.backtrack = []int{pid}
		next.choose(pid)
		d.frames = append(d.frames, next)
		d.learn(len(d.frames) - 1)
		d.events++
		r.take(next.ch)
	}
}

// waiting has the races tried of what waits where a schedule is given up, for a lock or for the softirq CPU: whoever has
// it will not release it in this schedule, in which the wait would never show.
func (d *dpor) waiting() {
	try := func(e event, t *rigThread) {
		d.describe(&e, t)
		d.frames = append(d.frames, dporFrame{event: e})
		d.learn(len(d.frames) - 1)
		d.frames = d.frames[:len(d.frames)-1]
	}
	for _, t := range d.r.threads {
		switch {
		case t.alive && d.r.blocked(t) && t.role == rigTask:
			try(event{ch: choice{thread: uint8(t.id)}, pid: t.id}, t)
		case t.alive && d.r.blocked(t):
			try(event{ch: choice{thread: uint8(t.id)}, pid: d.pid(kern.Addr(t.at))}, t)
		}
		if !t.alive || t.role != rigSoftirq {
			continue
		}
		for _, q := range d.r.queued {
			if q.wait == 0 {
				try(event{ch: choice{thread: uint8(t.id), item: q.head}, pid: d.pid(q.head)}, t)
			}
		}
	}
}

// enabled returns what can be done next.
func (d *dpor) enabled() []event {
	var es []event
	for _, ch := range d.r.choices(nil) {
		t := d.r.threads[ch.thread]
		e := event{ch: ch}
		switch {
		case t.role == rigTask:
			e.pid = t.id
		case ch.item != 0:
			e.pid = d.pid(ch.item)
		default:
			e.pid = d.pid(kern.Addr(t.at))
		}
		d.describe(&e, t)
		es = append(es, e)
	}
	return es
}

// pid returns the number of the process that is the callback of an rcu_head, or a work item.
func (d *dpor) pid(a kern.Addr) int {
	p, ok := d.pids[a]
	if !ok {
		p = d.tasks + len(d.pids)
		d.pids[a] = p
	}
	return p
}

// describe says what the event touches.
func (d *dpor) describe(e *event, t *rigThread) {
	r := d.r
	touch := func(a kern.Addr, write bool) {
		e.words = append(e.words, dporWord{a, write})
		if o := r.objs[a]; o != nil {
			e.words = append(e.words, dporWord{lifeOfBlock + o.base, false})
		}
	}
	if e.ch.item != 0 {
		switch {
		case t.role == rigSoftirq:
			e.takes = softirqCPU
		case r.cfg.workers < 2:
			e.takes = kworkerCPU
		}
		touch(e.ch.item, true)
		touch(e.ch.item+1, true)
		return
	}
	op := t.parked
	write := true
	switch op.Kind {
	case kern.OpSpinLock, kern.OpSpinLockBH, kern.OpDownWrite:
		e.takes = op.Addr
	case kern.OpDownRead:
		e.takes, e.reads = op.Addr, true
	case kern.OpSpinUnlock, kern.OpSpinUnlockBH, kern.OpUpRead, kern.OpUpWrite:
		e.gives = op.Addr
	case kern.OpSlabFree:
		e.words = append(e.words, dporWord{lifeOfBlock + r.objs[op.Addr].base, true})
		if k := r.caches[op.A]; k.TypesafeByRCU {
			touch(op.Addr+k.RCUHead, true)
		}
	case kern.OpSlabReclaim:
		e.words = append(e.words, dporWord{lifeOfBlock + r.objs[op.Addr].base, true})
	case kern.OpPutPage:
		if r.m.Peek(kern.PFN(op.Addr).Page()+kern.PageRefcount) == 1 {
			e.words = append(e.words, dporWord{lifeOfBlock + kern.PFN(op.Addr).Page(), true})
		}
	case kern.OpLoad, kern.OpRead, kern.OpListFirst, kern.OpListEmpty:
		write = false
	}
	if e.takes != 0 || e.gives != 0 {
		if o := r.objs[op.Addr]; o != nil {
			e.words = append(e.words, dporWord{lifeOfBlock + o.base, false})
		}
		return
	}
	var f kern.Footprint
	for _, a := range r.m.Footprint(0, op, &f) {
		touch(a, write)
	}
}

// dependent tells whether the order of two events of different processes matters.
func dependent(e, f *event) bool {
	if e.takes != 0 && e.takes == f.takes && !(e.reads && f.reads) {
		return true
	}
	for _, w := range e.words {
		for _, v := range f.words {
			if w.a == v.a && (w.write || v.write) {
				return true
			}
		}
	}
	return false
}

// before tells whether e happened before what has the clock.
func (e *event) before(c *clock) bool { return int(c[e.pid]) >= e.n }
