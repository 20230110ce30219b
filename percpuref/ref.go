package percpuref

import "ptsim/kern"

// Ref is the address of a struct percpu_ref, of RefWords words, within the object that it counts references to.
type Ref kern.Addr

// RefWords is how many words a struct percpu_ref takes.
const RefWords = 2

// The words of a struct percpu_ref.
const (
	refPtr  = 0 // percpu_count_ptr: the per-CPU words, with flags in its low bits
	refData = 1 // the struct percpu_ref_data
)

// CountCache and dataCache are the slab caches of the words that it uses.
const (
	CountCache = "percpu_count"
	dataCache  = "percpu_ref_data"
)

// Fields are the words of a Ref that is called name in its object.
func Fields(name string) []kern.Field {
	return []kern.Field{
		{Name: name, Kind: kern.FieldTagged, To: CountCache, Bits: []string{"ATOMIC", "DEAD"}},
		{Name: name + ".data", Kind: kern.FieldPointer, To: dataCache},
	}
}

// The flags in percpu_count_ptr. What lies above them is, after Exit, the count.
const (
	flagAtomic = 1 // __PERCPU_REF_ATOMIC
	flagDead   = 2 // __PERCPU_REF_DEAD
	flagBits   = 2 // __PERCPU_REF_FLAG_BITS
	flags      = flagAtomic | flagDead
)

// The words of a struct percpu_ref_data.
const (
	dataCount   = 0
	dataRelease = 1 // a kern.Func
	dataConfirm = 2 // a kern.Func, 0 if no switch is under way
	dataForce   = 3 // force_atomic
	dataReinit  = 4 // allow_reinit
	dataRCU     = 5 // an rcu_head
	dataRef     = dataRCU + kern.RCUHeadWords
)

// dataFields names them, in this order.
var dataFields = []kern.Field{
	{Name: "count"}, {Name: "release"}, {Name: "confirm_switch"}, {Name: "force_atomic"}, {Name: "allow_reinit"},
	{Name: "rcu", Kind: kern.FieldRCUHead}, {Name: "ref", Kind: kern.FieldPointer},
}

// bias is PERCPU_COUNT_BIAS: what the count holds above the references while CPUs count for themselves.
const bias = 1 << 31

// Flags say how a Ref begins.
type Flags uint8

// The flags of Init.
const (
	InitAtomic  Flags = 1 << iota // PERCPU_REF_INIT_ATOMIC: in atomic mode
	InitDead                      // PERCPU_REF_INIT_DEAD: dead, with no reference
	AllowReinit                   // PERCPU_REF_ALLOW_REINIT: it may be used again once it was dead
)

// Lib is what all percpu_refs of a machine share: percpu_ref_switch_lock, percpu_ref_switch_waitq, and the slab caches that
// their words come from.
type Lib struct {
	m            *kern.Machine
	counts, data kern.Cache
	lock, waitq  kern.Addr
	switched     kern.Func // percpu_ref_switch_to_atomic_rcu
	noop         kern.Func // percpu_ref_noop_confirm_switch
}

// New puts the library on a machine. It is called while that is put together.
func New(m *kern.Machine) *Lib {
	l := &Lib{m: m}
	l.counts = m.NewCache(kern.CacheConfig{Name: CountCache, Words: uint32(max(8, m.NumCPU()))}) // aligned, for the flags
	l.data = m.NewCache(kern.CacheConfig{Name: dataCache, Fields: dataFields})
	global := m.NewCache(kern.CacheConfig{Name: "percpu_ref_switch", Words: 2}).Alloc(m.CPU(0))
	l.lock, l.waitq = global, global+1
	l.switched = m.RegisterFunc("percpu_ref_switch_to_atomic_rcu", l.switchToAtomicRCU)
	l.noop = m.RegisterFunc("percpu_ref_noop_confirm_switch", func(*kern.CPU, kern.Addr) {})
	return l
}

// Init is percpu_ref_init(): the count is one, the owner's, unless it begins dead. release is called with the address of the Ref
// when the count comes to zero.
func (l *Lib) Init(c *kern.CPU, ref Ref, release kern.Func, f Flags) {
	ptr := uint32(l.counts.Alloc(c))
	data := l.data.Alloc(c)
	count := uint32(0)
	if f&InitAtomic != 0 {
		kern.Store(c, data+dataForce, 1)
	}
	if f&(AllowReinit|InitAtomic|InitDead) != 0 {
		kern.Store(c, data+dataReinit, 1)
	}
	if f&(InitAtomic|InitDead) != 0 {
		ptr |= flagAtomic
	} else {
		count += bias
	}
	if f&InitDead != 0 {
		ptr |= flagDead
	} else {
		count++
	}
	kern.AtomicSet(c, data+dataCount, count)
	kern.Store(c, data+dataRelease, uint32(release))
	kern.Store(c, data+dataRef, uint32(ref))
	kern.Store(c, kern.Addr(ref)+refData, uint32(data))
	kern.WriteOnce(c, kern.Addr(ref)+refPtr, ptr)
}

// data returns the struct percpu_ref_data.
func (ref Ref) data(c *kern.CPU) kern.Addr { return kern.Addr(kern.Load(c, kern.Addr(ref)+refData)) }

// ptr reads percpu_count_ptr, with its flags.
func (ref Ref) ptr(c *kern.CPU) uint32 { return kern.ReadOnce(c, kern.Addr(ref)+refPtr) }

// isPerCPU is __ref_is_percpu(): it tells whether CPUs count for themselves, and where. DEAD may be seen without ATOMIC, by who
// races with Kill.
func (ref Ref) isPerCPU(c *kern.CPU) (counts kern.PerCPU, yes bool) {
	ptr := kern.RCUDereference(c, kern.Addr(ref)+refPtr)
	if ptr&flags != 0 {
		return 0, false
	}
	return kern.PerCPU(ptr), true
}

// Get is percpu_ref_get(): it takes a reference, of which the caller has one, or the owner.
func (l *Lib) Get(c *kern.CPU, ref Ref) {
	kern.RCUReadLock(c)
	if counts, ok := ref.isPerCPU(c); ok {
		kern.ThisCPUAdd(c, counts, 1)
	} else {
		kern.AtomicAdd(c, ref.data(c)+dataCount, 1)
	}
	kern.RCUReadUnlock(c)
}

// TryGet is percpu_ref_tryget(): it takes a reference unless there is none any more, and tells whether it did.
func (l *Lib) TryGet(c *kern.CPU, ref Ref) (got bool) {
	kern.RCUReadLock(c)
	if counts, ok := ref.isPerCPU(c); ok {
		kern.ThisCPUAdd(c, counts, 1)
		got = true
	} else {
		got = kern.AtomicAddUnless(c, ref.data(c)+dataCount, 1, 0)
	}
	kern.RCUReadUnlock(c)
	return got
}

// TryGetLive is percpu_ref_tryget_live(): it takes a reference unless the Ref is dead, and tells whether it did. That it is dead
// everybody sees once the grace period after Kill is over.
func (l *Lib) TryGetLive(c *kern.CPU, ref Ref) (got bool) {
	kern.RCUReadLock(c)
	got = l.TryGetLiveRCU(c, ref)
	kern.RCUReadUnlock(c)
	return got
}

// TryGetLiveRCU is percpu_ref_tryget_live_rcu(): as TryGetLive, by who is in rcu_read_lock already.
func (l *Lib) TryGetLiveRCU(c *kern.CPU, ref Ref) bool {
	if counts, ok := ref.isPerCPU(c); ok {
		kern.ThisCPUInc(c, counts)
		return true
	}
	if !l.IsDying(c, ref) {
		return kern.AtomicIncNotZero(c, ref.data(c)+dataCount)
	}
	return false
}

// Put is percpu_ref_put(): it drops a reference, and calls release if that was the last.
func (l *Lib) Put(c *kern.CPU, ref Ref) {
	kern.RCUReadLock(c)
	if counts, ok := ref.isPerCPU(c); ok {
		kern.ThisCPUSub(c, counts, 1)
	} else if data := ref.data(c); kern.AtomicSubAndTest(c, data+dataCount, 1) {
		l.m.Call(c, kern.Func(kern.Load(c, data+dataRelease)), kern.Addr(ref))
	}
	kern.RCUReadUnlock(c)
}

// IsDying is percpu_ref_is_dying(): it tells whether the Ref was killed.
func (l *Lib) IsDying(c *kern.CPU, ref Ref) bool { return ref.ptr(c)&flagDead != 0 }

// IsZero is percpu_ref_is_zero(): it tells whether there is no reference. In per-CPU mode there is the owner's.
func (l *Lib) IsZero(c *kern.CPU, ref Ref) bool {
	if _, ok := ref.isPerCPU(c); ok {
		return false
	}
	kern.SpinLockBH(c, l.lock)
	count := ref.ptr(c) >> flagBits
	if data := ref.data(c); data != 0 {
		count = kern.AtomicRead(c, data+dataCount)
	}
	kern.SpinUnlockBH(c, l.lock)
	return count == 0
}

// Exit is percpu_ref_exit(): it gives back what Init allocated. IsZero may be asked all the same.
func (l *Lib) Exit(c *kern.CPU, ref Ref) {
	l.freeCounts(c, ref)
	data := ref.data(c)
	if data == 0 {
		return
	}
	kern.SpinLockBH(c, l.lock)
	kern.WriteOnce(c, kern.Addr(ref)+refPtr, ref.ptr(c)|kern.AtomicRead(c, data+dataCount)<<flagBits)
	kern.Store(c, kern.Addr(ref)+refData, 0)
	kern.SpinUnlockBH(c, l.lock)
	l.data.Free(c, data)
}

// freeCounts is __percpu_ref_exit(): it gives the CPUs' words back.
func (l *Lib) freeCounts(c *kern.CPU, ref Ref) {
	counts := ref.ptr(c) &^ flags
	if counts == 0 {
		return
	}
	if data := ref.data(c); data != 0 {
		kern.WarnOnce(c, kern.ReadOnce(c, data+dataConfirm) != 0, "percpu_ref_exit: a switch is under way")
	}
	l.counts.Free(c, kern.Addr(counts))
	kern.WriteOnce(c, kern.Addr(ref)+refPtr, flags)
}
