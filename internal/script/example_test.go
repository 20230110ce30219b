package script_test

import (
	"fmt"
	"os"
	"strings"

	"ptsim/internal/script"
	"ptsim/pgalloc"
)

// The RFC as posted loses a page when both of its halves are deferred within one grace period.
func Example() {
	s, err := script.Parse("both.script", strings.NewReader(`
mm 1
alloc 1 -> t1
alloc 1 -> t2
defer t1
defer t2
gp
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := script.New(s, script.Options{Variant: pgalloc.RFCAsPosted})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = r.Run(func(st *script.State) error {
		for _, p := range st.Pages {
			fmt.Printf("%-14s p%d %s\n", st.Op, p.ID, p.Mask)
		}
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	for _, v := range r.Violations() {
		fmt.Printf("step %d: %s\n", v.Step, v.Sentence())
	}
	// Output:
	// alloc 1 -> t1  p0 --|--|-A
	// alloc 1 -> t2  p0 --|--|AA
	// defer t1       p0 -P|-H|A-
	// defer t2       p0 PP|HH|--
	// gp             p0 P-|H-|--
	// step 6: page lost: page p0 is not free, and nothing leads to it any more: no callback or open batch is left for mask P-|H-|--
}

func ExampleState_AppendJSON() {
	s, _ := script.Parse("one.script", strings.NewReader("mm 1\nalloc 1 -> t1"))
	r, _ := script.New(s, script.Options{Variant: pgalloc.RFC})
	_ = r.Run(func(st *script.State) error {
		fmt.Printf("%s\n", st.AppendJSON(nil))
		return nil
	})
	// Output:
	// {"i":0,"op":"mm 1","pages":[],"lists":{"1":[]},"tlb":{},"rcu":[],"freed":[],"crst":[],"mm":{"1":[1,1]},"ipi":0,"gmap":0,"warn":[]}
	// {"i":1,"op":"alloc 1 -> t1","ret":["t1",0,0],"pages":[[0,1,1,0]],"lists":{"1":[0]},"tlb":{},"rcu":[],"freed":[],"crst":[],"mm":{"1":[1,1]},"ipi":0,"gmap":0,"warn":[]}
}

func ExampleText() {
	s, _ := script.Parse("two.script", strings.NewReader("mm 1\nalloc 1 -> t1\nalloc 1 -> t2\nfree t1"))
	r, _ := script.New(s, script.Options{})
	view := script.NewText(os.Stdout, script.TextOptions{})
	_ = r.Each(view.Change)
	_ = view.Close()
	// Output:
	// a half of a page:  [#####] allocated   [/////] pending, in a batch
	//                    [     ] free        [:::::] pending, on the page's rcu_head
	// PP|HH|AA, a mask:  P pending, H on the rcu_head, A allocated, - not;
	//                    upper half left in each pair, as in the picture
	// in the margin:     + new   * changed   - gone   ! wrong
	//
	// -- 1 -- mm 1 ---------------------------------------------- mm_alloc() -- line 1
	//  + mm     1: mm_users 1, mm_count 1
	//
	// -- 2 -- alloc 1 -> t1 ----------------------------- page_table_alloc() -- line 2
	//   t1 is the lower half of p0, a fresh page
	//    page    upper half       lower half        PP|HH|AA
	//  + p0     [                |# t1 ###########] --|--|-A  on the list of mm 1
	//  * list   mm 1 -> p0
	//
	// -- 3 -- alloc 1 -> t2 ----------------------------- page_table_alloc() -- line 3
	//   t2 is the upper half of p0, from the list
	//    page    upper half       lower half        PP|HH|AA
	//  * p0     [# t2 ###########|# t1 ###########] --|--|AA  off the list
	//  * list   mm 1 is empty
	//
	// -- 4 -- free t1 ------------------------------------ page_table_free() -- line 4
	//    page    upper half       lower half        PP|HH|AA
	//  * p0     [# t2 ###########|                ] --|--|A-  on the list of mm 1
	//  * list   mm 1 -> p0
	//
	// --------------------------------------------------------------------------------
	// 4 operations, no page freed, 1 in use, no callback queued, 1 mm, no violation
}

// What an operation changed, as one line: what a reader of long scripts puts together.
func ExampleChange_AppendJSON() {
	s, _ := script.Parse("one.script", strings.NewReader("mm 1\nalloc 1 -> t1\ntlbfree t1\nflush 1\ngp"))
	r, _ := script.New(s, script.Options{Variant: pgalloc.RFC})
	_ = r.Each(func(ch *script.Change) error {
		fmt.Printf("%s\n", ch.AppendJSON(nil))
		return nil
	})
	// Output:
	// {"i":0,"op":"mm 1","mm":{"1":[1,1]}}
	// {"i":1,"op":"alloc 1 -> t1","ret":["t1",0,0],"pages":[[0,1,1,0]],"lists":{"1":[["list_add",0]]}}
	// {"i":2,"op":"tlbfree t1","pages":[[0,16,0,0]],"lists":{"1":[["list_del",0]]},"tlb":{"1":"[p0.0]"}}
	// {"i":3,"op":"flush 1","tlb":{"1":null},"rcu":["batch:[p0.0]"]}
	// {"i":4,"op":"gp","freed":[0],"ran":[0,1]}
}
