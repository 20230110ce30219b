package explore_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/memory"
)

// rcuModel is a list with one node that readers may find, its lock, an srcu_struct, and a callback that frees the node.
type rcuModel struct {
	g     kern.Addr // the head of the list; then words
	node  kern.Addr
	nodes kern.Cache
	free  kern.Func
}

const (
	rcuNode = 2 // a pointer to the node
	rcuSRCU = 3
	rcuSem  = 6
	rcuDone = 7

	rcuLinkAt = 0
	rcuHeadAt = 2
	rcuDataAt = 4
)

// rcuTasks makes a model of tasks on such a list.
func rcuTasks(codes ...func(c *kern.CPU, r rcuModel)) *explore.Model {
	build := func(cpus int, s kern.Scheduler) *explore.Instance {
		m := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 16, Scheduler: s})
		c := m.CPU(0)
		r := rcuModel{nodes: m.NewCache(kern.CacheConfig{Name: "node", Words: 8})}
		r.free = m.RegisterFunc("free_node", func(c *kern.CPU, head kern.Addr) { r.nodes.Free(c, head-rcuHeadAt) })
		r.g, r.node = m.NewCache(kern.CacheConfig{Name: "global", Words: 12}).Alloc(c), r.nodes.Alloc(c)
		kern.InitListHead(c, r.g)
		kern.ListAddTailRCU(c, r.node, r.g)
		kern.RCUAssignPointer(c, r.g+rcuNode, r.node)
		in := &explore.Instance{M: m}
		for i, f := range codes {
			in.Tasks = append(in.Tasks, explore.Task{Name: string(rune('A' + i)), Ops: []explore.Operation{do("op", func(c *kern.CPU) { f(c, r) })}})
		}
		return in
	}
	return &explore.Model{Name: "rcu", Tasks: len(codes), Build: build}
}

// readerOf looks the node up and reads it, between what begins and what ends a reader.
func readerOf(begin, end func(c *kern.CPU)) func(c *kern.CPU, r rcuModel) {
	return func(c *kern.CPU, r rcuModel) {
		begin(c)
		if p := kern.RCUDereference(c, r.g+rcuNode); p != 0 {
			kern.ReadOnce(c, p+rcuDataAt)
		}
		end(c)
	}
}

// updater takes the node away, waits, and frees it.
func updater(wait func(c *kern.CPU, r rcuModel)) func(c *kern.CPU, r rcuModel) {
	return func(c *kern.CPU, r rcuModel) {
		kern.WriteOnce(c, r.g+rcuNode, 0)
		wait(c, r)
		r.nodes.Free(c, r.node)
	}
}

func waitSync(c *kern.CPU, _ rcuModel) { kern.SynchronizeRCU(c) }
func barrier(c *kern.CPU, _ rcuModel)  { kern.RCUBarrier(c) }

func TestWhoAGracePeriodWaitsFor(t *testing.T) {
	rcu := readerOf(kern.RCUReadLock, kern.RCUReadUnlock)
	bh := readerOf(kern.LocalBHDisable, kern.LocalBHEnable)
	preempt := readerOf(kern.PreemptDisable, kern.PreemptEnable)
	bare := readerOf(none, none)
	srcu := func(c *kern.CPU, r rcuModel) {
		idx := kern.SRCUReadLock(c, r.g+rcuSRCU)
		bare(c, r)
		kern.SRCUReadUnlock(c, r.g+rcuSRCU, idx)
	}
	syncSRCU := func(c *kern.CPU, r rcuModel) { kern.SynchronizeSRCU(c, r.g+rcuSRCU) }
	safe, freed := kern.NoViolation, kern.UseAfterFree
	for name, c := range map[string]struct {
		reader       func(c *kern.CPU, r rcuModel)
		wait         func(c *kern.CPU, r rcuModel)
		precise, any kern.Kind
	}{
		"rcu_read_lock, synchronize_rcu":   {rcu, waitSync, safe, safe},
		"BH off, synchronize_rcu":          {bh, waitSync, safe, freed},
		"preemption off, synchronize_rcu":  {preempt, waitSync, safe, freed},
		"no reader, synchronize_rcu":       {bare, waitSync, freed, freed},
		"rcu_read_lock, nothing":           {rcu, func(*kern.CPU, rcuModel) {}, freed, freed},
		"rcu_read_lock, rcu_barrier":       {rcu, barrier, freed, freed}, // waits for callbacks, and there is none
		"srcu_read_lock, synchronize_rcu":  {srcu, waitSync, freed, freed},
		"rcu_read_lock, synchronize_srcu":  {rcu, syncSRCU, freed, freed},
		"srcu_read_lock, synchronize_srcu": {srcu, syncSRCU, safe, safe},
		"srcu_read_lock twice": {func(c *kern.CPU, r rcuModel) {
			idx := kern.SRCUReadLock(c, r.g+rcuSRCU)
			kern.WriteOnce(c, r.g+rcuDone, 1)
			inner := kern.SRCUReadLock(c, r.g+rcuSRCU)
			kern.SRCUReadUnlock(c, r.g+rcuSRCU, inner)
			bare(c, r)
			kern.SRCUReadUnlock(c, r.g+rcuSRCU, idx)
		}, syncSRCU, safe, safe},
		"two grace periods": {srcu, func(c *kern.CPU, r rcuModel) { syncSRCU(c, r); syncSRCU(c, r) }, safe, safe},
	} {
		for grace, want := range map[explore.Grace]kern.Kind{explore.GracePrecise: c.precise, explore.GraceAny: c.any} {
			for _, plain := range []bool{false, true} {
				opt := explore.Defaults()
				opt.Grace, opt.Plain = grace, plain
				r, err := explore.Exhaustive(rcuTasks(c.reader, updater(c.wait)), opt)
				require.NoError(t, err)
				got := kern.NoViolation
				if r.Violation != nil {
					got = r.Violation.Kind
				}
				assert.Equal(t, want, got, "%s, grace %s, plain %t", name, grace, plain)
			}
		}
	}
}

// What rcu_barrier waits for has run: callbacks that were queued, and those that were running. One that begins later need not.
func TestRCUBarrierWaitsForCallbacks(t *testing.T) {
	told := func(wait func(c *kern.CPU, r rcuModel)) *explore.Model {
		return rcuTasks(func(c *kern.CPU, r rcuModel) {
			kern.CallRCU(c, r.node+rcuHeadAt, r.free)
			wait(c, r)
			kern.ReadOnce(c, r.node+rcuDataAt)
		})
	}
	for name, c := range map[string]struct {
		model *explore.Model
		want  explore.Verdict // of whether the node can be there still
	}{"rcu_barrier": {told(barrier), explore.Violated}, "synchronize_rcu": {told(waitSync), explore.Violated}} {
		opt := explore.Defaults()
		r, err := explore.Exhaustive(c.model, opt)
		require.NoError(t, err)
		assert.Equal(t, c.want, r.Verdict, name)
	}
	// Behind the barrier the callback has run, always: the count of nodes says so.
	for name, c := range map[string]struct {
		wait func(c *kern.CPU, r rcuModel)
		want explore.Verdict
	}{"rcu_barrier": {barrier, explore.Safe}, "synchronize_rcu": {waitSync, explore.Violated}} {
		for _, softirqs := range []int{1, 2, explore.SoftirqsOnCPU} {
			opt := explore.Defaults()
			opt.Softirqs = softirqs
			r, err := explore.Exhaustive(flagged(c.wait), opt)
			require.NoError(t, err)
			assert.Equal(t, c.want, r.Verdict, "%s, softirqs %d", name, softirqs)
		}
	}
}

// flagged has a callback set a flag, and the flag looked at behind wait.
func flagged(wait func(c *kern.CPU, r rcuModel)) *explore.Model {
	build := func(cpus int, s kern.Scheduler) *explore.Instance {
		m := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 16, Scheduler: s})
		g := m.NewCache(kern.CacheConfig{Name: "global", Words: 8}).Alloc(m.CPU(0))
		fn := m.RegisterFunc("set", func(c *kern.CPU, head kern.Addr) { kern.WriteOnce(c, g+4, 2); kern.WriteOnce(c, g+4, 1) })
		return &explore.Instance{M: m, Tasks: []explore.Task{{Name: "A", Ops: []explore.Operation{do("op", func(c *kern.CPU) {
			kern.CallRCU(c, g, fn)
			wait(c, rcuModel{})
			kern.Assert(c, kern.ReadOnce(c, g+4) == 1, "the callback has run")
		})}}}}
	}
	return &explore.Model{Name: "flagged", Tasks: 1, Build: build}
}

// Who waits for a grace period with a semaphore held waits for ever, if an SRCU reader waits for the semaphore; under RCU that
// reader would sleep where it must not, and if it is let, it hangs, too.
func TestGracePeriodDeadlocks(t *testing.T) {
	holder := func(wait func(c *kern.CPU, r rcuModel)) func(c *kern.CPU, r rcuModel) {
		return func(c *kern.CPU, r rcuModel) {
			kern.DownWrite(c, r.g+rcuSem)
			wait(c, r)
			kern.UpWrite(c, r.g+rcuSem)
		}
	}
	in := func(c *kern.CPU, r rcuModel) { kern.DownRead(c, r.g+rcuSem); kern.UpRead(c, r.g+rcuSem) }
	srcu := rcuTasks(func(c *kern.CPU, r rcuModel) {
		idx := kern.SRCUReadLock(c, r.g+rcuSRCU)
		in(c, r)
		kern.SRCUReadUnlock(c, r.g+rcuSRCU, idx)
	}, holder(func(c *kern.CPU, r rcuModel) { kern.SynchronizeSRCU(c, r.g+rcuSRCU) }))
	rcu := rcuTasks(func(c *kern.CPU, r rcuModel) { kern.RCUReadLock(c); in(c, r); kern.RCUReadUnlock(c) }, holder(waitSync))
	self := rcuTasks(func(c *kern.CPU, r rcuModel) { kern.RCUReadLock(c); kern.SynchronizeRCU(c); kern.RCUReadUnlock(c) })
	for name, c := range map[string]struct {
		model *explore.Model
		lax   bool
		want  kern.Kind
		says  string
	}{
		"srcu":              {srcu, false, kern.Deadlock, "B waits in synchronize_srcu for readers of"},
		"rcu":               {rcu, false, kern.SleepInAtomic, ""},
		"rcu, lax":          {rcu, true, kern.Deadlock, "B waits in synchronize_rcu for A, inside a reader"},
		"by itself":         {self, false, kern.SleepInAtomic, ""},
		"by itself, let":    {self, true, kern.Deadlock, "A waits in synchronize_rcu for A, inside a reader"},
		"a reader, no wait": {rcuTasks(func(c *kern.CPU, r rcuModel) { kern.SRCUReadUnlock(c, r.g+rcuSRCU, 0) }), false, kern.LockMisuse, ""},
	} {
		for _, plain := range []bool{false, true} {
			opt := explore.Defaults()
			opt.Lax, opt.Plain = c.lax, plain
			r, err := explore.Exhaustive(c.model, opt)
			require.NoError(t, err)
			require.NotNil(t, r.Violation, "%s, plain %t", name, plain)
			assert.Equal(t, c.want, r.Violation.Kind, "%s, plain %t: %s", name, plain, r.Violation.Sentence())
			assert.Contains(t, r.Violation.Detail, c.says, name)
		}
	}
}

// A reader that stands on a node goes on from it, if the node was deleted for readers.
func TestListDelRCU(t *testing.T) {
	walk := func(c *kern.CPU, r rcuModel) {
		kern.RCUReadLock(c)
		kern.ListForEachRCU(c, r.g, func(node kern.Addr) bool {
			kern.Assert(c, node.IsPlace(), "a node is no poison")
			return node.IsPlace()
		})
		kern.RCUReadUnlock(c)
	}
	for name, c := range map[string]struct {
		del  func(c *kern.CPU, node kern.Addr)
		want explore.Verdict
	}{"list_del_rcu": {kern.ListDelRCU, explore.Safe}, "list_del": {kern.ListDel, explore.Violated}} {
		for _, plain := range []bool{false, true} {
			opt := explore.Defaults()
			opt.Plain = plain
			r, err := explore.Exhaustive(rcuTasks(walk, func(k *kern.CPU, r rcuModel) {
				fresh := r.nodes.Alloc(k)
				kern.Store(k, fresh+rcuDataAt, 1)
				kern.ListAddTailRCU(k, fresh, r.g)
				kern.SmpWMB(k) // list_del_rcu publishes by WRITE_ONCE: what it leads to must be ready
				c.del(k, r.node)
				kern.SynchronizeRCU(k)
				r.nodes.Free(k, r.node)
			}), opt)
			require.NoError(t, err)
			assert.Equal(t, c.want, r.Verdict, "%s, plain %t: %v", name, plain, r.Violation)
		}
	}
}

// TestAReaderThatBeginsLaterSees has a reader that learns by a relaxed read that a grace period is over. Since that did not wait for it,
// it began later, and sees what precedes the grace period: its plain read does not race.
func TestAReaderThatBeginsLaterSees(t *testing.T) {
	const word, flag = 0, 1
	for _, c := range []struct {
		model         memory.Model
		waits, reader bool
		want          explore.Verdict
	}{
		{memory.SC, true, true, explore.Safe},
		{memory.SC, true, false, explore.Violated},
		{memory.SC, false, true, explore.Violated},
		{memory.LKMM, true, true, explore.Safe},
		{memory.LKMM, true, false, explore.Violated},
		{memory.LKMM, false, true, explore.Violated},
	} {
		m := weakModel("later", func(cpu *kern.CPU, g kern.Addr) {
			kern.Store(cpu, g+word, 1)
			if c.waits {
				kern.SynchronizeRCU(cpu)
			}
			kern.WriteOnce(cpu, g+flag, 1)
		}, func(cpu *kern.CPU, g kern.Addr) {
			if c.reader {
				kern.RCUReadLock(cpu)
				defer kern.RCUReadUnlock(cpu)
			}
			if kern.ReadOnce(cpu, g+flag) == 1 {
				kern.Load(cpu, g+word)
			}
		})
		opt := explore.Defaults()
		opt.Model, opt.Races = c.model, explore.HappensBefore
		r, err := explore.Exhaustive(m, opt)
		require.NoError(t, err)
		assert.Equal(t, c.want, r.Verdict, "%+v", c)
	}
}
