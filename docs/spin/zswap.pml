/*
 * A load from zswap against compaction, as a Promela model: who holds the pin of an object may sleep, and who waits for it spins with
 * preemption off. It shares no code with package zswap or with the explorer, which is held against its verdicts (labs, beside
 * this file).
 *
 * Options of spin
 *   -DONE_CPU     both tasks are on one CPU: who has preemption off keeps the other from running
 *   -DTRIES       v6.15: compaction only tries, and moves nothing if the object is mapped; without it row W2
 *
 * Build and run
 *   spin -a -DONE_CPU zswap.pml && gcc -w -O2 -DSAFETY -o pan pan.c && ./pan
 * To spin is to be blocked here, so that spinning for ever is an invalid end state.
 *
 * A step is one access to what the tasks share. A task that sleeps takes no step until the device is done, and then needs its CPU.
 */

#define NOBODY 0
#define LOAD   1
#define COMPACT 2

byte keeps = NOBODY;            /* who has preemption off on the one CPU */
byte pin = NOBODY;              /* who has the bit */
bool pool_lock;
byte place;                     /* where the object is */
byte data[2] = { 7, 0 };
bool asked, finished;           /* the request, and whether the device is done */

#ifdef ONE_CPU
#define on(me)  (keeps == NOBODY || keeps == me)
#define off(me) keeps = me
#define back()  keeps = NOBODY
#else
#define on(me)  true
#define off(me) skip
#define back()  skip
#endif

proctype device() {
	atomic { asked -> finished = true }
}

proctype load() {
	byte src;

	/* pin_tag(): preempt_disable(); while (test_and_set_bit()); preempt_enable() */
	atomic { on(LOAD) -> off(LOAD) }
	atomic { on(LOAD) && pin == NOBODY -> pin = LOAD }
	atomic { on(LOAD) -> back() }

	atomic { on(LOAD) -> src = place }
	atomic { on(LOAD) -> asked = true }
	atomic { on(LOAD) && finished -> skip }         /* crypto_wait_req() */
	atomic { on(LOAD) -> assert(data[src] == 7) }
	atomic { on(LOAD) -> pin = NOBODY }             /* unpin_tag() */
}

proctype compact() {
	atomic { on(COMPACT) && !pool_lock -> pool_lock = true; off(COMPACT) }  /* spin_lock() */
#ifdef TRIES
	if
	:: atomic { on(COMPACT) && pin == NOBODY -> pin = COMPACT }
	:: atomic { on(COMPACT) && pin != NOBODY -> goto leave }
	fi;
#else
	atomic { on(COMPACT) && pin == NOBODY -> pin = COMPACT }
#endif
	atomic { on(COMPACT) -> data[1 - place] = data[place] }
	atomic { on(COMPACT) -> place = 1 - place }
	atomic { on(COMPACT) -> data[1 - place] = 0 }   /* it is another's by now */
	atomic { on(COMPACT) -> pin = NOBODY }
#ifdef TRIES
leave:
#endif
	atomic { on(COMPACT) -> pool_lock = false; back() }
}

init {
	atomic { run device(); run load(); run compact() }
}
