package translate_test

import (
	"fmt"
	"strings"

	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/internal/script"
	"ptsim/internal/translate"
	"ptsim/pgalloc"
)

// A script with a hook becomes two tasks: what is hooked, another CPU does.
func Example() {
	s, err := script.Parse("flaw.txt", strings.NewReader(`
mm 1
alloc 1 -> t1
alloc 1 -> t2
tlbfree t1
flush 1
hook exit 1
gp
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := translate.Script(s, nil, question.Version(pgalloc.RFC), question.Setting{Softirqs: 1, Grace: explore.GracePrecise})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Scenario.Source)
	fmt.Println(r.Schedule)
	fmt.Println(r.Note)
	// Output:
	// title The script flaw.txt
	//
	// without lazy-flush
	// batch 16
	//
	// mm 1
	// page 1 t1 t2
	//
	// task script
	//   tlbfree t1               # line 5
	//   flush                    # line 6
	//
	// task hook
	//   tlbfree t2               # line 7
	//   flush                    # line 7
	//   mmput 1                  # line 7
	//
	// finally
	//   freed 1
	//
	// flaw/rfc@1,precise:s:de1675d9:Ax4-s0!1100-s0-Bx7-s0
	// use after free: __tlb_remove_table takes context.lock of freed mm1
}
