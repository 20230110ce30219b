package kern_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/kern"
)

// Natively a Sanitizer says of bad pointers and of words that nobody wrote what an explorer does.
func TestSanitizer(t *testing.T) {
	m := kern.NewMachine(kern.Config{Frames: 16})
	c := m.CPU(0)
	k := m.NewCache(kern.CacheConfig{Name: "thing", Words: 4})
	m.Describe(func(v *kern.Violation) {
		if v.Addr > 0x100 && v.Addr < 0x1000 {
			v.Object = "thing 1"
		}
	})
	fresh := k.Kmalloc(c)
	zero := k.Alloc(c)
	m.Attach(kern.Sanitizer{})
	for _, tt := range []struct {
		do   func()
		want string
	}{
		{func() { kern.ReadOnce(c, 0) }, "NULL pointer dereference: read_once reads word 0 behind NULL"},
		{func() { kern.Store(c, 3, 1) }, "NULL pointer dereference: store writes to word 3 behind NULL"},
		{func() { kern.SpinLock(c, 0x123456) }, "wild pointer: spin_lock writes to word 0x123456, where nothing is"},
		{func() { kern.Load(c, kern.ListPoison1) }, "wild pointer: load reads what the poison of a deleted list node leads to"},
		{func() { kern.Load(c, kern.FreePoison+2) }, "wild pointer: load reads what the poison of freed memory leads to"},
		{func() { kern.AtomicInc(c, kern.UninitPoison) }, "wild pointer: atomic_add writes to what a word leads to that nobody has written"},
		{func() { kern.Load(c, kern.Addr(m.RegisterFunc("fn", nil))) }, "wild pointer: load reads the text of a function"},
		{func() { kern.Load(c, fresh+1) }, "uninitialised read: load reads a word of thing 1 that nobody has written"},
		{func() { kern.AtomicAdd(c, fresh+2, 1) }, "uninitialised read: atomic_add reads a word of thing 1 that nobody has written"},
	} {
		_, before := m.Violations()
		tt.do()
		list, total := m.Violations()
		if assert.Equal(t, before+1, total, tt.want) {
			assert.Equal(t, tt.want, list[before].Sentence())
		}
	}
	_, before := m.Violations()
	kern.Store(c, fresh+3, 1)
	assert.EqualValues(t, 1, kern.Load(c, fresh+3))
	assert.Zero(t, kern.Load(c, zero))
	p := kern.AllocPages(c, 0, kern.GFPKernel)
	assert.True(t, kern.GetPageUnlessZero(c, p))
	assert.False(t, kern.PutPage(c, p, 0))
	assert.True(t, kern.PutPage(c, p, 0))
	assert.False(t, kern.GetPageUnlessZero(c, p), "a struct page is there also when its page is free")
	_, after := m.Violations()
	assert.Equal(t, before, after)
}

// With one in place CPUs are goroutines all the same.
func TestSanitizerBetweenCPUs(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 3})
	l := words(m.CPU(0), 2)
	m.Attach(kern.Sanitizer{})
	var wg sync.WaitGroup
	for i := range 3 {
		c := m.CPU(i)
		wg.Go(func() {
			for range 200 {
				kern.SpinLock(c, l)
				kern.Store(c, l+1, kern.Load(c, l+1)+1)
				kern.SpinUnlock(c, l)
			}
		})
	}
	wg.Wait()
	assert.EqualValues(t, 600, m.Peek(l+1))
	quiet(t, m)
}

func TestDestroyCache(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	m.Describe(func(v *kern.Violation) { v.Object = "thing 1" })
	c := m.CPU(0)
	k := m.NewCache(kern.CacheConfig{Name: "things", Words: 4, Destroyable: true})
	a, b := k.Alloc(c), k.Alloc(c)
	want := func(kind kern.Kind, sentence string, do func()) {
		_, before := m.Violations()
		do()
		list, total := m.Violations()
		if assert.Equal(t, before+1, total, sentence) {
			assert.Equal(t, kind, list[before].Kind)
			assert.Equal(t, sentence, list[before].Sentence())
		}
	}
	destroy := func() { k.Destroy(c) }
	want(kern.CacheBusy, "slab cache destroyed in use: kmem_cache_destroy destroys slab cache things while 2 objects of it are in use", destroy)
	k.Free(c, b)
	want(kern.CacheBusy, "slab cache destroyed in use: kmem_cache_destroy destroys slab cache things while 1 object of it is in use", destroy)
	k.Free(c, a)
	want(kern.SleepInAtomic, "sleep in atomic context: kmem_cache_destroy may sleep where it must not: in rcu_read_lock", func() {
		kern.RCUReadLock(c)
		k.Destroy(c)
		kern.RCUReadUnlock(c)
	})
	_, before := m.Violations()
	destroy()
	_, after := m.Violations()
	assert.Equal(t, before, after)
	want(kern.CacheDestroyed, "slab cache used after it was destroyed: kmem_cache_free frees thing 1 into slab cache things, which was destroyed", func() { k.Free(c, a) })
	want(kern.CacheDestroyed, "slab cache used after it was destroyed: kmem_cache_alloc allocates from slab cache things, which was destroyed", func() { assert.Zero(t, k.Alloc(c)) })
	want(kern.CacheDestroyed, "slab cache used after it was destroyed: kmalloc allocates from slab cache things, which was destroyed", func() { assert.Zero(t, k.Kmalloc(c)) })
	want(kern.CacheDestroyed, "slab cache used after it was destroyed: kmem_cache_destroy destroys slab cache things again", destroy)
	assert.Panics(t, func() { m.NewCache(kern.CacheConfig{Name: "kept", Words: 1}).Destroy(c) })
}

// A cache goes when its objects are gone: also those that callbacks are yet to free.
func ExampleCache_Destroy() {
	m := kern.NewMachine(kern.Config{})
	m.OnReport(func(v *kern.Violation) { fmt.Println(v.Sentence()) })
	c := m.CPU(0)
	k := m.NewCache(kern.CacheConfig{Name: "zspage", Words: 4, Destroyable: true})
	obj := k.Alloc(c)
	k.Destroy(c)
	k.Free(c, obj)
	k.Destroy(c)
	// Output: slab cache destroyed in use: kmem_cache_destroy destroys slab cache zspage while 1 object of it is in use
}

// The words of an object from kmalloc are nobody's until they are written.
func ExampleCache_Kmalloc() {
	m := kern.NewMachine(kern.Config{})
	m.Describe(func(v *kern.Violation) { v.Object = "object 1" })
	m.OnReport(func(v *kern.Violation) { fmt.Println(v.Sentence()) })
	c := m.CPU(0)
	k := m.NewCache(kern.CacheConfig{Name: "object", Words: 2})
	m.Attach(kern.Sanitizer{})
	obj := k.Kmalloc(c)
	kern.Store(c, obj, 7)
	fmt.Println(kern.Load(c, obj))
	kern.Load(c, obj+1)
	// Output:
	// 7
	// uninitialised read: load reads a word of object 1 that nobody has written
}
