package conform_test

import (
	"context"
	"fmt"
	"strings"

	"ptsim/internal/conform"
	"ptsim/pgalloc"
)

// An mm takes two tables of one page and frees the lower one. The next table finds the page pending and passes over it; when
// the callback has run, the half is handed out again. That is what v6.1 did; the RFC would not have had the page on its
// list.
func Example() {
	const log = `
		mm 1
		look 1 -
		add 1 p0
		look 1 p0 01
		hit 1 p0.1 03
		rcu 1 p0.0 12
		flush 1
		look 1 p0 12
		add 1 p1
		batch 1
		remove p0.0 02
		look 1 p1 01
		hit 1 p1.1 03
		look 1 p0 02
		hit 1 p0.0 03
	`
	l, err := conform.Read("example", strings.NewReader(log))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range []pgalloc.Variant{pgalloc.Classic, pgalloc.RFC} {
		r, err := conform.Replay(context.Background(), l, conform.Options{Variant: v})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %d decisions, %d differ\n", r.Variant, r.Decisions, r.Disagree)
		if d := r.First; d != nil {
			fmt.Printf("line %d, %s\n  the kernel: %s\n  %s: %s\n", d.Line, d.Record, d.Kernel, r.Variant, d.Model)
		}
	}
	// Output:
	// classic: 13 decisions, 0 differ
	// rfc: 13 decisions, 5 differ
	// line 9, look 1 p0 12
	//   the kernel: the first page of the list is p0, mask 12 (-P|--|A-)
	//   rfc: the list is empty
}
