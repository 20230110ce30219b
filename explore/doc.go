// Package explore runs a small concurrent program, written in kern's primitives, under every schedule there is. It is told
// a [Model]: tasks, each a list of operations, on a machine that the model builds. It answers whether any schedule leads to
// a violation, and if so by which shortest one. The code that it explores is the real code; there is no second copy of it
// in another language.
//
// # The machine that is explored
//
// Every task has a CPU of its own, unless [Task].On puts several on one. Each primitive is one indivisible step; local code
// between two primitives is seen by nobody. A CPU that waits for a lock is blocked: there is no spinning, and no limit to it. A
// loop that reads the same words with the same results again and again is blocked in the same way, until one of them changes: see
// spin.go. Callbacks of call_rcu run on softirq CPUs of their own that take any callback that is ready, or ([SoftirqsOnCPU]) on
// the CPU that queued them, as an interrupt between any two steps of what runs there while BH is on. Work items run on kworkers.
// A callback is ready when every reader that was inside when it was queued has left; who counts as a reader is a matter of
// [Grace].
//
// # What a task may do
//
// A [Task] is a list of operations. Each is Go code that calls kern's primitives with the CPU that it is given, and returns the
// Frame to go on with. It may branch and loop on what the primitives return, and call any function that does the same. It may take
// locks in one operation and release them in another, turn BH or preemption off, sleep, allocate, queue callbacks and work items,
// and wait for those: by synchronize_rcu, rcu_barrier, flush_work, a completion, or a wait queue. Callbacks and work items may do
// what the kernel lets them: the former must not sleep.
//
// It must not look at shared memory but by primitives, nor keep anything in variables of Go that outlives the operation, but in its
// Frame. It must not start goroutines, ask for the time, or draw lots: kern.Choose is a decision of the schedule. It may wait in a
// loop that does nothing but read; any other loop must come to an end.
//
// What waits is blocked and takes no steps. If nothing can move and not all is done, that is a deadlock, and is told with who waits for
// what. To sleep where a task must not is a violation where the primitive says so, whether it would have to wait or not; so is to
// end with a lock held or something off. [Options].Lax lets both happen, to see whether they do harm.
//
// Tasks on one CPU take turns. One that can be preempted may lose the CPU at any step, also between two plain accesses, and one that
// cannot keeps the others off. To begin to spin is a step there, since from then on the others are kept off, and so is to sleep
// with preemption off, which lets them in. Each CPU has one softirq, with [SoftirqsOnCPU], and it interrupts all of them. See share.go.
//
// # Memory
//
// Memory is never handed out twice within a schedule, and a word of freed memory that anybody touches is a use after free at that
// step. So is a word behind NULL or where nothing is, and one from kmalloc that nobody has written. The exceptions are
// type-stable objects, and page frames under [Instance].ReusesFrames, which may serve again as soon as they are free, or not:
// both are tried. Each task allocates from memory of its own, so that an address depends on nobody else.
//
// # What a state is
//
// A state is: each word of memory (of a spin lock that is held, only that it is); of each object whether it is unborn, live,
// dead, or free and type-stable, and then whether it was freed again; of each thread the operation that it is in, the Frame with
// which that began and what its primitives have returned since, how deep it is in BH off and in rcu_read_lock, which locks it
// holds, which queued callbacks wait for it, and whether it has begun to wait where others of its CPU can tell; which callbacks
// and work items are queued and, with [SoftirqsOnCPU], where. Two states are one if all of that is the same. A thread that has
// ended is as any other that has, and a dead object reads as it did at first. Searches count fewer where they may:
// [Options].NoMerge and NoSymmetry turn off two of the ways, Plain the third.
//
// # How it can be fast
//
// Between two primitives a thread is a function of where it was and of what its last primitive returned. So each thread is
// an automaton, of which a place (a node) is the operation and what its primitives returned so far. It is learnt on the
// way: only when a primitive returns what it never returned there, the real code runs, on the recorded results, and is
// stopped at the next primitive. A few thousand such runs serve a search of hundreds of millions of steps; all others are a
// look-up, and the primitive itself, which kern carries out on the state's memory. A step is taken back by a log of what it
// changed, the fingerprint of a state is kept up to date word by word, and what is stored of a state is 8 bytes.
//
// # What need not be tried
//
// Most primitives need not be steps of their own (Lipton): plain accesses, taking a lock, taking a reference, list
// operations and entering a reader can be done later, when the thread does the next thing that others can see; freeing and
// leaving a reader can be done at once. In each case either nothing changes, or there is a schedule that breaks what this
// one does not: see movement.go, which has the rules, and what they rest on. What they rest on is checked: a plain access
// that races with another access is a violation of its own, [kern.DataRace], and if code is met that the rules do not
// foresee the search begins again without them. A choice that leads to a lock which is held is a transition of its own: see
// take, in step.go. Softirq CPUs are interchangeable, and so are kworkers: states that differ
// only in which of them does what are one.
//
// [Options].Plain turns all this off, but for accesses that are local; tests compare the two, and both with a search that
// shares no code with this one.
//
// # Data races
//
// Two accesses to a word race if one writes, one is plain, and happens-before does not order them. Locks, value-returning
// atomics, callbacks and work items order; READ_ONCE and WRITE_ONCE do not. A barrier that goes with an atomic or a lock
// (smp_mb__after_atomic and the like) orders with that, and without it nothing: see pairs.go. Two tasks on one CPU are ordered by
// preemption off, as by a lock, and by nothing else about a switch. A search first looks for races whose two accesses are
// possible in one state ([Adjacent]), which needs no memory of the past and misses only what relaxed accesses order in time. Then
// it searches again with what every thread knows of the others' accesses as part of the state ([HappensBefore]; see views.go), if
// that takes few states: [Result].Races tells. Options.Races asks for one or the other.
//
// # Four searches
//
//	Exhaustive  every state, once; on as many threads as asked for, with the same states however many
//	Shortest    the schedule with the fewest switches, and of those the fewest steps
//	Bounded     every schedule with few preemptions
//	Random      schedules drawn uniformly, or by priorities (PCT)
//
// A search that is too large for one machine can be split: [Split] and [Behind], see split.go.
//
// A [Stepper] leaves the choice to its user, one primitive at a time: it tells what every thread can do or what it waits
// for, and searches on from where it stands. It is what steppers and lessons are made of.
//
// [Replay] runs a schedule again with the model's code itself, each thread a coroutine, beside the automata; the two must
// agree at each step. What it returns can be shown: every step with the kernel function that did it.
//
// # Limits
//
// States are told apart by 64 bits: of n states, two are taken for one with a probability of n*n/2^65. Memory is sequentially
// consistent, unless [Options].Model says otherwise: see weak.go, and store_queue.go for total store order. At most 21 threads,
// and 64 rcu_heads and 64 work items. Code must be deterministic, must see shared memory through primitives only, and every
// operation must end within 4,096 primitives. Order 0 is the only size of page.
//
// # Which file has what
//
// The model and the code that it runs:
//
//	model.go          what a user gives: Model, Instance, Task, Options
//	system.go         a model with options: threads, classes, what all states of a search share
//	environment.go    where objects, caches and page frames are
//	automaton.go      a thread as an automaton: nodes and edges
//	learn.go          an edge is learnt: the code runs on recorded results
//	slots.go          rcu_heads and work items are numbered; locks.go: locks; place.go: places in the code
//	journal.go        what was learnt, for searches that go on later
//	merge.go          partition refinement: nodes with one future are one
//	spin.go           a loop that reads in vain is blocked
//
// A state, and a transition of it:
//
//	state.go          what a state is
//	fingerprint.go    64 bits that tell states apart; undo.go takes a step back
//	candidates.go     which threads can move
//	step.go           a transition: primitives are folded into one step
//	items.go          a callback or work item begins; call_rcu
//	ways.go           a primitive with several outcomes; checks.go says what a step may break
//	exec.go           a primitive is carried out
//	touch.go          a word is touched: use after free, the notes for races
//	allocate.go       slab objects and page frames; percpu.go, pointers.go: words of a CPU, NULL and wild pointers
//	deadlock.go       when nothing can move: what each thread waits for, and which thread has it
//	graces.go         synchronize_rcu, rcu_barrier, flush_work; cancel.go: cancel_work_sync
//	share.go          tasks that share a CPU; interrupts.go: softirqs on the CPUs of the tasks
//	store_queue.go    total store order; weak.go, weak_exec.go, weak_sight.go, weak_barrier.go, weak_events.go: the kernel's memory model
//	weak_future.go    what threads may still do decides what a weak memory keeps: the rest is forgotten
//
// What need not be tried:
//
//	movement.go       left and right movers (Lipton)
//	depend.go         which transitions are independent
//	sleep.go          sleep sets
//
// Data races:
//
//	races.go          two accesses in one state; uses.go says which words may race at all
//	views.go          happens-before: what each thread knows; viewhash.go, orders.go, pairs.go
//
// A strategy a file:
//
//	explore.go        Exhaustive; search.go, worker.go, spread.go and visited.go: on several threads; errors.go
//	region_linux.go   tables that grow in place (region_other.go: elsewhere); prefetch_amd64.go, prefetch_arm64.go, prefetch_other.go
//	shortest.go       Shortest, by Dijkstra's algorithm; queue.go: the order of the paths; distances.go,
//	                  paths.go, shortest_expand.go, shortest_race.go
//	bounded.go        Bounded; sample.go: Random; minimize.go: Minimize
//	split.go          parts of a search
//	checkpoint.go     a search that goes on later; checkpoint_search.go, checkpoint_exhaustive.go, checkpoint_shortest.go,
//	                  checkpoint_bounded.go, checkpoint_weak.go: what each keeps
//
// What is shown of it:
//
//	schedule.go       a schedule and its text; moves.go: its moves
//	trace.go          Replay; real.go: the code itself beside the automaton
//	stepper.go        Stepper; stepper_threads.go, stepper_search.go, stepper_follow.go: its threads, its search, a schedule followed
//	progress.go       what a search tells while it runs; memory.go: how much it holds; reached.go: which lines it
//	                  reached; programs.go: what tasks do
//
// # Where to start
//
// The Examples: a lock-free stack that loses a node. Then model.go, automaton.go, state.go, step.go and search.go, in this order.
package explore
