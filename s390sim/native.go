package s390sim

import (
	"ptsim/kern"
	"ptsim/rcuhead"
)

// Native returns the RCU of a native machine, nil in virtual time. A goroutine that acts as a CPU calls its Online first,
// Quiescent between any two operations, and Offline at the end. What it does meanwhile to address spaces and files may
// meet what others do to the same: the locks are real.
func (m *Machine) Native() *rcuhead.Native { return m.native }

// SpeculativeRef takes a reference on the page of one of the address space's tables, the one that maps the segment of addr,
// as whoever walks pages by number may. PutRef gives it back; it is false if there is no table.
func (as *AddressSpace) SpeculativeRef(c *kern.CPU, addr uint64) (kern.PFN, bool) {
	table := as.tableAt(c, addr>>SegmentShift)
	if table == 0 || !kern.GetPageUnlessZero(c, table.PFN()) {
		return 0, false
	}
	return table.PFN(), true
}

// PutRef gives a speculative reference back.
func (m *Machine) PutRef(c *kern.CPU, p kern.PFN) { m.Sys.PutPage(c, pageOf(kern.PhysOf(p))) }

// Flood queues n callbacks that do nothing, as a burst of kfree_rcu or closed files does: the callbacks of page tables
// wait in line behind them.
func (m *Machine) Flood(c *kern.CPU, n int) {
	for range n {
		kern.CallRCU(c, m.heads.Alloc(c), m.flood)
	}
}

func (m *Machine) makeFlood() {
	m.heads = m.M.NewCache(kern.CacheConfig{Name: "rcu_head", Words: kern.RCUHeadWords})
	m.flood = m.M.RegisterFunc("flood", func(c *kern.CPU, head kern.Addr) { m.heads.Free(c, head) })
}

// Shutdown stops the thread of a native machine. No CPU may be online.
func (m *Machine) Shutdown() {
	if m.native != nil {
		m.native.Close()
	}
}
