package phrase_test

import (
	"fmt"

	"ptsim/explore"
	"ptsim/internal/labs/pagetable"
	"ptsim/internal/phrase"
	"ptsim/internal/scenario"
	"ptsim/pgalloc"
)

// The first steps of a task, by hand, in the kernel's words.
func Example() {
	s, err := scenario.Load("munmap")
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := pagetable.Build(s, pgalloc.RFC, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := explore.NewStepper(m, explore.Defaults())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	names := phrase.New(m, s, "rfc")
	for range 4 {
		fmt.Println("next:", names.Next(p.Instance().M, p.Threads()[0].Moves[0].Op))
		did, err := p.Take(explore.Move{Thread: 0})
		if err != nil {
			fmt.Println(err)
			return
		}
		for i := range did {
			did[i].Note = names.Observe(p.Instance(), &did[i])
			if !phrase.Hidden(&did[i]) {
				fmt.Printf("%-22s %s\n", phrase.Within(&did[i]), names.Text(&did[i]))
			}
		}
	}
	// Output:
	// next: spin_lock_bh(&mm1->context.lock)
	// page_table_free_rcu    spin_lock_bh(&mm1->context.lock)
	// next: xor page1, P0 A0
	// page_table_free_rcu    xor page1 +P0 -A0: -P|--|A-
	// next: spin_unlock_bh(&mm1->context.lock)
	// page_table_free_rcu    spin_unlock_bh(&mm1->context.lock)
	// next: call_rcu(a new batch, batch)
	// tlb_table_flush        call_rcu(batch1, batch)
}
