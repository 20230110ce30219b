package s390sim

import (
	"fmt"

	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
)

// Every CPU has a small TLB of segment translations: which table maps a segment of an mm. It is kept in shared memory,
// because other CPUs flush it. An entry that outlives its table is a bug of the flushing, and is found when it is used: that
// is all it is for, and without checks it stays empty.
const (
	tlbEntries = 16

	tlbMM    = 0
	tlbSeg   = 1
	tlbTable = 2
	tlbWords = 3
)

type tlb struct{ base kern.Addr }

func (t tlb) entry(seg uint64) kern.Addr { return t.base + kern.Addr(seg%tlbEntries)*tlbWords }

// lookup returns the table that the TLB has for a segment, 0 if it has none.
func (t tlb) lookup(c *kern.CPU, mm mmctx.MM, seg uint64) kern.Phys {
	e := t.entry(seg)
	if kern.ReadOnce(c, e+tlbMM) != uint32(mm) || kern.ReadOnce(c, e+tlbSeg) != uint32(seg) {
		return 0
	}
	return kern.Unpack(kern.ReadOnce(c, e+tlbTable))
}

func (t tlb) insert(c *kern.CPU, mm mmctx.MM, seg uint64, table kern.Phys) {
	e := t.entry(seg)
	kern.WriteOnce(c, e+tlbTable, table.Pack())
	kern.WriteOnce(c, e+tlbSeg, uint32(seg))
	kern.WriteOnce(c, e+tlbMM, uint32(mm))
}

// flushMM is __tlb_flush_mm(): it drops the mm's entries from the TLBs of all CPUs.
func (m *Machine) flushMM(c *kern.CPU, mm mmctx.MM) {
	if !m.cfg.Checks {
		return
	}
	for _, t := range m.tlbs {
		for i := range kern.Addr(tlbEntries) {
			if e := t.base + i*tlbWords; kern.ReadOnce(c, e+tlbMM) == uint32(mm) {
				kern.WriteOnce(c, e+tlbMM, 0)
			}
		}
	}
}

// flushSegment drops one segment of an mm from the TLBs of all CPUs: what pmdp_collapse_flush does with IDTE.
func (m *Machine) flushSegment(c *kern.CPU, mm mmctx.MM, seg uint64) {
	if !m.cfg.Checks {
		return
	}
	for _, t := range m.tlbs {
		if e := t.entry(seg); kern.ReadOnce(c, e+tlbMM) == uint32(mm) && kern.ReadOnce(c, e+tlbSeg) == uint32(seg) {
			kern.WriteOnce(c, e+tlbMM, 0)
		}
	}
}

// useTLB is an access by user code to a segment that current maps, if anything does: if the TLB knows the segment, the
// table it leads to had better be there, and be that one unless it waits for a grace period. It returns that table, 0 if the TLB
// does not know the segment.
func (m *Machine) useTLB(c *kern.CPU, mm mmctx.MM, seg uint64, current kern.Phys) kern.Phys {
	table := m.tlbs[c.ID()].lookup(c, mm, seg)
	if table == 0 {
		return 0
	}
	mask := pgalloc.PageOf(table).PeekMask(m.M)
	handedOn := table != current && mask != 0 && !mask.Pending(table.Half()) // the half is another segment's by now
	if handedOn || !TableInUse(m.M, table) {
		c.Report(&kern.Violation{Kind: pgalloc.StaleTLB, Addr: table.PFN().Page(), Detail: fmt.Sprintf("half %d, segment %#x", table.Half(), seg<<SegmentShift)})
	}
	return table
}

// TableInUse tells whether a table has not been freed: its half is allocated, or waits for a grace period. It reads as a
// debugger would.
func TableInUse(m *kern.Machine, table kern.Phys) bool {
	p := pgalloc.PageOf(table)
	if !p.IsTable(m) {
		return false
	}
	mask := p.PeekMask(m)
	return mask == 0 || mask.Allocated(table.Half()) || mask.Pending(table.Half())
}

// ReadPTE is a walker's look into a table that it got hold of earlier, such as gup_fast's or a page_vma_mapped_walk's
// under rcu_read_lock. The table must still be there.
func ReadPTE(c *kern.CPU, table kern.Phys, index int) uint64 {
	if !TableInUse(c.Machine(), table) {
		c.Report(&kern.Violation{Kind: pgalloc.ReaderUseAfterFree, Addr: table.PFN().Page(), Detail: fmt.Sprintf("half %d", table.Half())})
	}
	return c.ReadEntry(table.PFN(), int(table.Half())*kern.PTRSPerPTE+index)
}
