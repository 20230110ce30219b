package s390sim

import (
	"math/rand/v2"
	"time"

	"ptsim/kern"
	"ptsim/mmctx"
)

// Disturb makes things go wrong on purpose, as they may on any machine.
type Disturb struct {
	Seed      uint64
	PageFail  float64 // share of the allocations of pages and tables that fail
	BatchFail float64 // share of the batches that get no page

	// Stall holds up a CPU, which is a virtual one whose host gives its time to somebody else, just before a callback takes
	// context.lock: that long, at that share of the occasions. It goes with a native machine.
	Stall      time.Duration
	StallShare float64
}

// StepCounts is what the code did to shared memory.
type StepCounts struct {
	ContextLocks  uint64 `json:"context_locks"`   // acquisitions of context.lock
	OtherLocks    uint64 `json:"other_locks"`     // of page_table_lock and ptl
	Contended     uint64 `json:"contended_locks"` // context.lock was taken already: native only
	MaskAtomics   uint64 `json:"mask_atomics"`    // changes of a page's bits
	PageAtomics   uint64 `json:"page_atomics"`    // of its reference count and flags
	MMAtomics     uint64 `json:"mm_atomics"`      // of mm_users, mm_count and an mm's flags
	CallRCU       uint64 `json:"call_rcu"`
	PageAllocs    uint64 `json:"page_allocs"`
	PageFailures  uint64 `json:"page_failures"`
	BatchFailures uint64 `json:"batch_failures"`
	Stalls        uint64 `json:"stalls"`
}

// Atomics returns all atomic operations but those of locks.
func (s *StepCounts) Atomics() uint64 { return s.MaskAtomics + s.PageAtomics + s.MMAtomics }

func (s *StepCounts) add(o *StepCounts) {
	s.ContextLocks += o.ContextLocks
	s.OtherLocks += o.OtherLocks
	s.Contended += o.Contended
	s.MaskAtomics += o.MaskAtomics
	s.PageAtomics += o.PageAtomics
	s.MMAtomics += o.MMAtomics
	s.CallRCU += o.CallRCU
	s.PageAllocs += o.PageAllocs
	s.PageFailures += o.PageFailures
	s.BatchFailures += o.BatchFailures
	s.Stalls += o.Stalls
}

// Steps is a kern.Scheduler that lets every step through as it comes. It counts them, and disturbs some.
type Steps struct {
	m    *Machine
	d    Disturb
	cpus []cpuSteps
}

type cpuSteps struct {
	StepCounts
	rnd *rand.Rand
	_   [64]byte
}

func newSteps(m *Machine) *Steps {
	s := &Steps{m: m, d: m.cfg.Disturb, cpus: make([]cpuSteps, m.cfg.CPUs)}
	for i := range s.cpus {
		s.cpus[i].rnd = rand.New(rand.NewPCG(s.d.Seed, uint64(i)))
	}
	return s
}

// objectMask picks the offset in an object out of an address: objects as large as an mm lie at multiples of 32 words.
const objectMask = 31

// Step is called for every primitive on c.
func (s *Steps) Step(c *kern.CPU, op kern.Op) uint32 {
	n := &s.cpus[c.ID()]
	switch op.Kind {
	case kern.OpSpinLock, kern.OpSpinLockBH:
		s.lock(c, n, op.Addr)
	case kern.OpAdd, kern.OpXor, kern.OpCmpXchg, kern.OpXchg, kern.OpAddUnless, kern.OpOr, kern.OpAndNot,
		kern.OpAddVoid, kern.OpXorVoid, kern.OpOrVoid, kern.OpAndNotVoid, kern.OpRefInc, kern.OpRefDecTest:
		switch {
		case s.m.M.PageOf(op.Addr) == 0:
			n.MMAtomics++
		case op.Kind == kern.OpXor:
			n.MaskAtomics++
		default:
			n.PageAtomics++
		}
	case kern.OpPutPage: // its address is a frame's number
		n.PageAtomics++
	case kern.OpCallRCU:
		n.CallRCU++
		if s.m.cfg.TraceSteps || s.m.rings != nil {
			e := Event{Kind: EventCallRCU, Time: s.m.now(), CPU: c.ID(), Head: op.Addr}
			if s.m.rings != nil {
				s.m.remember(&e, kern.Func(op.A))
			}
			if s.m.cfg.TraceSteps {
				e.Name = s.m.M.FuncName(kern.Func(op.A))
				s.m.tell(e)
			}
		}
	case kern.OpAllocPages:
		if kern.GFP(op.B) == kern.GFPKernel && s.happens(n, s.d.PageFail) {
			n.PageFailures++
			return 0
		}
		n.PageAllocs++
	case kern.OpSlabAlloc:
		if kern.GFP(op.B) == kern.GFPNowait && s.happens(n, s.d.BatchFail) {
			n.BatchFailures++
			return 0
		}
	}
	return c.Exec(op)
}

func (s *Steps) happens(n *cpuSteps, share float64) bool { return share > 0 && n.rnd.Float64() < share }

func (s *Steps) lock(c *kern.CPU, n *cpuSteps, l kern.Addr) {
	if s.m.M.PageOf(l) != 0 || l&objectMask == mmctx.MM(0).PageTableLock() {
		n.OtherLocks++
		return
	}
	n.ContextLocks++
	if c.InSoftirq() && s.d.Stall > 0 && s.happens(n, s.d.StallShare) {
		n.Stalls++
		time.Sleep(s.d.Stall)
	}
	if !s.m.M.LockFree(l) {
		n.Contended++
	}
}

// StepCounts returns the steps counted so far on all CPUs, if they are counted. No CPU may be at work meanwhile.
func (m *Machine) StepCounts() StepCounts {
	var sum StepCounts
	if m.steps != nil {
		for i := range m.steps.cpus {
			sum.add(&m.steps.cpus[i].StepCounts)
		}
	}
	return sum
}
