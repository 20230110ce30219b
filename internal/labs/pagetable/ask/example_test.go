package ask_test

import (
	"fmt"

	"ptsim/internal/labs/pagetable/ask"
)

// The rows of a variant's table of masks are cards: questions that need no schedule.
func ExampleAsker() {
	cards, err := ask.Asker().Cards("rfc")
	if err != nil {
		fmt.Println(err)
		return
	}
	c := cards[0]
	fmt.Println(c.Title+":", c.Prose)
	fmt.Println(c.Lead)
	for _, q := range c.Asked {
		fmt.Printf("%s: %s\n  %s\n", q.Topic, q.Prompt, q.Right)
	}
	// Output:
	// a page in rfc: Variant rfc. A page has the mask --|--|-A: its lower half is allocated, its upper half free. It is on the list. Nothing else uses the page now.
	// page_table_free is called for the lower half.
	// mask: What is the mask of the page then? Say for each bit whether it is set.
	//   the mask is --|--|--
	// list: What happens to the place of the page on pgtable_list?
	//   it is taken off the list
	// rcu: What is given to RCU?
	//   nothing
	// free: Who will free the page then?
	//   this operation itself, before it is done
	// mm: What about its mm then?
	//   its mm_count stays as it is
}
