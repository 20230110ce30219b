package explore_test

import "ptsim/kern"

// thisCPU carries out a this_cpu operation on the word of the thread's own CPU: Documentation/core-api/this_cpu_ops.rst. Others
// may read the word meanwhile, and must not write it.
func (r *bruteRun) thisCPU(t int, op kern.Op) uint32 {
	a := op.Addr + kern.Addr(r.cpus[t])
	old := r.get(a)
	v, result := old, old
	reads := true
	switch op.Kind {
	case kern.OpThisCPUWrite:
		v, result, reads = op.A, 0, false
	case kern.OpThisCPUAdd:
		v, result = old+op.A, 0
	case kern.OpThisCPUAnd:
		v, result = old&op.A, 0
	case kern.OpThisCPUOr:
		v, result = old|op.A, 0
	case kern.OpThisCPUAddReturn:
		v, result = old+op.A, old+op.A
	case kern.OpThisCPUXchg:
		v = op.A
	case kern.OpThisCPUCmpXchg:
		if old == op.A {
			v = op.B
		}
	}
	writes := op.Kind != kern.OpThisCPURead
	if reads && !r.access(t, a, bruteAccess{plain: writes, own: true}) || writes && !r.access(t, a, bruteAccess{write: true, own: true}) {
		return 0
	}
	r.put(a, v)
	r.c.ownWord(t, op, r.index[a], result)
	return result
}

// ownWord is what a this_cpu operation orders: nothing, but for the barriers around it.
func (c *bruteClocks) ownWord(t int, op kern.Op, i uint8, result uint32) {
	if c == nil {
		return
	}
	sync := &c.word[i].sync
	failed := op.Kind == kern.OpThisCPUCmpXchg && result != op.A
	if op.Kind == kern.OpThisCPUWrite {
		*sync = c.fenced[t]
		return
	}
	c.promised[t].join(sync)
	if op.Kind != kern.OpThisCPUAdd && op.Kind != kern.OpThisCPUAnd && op.Kind != kern.OpThisCPUOr { // it returns what it read
		c.offered[t].join(sync)
	}
	if op.Kind != kern.OpThisCPURead && !failed {
		sync.join(&c.fenced[t])
	}
}

// bruteOwn are the this_cpu operations.
var bruteOwn = []kern.OpKind{kern.OpThisCPURead, kern.OpThisCPUWrite, kern.OpThisCPUAdd, kern.OpThisCPUAddReturn, kern.OpThisCPUXchg, kern.OpThisCPUCmpXchg, kern.OpThisCPUAnd, kern.OpThisCPUOr}

// A task and the softirq that interrupts it have the same word, if both are on one CPU.
func init() {
	for _, k := range bruteOwn {
		p := &bruteProgram{tasks: [][]bruteOp{{{code: []bruteInstr{{kind: kern.OpCallRCU}, {kind: k, y: 1}}}}}}
		for _, f := range bruteOwn {
			p.fns[0] = append(p.fns[0], bruteInstr{kind: f, y: 2})
		}
		bruteDirected["a softirq has to do with the word of "+k.String()] = p
	}
	bruteDirected["the word of a CPU by its address, and an interrupt"] = &bruteProgram{tasks: [][]bruteOp{{{code: []bruteInstr{
		{kind: kern.OpCallRCU}, {kind: kern.OpRawCPUPtr}, {kind: kern.OpLoad, x: mineWord}, {kind: kern.OpStore, x: mineWord, y: 2}}}}},
		fns: [bruteFns][]bruteInstr{{{kind: kern.OpThisCPUAdd, y: 1}}}}
	bruteDirected["another CPU writes the word of one"] = &bruteProgram{tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpThisCPUAdd, y: 1}}}},
		{{code: []bruteInstr{{kind: kern.OpXchg, x: cpuWord}}}},
	}}
	bruteDirected["another CPU reads the word of one"] = &bruteProgram{tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpThisCPUAdd, y: 1}, {kind: kern.OpThisCPURead}}}},
		{{code: []bruteInstr{{kind: kern.OpRead, x: cpuWord}, {kind: bruteAssert, y: 1}}}},
	}}
}
