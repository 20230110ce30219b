package pgalloc_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
	"ptsim/rcuhead"
)

// interrupter delivers a softirq right after one chosen step, as an interrupt that comes at the wrong moment does.
type interrupter struct {
	at    func(op kern.Op) bool // nil: never
	steps int
}

func (s *interrupter) Step(c *kern.CPU, op kern.Op) uint32 {
	r := c.Exec(op)
	s.steps++
	if s.at != nil && s.at(op) {
		s.at = nil
		c.RaiseSoftirq()
		c.Interrupt()
	}
	return r
}

// moment is a task about to do something to an mm, while the callback of a batch is ready to run: a page of the mm has
// its upper half allocated and its lower half in that batch.
type moment struct {
	irq     *interrupter
	m       *kern.Machine
	c       *kern.CPU
	s       *pgalloc.System
	rcu     *rcuhead.Stepped
	mm      mmctx.MM
	partner kern.Phys // the upper half
	other   kern.Phys // a table of another page
}

func newMoment(t *testing.T, cfg pgalloc.Config) *moment {
	w := &moment{irq: &interrupter{}}
	w.m = kern.NewMachine(kern.Config{Checks: true, Contents: true, Scheduler: w.irq})
	w.c = w.m.CPU(0)
	var err error
	w.s, err = pgalloc.New(w.m, cfg)
	require.NoError(t, err)
	w.rcu = rcuhead.NewStepped(w.m)
	w.m.OpenSoftirq(func(*kern.CPU) { w.rcu.End() })
	w.mm = w.s.MMs.Alloc(w.c, 1)
	lower := w.s.PT.PageTableAlloc(w.c, w.mm)
	w.partner = w.s.PT.PageTableAlloc(w.c, w.mm)
	w.other = w.s.PT.PageTableAlloc(w.c, w.mm)
	g := w.s.TLB.Gather(w.mm)
	w.s.PT.PageTableFreeRCU(w.c, &g, lower, 0)
	g.Finish(w.c)
	w.rcu.Begin()
	w.irq.steps = 0
	return w
}

// takesLockInSoftirq says which versions wait for context.lock in a softirq with others taking it plainly.
func takesLockInSoftirq(v pgalloc.Variant) bool { return v == pgalloc.RFC || v == pgalloc.RFCAsPosted }

// __tlb_flush_mm_lazy takes context.lock with softirqs on. In the RFC a softirq takes the same lock: on a real machine
// LTP's mmap1 hung. The versions that mend it keep softirqs away; classic, active and fullpage take no lock in callbacks.
func TestSoftirqWhileTheLazyFlushHoldsTheLock(t *testing.T) {
	systems(t, func(_ testing.TB, cfg pgalloc.Config) {
		t.Run(string(cfg.Variant)+"/"+string(cfg.Pin), func(t *testing.T) {
			w := newMoment(t, cfg)
			w.irq.at = func(op kern.Op) bool { return op.Kind == kern.OpSpinLock || op.Kind == kern.OpSpinLockBH }
			w.s.FlushMMLazy(w.c, w.mm)
			assert.Zero(t, w.rcu.Pending(), "the softirq ran in the end")
			if !takesLockInSoftirq(cfg.Variant) {
				quiet(t, w.m)
				return
			}
			list, total := w.m.Violations()
			require.Equal(t, 1, total)
			v := list[0]
			assert.Equal(t, kern.SoftirqDeadlock, v.Kind)
			assert.Equal(t, w.mm.EmbeddedList().Lock(), v.Addr)
			assert.True(t, v.Softirq)
			assert.Equal(t, []string{
				"spin_lock_bh", "__tlb_remove_table", "tlb_remove_table_rcu", "rcu_do_batch", "__do_softirq",
			}, v.Trace[:5])
			assert.Contains(t, v.Trace, "__tlb_flush_mm_lazy", "what it interrupted")
		})
	})
}

// The same at every other moment: a softirq after any step of any operation does no harm, but where the RFC flushes.
func TestSoftirqAfterEveryStep(t *testing.T) {
	ops := map[string]func(w *moment){
		"page_table_alloc": func(w *moment) { w.s.PT.PageTableAlloc(w.c, w.mm) },
		"page_table_free":  func(w *moment) { w.s.PT.PageTableFree(w.c, w.mm, w.partner) },
		"page_table_free, other page": func(w *moment) {
			w.s.PT.PageTableFree(w.c, w.mm, w.other)
		},
		"pte_free_defer": func(w *moment) {
			if !w.s.PT.PTEFreeDefer(w.c, w.mm, w.partner) {
				w.s.PT.PageTableFree(w.c, w.mm, w.partner)
			}
		},
		"page_table_free_rcu":             func(w *moment) { w.gather(w.partner) },
		"page_table_free_rcu, other page": func(w *moment) { w.gather(w.other) },
		"page_table_free_rcu, other page, no batch": func(w *moment) {
			w.m.FailPages(kern.GFPNowait, true)
			w.gather(w.other)
			w.m.FailPages(kern.GFPNowait, false)
		},
	}
	// Those that flush while the callback still finds the partner allocated, and therefore takes the lock.
	flushes := map[string]bool{"page_table_free_rcu, other page": true, "page_table_free_rcu, other page, no batch": true}
	systems(t, func(_ testing.TB, cfg pgalloc.Config) {
		for name, op := range ops {
			t.Run(string(cfg.Variant)+"/"+string(cfg.Pin)+"/"+name, func(t *testing.T) {
				w := newMoment(t, cfg)
				op(w)
				total := w.irq.steps
				require.Positive(t, total)
				deadlocks := 0
				for at := 1; at <= total; at++ {
					w := newMoment(t, cfg)
					w.irq.at = func(kern.Op) bool { return w.irq.steps == at }
					op(w)
					require.False(t, w.c.BHDisabled())
					list, n := w.m.Violations()
					if n == 1 && list[0].Kind == kern.SoftirqDeadlock && takesLockInSoftirq(cfg.Variant) && flushes[name] {
						deadlocks++
						continue
					}
					w.end(t)
				}
				assert.Equal(t, takesLockInSoftirq(cfg.Variant) && flushes[name], deadlocks > 0)
			})
		}
	})
}

func (w *moment) gather(table kern.Phys) {
	g := w.s.TLB.Gather(w.mm)
	w.s.PT.PageTableFreeRCU(w.c, &g, table, 0)
	g.Finish(w.c)
}

// end frees what can still be freed, and looks at what is left: nothing but the tables that are allocated.
func (w *moment) end(t *testing.T) {
	t.Helper()
	w.rcu.End()
	require.True(t, w.rcu.Barrier())
	kern.RunWork(w.c)
	quiet(t, w.m)
	st := w.s.Stats()
	require.Zero(t, st.PendingHalves)
	require.Equal(t, st.LiveHalves, st.Tables)
	require.EqualValues(t, 1, w.m.Peek(w.mm.Users()))
}

func TestSpeculativeReferenceToACRST(t *testing.T) {
	m, c, s, _, _ := build(pgalloc.Classic)
	table := s.CRSTAlloc(c)
	kern.GetPageUnlessZero(c, table.PFN())
	s.CRSTFree(c, table)
	s.PutPage(c, pgalloc.PageOf(table))
	quiet(t, m)
	require.Equal(t, table, s.CRSTAlloc(c))
}

// The flush of an mm that is gone takes a lock that is gone.
func TestFlushOfAFreedMM(t *testing.T) {
	systems(t, func(_ testing.TB, cfg pgalloc.Config) {
		m := kern.NewMachine(kern.Config{Checks: true})
		s, err := pgalloc.New(m, cfg)
		require.NoError(t, err)
		c := m.CPU(0)
		mm := s.MMs.Alloc(c, 1)
		s.MMs.Put(c, mm)
		s.MMs.Drop(c, mm)
		s.FlushMMLazy(c, mm)
		_, n := m.Violations()
		require.Positive(t, n)
	})
}
