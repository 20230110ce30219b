package explore_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/kern"
)

// bruteMet is which primitives a schedule met, and which two of different threads had a word or a queue in common.
type bruteMet struct {
	kinds map[kern.OpKind]bool
	forms map[kern.OpKind]map[kern.Order]bool
	pairs map[[2]kern.OpKind]bool
	words map[uint8][]bruteTouch // of this schedule
	did   []bruteTouch
}

type bruteTouch struct {
	t     int
	kind  kern.OpKind
	write bool
}

func (b *bruteMet) pair(x, y kern.OpKind) { b.pairs[[2]kern.OpKind{min(x, y), max(x, y)}] = true }

func (b *bruteMet) touches(t int, word uint8, k kern.OpKind, write bool) {
	if b == nil || word == 0 {
		return
	}
	for _, o := range b.words[word] {
		if o.t != t && (o.write || write) {
			b.pair(o.kind, k)
		}
	}
	b.words[word] = append(b.words[word], bruteTouch{t, k, write})
}

func (b *bruteMet) does(t int, k kern.OpKind, o kern.Order) {
	if b == nil {
		return
	}
	b.kinds[k] = true
	if b.forms[k] == nil {
		b.forms[k] = map[kern.Order]bool{}
	}
	b.forms[k][o] = true
	for _, o := range b.did {
		if o.t != t && kern.PrimitiveOf(o.kind).Shares&kern.PrimitiveOf(k).Shares != 0 {
			b.pair(o.kind, k)
		}
	}
	b.did = append(b.did, bruteTouch{t: t, kind: k})
}

// bruteClasses are the primitives that can have a word in common, by what kind of word that is.
var bruteClasses = [][]kern.OpKind{
	{kern.OpSpinLock, kern.OpSpinUnlock, kern.OpSpinLockBH, kern.OpSpinUnlockBH, kern.OpSpinTrylock, kern.OpSpinIsLocked},
	{kern.OpDownRead, kern.OpUpRead, kern.OpDownWrite, kern.OpUpWrite, kern.OpDownReadTrylock, kern.OpDownWriteTrylock},
	{kern.OpRead, kern.OpWrite, kern.OpLoad, kern.OpStore, kern.OpAdd, kern.OpXor, kern.OpCmpXchg, kern.OpXchg, kern.OpAddUnless, kern.OpOr, kern.OpAndNot,
		kern.OpAddVoid, kern.OpXorVoid, kern.OpOrVoid, kern.OpAndNotVoid},
	{kern.OpRefInc, kern.OpRefAdd, kern.OpRefDecTest, kern.OpRefSubTest, kern.OpRefDec, kern.OpRefSet, kern.OpRefRead, kern.OpAddUnless, kern.OpRead},
	{kern.OpListInit, kern.OpListAdd, kern.OpListAddTail, kern.OpListDel, kern.OpListDelInit, kern.OpCallRCU},
	{kern.OpListAdd, kern.OpListAddTail, kern.OpListEmpty, kern.OpListFirst, kern.OpListDel},
	{kern.OpListInit, kern.OpQueueWork, kern.OpFlushWork, kern.OpCancelWork},
	{kern.OpPutPage, kern.OpAddUnless, kern.OpRead},
	{kern.OpInitCompletion, kern.OpComplete, kern.OpCompleteAll, kern.OpWaitForCompletion},
	{kern.OpPrepareToWait, kern.OpSchedule, kern.OpFinishWait, kern.OpWakeUp, kern.OpWaitqueueActive},
	{kern.OpMutexLock, kern.OpMutexTrylock, kern.OpMutexUnlock, kern.OpMutexIsLocked},
	{kern.OpReadLock, kern.OpReadUnlock, kern.OpWriteLock, kern.OpWriteUnlock},
	{kern.OpBitSpinLock, kern.OpBitSpinTrylock, kern.OpBitSpinUnlock, kern.OpBitSpinIsLocked},
	{kern.OpLockPage, kern.OpTrylockPage, kern.OpUnlockPage, kern.OpPageLocked, kern.OpWaitOnPageLocked},
	{kern.OpSRCULock, kern.OpSRCUUnlock, kern.OpSyncSRCU, kern.OpSyncSRCUEnd},
	{kern.OpListAddRCU, kern.OpListAddTailRCU, kern.OpListDelRCU, kern.OpListAdd, kern.OpListDel},
	{kern.OpThisCPURead, kern.OpThisCPUWrite, kern.OpThisCPUAdd, kern.OpThisCPUAddReturn, kern.OpThisCPUXchg, kern.OpThisCPUCmpXchg, kern.OpThisCPUAnd, kern.OpThisCPUOr, kern.OpRead, kern.OpLoad},
}

// Every primitive of the table occurs in the programs, and every two that depend on each other, on different threads: that have
// a word in common, one of them writing, or something else that the table says they share.
func TestBruteForceMeetsEverything(t *testing.T) {
	met := &bruteMet{kinds: map[kern.OpKind]bool{}, forms: map[kern.OpKind]map[kern.Order]bool{}, pairs: map[[2]kern.OpKind]bool{}}
	rng := rand.New(rand.NewPCG(1, 1))
	directed := slices.Collect(maps.Values(bruteDirected))
	for i := range 7000 {
		p := drawBrute(1, uint64(i))
		switch {
		case i < len(directed)*len(bruteSettings): // each in all settings
			p = directed[i/len(bruteSettings)]
		case i%2 == 1:
			p = drawDependent(1, uint64(i))
		}
		s := bruteSettings[i%len(bruteSettings)]
		w := newBruteWorld(t, p, s)
		if w == nil {
			continue
		}
		for range 30 {
			m := w.first
			met.words, met.did = map[uint8][]bruteTouch{}, nil
			r := &bruteRun{bruteWorld: w, m: &m, met: met}
			for r.viol == kern.NoViolation {
				moves := r.moves(nil, false)
				if len(moves) == 0 {
					break
				}
				r.take(moves[rng.IntN(len(moves))], false)
			}
		}
	}
	for _, k := range kern.Primitives() {
		assert.True(t, met.kinds[k], "%s never occurs", k)
		for _, f := range kern.PrimitiveOf(k).Forms {
			assert.True(t, met.forms[k][f.Order], "%s never occurs", f.Kernel)
		}
	}
	want := map[[2]kern.OpKind]bool{}
	for _, class := range bruteClasses {
		for i, x := range class {
			for _, y := range class[i:] {
				if kern.PrimitiveOf(x).Writes || kern.PrimitiveOf(y).Writes {
					want[[2]kern.OpKind{min(x, y), max(x, y)}] = true
				}
			}
		}
	}
	for _, x := range kern.Primitives() {
		for _, y := range kern.Primitives() {
			if x <= y && kern.PrimitiveOf(x).Shares&kern.PrimitiveOf(y).Shares != 0 {
				want[[2]kern.OpKind{x, y}] = true
			}
		}
	}
	delete(want, [2]kern.OpKind{kern.OpTakeWork, kern.OpTakeWork}) // there is one kworker
	for pair := range want {
		assert.True(t, met.pairs[pair], "%s and %s never meet", pair[0], pair[1])
	}
	assert.Greater(t, len(want), 150)
}
