package counterexample

import (
	"ptsim/explore"
	"ptsim/internal/scenario"
	"ptsim/kern"
	"ptsim/pgalloc"
)

// Case is a schedule that was run, and all that is to be told about it.
type Case struct {
	*explore.Trace
	Schedule *explore.Schedule
	Text     string // the schedule as a string
	Matters  []bool // by step

	names *names
}

// note is what is kept of a step besides what the trace says.
type note struct {
	after uint32 // the word that it was about, as it left it
	fn    string // the function that it queued
}

// Replay runs a schedule of a model with the model's own code. s is the scenario that the model was built from by that
// variant; it may be nil, and then things have plainer names.
func Replay(m *explore.Model, opt explore.Options, sched *explore.Schedule, s *scenario.Scenario, v pgalloc.Variant) (*Case, error) {
	n := newNames(m, s, v)
	var last *explore.Instance
	tr, err := explore.Replay(m, opt, sched, func(in *explore.Instance, d *explore.Step) {
		last = in
		d.Note = n.observe(in, d)
	})
	if err != nil {
		return nil, err
	}
	if last != nil {
		n.settle(last.M)
	}
	workers := opt.Workers
	if workers == 0 {
		workers = explore.Defaults().Workers
	}
	c := &Case{Trace: tr, Schedule: sched, Text: sched.Text(m.Tasks, workers), names: n}
	c.Matters = slice(tr, n)
	return c, nil
}

// observe keeps what can be seen right after a step only.
func (n *names) observe(in *explore.Instance, d *explore.Step) note {
	var k note
	switch d.Op.Kind {
	case kern.OpSlabAlloc:
		if d.Result != 0 {
			n.allocated(int(d.Op.A), kern.Addr(d.Result))
		}
	case kern.OpCallRCU, kern.OpQueueWork:
		k.fn = in.M.FuncName(kern.Func(d.Op.A))
	case kern.OpPutPage, kern.OpFreePages:
		k.after = in.M.Peek(kern.PFN(d.Op.Addr).Page() + kern.PageRefcount)
	}
	if d.Op.Addr.IsPlace() && d.Op.Kind != kern.OpPutPage && d.Op.Kind != kern.OpFreePages {
		k.after = in.M.Peek(d.Op.Addr)
	}
	return k
}

// final tells whether the violation shows only when all is quiet, so that no step is to blame.
func final(v *kern.Violation) bool {
	switch v.Kind {
	case kern.PageLost, kern.MMCount, kern.Deadlock:
		return true
	}
	return false
}
