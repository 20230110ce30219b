package s390sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/pgalloc"
)

// retract_page_tables passes over a mapping for one reason at a time, in the order of the kernel's checks.
func TestRetractSkips(t *testing.T) {
	type setup struct {
		m  *Machine
		f  *File
		as *AddressSpace
	}
	const at = base
	vma := func(s setup) *VMA { return s.as.vmas.find(at + 8*kib) }
	exited := func(s setup) { s.m.M.Poke(s.as.MM.Users(), 0) }
	tests := []struct {
		name   string
		spoil  func(s setup)
		offset uint64
		want   Stats
	}{
		{"nothing in the way", func(setup) {}, 0, Stats{Retracts: 1}},
		{"anonymous memory", func(s setup) { vma(s).AnonVMA = true }, 0, Stats{SkippedAnon: 1}},
		{"anonymous memory comes before alignment", func(s setup) { vma(s).AnonVMA = true }, 4 * kib, Stats{SkippedAnon: 1}},
		{"not aligned", func(setup) {}, 4 * kib, Stats{SkippedAlign: 1}},
		{"not covered at its end", func(s setup) { s.as.Munmap(s.m.CPU(0), at+2*mib-4*kib, 4*kib) }, mib, Stats{SkippedAlign: 1}},
		{"not covered at its beginning", func(s setup) { s.as.Munmap(s.m.CPU(0), at, 4*kib) }, 4 * kib, Stats{SkippedAlign: 1}},
		{"no table", func(s setup) { s.m.RetractPageTables(s.m.CPU(0), s.f, 0); s.m.stat(s.m.CPU(0)).Retracts = 0 }, 0, Stats{SkippedEmpty: 1}},
		{"no table comes before no user", func(s setup) {
			s.m.RetractPageTables(s.m.CPU(0), s.f, 0)
			s.m.stat(s.m.CPU(0)).Retracts = 0
			exited(s)
		}, 0, Stats{SkippedEmpty: 1}},
		{"no user, but linked still", exited, 0, Stats{SkippedExit: 1}},
		{"no user comes before userfaultfd", func(s setup) { exited(s); vma(s).UFFD = true }, 0, Stats{SkippedExit: 1}},
		{"userfaultfd", func(s setup) { vma(s).UFFD = true }, 0, Stats{SkippedUFFD: 1}},
		{"a mapping of another part of the file is not met", func(s setup) { vma(s).AnonVMA = true }, 2 * mib, Stats{}},
		{"nor is one of a later part", func(s setup) { vma(s).Offset = mib; vma(s).AnonVMA = true }, 0, Stats{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, v := range sound() {
				m := checked(t, v)
				s := setup{m, m.NewFile(), m.NewMM(m.CPU(0))}
				mapFile(t, m, s.as, s.f, at, 2)
				tt.spoil(s)
				before := tablesOf(s.as)
				taken := m.RetractPageTables(m.CPU(1), s.f, tt.offset)
				got := m.Stats()
				got.MMs, got.Faults = 0, 0
				assert.Equal(t, tt.want, got, string(v))
				assert.EqualValues(t, tt.want.Retracts, taken)
				if taken == 0 {
					assert.Equal(t, before, tablesOf(s.as), "a table went")
				}
				m.M.Poke(s.as.MM.Users(), 1)
				requireQuiet(t, m)
			}
		})
	}
}

// All mms that map the segment lose its table, wherever it shows in them; the collapse of 2 MiB takes two.
func TestCollapseTakesAllMappings(t *testing.T) {
	for _, v := range pgalloc.Variants() {
		m := checked(t, v.Variant)
		f := m.NewFile()
		var all []*AddressSpace
		for i := range 5 {
			as := m.NewMM(m.CPU(0))
			mapFile(t, m, as, f, base+uint64(i)*16*mib, 3)
			all = append(all, as)
		}
		assert.Equal(t, 10, m.Collapse(m.CPU(0), f, mib, 2*mib))
		for _, as := range all {
			assert.Equal(t, 1, as.Populated())
		}
		st := m.Sys.Stats()
		if v.Variant == pgalloc.Classic { // no pte_free_defer: an IPI round, then page_table_free
			assert.Equal(t, [3]uint64{10, 0, 10}, [3]uint64{st.FreedNow, st.FreedDeferred, st.IPIs})
		} else {
			assert.Equal(t, [3]uint64{0, 10, 0}, [3]uint64{st.FreedNow, st.FreedDeferred, st.IPIs})
		}
		if v.Flawed == "" {
			requireQuiet(t, m)
		}
	}
}

// A VMA in the file's tree keeps its mm: the exit of the last user cannot get past unlink_file_vma while the walk goes
// on, so the walk may find mm_users at 0 but never the mm freed. exit runs on a goroutine of its own here, which is
// allowed because all it can do is wait.
func TestExitWaitsForRetract(t *testing.T) {
	for _, v := range sound() {
		var m *Machine
		var leaver *AddressSpace
		done := make(chan struct{})
		early := false
		m = newMachine(t, Config{Variant: v, CPUs: 2, Checks: true, Contents: true, Trace: func(e *Event) {
			if e.Kind != EventRetract || leaver == nil {
				return
			}
			as := leaver
			leaver = nil
			go func() { // mmput
				defer close(done)
				as.Put(as.m.CPU(1))
			}()
			for m.M.Peek(as.MM.Users()) != 0 {
				time.Sleep(100 * time.Microsecond)
			}
			select {
			case <-done:
				early = true
			case <-time.After(5 * time.Millisecond):
			}
			assert.EqualValues(t, 1, m.M.Peek(as.MM.Count()), "the users' reference is held until exit_mmap is through")
		}})
		f := m.NewFile()
		stays, goes := m.NewMM(m.CPU(0)), m.NewMM(m.CPU(0))
		mapFile(t, m, stays, f, base, 1)
		mapFile(t, m, goes, f, base, 1)
		leaver = goes
		assert.Equal(t, 1, m.RetractPageTables(m.CPU(0), f, 0), "the one that is on its way out is skipped")
		<-done
		require.False(t, early, "exit did not wait")
		assert.EqualValues(t, 1, m.Stats().SkippedExit)
		assert.Equal(t, 1, f.Mapped())
		requireQuiet(t, m)
		assert.Zero(t, stays.Populated())
	}
}

// mm_users may fall to 0 between the test and pte_free_defer, which then works for an mm that is exiting.
func TestDeferWithoutUsers(t *testing.T) {
	for _, v := range sound() {
		var m *Machine
		var as *AddressSpace
		m = newMachine(t, Config{Variant: v, CPUs: 2, Checks: true, Contents: true, Trace: func(e *Event) {
			if e.Kind == EventRetract { // before the table is freed
				m.M.Poke(as.MM.Users(), 0)
			}
		}})
		f := m.NewFile()
		as = m.NewMM(m.CPU(0))
		mapFile(t, m, as, f, base, 2)
		require.Equal(t, 1, m.RetractPageTables(m.CPU(1), f, 0))
		m.M.Poke(as.MM.Users(), 1)
		as.Put(m.CPU(0))
		requireQuiet(t, m)
		_, tables, crsts := frames(m)
		assert.Equal(t, [2]int{0, 0}, [2]int{tables, crsts}, string(v))
	}
}

func TestFaultAfterRetract(t *testing.T) {
	m := checked(t, pgalloc.Pinned)
	c, f := m.CPU(0), m.NewFile()
	as := m.NewMM(c)
	mapFile(t, m, as, f, base, 2)
	m.Collapse(c, f, 0, 2*mib)
	assert.Equal(t, FaultHuge, as.Fault(c, base, false))
	as.Munmap(c, base+mib+512*kib, 512*kib)
	assert.Equal(t, FaultTable, as.Fault(c, base+mib, false))
	assert.Equal(t, FaultMinor, as.Fault(c, base+mib, true))
	assert.Equal(t, 1, m.RetractPageTables(c, f, 0)+as.Populated())
	requireQuiet(t, m)
}

// What a fork copies, entry by entry.
func TestForkCopiesContents(t *testing.T) {
	m := checked(t, pgalloc.Active)
	c := m.CPU(0)
	as := mapped(t, m, 1)
	as.Fault(c, base+12*kib, false)
	child := as.Fork(c)
	from, to := tablesOf(as)[base], tablesOf(child)[base]
	require.NotEqual(t, from, to)
	present := 0
	for i := range kern.PTRSPerPTE {
		e := ReadPTE(c, to, i)
		assert.Equal(t, ReadPTE(c, from, i), e)
		if e != pteInvalid {
			present++
		}
	}
	assert.Equal(t, 2, present)
	requireQuiet(t, m)
}
