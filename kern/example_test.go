package kern_test

import (
	"fmt"

	"ptsim/kern"
)

// A machine, a lock in its memory, and a list that the lock protects: what the floors above are made of.
func Example() {
	m := kern.NewMachine(kern.Config{CPUs: 2, Checks: true})
	c := m.CPU(0)
	objects := m.NewCache(kern.CacheConfig{Name: "example", Words: 1 + kern.ListHeadWords})
	obj := objects.Alloc(c)
	lock, head := obj, obj+1
	kern.InitListHead(c, head)

	page := kern.AllocPages(c, 0, kern.GFPKernel)
	kern.SpinLockBH(c, lock)
	kern.ListAdd(c, page.Page()+kern.PageLRU, head)
	kern.SpinUnlockBH(c, lock)

	kern.FreePages(c, page, 0) // a bug
	list, _ := m.Violations()
	fmt.Println(list[0].Kind)
	// Output: list-corruption
}

func ExampleNewMachine() {
	m := kern.NewMachine(kern.Config{CPUs: 2, Frames: 64, Checks: true, Contents: true})
	fmt.Println(m.NumCPU(), m.Checks(), m.HasContents(), m.CPU(1).ID())
	// Output: 2 true true 1
}

// Words are named by addresses; a debugger's Peek and Poke are no steps of any CPU.
func ExampleMachine_Peek() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	a := m.NewCache(kern.CacheConfig{Name: "word", Words: 1}).Alloc(c)
	kern.WriteOnce(c, a, 40)
	m.Poke(a, m.Peek(a)+2)
	fmt.Println(kern.ReadOnce(c, a))
	// Output: 42
}

func ExampleAddr_IsPlace() {
	m := kern.NewMachine(kern.Config{})
	f := m.RegisterFunc("pte_free_now", func(*kern.CPU, kern.Addr) {})
	fmt.Println(kern.Addr(0).IsPlace(), kern.FreePoison.IsPlace(), kern.Addr(f).IsPlace(), kern.PFN(3).Page().IsPlace())
	fmt.Println(kern.Addr(f).IsFunc(), m.FuncName(f))
	// Output:
	// false false false true
	// true pte_free_now
}

// The read-modify-write primitives return what their counterparts in the kernel do.
func ExampleAtomicXorBits() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	a := m.NewCache(kern.CacheConfig{Name: "word", Words: 1}).Alloc(c)
	fmt.Printf("xor %#x\n", kern.AtomicXorBits(c, a, 0x11)) // the new value
	fmt.Printf("add %#x\n", kern.AtomicAddReturn(c, a, 1))  // the new value
	fmt.Printf("or %#x\n", kern.AtomicFetchOr(c, a, 0x80))  // the old value
	fmt.Printf("andnot %#x\n", kern.AtomicFetchAndNot(c, a, 0x80))
	fmt.Printf("xchg %#x\n", kern.Xchg(c, a, 5))
	fmt.Printf("cmpxchg %#x\n", kern.CmpXchg(c, a, 5, 0))
	fmt.Println("inc_not_zero", kern.AtomicAddUnless(c, a, 1, 0))
	// Output:
	// xor 0x11
	// add 0x12
	// or 0x12
	// andnot 0x92
	// xchg 0x12
	// cmpxchg 0x5
	// inc_not_zero false
}

// A softirq that comes up while the lock is held waits, if the lock was taken with BH off.
func ExampleSpinLockBH() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	lock := m.NewCache(kern.CacheConfig{Name: "lock", Words: 1}).Alloc(c)
	m.OpenSoftirq(func(c *kern.CPU) { fmt.Println("softirq, lock free:", m.LockFree(lock)) })

	kern.SpinLockBH(c, lock)
	c.RaiseSoftirq()
	fmt.Println("interrupted:", c.Interrupt(), "owner:", m.LockOwner(lock))
	kern.SpinUnlockBH(c, lock)
	// Output:
	// interrupted: false owner: 0
	// softirq, lock free: true
}

// With spin_lock alone it runs at once, and finds the lock held by what it interrupted.
func ExampleCPU_Interrupt() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	lock := m.NewCache(kern.CacheConfig{Name: "lock", Words: 1}).Alloc(c)
	m.OpenSoftirq(func(c *kern.CPU) {
		kern.SpinLockBH(c, lock)
		kern.SpinUnlockBH(c, lock)
	})

	kern.SpinLock(c, lock)
	c.RaiseSoftirq()
	c.Interrupt()
	kern.SpinUnlock(c, lock)
	list, _ := m.Violations()
	fmt.Println(list[0].Kind)
	// Output: softirq-deadlock
}

func ExampleLocalBHDisable() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	m.OpenSoftirq(func(c *kern.CPU) { fmt.Println("softirq", c.InSoftirq()) })
	kern.LocalBHDisable(c)
	c.RaiseSoftirq()
	fmt.Println("BH off", c.BHDisabled())
	kern.LocalBHEnable(c)
	// Output:
	// BH off true
	// softirq true
}

func ExampleListAdd() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	nodes := m.NewCache(kern.CacheConfig{Name: "list_head", Words: kern.ListHeadWords})
	head, a, b := nodes.Alloc(c), nodes.Alloc(c), nodes.Alloc(c)
	kern.InitListHead(c, head)
	kern.ListAdd(c, a, head)
	kern.ListAddTail(c, b, head)
	fmt.Println("first is a:", kern.ListFirstOrNull(c, head) == a)
	kern.ListDel(c, a)
	kern.ListDelInit(c, b)
	fmt.Println("empty:", kern.ListEmpty(c, head))
	fmt.Println("poisoned:", kern.Addr(m.Peek(a)) == kern.ListPoison1)
	// Output:
	// first is a: true
	// empty: true
	// poisoned: true
}

// Walk and NodeState look at lists from outside, as a checker does.
func ExampleMachine_Walk() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	head := m.NewCache(kern.CacheConfig{Name: "list_head", Words: kern.ListHeadWords}).Alloc(c)
	kern.InitListHead(c, head)
	for range 3 {
		kern.ListAddTail(c, kern.AllocPages(c, 0, kern.GFPKernel).Page()+kern.PageLRU, head)
	}
	sound := m.Walk(head, func(node kern.Addr) bool {
		fmt.Println("page", m.PageOf(node), m.NodeState(node) == kern.Listed)
		return true
	})
	fmt.Println("sound:", sound)
	// Output:
	// page 1 true
	// page 2 true
	// page 3 true
	// sound: true
}

// Callbacks are queued on a CPU; an RCU core such as those of package rcuhead invokes them.
func ExampleCallRCU() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	head := m.NewCache(kern.CacheConfig{Name: "rcu_head", Words: kern.RCUHeadWords}).Alloc(c)
	fn := m.RegisterFunc("free", func(c *kern.CPU, obj kern.Addr) { fmt.Println("callback", obj == head) })
	kern.CallRCU(c, head, fn)
	fmt.Println("queued:", c.Callbacks().Len())
	c.Softirq(func() { c.Callbacks().InvokeOne(c) })
	// Output:
	// queued: 1
	// callback true
}

func ExampleRCUReadLock() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	kern.RCUReadLock(c)
	fmt.Println(c.RCUReading())
	kern.RCUReadUnlock(c)
	fmt.Println(c.RCUReading(), c.ReaderEpoch())
	// Output:
	// true
	// false 1
}

func ExampleQueueWork() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	item := m.NewCache(kern.CacheConfig{Name: "work_struct", Words: kern.WorkWords}).Alloc(c)
	fn := m.RegisterFunc("mmdrop_async_fn", func(c *kern.CPU, _ kern.Addr) { fmt.Println("softirq:", c.InSoftirq()) })
	c.Softirq(func() { kern.QueueWork(c, item, fn) })
	fmt.Println("pending:", m.PendingWork())
	fmt.Println("ran:", kern.RunWork(c))
	// Output:
	// pending: 1
	// softirq: false
	// ran: 1
}

func ExampleAllocPages() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	p := kern.AllocPages(c, 0, kern.GFPKernel)
	fmt.Println("frame", p, "order", c.PageOrder(p))
	kern.GetPageUnlessZero(c, p) // a speculative reference keeps it
	fmt.Println("freed:", kern.PutPage(c, p, 0))
	fmt.Println("freed:", kern.PutPage(c, p, 0))
	m.FailPages(kern.GFPKernel, true)
	fmt.Println("no memory:", kern.AllocPages(c, 0, kern.GFPKernel) == 0)
	// Output:
	// frame 1 order 0
	// freed: false
	// freed: true
	// no memory: true
}

func ExampleMachine_Frames() {
	m := kern.NewMachine(kern.Config{Frames: 3})
	c := m.CPU(0)
	kern.AllocPages(c, 0, kern.GFPKernel)
	kern.FreePages(c, kern.AllocPages(c, 0, kern.GFPKernel), 0)
	m.Frames(func(p kern.PFN, free bool) { fmt.Println(p, free) })
	// Output:
	// 1 false
	// 2 true
	// 3 true
}

func ExampleCPU_FillContents() {
	m := kern.NewMachine(kern.Config{Contents: true})
	c := m.CPU(0)
	p := kern.AllocPages(c, 0, kern.GFPKernel)
	c.FillContents(p, 0, kern.EntriesPerFrame, 0x400)
	c.WriteEntry(p, 7, 0x1000)
	fmt.Println(c.ContentsAre(p, 0, 7, 0x400), c.ContentsAre(p, 0, 8, 0x400), c.ReadEntry(p, 7))
	// Output: true false 4096
}

func ExamplePhys() {
	upper := kern.PhysOf(5) + kern.HalfSize
	tagged := upper | kern.TagUpper
	fmt.Println(tagged, tagged.PFN(), tagged.Half(), tagged.Tag(), tagged.Untag() == upper)
	fmt.Println(kern.Unpack(tagged.Pack()) == tagged)
	// Output:
	// 0x5802 5 1 2 true
	// true
}

// Freed objects are poisoned; in a type-stable cache they stay what they are until a grace period has passed.
func ExampleMachine_NewCache() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	plain := m.NewCache(kern.CacheConfig{Name: "plain", Words: 4})
	stable := m.NewCache(kern.CacheConfig{
		Name: "stable", Words: 1 + kern.TypesafeWords, TypesafeByRCU: true, RCUHead: 1,
		Ctor: func(m *kern.Machine, obj kern.Addr) { m.Poke(obj, 7) },
	})
	a, b := plain.Alloc(c), stable.Alloc(c)
	plain.Free(c, a)
	stable.Free(c, b)
	fmt.Printf("%#x %d, live: %d\n", m.Peek(a), m.Peek(b), stable.Live())
	c.Softirq(func() { c.Callbacks().InvokeOne(c) }) // a grace period later
	fmt.Printf("%#x\n", m.Peek(b))
	// Output:
	// 0xf0000b6b 7, live: 0
	// 0xf0000b6b
}

func ExampleViolation_Splat() {
	m := kern.NewMachine(kern.Config{Report: func(v *kern.Violation) { fmt.Print(v.Splat()) }})
	m.Describe(func(v *kern.Violation) { v.Object = "the frame" })
	c := m.CPU(0)
	c.Task, c.Doing = "bash", "exit"
	p := kern.AllocPages(c, 0, kern.GFPKernel)
	kern.FreePages(c, p, 0)
	kern.FreePages(c, p, 0)
	// Output:
	// ==================================================================
	// BUG: KASAN: double-free in free_pages
	// double free: free_pages frees the frame, which is free already
	// CPU: 0 Comm: bash Context: task
	// Op: exit
	// Call Trace:
	//   free_pages
	// ==================================================================
}

func ExampleWarnOnce() {
	m := kern.NewMachine(kern.Config{})
	for range 3 {
		if kern.WarnOnce(m.CPU(0), true, "page_table_free: WARN_ON_ONCE(page->pt_mm != mm)") {
			continue // a warning does not stop anybody
		}
	}
	fmt.Println(m.Warnings())
	// Output: [page_table_free: WARN_ON_ONCE(page->pt_mm != mm)]
}

// tracer is a Scheduler that lets every step happen at once.
type tracer struct{}

func (tracer) Step(c *kern.CPU, op kern.Op) uint32 {
	r := c.Exec(op)
	fmt.Printf("CPU %d %s = %d\n", c.ID(), op.Kind, r)
	return r
}

// A Scheduler sees each primitive as one step. One that lets other CPUs go first explores what can happen.
func ExampleScheduler() {
	m := kern.NewMachine(kern.Config{Scheduler: tracer{}})
	c := m.CPU(0)
	p := kern.AllocPages(c, 0, kern.GFPKernel)
	kern.AtomicXorBits(c, p.Page()+kern.PageRefcount, 2)
	kern.Mark(c, 9)
	// Output:
	// CPU 0 alloc_pages = 1
	// CPU 0 xor = 3
	// CPU 0 mark = 0
}
