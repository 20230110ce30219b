package tell_test

import (
	"fmt"

	"ptsim/internal/labs/pagetable/tell"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/pgalloc"
)

// The first two steps of an unmap, told: what happened, the rule, and its first source.
func Example() {
	s, err := scenario.Load("munmap")
	if err != nil {
		fmt.Println(err)
		return
	}
	ses, err := stepper.New(stepper.Question{Scenario: s, Version: question.Version(pgalloc.Active), Setting: question.Setting{Softirqs: 1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ses.Close()
	for range 2 {
		if err := ses.Take("A"); err != nil {
			fmt.Println(err)
			return
		}
		told := ses.View().Did.Sentence
		fmt.Println(told.Text)
		fmt.Println("  rule:", told.Rule)
		fmt.Println("  from:", told.Cites[0].Where)
	}
	// Output:
	// process takes mm1's context.lock to mark a half pending for the gather (tlbfree t0), with BH off, which makes it a reader for RCU as well.
	//   rule: Once a page has been on the list, its A bits and the list change only under context.lock. P bits are cleared without the lock, and no callback takes it.
	//   from: page_table_free_rcu(), v6.6
	// process turns the lower half of page1 (t0) from allocated to pending, for a walk may still be in it; the upper half is allocated; page1's mask is now -P|--|A-.
	//   rule: A walk without locks may still be in a table that munmap or exit removes, so its half stays pending until a grace period is over.
	//   from: page_table_free_rcu(), v6.6
}

// A rule by its name, as a hint cites it, and where to read on.
func ExampleLookup() {
	rule, _ := tell.Lookup("one-head")
	fmt.Println(rule.Text)
	for _, c := range rule.Cites(string(pgalloc.RFC)) {
		fmt.Printf("%-6s %s\n", c.Kind, c.Where)
		if c.Kind == "mail" {
			fmt.Println("       ", tell.Link(c))
		}
	}
	// Output:
	// A page has one rcu_head for two halves. A half that is deferred while the head is in use is not queued; the callback of the first half queues it later.
	// kernel pte_free_defer(), RFC of June 2023
	// kernel pte_free_half(), RFC of June 2023
	// mail   Answers to v1: one rcu_head for two halves
	//         docs/thread.md#answers-to-v1-one-rcu_head-for-two-halves
	// mail   12 June 2023: the RFC
	//         docs/thread.md#12-june-2023-the-rfc
	// docs   docs/life-of-a-page.md#freeing-a-half
}
