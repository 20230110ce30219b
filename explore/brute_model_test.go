package explore_test

import (
	"ptsim/explore"
	"ptsim/kern"
	"ptsim/kern/kerntest"
)

// bruteModel makes a model of a program, and says where its things are as soon as it was built once.
func bruteModel(p *bruteProgram, final func(in *explore.Instance)) (*explore.Model, *brutePlaces) {
	l := &brutePlaces{program: p}
	mo := &explore.Model{Name: "brute", Tasks: len(p.tasks), Build: func(cpus int, sched kern.Scheduler) *explore.Instance {
		m := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 16, Scheduler: sched})
		c := m.CPU(0)
		b := &bruteCode{brutePlaces: *l, m: m}
		b.caches = [...]kern.Cache{
			m.NewCache(kern.CacheConfig{Name: "shared", Words: sharedSize}),
			m.NewCache(kern.CacheConfig{Name: "node", Words: nodeSize}),
			m.NewCache(kern.CacheConfig{Name: "stable", Words: stableHead + kern.TypesafeWords, TypesafeByRCU: true, RCUHead: stableHead,
				Ctor: func(m *kern.Machine, a kern.Addr) { m.Poke(a+stableVal, 5) }}),
			m.NewCache(kern.CacheConfig{Name: "fresh", Words: 2, Destroyable: true}),
		}
		_, b.reclaim = m.CacheConfig(stableCache)
		for n := range b.funcs {
			b.funcs[n] = m.RegisterFunc("fn", func(c *kern.CPU, a kern.Addr) { b.run(c, p.fns[n], bruteSeen{self: a}, 0) })
		}
		b.shared = b.caches[sharedCache].Alloc(c)
		for n := range b.nodes {
			b.nodes[n] = b.caches[nodeCache].Alloc(c)
			kern.Store(c, b.nodes[n]+nodeCount, 1)
		}
		b.stable = b.caches[stableCache].Alloc(c)
		b.frame = kern.AllocPages(c, 0, kern.GFPKernel)
		kern.InitListHead(c, b.shared+bruteList)
		kern.ListAdd(c, b.nodes[1], b.shared+bruteList)
		if l.shared == 0 {
			*l = b.brutePlaces
		}
		in := &explore.Instance{M: m, ReusesFrames: p.again}
		for t, ops := range p.tasks {
			task := explore.Task{Name: string(rune('A' + t)), Start: bruteSeen{}, MayFail: true}
			if t < len(p.on) {
				task.On = p.on[t]
			}
			for n := range ops {
				op := &ops[n]
				task.Ops = append(task.Ops, explore.Operation{Name: "op", Run: func(c *kern.CPU, f explore.Frame) explore.Frame {
					seen := b.run(c, op.code, f.(bruteSeen), t)
					if op.forgets {
						seen.acc, seen.r = 0, 0
					}
					return seen
				}})
			}
			in.Tasks = append(in.Tasks, task)
		}
		if final != nil {
			in.Final = func() *kern.Violation { final(in); return nil }
		}
		return in
	}}
	return mo, l
}

// bruteCode is a program on a machine.
type bruteCode struct {
	brutePlaces
	m      *kern.Machine
	caches [4]kern.Cache
}

func (b *bruteCode) run(c *kern.CPU, code []bruteInstr, f bruteSeen, task int) bruteSeen {
	for _, i := range code {
		if i.when == ifZero && f.r != 0 || i.when == ifNot && f.r == 0 {
			continue
		}
		switch i.kind {
		case bruteAssert:
			kern.Assert(c, f.r != uint32(i.y), "the last result is not this")
			continue
		case bruteWarn:
			kern.WarnOnce(c, f.r == uint32(i.y), "the last result is this")
			continue
		case bruteSelf:
			kern.Assert(c, f.self == b.nodes[0], "it runs for the first node")
			continue
		}
		op, ok := b.op(i, &f, task)
		if !ok {
			continue
		}
		if i.x == tellWord && op.Kind == kern.OpStore {
			op.A = uint32(f.acc)
		}
		v := b.perform(c, op)
		f.saw(op.Kind, v)
		if op.Kind == kern.OpSlabAlloc || op.Kind == kern.OpKmalloc {
			if op.A == stableCache {
				f.stable = kern.Addr(v)
			} else {
				f.fresh = kern.Addr(v)
			}
		}
	}
	return f
}

func truth(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// perform calls the primitive.
func (b *bruteCode) perform(c *kern.CPU, op kern.Op) uint32 {
	a := op.Addr
	if v, ok := b.performLock(c, op); ok {
		return v
	}
	if v, ok := performWait(c, op); ok {
		return v
	}
	if v, ok := kerntest.Perform(c, op); ok {
		return v
	}
	switch op.Kind {
	case kern.OpSyncRCU:
		kern.SynchronizeRCU(c)
	case kern.OpRCUBarrier:
		kern.RCUBarrier(c)
	case kern.OpSRCULock:
		return kern.SRCUReadLock(c, a)
	case kern.OpSRCUUnlock:
		kern.SRCUReadUnlock(c, a, op.A)
	case kern.OpFlushWork:
		return truth(kern.FlushWork(c, a))
	case kern.OpCancelWork:
		return truth(kern.CancelWorkSync(c, a))
	case kern.OpSyncSRCU:
		kern.SynchronizeSRCU(c, a)
	case kern.OpCallRCU:
		kern.CallRCU(c, a, kern.Func(op.A))
	case kern.OpQueueWork:
		return truth(kern.QueueWork(c, a, kern.Func(op.A)))
	case kern.OpSlabAlloc:
		switch kern.GFP(op.B) {
		case kern.GFPNowait:
			return uint32(b.caches[op.A].AllocNowait(c))
		case kern.GFPAtomic:
			return uint32(b.caches[op.A].AllocAtomic(c))
		}
		return uint32(b.caches[op.A].Alloc(c))
	case kern.OpKmalloc:
		return uint32(b.caches[op.A].Kmalloc(c))
	case kern.OpSlabDestroy:
		b.caches[op.A].Destroy(c)
	case kern.OpSlabFree:
		b.caches[op.A].Free(c, a)
	case kern.OpAllocPages:
		return uint32(kern.AllocPages(c, 0, kern.GFP(op.B)))
	case kern.OpFreePages:
		kern.FreePages(c, kern.PFN(a), 0)
	case kern.OpPutPage:
		return truth(kern.PutPage(c, kern.PFN(a), 0))
	default:
		panic("no program has " + op.Kind.String())
	}
	return 0
}
