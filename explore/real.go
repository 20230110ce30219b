package explore

import (
	"fmt"
	"iter"

	"ptsim/kern"
)

// realCode runs the code of a model itself, each thread a coroutine that stops before every primitive, beside a state
// that follows the automaton. The two must agree at every step. What is found wrong then comes with the functions that
// led to it.
type realCode struct {
	x        *system
	s        *state
	threads  [maxThreads]coroutine
	trace    *Trace
	below    below
	race     kern.Addr // the word that the last step races for
	adjacent bool      // with the step right before it
	err      error
}

// coroutine is a thread that is running: a task from its start, a server from the beginning of a callback.
type coroutine struct {
	r      *realCode
	t      int
	c      *kern.CPU
	next   func() (struct{}, bool)
	stop   func()
	yield  func(struct{}) bool
	parked kern.Op
	alive  bool
	halted bool // the code is being left
	doing  string
	pos    int

	// the step that it is told to take, and what came of it
	node   *node
	alt    uint32
	result uint32
	did    *Step
}

func newRealCode(x *system, s *state) *realCode {
	r := &realCode{x: x, s: s, trace: &Trace{}}
	for t := range x.threads {
		th := &x.threads[t]
		k := &r.threads[t]
		k.r, k.t, k.pos = r, t, -1
		k.c = s.m.Context(th.cpu, th.role == softirq, kern.Edited(k, x.opt.Edits, nil))
		k.c.Task = th.name
		if th.role == task {
			k.run(func() {
				program := &s.inst.Tasks[t]
				frame := program.Start
				for i := range program.Ops {
					k.doing, k.pos = program.Ops[i].Name, i
					s.env.cpus[t].Doing, k.c.Doing = k.doing, k.doing
					frame = program.Ops[i].Run(k.c, frame)
				}
			})
		}
	}
	return r
}

// close ends all coroutines.
func (r *realCode) close() {
	for t := range r.threads {
		if k := &r.threads[t]; k.stop != nil {
			k.stop()
		}
	}
}

// run starts body as a coroutine, up to its first primitive.
func (k *coroutine) run(body func()) {
	if k.stop != nil {
		k.stop()
	}
	k.parked, k.halted = kern.Op{}, false
	k.next, k.stop = iter.Pull(func(yield func(struct{}) bool) {
		k.yield = yield
		defer func() {
			if e := recover(); e != nil {
				if _, ok := e.(stop); !ok {
					panic(e)
				}
			}
		}()
		body()
	})
	_, k.alive = k.next()
}

// Step stops the code before the primitive until it is its turn, and then carries it out.
func (k *coroutine) Step(_ *kern.CPU, op kern.Op) uint32 {
	if k.halted { // a deferred call, on the way out
		panic(stop{})
	}
	k.parked = op
	if !k.yield(struct{}{}) {
		k.halted = true
		panic(stop{})
	}
	k.did.Trace, k.did.Func = kern.KernelTrace()
	k.did.Where = Places(k.r.below.callers())
	k.did.Doing, k.did.Pos = k.doing, k.pos
	k.result = k.r.s.exec(k.t, k.node, op, k.alt)
	return k.result
}

// begin has a server begin the callback or work item at a.
func (r *realCode) begin(t int, a kern.Addr) {
	k := &r.threads[t]
	fn := kern.Func(r.s.m.Peek(a + 1))
	isFunc := kern.Addr(fn).IsFunc()
	k.doing = "a callback" // whose words were overwritten
	if isFunc {
		k.doing = r.s.m.FuncName(fn)
	}
	r.s.env.cpus[t].Doing, k.c.Doing = k.doing, k.doing
	r.trace.Steps = append(r.trace.Steps, Step{Thread: t, CPU: r.x.threads[t].cpu, Softirq: r.x.threads[t].role == softirq,
		Task: r.x.threads[t].name, Doing: k.doing, Pos: -1, Begins: true, Item: a})
	if !isFunc {
		return
	}
	k.run(func() { r.s.m.Call(k.c, fn, a) })
}

// step has the thread carry out its next primitive, which must be op.
func (r *realCode) step(t int, n *node, op kern.Op, alt uint32, mv kern.Mover) uint32 {
	k := &r.threads[t]
	if !k.alive || k.parked != op {
		r.err = fmt.Errorf("the code of %s is at %s where the automaton is at %s", r.x.threads[t].name, k.parked, op)
		panic(r.err)
	}
	th := &r.x.threads[t]
	r.trace.Steps = append(r.trace.Steps, Step{Thread: t, CPU: th.cpu, Softirq: th.role == softirq, Task: th.name, Op: op,
		Way: alt, Ways: r.s.ways(t, op), Local: mv.Silent()})
	at := len(r.trace.Steps) - 1
	k.node, k.alt, k.did = n, alt, &r.trace.Steps[at]
	before := len(r.s.acc)
	_, k.alive = k.next()
	d := &r.trace.Steps[at]
	d.Result = k.result
	for _, a := range r.s.acc[before:] {
		d.Words = append(d.Words, Word{a.a, a.write, a.plain})
	}
	if r.trace.observe != nil {
		r.trace.observe(r.s.inst, d)
	}
	return k.result
}

// stale notes that the primitive under way reads an old store.
func (r *realCode) stale(of *Reading) {
	r.trace.Steps[len(r.trace.Steps)-1].Stale = of
}

// drains notes that the oldest store in the queue of a thread's CPU goes to memory.
func (r *realCode) drains(t int) {
	th, k, e := &r.x.threads[t], &r.threads[t], r.s.queues.of[t][0]
	r.trace.Steps = append(r.trace.Steps, Step{Thread: t, CPU: th.cpu, Softirq: th.role == softirq, Task: th.name, Doing: k.doing, Pos: k.pos, Ways: 1,
		Drains: true, Releases: e.release != nil, Words: []Word{{e.a, true, false}}, Result: e.v})
}

// waits notes that a task begins to wait, which its code does not notice.
func (r *realCode) waits(t int, n *node) {
	th, k := &r.x.threads[t], &r.threads[t]
	r.trace.Steps = append(r.trace.Steps, Step{Thread: t, CPU: th.cpu, Task: th.name, Doing: k.doing, Pos: k.pos, Op: n.op, Waits: true, Ways: 1,
		Where: Places(n.where)})
}

// racing reports that an access of the step under way races with an earlier one to the word: one of those in the mask or, if the
// race is one with the step right before, whatever conflicts there.
func (r *realCode) racing(c *kern.CPU, a *access, unknown uint64) {
	steps := r.trace.Steps
	at := len(steps) - 1
	if me := steps[at].Thread; r.adjacent {
		unknown = conflicts(a.write, a.plain)
		for ; at >= 0 && steps[at].Thread == me; at-- {
		}
		from := at
		for ; from >= 0 && steps[from].Thread == steps[at].Thread; from-- {
		}
		steps = steps[from+1:]
		at -= from + 1
	}
	for ; at >= 0; at-- {
		d := &steps[at]
		for _, w := range d.Words {
			if w.Addr != r.race || unknown&accessBit(d.Thread, w.Write, w.Plain) == 0 {
				continue
			}
			which := "another"
			if d.CPU == c.ID() {
				which = "the same"
			}
			c.Report(&kern.Violation{Kind: kern.DataRace, Addr: r.race,
				Detail: fmt.Sprintf("%s a word of %%o while %s, on %s CPU, %s it, and nothing orders the two", touches(a.write), d.Func, which, touches(w.Write))})
			return
		}
	}
}

func touches(write bool) string {
	if write {
		return "writes"
	}
	return "reads"
}
