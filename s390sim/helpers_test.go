package s390sim

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/kern"
	"ptsim/pgalloc"
)

const (
	kib = uint64(1) << 10
	mib = uint64(1) << 20

	base = uint64(0x40000000)
)

func newMachine(t testing.TB, cfg Config) *Machine {
	m, err := New(cfg)
	require.NoError(t, err)
	return m
}

// checked is a machine that looks for everything.
func checked(t testing.TB, v pgalloc.Variant) *Machine {
	return newMachine(t, Config{Variant: v, CPUs: 2, Checks: true, Contents: true})
}

// sound are the variants that nothing is known to be wrong with.
func sound() []pgalloc.Variant {
	var out []pgalloc.Variant
	for _, v := range pgalloc.Variants() {
		if v.Flawed == "" {
			out = append(out, v.Variant)
		}
	}
	return out
}

// kinds returns the kinds of the violations reported so far.
func kinds(m *Machine) []kern.Kind {
	list, _ := m.M.Violations()
	var out []kern.Kind
	for _, v := range list {
		out = append(out, v.Kind)
	}
	return out
}

// frames counts the frames that were ever handed out, those that hold page tables now, and the CRSTs. It does not use the
// allocator's counts.
func frames(m *Machine) (ever, tables, crsts int) {
	m.M.Frames(func(p kern.PFN, free bool) {
		ever++
		if !free && pgalloc.Page(p).IsTable(m.M) {
			tables++
		}
		if !free && pgalloc.IsCRST(m.M, p) {
			crsts++
		}
	})
	return ever, tables, crsts
}

func tablesOf(as *AddressSpace) map[uint64]kern.Phys {
	out := map[uint64]kern.Phys{}
	as.Tables(func(addr uint64, t kern.Phys) { out[addr] = t })
	return out
}

// mapped returns an address space with n populated segments of anonymous memory from base on.
func mapped(t testing.TB, m *Machine, n int) *AddressSpace {
	as := m.NewMM(m.CPU(0))
	as.Mmap(m.CPU(0), Mapping{Start: base, Len: uint64(n) * mib})
	for i := range n {
		require.Equal(t, FaultTable, as.Fault(m.CPU(0), base+uint64(i)*mib, true))
	}
	return as
}

// mapFile maps n segments of a file from its beginning, shared, and populates them.
func mapFile(t testing.TB, m *Machine, as *AddressSpace, f *File, at uint64, n int) {
	as.Mmap(m.CPU(0), Mapping{Start: at, Len: uint64(n) * mib, File: f, Shared: true})
	for i := range n {
		require.Equal(t, FaultTable, as.Fault(m.CPU(0), at+uint64(i)*mib, true))
	}
}

func requireQuiet(t testing.TB, m *Machine) {
	require.Zero(t, m.Check())
	list, n := m.M.Violations()
	require.Zero(t, n, "%v", list)
}
