package pagetable

import (
	"ptsim/explore"
	"ptsim/kern"
	"ptsim/lab"
	"ptsim/mmctx"
	"ptsim/tlbgather"
)

// frame is what a task keeps from one operation to the next. What no operation to come will look at is zero, so that two
// ways to the same place are the same.
type frame struct {
	slots  [MaxSlots]table  // what the task gave names to; a forked mm has the mm alone
	gather tlbgather.Gather // without its Tables, which every machine has its own of
	choice uint8            // the branch under way, from 1; 0 outside branches
}

// step is what an operation does to a frame.
type step func(c *kern.CPU, f *frame)

// compiler turns a task into operations.
type compiler struct {
	*space
	lab.Program[frame]
	slots map[string]int
	mms   map[int]int    // the slots of mms that the task forks
	of    map[string]int // the mm that a named table is of
}

func (sp *space) compile(t *Task) explore.Task {
	k := &compiler{space: sp, slots: map[string]int{}, mms: map[int]int{}, of: map[string]int{}}
	k.Branch = func(f *frame) *uint8 { return &f.choice }
	k.Clear = func(f *frame, slot int) { f.slots[slot] = table{} }
	for _, p := range sp.s.Pages {
		for _, name := range p.Tables {
			k.of[name] = p.MM
		}
	}
	k.add(t.Ops)
	return k.Task(t.Name, t.On, t.MayFail)
}

// add compiles operations of a branch, or of none.
func (k *compiler) add(ops []Op) {
	for i := range ops {
		op := &ops[i]
		if op.Kind == Either {
			var sizes []int
			for _, b := range op.Branches {
				sizes = append(sizes, len(b))
			}
			k.Either(op.String(), sizes, func(branch int) { k.add(op.Branches[branch]) })
			continue
		}
		switch {
		case op.Kind == Alloc:
			k.of[op.Table] = op.MM
		case op.Kind.names():
			k.of[op.Table] = k.mmOf(op.VMA)
		}
		k.Put(op.String(), k.step(op), i == len(ops)-1)
	}
}

// slot returns the place in the frame of a name, which is alive up to the operation being compiled.
func (k *compiler) slot(name string) int {
	i, ok := k.slots[name]
	if !ok {
		i = k.NewSlot()
		k.slots[name] = i
	}
	k.Uses(i)
	return i
}

// mm returns how to get at an mm.
func (k *compiler) mm(id int) func(f *frame) mmctx.MM {
	if mm := k.byID[id]; mm != 0 {
		return func(*frame) mmctx.MM { return mm }
	}
	i, ok := k.mms[id]
	if !ok {
		i = k.NewSlot()
		k.mms[id] = i
	}
	k.Uses(i)
	return func(f *frame) mmctx.MM { return f.slots[i].mm }
}

// taken returns how to take a table that the task has: it has it no more, and there may be none.
func (k *compiler) taken(name string) func(f *frame) table {
	if t, ok := k.tables[name]; ok {
		return func(*frame) table { return t }
	}
	i := k.slot(name)
	return func(f *frame) table {
		t := f.slots[i]
		f.slots[i] = table{}
		return t
	}
}

func (k *compiler) step(op *Op) step {
	switch op.Kind {
	case Alloc, Free, TLBFree, Flush, Defer:
		return k.tableStep(op)
	case Retract, Take, Link, Unlink, Install:
		return k.mappingStep(op)
	case Look, Read:
		return k.readerStep(op)
	case DownRead:
		return k.semaphore(op, kern.DownRead)
	case UpRead:
		return k.semaphore(op, kern.UpRead)
	case DownWrite:
		return k.semaphore(op, kern.DownWrite)
	case UpWrite:
		return k.semaphore(op, kern.UpWrite)
	case RCUReadLock:
		return func(c *kern.CPU, _ *frame) { kern.RCUReadLock(c) }
	case RCUReadUnlock:
		return func(c *kern.CPU, _ *frame) { kern.RCUReadUnlock(c) }
	case SyncRCU:
		return func(c *kern.CPU, _ *frame) { kern.SynchronizeRCU(c) }
	case IPI:
		return func(c *kern.CPU, _ *frame) { k.sys.SyncIPI(c) }
	}
	return k.mmStep(op)
}

func (k *compiler) semaphore(op *Op, do func(*kern.CPU, kern.Addr)) step {
	sem := k.files[op.File]
	return func(c *kern.CPU, _ *frame) { do(c, sem) }
}

func (k *compiler) tableStep(op *Op) step {
	pt, tlb := k.sys.PT, k.sys.TLB
	switch op.Kind {
	case Alloc:
		mm, i := k.mm(op.MM), k.slot(op.Table)
		return func(c *kern.CPU, f *frame) {
			if a := k.alloc(c, mm(f)); a != 0 {
				f.slots[i] = table{a, mm(f)}
			}
		}
	case Flush:
		return func(c *kern.CPU, f *frame) {
			if f.gather.MM != 0 {
				f.gather.Tables = tlb
				f.gather.Finish(c)
				f.gather = tlbgather.Gather{}
			}
		}
	}
	take := k.taken(op.Table)
	if op.Kind == TLBFree {
		mm := k.mm(k.of[op.Table])
		return func(c *kern.CPU, f *frame) {
			if f.gather.MM == 0 {
				f.gather.MM = mm(f)
			}
			if t := take(f); t.addr != 0 {
				f.gather.Tables = tlb
				pt.PageTableFreeRCU(c, &f.gather, t.phys(), 0)
				f.gather.Tables = nil
			}
		}
	}
	return func(c *kern.CPU, f *frame) {
		t := take(f)
		switch {
		case t.addr == 0:
		case op.Kind == Defer:
			k.sys.FreeRetracted(c, t.mm, t.phys())
		default:
			pt.PageTableFree(c, t.mm, t.phys())
		}
	}
}

func (k *compiler) mappingStep(op *Op) step {
	v := k.vmas[op.VMA]
	switch op.Kind {
	case Retract:
		i, take := k.slot(op.Table), k.takePMD(op.VMA)
		return func(c *kern.CPU, f *frame) {
			if kern.Load(c, v.linked()) != 0 {
				f.slots[i] = take(c)
			}
		}
	case Take:
		i, take := k.slot(op.Table), k.takePMD(op.VMA)
		return func(c *kern.CPU, f *frame) { f.slots[i] = take(c) }
	case Unlink:
		return func(c *kern.CPU, _ *frame) { kern.Store(c, v.linked(), 0) }
	case Install:
		i := k.slot(op.Table)
		return func(c *kern.CPU, f *frame) {
			if t := f.slots[i]; t.addr != 0 && kern.CmpXchg(c, v.pmd(), 0, t.addr) == 0 {
				f.slots[i] = table{}
			}
		}
	}
	mm := k.mm(k.mmOf(op.VMA)) // Link
	return func(c *kern.CPU, f *frame) {
		kern.Store(c, v.vmMM(), uint32(mm(f)))
		kern.Store(c, v.linked(), 1)
	}
}

func (k *compiler) mmOf(vma string) int {
	for _, v := range k.s.VMAs {
		if v.Name == vma {
			return v.MM
		}
	}
	return 0
}

// takePMD is pmdp_collapse_flush(), or the pmd_clear() of free_pgtables, with its lock: it empties the pmd and returns
// the table that was under it.
func (k *compiler) takePMD(name string) func(c *kern.CPU) table {
	v, mm := k.vmas[name], k.byID[k.mmOf(name)]
	return func(c *kern.CPU) table {
		addr := kern.Xchg(c, v.pmd(), 0)
		if addr == 0 {
			return table{}
		}
		if mm == 0 { // made by a task: only the vma knows
			return table{addr, mmctx.MM(kern.Load(c, v.vmMM()))}
		}
		return table{addr, mm}
	}
}

func (k *compiler) mmStep(op *Op) step {
	mms := k.sys.MMs
	mm := k.mm(op.MM)
	switch op.Kind {
	case MMGet:
		return func(c *kern.CPU, f *frame) { mms.Get(c, mm(f)) }
	case MMPut:
		return func(c *kern.CPU, f *frame) {
			if mms.Put(c, mm(f)) {
				mms.Drop(c, mm(f))
			}
		}
	case MMGrab:
		return func(c *kern.CPU, f *frame) { mms.Grab(c, mm(f)) }
	case MMDrop:
		return func(c *kern.CPU, f *frame) { mms.Drop(c, mm(f)) }
	case Fork:
		k.mm(op.To)
		i, id := k.mms[op.To], op.To
		return func(c *kern.CPU, f *frame) {
			child := mms.Alloc(c, id)
			k.forked.add(child)
			f.slots[i].mm = child
		}
	case LazyFlush:
		return func(c *kern.CPU, f *frame) { k.sys.FlushMMLazy(c, mm(f)) }
	}
	panic("scenario: no such operation: " + op.Kind.String())
}
