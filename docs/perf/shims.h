/*
 * What the kernel's allocator of page tables needs of the rest of a kernel, for a thread of a program: the least that does
 * the same to memory. Locks and atomics are those of the processor, a context has softirqs on or off, pages come from a
 * stack of each thread as they come from a CPU's free pages, and call_rcu queues. It holds no text of the kernel; against-c
 * includes it before the functions that it takes from the kernel's sources.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define __always_inline inline __attribute__((always_inline))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
#define container_of(p, type, member) ((type *)((char *)(p)-offsetof(type, member)))
#define IS_ENABLED(option) 0
#define WARN_ON_ONCE(c) unlikely(!!(c))
#define VM_WARN_ON_ONCE(c) ((void)0)
#define CONFIG_TRANSPARENT_HUGEPAGE 1

typedef uint64_t u64;
typedef unsigned int gfp_t;
typedef struct {
	int counter;
} atomic_t;

#define atomic_read(v) READ_ONCE((v)->counter)

static inline int atomic_cmpxchg(atomic_t *v, int old, int new)
{
	__atomic_compare_exchange_n(&v->counter, &old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
	return old;
}

/* Lists: the functions are the kernel's, without CONFIG_DEBUG_LIST. */
struct list_head {
	struct list_head *next, *prev;
};
#define LIST_POISON1 ((void *)0x100)
#define LIST_POISON2 ((void *)0x122)
#define __list_add_valid(node, prev, next) true
#define __list_del_entry_valid(node) true
#define list_first_entry(head, type, member) container_of((head)->next, type, member)

struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *);
};
#define callback_head rcu_head

/* The state of a CPU: a thread here. */
struct cpu {
	int bh_off;
	bool softirq_pending;
	unsigned nfree;
	struct rcu_head *callbacks, **last;
	void **batches;
	struct page *free[1024];
};
static __thread struct cpu *this_cpu;

typedef struct {
	int locked;
} spinlock_t;

static void __attribute__((noinline)) spin(spinlock_t *l)
{
	int is;

	do {
		while (READ_ONCE(l->locked))
			__builtin_ia32_pause();
		is = 0;
	} while (!__atomic_compare_exchange_n(&l->locked, &is, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
}

static __always_inline void spin_lock(spinlock_t *l)
{
	int is = 0;

	if (unlikely(!__atomic_compare_exchange_n(&l->locked, &is, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)))
		spin(l);
}

static __always_inline void spin_unlock(spinlock_t *l)
{
	__atomic_store_n(&l->locked, 0, __ATOMIC_RELEASE);
}

static void __attribute__((noinline)) do_softirq(void)
{
	this_cpu->softirq_pending = false;
}

static __always_inline void spin_lock_bh(spinlock_t *l)
{
	this_cpu->bh_off++;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	spin_lock(l);
}

static __always_inline void spin_unlock_bh(spinlock_t *l)
{
	spin_unlock(l);
	if (unlikely(--this_cpu->bh_off == 0 && this_cpu->softirq_pending))
		do_softirq();
}

/* Pages and their struct pages. A struct ptdesc is one under another name. */
#define PAGE_SIZE 4096UL
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define PTRS_PER_PTE 256
#define _PAGE_INVALID 0x400UL
#define CRST_ALLOC_ORDER 2
#define GFP_KERNEL 0
#define GFP_KERNEL_ACCOUNT 1
#define GFP_NOWAIT 0
#define __GFP_ACCOUNT 1
#define __GFP_NOWARN 0

typedef struct {
	unsigned long pte;
} pte_t;
typedef pte_t *pgtable_t;

struct mm_struct;

#define PAGE_WORDS                                     \
	unsigned long flags;                           \
	union {                                        \
		struct list_head lru, pt_list;         \
		struct rcu_head rcu_head, pt_rcu_head; \
	};                                             \
	void *mapping;                                 \
	struct mm_struct *pt_mm;                       \
	spinlock_t ptl;                                \
	unsigned int page_type;                        \
	atomic_t _refcount;

struct page {
	PAGE_WORDS
} __attribute__((aligned(64)));
struct ptdesc {
	PAGE_WORDS
} __attribute__((aligned(64)));

#define PAGES 4096
static struct page mem_map[PAGES];
static char memory[PAGES][PAGE_SIZE] __attribute__((aligned(4096)));

#define page_to_virt(p) ((void *)memory[(p)-mem_map])
#define virt_to_page(v) (&mem_map[((char *)(v)-memory[0]) / PAGE_SIZE])
#define virt_to_ptdesc(v) ((struct ptdesc *)virt_to_page(v))
#define ptdesc_page(p) ((struct page *)(p))
#define ptdesc_to_virt(p) page_to_virt(ptdesc_page(p))
#define ptdesc_address ptdesc_to_virt
#define compound_order(p) ((p)->flags >> 28 & 3)

static inline struct page *alloc_page(gfp_t gfp)
{
	struct page *page;

	if (unlikely(this_cpu->nfree == 0))
		return NULL;
	page = this_cpu->free[--this_cpu->nfree];
	page->flags = 0;
	page->_refcount.counter = 1;
	return page;
}

static inline void __free_page(struct page *page)
{
	if (__atomic_sub_fetch(&page->_refcount.counter, 1, __ATOMIC_SEQ_CST) == 0)
		this_cpu->free[this_cpu->nfree++] = page;
}

static inline unsigned long __get_free_page(gfp_t gfp)
{
	struct page *page = alloc_page(gfp);

	return page ? (unsigned long)page_to_virt(page) : 0;
}

#define free_page(v) __free_page(virt_to_page(v))
#define free_pages(v, order) abort()
#define __free_pages(p, order) abort()
#define pagetable_alloc(gfp, order) ((struct ptdesc *)alloc_page(gfp))
#define pagetable_free(p) __free_page(ptdesc_page(p))
#define arch_set_page_dat(p, order) ((void)0)
#define __arch_set_page_dat(v, n) ((void)0)
#define dump_page(p, msg) abort()

static inline bool pgtable_pte_page_ctor(struct page *page)
{
	page->ptl.locked = 0;
	page->page_type = 1;
	return true;
}

static inline void pgtable_pte_page_dtor(struct page *page)
{
	page->page_type = 0;
}

#define pagetable_pte_ctor(p) pgtable_pte_page_ctor(ptdesc_page(p))
#define pagetable_pte_dtor(p) pgtable_pte_page_dtor(ptdesc_page(p))

#ifdef FILL
static inline void memset64(u64 *p, u64 v, size_t n)
{
#ifdef __x86_64__
	__asm__ volatile("rep stosq" : "+D"(p), "+c"(n) : "a"(v) : "memory");
#else
	while (n--)
		*p++ = v;
#endif
}
#else
#define memset64(p, v, n) ((void)0)
#endif

/* An mm, and the mmu_gather that frees its tables. */
struct mm_struct {
	struct {
		spinlock_t lock;
		struct list_head pgtable_list;
		unsigned int flush_mm, alloc_pgste, has_pgste;
	} context;
} __attribute__((aligned(128)));

static struct mm_struct init_mm;

#define mm_alloc_pgste(mm) unlikely((mm)->context.alloc_pgste)
#define mm_has_pgste(mm) unlikely((mm)->context.has_pgste)
#define gmap_unlink(mm, table, vmaddr) abort()

struct mmu_table_batch {
	struct rcu_head rcu;
	unsigned int nr;
	void *tables[];
};
#define MAX_TABLE_BATCH ((PAGE_SIZE - sizeof(struct mmu_table_batch)) / sizeof(void *))

struct mmu_gather {
	struct mm_struct *mm;
	struct mmu_table_batch *batch;
	unsigned int freed_tables : 1, cleared_pmds : 1;
};

#define __tlb_adjust_range(tlb, address, size) ((void)0)
#define tlb_needs_table_invalidate() true
#define tlb_flush_mmu_tlbonly(tlb) __tlb_flush_mm_lazy((tlb)->mm)
#define __tlb_flush_mm(mm) ((void)0)
#define smp_call_function(f, arg, wait) abort()
#define tlb_remove_table_sync_one() abort()

static inline void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *))
{
	head->func = func;
	head->next = NULL;
	*this_cpu->last = head;
	this_cpu->last = &head->next;
}

void __tlb_remove_table(void *table);
void tlb_remove_table(struct mmu_gather *tlb, void *table);
