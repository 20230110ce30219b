package export_test

import (
	"context"
	"fmt"
	"os"

	"ptsim/internal/export"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/pgalloc"
)

// How the RFC as posted loses a page, ready for a commit message.
func Example() {
	s, err := scenario.Load("defer2")
	if err != nil {
		fmt.Println(err)
		return
	}
	q := stepper.Question{Scenario: s, Version: question.Version(pgalloc.RFCAsPosted), Setting: question.Setting{Softirqs: 2}}
	session, err := stepper.New(q)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer session.Close()
	if _, err := session.Run(context.Background(), 100_000); err != nil {
		fmt.Println(err)
		return
	}
	if err := export.Write(os.Stdout, session, "text", export.Options{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// defer2 on rfc-as-posted: Both halves of a page are deferred (2 switches,
	// 15 steps, with 2 softirq CPUs and precise grace periods).
	//
	// CPU0                CPU1                CPU3
	// khugepaged0         khugepaged1         softirq
	//
	//   defer t0
	//    pte_free_defer()
	//     spin_lock_bh(&mm1->context.lock)
	// *   xor page1 +P0 +H0 -A0: -P|-H|A-
	//     spin_unlock_bh(&mm1->context.lock)
	// *   call_rcu(page1, now0)
	//   mmput 1: mm1->mm_users 2 -> 1
	//                       defer t1
	//                        pte_free_defer()
	//                         spin_lock_bh(&mm1->context.lock)
	//                     *   xor page1 +P1 +H1 -A1: PP|HH|--
	//                         spin_unlock_bh(&mm1->context.lock)
	//                       mmput 1: mm1->mm_users 1 -> 0
	//                        mmdrop: mm1->mm_count 1 -> 0
	//                        __mmdrop()
	//                         kmem_cache_free(mm1)
	//                                         * softirq: now0(page1)
	//                                            pte_free_half()
	//                                         *   xor page1 -H0: PP|H-|--
	//                                            __tlb_remove_table()
	//                                         *   atomic_read(page1): PP|H-|--
	//                                         *   xor page1 -P0: P-|H-|--
	//                                           (all is quiet) <==
	//
	// VIOLATION  page lost: page 1 is not free, and nothing leads to it any
	//   more: no callback is left for mask P-|H-|--
	//
	// ==================================================================
	// kmemleak: 1 new suspected memory leak (checker)
	// page lost: page 1 is not free, and nothing leads to it any more: no
	//   callback is left for mask P-|H-|--
	// CPU: 0 Comm: kmemleak Context: task
	// page: [upper: pending on rcu_head | lower: free] P-|H-|--  off the list
	// ==================================================================
	//
	// ptsim step --replay 'defer2/rfc-as-posted@2,precise:s:1c4768d9:Ax5-Bx6-s0!11-s0x3'
}
