package checkpoint_test

import (
	"fmt"
	"os"
	"path/filepath"

	"ptsim/internal/checkpoint"
)

// A sum that is kept, and gone on with; and why a file of another question is refused.
func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "sum")

	w, err := checkpoint.Create(file, "the sum of all numbers to 10")
	if err != nil {
		fmt.Println(err)
		return
	}
	err = w.Add([]int{5, 15}) // up to 5 it is 15
	if err == nil {
		err = w.Commit()
	}
	fmt.Println(err)

	r, err := checkpoint.Open(file, "the sum of all numbers to 10")
	if err != nil {
		fmt.Println(err)
		return
	}
	var at []int
	err = r.Read(&at)
	r.Close()
	for n := at[0] + 1; n <= 10; n++ {
		at[1] += n
	}
	fmt.Println(at[1], err)

	_, err = checkpoint.Open(file, "the product")
	fmt.Println(filepath.Base(err.Error()))
	// Output:
	// <nil>
	// 55 <nil>
	// sum: is about the sum of all numbers to 10; expected the product: give another file, or delete this one
}
