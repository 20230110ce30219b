/*
 * The lockless slab shrink as a Promela model: a walk of shrinker_list against one owner that frees its shrinker and then its
 * super_block, or against two. It shares no code with package shrinker or with the explorer, which is held against its
 * verdicts (labs, beside this file).
 *
 * Options of spin
 *   -DOWNERS=n          how many owners, and shrinkers: 1 if not given, or 2
 *   -DPLAIN_KFREE       row H2: kfree() in place of call_rcu()
 *   -DUNLINK_FIRST      row H4: unlinked before it is waited for
 *   without either      v6.7
 *
 * Build and run
 *   spin -a -DOWNERS=2 -DUNLINK_FIRST shrinker.pml && gcc -w -O2 -DSAFETY -o pan pan.c && ./pan
 * What is found is an assertion: something freed is used. A deadlock would be an invalid end state.
 *
 * A step is one access to what CPUs share: a read of next, a change of a count, a completion, unlinking under the mutex,
 * entering or leaving a reader. A grace period waits for the walker if it was inside a reader when the callback was queued.
 */

#ifndef OWNERS
#define OWNERS 1
#endif
#define HEAD OWNERS             /* the head of the list is the last of the nodes */

byte next[OWNERS + 1];
byte prev[OWNERS + 1];
byte ref[OWNERS];
byte done[OWNERS];              /* completions that nobody has waited for */
bool node[OWNERS];              /* the shrinker is there */
bool super[OWNERS];             /* the super_block is */
bool queued[OWNERS];            /* call_rcu was called */
bool awaits[OWNERS];            /* the grace period waits for the walker */
bool reader;                    /* the walker is inside rcu_read_lock */
bool shrinker_mutex;

#define used(what)  assert(what)

inline rcu_read_unlock() {
	d_step {
		reader = false;
		awaits[0] = false;
#if OWNERS > 1
		awaits[1] = false
#endif
	}
}

inline shrinker_put(n) {
	d_step {
		used(node[n]);
		ref[n]--;
		if
		:: ref[n] == 0 -> done[n]++
		:: else
		fi
	}
}

proctype walker() {
	byte at;
	bool got;

	reader = true;
	at = next[HEAD];
	do
	:: at == HEAD -> break
	:: else ->
		d_step {                                /* refcount_inc_not_zero() */
			used(node[at]);
			got = ref[at] > 0;
			if
			:: got -> ref[at]++
			:: else
			fi
		}
		if
		:: got ->
			rcu_read_unlock();
			d_step { used(node[at]); used(super[at]) }      /* count_objects() */
			d_step { used(node[at]); used(super[at]) }      /* scan_objects(), which may have slept */
			reader = true;
			shrinker_put(at)
		:: else
		fi;
		d_step { used(node[at]); at = next[at] }
	od;
	rcu_read_unlock()
}

inline unlink(n) {
	atomic { !shrinker_mutex -> shrinker_mutex = true }
	d_step {
		prev[next[n]] = prev[n];
		next[prev[n]] = next[n]                 /* the node keeps its own next */
	}
	shrinker_mutex = false
}

proctype owner(byte me) {
#ifdef UNLINK_FIRST
	unlink(me);
#endif
	shrinker_put(me);
	atomic { done[me] > 0 -> done[me]-- }           /* wait_for_completion() */
#ifndef UNLINK_FIRST
	unlink(me);
#endif
#ifdef PLAIN_KFREE
	node[me] = false;
#else
	d_step { queued[me] = true; awaits[me] = reader }
#endif
	super[me] = false                               /* the owner frees it as soon as shrinker_free() returns */
}

#ifndef PLAIN_KFREE
proctype callback(byte me) {
	atomic { queued[me] && !awaits[me] -> node[me] = false }
}
#endif

init {
	byte i;
	atomic {
		for (i : 0 .. OWNERS - 1) {
			ref[i] = 1;
			node[i] = true;
			super[i] = true
		}
		for (i : 0 .. OWNERS) {
			next[i] = (i + 1) % (OWNERS + 1);
			prev[i] = (i + OWNERS) % (OWNERS + 1)
		}
		run walker();
		for (i : 0 .. OWNERS - 1) {
			run owner(i);
#ifndef PLAIN_KFREE
			run callback(i)
#endif
		}
	}
}
