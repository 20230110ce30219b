package pgalloc_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/pgalloc"
	"ptsim/rcuhead"
)

func systems(t testing.TB, f func(t testing.TB, cfg pgalloc.Config)) {
	for _, i := range pgalloc.Variants() {
		pins := []pgalloc.Pin{""}
		if i.Variant == pgalloc.Pinned {
			pins = pgalloc.Pins()
		}
		for _, p := range pins {
			f(t, pgalloc.Config{Variant: i.Variant, Pin: p})
		}
	}
}

func TestSmoke(t *testing.T) {
	systems(t, func(t testing.TB, cfg pgalloc.Config) {
		m := kern.NewMachine(kern.Config{Checks: true, Contents: true})
		s, err := pgalloc.New(m, cfg)
		require.NoError(t, err)
		rcu := rcuhead.NewStepped(m)
		c := m.CPU(0)
		mm := s.MMs.Alloc(c, 1)
		var ts []kern.Phys
		for range 6 {
			ts = append(ts, s.PT.PageTableAlloc(c, mm))
		}
		g := s.TLB.Gather(mm)
		s.PT.PageTableFree(c, mm, ts[0])
		s.PT.PageTableFreeRCU(c, &g, ts[1], 0)
		s.PT.PageTableFreeRCU(c, &g, ts[2], 0)
		if !s.PT.PTEFreeDefer(c, mm, ts[3]) {
			s.PT.PageTableFree(c, mm, ts[3])
		}
		if !s.PT.PTEFreeDefer(c, mm, ts[4]) {
			s.PT.PageTableFree(c, mm, ts[4])
		}
		if !s.PT.PTEFreeDefer(c, mm, ts[5]) {
			s.PT.PageTableFree(c, mm, ts[5])
		}
		g.Finish(c)
		require.True(t, rcu.Barrier())
		kern.RunWork(c)
		st := s.Stats()
		list, _ := m.Violations()
		for _, v := range list {
			t.Log(s.Name(), v.Splat())
		}
		t.Log(s.Name(), st, len(list))
		if cfg.Variant != pgalloc.RFCAsPosted {
			require.Zero(t, st.Pages, s.Name())
		}
		if s.MMs.Put(c, mm) {
			s.MMs.Drop(c, mm)
		}
		rcu.Barrier()
		require.Zero(t, s.MMs.Live())
	})
}
