package counterexample_test

import (
	"fmt"
	"os"

	"ptsim/explore"
	"ptsim/internal/counterexample"
	"ptsim/internal/labs/pagetable"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/kern"
	"ptsim/pgalloc"
)

// The table that a walk is in is freed at once, after a round of interrupts: a scenario, its shortest schedule, and what
// that looks like.
func Example() {
	s, err := scenario.Load("walk")
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := pagetable.Build(s, pgalloc.Classic, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	opt := explore.Defaults()
	r, err := explore.Shortest(m, opt, kern.NoViolation)
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := counterexample.Replay(m, opt, r.Schedule, s, question.Version(pgalloc.Classic))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Length())
	if err := c.Write(os.Stdout, counterexample.Options{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 2 switches, 10 steps
	// CPU0                                    CPU1
	// khugepaged                              walker
	//
	//                                           rcu_read_lock
	//                                         * look v -> p: t0
	//   down_read f
	// * retract v -> x: t0
	//   defer x
	//    IPI to every CPU
	//    page_table_free()
	//     spin_lock_bh(&mm1->context.lock)
	// *   xor page1 +P0 -A0: -P|--|A-
	//     list_add(page1, mm1->context.pgtable_list)
	//     spin_unlock_bh(&mm1->context.lock)
	// *   xor page1 -P0: --|--|A-
	//                                         * read p: --|--|A- <==
	//
	// VIOLATION  reader too late: ptep_get reads page 1 inside rcu_read_lock after it
	//   was freed: its half is free
	//
	// ==================================================================
	// BUG: KASAN: use-after-free in ptep_get (RCU reader)
	// reader too late: ptep_get reads page 1 inside rcu_read_lock after it was freed: its half is free
	// CPU: 1 Comm: walker Context: task
	// Op: read p
	// page: [upper: allocated | lower: free] --|--|A-  on the list
	// ==================================================================
	//
	// walk@2,precise:f:5c9fa38d:B-Ax4-B
}
