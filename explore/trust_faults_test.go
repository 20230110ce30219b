package explore_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
)

// The models of this file were once judged wrongly by some kind of search. Each must be judged rightly by all of them.

// do is an operation that leaves its task's Frame alone.
func do(name string, f func(c *kern.CPU)) explore.Operation {
	return explore.Operation{Name: name, Run: func(c *kern.CPU, fr explore.Frame) explore.Frame { f(c); return fr }}
}

// small is a model of a few tasks of one operation each on a shared object of eight words.
func small(name string, setup func(m *kern.Machine, g kern.Addr) []explore.Task) *explore.Model {
	build := func(cpus int, s kern.Scheduler) *explore.Instance {
		m := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 16, Scheduler: s})
		g := m.NewCache(kern.CacheConfig{Name: "global", Words: 8}).Alloc(m.CPU(0))
		return &explore.Instance{M: m, Tasks: setup(m, g)}
	}
	return &explore.Model{Name: name, Tasks: len(build(1, nil).Tasks), Build: build}
}

// everyWay judges a model by every kind of search, in every setting, and wants the kind of violation from each; none for
// NoViolation. Bounded and Random cannot prove that there is none.
func everyWay(t *testing.T, what string, mo *explore.Model, want kern.Kind) {
	t.Helper()
	everyWayBut(t, what, mo, want, func(*explore.Options) {})
}

// everyLaxWay does not mind a broken rule of the context.
func everyLaxWay(t *testing.T, what string, mo *explore.Model, want kern.Kind) {
	t.Helper()
	everyWayBut(t, what, mo, want, func(opt *explore.Options) { opt.Lax = true })
}

func everyWayBut(t *testing.T, what string, mo *explore.Model, want kern.Kind, but func(opt *explore.Options)) {
	t.Helper()
	for _, softirqs := range []int{1, 2, explore.SoftirqsOnCPU} {
		for _, grace := range []explore.Grace{explore.GracePrecise, explore.GraceAny} {
			for _, plain := range []bool{false, true} {
				for _, threads := range []int{1, 2} {
					opt := explore.Defaults()
					opt.Softirqs, opt.Grace, opt.Plain, opt.Threads = softirqs, grace, plain, threads
					but(&opt)
					e, err := explore.Exhaustive(mo, opt)
					require.NoError(t, err)
					s, err := explore.Shortest(mo, opt, kern.NoViolation)
					require.NoError(t, err)
					b, err := explore.Bounded(mo, opt, 4)
					require.NoError(t, err)
					r, err := explore.Random(mo, opt, explore.Sampling{Runs: 1000, Seed: 1})
					require.NoError(t, err)
					if threads == 1 && softirqs == 2 {
						adjacentInParts(t, what, mo, opt)
					}
					for how, got := range map[string]explore.Result{"exhaustive": e, "shortest": s, "bounded": b, "random": r} {
						at := fmt.Sprintf("%s: %s, softirqs %d, grace %s, plain %t, %d threads", what, how, softirqs, grace, plain, threads)
						if want == kern.NoViolation {
							require.Nil(t, got.Violation, at)
							if how == "exhaustive" || how == "shortest" {
								require.Equal(t, explore.Safe, got.Verdict, at)
							}
							continue
						}
						require.Equal(t, explore.Violated, got.Verdict, at)
						require.Equal(t, want, got.Violation.Kind, "%s: %s", at, got.Violation.Sentence())
						tr, err := explore.Replay(mo, opt, got.Schedule, nil)
						require.NoError(t, err, at)
						require.Equal(t, want, tr.Violation.Kind, at)
					}
				}
			}
		}
	}
}

// A takes L1 and writes a word; only if something goes one way it takes L2, too. B takes L2, then L1. The way that moves
// must not hide the way that waits.
func TestDeadlockBehindAChoice(t *testing.T) {
	locks := map[string][2]func(*kern.CPU, kern.Addr){
		"spin locks": {kern.SpinLock, kern.SpinUnlock}, "semaphores": {kern.DownWrite, kern.UpWrite}, "BH": {kern.SpinLockBH, kern.SpinUnlockBH},
		"readers and writers": {kern.DownRead, kern.UpRead},
	}
	for name, l := range locks {
		lock, unlock := l[0], l[1]
		for _, how := range []string{"choose", "alloc", "second of three", "choice before", "two choices"} {
			mo := small("abba", func(m *kern.Machine, g kern.Addr) []explore.Task {
				k := m.NewCache(kern.CacheConfig{Name: "obj", Words: 4})
				l1, l2 := g, g+1
				other, otherUnlock := lock, unlock
				if name == "readers and writers" {
					other, otherUnlock = kern.DownWrite, kern.UpWrite
				}
				decide := func(c *kern.CPU) bool {
					switch how {
					case "alloc":
						o := k.AllocNowait(c)
						if o != 0 {
							k.Free(c, o)
						}
						return o == 0
					case "second of three":
						return kern.Choose(c, 3) == 1
					case "two choices":
						first, second := kern.Choose(c, 2), kern.Choose(c, 2)
						return first == 1 && second == 1
					}
					return kern.Choose(c, 2) == 1
				}
				return []explore.Task{
					{Name: "A", MayFail: true, Ops: []explore.Operation{do("a", func(c *kern.CPU) {
						both := how == "choice before" && decide(c)
						lock(c, l1)
						kern.WriteOnce(c, g+3, 1)
						if both || how != "choice before" && decide(c) {
							lock(c, l2)
							unlock(c, l2)
						}
						unlock(c, l1)
					})}},
					{Name: "B", Ops: []explore.Operation{do("b", func(c *kern.CPU) {
						other(c, l2)
						other(c, l1)
						otherUnlock(c, l1)
						otherUnlock(c, l2)
					})}},
				}
			})
			everyWay(t, name+", "+how, mo, kern.Deadlock)
		}
	}
}

// Two states that differ only in what is queued are two, also once somebody has overwritten the words of what is queued.
func TestQueuedIsStateOfItsOwn(t *testing.T) {
	for _, work := range []bool{false, true} {
		mo := small("queued", func(m *kern.Machine, g kern.Addr) []explore.Task {
			up := func(c *kern.CPU) { kern.CmpXchg(c, g+4, 1<<31, 0) }
			fn := m.RegisterFunc("cb", func(c *kern.CPU, h kern.Addr) { up(c) })
			return []explore.Task{{Name: "A", Ops: []explore.Operation{
				do("queue", func(c *kern.CPU) {
					kern.DownWrite(c, g+4)
					if work {
						kern.QueueWork(c, g, fn)
					} else {
						kern.CallRCU(c, g, fn)
					}
				}),
				do("wait or not", func(c *kern.CPU) {
					if kern.Choose(c, 2) == 0 {
						kern.DownWrite(c, g+4) // waits until the callback ran
					}
					up(c)
				}),
				do("reuse the words", func(c *kern.CPU) { kern.InitListHead(c, g) }),
			}}}
		})
		everyLaxWay(t, fmt.Sprintf("work %t", work), mo, kern.UnionOverlap)
	}
}

// Who holds a lock is part of the state where no thread's place tells it: a task that has ended may have kept one, and
// another may release what it does not hold.
func TestOwnerIsPartOfTheState(t *testing.T) {
	everyLaxWay(t, "owner", small("owner", func(m *kern.Machine, g kern.Addr) []explore.Task {
		mayTake := func(c *kern.CPU) {
			if kern.CmpXchg(c, g+1, 0, 1) == 0 { // one of the two
				kern.SpinLock(c, g)
			}
			kern.AtomicAddReturn(c, g+2, 1)
		}
		return []explore.Task{
			{Name: "B", Ops: []explore.Operation{do("maybe", mayTake)}},
			{Name: "A", Ops: []explore.Operation{
				do("maybe", mayTake),
				do("release", func(c *kern.CPU) {
					if kern.ReadOnce(c, g+2) == 2 {
						kern.SpinUnlock(c, g)
					}
				}),
			}},
		}
	}), kern.LockMisuse)
}

// What is left and was never entered is found under the explorer as it is natively.
func TestUnbalancedRegions(t *testing.T) {
	for name, f := range map[string]func(c *kern.CPU, g kern.Addr){
		"bh":     func(c *kern.CPU, g kern.Addr) { kern.LocalBHEnable(c) },
		"rcu":    func(c *kern.CPU, g kern.Addr) { kern.RCUReadLock(c); kern.RCUReadUnlock(c); kern.RCUReadUnlock(c) },
		"unlock": func(c *kern.CPU, g kern.Addr) { kern.SpinLock(c, g); kern.SpinUnlockBH(c, g) },
	} {
		mo := small(name, func(m *kern.Machine, g kern.Addr) []explore.Task {
			return []explore.Task{{Name: "A", Ops: []explore.Operation{do(name, func(c *kern.CPU) { f(c, g) })}}}
		})
		everyWay(t, name, mo, kern.LockMisuse)
	}
}

// get_page_unless_zero() may be asked of a page that was just freed: it says no.
func TestSpeculativeReference(t *testing.T) {
	everyWay(t, "speculative get", &explore.Model{Name: "spec", Tasks: 3, Build: func(cpus int, sched kern.Scheduler) *explore.Instance {
		m := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 64, Scheduler: sched})
		p := kern.AllocPages(m.CPU(0), 0, kern.GFPKernel)
		g := m.NewCache(kern.CacheConfig{Name: "global", Words: 8}).Alloc(m.CPU(0))
		get := do("get", func(c *kern.CPU) {
			if kern.GetPageUnlessZero(c, p) {
				kern.AtomicAddReturn(c, g, 1)
				kern.PutPage(c, p, 0)
			}
		})
		put := do("put", func(c *kern.CPU) { kern.PutPage(c, p, 0) })
		return &explore.Instance{M: m, Tasks: []explore.Task{
			{Name: "put", Ops: []explore.Operation{put}}, {Name: "get", Ops: []explore.Operation{get}}, {Name: "get too", Ops: []explore.Operation{get, get}},
		}, Final: func() *kern.Violation {
			if m.Peek(g) > 3 {
				return &kern.Violation{Kind: kern.Imbalance, Detail: "more references than were asked for"}
			}
			return nil
		}}
	}}, kern.NoViolation)
}

// A user's own assertion has a kind of its own, and the sentence that the user gave.
func TestAssertion(t *testing.T) {
	mo := small("assert", func(m *kern.Machine, g kern.Addr) []explore.Task {
		inc := do("increment", func(c *kern.CPU) {
			v := kern.ReadOnce(c, g)
			kern.WriteOnce(c, g, v+1)
			kern.AtomicAddReturn(c, g+1, 1)
		})
		return []explore.Task{
			{Name: "A", Ops: []explore.Operation{inc}}, {Name: "B", Ops: []explore.Operation{inc}},
			{Name: "C", Ops: []explore.Operation{do("look", func(c *kern.CPU) {
				if kern.ReadOnce(c, g+1) == 2 {
					kern.Assert(c, kern.ReadOnce(c, g) == 2, "no increment is lost")
				}
			})}},
		}
	})
	everyWay(t, "assert", mo, kern.Assertion)
	r, err := explore.Exhaustive(mo, explore.Defaults())
	require.NoError(t, err)
	assert.Contains(t, r.Violation.Sentence(), "no increment is lost")
}

// A node that points to itself is its own neighbour: deleting it changes two words, each once, and so does taking that back.
func TestDeletedTwiceOver(t *testing.T) {
	mo := small("self", func(m *kern.Machine, g kern.Addr) []explore.Task {
		return []explore.Task{
			{Name: "A", Ops: []explore.Operation{do("init", func(c *kern.CPU) { kern.InitListHead(c, g) }), do("del", func(c *kern.CPU) { kern.ListDel(c, g) })}},
			{Name: "B", Ops: []explore.Operation{do("add", func(c *kern.CPU) { kern.AtomicAddReturn(c, g+3, 1) })}},
		}
	})
	opt := explore.Defaults()
	opt.Plain = true
	r, err := explore.Exhaustive(mo, opt)
	require.NoError(t, err)
	assert.EqualValues(t, 6, r.States, "three places times two")
}

// What a callback or an operation asserts before its first primitive counts, however often its beginning was met before.
func TestAssertionBeforeTheFirstPrimitive(t *testing.T) {
	everyWay(t, "callback", small("early", func(m *kern.Machine, g kern.Addr) []explore.Task {
		fn := m.RegisterFunc("cb", func(c *kern.CPU, h kern.Addr) {
			kern.Assert(c, h == g, "it is the first")
			kern.AtomicAddReturn(c, g+4, 1)
		})
		return []explore.Task{{Name: "A", Ops: []explore.Operation{do("queue", func(c *kern.CPU) { kern.CallRCU(c, g+2, fn) })}}}
	}), kern.Assertion)
}

// A store to one word and then to another, read in the other order: without a barrier the plain word races, although no state
// has both accesses at once. What orders them takes the race away.
func TestMissingBarrier(t *testing.T) {
	once := kern.WriteOnce
	for name, c0 := range map[string]struct {
		publish func(c *kern.CPU, flag kern.Addr)
		look    func(c *kern.CPU, flag kern.Addr) bool
		store   func(c *kern.CPU, a kern.Addr, v uint32)
		load    func(c *kern.CPU, a kern.Addr) uint32
		want    kern.Kind
	}{
		"READ_ONCE and WRITE_ONCE of a flag": {func(c *kern.CPU, f kern.Addr) { once(c, f, 1) }, isSet, kern.Store, kern.Load, kern.DataRace},
		"marked data":                        {func(c *kern.CPU, f kern.Addr) { once(c, f, 1) }, isSet, once, kern.ReadOnce, kern.NoViolation},
		"only one side orders":               {func(c *kern.CPU, f kern.Addr) { kern.Xchg(c, f, 1) }, isSet, kern.Store, kern.Load, kern.DataRace},
		"the other side alone": {func(c *kern.CPU, f kern.Addr) { once(c, f, 1) },
			func(c *kern.CPU, f kern.Addr) bool { return kern.AtomicAddReturn(c, f, 0) == 1 }, kern.Store, kern.Load, kern.DataRace},
		"both sides order": {func(c *kern.CPU, f kern.Addr) { kern.Xchg(c, f, 1) },
			func(c *kern.CPU, f kern.Addr) bool { return kern.AtomicAddReturn(c, f, 0) == 1 }, kern.Store, kern.Load, kern.NoViolation},
		"full barriers beside relaxed accesses": {func(c *kern.CPU, f kern.Addr) { kern.Xchg(c, f+1, 1); once(c, f, 1) },
			func(c *kern.CPU, f kern.Addr) bool { ok := isSet(c, f); kern.Xchg(c, f+2, 1); return ok }, kern.Store, kern.Load, kern.NoViolation},
		"a full barrier of the reader alone, on a word that nobody touches": {func(c *kern.CPU, f kern.Addr) { once(c, f, 1) },
			func(c *kern.CPU, f kern.Addr) bool { ok := isSet(c, f); kern.Xchg(c, f+2, 1); return ok }, kern.Store, kern.Load, kern.DataRace},
		"the same, and only after the flag was seen": {func(c *kern.CPU, f kern.Addr) { once(c, f, 1) },
			func(c *kern.CPU, f kern.Addr) bool { return isSet(c, f) && kern.Xchg(c, f+2, 1) == 0 }, kern.Store, kern.Load, kern.DataRace},
		"a lock that nobody held before": {func(c *kern.CPU, f kern.Addr) { once(c, f, 1) },
			func(c *kern.CPU, f kern.Addr) bool {
				if !isSet(c, f) {
					return false
				}
				kern.SpinLock(c, f+1)
				kern.SpinUnlock(c, f+1)
				return true
			}, kern.Store, kern.Load, kern.DataRace},
		"a lock that only the writer takes": {func(c *kern.CPU, f kern.Addr) { kern.SpinLock(c, f+1); once(c, f, 1); kern.SpinUnlock(c, f+1) },
			isSet, kern.Store, kern.Load, kern.DataRace},
		"a lock": {func(c *kern.CPU, f kern.Addr) { kern.SpinLock(c, f+1); once(c, f, 1); kern.SpinUnlock(c, f+1) },
			func(c *kern.CPU, f kern.Addr) bool {
				kern.SpinLock(c, f+1)
				defer kern.SpinUnlock(c, f+1)
				return isSet(c, f)
			}, kern.Store, kern.Load, kern.NoViolation},
		"a semaphore": {func(c *kern.CPU, f kern.Addr) { kern.DownWrite(c, f+1); once(c, f, 1); kern.UpWrite(c, f+1) },
			func(c *kern.CPU, f kern.Addr) bool {
				kern.DownRead(c, f+1)
				defer kern.UpRead(c, f+1)
				return isSet(c, f)
			}, kern.Store, kern.Load, kern.NoViolation},
		"a reference that is dropped": {func(c *kern.CPU, f kern.Addr) { once(c, f, 1); kern.RefcountDecAndTest(c, f+1) },
			func(c *kern.CPU, f kern.Addr) bool { return kern.RefcountDecAndTest(c, f+1) }, kern.Store, kern.Load, kern.NoViolation},
		"a cmpxchg that fails": {func(c *kern.CPU, f kern.Addr) { kern.Xchg(c, f, 1) },
			func(c *kern.CPU, f kern.Addr) bool { return kern.CmpXchg(c, f, 7, 8) == 1 }, kern.Store, kern.Load, kern.DataRace},
	} {
		everyWay(t, name, small("mp", func(m *kern.Machine, g kern.Addr) []explore.Task {
			flag := g + 2
			kern.Store(m.CPU(0), flag+1, 2) // references, where they are what orders
			if strings.Contains(name, "lock") || strings.Contains(name, "semaphore") {
				kern.Store(m.CPU(0), flag+1, 0)
			}
			return []explore.Task{
				{Name: "on", Ops: []explore.Operation{do("on", func(c *kern.CPU) { c0.store(c, g, 1); c0.publish(c, flag) })}},
				{Name: "user", Ops: []explore.Operation{do("user", func(c *kern.CPU) {
					if c0.look(c, flag) {
						c0.load(c, g)
					}
				})}},
			}
		}), c0.want)
	}
}

func isSet(c *kern.CPU, flag kern.Addr) bool { return kern.ReadOnce(c, flag) == 1 }
