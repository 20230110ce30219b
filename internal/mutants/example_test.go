package mutants_test

import (
	"fmt"
	"strings"

	"ptsim/internal/mutants"
)

func Example() {
	ms, err := mutants.Parse("mine.mut", `
file pgalloc/classic.go
on classic

mutant rule-inverted in free
what lists the page if the other half is not allocated
- if mask.AA() != 0 {
+ if mask.AA() == 0 {
killed page,classic,1,precise list-corruption
`)
	if err != nil {
		fmt.Println(err)
		return
	}
	changed, err := ms[0].Apply("func free() {\n\tif mask.AA() != 0 {\n\t\tadd()\n\t}\n}")
	fmt.Println(err, strings.Contains(changed, "== 0"))
	fmt.Println(ms[0].Killed)

	_, err = ms[0].Apply("func free() {\n\tdel()\n}")
	fmt.Println(err)
	// Output:
	// <nil> true
	// list-corruption: `page`, classic
	// mine.mut:5: mutant classic/rule-inverted does not fit pgalloc/classic.go any more: "if mask.AA() != 0 {" is not there
}
