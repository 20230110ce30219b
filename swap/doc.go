// Package swap is swapon, swapoff and the users of a swap device in mm/swapfile.c: the form of v5.3 with RCU and SWP_VALID, the first
// posted patch with a percpu_ref, what was merged in v5.14, the form that Dennis Zhou proposed, and variants of these that are
// broken by one thing each. It knows packages kern and percpuref alone: the same code runs natively and under an explorer.
//
// # What it is about
//
// A swap entry is a number: a type, and an offset. swap_info[type] leads to a swap_info_struct, which is never freed: a later swapon
// uses it again. What hangs off it is freed by swapoff. So a user that has an entry, perhaps an old one, must ask two things at once:
// is the device on, and do the fields that I read next belong to the life that I asked about?
//
//	entry -> swap_info[type] -> swap_info_struct -> swap_map, swapper_spaces
//	                            never freed          freed by swapoff
//
//	version   who keeps swap_map                     what says that the fields are there
//	v5.3      rcu_read_lock, swapoff waits           SWP_VALID, set a grace period after the fields
//	v5.14     a reference, which swapoff waits for   the reference, and smp_rmb() behind it
//	replaced  the same                               the pointer: a new swap_info_struct for each swapon
//
// # The life of a device in v5.14
//
//	                         users          flags             swap_map   a user gets a reference
//	alloc_swap_info()        dead, atomic   USED              NULL       no
//	setup_swap_info()        dead, atomic   USED              there      no
//	percpu_ref_resurrect()   live           USED              there      yes
//	_enable_swap_info()      live           USED | WRITEOK    there      yes
//	swapoff                  live           USED              there      yes
//	percpu_ref_kill()        dead           USED              there      no; those that have one go on
//	wait_for_completion()    dead, zero     USED              there      no
//	freed                    dead, zero     0                 NULL       no
//
// # Locks
//
//	swap_lock                  swap_info[], flags, and who sets fields up or takes them away
//	percpu_ref_switch_lock     changes of a percpu_ref's mode
//
// Neither is held inside the other, but for what swap_lock is taken for: no reference is taken or dropped under it.
//
// # Memory order
//
// That is the point of the thread. In v5.14 a user that finds the reference live by a relaxed load may have read si->max and
// si->swap_map before that, as long as nothing keeps it from that: smp_rmb(). On the other side it is not spin_unlock() that orders the
// fields before the reference, since a release orders what follows it with nothing: it is smp_store_release() in
// percpu_ref_resurrect() for who counts in a CPU's word, and for who comes earlier and counts in the one word, spin_unlock() and the
// spin_lock() of percpu_ref_switch_lock together.
//
// The kernel reads and writes flags, max, swap_map and what that holds by plain accesses, some of them in data_race(). Here they are
// READ_ONCE() and WRITE_ONCE(), so that what is found is what an old value leads to, and not that the accesses race.
//
// # What is not modelled
//
// One swap type, so a second swapon fails. p->lock, which is always taken inside swap_lock where it matters; swapon_mutex; clusters,
// priorities, extents, frontswap, discards. try_to_unuse() has nothing to do: no page is in the area. A user's entry is of offset 1.
// Who faults without a reference looks whether the device is on, which stands for the page table that had the entry.
//
// # Where to start
//
// The Example, then percpu.go, which is v5.14, and rcu.go, which is v5.3. swapon.go has what all versions share. broken.go says what
// each of its variants does wrong. docs/labs/swap.md has the thread, and the table of verdicts.
package swap
