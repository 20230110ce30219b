package kern

import "sync/atomic"

// A per-CPU variable has one word for each CPU. this_cpu operations work on the word of the CPU that they run on, as one
// instruction: neither an interrupt nor another task of the CPU comes in between, so they may be called anywhere. They order
// nothing, and they are no atomics: what another CPU writes to the word meanwhile may be lost, which is a data race. Others may
// read it by READ_ONCE() and PerCPUPtr.
//
// ThisCPUPtr and RawCPUPtr give the address of the word, for plain accesses: what __this_cpu_add() and raw_cpu_add() are made
// of. Then an interrupt may come in between, or another task, and then the CPU may be another one. So who takes the address must
// not be preemptible: CONFIG_DEBUG_PREEMPT, which RawCPUPtr is not asked by.

// PerCPU is a per-CPU variable: the address of CPU 0's word. Those of the others follow. The address may also be that of an object
// of at least as many words as there are CPUs, as alloc_percpu() gives.
type PerCPU Addr

// DefinePerCPU is DEFINE_PER_CPU(): a variable whose words are zero. It is called while a machine is put together.
func (m *Machine) DefinePerCPU(name string) PerCPU {
	return PerCPU(m.NewCache(CacheConfig{Name: name, Words: uint32(len(m.cpus))}).Alloc(m.cpus[0]))
}

// PerCPUPtr is per_cpu_ptr(): the address of the word of CPU i.
func PerCPUPtr(v PerCPU, i int) Addr { return Addr(v) + Addr(i) }

// ThisCPURead is this_cpu_read(): it reads this CPU's word.
func ThisCPURead(c *CPU, v PerCPU) uint32 { return c.thisCPU(OpThisCPURead, v, 0, 0) }

// ThisCPUWrite is this_cpu_write(): it writes x to this CPU's word.
func ThisCPUWrite(c *CPU, v PerCPU, x uint32) { c.thisCPU(OpThisCPUWrite, v, x, 0) }

// ThisCPUAdd is this_cpu_add(): it adds d, which may stand for a negative number, to this CPU's word.
func ThisCPUAdd(c *CPU, v PerCPU, d uint32) { c.thisCPU(OpThisCPUAdd, v, d, 0) }

// ThisCPUSub is this_cpu_sub().
func ThisCPUSub(c *CPU, v PerCPU, d uint32) { ThisCPUAdd(c, v, -d) }

// ThisCPUInc is this_cpu_inc().
func ThisCPUInc(c *CPU, v PerCPU) { ThisCPUAdd(c, v, 1) }

// ThisCPUDec is this_cpu_dec().
func ThisCPUDec(c *CPU, v PerCPU) { ThisCPUSub(c, v, 1) }

// ThisCPUAddReturn is this_cpu_add_return(): it adds d to this CPU's word and returns the new value.
func ThisCPUAddReturn(c *CPU, v PerCPU, d uint32) uint32 {
	return c.thisCPU(OpThisCPUAddReturn, v, d, 0)
}

// ThisCPUIncReturn is this_cpu_inc_return().
func ThisCPUIncReturn(c *CPU, v PerCPU) uint32 { return ThisCPUAddReturn(c, v, 1) }

// ThisCPUDecReturn is this_cpu_dec_return().
func ThisCPUDecReturn(c *CPU, v PerCPU) uint32 { return ThisCPUAddReturn(c, v, ^uint32(0)) }

// ThisCPUXchg is this_cpu_xchg(): it writes x to this CPU's word and returns what that held.
func ThisCPUXchg(c *CPU, v PerCPU, x uint32) uint32 { return c.thisCPU(OpThisCPUXchg, v, x, 0) }

// ThisCPUCmpXchg is this_cpu_cmpxchg(): it writes x to this CPU's word if that holds old, and returns what it held.
func ThisCPUCmpXchg(c *CPU, v PerCPU, old, x uint32) uint32 {
	return c.thisCPU(OpThisCPUCmpXchg, v, old, x)
}

// ThisCPUAnd is this_cpu_and(): it leaves those bits of this CPU's word that mask has.
func ThisCPUAnd(c *CPU, v PerCPU, mask uint32) { c.thisCPU(OpThisCPUAnd, v, mask, 0) }

// ThisCPUOr is this_cpu_or(): it turns on bits of this CPU's word.
func ThisCPUOr(c *CPU, v PerCPU, bits uint32) { c.thisCPU(OpThisCPUOr, v, bits, 0) }

func (c *CPU) thisCPU(k OpKind, v PerCPU, x, y uint32) uint32 {
	if c.sched != nil {
		return c.slow(k, Addr(v), x, y)
	}
	return run[k](c, Op{Kind: k, Addr: Addr(v), A: x, B: y})
}

// own returns this CPU's word of a variable.
func (c *CPU) own(v Addr) *uint32 { return c.m.word(v + Addr(c.id)) }

// ThisCPUPtr is this_cpu_ptr(): the address of this CPU's word. It reports that the task may be preempted, and go on on another
// CPU with the address of this one's.
func ThisCPUPtr(c *CPU, v PerCPU) Addr { return Addr(c.thisCPU(OpThisCPUPtr, v, 0, 0)) }

// RawCPUPtr is raw_cpu_ptr(): the address of this CPU's word, for who does not mind that it may be another's by then.
func RawCPUPtr(c *CPU, v PerCPU) Addr { return Addr(c.thisCPU(OpRawCPUPtr, v, 0, 0)) }

// GetCPUPtr is get_cpu_ptr(): it turns preemption off, until PutCPUPtr, and returns the address of this CPU's word.
func GetCPUPtr(c *CPU, v PerCPU) Addr {
	PreemptDisable(c)
	return ThisCPUPtr(c, v)
}

// PutCPUPtr is put_cpu_ptr().
func PutCPUPtr(c *CPU) { PreemptEnable(c) }

// RawCPUAdd is raw_cpu_add(): two plain accesses, between which an interrupt may come.
func RawCPUAdd(c *CPU, v PerCPU, d uint32) {
	p := RawCPUPtr(c, v)
	Store(c, p, Load(c, p)+d)
}

// RawCPURead is raw_cpu_read(): a plain read of this CPU's word.
func RawCPURead(c *CPU, v PerCPU) uint32 { return Load(c, RawCPUPtr(c, v)) }

// RawCPUWrite is raw_cpu_write(): a plain write to this CPU's word.
func RawCPUWrite(c *CPU, v PerCPU, x uint32) { Store(c, RawCPUPtr(c, v), x) }

// thisCPUPtr is check_preemption_disabled(), and then raw_cpu_ptr().
func (c *CPU) thisCPUPtr(v Addr) uint32 {
	if !c.lax && !c.inSoftirq && !c.kworker && c.Depths().Preemptible() {
		c.Report(PreemptibleViolation(v))
	}
	return uint32(v) + c.id
}

// PreemptibleViolation is what is reported of who takes the address of its CPU's word, at v or behind, where it may be preempted.
func PreemptibleViolation(v Addr) *Violation {
	return &Violation{Kind: PreemptiblePerCPU, Addr: v, Detail: "takes the address of this CPU's word of %l, and may be preempted"}
}

// The table of what is done to this CPU's word.
func init() {
	own := func(k OpKind, name, fn, call, returns, does string, reads, writes bool) {
		primitives[k] = Primitive{Name: name, Func: fn, Shape: PerCPUWord, Reads: reads, Writes: writes, Order: Relaxed, Call: call, Returns: returns, Does: does}
	}
	own(OpThisCPURead, "this_cpu_read", "ThisCPURead", "this_cpu_read({word})", "{ret}", "reads this CPU's {word}, which is {ret}", true, false)
	own(OpThisCPUWrite, "this_cpu_write", "ThisCPUWrite", "this_cpu_write({word}, {A})", "", "writes {A} to this CPU's {word}", false, true)
	own(OpThisCPUAdd, "this_cpu_add", "ThisCPUAdd", "this_cpu_add({word}, {int A})", "", "adds {int A} to this CPU's {word}", true, true)
	own(OpThisCPUAddReturn, "this_cpu_add_return", "ThisCPUAddReturn", "this_cpu_add_return({word}, {int A})", "{int ret}",
		"adds {int A} to this CPU's {word}, which makes {int ret}", true, true)
	own(OpThisCPUXchg, "this_cpu_xchg", "ThisCPUXchg", "this_cpu_xchg({word}, {A})", "{ret}", "writes {A} to this CPU's {word}, which was {ret}", true, true)
	own(OpThisCPUCmpXchg, "this_cpu_cmpxchg", "ThisCPUCmpXchg", "this_cpu_cmpxchg({word}, {A}, {B})", "{ret}",
		"writes {B} to this CPU's {word} if that is {A}, and finds {ret}", true, true)
	own(OpThisCPUAnd, "this_cpu_and", "ThisCPUAnd", "this_cpu_and({word}, {hex A})", "", "leaves the bits {hex A} of this CPU's {word}", true, true)
	own(OpThisCPUOr, "this_cpu_or", "ThisCPUOr", "this_cpu_or({word}, {hex A})", "", "turns on the bits {hex A} of this CPU's {word}", true, true)
	for _, k := range []OpKind{OpThisCPUAdd, OpThisCPUAnd, OpThisCPUOr} {
		primitives[k].Void = true
	}

	primitives[OpThisCPUPtr] = Primitive{Name: "this_cpu_ptr", Func: "ThisCPUPtr", Mover: Local, Pinned: true,
		Call: "this_cpu_ptr(&{word})", Returns: "{word ret}", Does: "takes the address of this CPU's {word}"}
	primitives[OpRawCPUPtr] = Primitive{Name: "raw_cpu_ptr", Func: "RawCPUPtr", Mover: Local,
		Call: "raw_cpu_ptr(&{word})", Returns: "{word ret}", Does: "takes the address of this CPU's {word}, whatever CPU that is by then"}

	run[OpThisCPURead] = func(c *CPU, op Op) uint32 { return loadAcquire(c.own(op.Addr)) }
	run[OpThisCPUWrite] = func(c *CPU, op Op) uint32 { storeRelease(c.own(op.Addr), op.A); return 0 }
	run[OpThisCPUAdd] = func(c *CPU, op Op) uint32 { atomic.AddUint32(c.own(op.Addr), op.A); return 0 }
	run[OpThisCPUAnd] = func(c *CPU, op Op) uint32 { atomic.AndUint32(c.own(op.Addr), op.A); return 0 }
	run[OpThisCPUOr] = func(c *CPU, op Op) uint32 { atomic.OrUint32(c.own(op.Addr), op.A); return 0 }
	run[OpThisCPUAddReturn] = func(c *CPU, op Op) uint32 { return atomic.AddUint32(c.own(op.Addr), op.A) }
	run[OpThisCPUXchg] = func(c *CPU, op Op) uint32 { return atomic.SwapUint32(c.own(op.Addr), op.A) }
	run[OpThisCPUCmpXchg] = func(c *CPU, op Op) uint32 { return cmpxchgWord(c.own(op.Addr), op.A, op.B) }
	run[OpThisCPUPtr] = func(c *CPU, op Op) uint32 { return c.thisCPUPtr(op.Addr) }
	run[OpRawCPUPtr] = func(c *CPU, op Op) uint32 { return uint32(op.Addr) + c.id }
}
