package kern_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ptsim/kern"
)

// standIn is a Scheduler that keeps the free frames, the callbacks and the work queue itself, out of what kern lends it.
type standIn struct {
	m         *kern.Machine
	callbacks []kern.Addr
	work      []kern.Addr
	freed     []kern.PFN
}

func (s *standIn) Step(c *kern.CPU, op kern.Op) uint32 {
	switch op.Kind {
	case kern.OpCallRCU:
		if c.ArmHead(op.Addr, kern.Func(op.A)) {
			s.callbacks = append(s.callbacks, op.Addr)
		}
		return 0
	case kern.OpQueueWork:
		if !c.ArmWork(op.Addr, kern.Func(op.A)) {
			return 0
		}
		s.work = append(s.work, op.Addr)
		return 1
	case kern.OpPutPage:
		if !c.DropPage(kern.PFN(op.Addr)) {
			return 0
		}
		c.CheckPageFree(kern.PFN(op.Addr))
		s.freed = append(s.freed, kern.PFN(op.Addr))
		return 1
	}
	return c.Exec(op)
}

func (s *standIn) runAll(c *kern.CPU) {
	for len(s.callbacks) > 0 {
		h := s.callbacks[0]
		s.callbacks = s.callbacks[1:]
		s.m.Call(c, s.m.Disarm(h), h)
	}
	for len(s.work) > 0 {
		w := s.work[0]
		s.work = s.work[1:]
		s.m.Call(c, s.m.Disarm(w), w)
	}
}

// A stand-in calls the same functions for the same objects in the same order as the machine's own queues, lets go of the
// same frames, and finds the same violations.
func TestStandIn(t *testing.T) {
	type program []struct {
		op kern.OpKind
		x  int
	}
	type outcome struct {
		ran     []kern.Addr
		results []bool
		freed   int
		found   []string
	}
	run := func(p program, s *standIn) (o outcome) {
		cfg := kern.Config{Frames: 16}
		if s != nil {
			cfg.Scheduler = s
		}
		m := kern.NewMachine(cfg)
		c := m.CPU(0)
		fn, ran := recorder(m)
		ownList := lists(c, 2)
		heads, items := []kern.Addr{words(c, 2), words(c, 2)}, []kern.Addr{words(c, 2), words(c, 2)}
		var pages []kern.PFN
		for range 2 {
			pages = append(pages, kern.AllocPages(c, 0, kern.GFPKernel))
		}
		heads = append(heads, pages[0].Page()+kern.PageLRU)
		runAll := func() {
			for c.Callbacks().InvokeOne(c) {
			}
			kern.RunWork(c)
		}
		if s != nil {
			s.m, runAll = m, func() { s.runAll(c) }
		}
		gone := map[kern.PFN]bool{}
		for _, i := range p {
			page := pages[i.x%2]
			switch i.op {
			case kern.OpCallRCU:
				if h := heads[i.x%3]; m.PageOf(h) == 0 || !gone[m.PageOf(h)] {
					kern.CallRCU(c, h, fn)
				}
			case kern.OpQueueWork:
				o.results = append(o.results, kern.QueueWork(c, items[i.x%2], fn))
			case kern.OpListAdd:
				if lru := page.Page() + kern.PageLRU; !gone[page] && m.NodeState(lru) == kern.Unlisted {
					kern.ListAdd(c, lru, ownList[i.x%2])
				}
			case kern.OpPutPage:
				if !gone[page] {
					gone[page] = kern.PutPage(c, page, 0)
					o.results = append(o.results, gone[page])
				}
			case kern.OpAddUnless:
				o.results = append(o.results, kern.GetPageUnlessZero(c, page))
			case kern.OpTakeWork:
				if !gone[pages[0]] { // its rcu_head might be queued
					runAll()
				}
			}
		}
		if s != nil {
			o.freed = len(s.freed)
		} else {
			m.Frames(func(p kern.PFN, free bool) {
				if free && slices.Contains(pages, p) {
					o.freed++
				}
			})
		}
		o.ran = *ran
		vs, _ := m.Violations()
		for _, v := range vs {
			o.found = append(o.found, v.Sentence())
		}
		return o
	}
	kindsOf := []kern.OpKind{kern.OpCallRCU, kern.OpQueueWork, kern.OpListAdd, kern.OpPutPage, kern.OpAddUnless, kern.OpTakeWork}
	met := map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		p := make(program, rapid.IntRange(1, 25).Draw(t, "n"))
		for i := range p {
			p[i].op = rapid.SampledFrom(kindsOf).Draw(t, "op")
			p[i].x = rapid.IntRange(0, 5).Draw(t, "x")
		}
		own, lent := run(p, nil), run(p, &standIn{})
		require.Equal(t, own.ran, lent.ran)
		require.Equal(t, own.results, lent.results)
		require.Equal(t, own.freed, lent.freed)
		require.Len(t, lent.found, len(own.found))
		for i := range own.found { // a stand-in in a test is no kernel function: whom it stands in for is not in the trace
			require.Equal(t, tail(own.found[i]), tail(lent.found[i]))
			met[tail(own.found[i])] = true
		}
	})
	kinds := 3
	if testing.Short() { // a fifth of the programs may not meet them all
		kinds = 1
	}
	assert.GreaterOrEqual(t, len(met), kinds, "%v", met)
}

// tail is what a sentence says behind its kind.
func tail(s string) string {
	if i := slices.Index([]byte(s), ':'); i >= 0 {
		return s[i:]
	}
	return s
}

func TestArmAndDisarm(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	fn, ran := recorder(m)
	h, w := words(c, 2), words(c, kern.WorkWords)
	assert.True(t, c.ArmHead(h, fn))
	assert.Equal(t, kern.Queued, m.NodeState(h))
	assert.Zero(t, c.Callbacks().Len(), "on nobody's queue")
	m.Poke(h, uint32(w)) // its keeper linked it
	assert.Equal(t, fn, m.Disarm(h))
	assert.Zero(t, m.Peek(h))
	assert.Equal(t, kern.Unlisted, m.NodeState(h))
	assert.True(t, c.ArmHead(h, fn), "and once more")
	quiet(t, m)
	assert.False(t, c.ArmHead(h, fn))
	the(t, m, kern.DoubleCallRCU)

	assert.True(t, c.ArmWork(w, fn))
	assert.False(t, c.ArmWork(w, fn), "pending")
	assert.Zero(t, m.PendingWork())
	m.Call(c, m.Disarm(w), w)
	assert.Equal(t, []kern.Addr{w}, *ran)
	assert.True(t, c.ArmWork(w, fn))
	the(t, m, kern.DoubleCallRCU)
}

// DropPage counts and no more; CheckPageFree looks and no more.
func TestDropPageFreesNothing(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	p := kern.AllocPages(c, 0, kern.GFPKernel)
	kern.GetPageUnlessZero(c, p)
	assert.False(t, c.DropPage(p))
	assert.True(t, c.DropPage(p))
	c.CheckPageFree(p)
	quiet(t, m)
	m.Frames(func(q kern.PFN, free bool) { assert.Equal(t, q != p, free) })
	assert.False(t, c.DropPage(p))
	the(t, m, kern.DoubleFree)
	assert.Zero(t, m.Peek(p.Page()+kern.PageRefcount), "no count below zero stays")
}
