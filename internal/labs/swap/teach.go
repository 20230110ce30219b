package swap

import (
	"embed"

	"ptsim/lab"
)

//go:embed lessons/*.md
var texts embed.FS

// lessons are read in this order: two shapes, two threads, and why it took so long.
func lessons() []lab.Lesson {
	var list []lab.Lesson
	for _, slug := range []string{"message-passing", "store-buffering", "swapoff", "count-last", "why-x86-never-showed-it"} {
		text, err := texts.ReadFile("lessons/" + slug + ".md")
		if err != nil {
			panic(err) // the list and the folder differ
		}
		list = append(list, lab.Lesson{Slug: slug, Text: string(text)})
	}
	return list
}

const (
	merged  = "v5.14, 63d8620ecf93, mm/swapfile: use percpu_ref to serialize against concurrent swapoff"
	rcu     = "v5.3, eb085574a752, mm, swap: fix race between swapoff and some swap operations"
	thread  = "Re: [PATCH 1/5] mm/swapfile: add percpu_ref support for swap, April 2021"
	library = "v6.6, lib/percpu-refcount.c"
)

// counted are the versions whose users take a reference.
var counted = []string{"v1", "replaced", "v5.14", "no-rmb", "no-wait", "no-sync", "early-resurrect", "late-init", "late-exit", "init-again", "replaced-no-rcu"}

// flagged are the versions whose users look at SWP_VALID.
var flagged = []string{"v5.3", "v5.12.17", "no-grace-off", "no-grace-on", "valid-rmb", "valid-unlocked"}

func rules() []lab.Rule {
	users := []string{"count", "fault"}
	return []lab.Rule{
		{ID: "valid", Text: "Inside rcu_read_lock, SWP_VALID says that the fields are set up, and stay so until rcu_read_unlock.", Source: rcu, Verbs: users, Versions: flagged},
		{ID: "grace-off", Text: "swapoff clears SWP_VALID, and waits for a grace period before it frees anything.", Source: rcu, Verbs: []string{"swapoff"}, Versions: []string{"v5.3", "v5.12.17", "no-grace-on", "valid-rmb", "valid-unlocked"}},
		{ID: "grace-on", Text: "swapon waits for a grace period between the fields and SWP_VALID, so users need no barrier.", Source: rcu, Verbs: []string{"swapon"}, Versions: []string{"v5.3", "v5.12.17", "no-grace-off"}},
		{ID: "no-sleep", Text: "A user of a device inside rcu_read_lock must not sleep.", Source: "v5.14, 63d8620ecf93 is what 2799e77529c2 needs", Verbs: []string{"fault"}, Versions: []string{"v5.12.17"}},
		{ID: "tryget-live", Text: "percpu_ref_tryget_live() gives a reference unless the percpu_ref was killed. Its holder may sleep.", Source: merged, Verbs: users, Versions: counted},
		{ID: "rmb", Text: "smp_rmb() comes between the reference and the fields: taking the reference orders nothing.", Source: merged + "; " + thread, Verbs: users, Versions: []string{"v5.14", "no-wait", "no-sync", "early-resurrect", "late-init", "late-exit", "init-again"}},
		{ID: "release", Text: "percpu_ref_resurrect() clears the flag with smp_store_release(), and takes its lock after swapon's unlock: that orders the fields before the reference. The unlock alone does not.", Source: library + ", __percpu_ref_switch_to_percpu(); tools/memory-model/linux-kernel.cat, po-unlock-lock-po", Verbs: []string{"swapon"}, Versions: counted},
		{ID: "kill-wait", Text: "swapoff kills the percpu_ref, and waits until the last reference is dropped.", Source: merged, Verbs: []string{"swapoff"}, Versions: []string{"v1", "replaced", "v5.14", "no-rmb", "no-sync", "early-resurrect", "late-init", "late-exit", "init-again"}},
		{ID: "rcu-only", Text: "synchronize_rcu() waits for those that read the swap cache under RCU alone.", Source: merged + ", the comment in swapoff", Verbs: []string{"swapoff", "lookup"}},
		{ID: "init-first", Text: "A percpu_ref is initialised, and dead, before swap_info[] leads to it. A zeroed one looks live.", Source: merged + ", alloc_swap_info()", Verbs: []string{"swapon"}, Versions: counted},
		{ID: "no-exit", Text: "release only calls complete(): whatever it does after that meets a waiter which has gone on.", Source: "Huang Ying, " + thread, Verbs: []string{"swapoff", "count", "fault"}, Versions: counted},
		{ID: "pointer", Text: "Whoever follows the pointer with rcu_dereference() sees what was set up before rcu_assign_pointer().", Source: "Dennis Zhou, " + thread, Verbs: []string{"swapon", "count", "fault"}, Versions: []string{"replaced"}},
		{ID: "swap-lock", Text: "swap_lock protects swap_info[], and turning the device on or off.", Source: "v5.14, mm/swapfile.c", Verbs: []string{"swapon", "swapoff"}},
	}
}
