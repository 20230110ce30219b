package pagetable

import "ptsim/lab"

// ladder are the levels of the page tables, the easiest first.
var ladder = []lab.Level{
	{
		Name: "late-reader", Title: "The reader is too late",
		Scenario: "walk", Version: "classic",
		Kind: "reader-use-after-free", Goal: "make the walker read a table that was freed",
		Hint: "An interrupt does not wait for rcu_read_lock. Let the walker look first, and read last.",
		Story: `
khugepaged takes a page table out of a process, and a walker is just looking for it. In v6.1 to v6.5 khugepaged interrupts
every CPU and frees the table at once. The walker holds rcu_read_lock, and nothing else: an interrupt does not wait for that.

Have the walker find the table, and khugepaged free it, before the walker reads it.`,
	},
	{
		Name: "deadlock", Title: "The softirq waits for the task below it",
		Scenario: "B4", Version: "rfc", Softirqs: "cpu",
		Kind: "softirq-deadlock", Goal: "make a softirq wait for a lock of the task that it interrupted",
		Hint: "Find the moment at which the task holds context.lock and softirqs are still on. Let the callback begin there.",
		Story: `
Here a callback runs where it was queued: as an interrupt, on top of the task, between any two of its steps. The task flushes
its TLB. For that it takes context.lock and leaves softirqs on. Before the RFC that was right, because no callback took the lock.

Let the interrupt come at the moment that makes the machine hang. This stopped the first test of the RFC.`,
	},
	{
		Name: "lost", Title: "A page that nobody will free",
		Scenario: "defer2", Version: "rfc-as-posted",
		Kind: "page-lost", Goal: "lose the page",
		Hint: "Defer both halves before any callback runs. The first callback then decides what happens to the second half.",
		Story: `
Two khugepageds defer both halves of a page, which has one rcu_head. The second finds it queued, so the first callback must
queue it again. The RFC as posted forgot a shift where that callback decides.

Make a page that is not free and that nothing leads to any more.`,
	},
	{
		Name: "lost-again", Title: "The same with the shift",
		Scenario: "defer2", Version: "rfc",
		Claim: true, Kind: "page-lost", Goal: "lose the page",
		Hint: "The second half can only be forgotten by the callback of the first. Look at what that callback sees now.",
		Story: `
The RFC as its author meant it: the callback of the first half looks at the right bits, and queues the second half. Other things
may break here; they do not count.

Lose the page, or say that it is impossible.`,
	},
	{
		Name: "munmap", Title: "No huge page needed",
		Scenario: "munmap", Version: "rfc",
		Kind: "use-after-free", Goal: "use the mm after it was freed",
		Hint: "A callback reads the mask of the page, and takes the lock of the mm after that. Stop it in between.",
		Story: `
One task, no khugepaged. It unmaps one table, and exits with the other: two batches, two grace periods. In the RFC a callback
that finds the other half of its page allocated puts the page back on the list of its mm, and takes the lock of the mm for it.

What keeps the mm until the lock is taken?`,
	},
	{
		Name: "one-cpu", Title: "On one CPU",
		Scenario: "munmap", Version: "rfc", Softirqs: "cpu",
		Claim: true, Kind: "use-after-free", Goal: "use the mm after it was freed",
		Hint: "In the last level the task went on while the callback stood between two of its steps. Can it do so here?",
		Story: `
The same task on the same variant, but here a callback runs on the CPU that queued it. It comes as an interrupt, and the task
goes on only after the callback has ended.

Use the mm after it was freed, or say that it is impossible.`,
	},
	{
		Name: "retract", Title: "Retract against exit",
		Scenario: "S1", Version: "rfc",
		Kind: "use-after-free", Goal: "use the mm after it was freed",
		Hint: "A callback reads the mask of the page, and takes the lock of the mm after that. Stop it in between. Who has to be gone by then?",
		Story: `
This is what the RFC was for. khugepaged has replaced the small pages of a file by a huge page. It takes the page tables out of
every process that maps the file, and one of them is exiting. khugepaged may use its mm while the vma is in the file's tree.

The callback comes later. Use the mm after it was freed.`,
	},
	{
		Name: "full-page", Title: "A page for each table",
		Scenario: "S1", Version: "fullpage",
		Claim: true, Goal: "break anything",
		Hint: "List what the callback of a whole page touches before it frees the page. Is any of it part of the mm?",
		Story: `
Since v6.7 a page table takes a whole page, and is freed when its grace period is over. There is no list, no lock, no mask, and
no mm.

Break anything in Retract against exit, or say that it is impossible.`,
	},
	{
		Name: "not-lost", Title: "Not the page this time",
		Scenario: "defer2", Version: "rfc-as-posted",
		Kind: "use-after-free", Goal: "use the mm after it was freed",
		Hint: "Let the first callback read the mask while the other half is still allocated. Then it goes for the lock.",
		Story: `
The two khugepageds again, and the RFC as posted. You know how to lose the page. That ends the schedule, and does not count here.

Use the mm after it was freed. One half must be deferred when the callback of the other looks.`,
	},
	{
		Name: "active", Title: "Do not put it back",
		Scenario: "defer2", Version: "active",
		Claim: true, Goal: "break anything",
		Hint: "Look at what a callback does when the other half is still allocated. Does it take the lock of the mm?",
		Story: `
This was merged in v6.6. A page with a deferred half is marked PageActive. It goes to RCU once, as a whole, when both halves are
free. No callback puts a page on a list, so none needs the mm.

Break anything, or say that it is impossible.`,
	},
	{
		Name: "typesafe", Title: "A lock that outlives its mm",
		Scenario: "S1", Version: "typesafe",
		Claim: true, Goal: "break anything",
		Hint: "The lock may go only after a grace period. Can a grace period end while the callback is still running?",
		Story: `
The list and its lock are an object of their own, from a cache whose memory keeps its type until a grace period has passed. The
callback looks again when it has the lock. By then the mm may be gone, and another mm may have the lock.

Break anything in Retract against exit, or say that it is impossible.`,
	},
	{
		Name: "pin-page", Title: "One pin for two halves",
		Scenario: "S1", Version: "pinned/page", Grace: "any",
		Kind: "use-after-free", Goal: "use the mm after it was freed",
		Hint: "Two callbacks of the same page run at once. The one that turns off the last P bit drops the pin. Where can the other one be at that moment?",
		Story: `
A page with a pending half holds a reference on its mm. There is one reference for both halves, and the callback that turns the
last pending bit off drops it. Grace periods wait for rcu_read_lock alone here, which no kernel does: a callback that is still
running does not hold up the next.

Use the mm after it was freed. Somebody must drop the pin while another is inside the lock.`,
	},
	{
		Name: "no-batch", Title: "No page for a batch",
		Scenario: "S1f", Version: "pinned/page", Softirqs: "1",
		Kind: "use-after-free", Goal: "use the mm after it was freed",
		Hint: "Two must be at the same page at once. One is a callback. The other is the task, when it finds no page for its batch: make that happen while the callback is inside the lock.",
		Story: `
The same pin with the kernel's grace periods, and one CPU for softirqs: two callbacks never run at once. But the exiting task may
find no page for its batch. Then it interrupts every CPU, and frees the table itself.

Use the mm after it was freed.`,
	},
	{
		Name: "pin-half", Title: "A pin for each half",
		Scenario: "S1f", Version: "pinned/half",
		Claim: true, Goal: "break anything",
		Hint: "Stop a callback anywhere between its first look at the mask and its lock. Name the reference that keeps the mm there.",
		Story: `
This is the default of pinned: every pending half has a reference of its own. It is taken under the lock that makes the half
pending, and dropped after the callback has released that lock. The task may find no page for a batch, as before.

Break anything, or say that it is impossible.`,
	},
	{
		Name: "repair", Title: "What the RFC lacked",
		Scenario: "S1", Also: []string{"walk", "munmap"}, Version: "rfc",
		Kind: "use-after-free", Goal: "repair the RFC",
		Hint: "The callback takes a lock in the mm. Where would the lock have to lie, or who would have to keep the mm? And is anybody left who only holds rcu_read_lock?",
		Story: `
The RFC once more: a callback that finds the other half of its page allocated takes the lock of an mm which may be gone.

Four ways to repair it are written. More than one may hold. Choose, and the explorer tries every schedule: of Retract against exit, of
a walker without locks, and of a task that unmaps and exits.`,
		Answers: []lab.Answer{
			{Way: lab.Pin, Version: "pinned/half", About: "Each pending half holds a reference on the mm. The callback drops it when it has released the lock."},
			{Way: lab.Recheck, Version: "typesafe", About: "The list and its lock are an object of their own, in memory that keeps its type. The callback takes the lock, and looks again."},
			{Way: lab.Wait, Version: "classic", About: "Nothing is left to RCU. khugepaged interrupts every CPU, waits for all of them, and frees the table at once."},
			{Way: lab.Leave, Version: "active", About: "A callback touches no mm. A page goes to RCU once, as a whole, when both of its halves are free."},
		},
	},
}
