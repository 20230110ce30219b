package s390sim

import (
	"ptsim/kern"
)

// spareTables are CRSTs allocated outside page_table_lock for use under it.
type spareTables struct {
	tables [2]kern.Phys
	n      int
}

func (s *spareTables) take() kern.Phys {
	if s.n == 0 {
		panic("s390sim: no spare CRST")
	}
	s.n--
	return s.tables[s.n]
}

// fillSpare allocates CRSTs until there are want. It tells whether there was memory.
func (m *Machine) fillSpare(c *kern.CPU, s *spareTables, want int) bool {
	for s.n < want {
		t := m.Sys.CRSTAlloc(c)
		if t == 0 {
			return false
		}
		s.tables[s.n] = t
		s.n++
	}
	return true
}

func (m *Machine) dropSpare(c *kern.CPU, s *spareTables) {
	for s.n > 0 {
		m.Sys.CRSTFree(c, s.take())
	}
}
