package tlbgather_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	_ "ptsim/internal/nofiles"
	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/rcuhead"
	"ptsim/tlbgather"
)

// bench is a machine with a gather whose other floors only write down what they are asked for.
type bench struct {
	m      *kern.Machine
	c      *kern.CPU
	mms    *mmctx.Space
	mm     mmctx.MM
	rcu    *rcuhead.Stepped
	tables *tlbgather.Tables
	log    []string
	gone   []kern.Phys
	inTask int // tables removed in the context of a task
}

func newBench(max int) *bench {
	b := &bench{m: kern.NewMachine(kern.Config{CPUs: 2, Checks: true, Frames: 2000})}
	b.c = b.m.CPU(0)
	b.mms = mmctx.NewSpace(b.m, mmctx.Config{})
	b.mm = b.mms.Alloc(b.c, 1)
	b.rcu = rcuhead.NewStepped(b.m)
	b.tables = tlbgather.New(b.m, max, tlbgather.Ops{
		RemoveTable: func(c *kern.CPU, table kern.Phys) {
			b.log = append(b.log, fmt.Sprint("remove ", table))
			b.gone = append(b.gone, table)
			if !c.InSoftirq() {
				b.inTask++
			}
		},
		FlushMMLazy: func(_ *kern.CPU, mm mmctx.MM) { b.log = append(b.log, fmt.Sprint("flush mm", mm.ID(b.m))) },
		SyncIPI:     func(*kern.CPU) { b.log = append(b.log, "ipi") },
	})
	return b
}

func (b *bench) quiet(t require.TestingT) {
	list, _ := b.m.Violations()
	for _, v := range list {
		require.Fail(t, v.Splat())
	}
}

// pick makes up n tables, with all tags by turns.
func pick(n int) []kern.Phys {
	var ts []kern.Phys
	for i := range n {
		tag := kern.Phys(i % 4)
		half := kern.Phys(0)
		if tag == kern.TagUpper {
			half = kern.HalfSize
		}
		ts = append(ts, kern.PhysOf(kern.PFN(i+1))+half|tag)
	}
	return ts
}

func TestBatchSize(t *testing.T) {
	assert.Equal(t, 509, tlbgather.MaxTableBatch)
	for _, tt := range []struct{ max, want int }{{0, 509}, {-1, 509}, {2, 2}, {4, 4}, {509, 509}, {510, 509}} {
		b := newBench(tt.max)
		g := b.tables.Gather(b.mm)
		for i, table := range pick(tt.want + 1) {
			require.Equal(t, i != 0 && i != tt.want, g.Open(func(kern.Phys) {}), "a batch is open but before the first and after the last")
			g.TLBRemoveTable(b.c, table)
		}
		assert.EqualValues(t, 1, b.tables.Counts().Batches, "max %d", tt.max)
		assert.Equal(t, 1, b.rcu.Pending())
		g.Finish(b.c)
		assert.Equal(t, 2, b.rcu.Pending())
	}
}

// The 509th table fills the batch, which goes to call_rcu at once; the 510th opens the next.
func TestFullBatchIsFlushed(t *testing.T) {
	b := newBench(0)
	g := b.tables.Gather(b.mm)
	tables := pick(510)
	for _, table := range tables[:508] {
		g.TLBRemoveTable(b.c, table)
	}
	assert.Empty(t, b.log)
	assert.Zero(t, b.rcu.Pending())
	g.TLBRemoveTable(b.c, tables[508])
	assert.Equal(t, []string{"flush mm1"}, b.log)
	assert.Equal(t, 1, b.rcu.Pending())
	assert.False(t, g.Open(nil))
	g.TLBRemoveTable(b.c, tables[509])
	assert.Equal(t, 509, b.removedBy(b.rcu.GracePeriod))
	assert.Equal(t, tables[:509], b.gone)
	g.Finish(b.c)
	assert.Equal(t, 1, b.removedBy(b.rcu.GracePeriod))
	assert.Equal(t, tables, b.gone)
	assert.Equal(t, tlbgather.Counts{Batches: 2, Entries: 510}, b.tables.Counts())
	assert.Zero(t, b.inTask)
	b.quiet(t)
}

func (b *bench) removedBy(f func() int) int {
	before := len(b.gone)
	f()
	return len(b.gone) - before
}

// The TLB is flushed before the batch is handed to RCU, whoever closes it.
func TestFlushComesBeforeCallRCU(t *testing.T) {
	for name, end := range map[string]func(*tlbgather.Gather, *kern.CPU){
		"tlb_finish_mmu":  (*tlbgather.Gather).Finish,
		"tlb_table_flush": (*tlbgather.Gather).TLBTableFlush,
	} {
		b := newBench(0)
		var queuedAtFlush []int
		b.tables = tlbgather.New(b.m, 0, tlbgather.Ops{
			RemoveTable: func(*kern.CPU, kern.Phys) {},
			FlushMMLazy: func(*kern.CPU, mmctx.MM) { queuedAtFlush = append(queuedAtFlush, b.rcu.Pending()) },
		})
		g := b.tables.Gather(b.mm)
		g.TLBRemoveTable(b.c, kern.PhysOf(1))
		end(&g, b.c)
		assert.NotEmpty(t, queuedAtFlush, name)
		for _, n := range queuedAtFlush {
			assert.Zero(t, n, name)
		}
		assert.Equal(t, 1, b.rcu.Pending(), name)
	}
}

func TestNothingToFlush(t *testing.T) {
	b := newBench(0)
	g := b.tables.Gather(b.mm)
	g.TLBTableFlush(b.c)
	assert.Empty(t, b.log)
	g.Finish(b.c)
	assert.Zero(t, b.rcu.Pending())
	g.Finish(b.c)
	assert.Zero(t, b.rcu.Pending())
	assert.Zero(t, b.tables.Counts())
}

// Without a page for the batch: flush, interrupt all CPUs, free in the context of the caller.
func TestFallback(t *testing.T) {
	b := newBench(0)
	b.m.FailPages(kern.GFPNowait, true)
	g := b.tables.Gather(b.mm)
	for _, table := range pick(2) {
		g.TLBRemoveTable(b.c, table)
	}
	assert.Equal(t, []string{"flush mm1", "ipi", "remove 0x1000", "flush mm1", "ipi", "remove 0x2001"}, b.log)
	assert.Equal(t, 2, b.inTask)
	assert.False(t, g.Open(nil))
	assert.Zero(t, b.rcu.Pending(), "no grace period is involved")
	assert.Equal(t, tlbgather.Counts{OneByOne: 2}, b.tables.Counts())
	b.quiet(t)
}

// An open batch takes tables although there is no page to be had; the next batch has to do without.
func TestFailureInTheMiddle(t *testing.T) {
	b := newBench(3)
	tables := pick(6)
	g := b.tables.Gather(b.mm)
	g.TLBRemoveTable(b.c, tables[0])
	b.m.FailPages(kern.GFPNowait, true)
	for _, table := range tables[1:4] {
		g.TLBRemoveTable(b.c, table)
	}
	assert.Equal(t, tables[3:4], b.gone, "only the fourth found no batch")
	b.m.FailPages(kern.GFPNowait, false)
	g.TLBRemoveTable(b.c, tables[4])
	g.TLBRemoveTable(b.c, tables[5])
	g.Finish(b.c)
	require.True(t, b.rcu.Barrier())
	assert.Equal(t, []kern.Phys{tables[3], tables[0], tables[1], tables[2], tables[4], tables[5]}, b.gone)
	assert.Equal(t, tlbgather.Counts{Batches: 2, OneByOne: 1, Entries: 5}, b.tables.Counts())
	b.quiet(t)
}

func TestTagsPassThrough(t *testing.T) {
	b := newBench(0)
	g := b.tables.Gather(b.mm)
	tables := pick(8)
	for _, table := range tables {
		g.TLBRemoveTable(b.c, table)
	}
	var open []kern.Phys
	assert.True(t, g.Open(func(table kern.Phys) { open = append(open, table) }))
	assert.Equal(t, tables, open)
	g.Finish(b.c)
	var queued []kern.Phys
	b.rcu.Each(func(head kern.Addr, fn kern.Func) {
		require.Equal(t, b.tables.Callback(), fn)
		assert.Equal(t, "batch", b.m.FuncName(fn))
		b.tables.EachInBatch(head, func(table kern.Phys) { queued = append(queued, table) })
	})
	assert.Equal(t, tables, queued)
	require.True(t, b.rcu.Barrier())
	assert.Equal(t, tables, b.gone)
	for i, table := range b.gone {
		assert.EqualValues(t, i%4, table.Tag())
	}
}

// A batch that was freed serves again, empty.
func TestBatchesAreReused(t *testing.T) {
	b := newBench(2)
	for range 50 {
		g := b.tables.Gather(b.mm)
		for _, table := range pick(3) {
			g.TLBRemoveTable(b.c, table)
		}
		g.Finish(b.c)
		require.True(t, b.rcu.Barrier())
	}
	assert.Len(t, b.gone, 150)
	assert.EqualValues(t, 100, b.tables.Counts().Batches)
	b.quiet(t)
}

// Several gathers on two CPUs, with memory coming and going: no table is lost, none is removed twice, and those of one
// batch keep their order.
func TestNothingIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBench(rapid.IntRange(1, 5).Draw(t, "max"))
		other := b.mms.Alloc(b.c, 2)
		gathers := []tlbgather.Gather{b.tables.Gather(b.mm), b.tables.Gather(other)}
		next := kern.PFN(1)
		live := map[kern.Phys]bool{}
		checked := 0
		t.Repeat(map[string]func(*rapid.T){
			"tlb_remove_table": func(t *rapid.T) {
				i := rapid.IntRange(0, 1).Draw(t, "cpu")
				table := kern.PhysOf(next) | kern.Phys(rapid.IntRange(0, 3).Draw(t, "tag"))
				next++
				live[table] = true
				gathers[i].TLBRemoveTable(b.m.CPU(i), table)
			},
			"finish": func(t *rapid.T) {
				i := rapid.IntRange(0, 1).Draw(t, "cpu")
				gathers[i].Finish(b.m.CPU(i))
			},
			"memory":       func(t *rapid.T) { b.m.FailPages(kern.GFPNowait, rapid.Bool().Draw(t, "fail")) },
			"grace period": func(*rapid.T) { b.rcu.GracePeriod() },
			"": func(t *rapid.T) {
				for ; checked < len(b.gone); checked++ {
					require.True(t, live[b.gone[checked]], "removed twice")
					delete(live, b.gone[checked])
				}
				waiting := 0
				count := func(kern.Phys) { waiting++ }
				b.rcu.Each(func(head kern.Addr, _ kern.Func) { b.tables.EachInBatch(head, count) })
				for i := range gathers {
					gathers[i].Open(count)
				}
				require.Equal(t, len(live), waiting)
				b.quiet(t)
			},
		})
		for i := range gathers {
			gathers[i].Finish(b.m.CPU(i))
		}
		require.True(t, b.rcu.Barrier())
		counts := b.tables.Counts()
		require.EqualValues(t, next-1, counts.Entries+counts.OneByOne)
		require.EqualValues(t, b.inTask, counts.OneByOne)
		require.Len(t, b.gone, int(next-1))
	})
}
