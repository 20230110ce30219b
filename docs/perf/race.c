/*
 * The loops of ptsim bench (internal/bench) around the kernel's functions, which against-c puts into kernel.h. For each
 * path it prints variant,path,fill,threads,nanoseconds: the processor time for a table in the quickest of many short chunks.
 *
 *	race VARIANT CHUNKS THREADS
 */
#include "shims.h"
#include "kernel.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <time.h>

enum { BLOCK = 256, CHUNK = 16 * BLOCK };

#ifdef FILL
#define FILLS "true"
#else
#define FILLS "false"
#endif

/* A grace period: nobody walks page tables here, so it is over at once. */
static void grace_period(void)
{
	struct rcu_head *head = this_cpu->callbacks, *next;

	this_cpu->callbacks = NULL;
	this_cpu->last = &this_cpu->callbacks;
	this_cpu->bh_off++;
	for (; head; head = next) {
		next = head->next;
		head->func(head);
	}
	this_cpu->bh_off--;
}

static __attribute__((noinline)) void list(struct mm_struct *mm, int n)
{
	for (int i = 0; i < n; i++) {
		page_table_free(mm, page_table_alloc(mm));
		if (i % BLOCK == 0)
			grace_period();
	}
}

static __attribute__((noinline)) void gathered(struct mm_struct *mm, int n)
{
	static __thread unsigned long *held[BLOCK];
	struct mmu_gather tlb = { .mm = mm };

	for (; n > 0; n -= BLOCK) {
		for (int i = 0; i < BLOCK; i++)
			held[i] = page_table_alloc(mm);
		for (int i = 0; i < BLOCK; i++)
			FREE_TLB(&tlb, held[i], (unsigned long)i << 20);
		tlb_flush_mmu_tlbonly(&tlb);
		tlb_table_flush(&tlb);
		grace_period();
	}
}

#ifdef HAS_DEFER
static __attribute__((noinline)) void deferred(struct mm_struct *mm, int n)
{
	static __thread unsigned long *held[BLOCK];

	for (; n > 0; n -= BLOCK) {
		for (int i = 0; i < BLOCK; i++)
			held[i] = page_table_alloc(mm);
		for (int i = 0; i < BLOCK; i++)
			pte_free_defer(mm, (void *)held[i]);
		grace_period();
	}
}
#endif

struct path {
	const char *name;
	void (*run)(struct mm_struct *, int);
	bool hold;
};

static const struct path paths[] = {
	{ "list", list, true },
	{ "fresh", list, false },
	{ "tlb", gathered, false },
#ifdef HAS_DEFER
	{ "defer", deferred, false },
#endif
};
enum { PATHS = sizeof(paths) / sizeof(paths[0]), MAX_THREADS = 8 };

static int chunks, threads;
static double best[PATHS];
static struct sample {
	double cpu, wall;
} samples[MAX_THREADS];
static int arrived, round_number;

static double now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* meet lets the threads go on when all are there. */
static void meet(void)
{
	int round = __atomic_load_n(&round_number, __ATOMIC_SEQ_CST);

	if (threads == 1)
		return;
	if (__atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST) == threads) {
		arrived = 0;
		__atomic_add_fetch(&round_number, 1, __ATOMIC_SEQ_CST);
		return;
	}
	for (int spins = 0; __atomic_load_n(&round_number, __ATOMIC_SEQ_CST) == round; spins++)
		if (spins > 10000)
			sched_yield();
}

/*
 * judge keeps the round if it was the quickest, and all threads did run at the same time: one that was put aside would
 * leave the others undisturbed.
 */
static void judge(int path)
{
	double sum = 0;

	for (int i = 0; i < threads; i++) {
		if (threads > 1 && samples[i].cpu < 0.9 * samples[i].wall)
			return;
		sum += samples[i].cpu;
	}
	sum /= threads * CHUNK;
	if (best[path] == 0 || sum < best[path])
		best[path] = sum;
}

static void *thread(void *arg)
{
	static struct mm_struct mms[MAX_THREADS];
	int id = (int)(intptr_t)arg;
	struct mm_struct *mm = &mms[id];
	struct cpu *cpu;

	if (posix_memalign((void **)&cpu, 128, sizeof(*cpu)))
		abort();
	memset(cpu, 0, sizeof(*cpu));
	cpu->last = &cpu->callbacks;
	for (int i = 0; i < PAGES / MAX_THREADS; i++)
		cpu->free[cpu->nfree++] = &mem_map[id * (PAGES / MAX_THREADS) + i];
	this_cpu = cpu;
	INIT_LIST_HEAD(&mm->context.pgtable_list);
	for (int p = 0; p < PATHS; p++) {
		unsigned long *held = paths[p].hold ? page_table_alloc(mm) : NULL;

		for (int k = 0; k < chunks; k++) {
			meet();
			samples[id].cpu = -now(CLOCK_THREAD_CPUTIME_ID);
			samples[id].wall = -now(CLOCK_MONOTONIC);
			paths[p].run(mm, CHUNK);
			samples[id].cpu += now(CLOCK_THREAD_CPUTIME_ID);
			samples[id].wall += now(CLOCK_MONOTONIC);
			meet();
			if (id == 0)
				judge(p);
		}
		if (held)
			page_table_free(mm, held);
		grace_period(); /* what callbacks queued */
		grace_period();
	}
	if (cpu->nfree != PAGES / MAX_THREADS) {
		fprintf(stderr, "race: pages are lost\n");
		exit(1);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t others[MAX_THREADS];

	if (argc != 4 || (chunks = atoi(argv[2])) < 1 || (threads = atoi(argv[3])) < 1 || threads > MAX_THREADS) {
		fprintf(stderr, "usage: race VARIANT CHUNKS THREADS\n");
		return 2;
	}
	for (int i = 1; i < threads; i++)
		if (pthread_create(&others[i], NULL, thread, (void *)(intptr_t)i))
			abort();
	thread((void *)0);
	for (int i = 1; i < threads; i++)
		pthread_join(others[i], NULL);
	for (int p = 0; p < PATHS; p++)
		if (best[p] > 0)
			printf("%s,%s," FILLS ",%d,%.2f\n", argv[1], paths[p].name, threads, best[p]);
	return 0;
}
