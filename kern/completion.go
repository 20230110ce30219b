package kern

import "sync/atomic"

// A completion is a word: how often it was completed and not yet waited for, or allDone. It may be part of an object, whose end
// is then its own: who completes it later uses freed memory.
const allDone = 1 << 31

// InitCompletion is init_completion(), and reinit_completion(): nothing is complete. It is a plain access.
func InitCompletion(c *CPU, x Addr) {
	if c.sched != nil {
		c.slow(OpInitCompletion, x, 0, 0)
		return
	}
	*c.m.word(x) = 0
}

// Complete is complete(): one task that waits for the completion goes on, or the next one that will.
func Complete(c *CPU, x Addr) {
	if !c.stepped(OpComplete, x) {
		c.complete(x)
	}
}

// CompleteAll is complete_all(): all tasks that wait for the completion go on, and all that will.
func CompleteAll(c *CPU, x Addr) {
	if !c.stepped(OpCompleteAll, x) {
		c.completeAll(x)
	}
}

// WaitForCompletion is wait_for_completion(): it sleeps until there is a completion that nobody else has waited for.
func WaitForCompletion(c *CPU, x Addr) {
	if !c.stepped(OpWaitForCompletion, x) {
		c.waitForCompletion(x)
	}
}

func (c *CPU) complete(x Addr) {
	p := c.m.word(x)
	for {
		v := atomic.LoadUint32(p)
		if Addr(v) == FreePoison {
			c.Report(&Violation{Kind: UseAfterFree, Addr: x, Detail: "completes what is freed with %o"})
			return
		}
		if v == allDone || atomic.CompareAndSwapUint32(p, v, v+1) {
			return
		}
	}
}

func (c *CPU) completeAll(x Addr) {
	p := c.m.word(x)
	if Addr(atomic.LoadUint32(p)) == FreePoison {
		c.Report(&Violation{Kind: UseAfterFree, Addr: x, Detail: "completes what is freed with %o"})
		return
	}
	storeRelease(p, allDone)
}

func (c *CPU) waitForCompletion(x Addr) {
	if !c.mightSleep(x) {
		return
	}
	for p := c.m.word(x); ; c.nap() {
		switch v := atomic.LoadUint32(p); {
		case Addr(v) == FreePoison:
			c.Report(&Violation{Kind: UseAfterFree, Addr: x, Detail: "waits for what is freed with %o"})
			return
		case v == allDone, v != 0 && atomic.CompareAndSwapUint32(p, v, v-1):
			return
		}
	}
}
