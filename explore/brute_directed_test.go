package explore_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/explore"
	"ptsim/kern"
)

// Programs that chance seldom draws, judged as all others are.
var bruteDirected = map[string]*bruteProgram{
	"a type-stable object is freed again while its grace period ends": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSlabFree, x: 2}, {kind: kern.OpSlabAlloc}, {kind: kern.OpSlabFree, x: 3}}}},
	}},
	"two reuse a type-stable object": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSlabFree, x: 2}, {kind: kern.OpSlabAlloc}, {kind: kern.OpAdd, x: 5, y: 1}}}},
		{{code: []bruteInstr{{kind: kern.OpSlabAlloc}, {kind: kern.OpAdd, x: 5, y: 2}}}},
	}},
	"a semaphore in a callback": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpDownWrite}, {kind: kern.OpCallRCU}, {kind: kern.OpAdd}}}},
	}, fns: [bruteFns][]bruteInstr{{{kind: kern.OpDownRead}, {kind: kern.OpUpRead}}}},
	"a deadlock behind a choice": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpAdd}, {kind: kern.OpChoose}, {kind: kern.OpSpinLock, x: 1, when: ifNot},
			{kind: kern.OpSpinUnlock, x: 1, when: ifNot}, {kind: kern.OpSpinUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpSpinLock, x: 1}, {kind: kern.OpSpinLock}, {kind: kern.OpSpinUnlock}, {kind: kern.OpSpinUnlock, x: 1}}}},
	}},
	"a reference before a deadlock": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpAdd, x: 1, y: 1}, {kind: kern.OpRefInc}, {kind: kern.OpSpinLock, x: 1}, {kind: kern.OpSpinUnlock, x: 1}, {kind: kern.OpSpinUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpSpinLock, x: 1}, {kind: kern.OpAdd, x: 2, y: 1}, {kind: kern.OpRefInc, x: 1}, {kind: kern.OpSpinLock}, {kind: kern.OpSpinUnlock}, {kind: kern.OpSpinUnlock, x: 1}}}},
	}},
	"a spin lock that is held is a reader": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpRead, x: 1}, {kind: kern.OpRead, x: 2, when: ifZero}, {kind: bruteAssert, y: 2}, {kind: kern.OpSpinUnlock}, {kind: kern.OpRead, x: 1}}}},
		{{code: []bruteInstr{{kind: kern.OpWrite, x: 1, y: 1}, {kind: kern.OpSyncRCU}, {kind: kern.OpWrite, x: 2, y: 2}}}},
	}},
	"a reader that goes on under a spin lock": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpRCUReadLock}, {kind: kern.OpLoad, x: 3}, {kind: kern.OpSpinLock}, {kind: kern.OpRCUReadUnlock}, {kind: kern.OpLoad, x: 3}, {kind: kern.OpSpinUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpSyncRCU}, {kind: kern.OpStore, x: 3, y: 2}}}},
	}},
	"a race that is nearer than two adjacent steps": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpRead, x: 3}, {kind: kern.OpSpinLock}, {kind: kern.OpSpinUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpStore, x: 3}, {kind: kern.OpSpinUnlock}}}},
	}},
	"an allocation that a free comes before": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSlabAlloc}, {kind: kern.OpAdd, x: 5, y: 1}}}},
		{{code: []bruteInstr{{kind: kern.OpSlabFree, x: 2}}}},
	}},
	"a missing barrier": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpStore, x: 3, y: 1}, {kind: kern.OpWrite, x: 1, y: 1}}}},
		{{code: []bruteInstr{{kind: kern.OpRead, x: 1}, {kind: kern.OpLoad, x: 3, when: ifNot}}}},
	}},
	"an interrupt under a lock": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpCallRCU}, {kind: kern.OpSpinLock}, {kind: kern.OpLoad, x: 3}, {kind: kern.OpSpinUnlock}}}},
	}, fns: [bruteFns][]bruteInstr{{{kind: kern.OpSpinLock}, {kind: kern.OpSpinUnlock}}}},
	"which of two free type-stable objects serves again": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSlabAlloc}, {kind: kern.OpSlabFree, x: 3}, {kind: kern.OpSlabFree, x: 2}}}},
		{{code: []bruteInstr{{kind: kern.OpSlabAlloc}, {kind: kern.OpAdd, x: 5, y: 1}}}},
	}},
	"an object is freed before it is reused": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSlabFree, x: 2}, {kind: kern.OpWrite, x: 1, y: 1}}}},
		{{code: []bruteInstr{{kind: kern.OpRead, x: 1}, {kind: kern.OpSlabAlloc, when: ifZero}, {kind: kern.OpAdd, x: 4, y: 1, when: ifNot}}}},
	}},
	"two CPUs queue the same callback in turn": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpCallRCU}, {kind: kern.OpAdd, x: 2, y: 1}}}},
		{{code: []bruteInstr{{kind: kern.OpRead, x: 1}, {kind: kern.OpCallRCU, when: ifNot}}}},
	}, fns: [bruteFns][]bruteInstr{{{kind: kern.OpXchg, x: 1, y: 1}, {kind: kern.OpXor, x: 2, y: 3}}}},
	"who looks at a list without its lock": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpListDelInit, x: 1}, {kind: kern.OpListAdd, x: 1}, {kind: kern.OpSpinUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpListEmpty}, {kind: bruteAssert, y: 1}}}},
	}},
	"two kinds of violation, one nearer": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpRead, x: 1}, {kind: bruteAssert}, {kind: kern.OpUpRead}}}},
		{{code: []bruteInstr{{kind: kern.OpWrite, x: 1, y: 1}, {kind: kern.OpSpinUnlock}}}},
	}},
	"a free before a lock that is held": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpLoad, x: 3}, {kind: kern.OpSlabFree}, {kind: kern.OpSpinLock}, {kind: kern.OpWrite, x: 1, y: 1}, {kind: kern.OpSpinUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpRead, x: 1}, {kind: kern.OpRead, x: 7, when: ifZero}, {kind: kern.OpSpinUnlock}}}},
	}},
	"two readers of a semaphore race": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpDownRead}, {kind: kern.OpStore, x: 3, y: 1}, {kind: kern.OpUpRead}}}},
		{{code: []bruteInstr{{kind: kern.OpDownRead}, {kind: kern.OpLoad, x: 3}, {kind: kern.OpUpRead}}}},
	}},
	"a plain access before a lock that stays held": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpStore, x: 3, y: 1}, {kind: kern.OpSpinLock, x: 1}}}},
		{{code: []bruteInstr{{kind: kern.OpSpinLock, x: 1}, {kind: kern.OpLoad, x: 3}, {kind: kern.OpSpinLock}}}},
	}},
	"an interrupt between a plain access and a write": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpCallRCU}, {kind: kern.OpLoad, x: 3}, {kind: kern.OpWrite, x: 1, y: 1}}}},
	}, fns: [bruteFns][]bruteInstr{{{kind: kern.OpWrite, x: 2, y: 1}, {kind: kern.OpStore, x: 3, y: 2}}}},
	"a callback behind a reader that is over": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpStore, x: 3, y: 1}, {kind: kern.OpRCUReadLock}, {kind: kern.OpRCUReadUnlock}, {kind: kern.OpWrite, x: 1, y: 1}}}},
		{{code: []bruteInstr{{kind: kern.OpRead, x: 1}, {kind: kern.OpCallRCU, when: ifNot}}}},
	}, fns: [bruteFns][]bruteInstr{{{kind: kern.OpLoad, x: 3}}}},
	"a callback that another softirq CPU may run": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpCallRCU}}}},
		{{code: []bruteInstr{{kind: kern.OpRead, x: 1}, {kind: kern.OpCallRCU, x: 2, y: 1, when: ifNot}}}},
	}, fns: [bruteFns][]bruteInstr{{{kind: kern.OpStore, x: 3, y: 1}, {kind: kern.OpWrite, x: 1, y: 1}}, {{kind: kern.OpLoad, x: 3}}}},
	"a callback that runs again, on another softirq CPU": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpCallRCU}}}},
		{{code: []bruteInstr{{kind: kern.OpRead, x: 1}, {kind: kern.OpCallRCU, when: ifNot}}}},
	}, fns: [bruteFns][]bruteInstr{{{kind: kern.OpStore, x: 3, y: 1}, {kind: kern.OpWrite, x: 1, y: 1}}}},
	"an atomic in a type-stable object that is handed on": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpStore, x: 3, y: 1}, {kind: kern.OpAdd, x: 4, y: 1}}}},
		{{code: []bruteInstr{{kind: kern.OpSlabFree, x: 2}}}},
		{{code: []bruteInstr{{kind: kern.OpSlabAlloc}, {kind: kern.OpLoad, x: 3}}}},
	}},
	"what is queued is overwritten": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpDownWrite}, {kind: kern.OpQueueWork}}, forgets: true},
			{code: []bruteInstr{{kind: kern.OpChoose}, {kind: kern.OpUpWrite, when: ifZero}, {kind: kern.OpDownWrite, when: ifZero}, {kind: kern.OpUpWrite}}, forgets: true},
			{code: []bruteInstr{{kind: kern.OpListInit, x: 3}}}},
	}, fns: [bruteFns][]bruteInstr{bruteWork: {{kind: kern.OpDownWrite}, {kind: kern.OpUpWrite}}}},
	"a speculative reference": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpPutPage}}}},
		{{code: []bruteInstr{{kind: kern.OpAddUnless, x: 6}, {kind: kern.OpPutPage, when: ifNot}}}},
	}},
	"a lock is tried between taking it and what it is taken for": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpWrite, y: 1}, {kind: kern.OpSpinUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpSpinTrylock}, {kind: kern.OpSpinUnlock, when: ifNot}, {kind: kern.OpRead, when: ifZero}, {kind: bruteAssert}}}},
	}},
	"two wait, and one wakes": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpPrepareToWait}, {kind: kern.OpSchedule}, {kind: kern.OpFinishWait}}}},
		{{code: []bruteInstr{{kind: kern.OpPrepareToWait}, {kind: kern.OpWakeUp}, {kind: kern.OpFinishWait}}}},
	}},
	"a completion, and a callback that completes it": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpMutexLock}, {kind: kern.OpCallRCU}, {kind: kern.OpWaitForCompletion}, {kind: kern.OpMutexUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpRCUReadLock}, {kind: kern.OpMutexLock}, {kind: kern.OpMutexUnlock}, {kind: kern.OpRCUReadUnlock}}}},
	}, fns: [bruteFns][]bruteInstr{{{kind: kern.OpComplete}}}},
	"a list for readers without its lock": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpListAddTailRCU, x: 3}}}},
		{{code: []bruteInstr{{kind: kern.OpListDelRCU, x: 3}}}},
	}},
	"a type-stable object is freed while a cache is used and destroyed": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSlabFree, x: 2}}}},
		{{code: []bruteInstr{{kind: kern.OpKmalloc}, {kind: kern.OpSlabFree, x: 4}, {kind: kern.OpSlabDestroy}}}},
	}},
	"a cache is destroyed behind a free": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpKmalloc}, {kind: kern.OpStore, x: freshWord}, {kind: kern.OpWrite, x: 1, y: 1}, {kind: kern.OpSlabFree, x: 4}}}},
		{{code: []bruteInstr{{kind: kern.OpRead, x: 1}, {kind: kern.OpSlabDestroy, when: ifNot}}}},
	}},
	"an object is allocated while its cache is destroyed": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpKmalloc}, {kind: kern.OpSlabFree, x: 4}}}},
		{{code: []bruteInstr{{kind: kern.OpSlabDestroy}}}},
	}},
	"words that nobody wrote": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpKmalloc}, {kind: kern.OpChoose}, {kind: kern.OpStore, x: freshWord, when: ifNot}, {kind: kern.OpAdd, x: freshWord}}}},
	}},
	"a reference to a page that serves another": {again: true, tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpPutPage}, {kind: kern.OpAllocPages}, {kind: kern.OpPutPage, x: 1}}}},
		{{code: []bruteInstr{{kind: kern.OpAddUnless, x: 6}, {kind: kern.OpPutPage, when: ifNot}, {kind: kern.OpAllocPages}}}},
	}},
	"what a page is handed on with": {again: true, tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpStore, x: 3, y: 1}, {kind: kern.OpAdd, x: 6, y: 1}, {kind: kern.OpFreePages}}}},
		{{code: []bruteInstr{{kind: kern.OpAllocPages}, {kind: kern.OpAdd, x: 6, y: 1}, {kind: kern.OpChoose}}}},
	}},
	"two readers, and two who wait for them": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpRCUReadLock}, {kind: kern.OpRCUReadUnlock}, {kind: kern.OpSyncRCU}, {kind: kern.OpRCUBarrier}}}},
		{{code: []bruteInstr{{kind: kern.OpRCUReadLock}, {kind: kern.OpRCUReadUnlock}, {kind: kern.OpSyncRCU}, {kind: kern.OpRCUBarrier}}}},
	}},
	"two drop references, neither the last": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpRefSet, y: 3}, {kind: kern.OpRefDec}}}},
		{{code: []bruteInstr{{kind: kern.OpRefRead}, {kind: kern.OpRefDec, when: ifNot}}}},
	}},
	"a type-stable object is freed while callbacks are waited for": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSlabFree, x: 2}}}},
		{{code: []bruteInstr{{kind: kern.OpRCUBarrier}, {kind: kern.OpAdd, x: 4, y: 1}}}},
	}},
	"two additions at one end of a list": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpListAddTail}}}},
		{{code: []bruteInstr{{kind: kern.OpListAddTail, x: 3}}}},
	}},
	"a neighbour that is published and deleted": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpListDelInit, x: 1}}}},
		{{code: []bruteInstr{{kind: kern.OpListAddTailRCU, x: 3}}}},
	}},
	"an interrupt that changes the neighbours": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpCallRCU}, {kind: kern.OpListAddTail, x: 2}}}},
	}, fns: [bruteFns][]bruteInstr{{{kind: kern.OpListAddTail}}}},
	"an interrupt that looks at a list that is published": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpCallRCU}, {kind: kern.OpListAddRCU, x: 2}}}},
	}, fns: [bruteFns][]bruteInstr{{{kind: kern.OpListEmpty}}}},
	"a queued callback is overwritten": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpChoose}, {kind: kern.OpCallRCU, when: ifNot}}, forgets: true}, {code: []bruteInstr{{kind: kern.OpListInit}}}},
	}},
	"a queued callback is overwritten, or there is none": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpChoose}, {kind: kern.OpCallRCU, when: ifZero}}, forgets: true}, {code: []bruteInstr{{kind: kern.OpListInit}}}},
	}},
	"a callback waits for who took a lock and waits for it": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSpinLockBH}}}, {code: []bruteInstr{{kind: kern.OpRCUBarrier}}}},
		{{code: []bruteInstr{{kind: kern.OpCallRCU}}}},
	}},
	"a callback waits for who took a lock and waits for another": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSpinLockBH}, {kind: kern.OpWrite, x: 1, y: 1}, {kind: kern.OpSpinLock, x: 1}, {kind: kern.OpSpinUnlock, x: 1}, {kind: kern.OpSpinUnlockBH}}}},
		{{code: []bruteInstr{{kind: kern.OpSpinLock, x: 1}, {kind: kern.OpRead, x: 1}, {kind: kern.OpCallRCU, when: ifZero}, {kind: kern.OpWaitForCompletion, when: ifZero}, {kind: kern.OpSpinUnlock, x: 1}}}},
	}, fns: [bruteFns][]bruteInstr{{{kind: kern.OpComplete}}}},
	"a callback waits for who holds a spin lock": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpRead, x: 1}, {kind: kern.OpRead, x: 2, when: ifZero}, {kind: bruteAssert, y: 2}, {kind: kern.OpSpinUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpWrite, x: 1, y: 1}, {kind: kern.OpCallRCU}}}},
	}, fns: [bruteFns][]bruteInstr{{{kind: kern.OpWrite, x: 2, y: 2}}}},
	"a callback waits for who got a spin lock by trying": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSpinTrylock}, {kind: kern.OpRead, x: 1}, {kind: kern.OpRead, x: 2, when: ifZero}, {kind: bruteAssert, y: 2}, {kind: kern.OpSpinUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpWrite, x: 1, y: 1}, {kind: kern.OpCallRCU}}}},
	}, fns: [bruteFns][]bruteInstr{{{kind: kern.OpWrite, x: 2, y: 2}}}},
	"a callback waits for a writer, not for one that is to come": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpWriteLock}, {kind: kern.OpRead, x: 1}, {kind: kern.OpRead, x: 2, when: ifZero}, {kind: bruteAssert, y: 2}, {kind: kern.OpWriteUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpReadLock}, {kind: kern.OpCallRCU}, {kind: kern.OpReadUnlock}}}},
	}, fns: [bruteFns][]bruteInstr{{{kind: kern.OpWrite, x: 2, y: 2}}}},
	"a callback waits for the bit spin lock under which it is queued": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpBitSpinLock}, {kind: kern.OpCallRCU}, {kind: kern.OpRead, x: 1}, {kind: bruteAssert, y: 1}, {kind: kern.OpBitSpinUnlock}, {kind: kern.OpRead, x: 1}}}},
	}, fns: [bruteFns][]bruteInstr{{{kind: kern.OpWrite, x: 1, y: 1}}}},
	"a type-stable object is used under a spin lock": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpRead, x: 1}, {kind: kern.OpRead, x: 4, when: ifZero}, {kind: kern.OpSpinUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpWrite, x: 1, y: 1}, {kind: kern.OpSlabFree, x: 2}}}},
	}},
	"a callback comes after the spin locks that it waits for": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpWrite, x: 1, y: 1}, {kind: kern.OpStore, x: 3, y: 1}, {kind: kern.OpSpinUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpRead, x: 1}, {kind: kern.OpCallRCU, when: ifNot}}}},
	}, fns: [bruteFns][]bruteInstr{{{kind: kern.OpLoad, x: 3}}}},
	"a callback comes after a spin lock that was released before": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpStore, x: 3, y: 1}, {kind: kern.OpSpinUnlock}, {kind: kern.OpWrite, x: 1, y: 1}}}},
		{{code: []bruteInstr{{kind: kern.OpRead, x: 1}, {kind: kern.OpCallRCU, when: ifNot}}}},
	}, fns: [bruteFns][]bruteInstr{{{kind: kern.OpLoad, x: 3}}}},
	"a callback waits for who took a spin lock and waits for another": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpRead, x: 1}, {kind: kern.OpSpinLock, x: 1, when: ifNot}, {kind: kern.OpSpinUnlock, x: 1, when: ifNot}, {kind: kern.OpSpinUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpCallRCU}, {kind: kern.OpSpinLock, x: 1}, {kind: kern.OpWrite, x: 1, y: 1}, {kind: kern.OpWaitForCompletion}, {kind: kern.OpSpinUnlock, x: 1}}}},
	}, fns: [bruteFns][]bruteInstr{{{kind: kern.OpComplete}}}},
	"a callback waits for no lock of who has ended": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpAdd, x: 1, y: 1}}}},
		{{code: []bruteInstr{{kind: kern.OpCallRCU}, {kind: kern.OpRCUBarrier}}}},
	}},
	"a plain access before a lock that nobody releases": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpLoad, x: 3}, {kind: kern.OpSpinLock}}}},
		{{code: []bruteInstr{{kind: kern.OpSpinTrylock}, {kind: kern.OpRead, x: 1}, {kind: kern.OpWrite, x: 3, when: ifZero}}}},
	}},
	"a plain access to the same word by who keeps a lock": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpStore, x: 3, y: 1}, {kind: kern.OpSpinLock}}}},
		{{code: []bruteInstr{{kind: kern.OpSpinTrylock}, {kind: kern.OpStore, x: 3}}}},
	}},
	"which of two locks is forgotten": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpCmpXchg, y: 2}, {kind: kern.OpSpinLock, when: ifZero}, {kind: kern.OpSpinLock, x: 1, when: ifNot}, {kind: kern.OpAdd, x: 1, y: 1}},
			forgets: true}, {code: []bruteInstr{{kind: kern.OpSpinUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpCmpXchg, y: 2}, {kind: kern.OpSpinLock, when: ifZero}, {kind: kern.OpSpinLock, x: 1, when: ifNot}, {kind: kern.OpAdd, x: 1, y: 1}},
			forgets: true}},
	}},
	"who holds what is forgotten": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpCmpXchg, y: 2}, {kind: kern.OpSpinLock, when: ifZero}, {kind: kern.OpAdd, x: 1, y: 1}}}},
		{{code: []bruteInstr{{kind: kern.OpCmpXchg, y: 2}, {kind: kern.OpSpinLock, when: ifZero}, {kind: kern.OpAdd, x: 1, y: 1}}, forgets: true},
			{code: []bruteInstr{{kind: kern.OpRead, x: 1}, {kind: kern.OpSpinUnlock, when: ifNot}}}},
	}},
}

// whole returns the program with something to do in the functions that are not given.
func (p *bruteProgram) whole() *bruteProgram {
	q := *p
	for f, code := range q.fns {
		if code == nil {
			q.fns[f] = []bruteInstr{{kind: kern.OpAdd}}
		}
	}
	return &q
}

func TestBruteForceAgreesOnPurpose(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(bruteDirected)) {
		p := bruteDirected[name].whole()
		t.Run(name, func(t *testing.T) {
			for _, s := range bruteSettings {
				s.lax = true // what is wrong here is not the context
				b := &bruteCheck{t: t, verdicts: map[explore.Verdict]int{}, kinds: map[kern.Kind]int{}}
				assert.Empty(t, b.program(p, s), "%+v", s)
				assert.Zero(t, b.skipped)
				mo, _ := bruteModel(p, nil)
				r, err := explore.Random(mo, bruteOptions(s), explore.Sampling{Runs: 1000, Seed: 1})
				assert.NoError(t, err)
				assert.Equal(t, b.verdicts[explore.Violated] > 0, r.Verdict == explore.Violated, "random: %+v", s)
			}
		})
	}
}

// TestBruteForceAgreesOnInterrupts is of a thread that waits for a lock, and so has no next step, until a softirq on another CPU
// releases the lock. Then its next step races with that of the softirq on top. Elsewhere the program has too many schedules.
func TestBruteForceAgreesOnInterrupts(t *testing.T) {
	p := (&bruteProgram{tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpCallRCU}, {kind: kern.OpRead, x: 1}, {kind: kern.OpSpinLock, when: ifNot}, {kind: kern.OpLoad, x: 3, when: ifNot}, {kind: kern.OpSpinUnlock, when: ifNot}}}},
		{{code: []bruteInstr{{kind: kern.OpCallRCU, x: 2, y: 1}}}},
	}, fns: [bruteFns][]bruteInstr{{{kind: kern.OpAdd, x: 2, y: 1}, {kind: kern.OpAdd, x: 2, y: 1}, {kind: kern.OpStore, x: 3, y: 1}},
		{{kind: kern.OpSpinLock}, {kind: kern.OpWrite, x: 1, y: 1}, {kind: kern.OpAdd}, {kind: kern.OpSpinUnlock}}}}).whole()
	for _, s := range bruteSettings {
		if s.lax = true; s.softirqs == explore.SoftirqsOnCPU {
			b := &bruteCheck{t: t, verdicts: map[explore.Verdict]int{}, kinds: map[kern.Kind]int{}}
			assert.Empty(t, b.program(p, s), "%+v", s)
			assert.Zero(t, b.skipped)
		}
	}
}
