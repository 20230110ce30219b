package nofiles_test

import (
	"flag"
	"fmt"

	_ "ptsim/internal/nofiles"
)

func Example() {
	fmt.Println(flag.Lookup("rapid.nofailfile").Value)
	// Output: true
}
