package kern_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ptsim/kern"
)

// tracker lets every step happen at once, and compares what it changed with what was said of it before.
type tracker struct {
	t       require.TestingT
	changed map[kern.OpKind]bool
}

func (s *tracker) Step(c *kern.CPU, op kern.Op) uint32 {
	switch op.Kind { // these do more than is counted
	case kern.OpSlabAlloc, kern.OpKmalloc, kern.OpSlabFree, kern.OpSlabReclaim, kern.OpAllocPages, kern.OpFreePages, kern.OpPutPage,
		kern.OpCallRCU, kern.OpQueueWork, kern.OpTakeWork:
		return c.Exec(op)
	}
	m := c.Machine()
	var f kern.Footprint
	said := m.Footprint(0, op, &f)
	var before [1024]uint32
	for a := range before {
		before[a] = m.Peek(kern.Addr(a))
	}
	r := c.Exec(op)
	for a, was := range before {
		if a != 0 && m.Peek(kern.Addr(a)) != was {
			require.Contains(s.t, said, kern.Addr(a), "%v", op)
			s.changed[op.Kind] = true
		}
	}
	return r
}

// No primitive changes a word that is not in its footprint.
func TestFootprintHoldsWhatChanges(t *testing.T) {
	changed := map[kern.OpKind]bool{}
	run := func(t require.TestingT, program []instr) {
		w := newWorld(&tracker{t, changed})
		for _, i := range program {
			w.run(i)
		}
	}
	run(t, eachOp())
	run(t, []instr{{op: kern.OpListAdd}, {op: kern.OpListDelInit}})
	run(t, []instr{{op: kern.OpListAddTail}, {op: kern.OpListDel}})
	rapid.Check(t, func(t *rapid.T) { run(t, program(t, 60)) })
	if testing.Short() { // a fifth of the programs may leave one of them out
		return
	}
	for _, k := range []kern.OpKind{
		kern.OpStore, kern.OpRefInc, kern.OpRefDecTest, kern.OpDownRead, kern.OpUpRead, kern.OpDownWrite, kern.OpUpWrite,
		kern.OpSpinLockBH, kern.OpSpinUnlock, kern.OpListAdd, kern.OpListAddTail, kern.OpListDel, kern.OpListDelInit,
	} {
		assert.True(t, changed[k], "%v never changed anything", k)
	}
}

// A footprint names each object that an operation is about, NULL and poison never.
func TestFootprints(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	l := lists(c, 3)
	kern.ListAdd(c, l[1], l[0])
	p := kern.AllocPages(c, 0, kern.GFPKernel)
	var f kern.Footprint
	of := func(op kern.Op) []kern.Addr {
		s := slices.Clone(m.Footprint(0, op, &f))
		slices.Sort(s)
		return slices.Compact(s)
	}
	for _, tt := range []struct {
		op   kern.Op
		want []kern.Addr
	}{
		{kern.Op{Kind: kern.OpLoad, Addr: 9}, []kern.Addr{9}},
		{kern.Op{Kind: kern.OpLoad, Addr: kern.FreePoison}, nil},
		{kern.Op{Kind: kern.OpDownRead, Addr: 9}, []kern.Addr{9}},
		{kern.Op{Kind: kern.OpRefInc, Addr: 9}, []kern.Addr{9}},
		{kern.Op{Kind: kern.OpPutPage, Addr: kern.Addr(p)}, []kern.Addr{p.Page() + kern.PageRefcount}},
		{kern.Op{Kind: kern.OpCallRCU, Addr: 9}, []kern.Addr{9, 10}},
		{kern.Op{Kind: kern.OpMark, A: 9}, nil},
		{kern.Op{Kind: kern.OpChoose, A: 9}, nil},
		{kern.Op{Kind: kern.OpListAdd, Addr: l[2], A: uint32(l[0])}, []kern.Addr{l[0], l[1] + 1, l[2], l[2] + 1}},
		{kern.Op{Kind: kern.OpListAddTail, Addr: l[2], A: uint32(l[0])}, []kern.Addr{l[0] + 1, l[1], l[2], l[2] + 1}},
		{kern.Op{Kind: kern.OpListDel, Addr: l[1]}, []kern.Addr{l[0], l[0] + 1, l[1], l[1] + 1}},
	} {
		assert.Equal(t, len(tt.want), len(of(tt.op)), "%v", tt.op)
		assert.ElementsMatch(t, tt.want, of(tt.op), "%v", tt.op)
	}
}
