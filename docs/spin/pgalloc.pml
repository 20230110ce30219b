/*
 * The allocator of the RFC, and its version that pins the mm once for every pending half, as a Promela model: rfc, and
 * pinned with --pin half. It shares no code with the explorer, which is held against its verdicts and raced against its
 * verifier (compare, beside this file). Scenarios: S1, S2, S3a and S3r, with softirq CPUs of their own and --grace
 * any. As nobody is ever inside rcu_read_lock, a callback that is queued may run.
 *
 * Options of spin
 *   -DS1 -DS2 -DS3a -DS3r   the scenario, one of them
 *   -DPINNED                pinned; without it rfc
 *   -DSOFTIRQS=n            CPUs that run callbacks; 1 if not given
 *   -DPOSTED                pte_free_half() does not shift, as in the mail: rfc-as-posted
 *
 * Build and run, for instance S2 with two softirq CPUs
 *   spin -a -DS2 -DPINNED -DSOFTIRQS=2 pgalloc.pml
 *   gcc -w -O2 -DSAFETY -DNOREDUCE -DNOFAIR -DNOBOUNDCHECK -o pan pan.c
 *   ./pan -m1000 -w20
 * -w is the size of the hash table: 16 does for S1, 18 for S3a, 20 for S2, 22 for S3r with one softirq CPU and 24 with
 * two. No reduction is lost, as every step is one that others may see. For a counterexample of fewest steps (S1 of rfc)
 *   spin -a -DS1 pgalloc.pml
 *   gcc -w -O2 -DSAFETY -DNOREDUCE -DBFS -o pan pan.c
 *   ./pan -w16; spin -t -p -DS1 pgalloc.pml
 *
 * A step is one access to what CPUs share: an atomic operation, taking or leaving a lock, an unlocked read, a list
 * operation, queueing or picking a callback, getting or returning a page, a change of mm_users or mm_count, the end of
 * the mm. Each is one d_step, and only the check at the end is not, so SPIN's depth is the number of steps. Where the code
 * goes on by what an access found, each finding is an option of that very step: what an xor returned is remembered as a
 * place in the code. A process clears its variables in the last step that needs them. Thus no two states differ in what
 * nobody looks at again.
 */

#if defined(S2)
#define MMS    2
#define PAGES  2
#elif defined(S3a)
#define MMS    1
#define PAGES  2
#define TASKS  4
#elif defined(S3r)
#define MMS    1
#define PAGES  5
#define TASKS  3
#else
#undef  S1
#define S1
#define MMS    1
#define PAGES  1
#endif
#if defined(S1) || defined(S2)
#define RETRACT
#endif
#ifndef SOFTIRQS
#define SOFTIRQS 1
#endif

/* -- What the CPUs share -- */

/* Of a half, in the mask of its page: allocated, pending on the page's rcu_head, pending by any method. */
#define A 1
#define H 4
#define P 16
#define is(page, half, bits)  (mask[page] & ((bits) << (half)))
#define legal(m)  ((m & m >> 4 & 3) == 0 && ((m >> 2 & 3) & ~(m >> 4)) == 0)

/* What the words shared by lru and rcu_head hold. */
#define NOTHING 0
#define LRU     1
#define HEAD    2

/* A set of pages or of tables is a number with a bit for each. A list is an octal number, the first entry its last digit,
 * an entry the page plus one. */
#define bit_of(page)        (1 << (page))
#define table(page, half)   (1 << (2 * (page) + (half)))
#define first(list)         ((list & 7) - 1)

byte mask[PAGES] = {
#if defined(S3r)
	3, 1, 0, 0, 0
#elif PAGES == 2
	3, 3
#else
	3
#endif
};
#if defined(S3r)
byte words[PAGES] = { NOTHING, LRU, NOTHING, NOTHING, NOTHING };
#define LISTED  2               /* page 1 */
#else
byte words[PAGES];
#define LISTED  0
#endif
#if PAGES > 1
byte used = 3;                  /* pages that are not free */
#else
byte used = 1;
#endif
#if MMS == 2
byte pt_mm = 2;                 /* pages of mm 1; all others are of mm 0 */
#else
byte pt_mm;
#endif
short queued;                   /* tables that a callback was queued for: by rcu_head if H is set, else in a batch */

typedef mm_struct {
	unsigned count : 4 = 1;         /* mm_count */
	bit locked;                     /* context.lock */
	bit freed;
	unsigned list : 15 = LISTED;    /* context.pgtable_list */
#ifdef RETRACT
	bit vma = 1;                    /* the VMA is in i_mmap */
	bit pmd = 1;                    /* the pmd leads to half 0 */
#else
	unsigned users : 3 = TASKS;     /* mm_users */
#endif
};
mm_struct mm[MMS];
#ifdef RETRACT
bit i_mmap;                     /* the lock; with one reader it is a mutex */
#endif

/* -- What steps do. Nobody waits for the lock of a freed mm: taking it is the violation. -- */

#define lock(q) \
	!mm[q].locked || mm[q].freed -> \
	assert(!mm[q].freed); \
	mm[q].locked = 1

#define unlock(q) \
	assert(mm[q].locked && !mm[q].freed); \
	mm[q].locked = 0

#define flip(page, half, bits) \
	assert(used & bit_of(page)); \
	mask[page] = mask[page] ^ ((bits) << (half)); \
	assert(legal(mask[page]))

#define list_add(q, page) \
	assert(!mm[q].freed && (used & bit_of(page)) && words[page] == NOTHING); \
	words[page] = LRU; \
	mm[q].list = mm[q].list << 3 | (page) + 1

/* take the entry out, wherever it is */
#define cut(q, entry, place) \
	:: (mm[q].list >> 3 * place & 7) == entry -> \
		mm[q].list = (mm[q].list & (1 << 3 * place) - 1) | (mm[q].list >> 3 * place + 3 << 3 * place)
#if PAGES == 1
#define CUTS(q, entry)  cut(q, entry, 0)
#elif PAGES == 2
#define CUTS(q, entry)  cut(q, entry, 0) cut(q, entry, 1)
#else
#define CUTS(q, entry)  cut(q, entry, 0) cut(q, entry, 1) cut(q, entry, 2) cut(q, entry, 3) cut(q, entry, 4)
#endif

#define list_del(q, page) \
	assert(!mm[q].freed && (used & bit_of(page)) && words[page] == LRU); \
	words[page] = NOTHING; \
	if \
	CUTS(q, (page) + 1) \
	fi

#define call_rcu_head(page, half) \
	assert((used & bit_of(page)) && words[page] == NOTHING); \
	words[page] = HEAD; \
	assert(!(queued & table(page, half))); \
	queued = queued | table(page, half)

#define call_rcu_batch(page, half) \
	assert(!(queued & table(page, half))); \
	queued = queued | table(page, half)

#define free_page(page) \
	assert((used & bit_of(page)) && mask[page] == 0 && words[page] == NOTHING); \
	used = used & ~bit_of(page); \
	pt_mm = pt_mm & ~bit_of(page)

#define grab(q) \
	assert(!mm[q].freed && mm[q].count > 0); \
	mm[q].count++

#define drop(q) \
	assert(!mm[q].freed && mm[q].count > 0); \
	mm[q].count--

#define free_mm(q) \
	assert(!mm[q].freed && !mm[q].locked && mm[q].list == 0); \
	mm[q].freed = 1

/* -- The allocator. A process has one table at a time in its hands, half h of page p. Whatever takes the table from it
 * leaves p and h 0. -- */

#define lay_down  p = 0; h = 0

inline page_table_free(q)
{
	d_step { lock(q) };
	if      /* how is the other half? */
	:: if
	   :: d_step { is(p, 1 - h, A) -> flip(p, h, A) };
	      d_step { list_add(q, p) }
	   :: d_step { is(p, 1 - h, P) -> flip(p, h, A) }
	   fi;
	   d_step { unlock(q); lay_down }
	:: d_step { !is(p, 1 - h, A | P) -> flip(p, h, A) };
	   d_step { list_del(q, p) };
	   d_step { unlock(q) };
	   d_step { free_page(p); lay_down }
	fi
}

#ifdef PINNED
#define PIN(q)  d_step { grab(q) };
#else
#define PIN(q)
#endif

/* page_table_free_rcu(), and the flush of a gather that holds but this table */
inline page_table_free_rcu(q)
{
	d_step { lock(q) };
	PIN(q)
	if
	:: d_step { is(p, 1 - h, A | P) -> flip(p, h, A | P) }
	:: d_step { !is(p, 1 - h, A | P) -> flip(p, h, A | P) };
	   d_step { list_del(q, p) }
	fi;
	d_step { unlock(q) };
	d_step { call_rcu_batch(p, h); lay_down }
}

inline pte_free_defer(q)
{
	d_step { lock(q) };
	PIN(q)
	if
	:: d_step { is(p, 1 - h, H) -> flip(p, h, A | H | P) };     /* its callback will queue this one's */
	   d_step { unlock(q); lay_down }
	:: if
	   :: d_step { !is(p, 1 - h, H) && is(p, 1 - h, A | P) -> flip(p, h, A | H | P) }
	   :: d_step { !is(p, 1 - h, A | P) -> flip(p, h, A | H | P) };
	      d_step { list_del(q, p) }
	   fi;
	   d_step { unlock(q) };
	   d_step { call_rcu_head(p, h); lay_down }
	fi
}

inline page_table_alloc(q)
{
	d_step { lock(q) };
	if      /* list_first_entry_or_null() */
	:: d_step { mm[q].list != 0 -> p = first(mm[q].list) };
	   d_step { assert(mask[p] == 1 || mask[p] == 2); h = mask[p] & 1 };
	   d_step { flip(p, h, A) };
	   d_step { list_del(q, p) }
	:: d_step { mm[q].list == 0 -> skip };
	   d_step { unlock(q) };
	   d_step {
		p = 0;
		h = 0;
		do
		:: used & bit_of(p) -> p++; assert(p < PAGES)
		:: else -> break
		od;
		used = used | bit_of(p)
	   };
	   d_step { pt_mm = pt_mm | q << p };
	   d_step { flip(p, h, A) };
	   d_step { lock(q) };
	   d_step { list_add(q, p) }
	fi;
	d_step { unlock(q) }
}

/* mmdrop(), by one who has nothing else to do */
inline mmdrop(q)
{
	if
	:: d_step { mm[q].count > 1 -> drop(q) }
	:: d_step { mm[q].count <= 1 -> drop(q) };
	   d_step { free_mm(q) }
	fi
}

/* -- Tasks. One that is done waits for ever: processes that end cost SPIN states. -- */

/* When nothing moves any more, nothing may be left. One task looks. */
#define gone(q)  (mm[q].freed && mm[q].count == 0 && mm[q].list == 0)
inline audit()
{
	atomic { timeout -> assert(queued == 0 && used == 0 && gone(0) && gone(MMS - 1)) }
}

#ifdef RETRACT
/* A task that exits; its mm and page have the number of its _pid. Half 1 goes early, at once or by a gather. */
active [MMS] proctype exiting()
{
	unsigned p : 3 = _pid, h : 1 = 1;
	if
	:: page_table_free(_pid)
	:: page_table_free_rcu(_pid)
	fi;
	d_step { !i_mmap -> i_mmap = 1 };
	d_step { mm[_pid].vma = 0 };
	d_step { i_mmap = 0 };
	if
	:: d_step { mm[_pid].pmd -> mm[_pid].pmd = 0; p = _pid };
	   page_table_free_rcu(_pid)
	:: d_step { !mm[_pid].pmd -> skip }
	fi;
	mmdrop(_pid);
end:	false
}

/* retract_page_tables(), for one of the VMAs */
inline retract(k)
{
	if
	:: d_step { mm[k].vma -> skip };
	   if
	   :: d_step { mm[k].pmd -> mm[k].pmd = 0; p = k };
	      pte_free_defer(k)
	   :: d_step { !mm[k].pmd -> skip }
	   fi
	:: d_step { !mm[k].vma -> skip }
	fi
}

active proctype khugepaged()
{
	unsigned p : 3, h : 1;
	d_step { !i_mmap -> i_mmap = 1 };
	retract(0);
#if MMS == 2
	retract(1);
#endif
	d_step { i_mmap = 0 };
end:	audit()
}

#else

inline mmput(who)
{
	if
	:: d_step { mm[who].users > 1 -> mm[who].users-- }
	:: d_step { mm[who].users == 1 -> mm[who].users-- };
	   mmdrop(who)
	fi
}

#define OWN(page, half)  unsigned p : 3 = page, h : 1 = half
#ifdef S3a
active proctype task0() { OWN(0, 0); pte_free_defer(0);      mmput(0); end: audit() }
active proctype task1() { OWN(0, 1); page_table_free(0);     mmput(0); end: false }
active proctype task2() { OWN(1, 0); page_table_free_rcu(0); mmput(0); end: false }
active proctype task3() { OWN(1, 1); pte_free_defer(0);      mmput(0); end: false }
#else
active proctype task0()
{
	OWN(0, 0);
	pte_free_defer(0);
	page_table_alloc(0);
	page_table_free(0);
	mmput(0);
end:	audit()
}

active proctype task1()
{
	OWN(0, 1);
	page_table_free(0);
	page_table_alloc(0);
	page_table_free_rcu(0);
	mmput(0);
end:	false
}

active proctype task2()
{
	OWN(1, 0);
	page_table_free_rcu(0);
	page_table_alloc(0);
	pte_free_defer(0);
	mmput(0);
end:	false
}
#endif
#endif

/* -- Softirq CPUs -- */

/* Pick the callback of table t. On the rcu_head it is pte_free_half(), which goes on as one in a batch does. */
#define CALLBACK(t) \
	:: d_step { queued & 1 << t -> \
		queued = queued ^ 1 << t; \
		p = t / 2; \
		h = t % 2; \
		if \
		:: is(p, h, H) -> now = 1; words[p] = NOTHING \
		:: else \
		fi \
	   }

#ifdef POSTED
#define CHAIN  0
#else
#define CHAIN  (is(p, 1 - h, H) != 0)
#endif

/* A last step, unless the call_rcu() for the other half is still to come. */
#define last(guard, step) \
	:: d_step { guard && !chain -> step; p = 0; h = 0; owner = 0 }; goto idle \
	:: d_step { guard && chain -> step }

/* The step before the pin is dropped; rfc has none, so there it is the last. */
#ifdef PINNED
#define unpinning(guard, step) \
	:: d_step { guard -> step; if :: !chain -> p = 0; h = 0 :: else fi }
#else
#define unpinning(guard, step)  last(guard, step)
#endif

active [SOFTIRQS] proctype softirq()
{
	unsigned p : 3, h : 1, owner : 1;
	bit now;                /* pte_free_half() has not yet begun */
	bit chain;              /* the other half waits for the rcu_head */

end:
idle:
	if
	CALLBACK(0) CALLBACK(1)
#if PAGES > 1
	CALLBACK(2) CALLBACK(3)
#endif
#if PAGES > 2
	CALLBACK(4) CALLBACK(5) CALLBACK(6) CALLBACK(7) CALLBACK(8) CALLBACK(9)
#endif
	fi;
remove:
	if
	:: d_step { now -> flip(p, h, H); chain = CHAIN; now = 0 };
	   goto remove

	/* __tlb_remove_table() reads the mask */
	:: d_step { !now && is(p, 1 - h, A) -> assert(used & bit_of(p)) };
	   d_step { owner = pt_mm >> p & 1 };
	   d_step { lock(owner) };              /* what keeps the owner alive? */
	   if
	   :: if
	      :: d_step { is(p, 1 - h, A) -> flip(p, h, P) };
	         d_step { list_add(owner, p) }
	      :: d_step { is(p, 1 - h, P) -> flip(p, h, P) }
	      fi;
	      if unpinning(true, unlock(owner)) fi;
	      goto unpin
	   :: d_step { !is(p, 1 - h, A | P) -> flip(p, h, P) };
	      d_step { unlock(owner) }
	   fi
	:: d_step { !now && !is(p, 1 - h, A) -> assert(used & bit_of(p)) };
#ifdef PINNED
	   d_step { owner = pt_mm >> p & 1 };       /* before the mark goes, and perhaps the page */
#endif
	   if
	   unpinning(is(p, 1 - h, A | P), flip(p, h, P));
	      goto unpin
	   :: d_step { !is(p, 1 - h, A | P) -> flip(p, h, P) }
	   fi
	fi;
	if unpinning(true, free_page(p)) fi;
unpin:
#ifdef PINNED
	/* mmdrop_async(): whoever drops the last pin frees the mm, but as a step of its own like the work item */
	if
	last(mm[owner].count > 1, drop(owner))
	:: d_step { mm[owner].count <= 1 -> drop(owner) };
	   if last(true, free_mm(owner)) fi
	fi;
#endif
	if
	:: d_step { chain -> call_rcu_head(p, 1 - h); p = 0; h = 0; owner = 0; chain = 0 }
	fi;
	goto idle
}
