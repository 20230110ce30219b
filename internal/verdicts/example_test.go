package verdicts_test

import (
	"fmt"
	"os"

	"ptsim/internal/verdicts"
)

// One scenario on two versions, in full and as one row.
func Example() {
	cells, err := verdicts.Cells(verdicts.Filter{Scenarios: []string{"defer2"}, Versions: []string{"rfc-as-posted", "fullpage"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := verdicts.Run(cells, verdicts.Options{Threads: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range out {
		fmt.Printf("%s, %s: %s\n", out[i].Version, out[i].Setting, out[i].Text())
	}
	os.Stdout.WriteString(verdicts.Summary(out))
	// Output:
	// rfc-as-posted, 1 precise: lost 2/15
	// rfc-as-posted, 1 any: lost 2/15
	// rfc-as-posted, 2 precise: lost 2/15
	// rfc-as-posted, 2 any: lost 2/15
	// rfc-as-posted, cpu precise: lost 2/15
	// rfc-as-posted, cpu any: lost 2/15
	// fullpage, 1 precise: safe 33
	// fullpage, 1 any: safe 33
	// fullpage, 2 precise: safe 33
	// fullpage, 2 any: safe 33
	// fullpage, cpu precise: safe 33
	// fullpage, cpu any: safe 33
	// |  | rfc-as-posted | fullpage |
	// | --- | --- | --- |
	// | defer2 | **lost 2/15** | safe 33 |
}
