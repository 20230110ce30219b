package explore_test

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
)

// bruteFences are what came before the points of a thread that some barriers begin at.
type bruteFences struct {
	before, rmw, lock, unlock, handed bruteClock
}

// bruteRMW tells whether a primitive is an atomic that has read and written.
func bruteRMW(op kern.Op, result uint32) bool {
	switch op.Kind {
	case kern.OpAdd, kern.OpXor, kern.OpOr, kern.OpAndNot, kern.OpXchg, kern.OpAddVoid, kern.OpXorVoid, kern.OpOrVoid, kern.OpAndNotVoid,
		kern.OpRefInc, kern.OpRefDec, kern.OpRefDecTest, kern.OpRefAdd, kern.OpRefSubTest:
		return true
	case kern.OpCmpXchg:
		return result == op.A
	case kern.OpAddUnless:
		return result != 0
	}
	return false
}

// augments is a barrier that makes something of another primitive. mb in linux-kernel.cat has
//
//	[M] ; fencerel(Before-atomic) ; [RMW] ; po? ; [M]
//	[M] ; po? ; [RMW] ; fencerel(After-atomic) ; [M]
//	[M] ; po? ; [LKW] ; fencerel(After-spinlock) ; [M]
//	[M] ; po ; [UL] ; (co | po) ; [LKW] ; fencerel(After-unlock-lock) ; [M]
func (c *bruteClocks) augments(t int, k kern.OpKind) {
	f := &c.fences[t]
	switch k {
	case kern.OpMBBeforeAtomic:
		c.publish(&f.before, t)
	case kern.OpMBAfterAtomic:
		c.strong(t, &f.rmw)
	case kern.OpMBAfterSpinlock:
		c.strong(t, &f.lock)
	case kern.OpMBAfterUnlock:
		c.strong(t, &f.handed)
	}
}

// strong has what is in d come before all that the thread does from now on.
func (c *bruteClocks) strong(t int, d *bruteClock) {
	c.know[t].join(d)
	c.fenced[t].join(d)
}

func (c *bruteClocks) beforeRMW(t int) { c.strong(t, &c.fences[t].before) }
func (c *bruteClocks) afterRMW(t int)  { c.publish(&c.fences[t].rmw, t) }

// locks is the taking of a spin lock, whose clock has what came before all its unlocks.
func (f *bruteFences) locks(c *bruteClocks, t int, i uint8) {
	f.handed.join(&f.unlock)
	f.handed.join(&c.word[i].sync)
	f.lock.join(&c.word[i].sync)
	c.publish(&f.lock, t)
}

// bruteAugmented are programs on purpose for those barriers: where one is of use, and where it looks as if it was.
var bruteAugmented = map[string]*bruteProgram{}

// augmented makes a program of a writer and a reader. The writer stores the data, and writes the flag; the reader reads the flag,
// and loads the data if it is set. What is full on the one side is said on the other by the instructions between.
func augmented(name string, writes, reads []bruteInstr) {
	bruteAugmented[name] = &bruteProgram{tasks: [][]bruteOp{{{code: writes}}, {{code: reads}}}}
}

func init() {
	store, load := bruteInstr{kind: kern.OpStore, x: 3, y: 1}, bruteInstr{kind: kern.OpLoad, x: 3, when: ifNot}
	set, look := bruteInstr{kind: kern.OpWrite, x: 1, y: 1}, bruteInstr{kind: kern.OpRead, x: 1}
	acquire := bruteInstr{kind: kern.OpRead, x: 1, order: kern.Acquire}
	release := bruteInstr{kind: kern.OpWrite, x: 1, y: 1, order: kern.Release}
	or := func(x uint8) bruteInstr { return bruteInstr{kind: kern.OpOrVoid, x: x, y: 1} }
	before, behind := bruteInstr{kind: kern.OpMBBeforeAtomic}, bruteInstr{kind: kern.OpMBAfterAtomic}
	lock, unlock := bruteInstr{kind: kern.OpSpinLock}, bruteInstr{kind: kern.OpSpinUnlock}
	locked, handed := bruteInstr{kind: kern.OpMBAfterSpinlock}, bruteInstr{kind: kern.OpMBAfterUnlock}
	told := []bruteInstr{acquire, load}
	is := func(list ...bruteInstr) []bruteInstr { return list }

	augmented("before_atomic with an atomic", is(store, before, or(1)), told)
	augmented("before_atomic with an atomic elsewhere, and a write behind that", is(store, before, or(2), set), told)
	augmented("before_atomic with a write before the atomic", is(store, before, set, or(2)), told)
	augmented("before_atomic without an atomic", is(store, before, set), told)
	augmented("before_atomic with a release", is(store, before, release), told)
	augmented("before_atomic with a relaxed xchg", is(store, before, bruteInstr{kind: kern.OpXchg, x: 1, y: 1, order: kern.Relaxed}), told)
	augmented("before_atomic with a cmpxchg that fails", is(store, before, bruteInstr{kind: kern.OpCmpXchg, x: 2, y: 3, order: kern.Relaxed}, set), told)
	augmented("before_atomic with a refcount", is(store, before, bruteInstr{kind: kern.OpRefInc}, set), told)
	augmented("before_atomic with a spin_lock", is(store, before, lock, set, unlock), told)
	augmented("after_atomic with an atomic", is(store, or(2), behind, set), told)
	augmented("after_atomic without an atomic", is(store, behind, set), told)
	augmented("after_atomic with the atomic before the store", is(or(2), store, behind, set), told)
	augmented("after_atomic with the atomic behind it", is(store, behind, or(1)), told)
	augmented("after_atomic with an xchg that reads the flag", is(store, release), is(bruteInstr{kind: kern.OpXchg, x: 1, y: 2, order: kern.Relaxed}, behind, load))
	augmented("after_atomic behind a read", is(store, release), is(look, behind, load))
	augmented("after_atomic behind a read and an atomic", is(store, release), is(look, or(2), behind, load))
	augmented("after_atomic behind an atomic and a read", is(store, release), is(or(2), look, behind, load))
	augmented("after_spinlock with a lock", is(store, lock, locked, set, unlock), told)
	augmented("after_spinlock without a lock", is(store, locked, set), told)
	augmented("after_spinlock with the lock before the store", is(lock, store, locked, set, unlock), told)
	augmented("after_spinlock with a lock that was taken and released", is(store, lock, unlock, locked, set), told)
	augmented("after_spinlock behind a read", is(store, release), is(look, lock, locked, load, unlock))
	augmented("after_unlock_lock with a lock alone", is(store, lock, handed, set, unlock), told)
	augmented("after_unlock_lock behind what an unlock does not hand on",
		is(store, release), is(look, lock, unlock, lock, handed, load, unlock))
	augmented("after_unlock_lock without an unlock before", is(store, release), is(look, lock, handed, load, unlock))
	augmented("after_unlock_lock behind a lock and an unlock", is(store, release), is(look, lock, unlock, handed, load))

	third := func(name string, second ...bruteInstr) {
		bruteAugmented[name] = &bruteProgram{tasks: [][]bruteOp{{{code: is(store, bruteInstr{kind: kern.OpWrite, x: 2, y: 1, order: kern.Release})}},
			{{code: second}}, {{code: told}}}}
	}
	heard := bruteInstr{kind: kern.OpRead, x: 2, order: kern.Acquire}
	set.when = ifNot
	third("after_unlock_lock hands on what is known of a third", heard, lock, unlock, lock, handed, set, unlock)
	third("after_spinlock hands on what is known of a third", heard, lock, locked, set, unlock)
	third("a lock alone does not", heard, lock, set, unlock)
	maps.Copy(bruteDirected, bruteAugmented)
}

// What the LKMM says of them: linux-kernel.cat has a barrier between two accesses by a path, which is there or is not.
func TestBarriersThatGoWithAnother(t *testing.T) {
	safe := map[string]bool{
		"before_atomic with an atomic":                                    true,
		"before_atomic with an atomic elsewhere, and a write behind that": true,
		"before_atomic with a release":                                    true,
		"before_atomic with a relaxed xchg":                               true,
		"before_atomic with a refcount":                                   true,
		"after_atomic with an atomic":                                     true,
		"after_atomic with an xchg that reads the flag":                   true,
		"after_atomic behind a read and an atomic":                        true,
		"after_spinlock with a lock":                                      true,
		"after_spinlock with a lock that was taken and released":          true,
		"after_spinlock behind a read":                                    true,
		"after_unlock_lock behind what an unlock does not hand on":        true,
		"after_unlock_lock hands on what is known of a third":             true,
		"after_spinlock hands on what is known of a third":                true,
	}
	for name := range safe {
		assert.Contains(t, bruteAugmented, name)
	}
	for name, p := range bruteAugmented {
		for f, code := range p.fns {
			if code == nil {
				p.fns[f] = []bruteInstr{{kind: kern.OpAdd}}
			}
		}
		for _, plain := range []bool{false, true} {
			mo, _ := bruteModel(p, nil)
			opt := bruteOptions(bruteSettings[0])
			opt.Plain, opt.All = plain, true
			r, err := explore.Exhaustive(mo, opt)
			require.NoError(t, err)
			want := explore.Violated
			if safe[name] {
				want = explore.Safe
			}
			assert.Equal(t, want, r.Verdict, "%s, plain %t", name, plain)
			if r.Violation != nil {
				assert.Equal(t, kern.DataRace, r.Violation.Kind, name)
			}
		}
	}
}
