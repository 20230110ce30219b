package masks_test

import (
	"fmt"
	"os"
	"strings"

	"ptsim/internal/masks"
	"ptsim/pgalloc"
)

// What v6.7 has to say about masks is soon told.
func ExampleTable_Write() {
	table, err := masks.Build(pgalloc.FullPage, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	var b strings.Builder
	if err := table.Write(&b, "text"); err != nil {
		fmt.Println(err)
		return
	}
	_, rows, _ := strings.Cut(b.String(), "\n00 ")
	rows, _, _ = strings.Cut(rows, "\n\n")
	fmt.Fprintln(os.Stdout, "00 "+rows)
	// Output:
	// 00    --|--|--  always; off the list
	//       free 0      stays             page released
	//       free_rcu 0  stays             into a batch; page released after a grace
	//                                     period
	//       remove 0    stays             page released
	//       defer 0     stays             call_rcu now; page released after a grace
	//                                     period
	//       now 0       stays             page released
}

// The two ways of freeing the lower half of a full page for good, in two versions.
func ExampleBuild() {
	for _, v := range []pgalloc.Variant{pgalloc.Classic, pgalloc.RFC} {
		table, err := masks.Build(v, "")
		if err != nil {
			fmt.Println(err)
			return
		}
		r, _ := table.Find(0x03, false, 0, masks.FreeRCU)
		fmt.Printf("%s: %s becomes %s, list %s, RCU %s, %v\n", v, pgalloc.Mask(0x03), r.Next, r.List, r.RCU, r.Steps)
	}
	// Output:
	// classic: --|--|AA becomes -P|--|A-, list add tail, RCU batch, [spin_lock_bh xor 11 = 12 list_add_tail spin_unlock_bh]
	// rfc: --|--|AA becomes -P|--|A-, list none, RCU batch, [read pt_mm spin_lock_bh xor 11 = 12 spin_unlock_bh]
}

func ExampleFormats() {
	fmt.Println(masks.Formats())
	// Output: [text markdown dot svg json]
}

// Explore is what Build has called already: as posted, the RFC loses pages.
func ExampleExplore() {
	table, err := masks.Build(pgalloc.RFCAsPosted, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	life := masks.Explore(table)
	for _, i := range life.Lost {
		p := life.Places[i]
		fmt.Printf("%s callback %q\n", p.Mask, p.Callback)
	}
	// Output:
	// PP|HH|-- callback "now0"
	// PP|HH|-- callback "now1"
	// P-|H-|-- callback ""
	// -P|-H|-- callback ""
}
