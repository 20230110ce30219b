package kern_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
)

// Atomics that return a value come in all orders. They return the same in each.
func ExampleAtomicFetchOrRelaxed() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	a := m.NewCache(kern.CacheConfig{Name: "word", Words: 1}).Alloc(c)
	fmt.Println(kern.AtomicAddReturnRelaxed(c, a, 1), kern.AtomicAddReturnAcquire(c, a, 1), kern.AtomicAddReturnRelease(c, a, 1))
	fmt.Println(kern.AtomicFetchOrRelaxed(c, a, 4), kern.AtomicFetchOrAcquire(c, a, 8), kern.AtomicFetchOrRelease(c, a, 16))
	fmt.Println(kern.AtomicFetchAndNotRelaxed(c, a, 4), kern.AtomicFetchAndNotAcquire(c, a, 8), kern.AtomicFetchAndNotRelease(c, a, 16))
	fmt.Println(kern.AtomicFetchXorRelaxed(c, a, 1), kern.AtomicFetchXorAcquire(c, a, 1), kern.AtomicFetchXorRelease(c, a, 1))
	fmt.Println(kern.XchgRelaxed(c, a, 5), kern.XchgAcquire(c, a, 6), kern.XchgRelease(c, a, 7))
	fmt.Println(kern.CmpXchgRelaxed(c, a, 7, 8), kern.CmpXchgAcquire(c, a, 7, 9), kern.CmpXchgRelease(c, a, 8, 9), kern.ReadOnce(c, a))
	// Output:
	// 1 2 3
	// 3 7 15
	// 31 27 19
	// 3 2 3
	// 2 5 6
	// 7 8 8 9
}

// A bit that serves as a lock is released by an atomic that returns nothing.
func ExampleClearBitUnlock() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	a := m.NewCache(kern.CacheConfig{Name: "flags", Words: 1}).Alloc(c)
	kern.AtomicOr(c, a, 0b1010)
	kern.AtomicAndNot(c, a, 0b0010)
	fmt.Println(kern.TestAndSetBitLock(c, a, 0), kern.TestAndSetBitLock(c, a, 0))
	kern.ClearBitUnlock(c, a, 0)
	fmt.Printf("%b\n", kern.ReadOnce(c, a))
	// Output:
	// false true
	// 1000
}

// Barriers that go with an atomic or a lock order with that.
func ExampleSmpMBAfterAtomic() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	a := m.NewCache(kern.CacheConfig{Name: "words", Words: 4}).Alloc(c)
	kern.SmpMBBeforeAtomic(c)
	kern.AtomicAdd(c, a, 1)
	kern.SmpMBAfterAtomic(c)
	kern.SpinLock(c, a+1)
	kern.SmpMBAfterSpinlock(c)
	kern.SpinUnlock(c, a+1)
	kern.SpinLock(c, a+2)
	kern.SmpMBAfterUnlockLock(c)
	kern.SpinUnlock(c, a+2)
	kern.SmpStoreMB(c, a+3, 1)
	first := kern.ReadOnce(c, a+3)
	kern.SmpRMB(c)
	fmt.Println(first, kern.ReadOnce(c, a))
	// Output: 1 1
}

// What a CPU does to its own word of a per-CPU variable is one instruction: it needs no lock, and no preempt_disable.
func ExampleThisCPUCmpXchg() {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	c := m.CPU(1)
	v := m.DefinePerCPU("count")
	kern.ThisCPUWrite(c, v, 3)
	kern.ThisCPUAdd(c, v, 1)
	fmt.Println(kern.ThisCPUAddReturn(c, v, 1), kern.ThisCPUXchg(c, v, 7), kern.ThisCPUCmpXchg(c, v, 7, 8), kern.ThisCPURead(c, v))
	fmt.Println(kern.ReadOnce(c, kern.RawCPUPtr(c, v)), kern.ThisCPURead(m.CPU(0), v))
	// Output:
	// 5 5 7 8
	// 8 0
}

// Locks of every kind can be tried, or looked at.
func ExampleDownWriteTrylock() {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	a, b := m.CPU(0), m.CPU(1)
	l := m.NewCache(kern.CacheConfig{Name: "locks", Words: 4}).Alloc(a)
	fmt.Println(kern.DownReadTrylock(a, l), kern.DownReadTrylock(b, l), kern.DownWriteTrylock(b, l))
	kern.MutexLock(a, l+1)
	fmt.Println(kern.MutexIsLocked(b, l+1), kern.MutexTrylock(b, l+1))
	kern.BitSpinLock(a, l+2, 5)
	fmt.Println(kern.BitSpinIsLocked(b, l+2, 5), kern.BitSpinTrylock(b, l+2, 5))
	kern.BitSpinUnlock(a, l+2, 5)
	fmt.Println(kern.BitSpinIsLocked(b, l+2, 5))
	// Output:
	// true true false
	// true false
	// true false
	// false
}

// A writer of a rwlock has it alone, readers share it.
func ExampleWriteLock() {
	m := kern.NewMachine(kern.Config{CPUs: 2})
	a, b := m.CPU(0), m.CPU(1)
	l := m.NewCache(kern.CacheConfig{Name: "rwlock", Words: 1}).Alloc(a)
	kern.ReadLock(a, l)
	kern.ReadLock(b, l)
	kern.ReadUnlock(a, l)
	kern.ReadUnlock(b, l)
	kern.WriteLock(a, l)
	fmt.Println(m.LockOwner(l))
	kern.WriteUnlock(a, l)
	fmt.Println(m.LockOwner(l))
	// Output:
	// 0
	// -1
}

// What has happened is not waited for any more.
func ExampleCompleteAll() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	x := m.NewCache(kern.CacheConfig{Name: "words", Words: 4}).Alloc(c)
	done, queue, list := x, x+1, x+2
	kern.InitCompletion(c, done)
	kern.CompleteAll(c, done)
	kern.WaitForCompletion(c, done)
	kern.WaitForCompletion(c, done)

	ticket := kern.PrepareToWait(c, queue)
	kern.WakeUp(c, queue)
	kern.Schedule(c, queue, ticket)
	kern.FinishWait(c, queue)

	kern.WaitOnPageLocked(c, kern.AllocPages(c, 0, kern.GFPKernel))

	kern.InitListHead(c, list)
	kern.ListAddRCU(c, m.NewCache(kern.CacheConfig{Name: "node", Words: 2}).Alloc(c), list)
	kern.RCUBarrier(c) // no callback is queued
	fmt.Println(kern.ListEmpty(c, list))
	// Output: false
}

// Nobody is on the queue at first; a task that has prepared to wait is.
func ExampleWaitqueueActive() {
	m := kern.NewMachine(kern.Config{})
	c := m.CPU(0)
	queue := m.NewCache(kern.CacheConfig{Name: "words", Words: 1}).Alloc(c)
	fmt.Println(kern.WaitqueueActive(c, queue))
	kern.PrepareToWait(c, queue)
	fmt.Println(kern.WaitqueueActive(c, queue))
	kern.FinishWait(c, queue)
	// Output:
	// false
	// true
}

// Each function that the table of primitives names is called in an Example of this package.
func TestEachPrimitiveHasAnExample(t *testing.T) {
	called := map[string]bool{}
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || !strings.HasPrefix(fn.Name.Name, "Example") {
				continue
			}
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok {
					called[s.Sel.Name] = true
				}
				return true
			})
		}
	}
	for _, k := range kern.Primitives() {
		p := kern.PrimitiveOf(k)
		for _, f := range append([]kern.Form{{Func: p.Func}}, p.Forms...) {
			name := f.Func[strings.LastIndex(f.Func, ".")+1:]
			assert.True(t, name == "" || called[name], "%s has no Example", f.Func)
		}
	}
}
