// Package shrinker is the slab shrinkers of mm/shrinker.c, in the versions of the lockless slab shrink: v6.6 with its rw_semaphore,
// the first two versions of Qi Zheng's series of 2023, what was merged in v6.7, and variants of that which are broken by one thing
// each. It knows package kern alone: the same code runs natively and under an explorer.
//
// # What it is about
//
// A shrinker is a structure with two callbacks, on a list. shrink_slab() walks the list and calls them; they look at the super_block
// that the shrinker belongs to, and may sleep. Meanwhile somebody may unmount. Two things have a lifetime, one behind the other:
//
//	shrinker_list -> shrinker -> private_data -> super_block
//	shrinker_idr  -> shrinker
//
// # The life of a shrinker in v6.7
//
//	                    refcount   on the list   in shrinker_idr   callbacks set
//	shrinker_alloc()    0          no            if memcg-aware    no
//	its caller          0          no            if memcg-aware    yes
//	shrinker_register() 0          yes           if memcg-aware    yes
//	  at its end        1          yes           if memcg-aware    yes
//	in use              1 + users  yes           if memcg-aware    yes
//	shrinker_free()     users      yes           if memcg-aware    yes
//	  all have put      0          yes           if memcg-aware    yes
//	  unlinked          0          no: its next stays              no
//	a grace period      freed
//
// Between shrinker_alloc() and the end of shrinker_register() walkers may meet a shrinker, and get no reference. While the count is
// not zero its callbacks may run. When shrinker_free() returns none runs, or will run: the owner may free what they use.
//
// # Who waits for what
//
//	v6.6, 03/47   who unregisters waits for all walkers, by shrinker_rwsem
//	v1, v6.7      shrinker_free() waits for the last put, by a completion; the shrinker for a grace period
//	v2            nobody waits; the shrinker for a grace period
//
// # Locks
//
//	s_umount                           a writer unmounts with it; callbacks only try it
//	  shrinker_mutex, shrinker_rwsem   shrinker_list and shrinker_idr; it sleeps
//	shrinker_lock                      v2: shrinker_list, inside rcu_read_lock
//
// A walker of v6.6 tries shrinker_rwsem, and takes s_umount inside it; who unmounts takes them the other way round. That is no
// deadlock, since both are only tried there.
//
// # Plain accesses
//
// The kernel's accesses to the fields of a shrinker are plain. For a shrinker that is registered they are ordered: by the list a walker
// comes to the fields through an address dependency, and what changes them later waited for all users. While one is being registered
// two are not: flags, which shrinker_register() changes behind list_add_tail_rcu(), and, for who comes by shrinker_idr, all of them.
// An explorer finds both as data races. Config.Marked makes these accesses READ_ONCE() and WRITE_ONCE(), to see what else there is.
//
// # What is not modelled
//
// One memcg, which its walker holds and whose shrinker_info_unit stays; NUMA nodes; debugfs, but for what [System.Look] does; names;
// failing allocations, but for an id when all are taken; how much a callback is asked to free. do_shrink_slab() frees all that a super_block has, one object a call. A
// walker of v6.6 also gives up when a writer waits; semaphores of kern have no queue.
//
// # Where to start
//
// The Example, then merged.go. Each broken variant of it has a file, which says what it does wrong. docs/labs/shrinker.md has the thread, and the table
// of verdicts.
package shrinker
