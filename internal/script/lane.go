package script

import (
	"fmt"
	"iter"
	"slices"

	"ptsim/kern"
)

// MaxBegun is how many allocations of a script can be under way at once.
const MaxBegun = 8

// lane is a page_table_alloc that goes on later, on a CPU of its own. The allocator's code is the same, and is stopped
// where it asks for a fresh page: it has let go of the lock, and has nothing.
type lane struct {
	cpu   int
	yield func(struct{}) bool
	next  func() (struct{}, bool)
	stop  func()
	ended bool
}

// look begins an allocation. It tells whether the list had nothing for it, so that the rest is to come.
func (r *Runner) look(op *Op, o *object) (missed bool, err error) {
	i := 0
	for i < len(r.lanes) && r.lanes[i] != nil {
		i++
	}
	if i == len(r.lanes) {
		return false, r.fail(op, fmt.Sprintf("%d allocations under way", i), "an add for one of them before it")
	}
	c := r.m.CPU(laneCPU + i)
	c.Doing = op.Text
	l := &lane{cpu: i}
	r.lanes[i] = l
	l.next, l.stop = iter.Pull(func(yield func(struct{}) bool) {
		l.yield = yield
		o.addr = r.sys.PT.PageTableAlloc(c, o.sp.mm)
		l.ended = true
	})
	if l.next(); l.ended {
		r.lanes[i] = nil
		return false, nil
	}
	o.state, o.lane = begun, l
	return true, nil
}

// add brings an allocation to its end.
func (r *Runner) add(op *Op) (Ret, error) {
	o := r.names[op.Name]
	switch {
	case o == nil || o.crst:
		return Ret{}, r.fail(op, fmt.Sprintf("no allocation of %s", op.Name), fmt.Sprintf("\"look N -> %s\" before it", op.Name))
	case o.state == never:
		return Ret{Kind: RetSkip}, nil
	case o.state != begun:
		return Ret{Kind: RetDone}, nil
	}
	l := o.lane
	r.m.CPU(laneCPU + l.cpu).Doing = op.Text
	for !l.ended {
		l.next()
	}
	r.lanes[l.cpu], o.lane, o.state = nil, nil, live
	return r.allocated(op, o), nil
}

// pause stops an allocation that asks for a fresh page, once.
func (r *Runner) pause(c *kern.CPU, op kern.Op) {
	if c.ID() < laneCPU || op.Kind != kern.OpAllocPages {
		return
	}
	if l := r.lanes[c.ID()-laneCPU]; l != nil && l.yield != nil {
		yield := l.yield
		l.yield = nil
		yield(struct{}{})
	}
}

// closeLanes lets allocations that nobody will bring to an end go.
func (r *Runner) closeLanes() {
	for i, l := range r.lanes {
		if l != nil {
			l.stop()
			r.lanes[i] = nil
		}
	}
}

// beginning returns a table of the mm whose allocation is under way, nil if there is none.
func (sp *space) beginning() *object {
	if sp.tables == nil {
		return nil
	}
	for _, o := range sp.objects {
		if o.state == begun {
			return o
		}
	}
	return nil
}

// remove runs the callback that frees a table: the batch that it is in, or the one on its page's rcu_head.
func (r *Runner) remove(c *kern.CPU, op *Op) error {
	o := r.names[op.Name]
	if o == nil {
		return r.fail(op, "no table "+op.Name, fmt.Sprintf("\"alloc N -> %s\" before it", op.Name))
	}
	found := kern.Addr(0)
	r.rcu.Each(func(head kern.Addr, fn kern.Func) {
		if found == 0 && r.frees(head, fn, o) {
			found = head
		}
	})
	if found == 0 {
		return r.fail(op, "no callback is queued that frees "+op.Name, "one that was freed by tlbfree and flush, or by defer, and not removed yet")
	}
	if at := slices.IndexFunc(r.queue, func(q queued) bool { return q.head == found }); at >= 0 {
		r.noteRan(at, 1)
	}
	r.rcu.Run(c.ID(), found)
	return nil
}

// frees tells whether a callback is the one that frees a table.
func (r *Runner) frees(head kern.Addr, fn kern.Func, o *object) bool {
	if fn == r.sys.TLB.Callback() {
		in := false
		r.sys.TLB.EachInBatch(head, func(t kern.Phys) { in = in || t.Untag() == o.addr })
		return in && o.state == freed
	}
	if r.m.PageOf(head) != o.addr.PFN() || o.crst || o.state != freed {
		return false
	}
	switch r.m.FuncName(fn) {
	case "now0":
		return o.addr.Half() == 0
	case "now1":
		return o.addr.Half() == 1
	}
	return true
}
