package kern_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
)

// scene is a machine with a page, a list, a lock, a head and an object, each of which has been told apart by name.
type scene struct {
	m    *kern.Machine
	c    *kern.CPU
	page kern.PFN
	list kern.Addr // a list_head
	lock kern.Addr
	head kern.Addr // an rcu_head
	k    kern.Cache
	obj  kern.Addr // a freed object
	fn   kern.Func
}

func newScene() *scene {
	m := kern.NewMachine(kern.Config{CPUs: 2, Checks: true})
	c := m.CPU(0)
	s := &scene{m: m, c: c, page: kern.AllocPages(c, 0, kern.GFPKernel), list: lists(c, 1)[0], lock: words(c, 1), head: words(c, 2)}
	s.k = m.NewCache(kern.CacheConfig{Name: "thing", Words: 8})
	s.obj = s.k.Alloc(c)
	s.k.Free(c, s.obj)
	s.fn, _ = recorder(m)
	m.Describe(func(v *kern.Violation) {
		switch {
		case m.PageOf(v.Addr) != 0:
			v.Page = m.PageOf(v.Addr)
			v.Object = fmt.Sprintf("page %d", v.Page)
		case v.Addr == s.list:
			v.Object = "the list"
		case v.Addr == s.lock:
			v.Object = "the lock"
		case v.Addr == s.head:
			v.Object = "the head"
		case v.Addr-s.obj < 8:
			v.Object = "thing 1"
		}
	})
	return s
}

// Every violation that this package finds, and what it says about it.
func TestSentences(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(s *scene)
		kind kern.Kind
		want string
	}{
		{"lock of a freed object", func(s *scene) { kern.SpinLockBH(s.c, s.obj+2) },
			kern.UseAfterFree, "use after free: spin_lock_bh takes a lock of freed thing 1"},
		{"object freed while its lock is held", func(s *scene) {
			obj := s.k.Alloc(s.c)
			kern.SpinLock(s.c, obj)
			s.k.Free(s.c, obj)
			kern.SpinUnlock(s.c, obj)
		}, kern.UseAfterFree, "use after free: spin_unlock releases a lock of freed thing 1"},
		{"list of a freed object", func(s *scene) { kern.ListEmpty(s.c, s.obj) }, kern.UseAfterFree, "use after free: list_empty looks at the list of thing 1, which was freed"},
		{"list_add to a freed list", func(s *scene) { kern.ListAdd(s.c, s.page.Page()+1, s.obj) }, kern.UseAfterFree, "use after free: list_add adds to a list of thing 1, which was freed"},
		{"list_del of a freed node", func(s *scene) { kern.ListDel(s.c, s.obj) }, kern.UseAfterFree, "use after free: list_del takes off a list thing 1, which was freed"},
		{"call_rcu of a freed head", func(s *scene) { kern.CallRCU(s.c, s.obj, s.fn) }, kern.UseAfterFree, "use after free: call_rcu queues the rcu_head of thing 1, which was freed"},
		{"page freed while queued", func(s *scene) {
			kern.CallRCU(s.c, s.page.Page()+1, s.fn)
			kern.FreePages(s.c, s.page, 0)
		}, kern.UseAfterFree, ""},
		{"object freed twice", func(s *scene) { s.k.Free(s.c, s.obj) }, kern.DoubleFree, "double free: kmem_cache_free frees thing 1, which is free already"},
		{"page freed twice", func(s *scene) { kern.FreePages(s.c, s.page, 0); kern.FreePages(s.c, s.page, 0) }, kern.DoubleFree, "double free: free_pages frees page 1, which is free already"},
		{"put_page once too often", func(s *scene) { kern.PutPage(s.c, s.page, 0); kern.PutPage(s.c, s.page, 0) }, kern.DoubleFree, "double free: put_page drops a reference to page 1, which has none left"},
		{"page handed out while in use", func(s *scene) {
			kern.FreePages(s.c, s.page, 0)
			s.m.Poke(s.page.Page(), 0)
			kern.AllocPages(s.c, 0, kern.GFPKernel)
		}, kern.DoubleFree, ""},
		{"call_rcu of a listed page", func(s *scene) {
			kern.ListAdd(s.c, s.page.Page()+1, s.list)
			kern.CallRCU(s.c, s.page.Page()+1, s.fn)
		}, kern.UnionOverlap, ""},
		{"list_add of a queued page", func(s *scene) {
			kern.CallRCU(s.c, s.page.Page()+1, s.fn)
			kern.ListAdd(s.c, s.page.Page()+1, s.list)
		}, kern.UnionOverlap, ""},
		{"list_del of a queued page", func(s *scene) {
			kern.CallRCU(s.c, s.page.Page()+1, s.fn)
			kern.ListDel(s.c, s.page.Page()+1)
		}, kern.UnionOverlap, ""},
		{"queued words overwritten", func(s *scene) {
			kern.CallRCU(s.c, s.page.Page()+1, s.fn)
			kern.InitListHead(s.c, s.page.Page()+1)
			s.c.Callbacks().InvokeOne(s.c)
		}, kern.UnionOverlap, "lru and rcu_head overlap: rcu_do_batch on page 1: the words of a queued rcu_head were overwritten"},
		{"list_del twice", func(s *scene) {
			kern.ListAdd(s.c, s.page.Page()+1, s.list)
			kern.ListDel(s.c, s.page.Page()+1)
			kern.ListDel(s.c, s.page.Page()+1)
		}, kern.ListCorruption, ""},
		{"list_del of a fresh page", func(s *scene) { kern.ListDel(s.c, s.page.Page()+1) }, kern.ListCorruption, ""},
		{"page freed while listed", func(s *scene) {
			kern.ListAdd(s.c, s.page.Page()+1, s.list)
			kern.FreePages(s.c, s.page, 0)
		}, kern.ListCorruption, "list corruption: free_pages on page 1: freed while on a list"},
		{"call_rcu twice", func(s *scene) { kern.CallRCU(s.c, s.head, s.fn); kern.CallRCU(s.c, s.head, s.fn) }, kern.DoubleCallRCU, ""},
		{"spin_lock twice", func(s *scene) { kern.SpinLock(s.c, s.lock); kern.SpinLock(s.c, s.lock) }, kern.SelfDeadlock, ""},
		{"spin_lock in a softirq", func(s *scene) {
			kern.SpinLock(s.c, s.lock)
			s.c.Softirq(func() { kern.SpinLock(s.c, s.lock) })
		}, kern.SoftirqDeadlock, ""},
		{"unlock of a free lock", func(s *scene) { kern.SpinUnlock(s.c, s.lock) }, kern.LockMisuse, "lock misuse: spin_unlock releases the lock, which nobody holds"},
		{"unlock of another CPU's lock", func(s *scene) { kern.SpinLock(s.m.CPU(1), s.lock); kern.SpinUnlock(s.c, s.lock) }, kern.LockMisuse, "lock misuse: spin_unlock releases the lock, which somebody else holds"},
		{"semaphore of a freed object", func(s *scene) { kern.DownRead(s.c, s.obj+2) },
			kern.UseAfterFree, "use after free: down_read takes a lock of freed thing 1"},
		{"semaphore in a softirq", func(s *scene) { s.c.Softirq(func() { kern.DownWrite(s.c, s.lock) }) },
			kern.SleepInAtomic, "sleep in atomic context: down_write may sleep for the lock where it must not: in a softirq"},
		{"might_sleep", func(s *scene) { kern.RCUReadLock(s.c); kern.MightSleep(s.c) },
			kern.SleepInAtomic, "sleep in atomic context: might_sleep may sleep where it must not: in rcu_read_lock"},
		{"BUG_ON", func(s *scene) { kern.BugOn(s.c, true, "zspage->magic != ZSPAGE_MAGIC") },
			kern.BugHit, "kernel bug: the kernel: zspage->magic != ZSPAGE_MAGIC"},
		{"a page changed without its lock", func(s *scene) { kern.BugOnUnlockedPage(s.c, s.page) },
			kern.PageLockNotHeld, "page lock not held: the kernel changes page 1, whose lock nobody holds"},
		{"a task that ends with preemption off", func(s *scene) { kern.PreemptDisable(s.c); kern.TaskExit(s.c) },
			kern.ContextImbalance, "context imbalance: do_exit ends with preemption off"},
		{"preempt_enable", func(s *scene) { kern.PreemptEnable(s.c) }, kern.LockMisuse, "lock misuse: preempt_enable enables preemption, which is on"},
		{"up of a free semaphore", func(s *scene) { kern.UpWrite(s.c, s.lock) }, kern.LockMisuse, "lock misuse: up_write releases the lock, which nobody holds"},
		{"reference to what has none", func(s *scene) { kern.RefcountInc(s.c, s.lock) },
			kern.UseAfterFree, "use after free: refcount_inc takes a reference to the lock, which has none left"},
		{"reference of a freed object", func(s *scene) { kern.RefcountDecAndTest(s.c, s.obj+1) },
			kern.UseAfterFree, "use after free: refcount_dec_and_test drops a reference to thing 1, which was freed"},
		{"page put while listed", func(s *scene) {
			kern.ListAdd(s.c, s.page.Page()+1, s.list)
			kern.PutPage(s.c, s.page, 0)
		}, kern.ListCorruption, "list corruption: put_page on page 1: freed while on a list"},
		{"page put while queued", func(s *scene) {
			kern.CallRCU(s.c, s.page.Page()+1, s.fn)
			kern.PutPage(s.c, s.page, 0)
		}, kern.UseAfterFree, "use after free: put_page frees page 1 while its rcu_head is queued"},
		{"rcu_read_unlock outside", func(s *scene) { kern.RCUReadUnlock(s.c) }, kern.LockMisuse, "lock misuse: rcu_read_unlock is called outside rcu_read_lock"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene()
			tt.do(s)
			v := the(t, s.m, tt.kind)
			if tt.want != "" {
				assert.Equal(t, tt.want, v.Sentence())
			}
			assert.True(t, strings.HasPrefix(v.Splat(), rule+"\n"), v.Splat())
		})
	}
}

const rule = "=================================================================="

// testKind is a kind that a package adds.
var testKind = kern.NewKind(kern.KindInfo{Name: "test-mismatch", Sentence: "test: %f leaves %o with %d", Headline: "WARNING: a test in %s"})

// plain says no more than its name.
var plain = kern.NewKind(kern.KindInfo{Name: "test-plain"})

// TestKindsOfOthers wants a kind that a package adds to be one like any other, also where it says no more than its name, and what is none
// to be refused.
func TestKindsOfOthers(t *testing.T) {
	assert.Contains(t, kern.Kinds(), plain)
	assert.Contains(t, kern.KindNames(), "test-plain")
	v := &kern.Violation{Kind: plain, Func: "door_close", Detail: "finds it open"}
	assert.Equal(t, "test-plain: door_close finds it open", v.Sentence())
	assert.Contains(t, v.Splat(), "BUG: test-plain in door_close")
	var back kern.Kind
	require.NoError(t, back.UnmarshalText([]byte("test-plain")))
	assert.Equal(t, plain, back)
	for _, name := range []string{"", "Test", "test plain", "test-plain", "none", "use-after-free"} {
		assert.Panics(t, func() { kern.NewKind(kern.KindInfo{Name: name}) }, name)
	}
}

// TestNamesOfFunctions wants functions to have the names that their package gave them, and no name where none did.
func TestNamesOfFunctions(t *testing.T) {
	kern.NameFunctions("example.org/door/lock", map[string]string{"Open": "door_open", "latch.Open": "latch_open", "quiet": "__quiet", "Check": ""})
	for fn, want := range map[string]string{
		"example.org/door/lock.Open":            "door_open",
		"example.org/door/lock.(*latch).Open":   "latch_open",
		"example.org/door/lock.(*bolt).Open":    "door_open",
		"example.org/door/lock.(*bolt).SlideIn": "slide_in",
		"example.org/door/lock.quiet":           "__quiet",
		"example.org/door/lock.loud":            "",
		"example.org/door/lock.Check":           "",
		"example.org/door/lock.Open.func1":      "",
		"example.org/door/other.Open":           "",
		"ptsim/kern.Alloc":                      "kmem_cache_alloc",
		"main.Open":                             "",
	} {
		assert.Equal(t, want, kern.KernelName(fn), fn)
	}
}

// A kind has a name, a sentence and a headline, and no two have the same.
func TestEveryKindSpeaksForItself(t *testing.T) {
	names, sentences, headlines := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, k := range kern.Kinds() {
		v := &kern.Violation{Kind: k, Object: "OBJECT", Func: "function", Detail: "DETAIL"}
		sentence := v.Sentence()
		switch k {
		case kern.LockMisuse, kern.DataRace, kern.Deadlock, kern.Warned, kern.Imbalance, kern.Assertion, kern.Livelock,
			kern.SleepInAtomic, kern.ContextImbalance, kern.RefcountLeak, kern.PreemptiblePerCPU,
			kern.NullDeref, kern.WildPointer, kern.UninitRead, kern.CacheBusy, kern.CacheDestroyed, kern.BugHit: // their details say which
			assert.Contains(t, sentence, "DETAIL")
		case plain:
		default:
			assert.Contains(t, sentence, "OBJECT")
		}
		assert.NotContains(t, sentence, "%")
		headline := strings.Split(v.Splat(), "\n")[1]
		assert.Contains(t, headline, "function")
		assert.False(t, names[k.String()] || sentences[sentence] || headlines[headline], "%v is not alone", k)
		names[k.String()], sentences[sentence], headlines[headline] = true, true, true
	}
	assert.Equal(t, "none", kern.NoViolation.String())
	assert.GreaterOrEqual(t, len(names), int(kern.RefcountLeak))
	assert.Equal(t, "kind(200)", kern.Kind(200).String())
	assert.Empty(t, (&kern.Violation{}).Sentence())
	text, err := json.Marshal(testKind)
	require.NoError(t, err)
	assert.Equal(t, `"test-mismatch"`, string(text))
	var back kern.Kind
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, testKind, back)
	assert.ErrorContains(t, json.Unmarshal([]byte(`"nosuch"`), &back), `unknown kind of violation "nosuch"`)
}

func TestSplatOfATask(t *testing.T) {
	s := newScene()
	s.c.Task, s.c.Doing = "khugepaged", "retract 0x100000"
	kern.FreePages(s.c, s.page, 0)
	kern.FreePages(s.c, s.page, 0)
	v := the(t, s.m, kern.DoubleFree)
	v.Step = 7
	v.Picture = "[lower | upper]"
	assert.Equal(t, rule+`
BUG: KASAN: double-free in free_pages
double free: free_pages frees page 1, which is free already
CPU: 0 Comm: khugepaged Context: task Step: 7
Op: retract 0x100000
page: [lower | upper]
Call Trace:
  free_pages
`+rule+"\n", v.Splat())
}

func TestSplatOfASoftirq(t *testing.T) {
	s := newScene()
	h := s.page.Page() + kern.PageLRU
	fn := s.m.RegisterFunc("callback", func(c *kern.CPU, _ kern.Addr) { kern.SpinUnlock(c, s.lock) })
	kern.CallRCU(s.c, h, fn)
	s.c.Softirq(func() { s.c.Callbacks().InvokeOne(s.c) })
	assert.Equal(t, rule+`
BUG: bad unlock balance detected in spin_unlock
lock misuse: spin_unlock releases the lock, which nobody holds
CPU: 0 Comm: swapper Context: softirq
Call Trace:
 <IRQ>
  spin_unlock
  rcu_do_batch
  __do_softirq
 </IRQ>
`+rule+"\n", the(t, s.m, kern.LockMisuse).Splat())
}

// A violation found by a checker has no call trace.
func TestSplatOfAChecker(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	m.Report(&kern.Violation{Kind: kern.PageLost, Object: "page 3", Detail: "mask -P|--|--"})
	v := the(t, m, kern.PageLost)
	assert.Equal(t, rule+`
kmemleak: 1 new suspected memory leak (checker)
page lost: page 3 is not free, and nothing leads to it any more: mask -P|--|--
CPU: 0 Comm: swapper Context: task
`+rule+"\n", v.Splat())
}

func TestObjectsWithoutANameAreWords(t *testing.T) {
	m := kern.NewMachine(kern.Config{})
	kern.SpinUnlock(m.CPU(0), 0x1234)
	assert.Equal(t, "lock misuse: spin_unlock releases word 0x1234, which nobody holds", the(t, m, kern.LockMisuse).Sentence())
}

// A machine keeps the first violations only, but counts them all.
func TestViolationsAreKeptUpToAPoint(t *testing.T) {
	m := kern.NewMachine(kern.Config{CPUs: 4})
	l := words(m.CPU(0), 1)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for range 100 {
				kern.SpinUnlock(m.CPU(i), l)
			}
		})
	}
	wg.Wait()
	list, total := m.Violations()
	assert.Len(t, list, 256)
	assert.Equal(t, 400, total)
}

func TestReportIsToldOfEachViolation(t *testing.T) {
	var told []*kern.Violation
	m := kern.NewMachine(kern.Config{Report: func(v *kern.Violation) { told = append(told, v) }})
	m.Describe(func(v *kern.Violation) { v.Object = "the only object" })
	kern.SpinUnlock(m.CPU(0), 99)
	list, _ := m.Violations()
	assert.Equal(t, list, told)
	assert.Equal(t, "the only object", told[0].Object)
}

// The history that somebody keeps is the end of a splat.
func TestSplatTellsHistory(t *testing.T) {
	v := &kern.Violation{Kind: kern.PageLost, Object: "page 3", Detail: "mask -P|--|--", History: []string{"one", "two"}}
	assert.True(t, strings.HasSuffix(v.Splat(), "History:\n  one\n  two\n"+rule+"\n"), v.Splat())
	v.History = nil
	assert.NotContains(t, v.Splat(), "History")
}
