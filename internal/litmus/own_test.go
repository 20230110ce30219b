package litmus_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/litmus"
)

const ownTests = "../../testdata/litmus"

// hand are the tests that no shape makes: RMWs, conditional barriers, SRCU, pointers, plain accesses, and the protocols
// of the swapoff and zswap labs. Each is the processes and the condition.
var hand = map[string]string{
	// Orders among the loads of one CPU that come by way of other CPUs, or of what the loads themselves have seen.
	"RoundTrip":   "P0: WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1); | P1: int r0 = READ_ONCE(*y); WRITE_ONCE(*a, 1); int r1 = smp_load_acquire(z); int r2 = READ_ONCE(*x); | P2: int r0 = READ_ONCE(*a); WRITE_ONCE(*z, 1); | exists (1:r0=1 /\\ 2:r0=1 /\\ 1:r1=1 /\\ 1:r2=0)",
	"NoRoundTrip": "P0: WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1); | P1: int r0 = READ_ONCE(*y); WRITE_ONCE(*a, 1); int r1 = READ_ONCE(*z); int r2 = READ_ONCE(*x); | P2: int r0 = READ_ONCE(*a); WRITE_ONCE(*z, 1); | exists (1:r0=1 /\\ 2:r0=1 /\\ 1:r1=1 /\\ 1:r2=0)",
	"PropForward": "P0: WRITE_ONCE(*y, 1); smp_wmb(); WRITE_ONCE(*x, 1); | P1: WRITE_ONCE(*x, 2); smp_wmb(); WRITE_ONCE(*z, 1); | P2: int r0 = READ_ONCE(*x); int r1 = smp_load_acquire(z); int r2 = READ_ONCE(*y); | exists (2:r0=1 /\\ 2:r1=1 /\\ 2:r2=0 /\\ x=2)",
	"PropStore":   "P0: WRITE_ONCE(*y, 1); smp_wmb(); WRITE_ONCE(*z, 1); | P1: WRITE_ONCE(*x, 2); smp_wmb(); WRITE_ONCE(*a, 1); | P2: int r0 = READ_ONCE(*z); WRITE_ONCE(*x, 1); int r1 = smp_load_acquire(a); int r2 = READ_ONCE(*y); | exists (2:r0=1 /\\ 2:r1=1 /\\ 2:r2=0 /\\ x=2)",
	"AddrCycle":   "P0: WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*z, 1); | P1: WRITE_ONCE(*y, 1); smp_wmb(); WRITE_ONCE(*a, 1); | P2: int r0 = READ_ONCE(*z); int r1 = READ_ONCE(*(y + (r0 & 0))); int r2 = READ_ONCE(*a); int r3 = READ_ONCE(*(x + (r2 & 0))); | exists (2:r0=1 /\\ 2:r1=0 /\\ 2:r2=1 /\\ 2:r3=0)",
	"PropBack":    "P0: WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*z, 1); | P1: WRITE_ONCE(*y, 1); smp_wmb(); WRITE_ONCE(*a, 1); | P2: int r0 = READ_ONCE(*z); int r1 = READ_ONCE(*a); int r2 = READ_ONCE(*(x + (r1 & 0))); int r3 = READ_ONCE(*(y + (r0 & 0))); | exists (2:r0=1 /\\ 2:r1=1 /\\ 2:r2=0 /\\ 2:r3=0)",

	"CoRR":    "P0: WRITE_ONCE(*x, 1); | P1: int r0 = READ_ONCE(*x); int r1 = READ_ONCE(*x); | exists (1:r0=1 /\\ 1:r1=0)",
	"CoWW":    "P0: WRITE_ONCE(*x, 1); WRITE_ONCE(*x, 2); | exists (x=1)",
	"CoRW":    "P0: int r0 = READ_ONCE(*x); WRITE_ONCE(*x, 1); | P1: WRITE_ONCE(*x, 2); | exists (0:r0=2 /\\ x=2)",
	"CoWR":    "P0: WRITE_ONCE(*x, 1); int r0 = READ_ONCE(*x); | P1: WRITE_ONCE(*x, 2); | exists (0:r0=2 /\\ x=1)",
	"Atomic":  "P0: int r0 = atomic_fetch_add_relaxed(1, x); | P1: int r0 = atomic_fetch_add_relaxed(1, x); | exists (0:r0=0 /\\ 1:r0=0)",
	"Atomic2": "P0: atomic_inc(x); | P1: atomic_inc(x); | P2: WRITE_ONCE(*x, 5); | forall (x=2 \\/ x=5 \\/ x=6 \\/ x=7)",

	"SB+xchg+xchg":           "P0: int r1 = xchg(x, 1); int r0 = READ_ONCE(*y); | P1: int r1 = xchg(y, 1); int r0 = READ_ONCE(*x); | exists (0:r0=0 /\\ 1:r0=0)",
	"SB+xchgrelaxed+xchg":    "P0: int r1 = xchg_relaxed(x, 1); int r0 = READ_ONCE(*y); | P1: int r1 = xchg(y, 1); int r0 = READ_ONCE(*x); | exists (0:r0=0 /\\ 1:r0=0)",
	"SB+inc+inc":             "P0: atomic_inc(x); int r0 = atomic_read(y); | P1: atomic_inc(y); int r0 = atomic_read(x); | exists (0:r0=0 /\\ 1:r0=0)",
	"SB+incafter+incafter":   "P0: atomic_inc(x); smp_mb__after_atomic(); int r0 = atomic_read(y); | P1: atomic_inc(y); smp_mb__after_atomic(); int r0 = atomic_read(x); | exists (0:r0=0 /\\ 1:r0=0)",
	"SB+before+mb":           "P0: WRITE_ONCE(*x, 1); smp_mb__before_atomic(); int r0 = atomic_fetch_add_relaxed(0, y); | P1: WRITE_ONCE(*y, 1); smp_mb(); int r0 = READ_ONCE(*x); | exists (0:r0=0 /\\ 1:r0=0)",
	"SB+beforeset+mb":        "P0: WRITE_ONCE(*x, 1); smp_mb__before_atomic(); int r0 = atomic_read(y); | P1: WRITE_ONCE(*y, 1); smp_mb(); int r0 = READ_ONCE(*x); | exists (0:r0=0 /\\ 1:r0=0)",
	"SB+cmpxchgfails+mb":     "P0: WRITE_ONCE(*x, 1); int r1 = cmpxchg(z, 1, 2); int r0 = READ_ONCE(*y); | P1: WRITE_ONCE(*y, 1); smp_mb(); int r0 = READ_ONCE(*x); | exists (0:r0=0 /\\ 1:r0=0)",
	"SB+cmpxchg+mb":          "P0: WRITE_ONCE(*x, 1); int r1 = cmpxchg(z, 0, 2); int r0 = READ_ONCE(*y); | P1: WRITE_ONCE(*y, 1); smp_mb(); int r0 = READ_ONCE(*x); | exists (0:r0=0 /\\ 1:r0=0)",
	"SB+unless+mb":           "P0: WRITE_ONCE(*x, 1); int r1 = atomic_add_unless(z, 1, 5); int r0 = READ_ONCE(*y); | P1: WRITE_ONCE(*y, 1); smp_mb(); int r0 = READ_ONCE(*x); | exists (0:r0=0 /\\ 1:r0=0)",
	"SB+unlessfails+mb":      "P0: WRITE_ONCE(*x, 1); int r1 = atomic_add_unless(z, 1, 0); int r0 = READ_ONCE(*y); | P1: WRITE_ONCE(*y, 1); smp_mb(); int r0 = READ_ONCE(*x); | exists (0:r0=0 /\\ 1:r0=0)",
	"SB+storemb+storemb":     "P0: smp_store_mb(*x, 1); int r0 = READ_ONCE(*y); | P1: smp_store_mb(*y, 1); int r0 = READ_ONCE(*x); | exists (0:r0=0 /\\ 1:r0=0)",
	"SB+spinlock+mb":         "P0: WRITE_ONCE(*x, 1); spin_lock(l); int r0 = READ_ONCE(*y); spin_unlock(l); | P1: WRITE_ONCE(*y, 1); smp_mb(); int r0 = READ_ONCE(*x); | exists (0:r0=0 /\\ 1:r0=0)",
	"SB+afterspinlock+mb":    "P0: WRITE_ONCE(*x, 1); spin_lock(l); smp_mb__after_spinlock(); int r0 = READ_ONCE(*y); spin_unlock(l); | P1: WRITE_ONCE(*y, 1); smp_mb(); int r0 = READ_ONCE(*x); | exists (0:r0=0 /\\ 1:r0=0)",
	"SB+unlocklock+mb":       "P0: spin_lock(l); WRITE_ONCE(*x, 1); spin_unlock(l); spin_lock(k); int r0 = READ_ONCE(*y); spin_unlock(k); | P1: WRITE_ONCE(*y, 1); smp_mb(); int r0 = READ_ONCE(*x); | exists (0:r0=0 /\\ 1:r0=0)",
	"SB+afterunlocklock+mb":  "P0: spin_lock(l); WRITE_ONCE(*x, 1); spin_unlock(l); spin_lock(k); smp_mb__after_unlock_lock(); int r0 = READ_ONCE(*y); spin_unlock(k); | P1: WRITE_ONCE(*y, 1); smp_mb(); int r0 = READ_ONCE(*x); | exists (0:r0=0 /\\ 1:r0=0)",
	"SB+trylockfails+mb":     "P0: WRITE_ONCE(*x, 1); int r1 = spin_trylock(l); int r0 = READ_ONCE(*y); | P1: WRITE_ONCE(*y, 1); smp_mb(); int r0 = READ_ONCE(*x); | P2: spin_lock(l); spin_unlock(l); | exists (0:r1=0 /\\ 0:r0=0 /\\ 1:r0=0)",
	"SB+trylock+mb":          "P0: WRITE_ONCE(*x, 1); int r1 = spin_trylock(l); smp_mb__after_spinlock(); int r0 = READ_ONCE(*y); | P1: WRITE_ONCE(*y, 1); smp_mb(); int r0 = READ_ONCE(*x); | exists (0:r0=0 /\\ 1:r0=0)",
	"MP+wmb+incrmb":          "P0: WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1); | P1: atomic_inc(y); smp_rmb(); int r0 = READ_ONCE(*x); | exists (y=2 /\\ 1:r0=0)",
	"MP+wmb+addreturnrmb":    "P0: WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1); | P1: int r1 = atomic_add_return_relaxed(1, y); smp_rmb(); int r0 = READ_ONCE(*x); | exists (1:r1=2 /\\ 1:r0=0)",
	"MP+rel+cmpxchgacq":      "P0: WRITE_ONCE(*x, 1); smp_store_release(y, 1); | P1: int r1 = cmpxchg_acquire(y, 1, 2); int r0 = READ_ONCE(*x); | exists (1:r1=1 /\\ 1:r0=0)",
	"MP+wmb+cmpxchgacqfails": "P0: WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1); | P1: int r1 = cmpxchg_acquire(y, 0, 2); int r0 = READ_ONCE(*x); | exists (1:r1=1 /\\ 1:r0=0)",
	"MP+wmb+ctrl":            "P0: WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1); | P1: int r1 = READ_ONCE(*y); int r0 = 9; if (r1) r0 = READ_ONCE(*x); | exists (1:r1=1 /\\ 1:r0=0)",
	"MP+wmb+datarfiaddr":     "P0: WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1); | P1: int r1 = READ_ONCE(*y); WRITE_ONCE(*z, r1); int r2 = READ_ONCE(*z); int r0 = READ_ONCE(*(x + (r2 & 0))); | exists (1:r1=1 /\\ 1:r0=0)",
	"MP+wmb+rfirmb":          "P0: WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1); | P1: int r1 = READ_ONCE(*y); WRITE_ONCE(*y, 2); int r2 = READ_ONCE(*y); smp_rmb(); int r0 = READ_ONCE(*x); | exists (1:r1=1 /\\ 1:r0=0)",
	"MP+relxchg+acq":         "P0: WRITE_ONCE(*x, 1); smp_store_release(y, 1); | P1: int r1 = xchg_relaxed(y, 2); | P2: int r1 = smp_load_acquire(y); int r0 = READ_ONCE(*x); | exists (1:r1=1 /\\ 2:r1=2 /\\ 2:r0=0)",
	"MP+relstore+acq":        "P0: WRITE_ONCE(*x, 1); smp_store_release(y, 1); | P1: int r1 = READ_ONCE(*y); WRITE_ONCE(*y, 2); | P2: int r1 = smp_load_acquire(y); int r0 = READ_ONCE(*x); | exists (1:r1=1 /\\ 2:r1=2 /\\ 2:r0=0)",
	"MP+relinc+acq":          "P0: WRITE_ONCE(*x, 1); smp_store_release(y, 1); | P1: atomic_inc(y); | P2: int r1 = smp_load_acquire(y); int r0 = READ_ONCE(*x); | exists (2:r1=2 /\\ 2:r0=0)",
	"MP+relincinc+acq":       "P0: WRITE_ONCE(*x, 1); smp_store_release(y, 1); | P1: atomic_inc(y); atomic_inc(y); | P2: int r1 = smp_load_acquire(y); int r0 = READ_ONCE(*x); | exists (2:r1=3 /\\ 2:r0=0)",
	"MP+mbctrl+relaxed+rmb":  "P0: WRITE_ONCE(*x, 1); smp_mb(); WRITE_ONCE(*y, 1); | P1: int r0 = READ_ONCE(*y); if (r0) WRITE_ONCE(*z, 1); | P2: int r1 = READ_ONCE(*z); smp_rmb(); int r0 = READ_ONCE(*x); | exists (2:r1=1 /\\ 2:r0=0)",
	"MP+wmbctrl+relaxed+rmb": "P0: WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1); | P1: int r0 = READ_ONCE(*y); if (r0) WRITE_ONCE(*z, 1); | P2: int r1 = READ_ONCE(*z); smp_rmb(); int r0 = READ_ONCE(*x); | exists (2:r1=1 /\\ 2:r0=0)",
	"MP+pointer":             "P0: WRITE_ONCE(*x, 1); rcu_assign_pointer(*p, x); | P1: int *r1 = rcu_dereference(*p); int r0 = 9; if (r1) r0 = READ_ONCE(*r1); | exists (1:r1=x /\\ 1:r0=0)",
	"MP+pointerother":        "P0: WRITE_ONCE(*x, 1); rcu_assign_pointer(*p, x); | P1: int *r1 = rcu_dereference(*p); int r0 = 9; if (r1) r0 = READ_ONCE(*x); | exists (1:r1=x /\\ 1:r0=0)",
	"MP+plain":               "P0: *x = 1; smp_store_release(y, 1); | P1: int r1 = smp_load_acquire(y); int r0 = 9; if (r1) r0 = *x; | exists (1:r1=1 /\\ 1:r0=0)",
	"MP+plainlock":           "P0: spin_lock(l); *x = 1; *y = 1; spin_unlock(l); | P1: spin_lock(l); int r1 = *y; int r0 = *x; spin_unlock(l); | exists (1:r1=1 /\\ 1:r0=0)",
	"MP+plainpointer":        "P0: *x = 1; rcu_assign_pointer(*p, x); | P1: int *r1 = rcu_dereference(*p); int r0 = 9; if (r1) r0 = *r1; | exists (1:r1=x /\\ 1:r0=0)",
	"LB+plaindeps":           "P0: int r0 = READ_ONCE(*x); *a = r0; int r1 = *a; WRITE_ONCE(*y, r1); | P1: int r0 = READ_ONCE(*y); WRITE_ONCE(*x, r0); | exists (x=1)",
	"Locked+afterspinlock":   "P0: spin_lock(l); smp_mb__after_spinlock(); WRITE_ONCE(*x, 1); spin_unlock(l); | P1: int r0 = smp_load_acquire(x); int r1 = spin_is_locked(l); int r2 = spin_is_locked(l); | exists (1:r0=1 /\\ 1:r1=0 /\\ 1:r2=1)",
	"Locked+lock":            "P0: spin_lock(l); WRITE_ONCE(*x, 1); spin_unlock(l); | P1: int r0 = smp_load_acquire(x); int r1 = spin_is_locked(l); int r2 = spin_is_locked(l); | exists (1:r0=1 /\\ 1:r1=0 /\\ 1:r2=1)",
	"TryLock":                "P0: int r0 = spin_trylock(l); | P1: int r0 = spin_trylock(l); | forall (0:r0=1 \\/ 1:r0=1)",
	"TryLock2":               "P0: int r0 = spin_trylock(l); | P1: int r0 = spin_trylock(l); | exists (0:r0=1 /\\ 1:r0=1)",
	"TryLockStale":           "P0: spin_lock(l); spin_unlock(l); WRITE_ONCE(*x, 1); | P1: int r1 = READ_ONCE(*x); int r0 = spin_trylock(l); | exists (1:r1=1 /\\ 1:r0=0)",
	"Deadlock":               "P0: spin_lock(l); spin_lock(k); spin_unlock(k); spin_unlock(l); WRITE_ONCE(*x, 1); | P1: spin_lock(k); spin_lock(l); spin_unlock(l); spin_unlock(k); WRITE_ONCE(*y, 1); | forall (x=1 /\\ y=1)",
	"LocksInTurn":            "P0: spin_lock(l); WRITE_ONCE(*x, 1); spin_unlock(l); | P1: spin_lock(l); int r0 = READ_ONCE(*x); spin_unlock(l); spin_lock(k); WRITE_ONCE(*y, 1); spin_unlock(k); | P2: spin_lock(k); int r1 = READ_ONCE(*y); spin_unlock(k); int r0 = READ_ONCE(*x); | exists (1:r0=1 /\\ 2:r1=1 /\\ 2:r0=0)",
	"UnlockIsNoFlag":         "P0: spin_lock(l); WRITE_ONCE(*x, 1); spin_unlock(l); WRITE_ONCE(*y, 1); | P1: int r1 = READ_ONCE(*y); smp_rmb(); int r0 = READ_ONCE(*x); | exists (1:r1=1 /\\ 1:r0=0)",
	"UnlockLockFlag":         "P0: spin_lock(l); WRITE_ONCE(*x, 1); spin_unlock(l); spin_lock(k); WRITE_ONCE(*y, 1); spin_unlock(k); | P1: int r1 = READ_ONCE(*y); smp_rmb(); int r0 = READ_ONCE(*x); | exists (1:r1=1 /\\ 1:r0=0)",
	"SRCU-MP":                "P0: WRITE_ONCE(*x, 1); synchronize_srcu(s); WRITE_ONCE(*y, 1); | P1: int r9 = srcu_read_lock(s); int r1 = READ_ONCE(*y); int r0 = READ_ONCE(*x); srcu_read_unlock(s, r9); | exists (1:r1=1 /\\ 1:r0=0)",
	"SRCU-MP-other":          "P0: WRITE_ONCE(*x, 1); synchronize_srcu(s); WRITE_ONCE(*y, 1); | P1: int r9 = srcu_read_lock(q); int r1 = READ_ONCE(*y); int r0 = READ_ONCE(*x); srcu_read_unlock(q, r9); | exists (1:r1=1 /\\ 1:r0=0)",
	"SRCU-MP-rcu":            "P0: WRITE_ONCE(*x, 1); synchronize_rcu(); WRITE_ONCE(*y, 1); | P1: int r9 = srcu_read_lock(q); int r1 = READ_ONCE(*y); int r0 = READ_ONCE(*x); srcu_read_unlock(q, r9); | exists (1:r1=1 /\\ 1:r0=0)",
	"SRCU-SB-after":          "P0: WRITE_ONCE(*x, 1); int r9 = srcu_read_lock(s); srcu_read_unlock(s, r9); smp_mb__after_srcu_read_unlock(); int r0 = READ_ONCE(*y); | P1: WRITE_ONCE(*y, 1); smp_mb(); int r0 = READ_ONCE(*x); | exists (0:r0=0 /\\ 1:r0=0)",
	"RCU-nested":             "P0: WRITE_ONCE(*x, 1); synchronize_rcu(); WRITE_ONCE(*y, 1); | P1: rcu_read_lock(); rcu_read_lock(); int r1 = READ_ONCE(*y); rcu_read_unlock(); int r0 = READ_ONCE(*x); rcu_read_unlock(); | exists (1:r1=1 /\\ 1:r0=0)",
	"RCU-late":               "P0: WRITE_ONCE(*x, 1); synchronize_rcu(); WRITE_ONCE(*y, 1); | P1: rcu_read_lock(); int r1 = READ_ONCE(*y); rcu_read_unlock(); int r0 = READ_ONCE(*x); | exists (1:r1=1 /\\ 1:r0=0)",
	"RCU-early":              "P0: WRITE_ONCE(*x, 1); synchronize_rcu(); WRITE_ONCE(*y, 1); | P1: int r1 = READ_ONCE(*y); rcu_read_lock(); int r0 = READ_ONCE(*x); rcu_read_unlock(); | exists (1:r1=1 /\\ 1:r0=0)",
	"RCU-free":               "P0: rcu_assign_pointer(*p, z); synchronize_rcu(); WRITE_ONCE(*x, 0); | P1: rcu_read_lock(); int *r1 = rcu_dereference(*p); int r0 = READ_ONCE(*r1); rcu_read_unlock(); | exists (1:r1=x /\\ 1:r0=0)",
	"RCU-free-early":         "P0: rcu_assign_pointer(*p, z); WRITE_ONCE(*x, 0); | P1: rcu_read_lock(); int *r1 = rcu_dereference(*p); int r0 = READ_ONCE(*r1); rcu_read_unlock(); | exists (1:r1=x /\\ 1:r0=0)",

	"Swapon+none":               "P0: WRITE_ONCE(*map, 1); smp_store_release(users, 1); | P1: int r1 = READ_ONCE(*users); int r0 = 9; if (r1) r0 = READ_ONCE(*map); | exists (1:r1=1 /\\ 1:r0=0)",
	"Swapon+rmb":                "P0: WRITE_ONCE(*map, 1); smp_store_release(users, 1); | P1: int r1 = READ_ONCE(*users); int r0 = 9; if (r1) { smp_rmb(); r0 = READ_ONCE(*map); } | exists (1:r1=1 /\\ 1:r0=0)",
	"Swapon+acquire":            "P0: WRITE_ONCE(*map, 1); smp_store_release(users, 1); | P1: int r1 = smp_load_acquire(users); int r0 = 9; if (r1) r0 = READ_ONCE(*map); | exists (1:r1=1 /\\ 1:r0=0)",
	"Swapon+rmb+nowmb":          "P0: WRITE_ONCE(*map, 1); WRITE_ONCE(*users, 1); | P1: int r1 = READ_ONCE(*users); int r0 = 9; if (r1) { smp_rmb(); r0 = READ_ONCE(*map); } | exists (1:r1=1 /\\ 1:r0=0)",
	"Swapon+unlock":             "P0: spin_lock(l); WRITE_ONCE(*map, 1); spin_unlock(l); WRITE_ONCE(*users, 1); | P1: int r1 = READ_ONCE(*users); int r0 = 9; if (r1) { smp_rmb(); r0 = READ_ONCE(*map); } | exists (1:r1=1 /\\ 1:r0=0)",
	"Swapon+unlocklock":         "P0: spin_lock(l); WRITE_ONCE(*map, 1); spin_unlock(l); spin_lock(k); WRITE_ONCE(*users, 1); spin_unlock(k); | P1: int r1 = READ_ONCE(*users); int r0 = 9; if (r1) { smp_rmb(); r0 = READ_ONCE(*map); } | exists (1:r1=1 /\\ 1:r0=0)",
	"Swapoff+gp":                "P0: WRITE_ONCE(*users, 0); synchronize_rcu(); WRITE_ONCE(*map, 9); | P1: rcu_read_lock(); int r1 = READ_ONCE(*users); int r0 = 1; if (r1) r0 = READ_ONCE(*map); rcu_read_unlock(); | exists (1:r1=1 /\\ 1:r0=9)",
	"Swapoff+nogp":              "P0: WRITE_ONCE(*users, 0); smp_mb(); WRITE_ONCE(*map, 9); | P1: rcu_read_lock(); int r1 = READ_ONCE(*users); int r0 = 1; if (r1) r0 = READ_ONCE(*map); rcu_read_unlock(); | exists (1:r1=1 /\\ 1:r0=9)",
	"Slot+none":                 "P0: WRITE_ONCE(*slot, 1); WRITE_ONCE(*fn, 7); WRITE_ONCE(*ref, 1); | P1: int r2 = READ_ONCE(*slot); int r1 = 9; int r0 = 9; if (r2) { r1 = cmpxchg_relaxed(ref, 1, 2); if (r1 == 1) r0 = READ_ONCE(*fn); } | exists (1:r1=1 /\\ 1:r0=0)",
	"Slot+wmb":                  "P0: WRITE_ONCE(*slot, 1); WRITE_ONCE(*fn, 7); smp_wmb(); WRITE_ONCE(*ref, 1); | P1: int r2 = READ_ONCE(*slot); int r1 = 9; int r0 = 9; if (r2) { r1 = cmpxchg_relaxed(ref, 1, 2); if (r1 == 1) r0 = READ_ONCE(*fn); } | exists (1:r1=1 /\\ 1:r0=0)",
	"Slot+rmb":                  "P0: WRITE_ONCE(*slot, 1); WRITE_ONCE(*fn, 7); WRITE_ONCE(*ref, 1); | P1: int r2 = READ_ONCE(*slot); int r1 = 9; int r0 = 9; if (r2) { r1 = cmpxchg_relaxed(ref, 1, 2); if (r1 == 1) { smp_rmb(); r0 = READ_ONCE(*fn); } } | exists (1:r1=1 /\\ 1:r0=0)",
	"Slot+wmb+rmb":              "P0: WRITE_ONCE(*slot, 1); WRITE_ONCE(*fn, 7); smp_wmb(); WRITE_ONCE(*ref, 1); | P1: int r2 = READ_ONCE(*slot); int r1 = 9; int r0 = 9; if (r2) { r1 = cmpxchg_relaxed(ref, 1, 2); if (r1 == 1) { smp_rmb(); r0 = READ_ONCE(*fn); } } | exists (1:r1=1 /\\ 1:r0=0)",
	"Slot+wmb+acquire":          "P0: WRITE_ONCE(*slot, 1); WRITE_ONCE(*fn, 7); smp_wmb(); WRITE_ONCE(*ref, 1); | P1: int r2 = READ_ONCE(*slot); int r1 = 9; int r0 = 9; if (r2) { r1 = cmpxchg_acquire(ref, 1, 2); if (r1 == 1) r0 = READ_ONCE(*fn); } | exists (1:r1=1 /\\ 1:r0=0)",
	"Slot+release+acquire":      "P0: WRITE_ONCE(*slot, 1); WRITE_ONCE(*fn, 7); smp_store_release(ref, 1); | P1: int r2 = READ_ONCE(*slot); int r1 = 9; int r0 = 9; if (r2) { r1 = cmpxchg_acquire(ref, 1, 2); if (r1 == 1) r0 = READ_ONCE(*fn); } | exists (1:r1=1 /\\ 1:r0=0)",
	"Isolated+none":             "P0: WRITE_ONCE(*destroying, 1); int r0 = atomic_read(isolated); | P1: atomic_dec(isolated); int r1 = READ_ONCE(*destroying); | init isolated=1 | exists (0:r0=1 /\\ 1:r1=0)",
	"Isolated+mb":               "P0: WRITE_ONCE(*destroying, 1); smp_mb(); int r0 = atomic_read(isolated); | P1: atomic_dec(isolated); int r1 = READ_ONCE(*destroying); | init isolated=1 | exists (0:r0=1 /\\ 1:r1=0)",
	"Isolated+mb+after":         "P0: WRITE_ONCE(*destroying, 1); smp_mb(); int r0 = atomic_read(isolated); | P1: atomic_dec(isolated); smp_mb__after_atomic(); int r1 = READ_ONCE(*destroying); | init isolated=1 | exists (0:r0=1 /\\ 1:r1=0)",
	"Isolated+mb+dectest":       "P0: WRITE_ONCE(*destroying, 1); smp_mb(); int r0 = atomic_read(isolated); | P1: int r2 = atomic_dec_and_test(isolated); int r1 = READ_ONCE(*destroying); | init isolated=1 | exists (0:r0=1 /\\ 1:r1=0)",
	"Refcount+relaxed":          "P0: WRITE_ONCE(*x, 1); int r1 = atomic_sub_return_relaxed(1, ref); | P1: int r1 = atomic_sub_return_relaxed(1, ref); int r0 = READ_ONCE(*x); | init ref=2 | exists (1:r1=0 /\\ 1:r0=0)",
	"Refcount+release":          "P0: WRITE_ONCE(*x, 1); int r1 = atomic_sub_return_release(1, ref); | P1: int r1 = atomic_sub_return_release(1, ref); int r0 = READ_ONCE(*x); | init ref=2 | exists (1:r1=0 /\\ 1:r0=0)",
	"Refcount+release+acquire":  "P0: WRITE_ONCE(*x, 1); int r1 = atomic_sub_return_release(1, ref); | P1: int r1 = atomic_sub_return_acquire(1, ref); int r0 = READ_ONCE(*x); | init ref=2 | exists (1:r1=0 /\\ 1:r0=0)",
	"Refcount3+release+acquire": "P0: WRITE_ONCE(*x, 1); int r1 = atomic_sub_return_release(1, ref); | P1: int r1 = atomic_sub_return_relaxed(1, ref); | P2: int r1 = atomic_sub_return_acquire(1, ref); int r0 = READ_ONCE(*x); | init ref=3 | exists (2:r1=0 /\\ 2:r0=0)",
}

var lockNames = map[string]string{"l": "spinlock_t", "k": "spinlock_t", "s": "struct srcu_struct", "q": "struct srcu_struct", "isolated": "atomic_t", "ref": "atomic_t", "p": "int *"}

// handText writes one of the tests above as a file. Every process gets every word that some process names.
func handText(name, text string) string {
	var b strings.Builder
	parts := strings.Split(text, " | ")
	words := []string{}
	for _, w := range []string{"a", "destroying", "fn", "isolated", "k", "l", "map", "p", "q", "ref", "s", "slot", "users", "x", "y", "z"} {
		for _, part := range parts {
			if strings.HasPrefix(part, "P") && slices.Contains(strings.FieldsFunc(part, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_') }), w) {
				words = append(words, w)
				break
			}
		}
	}
	fmt.Fprintf(&b, "C %s\n\n{", name)
	for _, part := range parts {
		if init, ok := strings.CutPrefix(part, "init "); ok {
			w, v, _ := strings.Cut(init, "=")
			fmt.Fprintf(&b, " atomic_t %s = ATOMIC_INIT(%s); ", w, v)
		}
	}
	switch {
	case strings.HasPrefix(name, "RCU-free"):
		fmt.Fprint(&b, " int x = 1; int z = 2; int *p = x; ")
	case strings.HasPrefix(name, "Swapoff"):
		fmt.Fprint(&b, " int users = 1; int map = 1; ")
	case name == "LB+plaindeps":
		fmt.Fprint(&b, " int a = 0; ")
	}
	fmt.Fprint(&b, "}\n")
	params := []string{}
	for _, w := range words {
		typ := lockNames[w]
		if typ == "" {
			typ = "int"
		}
		params = append(params, strings.Replace(typ+" *"+w, "* *", "**", 1))
	}
	for _, part := range parts {
		if !strings.HasPrefix(part, "P") {
			continue
		}
		proc, code, _ := strings.Cut(part, ": ")
		fmt.Fprintf(&b, "\n%s(%s)\n{\n", proc, strings.Join(params, ", "))
		for _, line := range strings.SplitAfter(code, "; ") {
			fmt.Fprintf(&b, "\t%s\n", strings.TrimSpace(line))
		}
		fmt.Fprint(&b, "}\n")
	}
	fmt.Fprintf(&b, "\n%s\n", parts[len(parts)-1])
	return b.String()
}

// file writes a test that a shape made.
func (m made) file() string {
	text := m.program.text()
	text = strings.Replace(text, "C random", "C "+m.name, 1)
	cut := strings.Index(text, "locations [")
	return text[:cut] + "exists (" + strings.Join(m.odd, " /\\ ") + ")\n"
}

func allMade() (tests []made) {
	for _, s := range classic {
		tests = append(tests, s.make()...)
	}
	return append(append(tests, rcuShapes()...), lockShapes()...)
}

// TestOwn generates the tests in testdata/litmus again, and wants each to have the verdicts of the table under each model.
// With -update it writes both. The verdicts of what a shape made are computed a second time, from the axioms.
func TestOwn(t *testing.T) {
	files := map[string]string{}
	second := map[string]made{}
	for _, m := range allMade() {
		files[m.name] = m.file()
		second[m.name] = m
	}
	for name, text := range hand {
		files[name] = handText(name, text)
	}
	require.GreaterOrEqual(t, len(files), 300)
	var names []string
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	var table strings.Builder
	fmt.Fprint(&table, "# path\tname\tsc\ttso\tlkmm 6.1\tlkmm 6.12\n")
	for _, name := range names {
		path := name + ".litmus"
		test, err := litmus.Parse(path, files[name])
		require.NoError(t, err, files[name])
		fmt.Fprintf(&table, "%s\t%s", path, name)
		var verdicts []string
		for _, m := range allModels {
			v := runModel(t, test, litmus.Options{Model: m.model, Release: m.release}).Verdict()
			fmt.Fprintf(&table, "\t%s", v)
			verdicts = append(verdicts, v)
		}
		fmt.Fprintln(&table)
		if m, ok := second[name]; ok {
			for i, outcomes := range axiomatic(m.program, allModels) {
				odd := 0
				for _, o := range outcomes {
					if m.isOdd(o) {
						odd++
					}
				}
				want := "Never"
				if odd > 0 {
					want = "Sometimes"
				}
				assert.Equal(t, want, verdicts[i], "%s under %v, by the axioms", name, allModels[i])
			}
		}
		if *update {
			require.NoError(t, os.WriteFile(filepath.Join(ownTests, path), []byte(files[name]), 0o666))
		} else {
			text, err := os.ReadFile(filepath.Join(ownTests, path))
			require.NoError(t, err)
			require.Equal(t, files[name], string(text), "go test ./internal/litmus -run TestOwn -update writes %s", path)
		}
	}
	if *update {
		require.NoError(t, os.WriteFile(filepath.Join(ownTests, "verdicts.tsv"), []byte(table.String()), 0o666))
	}
	text, err := os.ReadFile(filepath.Join(ownTests, "verdicts.tsv"))
	require.NoError(t, err)
	assert.Equal(t, string(text), table.String())
	have, err := filepath.Glob(filepath.Join(ownTests, "*.litmus"))
	require.NoError(t, err)
	assert.Len(t, have, len(files), "a test that nothing makes")
}

// isOdd says whether a final state is the odd outcome.
func (m made) isOdd(state string) bool {
	for _, c := range m.odd {
		if !strings.Contains(c, ":") {
			w, v, _ := strings.Cut(c, "=")
			c = "[" + w + "]=" + v
		}
		if !strings.Contains(" "+state, " "+c+";") {
			return false
		}
	}
	return true
}
