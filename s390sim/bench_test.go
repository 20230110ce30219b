package s390sim

import (
	"testing"

	"ptsim/pgalloc"
)

// BenchmarkTables is a table's life on a machine with many address spaces: a fault, and its end with the exit.
func BenchmarkTables(b *testing.B) {
	for _, checks := range []bool{true, false} {
		for _, v := range []pgalloc.Variant{pgalloc.Classic, pgalloc.Pinned, pgalloc.Active, pgalloc.FullPage} {
			name := string(v) + "/unchecked"
			if checks {
				name = string(v) + "/checked"
			}
			b.Run(name, func(b *testing.B) {
				const tables = 100
				m := newMachine(b, Config{Variant: v, CPUs: 8, Checks: checks})
				all := make([]*AddressSpace, 1000)
				m.Advance(0)
				ops := 0
				for i := 0; ops < b.N; i++ {
					c := m.CPU(i)
					m.Advance(int64(i) * 1e6)
					at := &all[i%len(all)]
					if *at != nil {
						(*at).Put(c)
						ops += tables
					}
					*at = m.NewMM(c)
					(*at).Mmap(c, Mapping{Start: base, Len: tables * mib})
					for s := range uint64(tables) {
						(*at).Fault(c, base+s*mib, true)
					}
					ops += tables
				}
			})
		}
	}
}
