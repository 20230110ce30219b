/*
 * swapoff against one user of the device, as a Promela model: RCU and SWP_VALID, or a percpu_ref that swapoff kills and waits for. It
 * shares no code with package swap or with the explorer, which is held against its verdicts (labs, beside this file). Memory is
 * sequentially consistent.
 *
 * Options of spin
 *   -DVALID       v5.3: the user is an RCU reader that asks for SWP_VALID, and swapoff waits for a grace period
 *   -DNO_GRACE    with VALID: it does not, row S1a
 *   -DNO_WAIT     v5.14 that does not wait for the last reference: row S4
 *   -DLOOKUP      the user is an RCU reader that asks whether the reference is dying, and reads the swap cache: row S10
 *   -DNO_SYNC     swapoff has no synchronize_rcu() of its own: with LOOKUP it is safe
 *   -DATOMIC      the percpu_ref is in atomic mode from the start: with LOOKUP and NO_SYNC row S11
 *
 * Build and run
 *   spin -a -DNO_WAIT swap.pml && gcc -w -O2 -DSAFETY -o pan pan.c && ./pan
 *
 * A step is one access to what the tasks share. There is one user, so there is one reader: a grace period waits for the section that is
 * open when it starts.
 */

#define BIAS 100                /* what the count holds above the references while CPUs count for themselves */

bool reader;                    /* the user is in rcu_read_lock() */
byte section;                   /* how many of these there were */

bool valid = true, dead;
byte max = 2;
bool map = true, map_freed;     /* si->swap_map is not NULL; what it leads to is freed */
bool space = true, space_freed; /* swapper_spaces[0] */
bool completed, queued;         /* si->comp; the callback of the switch to atomic mode */
byte queued_in;                 /* the section that was open then, 0 if none was */
short percpu;                   /* the CPU's word */
#ifdef ATOMIC
bool atomic_mode = true;
short refs = 1;
#else
bool atomic_mode;
short refs = 1 + BIAS;
#endif

inline lock_rcu()   { atomic { reader = true; section++ } }
inline unlock_rcu() { reader = false }

/* The grace period that started when that section was open is over. */
#define passed(since) (since == 0 || !reader || section != since)
inline start(since) { atomic { if :: reader -> since = section :: else -> since = 0 fi } }

/* percpu_ref_put() in atomic mode: the last one completes */
inline drop() { atomic { refs--; if :: refs == 0 -> completed = true :: else fi } }

proctype user() {
	bool got, percpu_mode, found;

#ifdef LOOKUP
	lock_rcu();                                     /* lookup_swap_cache() */
	if
	:: dead -> skip
	:: !dead ->
		found = space;
		if
		:: found -> assert(!space_freed)
		:: else
		fi
	fi;
	unlock_rcu()
#else
#ifdef VALID
	lock_rcu();                                     /* get_swap_device() of v5.3 */
	if
	:: valid -> got = true
	:: else -> unlock_rcu()
	fi;
#else
	lock_rcu();                                     /* percpu_ref_tryget_live() */
	if
	:: atomic { !atomic_mode && !dead -> percpu_mode = true }
	:: atomic { atomic_mode || dead -> percpu_mode = false }
	fi;
	if
	:: percpu_mode -> atomic { percpu++; got = true }
	:: else ->
		if
		:: dead -> skip
		:: !dead -> atomic { if :: refs != 0 -> refs++; got = true :: else fi }
		fi
	fi;
	unlock_rcu();
#endif
	if
	:: got && max > 1 ->
		/* the page is read, and that sleeps, in v5.14 */
		found = map;
		assert(found);                          /* else a NULL pointer is followed */
		assert(!map_freed)
	:: else
	fi;
	if
	:: got ->
#ifdef VALID
		unlock_rcu()
#else
		lock_rcu();                             /* percpu_ref_put() */
		if
		:: atomic { !atomic_mode && !dead -> percpu_mode = true }
		:: atomic { atomic_mode || dead -> percpu_mode = false }
		fi;
		if
		:: percpu_mode -> percpu--
		:: else -> drop()
		fi;
		unlock_rcu()
#endif
	:: else
	fi
#endif
}

proctype switch_rcu() {                                 /* percpu_ref_switch_to_atomic_rcu() */
	short sum;

	if
	:: atomic { queued && passed(queued_in) -> sum = percpu } ;
		refs = refs + sum - BIAS;
		drop()
	:: timeout                                      /* it is never queued */
	fi
}

proctype swapoff() {
	byte since;

#ifdef VALID
	valid = false;
#ifndef NO_GRACE
	start(since);
	passed(since);
#endif
#else
	dead = true;                                    /* percpu_ref_kill() */
	if
	:: atomic_mode -> skip
	:: else ->
		atomic_mode = true;
		refs++;                                 /* of the switch */
		atomic { start(queued_in); queued = true }
	fi;
	drop();
#ifndef NO_SYNC
	start(since);                                   /* synchronize_rcu() */
	passed(since);
#endif
#ifndef NO_WAIT
	completed;                                      /* wait_for_completion() */
#endif
#endif
	atomic { max = 0; map = false };                /* under swap_lock, which the user does not take */
	map_freed = true;
	space = false;
	space_freed = true
}

init { atomic { run user(); run switch_rcu(); run swapoff() } }
