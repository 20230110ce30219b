package tolitmus_test

import (
	"fmt"

	"ptsim/internal/tolitmus"
	"ptsim/kern"
)

// Message passing, with no barrier on either side.
func Example() {
	m := model(nil, func(c *kern.CPU, g kern.Addr) {
		kern.WriteOnce(c, g, 7)
		kern.WriteOnce(c, g+2, 1)
	}, func(c *kern.CPU, g kern.Addr) {
		if kern.ReadOnce(c, g+2) == 1 {
			kern.Assert(c, kern.ReadOnce(c, g) == 7, "who sees the flag sees the word")
		}
	})
	name := func(a kern.Addr) string { return map[kern.Addr]string{0: "g", 2: "flag"}[a%16] }
	t, err := tolitmus.Write(tolitmus.Question{Name: "mp", Model: m, Word: name, Thing: name})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(t.Text)
	// Output:
	// C mp
	//
	// (*
	//  * P0 is task A.
	//  * P1 is task B.
	//  * bad, or a final state of the condition: assertion.
	//  * stray: a load returned what it returned in no schedule of ptsim.
	//  * 96 is the address of g.
	//  *
	//  * Result: Sometimes
	//  *)
	//
	// {
	// 	int g;
	// 	int flag;
	// }
	//
	// P0(int *g, int *flag)
	// {
	// 	WRITE_ONCE(*g, 7);
	// 	WRITE_ONCE(*flag, 1);
	// }
	//
	// P1(int *g, int *flag)
	// {
	// 	int bad = 0;
	// 	int stray = 0;
	// 	int r0 = 0;
	// 	int r1 = 0;
	// 	r0 = READ_ONCE(*flag);
	// 	if (r0 == 1) {
	// 		r1 = READ_ONCE(*g);
	// 		if (r1 == 0) {
	// 			bad = 1; /* assertion */
	// 		} else if (r1 != 7) {
	// 			stray = 1;
	// 		}
	// 	} else if (r0 != 0) {
	// 		stray = 1;
	// 	}
	// }
	//
	// exists (1:bad=1 \/ 1:stray=1)
}
