/*
 * zs_free() of the last object of a zspage with one page, against one migration of that page, as a Promela model. It shares no
 * code with the explorer, which is held against its verdicts (compare-zsmalloc, beside this file): the scenario
 * zsmalloc/free-migrate, with callbacks and the worker on CPUs of their own.
 *
 * Versions, by options of spin
 *   -DV68                                v6.8
 *   -DV68 -DNO_ISOLATE_CHECK             no-isolate-check
 *   -DV68 -DNO_DESTINATION               open-destination
 *   -DV68 -DNO_PAGE_LOCK                 no-page-lock
 *   -DV68 -DOLD_WORKER                   v5.16-worker
 *   nothing                              rcu-as-posted, its assertions compiled out
 *   -DKEEP_OPS                           rcu-keep-ops
 *   -DKEEP_OPS -DEARLY_GET               rcu-repaired, in this scenario
 *   -DKEEP_OPS -DEARLY_GET -DORDERED     rcu-ordered
 *   ... -DNO_READER                      rcu-no-read-lock
 *   ... -DSHORT_READER                   rcu-early-unlock
 *   ... -DNO_LIST_CHECK                  rcu-no-list-check
 * and settings
 *   -DANY                grace periods wait for rcu_read_lock() alone
 *   -DKIND=1, -DKIND=2   look for NULL dereferences, for uses of freed memory; what breaks otherwise ends the run there
 *
 * Build and run, for instance whether the patch as posted meets a NULL pointer
 *   spin -a -DKIND=1 zsmalloc.pml
 *   gcc -w -O2 -DSAFETY -DNOREDUCE -o pan pan.c
 *   ./pan -E -m10000
 * An assertion that is violated says yes. -E: who met something else waits for ever.
 *
 * A step is one access to what CPUs share. Page 0 is the page, page 1 the one it moves to.
 */

#ifndef KIND
#define KIND 0
#endif
#define NULL_DEREF 1
#define UAF        2

/* -- What the CPUs share -- */

byte ref[2];      /* _refcount: 0 is free */
bit  locked[2];
bit  isolated;    /* of page 0 */
bit  ops[2];      /* the movable operations; the flag beside them stays */
bit  private[2];  /* 1: the zspage */

bit  alive = 1;   /* the struct zspage */
bit  listed = 1;
bit  unused;       /* it is on the list of empty ones */
bit  used = 1;    /* the object's header says that it is in use */
byte first;       /* zspage->first_page */
byte readers;     /* of zspage->lock */
bit  writer;

bit  pool_lock;
bit  pooled;      /* migration has it */
byte handle;      /* the page that the object is in */
bit  work;        /* async_free_zspage is queued */

bit  reading;     /* migration is in rcu_read_lock */
bit  queued;      /* rcu_free_zspage is */
bit  waits;       /* for migration, which was a reader when that was queued. A spin lock makes one too, or goes on with one */
bit  waits_free;  /* for zs_free(), which holds pool->lock when it queues that */

/* -- What can go wrong -- */

inline bad(kind) {
	if
	:: kind == KIND -> assert(false)
	:: else -> false   /* another search looks for that */
	fi
}

#define ZSPAGE(does) if :: alive -> does :: else -> bad(UAF) fi
#define PAGE(p, does) if :: ref[p] > 0 -> does :: else -> bad(UAF) fi

/* get_zspage(): page->private, and zspage->magic behind it */
inline get_zspage(p) {
	if
	:: ref[p] == 0 -> bad(UAF)
	:: ref[p] > 0 && !private[p] -> bad(NULL_DEREF)
	:: else -> ZSPAGE(skip)
	fi
}

inline put_page(p) {
	d_step {
		had = (ref[p] > 0);
		if :: had -> ref[p] = ref[p] - 1 :: else -> skip fi;
		freed_locked = had && ref[p] == 0 && locked[p]
	}
	if
	:: !had || freed_locked -> bad(UAF)
	:: else -> skip
	fi
}

inline get_page(p) { PAGE(p, ref[p] = ref[p] + 1) }

inline rcu_exit() {
	d_step {
		if
#ifdef ANY
		:: !reading -> waits = 0
#else
		:: !reading && !writer && !pooled -> waits = 0
#endif
		:: else -> skip
		fi
	}
}

inline reset_page(p) {
#if defined(V68) || !defined(KEEP_OPS)
	PAGE(p, ops[p] = 0);
#endif
	PAGE(p, private[p] = 0)
}

/* __free_zspage(), of one page, which f is. pool_lock is held. */
inline free_zspage_pages(f) {
	get_zspage(f);
	reset_page(f);
#if defined(V68) && !defined(NO_PAGE_LOCK)
	PAGE(f, locked[f] = 0);
#endif
	put_page(f);
#ifdef V68
	ZSPAGE(if :: writer || readers > 0 -> bad(UAF) :: else -> alive = 0 fi)
#else
	ZSPAGE(atomic {
		queued = 1;
#ifdef ANY
		waits = reading
#else
		waits = reading || writer;
		waits_free = 1
#endif
	})
#endif
}

proctype zs_free() {
	byte f;
	bit had, freed_locked;

	atomic { !pool_lock -> pool_lock = 1 };
	f = handle;
	get_zspage(f);
	d_step { used = 0; unused = 1 };
	f = first;
#if defined(V68) && !defined(NO_PAGE_LOCK)
	if
	:: atomic { ref[f] == 0 -> bad(UAF) }
	:: atomic { ref[f] > 0 && !locked[f] -> locked[f] = 1 }
	:: atomic { ref[f] > 0 && locked[f] -> work = 1; goto out }
	fi;
	get_zspage(f);  /* get_next_page() */
#endif
	d_step { listed = 0; unused = 0 };
	f = first;
	free_zspage_pages(f);
out:
	atomic { pool_lock = 0; waits_free = 0 }
}

proctype kworker() {
	byte f;
	bit had, freed_locked, mine;

	work;
	atomic { !pool_lock -> pool_lock = 1 };
	d_step {
		mine = unused;
		if :: mine -> listed = 0; unused = 0 :: else -> skip fi
	};
	pool_lock = 0;
	if :: !mine -> goto out :: else -> skip fi;
#ifdef OLD_WORKER
	f = first;
	if
	:: atomic { ref[f] == 0 -> bad(UAF) }
	:: atomic { ref[f] > 0 && !locked[f] -> locked[f] = 1 }
	fi;
	get_zspage(f);
#else
again:
	atomic { !writer -> readers++ };
	f = first;
	if
	:: atomic { ref[f] == 0 -> bad(UAF) }
	:: atomic { ref[f] > 0 && !locked[f] -> locked[f] = 1 }
	:: atomic { ref[f] > 0 && locked[f] -> ref[f] = ref[f] + 1; goto wait }
	fi;
	get_zspage(f);
	readers--;
	goto free;
wait:
	readers--;
	!locked[f];
	put_page(f);
	goto again;
free:
#endif
	atomic { !pool_lock -> pool_lock = 1 };
	f = first;
	free_zspage_pages(f);
	pool_lock = 0;
out:
	skip
}

/* rcu_free_zspage() */
proctype softirq() {
	atomic { queued && !waits && !waits_free -> skip };
	ZSPAGE(skip);
	ZSPAGE(if :: writer || readers > 0 -> bad(UAF) :: else -> alive = 0 fi)
}

proctype compaction() {
	bit had, freed_locked, found;

	/* isolate_movable_page() */
	if
	:: atomic { ref[0] == 0 -> goto over }
	:: atomic { ref[0] > 0 -> ref[0] = ref[0] + 1 }
	fi;
	if
	:: atomic { !locked[0] -> locked[0] = 1 }
	:: atomic { locked[0] -> skip }; goto put
	fi;
	if
	:: atomic { !ops[0] -> skip }; locked[0] = 0; goto put
	:: atomic { ops[0] -> skip }
	fi;
	if
	:: atomic { !ops[0] -> bad(NULL_DEREF) }   /* mops->isolate_page */
	:: atomic { ops[0] -> skip }
	fi;
	isolated = 1;
	locked[0] = 0;

	/* migrate_folio_unmap() */
	if
	:: atomic { ref[0] == 1 -> skip }; goto put
	:: atomic { ref[0] != 1 -> skip }
	fi;
	ref[1] = 1;
	atomic { !locked[0] -> locked[0] = 1 };
#ifndef NO_DESTINATION
	locked[1] = 1;
#endif

	/* move_to_new_folio() */
#ifndef NO_ISOLATE_CHECK
	if
	:: atomic { !ops[0] -> skip }; isolated = 0; goto done
	:: atomic { ops[0] -> skip }
	fi;
#endif
	if
	:: atomic { !ops[0] -> bad(NULL_DEREF) }   /* mops->migrate_page */
	:: atomic { ops[0] -> skip }
	fi;

	/* zs_page_migrate() */
#ifdef V68
	get_zspage(0);
	ZSPAGE(skip);   /* zspage->pool */
	atomic { !pool_lock -> pool_lock = 1 };
#else
#ifndef NO_READER
	reading = 1;
#endif
	found = private[0];
	if
	:: !found -> reading = 0; rcu_exit(); goto failed
	:: else -> skip
	fi;
	ZSPAGE(skip);   /* zspage->pool */
#ifdef SHORT_READER
	reading = 0;
	rcu_exit();
#endif
	atomic { !pool_lock -> pool_lock = 1; pooled = 1 };
#ifndef NO_LIST_CHECK
	ZSPAGE(found = listed);
	if
	:: !found -> atomic { pool_lock = 0; pooled = 0; rcu_exit() }; reading = 0; rcu_exit(); goto failed
	:: else -> skip
	fi;
#endif
	reading = 0;
	rcu_exit();
#endif
	if
	:: atomic { !alive -> bad(UAF) }
	:: atomic { alive && readers == 0 -> writer = 1 }
	fi;
	if
	:: used -> handle = 1
	:: else -> skip
	fi;
	ZSPAGE(skip);             /* get_first_page() */
	get_zspage(0);            /* get_next_page() */
	private[1] = 1;
	ZSPAGE(first = 1);
	ops[1] = 1;
#ifdef EARLY_GET
	get_page(1);
#endif
#ifdef ORDERED
	ZSPAGE(writer = 0);
	rcu_exit();
	atomic { pool_lock = 0; pooled = 0; rcu_exit() };
#else
	atomic { pool_lock = 0; pooled = 0; rcu_exit() };
	ZSPAGE(writer = 0);
	rcu_exit();
#endif
#ifndef EARLY_GET
	get_page(1);
#endif
	reset_page(0);
	put_page(0);
	isolated = 0;
done:
	locked[1] = 0;
	put_page(1);
	locked[0] = 0;
	put_page(0);
	goto over;
failed:
	locked[1] = 0;
	put_page(1);
	locked[0] = 0;
	/* putback_movable_pages() */
	atomic { !locked[0] -> locked[0] = 1 };
	isolated = 0;
	locked[0] = 0;
put:
	put_page(0);
over:
	skip
}

init {
	d_step {
		ref[0] = 1;
		ops[0] = 1;
		private[0] = 1
	}
	atomic {
		run zs_free();
		run compaction();
#ifdef V68
		run kworker()
#else
		run softirq()
#endif
	}
}
