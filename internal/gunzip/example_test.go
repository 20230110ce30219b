package gunzip_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"

	"ptsim/internal/gunzip"
)

// A file that a tape padded to a whole block.
func Example() {
	var file bytes.Buffer
	z := gzip.NewWriter(&file)
	io.WriteString(z, "mm 1\n")
	z.Close()
	file.Write(make([]byte, 512))

	r, err := gunzip.NewReader(&file)
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := io.ReadAll(r)
	fmt.Printf("%q %v\n", text, err)
	// Output: "mm 1\n" <nil>
}
